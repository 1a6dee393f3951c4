"""In what the schemas of the master and its tenants differ from those that the migrations make."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import SecretStr

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Database
from golive_checks.systems.drill.expected import ExpectedSchemas, MigratedSchema, applied_count, tables_of
from golive_checks.systems.migrations.client.prisma_folder import MigrationFolder
from golive_checks.systems.migrations.facts import MasterRows, MigrationFiles, MigrationRows
from golive_checks.systems.migrations.tenants import Tenant
from golive_checks.systems.postgres.client.catalogue import SchemaDifference, catalogue, differences
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.url import read

CURRENT = "SELECT coalesce(current_schema()::text, 'public')"


@dataclass(frozen=True)
class SchemaDrift(Fact):
    """In what a tenant's schema differs from one that its migrations make: the first `count` of them.

    `live_major` and `made_major` are the servers' versions: they may word one definition in two ways.
    """

    count: int
    live_major: int
    made_major: int
    differences: tuple[SchemaDifference, ...] = ()


@dataclass(frozen=True)
class MasterDrift(SchemaDrift):
    """In what the master's own schema differs."""


@dataclass(frozen=True)
class _Live:
    """Where a schema is, and which migrations it has. `schema` empty: the one that the role works in."""

    url: SecretStr
    schema: str
    folder: MigrationFolder
    rows: MigrationRows
    database: str = ""


@probe("drill.master-drift")
async def master_drift(
    database: Database, files: MigrationFiles, rows: MasterRows, expected: ExpectedSchemas, postgres: Postgres
) -> MasterDrift:
    """Compare the master's schema with the one that its migrations made."""
    if files.master is None:
        raise Unavailable("the profile names no folder of migrations for the master")
    live = _Live(database.url, rows.schema, files.master, rows)
    return MasterDrift(*await _compared(live, "master", expected, postgres))


@probe("drill.tenant-drift")
async def tenant_drift(
    tenant: Tenant, files: MigrationFiles, rows: MigrationRows, expected: ExpectedSchemas, postgres: Postgres
) -> SchemaDrift:
    """Compare a tenant's schema with the one that its migrations made."""
    if files.tenants is None:
        raise Unavailable("the profile names no folder of migrations for the tenants")
    apart = tenant.database.tenants is not None and tenant.database.tenants.kept_as == "database"
    schema = read(tenant.database.url).schema if apart else tenant.own_name
    where = _Live(tenant.database.url, schema, files.tenants, rows, tenant.own_name if apart else "")
    return SchemaDrift(*await _compared(where, "tenants", expected, postgres))


async def _compared(
    live: _Live, who: Literal["master", "tenants"], expected: ExpectedSchemas, postgres: Postgres
) -> tuple[int, int, int, tuple[SchemaDifference, ...]]:
    """Read a schema and compare it with the one that as many migrations make."""
    count = applied_count(live.folder, live.rows)
    if who in expected.gaps:
        raise Unavailable(expected.gaps[who])
    made = next((each for each in getattr(expected, who) if each.count == count), None)
    if made is None:
        raise Unavailable(f"the schema after {count} migrations was not made")
    return await _read(live, made, postgres)


async def _read(
    live: _Live, made: MigratedSchema, postgres: Postgres
) -> tuple[int, int, int, tuple[SchemaDifference, ...]]:
    async with postgres.reading(live.url, database=live.database) as reading:

        async def rows(query: str, parameters: Sequence[object]) -> Sequence[Sequence[Any]]:
            return await reading.rows(query, parameters)

        schema = live.schema or str((await rows(CURRENT, []))[0][0])
        found = await catalogue(rows, schema, tables_of(live.folder), made.others)
    return made.count, found.major, made.made.major, differences(found, made.made)
