"""Which database a product keeps its data in, which variable leads to it, and by what its migrations are made."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from golive_checks.init.compose import ComposeService, of_image
from golive_checks.init.envs import Env
from golive_checks.init.packages import Packages
from golive_checks.init.tree import SeenInFile, Tree, folder_of
from golive_checks.subjects.databases import OF_DRIVERS, OTHER_ENGINES, other_engine

URLS = ("DATABASE_URL", "POSTGRES_URL", "POSTGRESQL_URL", "DB_URL", "PG_URL", "SQLALCHEMY_DATABASE_URI", "DATABASE_URI")
PRISMA_URL = re.compile(r"""^[ \t]*url\s*=\s*env\(\s*["']([A-Za-z_][A-Za-z0-9_]*)["']\s*\)""", re.MULTILINE)
PRISMA_ENGINE = re.compile(r"""^[ \t]*provider\s*=\s*["'](\w+)["']""", re.MULTILINE)
PRISMA_CONFIG = re.compile(r"""(?:env(?:<[^>]*>)?\(\s*["']|process\.env\.|process\.env\[["'])([A-Z][A-Z0-9_]*)""")
PRISMA_FOLDER = re.compile(r"""\bmigrations\s*:\s*\{[^{}]*?\bpath\s*:\s*["']([\w./-]+)["']""")
DRIVERS = {
    "Postgres": (
        "pg", "postgres", "@prisma/adapter-pg", "psycopg", "psycopg2", "psycopg2-binary", "asyncpg", "postgresql",
        "org.postgresql", "github.com/lib/pq", "github.com/jackc/pgx", "postgrex", "npgsql",
        "npgsql.entityframeworkcore.postgresql",
    ),
    "MySQL": ("mysql", "mysql2", "mysqlclient", "pymysql", "aiomysql", "mysql-connector-j",
              "github.com/go-sql-driver/mysql", "myxql", "pomelo.entityframeworkcore.mysql"),
    "MongoDB": ("mongoose", "mongodb", "pymongo", "mongoid", "spring-boot-starter-data-mongodb",
                "go.mongodb.org/mongo-driver"),
    "SQL Server": ("microsoft.entityframeworkcore.sqlserver", "microsoft.data.sqlclient", "mssql", "pyodbc", "tds"),
    "SQLite": ("better-sqlite3", "sqlite3", "aiosqlite", "github.com/mattn/go-sqlite3",
               "ecto_sqlite3", "microsoft.entityframeworkcore.sqlite"),
}  # fmt: skip
"""Packages that talk to each engine."""
IMAGES = {
    "Postgres": r"postgres(?:ql)?|postgis|timescaledb(?:-ha)?|pgvector",
    "MySQL": r"mysql|percona",
    "MariaDB": r"mariadb",
    "MongoDB": r"mongo(?:db)?",
}
SETTINGS = {
    r"database\.ya?ml": re.compile(r"^[ \t]*adapter:\s*[\"']?(\w+)", re.MULTILINE),
    r"settings(?:_\w+)?\.py|base\.py|production\.py": re.compile(r"django\.db\.backends\.(\w+)"),
    r"application(?:-(?:prod\w*|staging))?\.(?:properties|ya?ml)": re.compile(r"jdbc:(\w+):"),
    r"migration_lock\.toml": re.compile(r"""^provider\s*=\s*["'](\w+)["']""", re.MULTILINE),
    r"schema\.prisma": re.compile(r"""^datasource[^}]*?provider\s*=\s*["'](\w+)["']""", re.MULTILINE),
}
"""Where frameworks say which engine they use, the last word counting: production's stands after development's."""
ENGINES = {
    "postgresql": "Postgres",
    "postgres": "Postgres",
    "pgsql": "Postgres",
    "postgis": "Postgres",
    "cockroachdb": "CockroachDB",
}
TOOLS: Mapping[str, tuple[str, str]] = {
    "Alembic": (r"alembic\.ini", r"(?:.*/)?alembic/env\.py"),
    "Django": (r"manage\.py", r"(?:.*/)?migrations/0001_\w+\.py"),
    "Rails": ("", r"(?:.*/)?db/(?:migrate/\d+_\w+\.rb|structure\.sql|schema\.rb)"),
    "Laravel": (r"artisan", r"(?:.*/)?database/migrations/\d{4}_\w+\.php"),
    "Flyway": (r"flyway\.(?:conf|toml)", r"(?:.*/)?V\d[\d_.]*__\w+\.sql"),
    "Liquibase": (r"(?:db\.)?changelog[\w.-]*\.(?:xml|ya?ml|sql)", r"(?!)"),
    "Knex": (r"knexfile\.[cm]?[jt]s", r"(?!)"),
    "Drizzle": (r"drizzle\.config\.[cm]?[jt]s", r"(?!)"),
    "TypeORM": (r"ormconfig\.\w+", r"(?:.*/)?migrations?/\d{13}-\w+\.[jt]s"),
    "Sequelize": (r"\.sequelizerc", r"(?!)"),
    "golang-migrate": ("", r"(?:.*/)?\d+_\w+\.up\.sql"),
    "goose or dbmate": ("", r"(?:.*/)?migrations/\d{5,}_\w+\.sql"),
    "Doctrine": ("", r"(?:.*/)?migrations/Version\d{14}\.php"),
    "Entity Framework": ("", r"(?:.*/)?Migrations/\d{14}_\w+\.cs"),
    "D1 (wrangler)": ("", r"(?:.*/)?migrations/\d{4}_\w+\.sql"),
    "Ecto": ("", r"(?:.*/)?priv/repo/migrations/\d+_\w+\.exs"),
}
"""Tools of migrations, by the name of a file of their own or by the path of a migration."""
UNREAD = {"Laravel", "Ecto", "Doctrine", "Entity Framework", "D1 (wrangler)"}
"""Those whose migrations golive does not read."""
SCRIPTS: Mapping[str, str] = {
    "Alembic": r"((?:.*/)?(?:alembic|migrations)/versions)/[^/]+\.py",
    "Django": r"()(?:.*/)?[^/]+/migrations/0001_\w+\.py",
    "Rails": r"((?:.*/)?db/migrate)/\d+_\w+\.rb",
    "Flyway": r"(.*)/V\d[\d_.]*__\w+\.sql",
    "Liquibase": r"(.*)/(?:db\.)?changelog[\w.-]*\.(?:xml|ya?ml|json|sql)",
    "Knex": r"((?:.*/)?migrations)/\d{8,}_[\w-]+\.[cm]?[jt]s",
    "Sequelize": r"((?:.*/)?migrations)/\d{8,}-[\w-]+\.[cm]?[jt]s",
    "TypeORM": r"((?:.*/)?migrations?)/\d{13}-\w+\.[jt]s",
    "Drizzle": r"((?:.*/)?)meta/_journal\.json",
    "golang-migrate": r"(.*)/\d+_\w+\.up\.sql",
    "goose or dbmate": r"(.*)/\d{5,}_\w+\.sql",
}
"""The folder that `migrations` names, by the path of a script in it; of Django, the folder of manage.py."""


@dataclass(frozen=True)
class FoundDatabase:
    """A database: the variable of its URL, where that was seen, the env file that sets it, Prisma's folder for it."""

    variable: str
    where: str
    set_in: str = ""
    migrations: SeenInFile | None = None


@dataclass(frozen=True)
class Databases:
    """The engine, the databases of a product whose engine is Postgres, and the tool of its migrations."""

    engine: SeenInFile | None = None
    found: tuple[FoundDatabase, ...] = ()
    tool: SeenInFile | None = None
    scripts: str = ""
    """The folder of the tool's migrations, where it is not Prisma and golive reads them."""


def databases(
    tree: Tree,
    envs: tuple[Env, ...],
    names: Mapping[str, str],
    packages: Packages,
    services: tuple[ComposeService, ...],
) -> Databases:
    """Find the engine, and for Postgres a database for each of Prisma's schemas, or for the usual variable."""
    engine = _engine(tree, envs, packages, services)
    folders = list(_prisma(tree, envs, names))
    bare = next(
        (f for f in [*tree.called(r".+\.prisma"), *tree.called(r"prisma\.config\.[cm]?[jt]s")] if tree.in_product(f)),
        "",
    )
    tool = SeenInFile("Prisma", bare) if bare else _tool(tree)
    if engine is None or engine.what != "Postgres":
        return Databases(engine, (), tool)
    if folders:
        return Databases(engine, tuple(folders), tool)
    schema = _prisma_variable(tree, folder_of(bare)) if bare else None
    leads = (SeenInFile(n, e.path or e.example) for e in envs for n, v in e.values.items() if _logs_in(v))
    variable = schema or next((SeenInFile(n, names[n]) for n in URLS if n in names), None) or next(leads, None)
    scripts = _scripts(tree, tool) if tool and tool.what in SCRIPTS else ""
    made = SeenInFile(scripts, scripts) if scripts else None
    found = (FoundDatabase(variable.what, variable.where, _set_in(envs, variable.what), made),) if variable else ()
    return Databases(engine, found, tool, scripts)


def _logs_in(value: str) -> bool:
    """Return whether it is a URL of Postgres's that names its user: Spring's stand in a variable of their own."""
    return bool(OF_DRIVERS.match(value)) and bool(re.search(r"@|[?&]user=", value))


def _engine(
    tree: Tree, envs: tuple[Env, ...], packages: Packages, services: tuple[ComposeService, ...]
) -> SeenInFile | None:
    """Return the engine that the product's own settings name, else its URLs, its Compose file, its packages."""
    for pattern, setting in SETTINGS.items():
        for file in tree.called(pattern):
            words = setting.findall(tree.text(file)) if tree.in_product(file) else []
            if words and (name := _of_settings(file, words)):
                return SeenInFile(name, file)
    for env in envs:
        for name, given in env.values.items():
            if engine := _of_value(name, given):
                return SeenInFile(engine, env.path or env.example)
    images = ((name, of_image(services, pattern)) for name, pattern in IMAGES.items())
    run = next((SeenInFile(name, seen.where) for name, seen in images if seen), None)
    asked = [(name, seen) for name, those in DRIVERS.items() if (seen := packages.first(*those))]
    served = [each for each in asked if each[0] != "SQLite"] or asked  # which is often there for tests
    named = " or ".join(name for name, _ in served)
    return run or (SeenInFile(named, served[0][1].where) if served else None)


def _of_settings(file: str, words: list[str]) -> str:
    """Name the engine of a framework's settings; Python's may hold several, of which a variable chooses one."""
    names = sorted({_named(word) for word in words} - {""})
    last = _named(words[-1])
    return " or ".join(names) if file.endswith(".py") and last != "Postgres" and "Postgres" in names else last


def _named(word: str) -> str:
    return ENGINES.get(word.lower()) or OTHER_ENGINES.get(word.lower(), "")


def _of_value(name: str, given: str) -> str:
    """Name the engine of a variable's value."""
    if name == "DB_CONNECTION":
        return _named(given)
    if OF_DRIVERS.match(given):
        return "Postgres"
    return other_engine(given) if name in URLS else ""


def _prisma(tree: Tree, envs: tuple[Env, ...], names: Mapping[str, str]) -> Iterator[FoundDatabase]:
    """Yield a database for each folder of Prisma's migrations: a schema beside it names its URL's variable."""
    files = [file for file in tree.files if file.endswith("/migration.sql") and tree.in_product(file)]
    for folder in sorted({folder_of(folder_of(file)) for file in files}):
        named = _prisma_variable(tree, folder_of(folder))
        usual = SeenInFile("DATABASE_URL", names.get("DATABASE_URL", folder))
        variable = named or usual
        yield FoundDatabase(variable.what, variable.where, _set_in(envs, variable.what), SeenInFile(folder, folder))


def _prisma_variable(tree: Tree, folder: str) -> SeenInFile | None:
    """Return the variable that a schema in or below a folder names, or prisma.config.ts in it or above."""
    beside = "" if folder == "." else f"{folder}/"
    for schema in (f for f in tree.files if f.endswith(".prisma") and f.startswith(beside)):
        if found := PRISMA_URL.search(tree.text(schema)):
            return SeenInFile(found[1], schema)
    above = {".", folder, *map(str, PurePosixPath(folder).parents)}
    for config in (f for f in tree.called(r"prisma\.config\.[cm]?[jt]s") if folder_of(f) in above):
        if found := PRISMA_CONFIG.search(tree.text(config)):
            return SeenInFile(found[1], config)
    return None


def _set_in(envs: tuple[Env, ...], variable: str) -> str:
    """Return the env file of this environment that sets a variable to a Postgres URL."""
    real = (env for env in envs if env.path and not env.developers)
    return next((env.path for env in real if OF_DRIVERS.match(env.values.get(variable, ""))), "")


def _tool(tree: Tree) -> SeenInFile | None:
    product = [file for file in tree.files if tree.in_product(file)]
    for tool, (own, migration) in TOOLS.items():
        script = next((f for f in product if own and re.fullmatch(own, PurePosixPath(f).name)), "")
        made = next((f for f in product if re.fullmatch(migration, f)), "")
        if made or (script and tool not in {"Django", "Laravel"}):
            return SeenInFile(tool, script or folder_of(made))
    return None


def _scripts(tree: Tree, tool: SeenInFile) -> str:
    """Return the folder of a tool's migrations; empty if there are none yet, or if there are several."""
    product = [file for file in tree.files if tree.in_product(file)]
    folders = {folder[1].rstrip("/") for f in product if (folder := re.fullmatch(SCRIPTS[tool.what], f))}
    if tool.what == "Django" and folders:
        return folder_of(tool.where) if tool.where.endswith("manage.py") else "."
    return (folders.pop() or ".") if len(folders) == 1 else ""
