"""Where backups are kept, and the profile key that names it."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from golive import Entry, Subject, subjects
from golive.profile.types import FilePath
from golive_checks.subjects.backup_names import compiled
from golive_checks.subjects.buckets import BucketPlace, PlaceEntry, place_of

Medium = Literal["disk", "object storage", "snapshot", "tape"]
CompareBy = Literal["size", "time"]
AMAZON = "amazonaws.com"
KINDS = ("s3", "directory", "pgbackrest", "barman", "rds", "command")
Prints = Literal["json", "restic", "borg", "wal-g", "velero", "rds", "aurora", "cloud-sql", "rclone"]


def _zone(name: str) -> str:
    zone_of(name)
    return name


def _pattern(text: str) -> str:
    compiled(text)
    return text


class InBucketEntry(PlaceEntry):
    """Objects below a prefix of a bucket."""

    prefix: str = Field(default="", max_length=500)
    """What their keys begin with, up to where their names begin: `postgres/nightly/`."""


class PgBackRestEntry(BaseModel):
    """What pgBackRest reports about one stanza."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    stanza: str = Field(min_length=1)
    """The stanza's name in pgbackrest.conf."""
    command: tuple[str, ...] = Field(default=("pgbackrest", "info", "--output=json"), min_length=1)
    """A command that prints what `pgbackrest info --output=json` prints, such as [ssh, db1, pgbackrest, …]."""
    repo: int | None = Field(default=None, ge=1)
    """The number of one of its repositories; without it, all of them."""


class BarmanEntry(BaseModel):
    """What Barman reports about one server."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    server: str = Field(min_length=1)
    """The server's name in Barman's configuration."""
    command: tuple[str, ...] = Field(default=("barman", "-f", "json", "list-backups", "all"), min_length=1)
    """A command that prints what `barman -f json list-backups all` prints."""


class RdsEntry(BaseModel):
    """The snapshots, automated and manual, of an instance or a cluster of Amazon RDS."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    instance: str = ""
    """The identifier of a DB instance."""
    cluster: str = ""
    """The identifier of a DB cluster, as Aurora's."""

    @model_validator(mode="after")
    def _one_of_both(self) -> "RdsEntry":
        if bool(self.instance) == bool(self.cluster):
            raise ValueError("needs either instance or cluster")
        return self


class CommandEntry(BaseModel):
    """What a command prints of the backups that a tool keeps, as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    run: tuple[str, ...] = Field(min_length=1)
    """The command, such as [restic, snapshots, --json]; it has golive's environment."""
    prints: Prints = "json"
    """Whose form it prints: that of `restic snapshots --json`, `borg list --json`,
    `wal-g backup-list --detail --json`, `velero backup get -o json`, `aws rds describe-db-snapshots` (rds) or
    `describe-db-cluster-snapshots` (aurora), `gcloud sql backups list --format=json`, `rclone lsjson`.

    json is a list of objects with `time` and `id`, and where there is one `size` in bytes, `repository`, `kind`,
    `error`, `encrypted`."""
    items: str = ""
    """Where in the JSON the list is, with dots between the names; empty: it is all of it."""
    fields: dict[Literal["time", "id", "size", "repository", "kind", "error", "encrypted"], str] = {}
    """What is called differently there: `{time: SnapshotCreateTime, id: DBSnapshotIdentifier}`."""
    encrypted_by: str = ""
    """What encrypts each of them, if the command does not say."""


class BackupSourceEntry(Entry):
    """A place that backups are kept in, of one of the kinds s3, directory, pgbackrest, barman, rds, command."""

    s3: InBucketEntry | None = None
    """A bucket of S3 or of a compatible server, and the prefix of the backups in it."""
    directory: FilePath = ""
    """A folder of this machine."""
    pgbackrest: PgBackRestEntry | None = None
    barman: BarmanEntry | None = None
    rds: RdsEntry | None = None
    command: CommandEntry | None = None
    pattern: Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_pattern)] = "*"
    """What the names in a bucket or folder look like: `afrigest-{date}.dump`, `{date}T{time}/base`, with * and ?.

    {date} and {time} read 2026-01-05, 20260105, 02:15, 021500Z, 0215+0100; {epoch} seconds since 1970; or write
    {year} {month} {day} {hour} {minute} {second} one by one. Without a day in the name, the time of the file counts.
    """
    timezone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """The time zone of the times in the names, such as Africa/Dakar."""
    of: str = ""
    """The name under `databases:` of the database that these are backups of."""
    since: dt.date | None = None
    """The day from which on there should be backups; without it, as many as are demanded."""
    copy_of: str = ""
    """The name of the source that this is an offsite copy of; empty: backups are made here."""
    compare_by: CompareBy = "size"
    """How a copy is compared: object by object, by name and size; or by the time of its newest alone, where it is
    encrypted on its way or made by itself."""
    provider: str = ""
    """Who runs the place, such as aws or ovh; empty: derived from the kind or the endpoint, or unknown."""
    medium: Medium | None = None
    """What it is kept on; without it, what its kind usually is."""
    encrypted: Literal["expected", ""] = ""
    """`expected`: each backup must be seen to be encrypted, by whoever stores it or before it got there."""

    @model_validator(mode="after")
    def _one_kind(self) -> "BackupSourceEntry":
        given = [name for name in KINDS if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of {', '.join(KINDS)}; has {' and '.join(given) or 'none'}")
        if "pattern" in self.model_fields_set and not (self.s3 or self.directory):
            raise ValueError(f"pattern is for names in a bucket or a directory; {given[0]} names its backups itself")
        return self


@dataclass(frozen=True)
class InBucket:
    """Objects of a bucket below a prefix."""

    place: BucketPlace
    prefix: str = ""


@dataclass(frozen=True)
class InFolder:
    """Files, and folders that are one backup, of a folder of this machine."""

    path: str


@dataclass(frozen=True)
class InPgBackRest:
    """Backups of a stanza, in one of its repositories or in all."""

    command: tuple[str, ...]
    stanza: str
    repo: int | None = None


@dataclass(frozen=True)
class InBarman:
    """Backups of a server of Barman's."""

    command: tuple[str, ...]
    server: str


@dataclass(frozen=True)
class InRds:
    """Snapshots of an instance, or of a cluster."""

    instance: str = ""
    cluster: str = ""


@dataclass(frozen=True)
class InCommand:
    """Backups that a command lists."""

    command: tuple[str, ...]
    prints: Prints = "json"
    items: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    encrypted_by: str = ""


Where = InBucket | InFolder | InPgBackRest | InBarman | InRds | InCommand
MEDIA: dict[type, Medium] = {
    InBucket: "object storage",
    InFolder: "disk",
    InPgBackRest: "disk",
    InBarman: "disk",
    InRds: "snapshot",
    InCommand: "object storage",
}


@dataclass(frozen=True)
class BackupSource(Subject):
    """A place that backups are kept in, by its name in the profile."""

    where: Where = field(default_factory=lambda: InFolder(""))
    pattern: str = "*"
    timezone: str = "UTC"
    of: str = ""
    since: dt.date | None = None
    copy_of: str = ""
    compare_by: CompareBy = "size"
    provider: str = ""
    medium: Medium = "disk"
    must_be_encrypted: bool = False

    @property
    def named_by_pattern(self) -> bool:
        """True where backups are objects or files, whose bytes can be read."""
        return isinstance(self.where, InBucket | InFolder)

    def location(self, name: str) -> str:
        """Return the key of a backup in its bucket, or its path on this machine."""
        if isinstance(self.where, InBucket):
            return self.where.prefix + name
        return f"{self.where.path}/{name}" if isinstance(self.where, InFolder) else name


def zone_of(name: str) -> dt.tzinfo:
    """Return a time zone by its name.

    Raises:
        ValueError: there is none of that name.
    """
    if name == "UTC":  # known also where the system has no table of zones
        return dt.UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone, such as Africa/Dakar") from None


@subjects("backup_sources", empty="the profile declares no backup source")
def backup_sources(key: str, entry: BackupSourceEntry) -> tuple[BackupSource, ...]:
    """Name the places of backups of the profile."""
    where = _where(entry)
    return (
        BackupSource(
            key,
            where=where,
            pattern=entry.pattern,
            timezone=entry.timezone,
            of=entry.of,
            since=entry.since,
            copy_of=entry.copy_of,
            compare_by=entry.compare_by,
            provider=entry.provider or _provider(where),
            medium=entry.medium or MEDIA[type(where)],
            must_be_encrypted=entry.encrypted == "expected",
            own=entry.own(),
        ),
    )


def _where(entry: BackupSourceEntry) -> Where:
    if entry.s3:
        return InBucket(place_of(entry.s3, entry.s3.key), entry.s3.prefix)
    if entry.pgbackrest:
        return InPgBackRest(entry.pgbackrest.command, entry.pgbackrest.stanza, entry.pgbackrest.repo)
    if entry.barman:
        return InBarman(entry.barman.command, entry.barman.server)
    if entry.rds:
        return InRds(entry.rds.instance, entry.rds.cluster)
    if entry.command:
        tool = entry.command
        return InCommand(tool.run, tool.prints, tool.items, tuple(tool.fields.items()), tool.encrypted_by)
    return InFolder(entry.directory.rstrip("/"))


def _provider(where: Where) -> str:
    """Name who runs a place, where the place itself tells."""
    if isinstance(where, InRds):
        return "aws"
    if not isinstance(where, InBucket):
        return ""
    host = urlsplit(where.place.endpoint_url).hostname or AMAZON
    if host.rpartition(".")[2].isdigit():
        return host
    domain = ".".join(host.split(".")[-2:])  # the regions of one provider differ in what stands before it
    return "aws" if domain == AMAZON else domain
