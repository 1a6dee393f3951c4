"""The pending migrations and the previous release's smoke, tried on the restored copy before they meet the real one."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import Annotated, Any, ClassVar

from pydantic import Field

from golive import Settings, Unavailable, shortened
from golive.profile.types import Duration, FilePath
from golive.wording import counted, duration
from golive_checks.subjects import BackupSource, Database, Recovery
from golive_checks.systems.drill.hazard_record import Loss, Rehearsal, Rehearsed, Smoke
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.migrations.applying import file_of, is_apart, up_of
from golive_checks.systems.migrations.client.prisma_folder import MAX_SCRIPT_BYTES, MigrationFolder
from golive_checks.systems.migrations.client.prisma_table import TABLE
from golive_checks.systems.migrations.facts import MigrationFiles
from golive_checks.systems.migrations.scripts import ScriptFolders, Scripts
from golive_checks.systems.migrations.tables import KNOWN
from golive_checks.systems.postgres.client.lock_recorder import Recorder
from golive_checks.systems.postgres.client.pg_programs import PgPrograms, ProgramEnd
from golive_checks.systems.postgres.client.schema_shape import SchemaShape, losses, shape_of
from golive_checks.systems.postgres.client.scratch import Scratch, url_of
from golive_checks.systems.postgres.client.sql_statements import statements
from golive_checks.systems.postgres.client.url import read

Argument = Annotated[str, Field(max_length=4000)]
Seconds = Annotated[Duration, Field(gt=0)]

MAX_TOLD = 200


class Hazard(Settings):
    """What a pending migration may do to those who are at work meanwhile."""

    home: ClassVar[str] = "database.hazard"

    max_lock_s: Seconds = 1.0
    """How long a migration may block a table's readers or writers on the restored copy."""
    large_rows: int = Field(default=100_000, ge=1)
    """A table with more rows must not be read through or rewritten under such a lock, however fast the copy is."""
    large_bytes: int = Field(default=100_000_000, ge=1)
    """Or with more bytes than this."""
    max_tenants: int = Field(default=10, ge=1, le=10_000)
    """In so many schemas of tenants the migrations are tried, the largest first of those that lack some."""
    expected: tuple[str, ...] = Field(default=(), max_length=200)
    """What is meant to go, as the finding names it: `public.users.plan`, `public.old_table`, `public.mood.sad`."""
    deploy: tuple[Argument, ...] = Field(default=(), max_length=100)
    """The command that applies what is pending, a list of arguments, for tools whose migrations are no SQL:
    `[alembic, upgrade, head]`. It runs on the copy, as the smoke commands do."""
    smoke: tuple[Annotated[tuple[Argument, ...], Field(min_length=1)], ...] = Field(default=(), max_length=20)
    """Commands of the previous release, each a list of arguments, that must pass on the migrated copy."""
    smoke_folder: FilePath = ""
    """The folder they run in, with the previous release's code; empty: the one that golive runs in."""
    smoke_variables: tuple[str, ...] = ("DATABASE_URL",)
    """The variables that hold the copy's URL for them. They get no other of golive's own but PATH, HOME and LANG."""
    smoke_timeout_s: Seconds = 120.0
    """How long each may take."""
    timeout_s: Seconds = 600.0
    """How long all pending migrations may take on the copy."""


@dataclass(frozen=True)
class _Series:
    """A folder of migrations, and the schema of the copy that it is for; `tenant` names whose that is."""

    folder: MigrationFolder
    schema: str
    tenant: str = ""


@dataclass(frozen=True)
class Rehearsing:
    """Runs what is pending on the copy of one drill, which is a database of the server that `to` names."""

    to: Recovery
    copy: str
    ask: Hazard
    scratch: Scratch
    programs: PgPrograms
    files: Files
    scripts: ScriptFolders

    async def rehearse(
        self, source: BackupSource, folders: Mapping[Database, MigrationFiles | Unavailable] | Unavailable
    ) -> Rehearsed:
        """Run the pending migrations, then the smoke commands; a gap is returned, not raised: the drill counts."""
        try:
            database, found = _database_of(source, folders)
            unseen, untried = list[str](), list[str]()
            if self.ask.deploy:
                run, unseen = await self._deployed()
            else:
                run, untried = await self._migrations(database, found)
            failed = any(each.trouble for each in run)
            # On a schema that is half migrated their failure would say nothing.
            smoke = () if failed else tuple([await self._smoke(argv) for argv in self.ask.smoke])
        except Unavailable as gap:
            return Rehearsed(gap=gap.reason, fix=gap.fix)
        if not self.ask.smoke:
            unseen.append("whether the previous release still works: database.hazard.smoke lists no command")
        return Rehearsed(tuple(run), smoke, tuple(unseen), tuple(untried))

    async def _migrations(self, database: Database, found: MigrationFiles) -> tuple[list[Rehearsal], list[str]]:
        """Run each migration that the copy lacks, in their order, the master's first, until one fails."""
        done: list[Rehearsal] = []
        async with AsyncExitStack() as held:
            first = await held.enter_async_context(self.scratch.connected(self.to.url, self.copy))
            # The first is busy while it runs a statement, so another looks at the locks that it holds then.
            second = await held.enter_async_context(self.scratch.connected(self.to.url, self.copy))
            before = await shape_of(first)
            try:
                async with asyncio.timeout(self.ask.timeout_s):
                    every, untried = await self._every(first, database, found)
                    for series in every:
                        if not any(run.trouble for run in done):
                            done += [run async for run in self._run(series, first, second, before)]
                return _lasting(done, set(losses(before, await shape_of(first)))), untried
            except TimeoutError:
                raise Unavailable(
                    f"the pending migrations did not end on the copy within {duration(self.ask.timeout_s)}",
                    fix="Set database.hazard.timeout_s higher, or make them shorter.",
                ) from None

    async def _every(self, copy: Any, database: Database, found: MigrationFiles) -> tuple[list[_Series], list[str]]:
        """Name what is to be run: the master's migrations, and the tenants' in the largest of their schemas."""
        own = read(database.url).parameters.get("schema", "")
        every = [_Series(found.master, own)] if found.master else []
        if found.tenants is None:
            return every, []
        if found.tenants.tool != "prisma" or (database.tenants and database.tenants.kept_as == "database"):
            return every, ["the tenants' own migrations: only the master's were tried on the copy"]
        there = await self.scratch.schemas_with(copy, TABLE, without=(own or "public") if found.master else "")
        schemas = [name for name in there if _may_be_tenant(database, name)]
        if not schemas:
            return every, ["the tenants' own migrations: the copy has no schema of a tenant"]
        tenants = [_Series(found.tenants, schema, schema) for schema in schemas]
        behind = [each for each in tenants if await self._pending(each, copy)]
        more = len(behind) - self.ask.max_tenants
        untried = (
            [f"{counted(more, 'tenant')} of {len(behind):,}, smaller than those that were tried"] if more > 0 else []
        )
        return [*every, *behind[: self.ask.max_tenants]], untried

    async def _run(self, series: _Series, first: Any, second: Any, before: SchemaShape) -> AsyncIterator[Rehearsal]:
        """Run what a schema of the copy lacks, until one fails."""
        folder = series.folder
        for name in await self._pending(series, first):
            text = await self.files.text(str(PurePath(folder.path, file_of(folder.tool, name))), MAX_SCRIPT_BYTES)
            parts = statements(up_of(folder.tool, name, text))
            title = f"{name} ({series.tenant})" if series.tenant else name
            run = await Recorder(first, second, before).run(title, parts, apart=is_apart(folder.tool, text))
            yield run
            if run.trouble:
                return

    async def _pending(self, series: _Series, copy: Any) -> list[str]:
        """Return the names of the migrations that a schema of the copy lacks, in their order."""
        applied = await self._applied(series, copy)
        return [name for name in series.folder.names if name not in applied]

    async def _applied(self, series: _Series, copy: Any) -> set[str]:
        """Return the names of the migrations that a schema of the copy has."""
        folder = series.folder
        if folder.tool == "prisma":
            return await self.scratch.prepare(copy, series.schema)
        tool, scripts = KNOWN[folder.tool], await self.scripts.scripts(folder.path, folder.tool)
        rows = await self.scratch.prepare_for(copy, series.schema, tool.table, tool.query)
        return {each.name for each in tool.read(rows, scripts or Scripts(folder.tool)) if each.state != "failed"}

    async def _deployed(self) -> tuple[list[Rehearsal], list[str]]:
        """Let the tool itself apply what is pending; only what it leaves behind can be seen then."""
        async with self.scratch.connected(self.to.url, self.copy) as connection:
            before, began = await shape_of(connection), time.monotonic()
            try:
                ended = await self._ran(self.ask.deploy, self.ask.timeout_s)
            except TimeoutError:
                raise Unavailable(
                    f"database.hazard.deploy did not end on the copy within {duration(self.ask.timeout_s)}",
                    fix="Set database.hazard.timeout_s higher.",
                ) from None
            trouble = f"it ended with code {ended.code}" if ended.code else ""
            lost = tuple(losses(before, await shape_of(connection)))
        run = Rehearsal(shortened(" ".join(self.ask.deploy), MAX_TOLD), time.monotonic() - began, (), trouble, lost)
        return [run], ["which locks they hold, and the rows that they remove: the tool itself ran them"]

    async def _ran(self, argv: tuple[str, ...], timeout_s: float) -> ProgramEnd:
        """Run a command with the copy's URL."""
        url = url_of(self.to.url, self.copy).get_secret_value()
        return await self.programs.run(
            argv,
            environment=self.programs.plain_environment() | dict.fromkeys(self.ask.smoke_variables, url),
            timeout_s=timeout_s,
            folder=self.ask.smoke_folder or None,
        )

    async def _smoke(self, argv: tuple[str, ...]) -> Smoke:
        """Run a command against the copy."""
        text = shortened(" ".join(argv), MAX_TOLD)
        try:
            return Smoke(text, (await self._ran(argv, self.ask.smoke_timeout_s)).code)
        except TimeoutError:
            return Smoke(text, None, self.ask.smoke_timeout_s)


def _may_be_tenant(database: Database, schema: str) -> bool:
    """Return whether a schema is a tenant's by the profile; a query's answer is not known of the copy."""
    to = database.tenants
    if to and to.names:
        return schema in to.names
    return fnmatchcase(schema, to.pattern.replace("[", "[[]")) if to and to.pattern else True


def _lasting(done: list[Rehearsal], at_the_end: set[Loss]) -> list[Rehearsal]:
    """Count each loss with the first migration that had it, and none that a later one made good."""
    left = set(at_the_end)
    lines = []
    for run in done:
        here = {loss: replace(loss, statement="") for loss in run.losses}
        lines.append(replace(run, losses=tuple(loss for loss, bare in here.items() if bare in left)))
        left -= set(here.values())
    return lines


def _database_of(
    source: BackupSource, folders: Mapping[Database, MigrationFiles | Unavailable] | Unavailable
) -> tuple[Database, MigrationFiles]:
    """Find the database that the dumps are of, and its migrations."""
    known = {} if isinstance(folders, Unavailable) else dict(folders)
    fitting = [d for d in known if d.name == source.of] if source.of else [*known]
    if len(fitting) != 1:
        raise Unavailable(
            f"golive cannot determine which database {source.name} holds dumps of",
            fix=f"Set backup_sources.{source.name}.of to a name under databases.",
        )
    seen = known[fitting[0]]
    if isinstance(seen, Unavailable):
        raise seen
    if seen.master is None and seen.tenants is None:
        raise Unavailable(f"the profile names no migrations of {fitting[0].name}", fix="Name their folder.")
    return fitting[0], seen
