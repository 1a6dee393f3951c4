"""Does this migration endanger the release? What squawk flags in its text, golive sees on a copy of the database."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

from drill_bench import Cluster, scratch
from tests.systems.drill.test_hazard import COPY, FILL, Copy, judged

from golive import Outcome
from golive_checks.systems.drill.hazard import Hazard

__all__ = ["scratch"]

SEED = 20261129
ALL = 200
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 20
ASK = Hazard(large_rows=1, max_lock_s=60)
"""Any table that has rows is a large one, for squawk cannot know."""
TEMPLATE = "golive_drill_template"
SQUAWK = Path(sys.executable).with_name("squawk")
MORE = """
alter table big add constraint sound check (amount >= 0);
create table parts (id bigint primary key, big_id bigint not null, label text default 'x', at timestamp);
insert into parts select i, i, 'a', now() from generate_series(1, 50) i;
create index parts_label on parts (label);
"""
STYLE = [
    "ban-char-field",
    "identifier-too-long",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "prefer-timestamptz",
    "require-enum-value-ordering",
    "require-lock-timeout",
    "require-statement-timeout",
]
"""Rules about how it is written, not about what it does to those who are at work."""
FLAGGED = [
    "alter table {table} rename column {column} to renamed;",
    "alter table {table} drop column {column};",
    "alter table {table} rename to renamed;",
    "drop table {table} cascade;",
    "truncate {table} cascade;",
    "alter table {table} alter column {number} type numeric(30, 2);",
    "alter table {table} alter column {text} type varchar(3) using left({text}, 3);",
    "alter table {table} alter column {text} set not null;",
    "alter table {table} alter column {key} drop not null;",
    "alter table {table} add column extra double precision default random();",
    "alter table {table} add column extra uuid default gen_random_uuid();",
    "alter table {table} add column extra text not null;",
    "alter table {table} add column extra bigint generated always as ({number} * 2) stored;",
    "alter table {table} add column extra bigint references other (id);",
    "create index on {table} ({column});",
    "create unique index once on {table} ({key}, {column});",
    "drop index {index};",
    "alter table {table} add constraint extra check ({number} > -5);",
    "alter table {table} add constraint extra unique ({key}, {column});",
    "alter table {table} add constraint extra foreign key ({key}) references {table} ({key});",
    "alter table {table} drop constraint {table}_pkey cascade;",
    "alter table big drop constraint sound;",
    "alter table {table} alter column {filled} drop default;",
    "alter type mood rename to temper;",
    "alter type mood rename value 'sad' to 'low';",
    "alter domain percent add constraint small check (value < 1000);",
    "drop domain unused;",
    "drop function plus(int);",
    "drop view few;",
    "drop schema public cascade;",
    "reindex table {table};",
    "begin;\nalter table {table} add column extra text;",
    "begin;\ncreate index concurrently once on {table} ({key});\ncommit;",
    "create domain fresh as text check (value <> '');",
]
HARMLESS = [
    "alter table {table} add column extra text;",
    "alter table {table} add column extra text default 'x';",
    "alter table {table} add column extra timestamptz default now();",
    "alter table {table} add column extra bigint not null default 1;",
    "create index concurrently extra on {table} ({column});",
    "create unique index concurrently extra on {table} ({key}, {column});",
    "drop index concurrently {index};",
    "reindex index concurrently {index};",
    "alter table {table} add constraint extra check ({number} > -5) not valid;",
    "alter table {table} add constraint extra foreign key ({key}) references {table} ({key}) not valid;",
    "alter table named add constraint extra unique using index named_once;",
    "alter table {table} alter column {column} set default null;",
    "create table fresh (id bigint primary key, label text not null);",
    "begin;\ncreate table fresh (id bigint primary key); create index on fresh (id);\ncommit;",
    "begin;\ncreate table fresh (id bigint primary key, of bigint); alter table fresh add unique (of);\ncommit;",
    "create view fresh as select {key} from {table};",
    "create or replace function plus(a int) returns int language sql as 'select a + 2';",
    "create function fresh() returns int language sql as 'select 1';",
    "alter type mood add value 'calm' after 'sad';",
    "create type size as enum ('s', 'm');",
    "create sequence fresh;",
    "comment on table {table} is 'x';",
    "alter table {table} set (fillfactor = 90);",
    "create schema fresh; create table fresh.t (id bigint primary key);",
    "alter table {table} alter column {column} set statistics 200;",
]
TABLES = [
    {"table": "big", "key": "id", "column": "note", "text": "note", "number": "amount", "filled": "amount"},
    {"table": "parts", "key": "id", "column": "at", "text": "label", "number": "big_id", "filled": "label"},
]
INDEX = {"big": "big_note", "parts": "parts_label"}
GOLIVE_IS_RIGHT = {
    "ban-create-domain-with-constraint": "no column is of a domain that is new, so that nothing is read or locked by it"
}


def generated() -> list[tuple[str, bool]]:
    """Return scripts, and whether each is of those that endanger nobody."""
    of = random.Random(SEED)
    every = [(text, False) for text in FLAGGED] + [(text, True) for text in HARMLESS]
    of.shuffle(every)
    made = []
    for number in range(ALL):
        text, harmless = every[number % len(every)]
        names = of.choice(TABLES)
        made.append((text.format(**names, index=INDEX[names["table"]]), harmless))
    return made[:COUNT]


def flags(scripts: list[str], folder: Path) -> list[set[str]]:
    """Ask squawk, once for all."""
    for number, text in enumerate(scripts):
        (folder / f"{number:04}.sql").write_text(f"{text}\n")
    files = sorted(folder.glob("*.sql"))
    argv = [SQUAWK, "--reporter", "json", "--pg-version", "15", *(f"--exclude={rule}" for rule in STYLE), *files]
    ran = subprocess.run([str(word) for word in argv], check=False, capture_output=True, timeout=120)
    said = json.loads(ran.stdout)
    return [{each["rule_name"] for each in said if each["file"] == str(file)} for file in files]


async def test_what_squawk_flags_golive_sees(scratch: Cluster, tmp_path: Path) -> None:
    print(f"seed {SEED}, {COUNT} of {ALL} migrations")
    scratch.sql(f"create database {TEMPLATE} owner drill")
    scratch.sql(f"set role drill; {FILL} {MORE}", TEMPLATE)
    cases, wrong = generated(), []
    for (text, harmless), said in zip(cases, flags([text for text, _ in cases], tmp_path), strict=True):
        folder = tmp_path / "migrations"
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "1_init").mkdir(parents=True)
        (folder / "1_init" / "migration.sql").write_text("")
        scratch.sql(f"create database {COPY} template {TEMPLATE} owner drill")
        seen = await Copy(scratch, folder).rehearse(text, ask=ASK)
        scratch.sql(f"drop database {COPY} with (force)")
        outcome, summary = judged(seen, ASK)
        excused = said <= set(GOLIVE_IS_RIGHT)
        if (outcome is Outcome.PASS) is bool(said and not excused) or harmless is bool(said):
            wrong.append((text, sorted(said), str(outcome), summary))
    scratch.sql(f"drop database {TEMPLATE}")
    assert not wrong, "\n".join(map(str, wrong))
