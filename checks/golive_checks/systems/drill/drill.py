"""The restore drill: the newest dump becomes a database of its own on the scratch server, and answers questions."""

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from golive import Effect, Environment, Fact, Phase, RunInfo, Unavailable, Writes, probe
from golive_checks.subjects import BackupSource, Database, Query, Recovery
from golive_checks.systems.backups.facts import Backup, Backups
from golive_checks.systems.drill.hazard import Hazard, Rehearsing
from golive_checks.systems.drill.hazard_record import Rehearsed
from golive_checks.systems.drill.record import CopyAnswer, DrillRecord, NotRestored, evidence_of
from golive_checks.systems.drill.restoring import RestoreError, Restorer, RestoreTarget
from golive_checks.systems.drill.steps import tell
from golive_checks.systems.drill.walls import newest_of, room_for, safe_server, source_of
from golive_checks.systems.machine.client.evidence_file import EvidenceFile
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.migrations.facts import MigrationFiles
from golive_checks.systems.postgres.client.dumps import Dump, Dumps
from golive_checks.systems.postgres.client.pg_programs import PgPrograms
from golive_checks.systems.postgres.client.scratch import DrillConnection, Scratch, ScratchServer
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind
from golive_checks.systems.postgres.server_identity import ServerIdentity


@dataclass(frozen=True)
class Drill(Fact):
    """A drill, and what the pending migrations did to its copy where that was asked."""

    record: DrillRecord
    unseen: tuple[str, ...] = ()
    evidence_trouble: str = ""
    """Why the evidence of it could not be written."""
    rehearsed: Rehearsed | None = None


@probe("drill.run", effect=Effect.WRITE)
async def drill(
    to: Recovery,
    env: Environment,
    sources: Mapping[BackupSource, Backups | Unavailable] | Unavailable,
    servers: Mapping[Database, ServerIdentity | Unavailable] | Unavailable,
    folders: Mapping[Database, MigrationFiles | Unavailable] | Unavailable,
    ask: Hazard,
    scratch: Scratch,
    dumps: Dumps,
    programs: PgPrograms,
    files: Files,
    evidence: EvidenceFile,
    writes: Writes,
    run: RunInfo,
) -> Drill:
    """Restore the newest dump into a scratch database of its own, ask it, and remove it."""
    if not to.url.get_secret_value():
        raise Unavailable("the profile names no scratch server (drill.url)", not_permitted=True)
    source = source_of(to.name, sources)
    backup = newest_of(source, {} if isinstance(sources, Unavailable) else sources)
    if trouble := await evidence.trouble(to.evidence):
        raise Unavailable(f"evidence cannot be written to {to.evidence}: {trouble}", fix="Fix drill.evidence.")
    operator = to.operator or evidence.user()
    async with scratch.keeper(to.url) as keeper:
        copy = _Copy(to, scratch, keeper, await safe_server(to, keeper, servers), programs)
        removed = await _remove_leftovers(keeper)
        folder = to.data_dir or await keeper.data_folder()
        unseen = room_for(backup.size or 0, await dumps.free(folder) if folder else None, folder)
        record = await copy.drill(source, backup, dumps, writes, f"{run.id} of golive", operator)
        record = replace(record, removed=removed)
        unwritten = ""
        if record.proves(to):  # else the evidence of the last one that did is kept
            text = evidence_of(record, to, environment=env.name, operator=operator, run=run)
            unwritten = await evidence.write(to.evidence, text)
        rehearsed = None
        if env.phase is Phase.BEFORE and record.not_restored is None:
            tell("running the pending migrations on the copy")
            rehearsed = await Rehearsing(to, scratch.name, ask, scratch, programs, files).rehearse(source, folders)
    tell(f"removing {scratch.name}")
    return Drill(record, (unseen,) if unseen else (), unwritten, rehearsed)


async def _remove_leftovers(keeper: DrillConnection) -> tuple[str, ...]:
    """Remove what earlier drills, killed in the middle, have left."""
    found = []
    for left in await keeper.leftovers():
        tell(f"removing {left.name}, which an earlier drill has left")
        await keeper.drop(left.name)
        found.append(f"{left.name} ({left.comment})" if left.comment else left.name)
    return tuple(found)


@dataclass(frozen=True)
class _Copy:
    """The scratch database of this run."""

    to: Recovery
    scratch: Scratch
    keeper: DrillConnection
    server: ScratchServer
    programs: PgPrograms

    async def drill(
        self, source: BackupSource, backup: Backup, dumps: Dumps, writes: Writes, run: str, operator: str
    ) -> DrillRecord:
        """Restore a backup into it, and ask it the queries where that went well."""
        to, started_at, begun = self.to, dt.datetime.now(dt.UTC), time.monotonic()
        async with dumps.at_hand(source, backup.name, most=to.max_dump_bytes, temp_dir=to.temp_dir, tell=tell) as dump:
            await self.make(writes, f"restore drill {run}, started {started_at:%Y-%m-%d %H:%M} UTC by {operator}")
            fault, form, left_out = await self.restore(dump)
        answers = () if fault else await self.ask()
        return DrillRecord(
            backup=backup.name,
            taken_at=backup.taken_at,
            size=dump.size,
            sha256=dump.sha256,
            format=form,
            server=self.server.version,
            target=self.scratch.name,
            started_at=started_at,
            ended_at=dt.datetime.now(dt.UTC),
            rto_s=time.monotonic() - begun,
            rpo_s=(started_at - backup.taken_at).total_seconds(),
            not_restored=fault,
            answers=answers,
            left_out=left_out,
        )

    async def make(self, writes: Writes, comment: str) -> None:
        """Create it, to be dropped whatever happens to the drill."""
        name, to = self.scratch.name, self.to
        tell(f"making the scratch database {name} on PostgreSQL {self.server.version}")
        await writes.do(
            f"the scratch database {name}",
            self.keeper.create(name, comment),
            lambda: self.scratch.drop(to.url, name),
        )

    async def restore(self, dump: Dump) -> tuple[NotRestored | None, str, Mapping[str, int]]:
        """Fill it; return what is wrong with the dump, its format, and what was left out of it."""
        target = RestoreTarget(self.scratch.name, self.keeper.environment(self.scratch.name))
        try:
            restored = await Restorer(dump, self.to, self.server, target, self.programs, tell).restore()
        except RestoreError as error:
            return error.why, "", {}
        return None, restored.format, restored.left_out

    async def ask(self) -> tuple[CopyAnswer, ...]:
        """Ask it every query, one after the other."""
        found = []
        for number, query in enumerate(self.to.queries, 1):
            tell(f"asking the copy, {number} of {len(self.to.queries)}")
            found.append(await self._answer(query))
        return tuple(found)

    async def _answer(self, query: Query) -> CopyAnswer:
        began = time.monotonic()
        try:
            limit, enough = self.to.query_timeout_s, query.min_rows or 0
            got = await self.scratch.ask(self.to.url, self.scratch.name, query.sql, limit, enough=enough)
        except PostgresTrouble as problem:
            if problem.kind is TroubleKind.TIMED_OUT:
                answer = CopyAnswer(query.sql, given_up_s=self.to.query_timeout_s)
            elif problem.sqlstate:
                answer = CopyAnswer(query.sql, sqlstate=problem.sqlstate)
            else:
                raise
            return replace(answer, seconds=time.monotonic() - began)
        return CopyAnswer(query.sql, got.rows, got.value, seconds=time.monotonic() - began)
