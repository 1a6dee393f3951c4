"""Which checks are asked: by section, check id or tag, with globs."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from golive.blueprint import Blueprint, Check


class UsageError(Exception):
    """What was asked cannot be done; one line that says what can."""


def select(blueprint: Blueprint, only: Sequence[str], skip: Sequence[str]) -> tuple[Check, ...]:
    """Return the checks that the patterns leave: section ids, check ids or tags, with globs.

    Raises:
        UsageError: a pattern that matches nothing, or nothing is left.
    """
    words = sorted({w for c in blueprint.checks for w in _words(c)})
    for pattern in (*only, *skip):
        if not any(fnmatchcase(word, pattern) for word in words):
            near = get_close_matches(pattern, words, n=1, cutoff=0.0)
            hint = f"; the nearest is {near[0]}" if near else ""
            raise UsageError(f"no section, check or tag matches {pattern!r}{hint}; golive list shows them all")

    def hit(check: Check, patterns: Sequence[str]) -> bool:
        return any(fnmatchcase(word, p) for word in _words(check) for p in patterns)

    left = tuple(c for c in blueprint.checks if (not only or hit(c, only)) and not hit(c, skip))
    if not left:
        raise UsageError("no check is left to run: --skip takes away all that --only selects")
    return left


def _words(check: Check) -> tuple[str, ...]:
    return check.info.id, check.info.section, *check.info.tags
