"""What the programs of backup tools and cloud providers print of their backups, as JSON. Pure."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import AliasChoices, AliasPath, BaseModel, Field, RootModel, TypeAdapter, ValidationError

from golive import Unavailable, shortened
from golive_checks.subjects.backups import InCommand, Prints
from golive_checks.systems.backups import tools as backup_tools
from golive_checks.systems.backups.listing import Backup, BackupList, BackupTally
from golive_checks.systems.backups.tools import read_json

COMMANDS: Mapping[Prints, str] = {
    "restic": "restic snapshots --json",
    "borg": "borg list --json",
    "wal-g": "wal-g backup-list --detail --json",
    "velero": "velero backup get -o json",
    "rds": "aws rds describe-db-snapshots --output json",
    "aurora": "aws rds describe-db-cluster-snapshots --output json",
    "cloud-sql": "gcloud sql backups list --format=json",
    "rclone": "rclone lsjson",
    "json": "a list of objects with `time` and `id`",
}
MAX_MESSAGE = 200
YEARS = range(2000, 2100)
"""Another time is none: Go's zero, or a day such as 20260105 that was taken for seconds since 1970."""
GOING = {"New", "Queued", "ReadyToStart", "InProgress", "Finalizing", "FinalizingPartiallyFailed"}
GOING |= {"WaitingForPluginOperations", "WaitingForPluginOperationsPartiallyFailed"}
"""Phases of Velero's in which a backup is still being made (https://velero.io/docs/main/api-types/backup/)."""
OF_CLOUD_GOING = {"ENQUEUED", "OVERDUE", "RUNNING"}
"""States of Cloud SQL's in which a backup is still to be made (SqlBackupRunStatus in its API)."""
UNENCRYPTED = {"none", "authenticated", "authenticated-blake2"}
"""Modes of Borg's that hide nothing (borg-init(1))."""

Found = tuple[Backup, bool]
"""A backup, and whether it is still being made."""


class _Summary(BaseModel):
    total_bytes_processed: int | None = None


class _Snapshot(BaseModel):
    """Of restic; older versions print no summary."""

    time: dt.datetime
    id: str
    short_id: str = ""
    summary: _Summary | None = None


class _SnapshotGroup(BaseModel):
    """What restic prints with --group-by."""

    snapshots: list[_Snapshot]


def _restic(data: Any, zone: dt.tzinfo) -> Iterator[Found]:
    found = RootModel[list[_SnapshotGroup | _Snapshot]].model_validate([] if data is None else data).root
    for each in (s for one in found for s in (one.snapshots if isinstance(one, _SnapshotGroup) else [one])):
        name, size = each.short_id or each.id, each.summary.total_bytes_processed if each.summary else None
        yield Backup(name, _moment(each.time, zone), size, "tool", encrypted="restic"), False


class _Encryption(BaseModel):
    mode: str = ""


class _Archive(BaseModel):
    """Older versions print `time` alone, with or without a zone."""

    name: str
    start: dt.datetime = Field(validation_alias=AliasChoices("start", "time"))


class _Archives(BaseModel):
    """Of Borg 1, whose times are those of the machine that prints them, and of Borg 2, whose times have a zone."""

    archives: list[_Archive]
    encryption: _Encryption = Field(default_factory=_Encryption)


def _borg(data: Any, zone: dt.tzinfo) -> Iterator[Found]:
    found = _Archives.model_validate(data)
    mode = found.encryption.mode
    encrypted = f"borg, {mode}" if mode and mode not in UNENCRYPTED else ""
    for each in found.archives:
        going = each.name.rpartition(".checkpoint")[2].isdigit() or each.name.endswith(".checkpoint")
        yield Backup(each.name, _moment(each.start, zone), None, "tool", encrypted=encrypted), going


class _WalG(BaseModel):
    """Of WAL-G; what it prints without --detail, and what WAL-E's successors printed before, have fewer names."""

    backup_name: str = Field(validation_alias=AliasChoices("backup_name", "name"))
    finish_time: dt.datetime | None = None
    time: dt.datetime | None = None
    modified: dt.datetime | None = Field(
        default=None, validation_alias=AliasChoices("modified", "last_modified", "modify_time")
    )
    compressed_size: int | None = None


def _wal_g(data: Any, zone: dt.tzinfo) -> Iterator[Found]:
    for each in RootModel[list[_WalG]].model_validate([] if data is None else data).root:
        at = each.finish_time or each.time or each.modified
        if at is None:
            raise ValueError
        kind = "delta" if "_D_" in each.backup_name else "full"
        yield Backup(each.backup_name, _moment(at, zone), each.compressed_size or None, "tool", kind=kind), False


class _Metadata(BaseModel):
    name: str
    created: dt.datetime = Field(alias="creationTimestamp")


class _Status(BaseModel):
    phase: str = "New"
    completed: dt.datetime | None = Field(default=None, alias="completionTimestamp")
    errors: int = 0


class _OfVelero(BaseModel):
    metadata: _Metadata
    status: _Status = Field(default_factory=_Status)


def _velero(data: Any, zone: dt.tzinfo) -> Iterator[Found]:
    several = isinstance(data, dict) and str(data.get("kind", "")).endswith("List")  # a single one is no list
    for each in RootModel[list[_OfVelero]].model_validate(data["items"] if several else [data]).root:
        phase, errors = each.status.phase, each.status.errors
        text = f"{phase}, with {errors:,} errors" if errors else phase
        error = "" if phase == "Completed" else f"Velero says that it is {text}"
        at = _moment(each.status.completed or each.metadata.created, zone)
        yield Backup(each.metadata.name, at, None, "tool", error=error), phase in GOING


class _CloudRun(BaseModel):
    """A backup of Cloud SQL: a backup run, or one of those that outlive their instance (backups.list)."""

    name: str = Field(validation_alias=AliasChoices("id", "name"))
    end: dt.datetime | None = Field(
        default=None, validation_alias=AliasChoices("endTime", AliasPath("backupInterval", "endTime"))
    )
    start: dt.datetime | None = Field(
        default=None,
        validation_alias=AliasChoices("startTime", AliasPath("backupInterval", "startTime"), "windowStartTime"),
    )
    status: str = Field(validation_alias=AliasChoices("status", "state"))
    kind: str = Field(default="", alias="type")
    key: Any = Field(
        default=None, validation_alias=AliasChoices("diskEncryptionConfiguration", "diskEncryptionStatus", "kmsKey")
    )


def _cloud_sql(data: Any, zone: dt.tzinfo) -> Iterator[Found]:
    for each in RootModel[list[_CloudRun]].model_validate([] if data is None else data).root:
        at, going = each.end or each.start, each.status in OF_CLOUD_GOING
        if at is None:
            if going:
                continue  # it waits for its turn
            raise ValueError
        error = "" if each.status == "SUCCESSFUL" else f"Cloud SQL says that it is {each.status}"
        encrypted = "a key of the customer's in Cloud KMS" if each.key else "Google"
        name, kind = each.name.rpartition("/")[2], each.kind.lower()
        yield Backup(name, _moment(at, zone), None, "tool", kind=kind, error=error, encrypted=encrypted), going


class _Listed(BaseModel):
    """A file as rclone lists it; of a folder, and where a remote does not say, the size is -1."""

    path: str = Field(alias="Path")
    size: int = Field(alias="Size")
    modified: dt.datetime = Field(alias="ModTime")
    folder: bool = Field(default=False, alias="IsDir")
    cipher: str = Field(default="", alias="EncryptedPath")


def _rclone(data: Any, zone: dt.tzinfo) -> Iterator[Found]:
    found = RootModel[list[_Listed]].model_validate(data).root
    if found and all(each.folder for each in found):
        raise Unavailable("rclone listed folders alone, not what is in them", fix="Add -R to the profile's command.")
    for each in found:
        if not each.folder:
            encrypted = "rclone crypt" if each.cipher else ""
            size = each.size if each.size >= 0 else None
            yield Backup(each.path, _moment(each.modified, zone), size, "tool", encrypted=encrypted), size == 0


def _snapshots(data: Any, word: str) -> Iterator[Found]:
    """Read what the AWS CLI prints; a list that it cut short (--max-items) is none."""
    if data.get("NextToken") or data.get("Marker"):
        raise Unavailable("the command printed only the first snapshots", fix="Leave --max-items out of it.")
    for each in data[word]:
        if found := backup_tools.rds_snapshot(each):
            yield found


class _Any(BaseModel):
    time: dt.datetime
    id: str
    size: int | None = Field(default=None, ge=0)
    kind: str = ""
    error: str = ""
    encrypted: str | bool = ""
    repository: str = ""


def _own(data: Any, zone: dt.tzinfo) -> Iterator[Found]:
    for each in RootModel[list[_Any]].model_validate(data).root:
        encrypted = each.encrypted if isinstance(each.encrypted, str) else "its server" * each.encrypted
        error = "".join(c if c.isprintable() else " " for c in shortened(each.error, MAX_MESSAGE))
        name = f"{each.repository}/{each.id}" if each.repository else each.id
        at = _moment(each.time, zone)
        yield Backup(name, at, each.size, "tool", kind=each.kind, error=error, encrypted=encrypted), False


READ: Mapping[Prints, Callable[[Any, dt.tzinfo], Iterator[Found]]] = {
    "restic": _restic,
    "borg": _borg,
    "wal-g": _wal_g,
    "velero": _velero,
    "rds": lambda data, _: _snapshots(data, "DBSnapshots"),
    "aurora": lambda data, _: _snapshots(data, "DBClusterSnapshots"),
    "cloud-sql": _cloud_sql,
    "rclone": _rclone,
    "json": _own,
}


def printed(text: bytes, where: InCommand, timezone: str) -> BackupList:
    """Read what a command printed.

    Raises:
        Unavailable: it is something else than what is expected.
    """
    tally = BackupTally(timezone)
    try:
        data = read_json(text)
        if where.prints == "json":
            data = _renamed(data, where)
        for backup, going in READ[where.prints](data, tally.zone):
            known = replace(backup, encrypted=backup.encrypted or where.encrypted_by)
            (tally.unfinished if going else tally).add(known)
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise Unavailable(
            f"`{where.command[0]}` printed something else than {COMMANDS[where.prints]}",
            fix="Run the profile's command by hand; `fields` names what is called differently in its JSON.",
        ) from None
    return tally.done()


def _renamed(data: Any, where: InCommand) -> list[dict[str, Any]]:
    """Return a list whose objects have golive's names, out of one with names of its own."""
    items = _at(data, where.items)
    names = {name: name for name in _Any.model_fields} | dict(where.fields)
    found = [
        {name: _at(item, path) for name, path in names.items()}
        for item in TypeAdapter(list[Any]).validate_python(items)
    ]
    return [{name: _as_text(name, value) for name, value in each.items() if value is not None} for each in found]


def _as_text(name: str, value: Any) -> Any:
    if name == "error" and not value:  # false, 0 errors, an empty list of them
        return ""
    return str(value) if name in {"id", "kind", "error"} else value


def _at(data: Any, path: str) -> Any:
    """Follow a path of names with dots between them; None where it leads nowhere."""
    for name in filter(None, path.split(".")):
        if not isinstance(data, dict):
            return None
        data = data.get(name)
    return data


def _moment(at: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    if at.year not in YEARS:
        raise ValueError
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(dt.UTC)
