"""Which checks are asked: by section, check id or tag, with globs."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from golive.model import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from golive.engine.blueprint import Blueprint, Check
    from golive.model import CheckInfo


SEVERITY = "severity:"
"""The prefix of a severity that is a word to select checks by."""


class UsageError(Exception):
    """What was asked cannot be done; one line that says what can."""


def select(
    blueprint: Blueprint, known: Sequence[CheckInfo], only: Sequence[str], skip: Sequence[str]
) -> tuple[Check, ...]:
    """Return the checks of a blueprint that the patterns leave of those that are `known`.

    Raises:
        UsageError: as `chosen` does; or a check is left whose section was not loaded.
    """
    left = {info.declared for info in chosen(known, only, skip)}
    found = tuple(check for check in blueprint.checks if check.info.id in left)
    missing = left - {check.info.id for check in found}
    if missing:
        raise UsageError(f"the section of {min(missing)} was not loaded")
    return found


def chosen(checks: Sequence[CheckInfo], only: Sequence[str], skip: Sequence[str]) -> tuple[CheckInfo, ...]:
    """Return the checks that the patterns leave: section ids, check ids or tags, with globs.

    Raises:
        UsageError: a pattern that matches nothing, or nothing is left.
    """
    words = {word for check in checks for word in _words(check)}
    words |= {f"{SEVERITY}{grade.name.lower()}" for grade in Severity}
    for pattern in (*only, *skip):
        if not any(fnmatchcase(word, pattern) for word in words):
            near = nearest(pattern, checks)
            hint = f"; did you mean {near}?" if near else ";"
            raise UsageError(f"no section, check or tag matches {pattern!r}{hint} golive list shows them all")

    def hit(check: CheckInfo, patterns: Sequence[str]) -> bool:
        return any(fnmatchcase(word, p) for word in _words(check) for p in patterns)

    left = tuple(c for c in checks if (not only or hit(c, only)) and not hit(c, skip))
    if not left:
        raise UsageError("no check is left to run: --skip removes all that --only selects")
    return left


def nearest(word: str, checks: Sequence[CheckInfo]) -> str:
    """Return what was probably meant: checks that begin so, a section, a similar beginning, a check."""
    sections = dict.fromkeys(check.section for check in checks)
    groups = dict.fromkeys(check.id.partition(".")[0] for check in checks)
    ids = [check.id for check in checks]
    if word in groups:
        return f"{word}.*"
    begun = [
        known for known in (*sections, *(f"{group}.*" for group in groups), *ids) if word and known.startswith(word)
    ]
    if begun:
        return begun[0]
    group = word.partition(".")[0]
    if group in groups:  # the part before the dot is right: no other group is meant
        mine = [known for known in ids if known.startswith(f"{group}.")]
        return next(iter(get_close_matches(word, mine, n=1, cutoff=0.6)), f"{group}.*")
    for known in (list(sections), list(groups), ids):
        if close := get_close_matches(word, known, n=1, cutoff=0.6):
            return f"{close[0]}.*" if known == list(groups) else close[0]
    return next(iter(get_close_matches(word, ids, n=1, cutoff=0.0)), "")


def below(severity: str) -> list[str]:
    """Return the patterns of what is less grave than a severity, to be skipped."""
    return [f"{SEVERITY}{grade.name.lower()}" for grade in Severity if grade < Severity[severity.upper()]]


def _words(check: CheckInfo) -> tuple[str, ...]:
    return check.id, check.section, f"{SEVERITY}{check.severity.name.lower()}", *check.tags
