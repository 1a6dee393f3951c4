"""What must be so before a drill begins: the right source, another server, a harmless role, room on the disks."""

from collections.abc import Mapping

from golive import Unavailable
from golive_checks.subjects import BackupSource, Database, Recovery
from golive_checks.subjects.backups import InBucket
from golive_checks.systems.backups.facts import Backup, Backups
from golive_checks.systems.postgres.client.dumps import SHARE
from golive_checks.systems.postgres.client.scratch import DrillConnection, ScratchServer
from golive_checks.systems.postgres.server_identity import ServerIdentity


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
    if not source.named_by_pattern:
        raise Unavailable(
            f"{name} holds no dumps of pg_dump: its own tool restores it",
            fix="Restore it as that tool does, on another machine; or let the drill take a source of dumps.",
        )
    return source


def newest_of(source: BackupSource, sources: Mapping[BackupSource, Backups | Unavailable]) -> Backup:
    """Return the newest dump of a source."""
    seen = sources[source]
    if isinstance(seen, Unavailable):
        raise seen
    if not seen.newest:
        raise Unavailable(f"{source.name} holds no dump to restore", fix="See backup.fresh.")
    backup = seen.newest[0]
    if backup.directory and isinstance(source.where, InBucket):
        raise Unavailable(
            f"{backup.name} is many objects of a bucket, and the drill fetches one",
            fix="Dump in the custom format, or let the drill take a source that is a directory.",
        )
    return backup


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
