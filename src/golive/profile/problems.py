"""What is wrong with a profile: every problem with its place, all of them at once, none with a secret in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from golive.model import Location

SHOWN = 60
"""Characters of a found value that a message quotes."""

SHOWN_PATH = 200
"""Characters of a path that a message quotes."""

SHOWN_WORDS = 12
"""How many of the allowed words a message lists."""

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
"""Control characters, line separators, changes of writing direction and lone surrogates: never echoed."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, and where. `text` says what was found, what is allowed and the nearest right word."""

    at: Location
    text: str

    def __str__(self) -> str:
        """Render as one line: `profiles/staging.yaml:4:3: unknown key ...`."""
        return UNPRINTABLE.sub(" ", f"{self.at}: {self.text}")


class ProfileError(Exception):
    """A profile cannot be used. `problems` holds everything found, in the order of the files."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort by file (in order of appearance) and position, each problem once."""
    once = tuple(dict.fromkeys(problems))
    files = {problem.at.file: None for problem in once}
    rank = {file: number for number, file in enumerate(files)}
    return tuple(sorted(once, key=lambda p: (rank[p.at.file], p.at.line, p.at.column)))


def quoted(value: str) -> str:
    """Quote a found value for a message: one line, harmless, bounded."""
    plain = UNPRINTABLE.sub(" ", value[: SHOWN + 1])
    return f"'{plain}'" if len(plain) <= SHOWN else f"'{plain[: SHOWN - 1]}…'"


def quoted_path(path: object) -> str:
    """Quote a path for a message; of a very long one, the end."""
    text = UNPRINTABLE.sub(" ", str(path))
    return f"'{text}'" if len(text) <= SHOWN_PATH else f"'…{text[-SHOWN_PATH:]}'"


def nearest(word: str, words: Iterable[str]) -> str:
    """Ask after the word that was probably meant: ` (did you mean 'hosts'?)`, or nothing."""
    known = {candidate.lower(): candidate for candidate in words}
    close = difflib.get_close_matches(word[:SHOWN].lower(), known, n=1, cutoff=0.6)
    return f" (did you mean {quoted(known[close[0]])}?)" if close else ""
