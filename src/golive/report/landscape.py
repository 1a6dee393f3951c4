"""A picture of what was looked at: every subject as a tile by its kind, in the colour of its worst finding."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from golive.model import Finding, Outcome, Report
from golive.report import view
from golive.report.escape import middle_cut, visible
from golive.report.tree import h
from golive.wording import counted

WIDTH, HEIGHT = 168, 34
"""A tile, where names fit."""
SMALL = 16
"""A tile's side where a kind has more subjects than can be named."""
NAMED = 24
"""The subjects of a kind up to which each is named."""
NAME = 21
GAP, LEFT, TITLE = 8, 150, 960
ORDER = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN, Outcome.PASS, Outcome.NA)


def draw(report: Report) -> Element | None:
    """Return the picture as an element of SVG; None where nothing was looked at."""
    kinds = view.grouped(report.findings, lambda f: f.kind)
    parts: list[Element] = []
    top = GAP
    for kind, findings in kinds.items():
        subjects = view.grouped(findings, lambda f: f.subject)
        small = len(subjects) > NAMED
        width, height = (SMALL, SMALL) if small else (WIDTH, HEIGHT)
        columns = (TITLE - LEFT) // (width + GAP)
        parts.append(h("text", f"{kind} ({len(subjects):,})", x="0", y=str(top + 20), cls="kind"))
        for number, (subject, seen) in enumerate(subjects.items()):
            x = LEFT + number % columns * (width + GAP)
            y = top + number // columns * (height + GAP)
            parts.append(_tile(subject, seen, report, (x, y, width, height), named=not small))
        rows = -(-len(subjects) // columns)
        top += max(rows * (height + GAP), 28) + GAP
    if not parts:
        return None
    count = counted(sum(part.tag == "g" for part in parts), "subject")
    label = f"{report.run.environment}: {count} by kind, in the colour of the worst finding"
    return h("svg", *parts, viewBox=f"0 0 {TITLE} {top}", role="img", **{"aria-label": label}, cls="landscape")


def _tile(
    subject: str, seen: Sequence[Finding], report: Report, place: tuple[int, int, int, int], *, named: bool
) -> Element:
    """Return a subject's tile; its title says what colour and name alone do not."""
    x, y, width, height = place
    worst = _worst(seen, report)
    counts = ", ".join(f"{n} {o}" for o in ORDER if (n := sum(f.outcome == o for f in seen)))
    tile = h("rect", x=str(x), y=str(y), width=str(width), height=str(height), rx="4", cls=f"tile {worst}")
    name = h("text", middle_cut(visible(subject), NAME), x=str(x + 8), y=str(y + 22), cls=worst) if named else None
    return h("g", h("title", f"{subject}: {counts}"), tile, name)


def _worst(seen: Sequence[Finding], report: Report) -> str:
    """Return the colour of a subject: what is waived or tolerated does not make it red."""
    outcomes = {f.outcome for f in seen if f.id in report.red or f.outcome in {Outcome.WARN, Outcome.PASS}}
    return str(next((o for o in ORDER if o in outcomes), Outcome.NA)).replace("/", "")
