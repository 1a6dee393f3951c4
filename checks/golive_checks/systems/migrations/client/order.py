"""Which of two migrations comes first by name: as text, by its number, or as Prisma's CLI sorts. Pure."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, Literal

SortedBy = Literal["", "text", "number", "prisma"]
"""Empty: their names tell nothing of their order."""

PUNCTUATION = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
"""In the order of CLDR's root collation, before digits and letters."""


def _as_prisma(name: str) -> tuple[list[tuple[int, int]], list[int], list[bool]]:
    """Sort as `localeCompare` of Node does: by letters, then by accents, then small before large.

    Prisma's CLI lists migrations so (prisma/prisma, packages/migrate/src/utils/listMigrations.ts).
    """
    letters, accents, large = list[tuple[int, int]](), list[int](), list[bool]()
    for char in unicodedata.normalize("NFKD", name):
        if unicodedata.combining(char):
            accents.append(ord(char))
            continue
        at = PUNCTUATION.find(char)
        letters.append((0, at) if at >= 0 else (1, int(char)) if char in "0123456789" else (2, ord(char.lower())))
        accents.append(0)
        large.append(char.isupper())
    return letters, accents, large


def _number(name: str) -> int:
    """Return the number that a name begins with; one without comes last."""
    digits = name[: len(name) - len(name.lstrip("0123456789"))]
    return int(digits) if 0 < len(digits) < 40 else 10**40  # noqa: PLR2004 - no number of a tool's is as long


KEYS: Mapping[str, Callable[[str], Any]] = {"text": str, "number": _number, "prisma": _as_prisma}


def key_of(by: SortedBy) -> Callable[[str], Any] | None:
    """Return what to sort names by; None where that says nothing."""
    return KEYS.get(by)
