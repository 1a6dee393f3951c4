"""Whether the demo tenant has anything to show."""

from dataclasses import dataclass
from typing import ClassVar

from golive import Fact, Settings, Unavailable, probe
from golive_checks.subjects import Database
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind


class DemoTenant(Settings):
    """The tenant that is shown to customers, and by what one sees that it is seeded."""

    home: ClassVar[str] = "database.demo_tenant"

    query: str = ""
    """A query that brings a row where the tenant is seeded; empty: there is no demo tenant."""
    database: str = ""
    """The tenant's database on the same server, where tenants are databases; empty: the master's."""


@dataclass(frozen=True)
class DemoRows(Fact):
    """Whether the query brought a row; `broken` is why the server refused it; None: no query is set."""

    found: bool | None
    broken: str = ""


@probe("postgres.demo-rows")
async def demo_rows(database: Database, postgres: Postgres, ask: DemoTenant) -> DemoRows:
    """Run the profile's query for the demo tenant."""
    if not ask.query:
        return DemoRows(None)
    try:
        return DemoRows(bool(await postgres.rows(database.url, ask.query, database=ask.database)))
    except PostgresTrouble as trouble:
        if trouble.kind is TroubleKind.QUERY:
            return DemoRows(found=False, broken=trouble.reason)
        if trouble.kind is TroubleKind.TOO_MUCH:
            raise Unavailable(trouble.reason, fix="Add LIMIT 1 to database.demo_tenant.query.") from None
        raise
