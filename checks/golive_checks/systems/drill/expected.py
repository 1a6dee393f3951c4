"""The schema that the migrations of the repository make: they are run in a scratch database, and it is read."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePath
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from golive import Effect, Fact, Settings, Unavailable, Writes, probe
from golive.profile.types import Duration, FilePath
from golive.wording import duration, listed
from golive_checks.subjects import Database, Recovery
from golive_checks.systems.drill.walls import safe_server
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.migrations.applying import file_of, up_of
from golive_checks.systems.migrations.client.prisma_folder import MAX_SCRIPT_BYTES, MigrationFolder
from golive_checks.systems.migrations.client.prisma_table import FINISHED, TABLE, MigrationStep
from golive_checks.systems.migrations.facts import MasterRows, MigrationFiles, MigrationRows
from golive_checks.systems.migrations.tables import KNOWN
from golive_checks.systems.migrations.tenants import Tenant
from golive_checks.systems.postgres.client.catalogue import Catalogue
from golive_checks.systems.postgres.client.pg_programs import PgPrograms
from golive_checks.systems.postgres.client.scratch import Scratch, ScratchServer, url_of
from golive_checks.systems.postgres.client.scratch_schema import ScratchSchema
from golive_checks.systems.postgres.client.url import read
from golive_checks.systems.postgres.server_identity import ServerIdentity

NAMED = 3
TENANT = "golive_tenant"
"""The schema in the scratch database in which the tenants' migrations are run."""


class DriftSettings(Settings):
    """How a schema that migrations have made is compared with the one that they make."""

    home: ClassVar[str] = "database.drift"

    expected: tuple[str, ...] = Field(default=(), max_length=500)
    """What may differ, as the finding names it, with * and ?: `users.nickname`, `legacy_*`."""
    deploy: tuple[Annotated[str, Field(max_length=4000)], ...] = Field(default=(), max_length=100)
    """The command that applies all migrations of the master, a list of arguments, for tools whose migrations are no
    SQL: `[alembic, upgrade, head]`. It runs on an empty scratch database; Prisma and tools of SQL do not need it."""
    deploy_folder: FilePath = ""
    """The folder it runs in; empty: the one that golive runs in."""
    deploy_variables: tuple[str, ...] = ("DATABASE_URL",)
    """The variables that hold the scratch database's URL for it. Of golive's own it gets PATH, HOME and LANG."""
    timeout_s: Annotated[Duration, Field(gt=0)] = 300.0
    """How long all migrations may take on an empty database."""


@dataclass(frozen=True)
class ScratchSafe(Fact):
    """The scratch server, where databases may be made without harm to those that the profile names."""

    server: ScratchServer


@dataclass(frozen=True)
class MigratedSchema:
    """A schema after the first so many migrations of the folder. `others`: schemas that they make beside it."""

    count: int
    made: Catalogue
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExpectedSchemas(Fact):
    """What the migrations make: of the master, and of a tenant. `gaps`: why one of the two could not be made."""

    master: tuple[MigratedSchema, ...] = ()
    tenants: tuple[MigratedSchema, ...] = ()
    gaps: Mapping[str, str] = field(default_factory=dict)


@probe("drill.scratch-safe")
async def scratch_safe(
    to: Recovery, servers: Mapping[Database, ServerIdentity | Unavailable] | Unavailable, scratch: Scratch
) -> ScratchSafe:
    """Look whether the scratch server is another than those of the profile, and its role a harmless one."""
    if not to.url.get_secret_value():
        raise Unavailable("the profile names no scratch server (drill.url)", not_permitted=True)
    async with scratch.keeper(to.url) as keeper:
        return ScratchSafe(await safe_server(to, keeper, servers))


@probe("drill.expected-schemas", effect=Effect.WRITE)
async def expected_schemas(
    database: Database,
    files: MigrationFiles,
    master: MasterRows | Unavailable,
    tenants: Mapping[Tenant, MigrationRows | Unavailable] | Unavailable,
    servers: Mapping[Recovery, ScratchSafe | Unavailable] | Unavailable,
    ask: DriftSettings,
    scratch: Scratch,
    programs: PgPrograms,
    texts: Files,
    writes: Writes,
) -> ExpectedSchemas:
    """Run the migrations in scratch databases: as many as the master and the tenants have."""
    to = _server_of(servers)
    made, gaps = dict[str, tuple[MigratedSchema, ...]](), dict[str, str]()
    async with scratch.keeper(to.url) as keeper:
        for each in _series(database, files, master, tenants):
            name = scratch.name_for(database.name, each.place)
            if each.fresh:
                await writes.do(
                    f"the scratch database {name}",
                    keeper.create(name, f"the migrations of {database.name}, run by golive"),
                    partial(scratch.drop, to.url, name),
                )
            running = _Running(to, name, ask, scratch, programs, texts)
            try:
                made[each.who] = await running.in_time(each)
            except Unavailable as gap:
                gaps[each.who] = gap.reason
    return ExpectedSchemas(made.get("master", ()), made.get("tenants", ()), gaps)


def _server_of(servers: Mapping[Recovery, ScratchSafe | Unavailable] | Unavailable) -> Recovery:
    """Return the drill whose scratch server may be used."""
    if isinstance(servers, Unavailable):
        raise Unavailable("the profile names no scratch server (drill.url)", not_permitted=True)
    for to, safe in servers.items():
        if not isinstance(safe, Unavailable):
            return to
    raise next(gap for gap in servers.values() if isinstance(gap, Unavailable))


@dataclass(frozen=True)
class _Series:
    """A folder of migrations: whose they are, the scratch database and schema for them, and how many are wanted."""

    who: Literal["master", "tenants"]
    folder: MigrationFolder
    schema: str
    counts: tuple[int, ...]
    place: int = 1
    fresh: bool = True
    """The scratch database is not there yet."""


def _series(
    database: Database,
    files: MigrationFiles,
    master: MasterRows | Unavailable,
    tenants: Mapping[Tenant, MigrationRows | Unavailable] | Unavailable,
) -> Iterator[_Series]:
    """Yield the master's, and the tenants' in the same database where they are schemas of it."""
    apart = database.tenants is not None and database.tenants.kept_as == "database"
    if files.master and not isinstance(master, Unavailable):
        schema = master.schema or read(database.url).schema
        if counts := _counts(files.master, [master]):
            yield _Series("master", files.master, schema, counts)
    rows = [] if isinstance(tenants, Unavailable) else [r for r in tenants.values() if not isinstance(r, Unavailable)]
    if files.tenants and (counts := _counts(files.tenants, rows)):
        schema = read(database.url).schema if apart else TENANT
        fresh = apart or files.master is None or isinstance(master, Unavailable) or not _counts(files.master, [master])
        yield _Series("tenants", files.tenants, schema, counts, place=2 if apart else 1, fresh=fresh)


def _counts(folder: MigrationFolder, places: Sequence[MigrationRows]) -> tuple[int, ...]:
    """Return after how many migrations the schema is to be read."""
    found = set[int]()
    for rows in {id(each.rows): each for each in places}.values():  # most tenants share theirs
        with suppress(Unavailable):
            found.add(applied_count(folder, rows))
    return tuple(sorted(found))


def applied_count(folder: MigrationFolder, there: MigrationRows) -> int:
    """Return how many of the folder's migrations a place has, which must be its first ones.

    Raises:
        Unavailable: it has others, or stopped in the middle of one: no run of the folder makes such a schema.
    """
    if there.found != "table":
        raise Unavailable("no migration was ever applied to it; see db.migrations-applied", not_permitted=True)
    done = {row.name for row in there.rows if row.step in FINISHED}
    halted = sorted({row.name for row in there.rows if row.step in {MigrationStep.FAILED, MigrationStep.UNFINISHED}})
    strange = done - set(folder.names) - folder.older_than_all(done)
    count = len(done & set(folder.names))
    late = [name for name in folder.names[:count] if name not in done]
    if halted:
        raise Unavailable(f"{listed(halted, NAMED)} did not end there; see db.migrations-succeeded")
    if strange:
        raise Unavailable(f"it has {listed(sorted(strange), NAMED)}, which the repository lacks")
    if late:
        raise Unavailable(f"it lacks {listed(late, NAMED)}, and has later ones; see db.migrations-applied")
    return count


def tables_of(folder: MigrationFolder) -> tuple[str, ...]:
    """Name the tables in which the tool keeps what it has done."""
    return (TABLE,) if folder.tool == "prisma" else (*KNOWN[folder.tool].keeps,)


@dataclass(frozen=True)
class _Running:
    """Runs migrations in one scratch database."""

    to: Recovery
    name: str
    ask: DriftSettings
    scratch: Scratch
    programs: PgPrograms
    texts: Files

    async def in_time(self, series: _Series) -> tuple[MigratedSchema, ...]:
        """Run them within the time that they may take."""
        limit_s = self.ask.timeout_s
        try:
            async with asyncio.timeout(limit_s):
                return await self._run(series)
        except TimeoutError:
            raise Unavailable(
                f"the migrations did not end within {duration(limit_s)} on an empty database",
                fix="Set database.drift.timeout_s higher.",
            ) from None

    async def _run(self, series: _Series) -> tuple[MigratedSchema, ...]:
        """Run as many as are wanted, and read the schema at each number that somebody has."""
        folder, found = series.folder, list[MigratedSchema]()
        without = tables_of(folder)
        async with self.scratch.connected(self.to.url, self.name) as connection:
            schema = ScratchSchema(connection, series.schema)
            await schema.make()
            if self.ask.deploy:
                await self._deploy(series)
                return (await _seen(schema, len(folder.names), without, series),)
            for number, name in enumerate(["", *folder.names][: series.counts[-1] + 1]):
                if name:
                    path = str(PurePath(folder.path, file_of(folder.tool, name)))
                    text = await self.texts.text(path, MAX_SCRIPT_BYTES)
                    await schema.run(name, up_of(folder.tool, name, text))
                if number in series.counts:
                    found.append(await _seen(schema, number, without, series))
        return tuple(found)

    async def _deploy(self, series: _Series) -> None:
        """Let the profile's own command apply all of them."""
        if series.who != "master" or series.counts != (len(series.folder.names),):
            raise Unavailable("database.drift.deploy applies all migrations of the master, and some are pending")
        url = url_of(self.to.url, self.name).get_secret_value()
        ended = await self.programs.run(
            self.ask.deploy,
            environment=self.programs.plain_environment() | dict.fromkeys(self.ask.deploy_variables, url),
            timeout_s=self.ask.timeout_s,
            folder=self.ask.deploy_folder or None,
        )
        if ended.code:
            raise Unavailable(f"database.drift.deploy ended with code {ended.code} on an empty database")


async def _seen(schema: ScratchSchema, count: int, without: Sequence[str], series: _Series) -> MigratedSchema:
    """Read the schema, and of the master's migrations all others that they have made."""
    others = await schema.others() if series.who == "master" else ()
    return MigratedSchema(count, await schema.read(without, others), others)
