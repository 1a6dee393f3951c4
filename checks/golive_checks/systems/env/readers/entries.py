"""What a reader finds in an env file's text."""

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate

from golive_checks.systems.env.oddities import CUT, EnvOddity


@dataclass(frozen=True)
class EnvEntry:
    """A variable as one reader takes it. `value` is None where it hangs on what is not in the file."""

    name: str
    value: str | None = field(repr=False)
    line: int
    oddity: EnvOddity | None = None
    """What becomes of the value on the way: a part is cut off, or replaced."""


@dataclass(frozen=True)
class Unread:
    """A line that the reader passes over, or stops at."""

    line: int
    oddity: EnvOddity
    name: str = ""


@dataclass(frozen=True)
class EnvEntries:
    """All of a text, in the order of the file; of two entries of one name the last counts."""

    entries: tuple[EnvEntry, ...] = ()
    unread: tuple[Unread, ...] = ()


class Lines:
    """Line numbers of a text's offsets."""

    def __init__(self, text: str) -> None:
        self._ends = list(accumulate(len(line) + 1 for line in text.split("\n")))

    def number(self, offset: int) -> int:
        """Return the line that an offset is in, counted from 1."""
        return min(bisect_right(self._ends, offset) + 1, len(self._ends))


class Collector:
    """Takes what a reader finds, with the line numbers of the text that it works on."""

    def __init__(self, text: str) -> None:
        self._lines = Lines(text)
        self.entries: list[EnvEntry] = []
        self.unread: list[Unread] = []

    def take(self, name: str, value: str | None, offset: int, oddity: EnvOddity | None = None) -> None:
        """Note a variable."""
        self.entries.append(EnvEntry(name, value, self._lines.number(offset), oddity))

    def passed_over(self, offset: int, oddity: EnvOddity, name: str = "") -> None:
        """Note what is not read."""
        self.unread.append(Unread(self._lines.number(offset), oddity, name))

    def found(self) -> EnvEntries:
        """Return it all."""
        return EnvEntries(tuple(self.entries), tuple(self.unread))


def cut_at_hash(written: str, at: int) -> EnvOddity | None:
    """Return that a value is cut at the # at `at`, where no space before it marks a comment."""
    return CUT if at > 0 and not written[at - 1].isspace() else None
