"""Migrations as the tools themselves apply them, and what golive says of each state: the same as the tool."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from thorough import but

from golive import Environment, Outcome, RunInfo, Unavailable
from golive_checks.database import migrations as checks
from golive_checks.database.history import MigrationHistory, history
from golive_checks.subjects import Database
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.migrations.facts import master_rows, migration_files
from golive_checks.systems.migrations.scripts import ScriptFolders
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.postgres.cluster import SUPERUSER_PASSWORD, Cluster
from golive_lab.world.postgres import SUPERUSER

if TYPE_CHECKING:
    from pathlib import Path

NODE_MODULES = f"{sys.prefix}/node/node_modules"
A, B, BETWEEN, C = 1, 2, 3, 4
SQL = {number: f"CREATE TABLE t{number} (id int)" for number in (A, B, BETWEEN, C)}
BROKEN = "SELECT nonsense"


@dataclass
class Desk:
    """A project of one tool, and its database."""

    folder: Path
    url: str
    tool = ""

    def write(self, numbers: dict[int, str]) -> None:
        """Have these scripts, and no others."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.iterdir():
            if old.is_file():
                old.unlink()
        before = 0
        for number, sql in sorted(numbers.items()):
            (self.folder / self.name(number)).write_text(self.text(number, sql, before))
            before = number

    def name(self, number: int) -> str:
        raise NotImplementedError

    def text(self, number: int, sql: str, before: int) -> str:
        raise NotImplementedError

    def run(self, what: str) -> Any:
        """Apply what is pending (`up`), or tell it (`pending`)."""
        raise NotImplementedError

    def started(self, argv: list[str], text: str = "", **environ: str) -> str:
        ran = subprocess.run(
            argv,
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=self.folder.parent,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "NODE_PATH": NODE_MODULES, "URL": self.url, **environ},
        )
        if ran.returncode:
            raise RuntimeError(ran.stderr[-1500:])
        return ran.stdout


class Node(Desk):
    script = ""

    def name(self, number: int) -> str:
        return f"2026010{number}000000-m.cjs"

    def run(self, what: str) -> Any:
        code = self.script.replace("FOLDER", json.dumps(str(self.folder))).replace("WHAT", json.dumps(what))
        out = self.started(
            ["node", "-e", f"(async () => {{ {code} }})().catch(e => {{ console.error(e); process.exit(1) }})"]
        )
        return json.loads(out.splitlines()[-1]) if what == "pending" else None


class Knex(Node):
    tool = "knex"
    script = """
        const knex = require('knex')({client: 'pg', connection: process.env.URL, migrations: {directory: FOLDER}});
        if (WHAT == 'up') await knex.migrate.latest();
        else console.log(JSON.stringify((await knex.migrate.list())[1].map(m => m.file)));
        await knex.destroy();"""

    def text(self, number: int, sql: str, before: int) -> str:  # noqa: ARG002 - each tool needs its own of them
        return f"exports.up = knex => knex.raw({sql!r}); exports.down = async () => {{}};"


class Sequelize(Node):
    tool = "sequelize"
    script = """
        const {Sequelize} = require('sequelize'), {Umzug, SequelizeStorage} = require('umzug');
        const sequelize = new Sequelize(process.env.URL, {logging: false});
        const umzug = new Umzug({migrations: {glob: FOLDER + '/*.cjs'}, context: sequelize.getQueryInterface(),
            storage: new SequelizeStorage({sequelize}), logger: undefined});
        if (WHAT == 'up') await umzug.up();
        else console.log(JSON.stringify((await umzug.pending()).map(m => m.name)));
        await sequelize.close();"""

    def text(self, number: int, sql: str, before: int) -> str:  # noqa: ARG002 - each tool needs its own of them
        return f"exports.up = ({{context: queryInterface}}) => queryInterface.sequelize.query({sql!r});"


class TypeOrm(Node):
    tool = "typeorm"
    script = """
        const {DataSource} = require('typeorm');
        const source = new DataSource({type: 'postgres', url: process.env.URL, migrations: [FOLDER + '/*.cjs']});
        await source.initialize();
        if (WHAT == 'up') await source.runMigrations();
        else {
            const rows = await source.query('SELECT name FROM migrations').catch(() => []);
            const done = new Set(rows.map(r => r.name));
            const all = source.migrations.map(m => m.name ?? m.constructor.name);
            console.log(JSON.stringify(all.filter(n => !done.has(n))));
        }
        await source.destroy();"""

    def name(self, number: int) -> str:
        return f"176700000000{number}-M.cjs"

    def text(self, number: int, sql: str, before: int) -> str:  # noqa: ARG002 - each tool needs its own of them
        up = f"async up(runner) {{ await runner.query({sql!r}) }}"
        return f"exports.M = class M176700000000{number} {{ {up} async down() {{}} }};"


class Alembic(Desk):
    tool = "alembic"

    def name(self, number: int) -> str:
        return f"r{number}_m.py"

    def text(self, number: int, sql: str, before: int) -> str:
        down = f"r{before}" if before else None
        head = f"from alembic import op\nrevision = 'r{number}'\ndown_revision = {down!r}\n"
        return f"{head}def upgrade():\n    op.execute({sql!r})\n"

    def run(self, what: str) -> Any:
        place = self.folder.parent
        (place / "env.py").write_text(
            "import os\nfrom alembic import context\nfrom sqlalchemy import create_engine\n"
            "engine = create_engine(os.environ['URL'].replace('postgresql:', 'postgresql+psycopg:'))\n"
            "with engine.connect() as connection:\n    context.configure(connection=connection)\n"
            "    with context.begin_transaction():\n        context.run_migrations()\n"
        )
        (place / "alembic.ini").write_text(f"[alembic]\nscript_location = {place}\npath_separator = os\n")
        if what == "up":
            return self.started([sys.executable, "-m", "alembic", "upgrade", "head"])
        every = self.started([sys.executable, "-m", "alembic", "history", "--indicate-current"])
        names = [line.split(" -> ")[1].split()[0].rstrip(",") for line in every.splitlines()]  # the newest first
        at = next((n for n, line in enumerate(every.splitlines()) if "(current)" in line), len(names))
        return names[:at]


class Django(Desk):
    tool = "django"

    def name(self, number: int) -> str:
        return f"000{number}_m.py"

    def text(self, number: int, sql: str, before: int) -> str:  # noqa: ARG002 - each tool needs its own of them
        after = [("shop", f"000{before}_m")] if before else []
        return (
            "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
            f"    dependencies = {after!r}\n    operations = [migrations.RunSQL({sql!r})]\n"
        )

    def run(self, what: str) -> Any:
        for folder in (self.folder, self.folder.parent):
            (folder / "__init__.py").touch()
        parts = self.url.replace("postgresql://", "").replace("@", ":").replace("/", ":").split(":")
        names = dict(zip(("USER", "PASSWORD", "HOST", "PORT", "NAME"), parts, strict=True))
        names["ENGINE"] = "django.db.backends.postgresql"
        command = ["migrate", "shop", "-v0"] if what == "up" else ["showmigrations", "shop", "--plan"]
        code = (
            "import sys, django; from django.conf import settings; from django.core.management import call_command\n"
            f"sys.path.insert(0, {str(self.folder.parent.parent)!r})\n"
            f"settings.configure(INSTALLED_APPS=['shop'], DATABASES={{'default': {names!r}}})\n"
            f"django.setup(); call_command(*{command!r})\n"
        )
        out = self.started([sys.executable, "-"], code)
        return [line.split()[-1] for line in out.splitlines() if line.startswith("[ ]")]


def make(kind: type[Desk], server: Cluster, tmp_path: Path) -> Desk:
    name = f"of_{kind.tool}"
    with server.connect() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    below = {"alembic": "versions", "django": "shop/migrations"}.get(kind.tool, "migrations")
    return kind(tmp_path / below, f"postgresql://{SUPERUSER}:{SUPERUSER_PASSWORD}@127.0.0.1:{server.port}/{name}")


async def look(desk: Desk, path: Path | None = None) -> tuple[MigrationHistory, dict[str, Outcome]]:
    """Return what golive makes of it, and the outcome of each check."""
    postgres = Postgres(PostgresLimits(), NetworkRoutes(Vantage()), Trust(), RunInfo("0123abcd", "9.9"))
    database = Database("main", url=SecretStr(desk.url), migrations=str(path or desk.folder))
    try:
        files, rows = (
            await migration_files(database, ScriptFolders()),
            await master_rows(database, None, postgres, ScriptFolders()),
        )
    finally:
        await postgres.aclose()
    assert files.master
    assert files.master.tool == desk.tool
    given = {"database": database, "files": files, "master": rows, "tenants": Unavailable("none")}
    env = {"env": Environment("test")}
    verdicts = {
        "applied": checks.migrations_applied(**given, **env),
        "succeeded": checks.migrations_succeeded(**given),
        "unedited": checks.migrations_unedited(**given),
        "known": checks.migrations_known(**given, **env),
    }
    return history(rows, files.master), {name: verdict.outcome for name, verdict in verdicts.items()}


def same(pending: list[str], lacking: tuple[str, ...]) -> bool:
    """Compare by what both say: the numbers in their names."""
    digits = [sorted("".join(c for c in name if c.isdigit()) for name in names) for names in (pending, lacking)]
    return digits[0] == digits[1]


@pytest.mark.parametrize("kind", but({Knex, Alembic}, [Knex, Sequelize, TypeOrm, Alembic, Django]))
async def test_each_state_is_the_tools_own(kind: type[Desk], postgres_server: Cluster, tmp_path: Path) -> None:
    desk = make(kind, postgres_server, tmp_path)
    first = {A: SQL[A], B: SQL[B]}
    desk.write(first)
    seen, outcomes = await look(desk)
    assert (len(seen.lacking), outcomes["applied"], outcomes["known"]) == (2, Outcome.FAIL, Outcome.NA)

    desk.run("up")
    seen, outcomes = await look(desk)
    assert (len(seen.applied), seen.lacking, seen.unknown) == (2, (), ())
    assert outcomes == {
        "applied": Outcome.PASS, "succeeded": Outcome.PASS, "unedited": Outcome.NA, "known": Outcome.PASS,
    }  # fmt: skip

    desk.write(first | {C: BROKEN})
    with pytest.raises(RuntimeError):
        desk.run("up")
    seen, outcomes = await look(desk)
    assert same(desk.run("pending"), seen.lacking)
    assert (len(seen.lacking), outcomes["applied"]) == (1, Outcome.FAIL)

    desk.write(first | {C: SQL[C]})
    desk.run("up")
    seen, outcomes = await look(desk)
    assert (same(desk.run("pending"), seen.lacking), outcomes["applied"]) == (True, Outcome.PASS)

    if kind not in {Alembic, Django}:  # there it would be another chain
        desk.write(first | {BETWEEN: SQL[BETWEEN], C: SQL[C]})
        seen, outcomes = await look(desk)
        assert same(desk.run("pending"), seen.lacking)
        assert (len(seen.lacking), outcomes["applied"]) == (1, Outcome.FAIL)

    desk.write(first)  # the newest is gone from the repository
    seen, outcomes = await look(desk)
    assert len(seen.unknown) == 1
    assert outcomes["known"] is Outcome.FAIL


def drizzle(folder: Path, scripts: dict[int, str]) -> None:
    """Write what drizzle-kit generates."""
    (folder / "meta").mkdir(parents=True, exist_ok=True)
    tags = {number: f"000{number}_m" for number in scripts}
    for number, sql in scripts.items():
        (folder / f"{tags[number]}.sql").write_text(sql)
    entries = [
        {"idx": n, "version": "7", "when": 1767000000000 + n, "tag": tags[n], "breakpoints": True} for n in scripts
    ]
    (folder / "meta/_journal.json").write_text(
        json.dumps({"version": "7", "dialect": "postgresql", "entries": entries})
    )


class Drizzle(Node):
    tool = "drizzle"
    script = """
        const {drizzle} = require('drizzle-orm/node-postgres');
        const {migrate} = require('drizzle-orm/node-postgres/migrator');
        const {Client} = require('pg'); const client = new Client({connectionString: process.env.URL});
        await client.connect(); await migrate(drizzle(client), {migrationsFolder: FOLDER}); await client.end();"""


async def test_drizzle(postgres_server: Cluster, tmp_path: Path) -> None:
    desk = make(Drizzle, postgres_server, tmp_path)
    drizzle(desk.folder, {A: SQL[A], B: SQL[B]})
    assert (await look(desk))[1]["applied"] is Outcome.FAIL
    desk.run("up")
    seen, outcomes = await look(desk)
    assert (len(seen.applied), set(outcomes.values())) == (2, {Outcome.PASS})
    drizzle(desk.folder, {A: SQL[A] + " -- edited", B: SQL[B], C: SQL[C]})
    seen, outcomes = await look(desk)
    assert (seen.edited, seen.lacking) == (("0001_m",), ("0004_m",))
    assert (outcomes["unedited"], outcomes["applied"]) == (Outcome.FAIL, Outcome.FAIL)
    desk.run("up")
    assert (await look(desk))[1]["applied"] is Outcome.PASS


async def test_a_role_whose_search_path_leads_elsewhere(postgres_server: Cluster, tmp_path: Path) -> None:
    desk = make(Knex, postgres_server, tmp_path)
    with postgres_server.connect(desk.url.rpartition("/")[2]) as connection:
        connection.execute("CREATE SCHEMA app")
        connection.execute(f"ALTER DATABASE of_{desk.tool} SET search_path = app")
    desk.write({A: SQL[A]})
    desk.run("up")
    assert (await look(desk))[1]["applied"] is Outcome.PASS
