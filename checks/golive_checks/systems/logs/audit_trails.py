"""What the database says of who did what: by the profile's own queries, for each domain of the business."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from golive import Fact, Settings, probe
from golive.profile.types import Duration
from golive_checks.subjects import Database
from golive_checks.systems.postgres.client.client import Postgres, Row
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind

LIMIT_S = 2.0
"""How long the server may work at one of these queries: they are the profile's own, on a database in use."""
LIMIT = f"SELECT set_config('statement_timeout', '{int(LIMIT_S * 1000)}', true)"
MAX_ROWS = 1000
OF_QUERY = frozenset(
    {TroubleKind.QUERY, TroubleKind.DENIED, TroubleKind.TOO_MUCH, TroubleKind.TIMED_OUT, TroubleKind.LOCKED}
)
"""Troubles of a query, which say nothing of the other domains'."""
Sql = Annotated[str, Field(min_length=1, max_length=10_000)]


class DomainEntry(BaseModel):
    """How a domain's activity and its audit trail are read."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    activity: Sql
    """A query whose first column is when something was last done: `SELECT max(sold_at) FROM sales`."""
    trail: Sql
    """A query for the newest entries of the trail: its first column is who did it, its second when."""


class AuditTrail(Settings):
    """The domains of which a database must hold an audit trail."""

    home: ClassVar[str] = "security.audit"

    domains: Mapping[str, DomainEntry] = Field(default_factory=dict, max_length=50)
    """The queries, by the domain's name."""
    demanded: tuple[str, ...] = ()
    """Domains for which there must be queries; [] at a database that holds none of them."""
    within_s: Annotated[Duration, Field(gt=0)] = 7 * 86400.0
    """What was done longer ago is no activity."""
    max_lag_s: Annotated[Duration, Field(ge=0)] = 3600.0
    """By how much the trail's newest entry may be older than the newest activity."""


@dataclass(frozen=True)
class Trail:
    """What a domain's queries brought; `trouble` is why they brought nothing."""

    active_at: dt.datetime | None = None
    """When something was last done; None: never."""
    entries: int = 0
    newest: dt.datetime | None = None
    without_actor: int = 0
    """Entries that do not say who did it."""
    without_time: int = 0
    trouble: str = ""


@dataclass(frozen=True)
class AuditTrails(Fact):
    """The trails of a database, by domain."""

    trails: Mapping[str, Trail]


@probe("logs.audit-trails")
async def audit_trails(database: Database, ask: AuditTrail, postgres: Postgres) -> AuditTrails:
    """Ask the profile's queries when something was last done, and who did it by the audit trail."""
    # One after the other, to take one slot of the server; each by itself, as a query that fails ends its transaction.
    return AuditTrails({name: await _trail(database, domain, postgres) for name, domain in ask.domains.items()})


async def _trail(database: Database, domain: DomainEntry, postgres: Postgres) -> Trail:
    try:
        async with postgres.reading(database.audit_url) as reading:
            await reading.rows(LIMIT)
            activity = await reading.rows(domain.activity)
            entries = await reading.rows(domain.trail)
    except PostgresTrouble as trouble:
        if trouble.kind not in OF_QUERY:
            raise
        return Trail(trouble=trouble.reason)
    if len(entries) > MAX_ROWS:
        return Trail(trouble=f"its trail query finds more than {MAX_ROWS:,} rows: let it ask for the newest few")
    return _read(activity, entries)


def _read(activity: list[Row], entries: list[Row]) -> Trail:
    """Keep of the rows when, and whether they say who: names of people are none of a fact's business."""
    active = [row[0] for row in activity if row and row[0] is not None]
    if not all(isinstance(each, dt.datetime) for each in active):
        return Trail(trouble="the first column of its activity query is no time")
    if any(len(row) < 2 for row in entries):  # noqa: PLR2004 - who, and when
        return Trail(trouble="its trail query has one column: it must return who and when")
    times = [_utc(row[1]) for row in entries if isinstance(row[1], dt.datetime)]
    return Trail(
        max(map(_utc, active), default=None),
        len(entries),
        max(times, default=None),
        sum(row[0] is None or not str(row[0]).strip() for row in entries),
        len(entries) - len(times),
    )


def _utc(moment: dt.datetime) -> dt.datetime:
    """Take a time without an offset for UTC, as Prisma writes its TIMESTAMP(3)."""
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
