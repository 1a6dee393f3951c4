"""State by state, what the real Prisma CLI says of migrations and what golive says: the same, or more."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from thorough import but

from golive import Environment, Outcome, RunInfo, Unavailable
from golive_checks.database import migrations as checks
from golive_checks.subjects import Database
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.migrations.client.prisma_folder import checksums
from golive_checks.systems.migrations.client.prisma_table import PrismaTables
from golive_checks.systems.migrations.facts import master_rows, migration_files
from golive_checks.systems.migrations.scripts import ScriptFolders
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.postgres.cluster import SUPERUSER_PASSWORD, Cluster
from golive_lab.parts.prisma import Prisma
from golive_lab.world.postgres import SUPERUSER

A, B, C = "20260101000000_a", "20260102000000_b", "20260103000000_c"
BETWEEN = "20260102120000_between"
SCRIPTS = {A: "CREATE TABLE a (id INT);\n", B: "CREATE TABLE b (id INT);\n", C: "CREATE TABLE c (id INT);\n"}
BASE = {A: SCRIPTS[A], B: SCRIPTS[B]}
BROKEN = "CREATE TABLE half (id INT);\nSELECT 1/0;\n"
UP_TO_DATE = "Database schema is up to date!"
BASE_DATABASE = "base"


@pytest.fixture(scope="module")
def base(postgres_server: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make a database to which the real CLI has applied the first two migrations."""
    with postgres_server.connect() as connection:
        connection.execute("CREATE DATABASE base TEMPLATE template0")
    first = Prisma(tmp_path_factory.mktemp("base"), url(postgres_server, BASE_DATABASE))
    first.write(BASE)
    said = first.run("deploy")
    assert said.code == 0, said.text
    return BASE_DATABASE


def url(server: Cluster, database: str) -> str:
    return f"postgresql://{SUPERUSER}:{SUPERUSER_PASSWORD}@127.0.0.1:{server.port}/{database}"


@dataclass
class Desk:
    """A project, its database, and what the CLI and golive say of them."""

    prisma: Prisma
    sql: Callable[..., None]

    def deploy(self, scripts: dict[str, str], *, code: int = 0) -> None:
        self.prisma.write(scripts)
        self.run("deploy", code=code)

    def run(self, *arguments: str, code: int = 0) -> None:
        said = self.prisma.run(*arguments)
        assert said.code == code, said.text

    async def golive(self) -> dict[str, tuple[str, str]]:
        """Look with golive's own probes, and return each check's outcome and summary."""
        postgres = Postgres(PostgresLimits(), NetworkRoutes(Vantage()), Trust(), RunInfo("0123abcd", "9.9"))
        tables = PrismaTables(postgres)
        there = f"{self.prisma.url}?schema={self.prisma.schema}" if self.prisma.schema else self.prisma.url
        database = Database("master", url=SecretStr(there), migrations=str(self.prisma.migrations))
        try:
            files, rows = (
                await migration_files(database, ScriptFolders()),
                await master_rows(database, tables, postgres, ScriptFolders()),
            )
        finally:
            await tables.aclose()
        given = {"database": database, "files": files, "master": rows, "tenants": Unavailable("none")}
        env = {"env": Environment("test")}
        said = {
            "applied": checks.migrations_applied(**given, **env),
            "succeeded": checks.migrations_succeeded(**given),
            "unedited": checks.migrations_unedited(**given),
            "known": checks.migrations_known(**given, **env),
        }
        return {name: (str(verdict.outcome), verdict.summary) for name, verdict in said.items()}


@pytest.fixture
def desk(postgres_server: Cluster, base: str, tmp_path: Path, request: pytest.FixtureRequest) -> Desk:
    """Stand ready with a copy of the base database."""
    name = "state_" + "".join(c if c.isalnum() else "_" for c in request.node.callspec.id)[:50]
    with postgres_server.connect() as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {base}")

    def sql(statement: str, *values: str) -> None:
        with psycopg.connect(url(postgres_server, name), autocommit=True) as connection:
            connection.execute(statement, values or None)

    made = Desk(Prisma(tmp_path, url(postgres_server, name)), sql)
    made.prisma.write(BASE)
    return made


def nothing(desk: Desk) -> None:
    """Leave it as the CLI left it."""


def pending(desk: Desk) -> None:
    desk.prisma.write(SCRIPTS)


def never(desk: Desk) -> None:
    desk.sql("DROP TABLE _prisma_migrations; DROP TABLE a, b")


def failed(desk: Desk) -> None:
    desk.deploy({**BASE, C: BROKEN}, code=1)


def crashed(desk: Desk) -> None:
    """Kill the CLI in the middle of a migration."""
    desk.prisma.write({**BASE, C: "SELECT pg_sleep(60);\n"})
    command, environment = desk.prisma.command("deploy"), desk.prisma.environment()
    process = subprocess.Popen(command, cwd=desk.prisma.folder, env=environment, stdout=subprocess.DEVNULL)
    with psycopg.connect(desk.prisma.url, autocommit=True) as connection:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if connection.execute("SELECT count(*) FROM _prisma_migrations").fetchall()[0][0] == 3:
                break
            time.sleep(0.05)
        process.kill()
        process.wait()
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")


def rolled_back(desk: Desk) -> None:
    failed(desk)
    desk.run("resolve", "--rolled-back", C)


def deployed_again(desk: Desk) -> None:
    rolled_back(desk)
    desk.deploy(SCRIPTS)


def marked_after_failing(desk: Desk) -> None:
    failed(desk)
    desk.run("resolve", "--applied", C)


def marked_unrun(desk: Desk) -> None:
    desk.prisma.write(SCRIPTS)
    desk.run("resolve", "--applied", C)


def edited(desk: Desk) -> None:
    desk.prisma.write({**BASE, B: SCRIPTS[B] + "-- a last touch\n"})


def missing(desk: Desk) -> None:
    desk.deploy(SCRIPTS)
    desk.prisma.write({A: SCRIPTS[A], C: SCRIPTS[C]})


def missing_newest(desk: Desk) -> None:
    desk.prisma.write({A: SCRIPTS[A]})


def squashed(desk: Desk) -> None:
    desk.deploy(SCRIPTS)
    desk.prisma.write({C: SCRIPTS[C]})


def diverged(desk: Desk) -> None:
    desk.prisma.write({A: SCRIPTS[A], C: SCRIPTS[C]})


def out_of_order(desk: Desk) -> None:
    desk.deploy(SCRIPTS)
    desk.deploy({**SCRIPTS, BETWEEN: "CREATE TABLE between_them (id INT);\n"})


def other_line_ends(desk: Desk) -> None:
    desk.prisma.write({name: script.replace("\n", "\r\n") for name, script in BASE.items()})


def old_hex(desk: Desk) -> None:
    """Store the checksum as the engine's first versions did."""
    script = next(f"-- {n}\n" for n in range(1000) if len(checksums(f"-- {n}\n".encode())[-1]) < 64)
    desk.deploy({**BASE, C: script})
    old = checksums(script.encode())[-1]
    desk.sql("UPDATE _prisma_migrations SET checksum = %s WHERE migration_name = %s", old, C)


def failed_beside_applied(desk: Desk) -> None:
    """Bring an old row that failed back in, as an import of data does."""
    desk.sql(
        "INSERT INTO _prisma_migrations (id, checksum, migration_name, logs, started_at)"
        " SELECT 'old', checksum, migration_name, 'it failed', started_at - interval '1 h'"
        " FROM _prisma_migrations WHERE migration_name = %s",
        B,
    )


def no_script(desk: Desk) -> None:
    desk.prisma.write(BASE)
    (desk.prisma.migrations / C).mkdir()
    said = desk.prisma.run("deploy")
    assert (said.code, "P3015" in said.text) == (1, True), said.text


def linked(desk: Desk) -> None:
    elsewhere = desk.prisma.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "migration.sql").write_text("SELECT 1;\n")
    (desk.prisma.migrations / C).symlink_to(elsewhere)


def empty(desk: Desk) -> None:
    never(desk)
    desk.prisma.write({})
    desk.run("deploy")


def wrong_provider(desk: Desk) -> None:
    (desk.prisma.migrations / "migration_lock.toml").write_text('provider = "mysql"\n')


def pushed(desk: Desk) -> None:
    """Leave what `prisma db push` does: tables, and no history."""
    desk.sql("DROP TABLE _prisma_migrations")
    assert "P3005" in desk.prisma.run("deploy").text


def older_table(desk: Desk) -> None:
    desk.sql("ALTER TABLE _prisma_migrations DROP COLUMN applied_steps_count, DROP COLUMN rolled_back_at")


@dataclass(frozen=True)
class State:
    """How it comes about, what `prisma migrate status` says, and which checks are not `pass`."""

    make: Callable[[Desk], None]
    code: int
    says: str
    not_passed: dict[str, str]
    more: bool = False
    """golive sees what the CLI calls up to date."""


NOT_YET = "not yet been applied"
STATES = {
    "applied": State(nothing, 0, UP_TO_DATE, {}),
    "pending": State(pending, 1, NOT_YET, {"applied": f"fail it lacks {C}"}),
    "no table": State(
        never,
        1,
        NOT_YET,
        {
            "applied": "fail it has no table _prisma_migrations in the schema public",
            "succeeded": "n/a",
            "unedited": "n/a",
            "known": "n/a",
        },
    ),
    "pushed": State(
        pushed,
        1,
        NOT_YET,
        {
            "applied": "fail it has tables in the schema public and no _prisma_migrations, as after `prisma db push`",
            "succeeded": "n/a",
            "unedited": "n/a",
            "known": "n/a",
        },
    ),
    "failed": State(
        failed,
        1,
        "Following migration have failed",
        {"applied": f"fail it lacks {C} (failed)", "succeeded": f"fail it has failed: {C}"},
    ),
    "crashed": State(
        crashed,
        1,
        "Following migration have failed",
        {"applied": f"fail it lacks {C} (not finished)", "succeeded": "fail it has unfinished migrations"},
    ),
    "rolled back": State(rolled_back, 0, UP_TO_DATE, {"applied": f"fail it lacks {C} (rolled back)"}, more=True),
    "deployed again": State(deployed_again, 0, UP_TO_DATE, {}),
    "marked as applied after failing": State(marked_after_failing, 0, UP_TO_DATE, {}),
    "marked as applied, never run": State(marked_unrun, 0, UP_TO_DATE, {}),
    "edited": State(edited, 0, UP_TO_DATE, {"unedited": f"fail it has applied another text of {B}"}, more=True),
    "missing in the repository": State(
        missing, 0, UP_TO_DATE, {"known": f"fail it has {B}, which the repository lacks"}, more=True
    ),
    "missing, the newest": State(
        missing_newest, 0, UP_TO_DATE, {"known": f"fail it has {B}, which the repository lacks"}, more=True
    ),
    "squashed": State(squashed, 0, UP_TO_DATE, {"known": f"warn it has {A} and {B}, older than all"}, more=True),
    "diverged": State(
        diverged,
        1,
        "different",
        {"applied": f"fail it lacks {C}", "known": f"fail it has {B}, which the repository lacks"},
    ),
    "out of order": State(
        out_of_order, 0, UP_TO_DATE, {"applied": f"warn it has {BETWEEN} applied after {C}"}, more=True
    ),
    "other line ends": State(other_line_ends, 0, UP_TO_DATE, {}),
    "checksum in old hex": State(old_hex, 0, UP_TO_DATE, {}),
    "failed beside applied": State(
        failed_beside_applied, 1, "Following migration have failed", {"succeeded": f"fail it has failed: {B}"}
    ),
    "no migration.sql": State(no_script, 1, NOT_YET, {"applied": f"fail {C} in "}),
    "a link": State(linked, 0, UP_TO_DATE, {}),
    "no migration at all": State(
        empty, 0, "No migration found", dict.fromkeys(("applied", "succeeded", "unedited", "known"), ""), more=True
    ),
    "for another database": State(wrong_provider, 1, "P3019", {"applied": "fail "}),
    "an older table": State(older_table, 1, 'column "rolled_back_at" does not exist', {}),  # and golive reads on
}


FEW = {"pending", "failed", "edited"}


@pytest.mark.parametrize("name", but(FEW, STATES))
async def test_state(name: str, desk: Desk) -> None:
    state = STATES[name]
    state.make(desk)
    status = desk.prisma.run("status")
    assert (status.code, state.says in status.text) == (state.code, True), status.text
    found = await desk.golive()
    other = {check: f"{outcome} {words}" for check, (outcome, words) in found.items() if outcome != Outcome.PASS}
    assert set(other) == set(state.not_passed), other
    for check, words in state.not_passed.items():
        assert other[check].startswith(words), other[check]
    if state.more:
        assert status.code == 0
        assert other


async def test_a_tenant_in_a_schema_of_its_own(postgres_server: Cluster, base: str, tmp_path: Path) -> None:
    with postgres_server.connect() as connection:
        connection.execute("CREATE DATABASE tenants TEMPLATE template0")
    with postgres_server.connect("tenants") as connection:
        connection.execute("CREATE SCHEMA tenant_a")
    desk = Desk(Prisma(tmp_path, url(postgres_server, "tenants"), "tenant_a"), lambda *_: None)
    desk.deploy(BASE)
    assert {outcome for outcome, _ in (await desk.golive()).values()} == {"pass"}
    desk.prisma.write(SCRIPTS)
    assert desk.prisma.run("status").code == 1
    assert (await desk.golive())["applied"] == ("fail", f"it lacks {C}")


@pytest.mark.long
async def test_a_role_whose_search_path_leads_elsewhere(
    postgres_server: Cluster, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with postgres_server.connect() as connection:
        connection.execute("CREATE DATABASE elsewhere TEMPLATE template0")
        connection.execute("ALTER DATABASE elsewhere SET search_path = app")
    with postgres_server.connect("elsewhere") as connection:
        connection.execute("CREATE SCHEMA app")
    desk = Desk(Prisma(tmp_path, url(postgres_server, "elsewhere")), lambda *_: None)
    desk.deploy(dict.fromkeys(NAMES, "SELECT 1;\n"))
    with psycopg.connect(desk.prisma.url) as connection:
        rows = connection.execute("SELECT migration_name FROM app._prisma_migrations ORDER BY started_at").fetchall()
    assert [name for (name,) in rows] == NAMES
    assert {outcome for outcome, _ in (await desk.golive()).values()} == {"pass"}


NAMES = ["0_init", "1_a", "1-a", "10_c", "1a", "2_b", "a_x", "A_x", "b", "B", "x y"]
"""In the order in which the CLI applies them; as bytes they would be sorted otherwise."""
PROVIDER = 'provider = "postgresql"'
LOCKS = {
    "as it is written": f"# a comment\n{PROVIDER}\n",
    "without spaces": 'provider="postgresql"\n',
    "without quotes": "provider = postgresql\n",
    "in single quotes": "provider = 'postgresql'\n",
    "another word": 'provider = "postgres"\n',
    "indented": f"  {PROVIDER}\n",
    "with a comment behind it": f"{PROVIDER} # of ours\n",
    "with Windows' line ends": f"{PROVIDER}\r\n",
    "empty": "",
    "of nothing but a comment": "# nothing\n",
    "twice": f'provider = "mysql"\n{PROVIDER}\n',
    "in conflict": f"<<<<<<< HEAD\n{PROVIDER}\n=======\n",
    "in capitals": 'provider = "PostgreSQL"\n',
    "with a byte order mark": f"\ufeff{PROVIDER}\n",
    "another key": 'providers = "postgresql"\n',
    "of CockroachDB": 'provider = "cockroachdb"\n',
}


@pytest.mark.parametrize("name", [*LOCKS][:: 1 if os.environ.get("GOLIVE_ALL") else 8])
async def test_the_lock_file_is_read_as_the_cli_reads_it(name: str, desk: Desk) -> None:
    (desk.prisma.migrations / "migration_lock.toml").write_bytes(LOCKS[name].encode())
    stops = "P3019" in desk.prisma.run("status").text
    outcome, said = (await desk.golive())["applied"]
    if name != "of CockroachDB":  # which golive also reads; here the schema is for Postgres
        assert (outcome == "fail") is stops, said
        assert ("P3019" in said) is stops
