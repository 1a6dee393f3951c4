"""Schemas that were changed by hand, in a real server: of a master, of its tenants, and of other tools than Prisma."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from drift_bench import Drifting, rows

from golive import Unavailable
from golive_checks.subjects import Tenants
from golive_checks.systems.drill.expected import DriftSettings, applied_count
from golive_checks.systems.migrations.client.prisma_folder import LocalMigration, MigrationFolder
from golive_checks.systems.migrations.client.prisma_table import MigrationRow, MigrationStep
from golive_checks.systems.migrations.tenants import Tenant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drill_bench import Cluster

MADE = {
    "1_users": "create table users (id serial primary key, name text not null);",
    "2_more": """
        create schema billing; grant usage on schema billing to drill;
        create table billing.bills (id int primary key, user_id int references users (id));
        create table events (at timestamptz not null) partition by range (at);
        create table events_first partition of events for values from ('2026-01-01') to ('2026-02-01');
        create function plus(a int) returns int language sql as 'select a + 1';
        create view few as select id from users where id < 10;
        alter table users add constraint sound check (name <> '') not valid;
    """,
}


@pytest.fixture
def drifting(scratch: Cluster, tmp_path: Path) -> Iterator[Drifting]:
    made = Drifting(scratch, tmp_path, "drifting")
    yield made
    assert made.left == []
    made.drop()


def named(seen: object) -> list[str]:
    return [f"{each.part.kind} {each.part.path}" for each in seen.differences]  # type: ignore[attr-defined]


async def test_what_is_no_drift(drifting: Drifting, scratch: Cluster) -> None:
    await drifting.migrate(MADE)
    scratch.sql(
        """
        create table events_later partition of events for values from ('2026-02-01') to ('2026-03-01');
        drop table events_first; create index on users (name); drop index users_name_idx;
        alter table users validate constraint sound; create schema ours; create table ours.notes (id int);
        create extension citext schema ours; create table _prisma_migrations (id int);
        """,
        drifting.live,
    )
    assert named(await drifting.master()) == []


async def test_what_is_drift(drifting: Drifting, scratch: Cluster) -> None:
    await drifting.migrate(MADE)
    scratch.sql(
        """
        alter table users add check (id > 0); alter table billing.bills add column note text; drop view few;
        create or replace function plus(a int) returns int language sql as 'select a + 2';
        alter table billing.bills drop constraint bills_user_id_fkey; create table events_archive (at timestamptz);
        """,
        drifting.live,
    )
    assert named(await drifting.master()) == [
        "column billing.bills.note",
        "constraint billing.bills.bills_user_id_fkey",
        "table events_archive",
        "view few",
        "function plus(a integer)",
        "constraint users.users_id_check",
    ]


async def test_what_is_pending_is_no_drift(drifting: Drifting) -> None:
    await drifting.migrate(MADE)
    (drifting.migrations / "3_pending").mkdir()
    (drifting.migrations / "3_pending" / "migration.sql").write_text("alter table users add column email text;")
    seen = await drifting.master()
    assert (seen.count, named(seen)) == (2, [])


async def test_tenants(drifting: Drifting, scratch: Cluster) -> None:
    await drifting.migrate({name: MADE[name] for name in ["1_users"]})
    (drifting.migrations / "3_email").mkdir()
    (drifting.migrations / "3_email" / "migration.sql").write_text("alter table users add column email text;")
    drifting.their = Tenants(names=("a", "b", "c"))
    one, two, both = rows("1_users"), rows("1_users", "3_email"), MADE["1_users"] + "alter table users add email text;"
    for name, script in {"a": MADE["1_users"], "b": both, "c": both + "drop table users;"}.items():
        scratch.sql(f"create schema {name}; set search_path = {name}; {script};", drifting.live)
    scratch.sql("grant usage on schema a, b to drill", drifting.live)
    a, b, c = (Tenant(f"master/{name}", drifting.database, name) for name in "abc")
    drifting.tenants = {a: one, b: two, c: two}
    assert named(await drifting.master()) == []
    assert named(await drifting.tenant(a)) == []
    assert named(await drifting.tenant(b)) == []
    with pytest.raises(Unavailable, match="its role may not use the schema c"):
        await drifting.tenant(c)
    scratch.sql("grant usage on schema c to drill", drifting.live)
    assert named(await drifting.tenant(c)) == ["table users"]


async def test_a_migration_that_does_not_run_alone(drifting: Drifting, scratch: Cluster) -> None:
    await drifting.migrate({"1_users": MADE["1_users"]})
    path = drifting.migrations / "1_users" / "migration.sql"
    path.write_text("create table users (id int); grant select on users to nobody_there;")
    with pytest.raises(
        Unavailable, match="statement 2 of 1_users: the scratch database refuses a query: undefined obj"
    ):
        await drifting.master()


GOOSE = "-- +goose Up\ncreate table users (id int);\n-- +goose Down\ndrop table users;\n"


async def test_another_tool(drifting: Drifting, scratch: Cluster) -> None:
    drifting.tool = "goose"
    drifting.migrations.mkdir(parents=True)
    (drifting.migrations / "1_users.sql").write_text(GOOSE)
    scratch.sql("create table users (id int, more text); create table goose_db_version (id int)", drifting.live)
    drifting.rows = rows("1_users.sql")
    assert named(await drifting.master()) == ["column users.more"]


DEPLOY = """
import os, psycopg
with psycopg.connect(os.environ["SCRATCH_URL"]) as connection:
    connection.execute("create table users (id int)")
    connection.execute("create table alembic_version (version_num text)")
"""
REVISION = "revision = 'abc'\ndown_revision = None\n"


async def test_a_tool_that_is_run(drifting: Drifting, scratch: Cluster) -> None:
    drifting.tool = "alembic"
    drifting.migrations.mkdir(parents=True)
    (drifting.migrations / "abc_users.py").write_text(REVISION)
    scratch.sql("create table users (id bigint)", drifting.live)
    drifting.rows = rows("abc_users")
    with pytest.raises(Unavailable, match="golive does not run migrations of alembic itself"):
        await drifting.master()
    drifting.ask = DriftSettings(deploy=(sys.executable, "-c", DEPLOY), deploy_variables=("SCRATCH_URL",))
    assert named(await drifting.master()) == ["column users.id"]
    drifting.ask = DriftSettings(deploy=(sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(Unavailable, match="ended with code 3"):
        await drifting.master()


FOLDER = MigrationFolder("m", tuple(LocalMigration(name, ()) for name in ("20260101_a", "20260102_b", "20260103_c")))
HALF = MigrationRow("20260102_b", "", MigrationStep.UNFINISHED)


def test_how_many_are_applied() -> None:
    assert applied_count(FOLDER, rows()) == 0
    assert applied_count(FOLDER, rows("20250101_squashed", "20260101_a", "20260102_b")) == 2
    for there, said in {
        rows("20260101_a", "20260103_c"): "it lacks 20260102_b, and has later ones",
        rows("20260101_a", "20270101_z"): "it has 20270101_z, which the repository lacks",
        replace(rows("20260101_a"), rows=(HALF,)): "20260102_b did not end there",
        rows(found="no table"): "no migration was ever applied",
    }.items():
        with pytest.raises(Unavailable, match=said):
            applied_count(FOLDER, there)
