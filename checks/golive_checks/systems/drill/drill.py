"""The restore drill: the newest backup becomes a scratch database, or a cluster of its own, and answers questions."""

import datetime as dt
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from pydantic import SecretStr

from golive import Effect, Environment, Fact, Phase, RunInfo, Unavailable, Writes, probe
from golive_checks.subjects import BackupSource, Database, Recovery
from golive_checks.subjects.backups import InPgBackRest
from golive_checks.systems.backups.facts import Backup, Backups
from golive_checks.systems.backups.store import BackupStore
from golive_checks.systems.drill.asking import answers
from golive_checks.systems.drill.cluster import ClusterDrill
from golive_checks.systems.drill.hazard import Hazard, Rehearsing
from golive_checks.systems.drill.hazard_record import Rehearsed
from golive_checks.systems.drill.record import DrillRecord, NotRestored, evidence_of
from golive_checks.systems.drill.restoring import RestoreError, Restorer, RestoreTarget
from golive_checks.systems.drill.steps import tell
from golive_checks.systems.drill.walls import (
    base_backup_of,
    cluster_plan,
    newest_of,
    refuse_what_cannot_be_fetched,
    room_for,
    safe_server,
    source_of,
)
from golive_checks.systems.machine.client.evidence_file import EvidenceFile
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.migrations.facts import MigrationFiles
from golive_checks.systems.migrations.scripts import ScriptFolders
from golive_checks.systems.postgres.client.dumps import Dump, Dumps
from golive_checks.systems.postgres.client.pg_programs import PgPrograms
from golive_checks.systems.postgres.client.scratch import DrillConnection, Scratch, ScratchServer
from golive_checks.systems.postgres.client.scratch_cluster import ScratchClusters
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
    clusters: ScratchClusters,
    store: BackupStore,
    files: Files,
    scripts: ScriptFolders,
    evidence: EvidenceFile,
    writes: Writes,
    run: RunInfo,
) -> Drill:
    """Restore the newest backup into a scratch database, or a cluster of its own, ask it, and remove it."""
    if not to.url.get_secret_value() and to.cluster is None:
        raise Unavailable("the profile names no scratch server (drill.url)", not_permitted=True)
    source = source_of(to.name, sources)
    backup = newest_of(source, {} if isinstance(sources, Unavailable) else sources)
    operator = await _operator(evidence, to)
    rehearsing = Rehearsing(to, scratch.name, ask, scratch, programs, files, scripts)
    rehearse = partial(_rehearsed, rehearsing if env.phase is Phase.BEFORE else None, source, folders)
    base = await base_backup_of(source, backup, store)
    if base or isinstance(source.where, InPgBackRest):
        plan, database = cluster_plan(to, source, folders)
        whole = ClusterDrill(to, plan, source, backup, base, database, clusters, programs, scratch, store)
        record, rehearsed = await whole.run(writes, rehearse)
    else:
        refuse_what_cannot_be_fetched(to, source, backup)
        async with scratch.keeper(to.url) as keeper:
            copy = _Copy(to, scratch, keeper, await safe_server(to, keeper, servers), programs)
            record = await copy.from_dump(source, backup, dumps, writes, run, operator)
            rehearsed = await rehearse(to.url, scratch.name) if record.not_restored is None else None
        tell(f"removing {scratch.name}")
    unwritten = await _kept(evidence, record, to, env, operator, run)  # last, as it says that the copy was removed
    return Drill(record, record.unseen, unwritten, rehearsed)


async def _rehearsed(
    rehearsing: Rehearsing | None,
    source: BackupSource,
    folders: Mapping[Database, MigrationFiles | Unavailable] | Unavailable,
    url: SecretStr,
    database: str,
) -> Rehearsed | None:
    """Run the pending migrations on a copy, where the release is still to come."""
    if rehearsing is None:
        return None
    tell("running the pending migrations on the copy")
    there = replace(rehearsing, to=replace(rehearsing.to, url=url), copy=database)
    return await there.rehearse(source, folders)


async def _operator(evidence: EvidenceFile, to: Recovery) -> str:
    """Return who answers for the drill, once it is seen that its evidence can be written."""
    if trouble := await evidence.trouble(to.evidence):
        raise Unavailable(f"evidence cannot be written to {to.evidence}: {trouble}", fix="Fix drill.evidence.")
    return to.operator or evidence.user()


async def _kept(
    evidence: EvidenceFile, record: DrillRecord, to: Recovery, env: Environment, operator: str, run: RunInfo
) -> str:
    """Write the evidence of a drill that proves the backup; else that of the last one that did is kept."""
    if not record.proves(to):
        return ""
    text = evidence_of(record, to, environment=env.name, operator=operator, run=run)
    return await evidence.write(to.evidence, text)


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

    async def from_dump(
        self, source: BackupSource, backup: Backup, dumps: Dumps, writes: Writes, run: RunInfo, operator: str
    ) -> DrillRecord:
        """Remove what earlier drills left, look for room, and drill."""
        removed = await _remove_leftovers(self.keeper)
        folder = self.to.data_dir or await self.keeper.data_folder()
        unseen = room_for(backup.size or 0, await dumps.free(folder) if folder else None, folder)
        record = await self.drill(source, backup, dumps, writes, f"{run.id} of golive", operator)
        return replace(record, removed=removed, unseen=(unseen,) if unseen else ())

    async def drill(
        self, source: BackupSource, backup: Backup, dumps: Dumps, writes: Writes, run: str, operator: str
    ) -> DrillRecord:
        """Restore a backup into it, and ask it the queries where that went well."""
        to, started_at, begun = self.to, dt.datetime.now(dt.UTC), time.monotonic()
        async with dumps.at_hand(source, backup.name, most=to.max_dump_bytes, temp_dir=to.temp_dir, tell=tell) as dump:
            await self.make(writes, f"restore drill {run}, started {started_at:%Y-%m-%d %H:%M} UTC by {operator}")
            fault, form, left_out = await self.restore(dump)
        answered = () if fault else await answers(to, self.scratch, to.url, self.scratch.name)
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
            # Up to the start: what the drill itself takes counts towards the RTO.
            rpo_s=(started_at - backup.taken_at).total_seconds(),
            not_restored=fault,
            answers=answered,
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
