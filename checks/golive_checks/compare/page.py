"""How two environments differ, for a terminal, and for programs."""

from collections.abc import Mapping, Sequence
from typing import Any

from golive.report.screen import DIM, Screen, ScreenPage
from golive.wording import counted
from golive_checks.compare.sides import Comparison, EnvironmentDifference

LINES = 60
"""Differences of one kind that are shown without --verbose."""
STYLES = {"fail": "bold red", "unknown": "bold magenta", "warn": "yellow", "pass": "green"}
TITLES = {
    "verdicts": "Verdicts",
    "versions": "Versions",
    "variables": "Names of variables",
    "headers": "Headers of the front page",
    "certificates": "Certificates",
    "migrations": "Migrations",
}
NO_FACTS = (
    "Versions, names of variables, headers, certificates and migrations are in fact files alone: give those of both"
    " (golive check --facts)."
)


def page(found: Comparison, screen: Screen, *, verbose: bool = False) -> str:
    """Return the comparison as text."""
    page = ScreenPage(screen)
    left, right = names(found)
    page.blank()
    page.put((f"{screen.text(left)} beside {screen.text(right)}", "bold"))
    for kind, differences in found.differences.items():
        if not differences:
            page.heading(TITLES[kind], ("  the same", DIM))
            continue
        page.heading(TITLES[kind], (f"  {counted(len(differences), 'difference')}", DIM))
        page.each(
            differences,
            lambda each: _write(page, each, left, right),
            "differences",
            lines=None if verbose else LINES,
        )
    if len(found.differences) == 1:
        page.blank()
        page.put((NO_FACTS, DIM))
    page.blank()
    return page.written()


def names(found: Comparison) -> tuple[str, str]:
    """Return what the two sides are called: their environments, or their files where that is the same one."""
    left, right = found.left, found.right
    return (left.file, right.file) if left.name == right.name else (left.name, right.name)


def _write(page: ScreenPage, each: EnvironmentDifference, left: str, right: str) -> None:
    text = page.screen.text
    page.put(text(each.what), indent=2)
    for name, value in ((left, each.left), (right, each.right)):
        page.put((f"{text(name)}: ", DIM), (text(value or "not there"), STYLES.get(value, "")), indent=4, hang=2)
    if each.why:
        page.put((text(each.why), DIM), indent=4, hang=2)


def rows(found: Comparison) -> dict[str, Any]:
    """Return the comparison as plain data."""
    return {
        "left": _side(found.left.name, found.left.file),
        "right": _side(found.right.name, found.right.file),
        "differences": {kind: _rows(differences) for kind, differences in found.differences.items()},
    }


def _side(environment: str, file: str) -> Mapping[str, str]:
    return {"environment": environment, "file": file}


def _rows(differences: Sequence[EnvironmentDifference]) -> list[dict[str, str | None]]:
    return [
        {"what": each.what, "left": each.left or None, "right": each.right or None, "why": each.why or None}
        for each in differences
    ]
