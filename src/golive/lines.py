"""The lines of a checklist as data: what a package of sections is about, and which of its checks answer each line.

A package that brings sections may ship the file FILE beside its modules. Its keys are the lines' ids, in the order of
the checklist; the id begins with the section's.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from golive.installed import packages
from golive.model import CheckInfo

FILE = "checklist.yaml"


@dataclass(frozen=True)
class Line:
    """A line of a checklist. `checks` are ids or patterns of ids; `parts` names some of them by words of their own.

    `each`: it is covered where each of its checks has looked, and not where one has.
    """

    id: str
    section: str
    words: str
    checks: tuple[str, ...]
    optional: bool = False
    each: bool = False
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def answered_by(self, check: str) -> bool:
        """Return whether a check, by its id, answers this line."""
        return _matches(check, self.checks)

    def names_of(self, check: CheckInfo) -> tuple[str, ...]:
        """Return every word by which a profile may name a check of this line."""
        parts = (part for part, those in self.parts.items() if any(fnmatchcase(check.id, p) for p in those))
        return (self.id, self.section, check.id, check.section, *parts)


@functools.cache  # a run asks for every check and line several times
def _matches(check: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(check, pattern) for pattern in patterns)


@functools.cache
def installed() -> tuple[Line, ...]:
    """Return the lines of every package that brings sections, in the order of their packages."""
    return tuple(line for package in packages() for line in _shipped(package))


def line_of(check: str, lines: Sequence[Line]) -> Line | None:
    """Return the line that a check answers, if there is one."""
    return next((line for line in lines if line.answered_by(check)), None)


def _shipped(package: str) -> tuple[Line, ...]:
    from golive.profile.document import plain  # noqa: PLC0415 - not needed where no package ships lines
    from golive.profile.yamlfile import read_yaml  # noqa: PLC0415 - likewise

    found = importlib.util.find_spec(package)
    place = Path(found.origin).with_name(FILE) if found and found.origin else None
    if place is None or not place.is_file():
        return ()
    return parsed(plain(read_yaml(place, FILE, [])))


def parsed(content: Mapping[str, Any]) -> tuple[Line, ...]:
    """Return the lines of a file that was read."""
    return tuple(
        Line(
            key,
            key.partition(".")[0],
            entry["words"],
            tuple(entry["checks"]),
            bool(entry.get("optional", False)),
            bool(entry.get("each", False)),
            {part: tuple(those) for part, those in entry.get("parts", {}).items()},
        )
        for key, entry in content["lines"].items()
    )
