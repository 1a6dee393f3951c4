"""What a reader of env files makes of one: the values by name, and where it and the author would differ."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from golive import Location
from golive_checks.systems.env.oddities import EnvOddity, OddityKind, OddLine


@dataclass(frozen=True)
class TakenValue:
    """What some readers make of a variable: the shape of its value, and never the value."""

    readers: tuple[str, ...]
    length: int | None
    """In characters; None where they do not set it, or not from the file alone."""
    lines: int = 1
    in_quotes: bool = False
    """The quotes are part of the value."""


@dataclass(frozen=True)
class Difference:
    """A variable of which readers make different values, the profile's own reader first."""

    at: Location
    name: str
    taken: tuple[TakenValue, ...]


@dataclass(frozen=True)
class Assigned:
    """A variable's raw value. Lives inside a probe only: a fact holds it sealed. None: it is set somewhere else."""

    value: str | None = field(repr=False)
    at: Location


@dataclass(frozen=True)
class EnvReading:
    """All variables of a source, by their own names there, and what is odd about its text."""

    values: dict[str, Assigned]
    odd: tuple[OddLine, ...] = ()
    differences: tuple[Difference, ...] = ()


class EnvReader:
    """Collects a reading of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[str, Assigned] = {}
        self.odd: list[OddLine] = []
        self.differences: list[Difference] = []

    def note(self, line: int, name: str, oddity: EnvOddity | OddityKind, *, elsewhere: bool = False) -> None:
        """Note what is odd about a line."""
        noted = oddity if isinstance(oddity, EnvOddity) else EnvOddity(oddity)
        self.odd.append(OddLine(Location(self.file, line), name, noted, elsewhere))

    def assign(self, name: str, value: str | None, line: int) -> None:
        """Take a value; the last of a name wins, as in each of the readers, and the second is odd."""
        if name in self.values:
            self.note(line, name, EnvOddity(OddityKind.SET_TWICE, (self.values[name].at.line,)))
        self.values[name] = Assigned(value, Location(self.file, line))

    def reading(self) -> EnvReading:
        """Return what was collected, odd lines in their order."""
        odd = sorted(self.odd, key=lambda each: (each.at.line, each.name))
        return EnvReading(self.values, tuple(odd), tuple(self.differences))


def merged(readings: Iterable[EnvReading]) -> EnvReading:
    """Lay readings over each other; a later one overrules."""
    values: dict[str, Assigned] = {}
    odd: list[OddLine] = []
    differences: list[Difference] = []
    for reading in readings:
        values |= reading.values
        odd += reading.odd
        differences += reading.differences
    return EnvReading(values, tuple(odd), tuple(differences))
