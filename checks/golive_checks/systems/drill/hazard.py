"""The pending migrations and the previous release's smoke, tried on the restored copy before they meet the real one."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import PurePath
from typing import Annotated, ClassVar

from pydantic import Field, SecretStr

from golive import Settings, Unavailable, shortened
from golive.profile.types import Duration, FilePath
from golive.wording import duration
from golive_checks.subjects import BackupSource, Database, Recovery
from golive_checks.systems.drill.hazard_record import Loss, Rehearsal, Rehearsed, Smoke
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.migrations.client.prisma_folder import MAX_SCRIPT_BYTES, SCRIPT, MigrationFolder
from golive_checks.systems.migrations.facts import MigrationFiles
from golive_checks.systems.postgres.client.lock_recorder import Recorder
from golive_checks.systems.postgres.client.pg_programs import PgPrograms
from golive_checks.systems.postgres.client.schema_shape import losses, shape_of
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
    expected: tuple[str, ...] = Field(default=(), max_length=200)
    """What is meant to go, as the finding names it: `public.users.plan`, `public.old_table`, `public.mood.sad`."""
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


class Rehearsing:
    """Runs what is pending on the copy of one drill."""

    def __init__(
        self, to: Recovery, copy: str, ask: Hazard, scratch: Scratch, programs: PgPrograms, files: Files
    ) -> None:
        self._to = to
        self._copy = copy
        self._ask = ask
        self._scratch = scratch
        self._programs = programs
        self._files = files

    def on(self, url: SecretStr, copy: str) -> "Rehearsing":
        """Return the same for another copy."""
        return Rehearsing(replace(self._to, url=url), copy, self._ask, self._scratch, self._programs, self._files)

    async def rehearse(
        self, source: BackupSource, folders: Mapping[Database, MigrationFiles | Unavailable] | Unavailable
    ) -> Rehearsed:
        """Run the pending migrations, then the smoke commands; a gap is returned, not raised: the drill counts."""
        try:
            database, found, folder = _database_of(source, folders)
            run = await self._migrations(folder, read(database.url).parameters.get("schema", ""))
            failed = any(each.trouble for each in run)
            smoke = () if failed else tuple([await self._smoke(argv) for argv in self._ask.smoke])
        except Unavailable as gap:
            return Rehearsed(gap=gap.reason, fix=gap.fix)
        unseen = []
        if found.tenants and found.tenants != folder:
            unseen.append("the tenants' own migrations: only the master's were tried on the copy")
        if not self._ask.smoke:
            unseen.append("whether the previous release still works: database.hazard.smoke lists no command")
        return Rehearsed(tuple(run), smoke, tuple(unseen))

    async def _migrations(self, folder: MigrationFolder, schema: str) -> list[Rehearsal]:
        """Run each migration that the copy lacks, in their order, until one fails."""
        done: list[Rehearsal] = []
        async with AsyncExitStack() as held:
            first = await held.enter_async_context(self._scratch.connected(self._to.url, self._copy))
            second = await held.enter_async_context(self._scratch.connected(self._to.url, self._copy))
            applied = await self._scratch.prepare(first, schema)
            before = await shape_of(first)
            try:
                async with asyncio.timeout(self._ask.timeout_s):
                    for name in folder.names:
                        if name not in applied:
                            script = await self._files.text(str(PurePath(folder.path, name, SCRIPT)), MAX_SCRIPT_BYTES)
                            recorder = Recorder(first, second, before)
                            done.append(await recorder.run(name, statements(script)))
                            if done[-1].trouble:
                                break
                return _lasting(done, set(losses(before, await shape_of(first))))
            except TimeoutError:
                raise Unavailable(
                    f"the pending migrations did not end on the copy within {duration(self._ask.timeout_s)}",
                    fix="Set database.hazard.timeout_s higher, or make them shorter.",
                ) from None

    async def _smoke(self, argv: tuple[str, ...]) -> Smoke:
        """Run a command against the copy."""
        text = shortened(" ".join(argv), MAX_TOLD)
        url = url_of(self._to.url, self._copy).get_secret_value()
        try:
            ended = await self._programs.run(
                argv,
                environment=self._programs.plain_environment() | dict.fromkeys(self._ask.smoke_variables, url),
                timeout_s=self._ask.smoke_timeout_s,
                folder=self._ask.smoke_folder or None,
            )
        except TimeoutError:
            return Smoke(text, None, self._ask.smoke_timeout_s)
        return Smoke(text, ended.code)


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
) -> tuple[Database, MigrationFiles, MigrationFolder]:
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
    if seen.master is None:
        raise Unavailable(f"the profile names no migrations of {fitting[0].name}", fix="Name their folder.")
    if seen.master.tool != "prisma":
        raise Unavailable(f"golive does not try migrations of {seen.master.tool} yet, only Prisma's")
    return fitting[0], seen, seen.master
