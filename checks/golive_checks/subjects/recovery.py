"""How the newest dump is put back and what must then be true, and the profile key that says so."""

from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from golive import Entry, Subject, subjects
from golive.profile.types import Duration, FilePath
from golive_checks.subjects.databases import PostgresUrl

Seconds = Annotated[Duration, Field(gt=0)]


class QueryEntry(BaseModel):
    """A question to the restored copy, and the answer that proves it."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    sql: str = Field(min_length=1, max_length=10_000)
    """A query; it runs in a transaction that may only read."""
    min_rows: int | None = Field(default=None, ge=1)
    """It must return at least this many rows."""
    value: str | int | None = None
    """Or: the first column of its first row must be this."""

    @model_validator(mode="after")
    def _one_expectation(self) -> "QueryEntry":
        if (self.min_rows is None) == (self.value is None):
            raise ValueError("needs either min_rows or value")
        return self


class ClusterEntry(BaseModel):
    """How a whole cluster is restored: a base backup, or a backup of pgBackRest. It is a server on this machine."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    database: str = Field(default="", max_length=63)
    """The database in it that is asked; empty: that of the source's database (`of`)."""
    role: str = Field(default="postgres", min_length=1, max_length=63)
    """A role in it that may read what the queries ask; it needs no password."""
    run_as: str = "postgres"
    """The user of this machine that runs the server where golive itself is root, which PostgreSQL refuses."""
    restore_command: str = Field(default="", max_length=1000)
    """What fetches WAL that a base backup lacks, as in postgresql.conf: `cp /archive/%f "%p"`; pgBackRest has its
    own."""
    settings: dict[Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_.]*$")], str] = {}
    """Settings that the server needs, such as {shared_preload_libraries: timescaledb}; those that would let it reach
    other servers are not taken from here."""


class DrillEntry(Entry):
    """The restore drill: the newest backup of a source, restored into a scratch place and asked questions."""

    source: str = Field(min_length=1)
    """The name under `backup_sources:` of the dumps, the base backups, or pgBackRest's stanza."""
    evidence: FilePath
    """The file that a drill writes and that later runs read, such as evidence/restore.json."""
    url: PostgresUrl = SecretStr("")
    """The scratch server, as a role that may create databases and is no superuser; empty: no drill from here."""
    cluster: ClusterEntry | None = None
    """For base backups and pgBackRest, in place of `url`: `{}` lets the drill start a server of its own here."""
    queries: tuple[QueryEntry, ...] = Field(default=(), max_length=100)
    """What the restored copy is asked."""
    max_rto_s: Seconds | None = None
    """The recovery time objective: from fetching the dump to the last query answered."""
    max_rpo_s: Seconds | None = None
    """The recovery point objective: how old the dump may be when the drill starts."""
    same_server: bool = False
    """Whether the scratch server may be one that holds a database of this profile."""
    operator: str = Field(default="", max_length=200)
    """Who answers for the drill; empty: the user that runs golive."""
    bin_dir: FilePath = ""
    """The folder of pg_restore, psql and, for clusters, postgres; empty: PATH, then where Debian and Homebrew keep
    them."""
    jobs: int = Field(default=1, ge=1, le=64)
    """How many connections pg_restore uses."""
    max_dump_bytes: int = Field(default=100_000_000_000, ge=1)
    """A larger dump is not fetched."""
    timeout_s: Seconds = 3600.0
    """How long a drill may take in all, with `golive drill`."""
    query_timeout_s: Seconds = 60.0
    """How long each query may take."""
    temp_dir: FilePath = ""
    """Where a fetched dump, or a restored cluster, is kept meanwhile; empty: the system's folder for such files."""
    data_dir: FilePath = ""
    """The scratch server's data folder where it is on this machine, so that its free space can be seen."""

    @model_validator(mode="after")
    def _asks_something(self) -> "DrillEntry":
        if (self.url.get_secret_value() or self.cluster) and not self.queries:
            raise ValueError("needs at least one of queries: a copy that was never queried proves nothing")
        return self


@dataclass(frozen=True)
class Query:
    """A question to the copy: at least so many rows, or this value."""

    sql: str
    min_rows: int | None = None
    value: str | None = None

    @property
    def wanted(self) -> str:
        """What is wanted of the answer, in words."""
        return f"at least {self.min_rows} rows" if self.value is None else repr(self.value)

    def answered_by(self, rows: int, value: str | None) -> bool:
        """Return whether an answer is what is wanted."""
        return rows >= (self.min_rows or 0) if self.value is None else value == self.value


@dataclass(frozen=True)
class ClusterPlan:
    """How a whole cluster is restored; see `ClusterEntry`."""

    database: str = ""
    role: str = "postgres"
    run_as: str = "postgres"
    restore_command: str = ""
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Recovery(Subject):
    """How a source's newest dump is put back, by the source's name."""

    url: SecretStr = field(default=SecretStr(""), repr=False)
    cluster: ClusterPlan | None = None
    evidence: str = ""
    queries: tuple[Query, ...] = ()
    max_rto_s: float | None = None
    max_rpo_s: float | None = None
    same_server: bool = False
    operator: str = ""
    bin_dir: str = ""
    jobs: int = 1
    max_dump_bytes: int = 100_000_000_000
    timeout_s: float = 3600.0
    query_timeout_s: float = 60.0
    temp_dir: str = ""
    data_dir: str = ""

    def in_time(self, rto_s: float) -> bool:
        """Return whether a recovery that takes so long meets its objective (RTO)."""
        return self.max_rto_s is None or rto_s <= self.max_rto_s

    def recent_enough(self, rpo_s: float) -> bool:
        """Return whether a dump of that age meets its objective (RPO)."""
        return self.max_rpo_s is None or rpo_s <= self.max_rpo_s


@subjects("drill", empty="the profile declares no restore drill")
def recoveries(entry: DrillEntry) -> tuple[Recovery, ...]:
    """Name what the drill restores."""
    return (
        Recovery(
            entry.source,
            url=entry.url,
            cluster=_cluster(entry.cluster),
            evidence=entry.evidence,
            queries=tuple(Query(q.sql, q.min_rows, None if q.value is None else str(q.value)) for q in entry.queries),
            max_rto_s=entry.max_rto_s,
            max_rpo_s=entry.max_rpo_s,
            same_server=entry.same_server,
            operator=entry.operator.strip(),
            bin_dir=entry.bin_dir,
            jobs=entry.jobs,
            max_dump_bytes=entry.max_dump_bytes,
            timeout_s=entry.timeout_s,
            query_timeout_s=entry.query_timeout_s,
            temp_dir=entry.temp_dir,
            data_dir=entry.data_dir,
            own=entry.own(),
        ),
    )


def _cluster(entry: ClusterEntry | None) -> ClusterPlan | None:
    if entry is None:
        return None
    return ClusterPlan(entry.database, entry.role, entry.run_as, entry.restore_command, tuple(entry.settings.items()))
