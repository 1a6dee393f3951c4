"""What pgBackRest and Barman print of their backups, and RDS reports about its snapshots. Pure."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import AliasChoices, AwareDatetime, BaseModel, Field, RootModel, ValidationError

from golive import Unavailable, shortened
from golive_checks.subjects.backups import InBarman, InPgBackRest
from golive_checks.systems.aws.client.rds import Described
from golive_checks.systems.backups.listing import Backup, BackupList, BackupTally

OK, OTHER = 0, 99
"""pgBackRest's status codes (https://pgbackrest.org/command.html#command-info): 99 is an error of its own."""
NO_BACKUPS = {1, 2, 3}
"""Missing stanza path, no valid backups, missing stanza data."""
AVAILABLE = "available"
STILL_GOING = {"EMPTY", "STARTED", "WAITING_FOR_WALS", "creating", "copying"}
"""Of Barman (barman.infofile.BackupInfo) and of RDS: what may yet become a backup."""
MAX_MESSAGE = 200


class _Status(BaseModel):
    code: int = OK
    message: str = ""

    def describe(self) -> str:
        """Return its first line, as much of it as can be shown."""
        line = shortened(self.message.split("\n")[0], MAX_MESSAGE)
        return f"status {self.code}: {''.join(c if c.isprintable() else '?' for c in line)}"


class _Repo(BaseModel):
    key: int = 1
    cipher: str = "none"
    status: _Status = Field(default_factory=_Status)


class _Times(BaseModel):
    stop: int


class _Database(BaseModel):
    repo_key: int | None = Field(default=None, alias="repo-key")


class _Info(BaseModel):
    size: int | None = None


class _PgBackup(BaseModel):
    label: str
    timestamp: _Times
    type: str = ""
    error: bool | None = None
    info: _Info = Field(default_factory=_Info)
    database: _Database = Field(default_factory=_Database)


class _Stanza(BaseModel):
    name: str
    status: _Status = Field(default_factory=_Status)
    cipher: str = "none"
    repo: list[_Repo] = []
    backup: list[_PgBackup] = []


class _Stanzas(RootModel[list[_Stanza]]):
    pass


def pgbackrest(text: bytes, where: InPgBackRest, timezone: str) -> BackupList:
    """Read what `pgbackrest info --output=json` printed; versions before 2.32 name no repository."""
    try:
        stanzas = _Stanzas.model_validate(read_json(text)).root
    except (ValueError, RecursionError):
        raise _nonsense("pgbackrest info --output=json") from None
    tally = BackupTally(timezone)
    stanza = next((found for found in stanzas if found.name == where.stanza), None)
    if stanza is None:
        return tally.done(complaints=(f"pgBackRest knows no stanza {where.stanza!r}",))
    repos = [repo for repo in stanza.repo if where.repo in {None, repo.key}]
    if where.repo and stanza.repo and not repos:
        return tally.done(complaints=(f"pgBackRest has no repository {where.repo} for {where.stanza!r}",))
    ciphers = {repo.key: repo.cipher for repo in repos}
    for backup in stanza.backup:
        if where.repo in {None, backup.database.repo_key} or backup.database.repo_key is None:
            cipher = ciphers.get(backup.database.repo_key or 1, stanza.cipher)
            tally.add(_of_pgbackrest(backup, cipher))
    complaints = dict.fromkeys(_complaints(stanza, repos))
    return tally.done(complaints=tuple(complaints))


def _complaints(stanza: _Stanza, repos: list[_Repo]) -> Iterator[str]:
    """Yield what is wrong with a stanza; that pgBackRest itself could not look is a gap."""
    for status in [repo.status for repo in repos] or [stanza.status]:
        if status.code == OTHER:
            raise Unavailable(
                f"pgBackRest could not read its repository ({status.describe()})",
                fix="Run `pgbackrest info` by hand: the repository must be reachable, and its passphrase right.",
            )
        if status.code != OK:
            yield f"pgBackRest says {status.describe()}"


def _of_pgbackrest(backup: _PgBackup, cipher: str) -> Backup:
    return Backup(
        backup.label,
        _moment(backup.timestamp.stop),
        backup.info.size,
        origin="tool",
        kind=backup.type,
        error="pgBackRest found page checksum errors in it" if backup.error else "",
        encrypted="" if cipher == "none" else cipher,
    )


class _BarmanBackup(BaseModel):
    backup_id: str
    status: str = "DONE"
    end_time_timestamp: int | None = None
    size_bytes: int | None = None
    backup_type: str = ""
    encryption: str | None = None


class _Servers(RootModel[dict[str, Any]]):
    pass


class _BarmanBackups(RootModel[list[_BarmanBackup]]):
    pass


def barman(text: bytes, where: InBarman, timezone: str) -> BackupList:
    """Read what `barman -f json list-backups all` printed; versions before 2.16 name no status where all is well."""
    tally = BackupTally(timezone)
    try:
        servers = _Servers.model_validate(read_json(text)).root
        if where.server not in servers:
            if errors := servers.get("_ERROR"):
                raise Unavailable(f"Barman says: {_Status(message=shortened(str(errors), MAX_MESSAGE)).describe()}")
            return tally.done(complaints=(f"Barman knows no server {where.server!r}",))
        found = _BarmanBackups.model_validate(servers[where.server]).root
    except (ValueError, RecursionError):
        raise _nonsense("barman -f json list-backups all") from None
    for backup in found:
        (tally.unfinished if backup.status in STILL_GOING else tally).add(_of_barman(backup, tally.zone))
    return tally.done()


def _of_barman(backup: _BarmanBackup, zone: dt.tzinfo) -> Backup:
    if backup.end_time_timestamp is None:  # one that failed or is still running: its name is the time it began at
        try:
            began = dt.datetime.strptime(backup.backup_id, "%Y%m%dT%H%M%S").replace(tzinfo=zone)
        except ValueError:
            raise _nonsense("barman -f json list-backups all") from None
        taken_at = began.astimezone(dt.UTC)
    else:
        taken_at = _moment(backup.end_time_timestamp)
    return Backup(
        backup.backup_id,
        taken_at,
        backup.size_bytes,
        origin="tool",
        kind=backup.backup_type,
        error="" if backup.status == "DONE" else f"Barman says that it is {backup.status}",
        encrypted=backup.encryption or "",
    )


class _Snapshot(BaseModel):
    """A snapshot of an instance or of a cluster: they name themselves differently."""

    name: str = Field(validation_alias=AliasChoices("DBSnapshotIdentifier", "DBClusterSnapshotIdentifier"))
    taken_at: AwareDatetime | None = Field(default=None, alias="SnapshotCreateTime")  # none while it is being made
    status: str = Field(alias="Status")
    kind: str = Field(default="", alias="SnapshotType")
    encrypted: bool = Field(default=False, validation_alias=AliasChoices("Encrypted", "StorageEncrypted"))


class _Managed(BaseModel):
    """An instance or a cluster."""

    retention_days: int = Field(default=0, alias="BackupRetentionPeriod")
    recoverable_until: dt.datetime | None = Field(default=None, alias="LatestRestorableTime")


def rds(server: Described, snapshots: Iterable[Described], timezone: str) -> BackupList:
    """Read what RDS says of an instance or a cluster, and of its snapshots."""
    tally = BackupTally(timezone)
    try:
        managed = _Managed.model_validate(server)
        for found in snapshots:
            if snapshot := rds_snapshot(found):
                backup, going = snapshot
                (tally.unfinished if going else tally).add(backup)
    except ValidationError:
        raise Unavailable("RDS's answer is not what its documentation says") from None
    return tally.done(recoverable_until=managed.recoverable_until, retention_days=managed.retention_days)


def rds_snapshot(found: Described) -> tuple[Backup, bool] | None:
    """Read a snapshot, and whether it is still being made; None where it has not begun."""
    snapshot = _Snapshot.model_validate(found)
    if not snapshot.taken_at:
        if snapshot.status == AVAILABLE:
            raise Unavailable("a snapshot is listed without its time", fix="Let the command print SnapshotCreateTime.")
        return None
    return _of_rds(snapshot, snapshot.taken_at), snapshot.status in STILL_GOING


def _of_rds(snapshot: _Snapshot, taken_at: dt.datetime) -> Backup:
    error = "" if snapshot.status == AVAILABLE else f"RDS says that it is {snapshot.status}"
    encrypted = "RDS" if snapshot.encrypted else ""
    return Backup(snapshot.name, taken_at, None, "tool", kind=snapshot.kind, error=error, encrypted=encrypted)


def read_json(text: bytes) -> Any:
    """Read JSON, control characters in its texts included: pgBackRest 2.45 quotes what it could not read as it is."""
    return json.loads(text.decode("utf-8", "replace"), strict=False)


def _moment(seconds: int) -> dt.datetime:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError):
        raise Unavailable(f"{seconds} seconds after 1970 is no time that a backup may have been taken at") from None


def _nonsense(command: str) -> Unavailable:
    return Unavailable(
        f"the command printed something else than `{command}` prints", fix="Run the profile's command by hand."
    )
