"""The drill of a whole cluster: a base backup or one of pgBackRest's, restored into a folder and served from there."""

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import PurePath

from pydantic import SecretStr

from golive import Unavailable, Writes
from golive_checks.subjects import BackupSource, Recovery
from golive_checks.subjects.backups import InFolder, InPgBackRest
from golive_checks.subjects.recovery import ClusterPlan
from golive_checks.systems.backups.facts import Backup
from golive_checks.systems.backups.reading import SourceReading
from golive_checks.systems.backups.restoring import PgBackRestRestore
from golive_checks.systems.backups.store import BackupStore
from golive_checks.systems.backups.unpacking import BaseBackup, Unpacking
from golive_checks.systems.drill.asking import answers
from golive_checks.systems.drill.cluster_words import fault_of_pgbackrest, fault_of_server
from golive_checks.systems.drill.hazard_record import Rehearsed
from golive_checks.systems.drill.record import CopyAnswer, DrillRecord, NotRestored, RestoreFault
from golive_checks.systems.drill.steps import tell
from golive_checks.systems.machine.client.unpack import DamagedError
from golive_checks.systems.postgres.client.dumps import SHARE
from golive_checks.systems.postgres.client.pg_programs import PgPrograms, Program
from golive_checks.systems.postgres.client.scratch import Scratch
from golive_checks.systems.postgres.client.scratch_cluster import (
    OLDEST,
    ClusterFolder,
    NotStartedError,
    ScratchClusters,
)
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind

SEGMENT = "[0-9A-F]" * 24
"""How a segment of WAL is named."""
LAST_REPLAYED = "select extract(epoch from pg_last_xact_replay_timestamp())"
NOT_PERMITTED = "42501"
FETCHED = "restored log file"
"""By which a server says that its restore_command has fetched WAL (xlogarchive.c)."""
FILLED = 0.9
"""How much of a disk's free space a copy may fill."""
Rehearse = Callable[[SecretStr, str], Awaitable[Rehearsed | None]]
"""Runs the pending migrations in a database of the copy, given a URL that leads to its server."""


@dataclass(frozen=True)
class RestoredCluster:
    """What was restored: its length in bytes and digest where golive read it, and its format."""

    size: int
    sha256: str
    format: str
    restore_command: str = ""


@dataclass(frozen=True)
class ClusterDrill:
    """One drill of a cluster. `base`: the base backup; None: pgBackRest has it."""

    to: Recovery
    plan: ClusterPlan
    source: BackupSource
    backup: Backup
    base: BaseBackup | None
    database: str
    clusters: ScratchClusters
    programs: PgPrograms
    scratch: Scratch
    store: BackupStore

    async def run(self, writes: Writes, rehearse: Rehearse) -> tuple[DrillRecord, Rehearsed | None]:
        """Restore it, start it, ask it, and try the migrations on it; whatever ends this, all of it is removed."""
        started_at, begun = dt.datetime.now(dt.UTC), time.monotonic()
        folder = self.clusters.place(self.to.temp_dir, self.plan.run_as)
        removed = await self.clusters.remove_leftovers(folder)
        await self._room(folder)
        tell(f"making the scratch cluster {folder.path}")
        await writes.do(
            f"the scratch cluster {folder.path}", self.clusters.make(folder), lambda: self.clusters.remove(folder)
        )
        record, rehearsed = replace(self._blank(folder, started_at), removed=tuple(removed)), None
        try:
            record, rehearsed = await self._served(folder, record, begun, rehearse)
        except _FaultError as error:
            record = replace(record, not_restored=error.why, rto_s=time.monotonic() - begun)
        return replace(record, ended_at=dt.datetime.now(dt.UTC)), rehearsed

    def _blank(self, folder: ClusterFolder, started_at: dt.datetime) -> DrillRecord:
        """Return the record of a drill of which only the backup is known."""
        return DrillRecord(
            backup=self.backup.name,
            taken_at=self.backup.taken_at,
            size=self.backup.size or 0,
            sha256="",
            format="",
            server="",
            target=PurePath(folder.path).name,
            started_at=started_at,
            ended_at=started_at,
            rto_s=0.0,
            rpo_s=(started_at - self.backup.taken_at).total_seconds(),
        )

    async def _room(self, folder: ClusterFolder) -> None:
        """Refuse a disk without room for the copy."""
        # a data folder takes what it has; an archive is compressed, and pgBackRest reports the cluster's own size
        as_it_lies = self.base is None or not self.base.tars
        wanted = (self.base.size if self.base else self.backup.size or 0) * (1 if as_it_lies else SHARE)
        free = await self.clusters.free(folder)
        if free * FILLED < wanted:
            raise Unavailable(
                f"{PurePath(folder.path).parent} has {free:,} bytes free, and the restored cluster may need {wanted:,}",
                fix="Name a folder with more room in drill.temp_dir.",
            )

    async def _served(
        self, folder: ClusterFolder, record: DrillRecord, begun: float, rehearse: Rehearse
    ) -> tuple[DrillRecord, Rehearsed | None]:
        restored = await self._restored(folder)
        record = replace(record, size=restored.size, sha256=restored.sha256, format=restored.format)
        program = await self._server(folder)
        await self.clusters.hold_together(folder)
        # Before prepare, which changes files that the manifest lists.
        unseen = await self._verified(folder, program)
        await self.clusters.prepare(folder, program, dict(self.plan.settings), restored.restore_command)
        # Asked before the start, as the server makes segments of its own.
        without_wal = not await asyncio.to_thread(folder.holds, f"pg_wal/{SEGMENT}")
        tell(f"starting PostgreSQL {program.version} on the copy")
        try:
            async with self.clusters.serving(folder, program, self.to.timeout_s):
                url = folder.url(self.plan.role, self.database)
                rpo_s = await self._rpo(record, folder)
                answered = await self._answers(url)
                record = replace(
                    record,
                    server=program.version,
                    answers=answered,
                    rpo_s=rpo_s,
                    rto_s=time.monotonic() - begun,
                    unseen=unseen,
                )
                rehearsed = await rehearse(url, self.database)
                tell(f"removing {folder.path}")
                return record, rehearsed
        except NotStartedError as error:
            fault = fault_of_server(error.complaints, f"postgres {program.version}")
            if self.base and without_wal and FETCHED not in error.complaints:
                raise _no_wal(restored.restore_command) from None
            raise _FaultError(fault) from None

    async def _restored(self, folder: ClusterFolder) -> RestoredCluster:
        """Put the files into the data folder."""
        if self.base is None:
            return await self._by_pgbackrest(folder)
        if isinstance(self.source.where, InFolder) and not self.base.tars:
            await self.clusters.refuse_links(self.source.location(self.base.below or "."))
        tell(f"unpacking {self.base.size:,} bytes of {self.backup.name}")
        reading = SourceReading(self.store, self.source, self.to.max_dump_bytes)
        most = int(await self.clusters.free(folder) * FILLED)
        unpacking = Unpacking(reading, folder.data, folder.tablespaces, most)
        try:
            async with asyncio.timeout(self.to.timeout_s):
                written = await asyncio.to_thread(unpacking.run, self.base)
        except DamagedError as damage:
            raise _FaultError(NotRestored(RestoreFault.REPORTED, said=str(damage))) from None
        except TimeoutError:
            raise _too_slow() from None
        finally:
            # A thread cannot be cancelled: this ends one that is still unpacking.
            reading.stopped = True
        form = ", ".join(filter(None, ("base backup", "tar" if self.base.tars else "", written.packing)))
        return RestoredCluster(self.base.size, written.digest.hexdigest(), form, self.plan.restore_command)

    async def _by_pgbackrest(self, folder: ClusterFolder) -> RestoredCluster:
        """Let pgBackRest restore it."""
        assert isinstance(self.source.where, InPgBackRest)  # noqa: S101 - the drill has looked
        restore = PgBackRestRestore(self.source.where, folder.path)
        tell(f"restoring {self.backup.name} with pgBackRest")
        try:
            ended = await self.programs.run(
                restore.argv(self.backup.name), environment=self.clusters.environment(), timeout_s=self.to.timeout_s
            )
        except TimeoutError:
            raise _too_slow() from None
        if ended.code:
            raise _FaultError(fault_of_pgbackrest(ended.code, ended.complaint()))
        kind = f"pgBackRest, {self.backup.kind}" if self.backup.kind else "pgBackRest"
        return RestoredCluster(self.backup.size or 0, "", kind, restore.restore_command())

    async def _server(self, folder: ClusterFolder) -> Program:
        """Find the server of the cluster's own version."""
        major = folder.major()
        if not major:
            raise _FaultError(NotRestored(RestoreFault.NO_CLUSTER))
        if major < OLDEST:
            raise Unavailable(f"golive restores clusters of PostgreSQL {OLDEST} and later, and this is one of {major}")
        program = await self.programs.find("postgres", self.to.bin_dir, major)
        # A cluster's files can be read by a server of the same major version alone.
        if program.major != major:
            raise Unavailable(
                f"the backup is of PostgreSQL {major}, and the server on this machine is {program.version}",
                fix=f"Install PostgreSQL {major} (Debian: postgresql-{major}), or name its folder in drill.bin_dir.",
            )
        return program

    async def _verified(self, folder: ClusterFolder, program: Program) -> tuple[str, ...]:
        """Let pg_verifybackup see whether every file of the manifest is there; return what could not be seen."""
        if not await asyncio.to_thread(folder.holds, "backup_manifest"):
            return ()
        try:
            verifier = await self.programs.find("pg_verifybackup", str(PurePath(program.path).parent))
        except Unavailable as gap:
            return (f"whether every file of its manifest is there: {gap.reason}",)
        # --no-parse-wal: the server reads the WAL itself as it starts.
        argv = [verifier.path, "--skip-checksums", "--no-parse-wal", "--quiet", folder.data]
        ended = await self.programs.run(argv, environment={}, timeout_s=self.to.timeout_s)
        if ended.code:
            said = ended.complaint().replace(f"{folder.data}/", "")
            raise _FaultError(NotRestored(RestoreFault.REPORTED, f"pg_verifybackup {program.version}", said))
        return ()

    async def _rpo(self, record: DrillRecord, folder: ClusterFolder) -> float:
        """Return how old what was recovered is: the last transaction that was replayed, else the backup."""
        got = await self.scratch.ask(folder.url(self.plan.role, "template1"), "template1", LAST_REPLAYED, 30)
        newest = max(float(got.value or 0), record.taken_at.timestamp())
        return max(record.started_at.timestamp() - newest, 0.0)

    async def _answers(self, url: SecretStr) -> tuple[CopyAnswer, ...]:
        try:
            await self.scratch.cut_off(url, self.database)
            return await answers(self.to, self.scratch, url, self.database)
        except PostgresTrouble as problem:
            if problem.kind is TroubleKind.NO_DATABASE:
                raise _FaultError(NotRestored(RestoreFault.NO_DATABASE, said=self.database)) from None
            if problem.sqlstate == NOT_PERMITTED:
                raise Unavailable(
                    f"the role {self.plan.role} may not drop the copy's user mappings, which lead to other servers",
                    fix="Name a superuser of the copy in drill.cluster.role.",
                ) from None
            raise


class _FaultError(Exception):
    """The backup is at fault."""

    def __init__(self, why: NotRestored) -> None:
        super().__init__(why)
        self.why = why


def _no_wal(restore_command: str) -> Unavailable:
    if restore_command:
        return Unavailable(
            "the base backup holds no WAL, and drill.cluster.restore_command fetched none",
            fix="Run it by hand as the user that runs the server: it must reach the archive from this machine.",
        )
    return Unavailable(
        "the base backup holds no WAL, and the profile does not say where that is",
        fix="Set drill.cluster.restore_command, or take base backups with pg_basebackup -X stream.",
    )


def _too_slow() -> Unavailable:
    return Unavailable("the backup was not restored within drill.timeout_s", fix="Set drill.timeout_s higher.")
