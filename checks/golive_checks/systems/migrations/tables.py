"""The tables in which the tools keep what they applied: how each is read, and what its rows say. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from golive_checks.systems.migrations.changelogs import key_of
from golive_checks.systems.migrations.client.order import SortedBy
from golive_checks.systems.migrations.scripts import MigrationScript, Scripts

State = Literal["applied", "marked", "failed"]
MAX_ROWS = 20_000
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Applied:
    """A row: the script's name where the repository has it, else what the table calls it."""

    name: str
    state: State = "applied"
    checksum: str = ""


@dataclass(frozen=True)
class ToolTable:
    """A tool's table, as it is quoted in SQL, and what is read of it, as it was applied."""

    table: str
    query: str
    read: Callable[[Rows, Scripts], Iterator[Applied]]
    checksums: bool = False
    sorted_by: SortedBy = ""
    """What tells by the names alone which of two is older."""
    ordered: bool = True
    """Whether the order of its scripts is the one in which they must be applied."""
    deploy: str = ""
    """The command that applies what is pending."""
    more: tuple[str, ...] = ()
    """Tables that the tool keeps beside it."""

    @property
    def keeps(self) -> tuple[str, ...]:
        """Return the bare names of the tables that are the tool's own."""
        return (self.table.rpartition(".")[2].strip('"'), *self.more)


def _plain(rows: Rows, scripts: Scripts) -> Iterator[Applied]:
    """Rows that name what is applied."""
    names = {script.key: script.name for script in scripts.scripts}
    yield from (Applied(names.get(str(row[0]), str(row[0]))) for row in rows)


def _numbers(rows: Rows, scripts: Scripts) -> Iterator[Applied]:
    """Rows with a number, in whatever width it was written."""
    yield from _plain([(_number(row[0]), *row[1:]) for row in rows], scripts)


def _number(text: Any) -> str:
    return str(int(text)) if str(text).isdigit() else str(text)


def _up_to(rows: Rows, scripts: Scripts) -> Iterator[Applied]:
    """golang-migrate keeps the newest alone, and whether it failed."""
    for version, dirty in rows[:1]:
        known = [script for script in scripts.scripts if int(script.key) <= int(version)]
        for script in known:
            failed = dirty and int(script.key) == int(version)
            yield Applied(script.name, "failed" if failed else "applied")
        if not known or int(known[-1].key) != int(version):
            yield Applied(str(version), "failed" if dirty else "applied")


def _goose(rows: Rows, scripts: Scripts) -> Iterator[Applied]:
    """Goose writes a row when it applies, and in older versions another one when it goes back; 0 begins the table."""
    newest = dict[str, bool]()
    for version, is_applied in rows:
        newest.pop(str(version), None)
        newest[str(version)] = bool(is_applied)
    yield from _plain([(key,) for key, there in newest.items() if there and key != "0"], scripts)


def _drizzle(rows: Rows, scripts: Scripts) -> Iterator[Applied]:
    names = {script.key: script.name for script in scripts.scripts}
    yield from (Applied(names.get(str(at), f"that of {at}"), checksum=str(checksum)) for checksum, at in rows)


def _sqlx(rows: Rows, scripts: Scripts) -> Iterator[Applied]:
    names = {script.key: script.name for script in scripts.scripts}
    for version, success, checksum in rows:
        yield Applied(names.get(str(version), str(version)), "applied" if success else "failed", str(checksum))


def _alembic(rows: Rows, scripts: Scripts) -> Iterator[Applied]:
    """Alembic keeps the heads alone: what they follow is applied as well."""
    known = {script.key: script for script in scripts.scripts}
    reached, ahead = set[str](), [str(row[0]) for row in rows]
    while ahead:
        key = ahead.pop()
        if key in known and key not in reached:
            ahead += known[key].after
        reached.add(key)
    yield from (Applied(script.name) for script in scripts.scripts if script.key in reached)
    yield from (Applied(str(row[0])) for row in rows if str(row[0]) not in known)


def _django(rows: Rows, scripts: Scripts) -> Iterator[Applied]:
    """Django's table holds other packages' apps as well; one that replaces others is applied where all of them are."""
    keys = {f"{app}.{name}" for app, name in rows}
    apps = {script.key.split(".")[0] for script in scripts.scripts}
    replaced = {old for script in scripts.scripts for old in script.after}
    local = {script.key for script in scripts.scripts}
    for app, name in rows:
        key = f"{app}.{name}"
        if app in apps and (key in local or key not in replaced):
            yield Applied(key)
    for script in scripts.scripts:
        if script.key not in keys and script.after and keys.issuperset(script.after):
            yield Applied(script.name)


def _liquibase(rows: Rows, scripts: Scripts) -> Iterator[Applied]:
    """Liquibase: one that was marked as run, by a precondition or by hand, was not run."""
    optional = {script.key for script in scripts.scripts if script.optional}
    for id_, author, file, kind in rows:
        key = key_of(file, id_, author)
        if key not in optional:
            yield Applied(key, "marked" if kind == "MARK_RAN" else "failed" if kind == "FAILED" else "applied")


def _flyway(rows: Rows, scripts: Scripts) -> Iterator[Applied]:
    """Flyway: what a baseline covers was not run; what was undone, or deleted by `repair`, is not applied any more."""
    by_key = {script.key: script for script in scripts.scripts}
    versioned, repeated = dict[str, Applied](), dict[str, Applied]()
    for version, script, checksum, success, kind in rows:
        key = str(version) if version else str(script).rpartition("/")[2]
        known = by_key.get(key)
        if kind.endswith("BASELINE"):
            covered = [each for each in scripts.scripts if _version(each) and _version(each) <= _version_of(version)]
            versioned |= {each.key: Applied(each.name, "marked", each.checksum) for each in covered}
        elif kind == "DELETE" or kind.startswith("UNDO"):
            versioned.pop(key, None)
            repeated.pop(key, None)
        elif kind == "SQL" or (known and kind != "SCHEMA"):  # others are written in Java, which is not read
            found = versioned if version else repeated
            found.pop(key, None)
            total = "" if known and not known.checksum else str(checksum)
            if version or not known or not success or total == known.checksum:  # else it is to be run again
                name = known.name if known else str(script)
                found[key] = Applied(name, "applied" if success else "failed", total)
    yield from versioned.values()
    yield from repeated.values()


def _version(script: MigrationScript) -> tuple[int, ...]:
    return _version_of(script.key)


def _version_of(text: str) -> tuple[int, ...]:
    parts = text.split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()


KNOWN: Mapping[str, ToolTable] = {
    "alembic": ToolTable("alembic_version", "SELECT version_num FROM {}", _alembic, deploy="alembic upgrade head"),
    "django": ToolTable(
        "django_migrations",
        "SELECT app, name FROM {} ORDER BY id",
        _django,
        ordered=False,
        deploy="python manage.py migrate",
    ),
    "knex": ToolTable(
        "knex_migrations",
        "SELECT name FROM {} ORDER BY id",
        _plain,
        sorted_by="text",
        deploy="knex migrate:latest",
        more=("knex_migrations_lock",),
    ),
    "sequelize": ToolTable(
        '"SequelizeMeta"',
        "SELECT name FROM {} ORDER BY name",
        _plain,
        sorted_by="text",
        deploy="sequelize db:migrate",
    ),
    "typeorm": ToolTable("migrations", "SELECT name FROM {} ORDER BY id", _plain, deploy="typeorm migration:run"),
    "drizzle": ToolTable(
        "drizzle.__drizzle_migrations",
        "SELECT hash, created_at FROM {} ORDER BY id",
        _drizzle,
        checksums=True,
        deploy="drizzle-kit migrate",
    ),
    "flyway": ToolTable(
        "flyway_schema_history",
        "SELECT version, script, checksum, success, type FROM {} ORDER BY installed_rank",
        _flyway,
        checksums=True,
        deploy="flyway migrate",
    ),
    "liquibase": ToolTable(
        "databasechangelog",
        "SELECT id, author, filename, exectype FROM {} ORDER BY orderexecuted",
        _liquibase,
        ordered=False,
        deploy="liquibase update",
        more=("databasechangeloglock",),
    ),
    "golang-migrate": ToolTable(
        "schema_migrations", "SELECT version, dirty FROM {}", _up_to, sorted_by="number", deploy="migrate up"
    ),
    "goose": ToolTable(
        "goose_db_version",
        "SELECT version_id, is_applied FROM {} ORDER BY id",
        _goose,
        sorted_by="number",
        deploy="goose up",
    ),
    "dbmate": ToolTable(
        "schema_migrations", "SELECT version FROM {} ORDER BY version", _numbers, sorted_by="number", deploy="dbmate up"
    ),
    "sqlx": ToolTable(
        "_sqlx_migrations",
        "SELECT version, success, encode(checksum, 'hex') FROM {} ORDER BY installed_on",
        _sqlx,
        sorted_by="number",
        checksums=True,
        deploy="sqlx migrate run",
    ),
    "rails": ToolTable(
        "schema_migrations",
        "SELECT version FROM {} ORDER BY version",
        _numbers,
        sorted_by="number",
        deploy="bin/rails db:migrate",
        more=("ar_internal_metadata",),
    ),
}
