"""What the repository's migrations are, and which of them the master and each tenant have."""

from dataclasses import dataclass
from typing import Literal

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Database
from golive_checks.systems.postgres.client.trouble import Kind, PostgresTrouble
from golive_checks.systems.postgres.client.url import read
from golive_checks.systems.prisma.client.folder import Folder, read_folder
from golive_checks.systems.prisma.client.table import MigrationRow, PrismaTables
from golive_checks.systems.prisma.tenants import Tenant


@dataclass(frozen=True)
class MigrationFiles(Fact):
    """The repository's migrations for the master and for its tenants; None where the profile names none."""

    master: Folder | None
    tenants: Folder | None


@dataclass(frozen=True)
class MigrationRows(Fact):
    """What a tenant's schema holds of Prisma's table. `lacks` are columns that an older Prisma did not yet make."""

    schema: str
    found: Literal["table", "no table", "no schema", "no database"] = "table"
    rows: tuple[MigrationRow, ...] = ()
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True)
class MasterRows(MigrationRows):
    """What the master's own schema holds of Prisma's table."""


@probe("prisma.migration-files")
async def migration_files(database: Database) -> MigrationFiles:
    """Read the repository's folder of migrations, and the tenants' where they have their own."""
    master = await read_folder(database.migrations) if database.migrations else None
    if database.tenants and database.tenants.migrations:
        return MigrationFiles(master, await read_folder(database.tenants.migrations))
    return MigrationFiles(master, master if database.tenants else None)


@probe("prisma.master-rows")
async def master_rows(database: Database, tables: PrismaTables) -> MasterRows:
    """Read which migrations were applied to the master."""
    if not database.migrations:
        raise Unavailable("the profile names no folder of migrations for the master")
    schema = read(database.url).schema
    table = await tables.table(database.url, schema)
    return MasterRows(schema, table.found, table.rows, table.lacks)


@probe("prisma.migration-rows")
async def tenant_rows(tenant: Tenant, tables: PrismaTables) -> MigrationRows:
    """Read which migrations were applied to a tenant."""
    master, their = tenant.database, tenant.database.tenants
    if their is None or not (their.migrations or master.migrations):
        raise Unavailable("the profile names no folder of migrations for the tenants")
    if their.kept_as == "schema":
        schema, database = tenant.own_name, ""
    else:
        schema, database = read(master.url).schema, tenant.own_name
    try:
        table = await tables.table(master.url, schema, database=database)
    except PostgresTrouble as trouble:
        if database and trouble.kind is Kind.NO_DATABASE:
            return MigrationRows(schema, "no database")
        raise
    return MigrationRows(schema, table.found, table.rows, table.lacks)
