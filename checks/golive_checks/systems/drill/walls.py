"""What must be so before a drill begins: the right source, another server, a harmless role, room on the disks."""

import asyncio
from collections.abc import Mapping

from golive import Unavailable
from golive_checks.subjects import BackupSource, Database, Recovery
from golive_checks.subjects.backups import InBucket, InPgBackRest
from golive_checks.subjects.recovery import ClusterPlan
from golive_checks.systems.backups.contents import files_of
from golive_checks.systems.backups.facts import Backup, Backups
from golive_checks.systems.backups.reading import SourceReading
from golive_checks.systems.backups.store import BackupStore
from golive_checks.systems.backups.unpacking import BaseBackup, base_backup_file, base_backup_in
from golive_checks.systems.postgres.client.dumps import SHARE
from golive_checks.systems.postgres.client.scratch import DrillConnection, ScratchServer
from golive_checks.systems.postgres.client.url import read
from golive_checks.systems.postgres.server_identity import ServerIdentity

LOOKED_AT = 1_000_000
"""How many bytes of a single file are read to see whether it is a base backup."""


def source_of(name: str, sources: Mapping[BackupSource, Backups | Unavailable] | Unavailable) -> BackupSource:
    """Find the source that the drill names.

    Raises:
        Unavailable: there is none of that name, or it holds no dumps.
    """
    known = {} if isinstance(sources, Unavailable) else {source.name: source for source in sources}
    if name not in known:
        there = ", ".join(known) or "none"
        raise Unavailable(
            f"drill.source names {name}; the profile's backup_sources are: {there}", fix="Name one of them."
        )
    source = known[name]
    if not source.named_by_pattern and not isinstance(source.where, InPgBackRest):
        raise Unavailable(
            f"{name} holds no dumps, base backups or backups of pgBackRest: its own tool restores it",
            fix="Restore it as that tool does, on another machine; or let the drill take another source.",
        )
    return source


def newest_of(source: BackupSource, sources: Mapping[BackupSource, Backups | Unavailable]) -> Backup:
    """Return the newest dump of a source."""
    seen = sources[source]
    if isinstance(seen, Unavailable):
        raise seen
    if not seen.newest:
        raise Unavailable(f"{source.name} holds no dump to restore", fix="See backup.fresh.")
    return seen.newest[0]


async def base_backup_of(source: BackupSource, backup: Backup, store: BackupStore) -> BaseBackup | None:
    """Return the base backup that a backup is; None where it is a dump, or pgBackRest's."""
    if not source.named_by_pattern:
        return None
    if backup.directory:
        return base_backup_in(backup.name, await files_of(store, source, backup))
    reading = SourceReading(store, source, LOOKED_AT)
    try:
        return await asyncio.to_thread(base_backup_file, reading, backup.name, backup.size or 0)
    finally:
        reading.stopped = True


def cluster_plan(
    to: Recovery, source: BackupSource, folders: Mapping[Database, object] | Unavailable
) -> tuple[ClusterPlan, str]:
    """Return how a cluster is restored, and the database in it that is asked.

    Raises:
        Unavailable: the profile does not say.
    """
    if to.cluster is None:
        raise Unavailable(
            f"{source.name} holds whole clusters, and the profile lets golive start no server for one (drill.cluster)",
            fix="Set drill.cluster: {} where such a server may run.",
        )
    known = [] if isinstance(folders, Unavailable) else [*folders]
    fitting = [each for each in known if each.name == source.of] if source.of else known
    if not to.cluster.database and len(fitting) != 1:
        raise Unavailable(
            f"golive cannot determine which database of {source.name} is to be asked",
            fix="Name it in drill.cluster.database.",
        )
    return to.cluster, to.cluster.database or read(fitting[0].url).database


def refuse_what_cannot_be_fetched(to: Recovery, source: BackupSource, backup: Backup) -> None:
    """Refuse a dump that no scratch server is there for, or that is many objects of a bucket."""
    if not to.url.get_secret_value():
        raise Unavailable(
            f"{source.name} holds dumps, and the profile names no scratch server (drill.url)", fix="Set drill.url."
        )
    if backup.directory and isinstance(source.where, InBucket):
        raise Unavailable(
            f"{backup.name} is many objects of a bucket, and the drill fetches one",
            fix="Dump in the custom format, or let the drill take a source that is a directory.",
        )


async def safe_server(
    to: Recovery, keeper: DrillConnection, servers: Mapping[Database, ServerIdentity | Unavailable] | Unavailable
) -> ScratchServer:
    """Return the scratch server, unless a drill there could harm what the profile looks at."""
    server = await keeper.server()
    if not to.same_server:
        keep_off(server, servers)
    if danger := await keeper.danger():
        raise Unavailable(danger, fix="Give the drill a role of its own: CREATE ROLE golive_drill LOGIN CREATEDB.")
    return server


def keep_off(server: ScratchServer, servers: Mapping[Database, ServerIdentity | Unavailable] | Unavailable) -> None:
    """Refuse a scratch server that holds a database of the profile, or may hold one.

    Raises:
        Unavailable: it is one, or one of them could not be compared.
    """
    if isinstance(servers, Unavailable):
        return  # the profile names no database
    for database, identity in servers.items():
        if isinstance(identity, Unavailable):
            raise Unavailable(
                f"golive cannot determine whether the scratch server is that of {database.name}: {identity.reason}",
                fix=identity.fix or "Let golive ask that database, or set drill.same_server where that is meant.",
            )
        if (identity.identifier, identity.started_at) == (server.identifier, server.started_at):
            raise Unavailable(
                f"the scratch server is the one that holds {database.name}: a restore there takes its disk and memory",
                fix="Name another server in drill.url, or set drill.same_server where that is meant.",
            )


def room_for(size: int, free: int | None, folder: str) -> str:
    """Return what was not seen of the scratch server's disk; empty where there is room on it.

    Raises:
        Unavailable: there is too little.
    """
    if free is None:
        return "how much is free on the scratch server's disk (drill.data_dir names its folder, where that is here)"
    if free < SHARE * size:
        raise Unavailable(
            f"the scratch server's disk ({folder}) has {free:,} bytes free, and the copy may need {SHARE * size:,}",
            fix="Give it more room.",
        )
    return ""
