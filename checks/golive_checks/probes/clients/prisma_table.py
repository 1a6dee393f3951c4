"""Prisma's table of the migrations that were applied to a schema, read for many schemas at once."""

import datetime as dt
from dataclasses import dataclass

TABLE = "_prisma_migrations"


@dataclass(frozen=True, slots=True)
class MigrationRow:
    """A row of Prisma's table. `logged`: whether its logs are set. What they say may quote data, and stays there."""

    name: str
    checksum: str
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    rolled_back_at: dt.datetime | None
    steps: int
    logged: bool
