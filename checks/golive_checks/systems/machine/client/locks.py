"""The locks that a migration held, and what was gone after it, as data."""

from dataclasses import dataclass
from typing import Literal

BLOCKS_READS = "AccessExclusiveLock"
BLOCKS_WRITES = ("ExclusiveLock", "ShareRowExclusiveLock", "ShareLock")
"""They conflict with ROW EXCLUSIVE, which writes take: https://www.postgresql.org/docs/current/explicit-locking.html."""


LossKind = Literal[
    "table",
    "column",
    "label",
    "type",
    "not null",
    "default",
    "demanded",
    "object",
    "nullable",
    "unfilled",
    "index",
    "constraint",
    "unchecked",
]


@dataclass(frozen=True)
class Lock:
    """The strongest lock that a migration held on a table that was there before, and since which statement."""

    table: str
    mode: str
    statement: str
    held_s: float
    scanned_rows: int = 0
    """How many rows were read one after the other under it: an index's, a constraint's or a new table's worth."""
    bytes: int = 0
    """The table's size."""
    rewritten: bool = False

    @property
    def blocks(self) -> str:
        """What waits for it."""
        return "reads and writes" if self.mode == BLOCKS_READS else "writes"


@dataclass(frozen=True)
class Loss:
    """What a migration took from those who use the schema as it was, and the statement that did.

    A table, a column or an enum's label (`was`) is gone; a column has another type (`was`, `now`), refuses NULL, or has
    lost the default that filled it; `demanded`: a new column takes no NULL and fills itself in with nothing. A function
    or a domain is gone. Milder: a column may hold NULL that never did, or has lost its default; an index is gone; a
    constraint (`now`) refuses more, or is gone (`was`).
    """

    kind: LossKind
    name: str
    was: str = ""
    now: str = ""
    statement: str = ""


@dataclass(frozen=True)
class WrittenRows:
    """Rows of a table that was there before, which a statement changed or deleted, and how long they stayed locked."""

    table: str
    statement: str
    changed: int
    deleted: int
    held_s: float
    truncated: bool = False


@dataclass(frozen=True)
class Rehearsal:
    """One migration's run on the copy. `trouble`: why it failed there."""

    migration: str
    seconds: float = 0.0
    locks: tuple[Lock, ...] = ()
    trouble: str = ""
    losses: tuple[Loss, ...] = ()
    written: tuple[WrittenRows, ...] = ()
