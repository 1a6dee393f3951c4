"""Defects of variables, each with its place, and the verdict they make together. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from golive import Location, Verdict, verdict
from golive.wording import capped, first_of
from golive_checks.systems.env.files import EnvFile, Variable, Variables

LISTED = 50
"""A reader fixes what is listed and looks again; a file of another kind has thousands."""


@dataclass(frozen=True)
class Defect:
    """What is wrong with a variable, and where it stands. `mild`: it warns only."""

    text: str
    at: Location | None = None
    mild: bool = False


def judged(defects: Iterable[Defect], *, ok: str, fix: str = "", unseen: Sequence[str] = ()) -> Verdict:
    """Make a verdict of them: the grave before the mild, the shortest first; its place is the first one's."""
    ordered = sorted(defects, key=lambda d: (d.mild, len(d.text), d.text))
    lines = [f"{d.text} ({d.at})" if d.at and len(ordered) > 1 else d.text for d in ordered]
    fails = [line for line, d in zip(lines, ordered, strict=True) if not d.mild]
    result = verdict(fails, lines[len(fails) :], ok=ok, fix=fix, at=ordered[0].at if ordered else None)
    if len(ordered) > 1:
        summary = first_of([d.text for d in ordered])
        result = replace(result, summary=summary, evidence=tuple(capped(lines, LISTED)))
    return replace(result, unseen=tuple(unseen))


def shown(name: str, seen: Variables) -> str:
    """Write a variable's name as its file has it, with the checklist's behind where they differ."""
    theirs = seen.values[name].name if name in seen.values else name
    return name if theirs == name else f"{theirs} ({name})"


def place(file: EnvFile, variable: Variable | None = None) -> Location | None:
    """Tell where a variable stands, or where it should."""
    if variable and variable.at:
        return variable.at
    in_file = file.source.kind in {"file", "compose", "kubernetes", "render"}
    return Location(file.source.place) if in_file else None


def set_elsewhere(seen: Variables) -> tuple[str, ...]:
    """Name the variables whose values are set where golive does not see them."""
    hidden = [name for name, variable in seen.values.items() if variable.value is None]
    return (f"set elsewhere and not seen: {', '.join(hidden)}",) if hidden else ()
