"""The locks that a migration held, as data."""

from dataclasses import dataclass

BLOCKS_READS = "AccessExclusiveLock"
BLOCKS_WRITES = ("ExclusiveLock", "ShareRowExclusiveLock", "ShareLock")
"""They conflict with ROW EXCLUSIVE, which writes take: https://www.postgresql.org/docs/current/explicit-locking.html."""


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
class Rehearsal:
    """One migration's run on the copy. `trouble`: why it failed there."""

    migration: str
    seconds: float = 0.0
    locks: tuple[Lock, ...] = ()
    trouble: str = ""
