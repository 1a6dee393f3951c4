"""A master database and where its tenants are found, and the profile key that names them."""

import re
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, model_validator

from golive import Entry, Subject, subjects
from golive.profile.tree import MASK
from golive.profile.types import FilePath

Hosting = Literal["self", "rds", "aurora", "neon", "supabase", "render"]
SCHEMES = re.compile(r"postgres(?:ql)?(?:\+[a-z0-9_]+)?://")
"""What libpq and Prisma accept (https://www.postgresql.org/docs/current/libpq-connect.html, section 34.1.1.2), and with
a driver SQLAlchemy (postgresql+psycopg)."""
OF_DRIVERS = re.compile(r"(?:(?:jdbc:)?postgres(?:ql)?(?:\+[a-z0-9_]{1,30})?|pgsql|postgis|ecto)://")
"""The same as others write it, too: JDBC, Django's environ, Ecto."""

OTHER_ENGINES = {
    "mysql": "MySQL",
    "mysql2": "MySQL",
    "mysqlx": "MySQL",
    "mariadb": "MariaDB",
    "sqlserver": "SQL Server",
    "mssql": "SQL Server",
    "mongodb": "MongoDB",
    "sqlite": "SQLite",
    "sqlite3": "SQLite",
    "file": "SQLite",
    "oracle": "Oracle",
    "clickhouse": "ClickHouse",
    "db2": "Db2",
    "redis": "Redis",
    "rediss": "Redis",
    "cassandra": "Cassandra",
    "snowflake": "Snowflake",
    "libsql": "libSQL",
    "firebird": "Firebird",
}
"""Schemes of URLs of other engines; some add a driver, as mysql+pymysql or mongodb+srv, and Java writes jdbc first."""


def other_engine(url: str) -> str:
    """Name the engine of a URL that is not Postgres's; empty for Postgres, and for what golive does not know."""
    scheme = url.strip().removeprefix("jdbc:").partition(":")[0].partition("+")[0]
    return OTHER_ENGINES.get(scheme.lower(), "")


def as_libpq(url: str) -> str:
    """Return a URL with the scheme that libpq has for it; unchanged where it is none of Postgres's."""
    found = OF_DRIVERS.match(url)
    return url if not found or SCHEMES.match(url) else f"postgresql://{url[found.end() :]}"


def _postgres(url: SecretStr) -> SecretStr:
    """Refuse what is no connection URL of Postgres, without a word of what it holds."""
    url = SecretStr(as_libpq(url.get_secret_value()))
    value = url.get_secret_value()
    if value and value != MASK and not SCHEMES.match(value) and not other_engine(value):
        raise ValueError("is no connection URL of Postgres, which begins with postgresql://")
    return url


PostgresUrl = Annotated[SecretStr, AfterValidator(_postgres)]


MigrationTool = Literal[
    "",
    "prisma",
    "alembic",
    "django",
    "knex",
    "sequelize",
    "typeorm",
    "drizzle",
    "flyway",
    "liquibase",
    "golang-migrate",
    "goose",
    "dbmate",
    "sqlx",
    "rails",
]


class TenantsEntry(BaseModel):
    """Where a master's tenants are found: named, by a query on the master, or by a pattern; exactly one of these."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kept_as: Literal["schema", "database"] = "schema"
    """What a tenant is: a schema of the master's database, or a database of its own on the master's server."""
    names: tuple[str, ...] = ()
    """Their names: schemas or databases."""
    query: str = ""
    """A query on the master, whose first column names each tenant's schema or database."""
    pattern: str = ""
    """A pattern of their names with * and ?, such as `tenant_*`."""
    migrations: FilePath = ""
    """The folder of the tenants' migrations; empty: the master's."""

    @model_validator(mode="after")
    def _one_way(self) -> "TenantsEntry":
        given = [name for name in ("names", "query", "pattern") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of names, query, pattern; has {' and '.join(given) or 'none'}")
        return self


class DatabaseEntry(Entry):
    """A Postgres database that the application uses: of a system with tenants, the master."""

    url: PostgresUrl
    """The application's own connection URL, as Prisma reads it: `${MASTER_DATABASE_URL}`. A driver's own scheme, such
    as `postgresql+asyncpg://`, is read as `postgresql://`."""
    audit_url: PostgresUrl = SecretStr("")
    """The URL of a role that may only read (a member of pg_monitor); empty: the application's is used."""
    hosting: Hosting = "self"
    """Who runs it: what only that party could change warns at most, and its own API is asked about backups."""
    read_only: bool = False
    """Whether the application only reads with this URL, so that it may lead to a standby."""
    provider_id: str = ""
    """The provider's name of it: the DB instance of rds, the DB cluster of aurora."""
    migrations: FilePath = ""
    """The folder of its migrations, such as ../apps/api/prisma/migrations; of Django, the project's or an app's."""
    migration_tool: MigrationTool = ""
    """What applies them; by default, golive sees that from what is in the folder."""
    tenants: TenantsEntry | None = None


@dataclass(frozen=True)
class Tenants:
    """Where a master's tenants are found."""

    kept_as: Literal["schema", "database"] = "schema"
    names: tuple[str, ...] = ()
    query: str = ""
    pattern: str = ""
    migrations: str = ""


@dataclass(frozen=True)
class Database(Subject):
    """A database by its name in the profile. `audit_url` is the auditor's, or the application's where there is none."""

    url: SecretStr = field(default=SecretStr(""), repr=False)
    audit_url: SecretStr = field(default=SecretStr(""), repr=False)
    hosting: Hosting = "self"
    provider_id: str = ""
    migrations: str = ""
    migration_tool: MigrationTool = ""
    tenants: Tenants | None = None
    read_only: bool = False

    @property
    def managed(self) -> bool:
        """True where the server's own settings are another company's: what only they can change warns at most."""
        return self.hosting != "self"


@subjects("databases", empty="the profile declares no database")
def databases(key: str, entry: DatabaseEntry) -> tuple[Database, ...]:
    """Name the databases of the profile."""
    return (
        Database(
            key,
            url=entry.url,
            audit_url=entry.audit_url if entry.audit_url.get_secret_value() else entry.url,
            hosting=entry.hosting,
            read_only=entry.read_only,
            provider_id=entry.provider_id,
            migrations=entry.migrations,
            migration_tool=entry.migration_tool,
            tenants=Tenants(**dict(entry.tenants)) if entry.tenants else None,
            own=entry.own(),
        ),
    )
