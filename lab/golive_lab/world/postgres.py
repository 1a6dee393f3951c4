"""The database server of the reference stack and its content, as a description."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, LiteralString

from golive_lab.world import postgres_texts as texts
from golive_lab.world.env_texts import made_up
from golive_lab.world.names import ZONE
from golive_lab.world.tls import Chain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SUPERUSER, APP, AUDIT, DRILL = "postgres", "afrigest", "golive_audit", "golive_drill"
"""The roles: the lab's own; the application's; the auditor's, who may only read; and that of restore drills."""
MASTER = "master"
HOST = f"db.{ZONE}"
TENANTS = ("tenant_demo", "tenant_conakry", "tenant_kankan")
"""Schemas of the master's database."""
DRILL_PORT = 1
"""Which of the spare ports the second cluster has."""
DRILL_PASSWORD = made_up("demo database drill", 32)
AUDIT_PASSWORD = made_up("demo database audit", 32)
APP_PASSWORD = made_up("demo database", 32)
"""As the API's env file has it."""


@dataclass(frozen=True)
class ClusterSetup:
    """A Postgres cluster: how it is set up, and who may connect."""

    up: bool = True
    settings: Mapping[str, str] = field(default_factory=dict)
    """Lines of postgresql.conf beyond the usual ones, by name."""
    certificate: Chain | None = field(default_factory=lambda: Chain(names=(HOST, "127.0.0.1")))
    """None: the server has no TLS."""
    takes_plain: bool = False
    """Whether it accepts connections without TLS."""
    archive: Literal["works", "off", "fails", "hangs"] = "works"
    """What becomes of the write-ahead log: copied to a folder; nothing; its command fails, or never ends."""
    slot: str = ""
    """A physical replication slot that nothing reads from."""
    standby: bool = False
    """Whether it only reads, and waits for what a primary writes; there is none."""


@dataclass(frozen=True)
class Pooler:
    """pgBouncer in transaction mode before the server, of the real stack only."""

    up: bool = True
    max_client_conn: int = 100
    pool_size: int = 10


@dataclass(frozen=True)
class Role:
    """A role of the cluster: its attributes, the roles that it is a member of, and its own settings."""

    password: str
    attributes: LiteralString = ""
    member_of: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Migration:
    """A folder of the repository with one file, migration.sql."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """What Prisma stores of it."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True)
class Row:
    """A row of _prisma_migrations; times as Postgres reads them, None for NULL."""

    migration_name: str
    checksum: str
    started_at: str = "2026-01-05 10:00:00+00"
    finished_at: str | None = "2026-01-05 10:00:01+00"
    rolled_back_at: str | None = None
    applied_steps_count: int = 1
    logs: str | None = None


def applied(migrations: Sequence[Migration]) -> tuple[Row, ...]:
    """Return the rows that Prisma stores as it applies migrations, one after the other."""
    return tuple(
        Row(m.name, m.checksum, f"2026-01-05 10:{minute:02}:00+00", f"2026-01-05 10:{minute:02}:01+00")
        for minute, m in enumerate(migrations)
    )


@dataclass(frozen=True)
class Schema:
    """A schema: the SQL that made its tables, and what Prisma has noted of it (None: the table is not there)."""

    sql: str = ""
    rows: tuple[Row, ...] | None = ()
    columns: tuple[str, ...] = texts.PRISMA_COLUMNS
    """Those that _prisma_migrations has: an older Prisma's had fewer."""


MASTER_MIGRATIONS = tuple(Migration(name, sql) for name, sql in texts.MASTER_MIGRATIONS)
TENANT_MIGRATIONS = tuple(Migration(name, sql) for name, sql in texts.TENANT_MIGRATIONS)


def as_migrated(migrations: Sequence[Migration], data: str = "") -> Schema:
    """Return a schema in which these migrations were applied, with some data."""
    return Schema("".join(m.sql for m in migrations) + data, applied(migrations))


def tenants() -> Mapping[str, Schema]:
    """Return the schemas of the healthy tenants."""
    return {name: as_migrated(TENANT_MIGRATIONS, texts.TENANT_DATA) for name in TENANTS}


def roles() -> Mapping[str, Role]:
    """Return the roles of the healthy server."""
    limits = {"statement_timeout": "30s", "idle_in_transaction_session_timeout": "60s", "lock_timeout": "10s"}
    return {
        APP: Role(APP_PASSWORD, settings=limits),
        AUDIT: Role(AUDIT_PASSWORD, member_of=("pg_monitor",)),
        DRILL: Role(DRILL_PASSWORD, attributes="CREATEDB"),
    }


@dataclass(frozen=True)
class Audited:
    """What is noted of who did what: all that was done, but for some domains, or without saying who did it."""

    silent: tuple[str, ...] = ()
    anonymous: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """What is in the server: roles, the master, and its tenants' schemas."""

    roles: Mapping[str, Role] = field(default_factory=roles)
    master: Schema = field(default_factory=lambda: as_migrated(MASTER_MIGRATIONS, texts.MASTER_DATA))
    tenants: Mapping[str, Schema] = field(default_factory=tenants)
    databases: Mapping[str, Schema] = field(default_factory=dict)
    """Further databases on the server, by name: each with this in its schema public."""
    audited: Audited = field(default_factory=Audited)
    sql: str = ""
    """Run last in the master's database, by the superuser, as one transaction."""
    statements: tuple[str, ...] = ()
    """Run after that, each by itself; one that violates uniqueness is left at that."""


@dataclass(frozen=True)
class MigrationFolders:
    """The folders of migrations in the repository."""

    master: tuple[Migration, ...] = MASTER_MIGRATIONS
    tenants: tuple[Migration, ...] = TENANT_MIGRATIONS


@dataclass(frozen=True)
class InProfile:
    """What the profile demands of the server's version, and writes of TLS into the application's URL."""

    version_at_least: int = 0
    tls: str = "sslmode=require&sslaccept=strict&sslcert={ca}"


@dataclass(frozen=True)
class PostgresServers:
    """The databases of the reference stack. A fault in `content` leaves the server running."""

    server: ClusterSetup = field(default_factory=ClusterSetup)
    content: Content = field(default_factory=Content)
    repository: MigrationFolders = field(default_factory=MigrationFolders)
    pooler: Pooler = field(default_factory=Pooler)
    profile: InProfile = field(default_factory=InProfile)
    drill: ClusterSetup | None = field(default_factory=lambda: ClusterSetup(certificate=None, archive="off"))
    """A second cluster, with an identifier of its own, for restore drills; None: there is none."""
