"""Migrations on a copy in a real server: which locks they hold, what they rewrite and read through, who breaks."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from golive import RunInfo
from golive.model import Outcome
from golive_checks.database.hazard import migration_hazard
from golive_checks.subjects import BackupSource, Database, Recovery
from golive_checks.subjects.databases import Tenants
from golive_checks.systems.drill.drill import Drill
from golive_checks.systems.drill.hazard import Hazard, Rehearsing
from golive_checks.systems.drill.hazard_record import Rehearsed
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.migrations.client.prisma_folder import LocalMigration, MigrationFolder, read_folder
from golive_checks.systems.migrations.facts import MigrationFiles
from golive_checks.systems.migrations.scripts import ScriptFolders
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.postgres.client.pg_programs import PgPrograms
from golive_checks.systems.postgres.client.scratch import Scratch
from golive_checks.systems.tls.client.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drill_bench import Cluster

    from golive_checks.systems.drill.hazard_record import Lock

COPY = "golive_drill_00000abc"
FILL = """
create table big (id int primary key, note text, amount int not null default 0);
insert into big select i, 'x' from generate_series(1, 2000) i;
create table other (id int primary key, big_id int);
insert into other select i, i from generate_series(1, 10) i;
create type mood as enum ('sad', 'happy');
create table named (short varchar(20) default 'x' not null, feeling mood);
create unique index named_once on named (short);
create index big_note on big (note);
create function plus(a int) returns int language sql as 'select a + 1';
create domain percent as int;
create domain unused as text;
alter table other add constraint positive check (id > 0);
create view few as select feeling from named;
create table rated (at percent not null);
create table "_prisma_migrations" (migration_name text, finished_at timestamptz, rolled_back_at timestamptz);
insert into "_prisma_migrations" values ('1_init', now(), null), ('2_failed', null, null);
"""
ASK = Hazard(large_rows=1000, max_lock_s=20)
RECOVERY = Recovery("nightly")


@dataclass
class Copy:
    """A copy that migrations are tried on."""

    server: Cluster
    folder: Path

    async def rehearse(self, *scripts: str, ask: Hazard = ASK, schema: str = "public", **more: Any) -> Rehearsed:
        for number, script in enumerate(scripts, 3):
            (self.folder / f"{number}_pending").mkdir(parents=True)
            (self.folder / f"{number}_pending" / "migration.sql").write_text(script)
        scratch = Scratch(PostgresLimits(), NetworkRoutes(Vantage()), Trust(), RunInfo("0123abcd", "9.9"))
        to = Recovery("nightly", url=self.server.url)
        there = f"?schema={schema}" if schema else ""
        database = Database("master", url=SecretStr(f"postgresql://u:p@h/d{there}"), tenants=more.get("tenants"))
        found = more.get("files") or MigrationFiles(await read_folder(str(self.folder)), None)
        source = BackupSource("nightly", of=more.get("of", "master"))
        rehearsing = Rehearsing(to, COPY, ask, scratch, PgPrograms(), Files(), ScriptFolders())
        return await rehearsing.rehearse(source, {database: found})


@pytest.fixture
def copy(scratch: Cluster, tmp_path: Path) -> Iterator[Copy]:
    scratch.sql(f"create database {COPY} owner drill")
    scratch.sql(f"set role drill; {FILL}", COPY)
    (tmp_path / "migrations" / "1_init").mkdir(parents=True)
    (tmp_path / "migrations" / "1_init" / "migration.sql").write_text("select broken")
    yield Copy(scratch, tmp_path / "migrations")
    scratch.sql(f"drop database {COPY} with (force)")


def judged(seen: Rehearsed, ask: Hazard = ASK) -> tuple[Outcome, str]:
    verdict = migration_hazard(RECOVERY, Drill(None, rehearsed=seen), ask)
    return verdict.outcome, verdict.summary


def locks(seen: Rehearsed) -> dict[str, Lock]:
    return {lock.table: lock for run in seen.migrations for lock in run.locks}


async def test_alter_type_rewrites(copy: Copy) -> None:
    seen = await copy.rehearse("alter table big alter column amount type bigint;")
    lock = locks(seen)["public.big"]
    assert (lock.mode, lock.rewritten) == ("AccessExclusiveLock", True)
    assert lock.scanned_rows >= 2000  # once more for its primary key
    outcome, said = judged(seen)
    assert outcome is Outcome.FAIL
    assert said.startswith("3_pending: blocks reads and writes of public.big while it rewrites it")


async def test_an_index_blocks_writes(copy: Copy) -> None:
    seen = await copy.rehearse("create index on big (amount);")
    lock = locks(seen)["public.big"]
    assert (lock.mode, lock.rewritten, lock.scanned_rows) == ("ShareLock", False, 2000)
    outcome, said = judged(seen)
    assert outcome is Outcome.FAIL
    assert said.startswith("3_pending: blocks writes of public.big while it reads through its 2,000 rows")


HARMLESS = {
    "a column": "alter table big add column more text default 'x';",
    "an index, concurrently": "create index concurrently on big (amount);",
    "a new table with an index": "create table fresh (id int); insert into fresh select 1; create index on fresh (id);",
    "a constraint, not yet valid": "alter table big add constraint c check (amount >= 0) not valid;",
    "an index on a small table": "create index on other (big_id);",
    "data": "update big set note = 'y' where id < 10;",
    "a rename behind a view": "alter table other rename to others; create view other as select * from others;",
    "a wider column": "alter table named alter column short type varchar(40);",
    "an unbounded column": "alter table named alter column short type text;",
    "a new label": "alter type mood add value 'fine';",
    "a table of its own": "create table fresh (id int); drop table fresh;",
    "a column that must be filled and is": "alter table big add column n int not null default 1;",
    "nothing deleted": "delete from big where id < 0;",
    "an empty table truncated": "truncate named;",
    "a new table's column": "create table t (a int not null); alter table t alter a drop not null;",
    "a constraint, validated later": "alter table big add constraint c check (id > 0) not valid;",
    "a unique constraint of an index": "alter table named add constraint u unique using index named_once;",
    "an index dropped concurrently": "drop index concurrently big_note;",
    "a constraint of another name": "alter table other rename constraint positive to above_zero;",
    "an index dropped with its column's table": "create table t (a int); create index on t (a); drop table t;",
    "a function replaced": "create or replace function plus(a int) returns int language sql as 'select a + 2';",
    "nothing": "-- empty\n",
}


@pytest.mark.parametrize("name", HARMLESS)
async def test_what_is_harmless_passes(name: str, copy: Copy) -> None:
    seen = await copy.rehearse(HARMLESS[name])
    assert judged(seen)[0] is Outcome.PASS, seen


HARMFUL = {
    "set not null": ("alter table big alter column note set not null;", "reads and writes of public.big"),
    "a checked constraint": ("alter table big add constraint c check (amount >= 0);", "reads and writes of public.big"),
    "a foreign key": (
        "alter table big add foreign key (id) references big (id);",
        "of public.big while it reads through",
    ),
    "a volatile default": ("alter table big add column r float default random();", "while it rewrites it"),
    "reindex": ("reindex index big_pkey;", "reads and writes of public.big while it reads through"),
    "vacuum full": ("vacuum full big;", "while it rewrites it"),
    "an index after another statement": ("select 1;\ncreate index on big (amount);", "writes of public.big"),
    "concurrently beside others": (
        "create index concurrently on big (amount);\nselect 1;",
        "3_pending fails on the copy: the copy refuses a query: active sql transaction (25001)",
    ),
    "broken": ("alter table nope add column x int;", "fails on the copy"),
}


TAKEN = {
    "a renamed column": ("alter table big rename column note to remark;", "public.big.note is gone"),
    "a dropped column": ("alter table big drop column note;", "public.big.note is gone"),
    "a dropped table": ("drop table other;", "public.other is gone"),
    "a renamed table": ("alter table other rename to others;", "public.other is gone"),
    "another schema": ("create schema s; alter table other set schema s;", "public.other is gone"),
    "deleted rows": ("delete from other where id < 4;", "3 rows of public.other are gone"),
    "a truncated table": ("truncate other;", "all rows of public.other are gone"),
    "another type": ("alter table other alter column big_id type bigint;", "big_id is bigint, and was integer"),
    "a narrower type": (
        "alter table named alter column short type varchar(5);",
        "varying(5), and was character varying(20)",
    ),
    "no null any more": ("alter table other alter column big_id set not null;", "big_id no longer allows NULL"),
    "no default any more": ("alter table named alter column short drop default;", "has lost its default"),
    "a column that must be filled": (
        "alter table named add column n int not null;",
        "the previous release cannot insert",
    ),
    "a renamed label": ("alter type mood rename value 'sad' to 'gloomy';", "public.mood has no 'sad' any more"),
    "a dropped domain": ("drop domain unused;", "public.unused is gone"),
    "a dropped view": ("drop view few;", "public.few is gone"),
    "a dropped function": ("drop function plus(int);", "public.plus(a integer) is gone"),
    "many rows locked": ("update big set note = 'y';", "keeps 2,000 rows of public.big locked"),
}


@pytest.mark.parametrize("name", TAKEN)
async def test_what_is_taken_or_narrowed_fails(name: str, copy: Copy) -> None:
    script, said = TAKEN[name]
    outcome, summary = judged(await copy.rehearse(script))
    assert outcome is Outcome.FAIL
    assert said in summary
    assert summary.endswith(script.rpartition("; ")[2])


WARNED = {
    "a column may be NULL": (
        "alter table rated alter column at drop not null;",
        "public.rated.at may be NULL, which the previous release never had to read",
    ),
    "an index dropped": ("drop index big_note;", "the index public.big_note of public.big is gone"),
    "a constraint dropped with its index": ("alter table other drop constraint other_pkey;", "public.other_pkey"),
    "a default": ("alter table big alter column amount drop not null, alter amount drop default;", "big.amount"),
    "a constraint dropped": (
        "alter table other drop constraint positive;",
        "public.other.positive is gone, and holds nobody any more to CHECK ((id > 0))",
    ),
    "a constraint": (
        "alter table other add constraint few check (big_id < 1000);",
        "public.other.few refuses what the previous release may still write: CHECK ((big_id < 1000))",
    ),
    "a unique constraint": ("alter table other add unique (big_id);", "may still write: UNIQUE (big_id)"),
    "a foreign key": (
        "alter table other add foreign key (big_id) references other (id);",
        "FOREIGN KEY (big_id) REFERENCES public.other(id)",
    ),
    "a domain's": ("alter domain percent add constraint p check (value <= 100);", "public.percent.p refuses"),
}


@pytest.mark.parametrize("name", WARNED)
async def test_what_the_previous_release_may_notice_warns(name: str, copy: Copy) -> None:
    script, said = WARNED[name]
    outcome, summary = judged(await copy.rehearse(script))
    assert outcome is Outcome.WARN
    assert said in summary
    assert summary.endswith(script)


async def test_a_constraint_that_was_there_before_it_was_validated(copy: Copy) -> None:
    seen = await copy.rehearse(
        "alter table other add constraint c check (id > 0) not valid;", "alter table other validate constraint c;"
    )
    assert judged(seen)[0] is Outcome.PASS


async def test_a_transaction_that_is_never_committed(copy: Copy) -> None:
    seen = await copy.rehearse("begin;\ncreate table t (id int);")
    assert judged(seen) == (
        Outcome.FAIL,
        "3_pending fails on the copy: it begins a transaction that it never commits, so that nothing of it stays",
    )


async def test_what_is_meant_to_go_is_named(copy: Copy) -> None:
    ask = ASK.model_copy(update={"expected": ("public.big.note", "public.other", "public.mood.sad")})
    seen = await copy.rehearse(
        "alter table big drop column note;", "delete from other;", "alter type mood rename value 'sad' to 'low';"
    )
    assert judged(seen, ask)[0] is Outcome.PASS
    assert len([loss for run in seen.migrations for loss in run.losses]) == 2


async def test_what_a_later_migration_brings_back_is_not_gone(copy: Copy) -> None:
    seen = await copy.rehearse("alter table other rename to others;", "create view other as select * from others;")
    assert judged(seen)[0] is Outcome.PASS


@pytest.mark.parametrize("name", HARMFUL)
async def test_what_is_harmful_fails(name: str, copy: Copy) -> None:
    script, said = HARMFUL[name]
    outcome, summary = judged(await copy.rehearse(script))
    assert outcome is Outcome.FAIL
    assert said in summary


async def test_a_lock_is_held_to_the_end_of_its_script(copy: Copy) -> None:
    seen = await copy.rehearse("alter table other add column x int;\nselect pg_sleep(0.3);", ask=ASK)
    assert locks(seen)["public.other"].held_s >= 0.3
    assert judged(seen)[0] is Outcome.PASS
    strict = ASK.model_copy(update={"max_lock_s": 0.2})
    outcome, said = judged(seen, strict)
    assert outcome is Outcome.FAIL
    assert "blocks reads and writes of public.other for " in said


async def test_a_commit_in_the_script_lets_go(copy: Copy) -> None:
    seen = await copy.rehearse("begin;\nalter table other add column x int;\ncommit;\nselect pg_sleep(2);")
    assert locks(seen)["public.other"].held_s < 1.9


async def test_only_what_is_pending_runs_in_order_until_one_fails(copy: Copy) -> None:
    (copy.folder / "2_failed").mkdir()
    (copy.folder / "2_failed" / "migration.sql").write_text("create table two (id int);")
    seen = await copy.rehearse("alter table two add column x int;", "select nope;", "select 1;")
    assert [(run.migration, bool(run.trouble)) for run in seen.migrations] == [
        ("2_failed", False),
        ("3_pending", False),
        ("4_pending", True),
    ]


def smoke(sql: str) -> Hazard:
    code = (
        "import os, psycopg; assert not [v for v in os.environ if 'SECRET' in v];"
        f"psycopg.connect(os.environ['DATABASE_URL']).execute({sql!r})"
    )
    return ASK.model_copy(update={"smoke": ((sys.executable, "-c", code),)})


async def test_the_previous_release_is_tried_on_the_migrated_copy(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "x")
    seen = await copy.rehearse("alter table big drop column note;", ask=smoke("select note from big"))
    outcome, said = judged(seen)
    assert outcome is Outcome.FAIL
    assert said.startswith("the previous release's smoke fails after them:")
    assert "ended with code 1" in said


async def test_a_smoke_that_passes(copy: Copy) -> None:
    seen = await copy.rehearse("alter table big add column m int;", ask=smoke("select note from big"))
    outcome, said = judged(seen)
    assert outcome is Outcome.PASS
    assert said.endswith("drops anything, the previous release's 1 smoke commands pass")


async def test_what_is_gone_warns_where_the_previous_release_works_without_it(copy: Copy) -> None:
    seen = await copy.rehearse("alter table big drop column note;", ask=smoke("select id from big"))
    assert judged(seen) == (Outcome.WARN, "3_pending: public.big.note is gone: alter table big drop column note;")


async def test_a_smoke_that_hangs_or_is_not_there(copy: Copy) -> None:
    ask = ASK.model_copy(update={"smoke": (("sleep", "30"),), "smoke_timeout_s": 0.3})
    assert "did not end within 300 ms" in judged(await copy.rehearse(ask=ask))[1]
    ask = ASK.model_copy(update={"smoke": (("no-such-command",),)})
    assert (await copy.rehearse(ask=ask)).gap == "the command 'no-such-command' is not on this machine"


async def test_a_search_path_that_leads_elsewhere(copy: Copy) -> None:
    copy.server.sql("create schema app authorization drill; alter table _prisma_migrations set schema app", COPY)
    copy.server.sql("set role drill; create table app.within (id int)", COPY)
    seen = await copy.rehearse("drop table within;", schema="")
    assert judged(seen)[1].startswith("3_pending: app.within is gone")


async def test_what_keeps_it_from_being_looked_at(copy: Copy) -> None:
    assert "no table _prisma_migrations in the schema elsewhere" in (await copy.rehearse(schema="elsewhere")).gap
    assert "cannot determine which database" in (await copy.rehearse(of="another")).gap
    slow = ASK.model_copy(update={"timeout_s": 0.3})
    assert "did not end on the copy within 300 ms" in (await copy.rehearse("select pg_sleep(30);", ask=slow)).gap


def test_without_a_copy_it_is_unknown_and_without_anything_pending_na() -> None:
    assert migration_hazard(RECOVERY, Drill(None), ASK).outcome is Outcome.UNKNOWN
    assert judged(Rehearsed(gap="x"))[0] is Outcome.UNKNOWN
    assert judged(Rehearsed())[0] is Outcome.NA


OF_TOOLS = {
    "golang-migrate": (
        "create table schema_migrations (version bigint, dirty bool); insert into schema_migrations values (1, false)",
        {"000001_init.up.sql": "select broken", "000001_init.down.sql": "", "000002_more.down.sql": ""},
        "000002_more.up.sql",
        "{}",
    ),
    "goose": (
        (
            "create table goose_db_version (id serial, version_id bigint, is_applied bool);"
            "insert into goose_db_version (version_id, is_applied) values (0, true), (1, true)"
        ),
        {"00001_init.sql": "-- +goose Up\nselect broken;\n"},
        "00002_more.sql",
        "-- +goose Up\n{}\n-- +goose Down\ndrop table big;\n",
    ),
    "dbmate": (
        "create table schema_migrations (version text); insert into schema_migrations values ('20260101000000')",
        {"20260101000000_init.sql": "-- migrate:up\nselect broken;\n"},
        "20260102000000_more.sql",
        "-- migrate:up\n{}\n-- migrate:down\ndrop table big;\n",
    ),
    "flyway": (
        (
            "create table flyway_schema_history (installed_rank int, version text, script text, checksum int,"
            "success bool, type text);"
            "insert into flyway_schema_history values (1, '1', 'V1__init.sql', 1, true, 'SQL')"
        ),
        {"V1__init.sql": "select broken;"},
        "V2__more.sql",
        "{}",
    ),
}


@pytest.mark.parametrize("tool", ["goose", "dbmate"])
async def test_a_script_without_a_part_that_is_run_is_a_gap(tool: str, copy: Copy, tmp_path: Path) -> None:
    copy.server.sql(f"set role drill; {OF_TOOLS[tool][0]}", COPY)
    name = OF_TOOLS[tool][2]
    (tmp_path / name).write_text("drop table big;")
    found = MigrationFolder(str(tmp_path), (LocalMigration(name, ()),), tool=tool)
    seen = await copy.rehearse(files=MigrationFiles(found, None), schema="")
    assert f"{name} has no part that {tool} runs" in seen.gap
    assert judged(seen)[0] is Outcome.UNKNOWN


@pytest.mark.parametrize("tool", OF_TOOLS)
async def test_pending_migrations_of_tools_of_sql_are_tried(tool: str, copy: Copy, tmp_path: Path) -> None:
    table, applied, name, form = OF_TOOLS[tool]
    copy.server.sql(f"set role drill; {table}", COPY)
    folder = tmp_path / tool
    folder.mkdir()
    pending = form.format("alter table big alter column amount type bigint; alter table big drop column note;")
    for file, text in {**applied, name: pending}.items():
        (folder / file).write_text(text)
    scripts = await ScriptFolders().scripts(str(folder), tool)
    found = MigrationFolder(str(folder), tuple(LocalMigration(each.name, ()) for each in scripts.scripts), tool=tool)
    seen = await copy.rehearse(files=MigrationFiles(found, None), schema="")
    assert (seen.gap, [run.migration for run in seen.migrations]) == ("", [name])
    assert locks(seen)["public.big"].rewritten
    assert "public.big.note" in {loss.name for loss in seen.migrations[0].losses}
    outcome, said = judged(seen)
    assert outcome is Outcome.FAIL
    assert name in said


async def test_goose_runs_statements_apart_where_the_script_says_so(copy: Copy, tmp_path: Path) -> None:
    table, _, name, _ = OF_TOOLS["goose"]
    copy.server.sql(f"set role drill; {table}", COPY)
    folder = tmp_path / "goose"
    folder.mkdir()
    statements = "create index concurrently a on big (amount); create index concurrently b on big (note);"
    (folder / name).write_text(f"-- +goose NO TRANSACTION\n-- +goose Up\n{statements}\n")
    found = MigrationFolder(str(folder), (LocalMigration(name, ()),), tool="goose")
    seen = await copy.rehearse(files=MigrationFiles(found, None), schema="")
    assert (seen.gap, seen.migrations[0].trouble) == ("", "")
    assert judged(seen)[0] is Outcome.PASS


async def test_a_tools_own_command_is_judged_by_what_it_leaves(copy: Copy) -> None:
    program = (
        "import os, psycopg\n"
        "with psycopg.connect(os.environ['DATABASE_URL']) as connection:\n"
        "    connection.execute('alter table big drop column note')"
    )
    ask = Hazard(deploy=(sys.executable, "-c", program))
    seen = await copy.rehearse(ask=ask)
    assert [loss.name for loss in seen.migrations[0].losses] == ["public.big.note"]
    assert "which locks they hold" in seen.unseen[0]
    failing = await copy.rehearse(ask=Hazard(deploy=(sys.executable, "-c", "raise SystemExit(3)")))
    assert failing.migrations[0].trouble == "it ended with code 3"
    assert judged(failing)[0] is Outcome.FAIL


TENANT = """
set role drill;
create schema NAME;
set search_path = NAME;
create table sales as select i, 'x' as note from generate_series(1, ROWS) i;
create table "_prisma_migrations" as select * from public."_prisma_migrations";
"""


async def test_tenants_migrations_are_tried_in_their_schemas(copy: Copy, tmp_path: Path) -> None:
    for name, rows in (("tenant_a", "1"), ("tenant_b", "2000")):
        text = TENANT.replace("NAME", name).replace("ROWS", rows)
        copy.server.sql(text, COPY)
    folder = tmp_path / "tenants"
    for name, text in (("1_init", "select broken"), ("2_more", "alter table sales alter column i type bigint;")):
        (folder / name).mkdir(parents=True)
        (folder / name / "migration.sql").write_text(text)
    copy.server.sql("insert into tenant_a._prisma_migrations values ('2_more', now(), null)", COPY)
    found = MigrationFiles(await read_folder(str(copy.folder)), await read_folder(str(folder)))
    seen = await copy.rehearse(files=found)
    assert (seen.gap, [run.migration for run in seen.migrations]) == ("", ["2_more (tenant_b)"])
    assert locks(seen)["tenant_b.sales"].rewritten
    assert seen.untried == ()


async def test_tenants_beyond_those_that_are_tried_do_not_pass(copy: Copy, tmp_path: Path) -> None:
    for name in ("tenant_a", "tenant_b", "reports"):
        copy.server.sql(TENANT.replace("NAME", name).replace("ROWS", "2"), COPY)
    folder = tmp_path / "tenants"
    (folder / "2_more").mkdir(parents=True)
    (folder / "2_more" / "migration.sql").write_text("alter table sales add column if not exists more int;")
    found = MigrationFiles(None, await read_folder(str(folder)))
    ask = ASK.model_copy(update={"max_tenants": 1})
    tenants = Tenants(pattern="tenant_?")  # the schema `reports` has migrations of its own
    seen = await copy.rehearse(files=found, ask=ask, tenants=tenants)
    assert [run.migration for run in seen.migrations] == ["2_more (tenant_a)"]
    assert seen.untried == ("1 tenant of 2, smaller than those that were tried",)
    assert judged(seen)[0] is Outcome.UNKNOWN
    copy.server.sql("insert into tenant_b._prisma_migrations values ('2_more', now(), null)", COPY)
    seen = await copy.rehearse(files=found, ask=ask, tenants=tenants)
    assert (seen.untried, judged(seen)[0]) == ((), Outcome.PASS)
    copy.server.sql("drop schema tenant_a cascade; drop schema tenant_b cascade", COPY)
    seen = await copy.rehearse(files=found, ask=ask, tenants=tenants)
    assert judged(seen)[0] is Outcome.UNKNOWN
