"""What a reader of env files makes of one: the values by name, and where it and the author would differ."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from golive import Location


@dataclass(frozen=True)
class SyntaxDefect:
    """A line that its reader, or the next one, takes otherwise than its author meant. Never quotes a value."""

    at: Location
    name: str
    defect: str
    elsewhere: bool = False
    """The reader that the profile names takes it as it is written; another one would not."""


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
    """All variables of a source, by their own names there, and the defects of its text."""

    values: dict[str, Assigned]
    defects: tuple[SyntaxDefect, ...] = ()
    differences: tuple[Difference, ...] = ()


class EnvReader:
    """Collects a reading of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.values: dict[str, Assigned] = {}
        self.defects: list[SyntaxDefect] = []
        self.differences: list[Difference] = []

    def defect(self, line: int, name: str, defect: str, *, elsewhere: bool = False) -> None:
        """Note what is wrong on a line."""
        self.defects.append(SyntaxDefect(Location(self.file, line), name, defect, elsewhere))

    def assign(self, name: str, value: str | None, line: int) -> None:
        """Take a value; the last of a name wins, as in each of the readers, and the second is a defect."""
        if name in self.values:
            self.defect(line, name, f"set twice: line {self.values[name].at.line} is overruled")
        self.values[name] = Assigned(value, Location(self.file, line))

    def reading(self) -> EnvReading:
        """Return what was collected, defects by line."""
        defects = sorted(self.defects, key=lambda d: (d.at.line, d.name))
        return EnvReading(self.values, tuple(defects), tuple(self.differences))


def merged(readings: Iterable[EnvReading]) -> EnvReading:
    """Lay readings over each other; a later one overrules."""
    values: dict[str, Assigned] = {}
    defects: list[SyntaxDefect] = []
    differences: list[Difference] = []
    for reading in readings:
        values |= reading.values
        defects += reading.defects
        differences += reading.differences
    return EnvReading(values, tuple(defects), tuple(differences))
