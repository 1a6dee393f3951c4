"""What the repository's migrations are, and which of them the master and each tenant have."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Database
from golive_checks.systems.migrations.client.prisma_folder import LocalMigration, MigrationFolder, read_folder
from golive_checks.systems.migrations.client.prisma_table import (
    TABLE,
    MigrationRow,
    MigrationStep,
    PrismaTable,
    PrismaTables,
)
from golive_checks.systems.migrations.scripts import ScriptFolders, Scripts
from golive_checks.systems.migrations.tables import KNOWN, MAX_ROWS
from golive_checks.systems.migrations.tenants import Tenant
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind
from golive_checks.systems.postgres.client.url import read


@dataclass(frozen=True)
class MigrationFiles(Fact):
    """The repository's migrations for the master and for its tenants; None where the profile names none."""

    master: MigrationFolder | None
    tenants: MigrationFolder | None


@dataclass(frozen=True)
class MigrationRows(Fact):
    """What a tenant's schema holds of Prisma's table. `lacks` are columns that an older Prisma did not yet make."""

    schema: str
    found: Literal["table", "no table", "no schema", "no database"] = "table"
    rows: tuple[MigrationRow, ...] = ()
    lacks: tuple[str, ...] = ()
    table: str = TABLE
    peopled: bool = False
    """Prisma's table is not there, and others are."""


@dataclass(frozen=True)
class MasterRows(MigrationRows):
    """What the master's own schema holds of Prisma's table."""


@probe("prisma.migration-files")
async def migration_files(database: Database, folders: ScriptFolders) -> MigrationFiles:
    """Read the repository's folder of migrations, and the tenants' where they have their own."""
    master = await _folder(folders, database, database.migrations) if database.migrations else None
    if database.tenants and database.tenants.migrations:
        return MigrationFiles(master, await _folder(folders, database, database.tenants.migrations))
    return MigrationFiles(master, master if database.tenants else None)


async def _folder(folders: ScriptFolders, database: Database, path: str) -> MigrationFolder:
    """Read a folder of migrations, of whatever tool."""
    tool = database.migration_tool
    scripts = None if tool == "prisma" else await folders.scripts(path, tool)
    if scripts is None:
        return await read_folder(path)
    found = tuple(LocalMigration(each.name, (each.checksum,)) for each in scripts.scripts if not each.optional)
    known = KNOWN[scripts.tool]
    return MigrationFolder(path, found, tool=scripts.tool, sorted_by=known.sorted_by, ordered=known.ordered)


async def _others(folders: ScriptFolders, database: Database, path: str) -> Scripts | None:
    """Return the scripts of another tool than Prisma; a folder that cannot be read is a gap of its files alone."""
    if database.migration_tool == "prisma":
        return None
    with suppress(Unavailable):
        return await folders.scripts(path, database.migration_tool)
    return None


async def _applied(postgres: Postgres, url: SecretStr, scripts: Scripts) -> tuple[str, bool, tuple[MigrationRow, ...]]:
    """Read another tool's table: its name, whether it is there, and its rows."""
    tool = KNOWN[scripts.tool]
    async with postgres.reading(url) as reading:
        there = await reading.rows("SELECT to_regclass(%s)::text", [tool.table])  # by the role's search_path
        if there[0][0] is None:
            return tool.table, False, ()
        rows = await reading.rows(f"{tool.query.format(tool.table)} LIMIT {MAX_ROWS + 1}")  # constants of ours
    if len(rows) > MAX_ROWS:
        raise Unavailable(f"{tool.table} has more than {MAX_ROWS:,} rows")
    steps = {"applied": MigrationStep.APPLIED, "marked": MigrationStep.MARKED, "failed": MigrationStep.FAILED}
    found = (MigrationRow(each.name, each.checksum, steps[each.state]) for each in tool.read(rows, scripts))
    return tool.table, True, tuple(found)


@probe("prisma.master-rows")
async def master_rows(
    database: Database, tables: PrismaTables, postgres: Postgres, folders: ScriptFolders
) -> MasterRows:
    """Read which migrations were applied to the master."""
    if not database.migrations:
        raise Unavailable("the profile names no folder of migrations for the master")
    scripts = await _others(folders, database, database.migrations)
    if scripts:
        name, there, rows = await _applied(postgres, database.url, scripts)
        lacks = () if KNOWN[scripts.tool].checksums else ("checksum",)
        return MasterRows("", "table" if there else "no table", rows, lacks, name)
    schema, table = await _of_prisma(database.url, tables, postgres)
    return MasterRows(schema, table.found, table.rows, table.lacks, peopled=table.peopled)


async def _of_prisma(url: SecretStr, tables: PrismaTables, postgres: Postgres) -> tuple[str, PrismaTable]:
    """Read Prisma's table in the schema that the URL names.

    Where it names none, Prisma's own engine works in public, and its adapters where the role's search_path leads.
    """
    parted = read(url)
    found = await tables.table(url, parted.schema)
    if found.found == "table" or parted.parameters.get("schema"):
        return parted.schema, found
    [(current,)] = await postgres.rows(url, "SELECT current_schema()::text")
    if current in {None, parted.schema}:
        return parted.schema, found
    other = await tables.table(url, current)
    return (current, other) if other.found == "table" else (parted.schema, found)


@probe("prisma.migration-rows")
async def tenant_rows(tenant: Tenant, tables: PrismaTables, folders: ScriptFolders) -> MigrationRows:
    """Read which migrations were applied to a tenant."""
    master, their = tenant.database, tenant.database.tenants
    if their is None or not (their.migrations or master.migrations):
        raise Unavailable("the profile names no folder of migrations for the tenants")
    if scripts := await _others(folders, master, their.migrations or master.migrations):
        raise Unavailable(f"golive does not look into tenants' migrations of {scripts.tool} yet")
    if their.kept_as == "schema":
        schema, database = tenant.own_name, ""
    else:
        schema, database = read(master.url).schema, tenant.own_name
    try:
        table = await tables.table(master.url, schema, database=database)
    except PostgresTrouble as trouble:
        if database and trouble.kind is TroubleKind.NO_DATABASE:
            return MigrationRows(schema, "no database")
        raise
    return MigrationRows(schema, table.found, table.rows, table.lacks, peopled=table.peopled)
