"""The backups of the reference stack's database, and what is written on putting them back, as a description."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FOLDER = "backups"
NIGHTLY, DOCUMENT = "nightly", "recovery.md"
BUCKET, PREFIX = "afrigest-backups", "nightly/"
DAILIES, MONTHLIES = 14, 12
"""More dailies than are asked for: where the newest are missing, seven are still there."""

Newest = Literal[
    "whole", "empty", "cut off", "shrunk", "without data", "no dump", "damaged", "cluster", "cluster without WAL"
]

RECOVERY = """\
# Recovery of the database

RTO 4 hours, RPO 24 hours; last done in the drill of 5 January 2026, in 2 hours.

## Steps

1. Say so in the incident channel, and take the application off the net.
2. Make an empty server, and a database on it: `createdb master`
3. Fetch the newest dump: `aws s3 cp s3://afrigest-backups/nightly/… .`
4. Restore it: `pg_restore --dbname=master --jobs=4 --exit-on-error afrigest-….dump`
5. Let the application use the new server, and look at the sales of the last day.

## Contacts

| who | for what | where |
| --- | --- | --- |
| Awa Diallo | the database | +221 33 000 00 00 |
| Moussa Camara | the servers | +224 30 00 00 00 |
"""


@dataclass(frozen=True)
class KeptDumps:
    """What is in one place: a dump ten minutes old and one for each day before it, and one of each month."""

    without_newest: int = 0
    """How many of the newest are not there."""
    without_days: tuple[int, ...] = ()
    """Which others are not there, counted back from the newest."""
    replaced_day: int | None = None
    """Which of them is another dump than it should be."""
    monthlies: int = MONTHLIES
    newest: Newest = "whole"
    """What the newest of all is."""


@dataclass(frozen=True)
class BackupPlaces:
    """Dumps in a folder, a copy of them in a bucket, and the recovery document."""

    nightly: KeptDumps = field(default_factory=KeptDumps)
    offsite: KeptDumps = field(default_factory=KeptDumps)
    encrypted: bool = True
    """Whether the bucket's server encrypts what is put there."""
    document: str = RECOVERY
    """Its text; empty: it is not there."""
