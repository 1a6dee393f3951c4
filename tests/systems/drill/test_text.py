"""What is read from the text of dumps and scripts, as the real programs read it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from golive_checks.systems.machine.client.unpack import packing_of
from golive_checks.systems.postgres.client.sql_statements import statements
from golive_checks.systems.postgres.dump_format import creates_database, encryption_of, kind_of, origin_of
from golive_checks.systems.postgres.plain_dump import PlainDump

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from drill_bench import Cluster


def fed(data: bytes, sizes: random.Random | int) -> tuple[bytes, PlainDump]:
    plain, out, at = PlainDump(), b"", 0
    while at < len(data):
        size = sizes if isinstance(sizes, int) else sizes.randint(1, 300)
        out += plain.feed(data[at : at + size])
        at += size
    return out + plain.end(), plain


@pytest.mark.parametrize("name", ["plain", "inserts"])
def test_however_it_is_cut_into_pieces_a_dump_comes_out_the_same(name: str, dumps: Mapping[str, Path]) -> None:
    data = dumps[name].read_bytes()
    whole, plain = fed(data, len(data))
    assert plain.complete
    assert plain.left_out == {"publication": 1, "acl": 1, "default acl": 1, "event trigger": 1}
    for sizes in (1, 2, 3, 7, 4096, *map(random.Random, range(20))):
        assert fed(data, sizes)[0] == whole, sizes


def test_rows_are_left_as_they_are(dumps: Mapping[str, Path]) -> None:
    data = dumps["plain"].read_bytes()
    kept = fed(data, 4096)[0]
    for start in (b'COPY public."Order"', b"COPY public.first_column_null"):
        rows = data[data.index(start) : data.index(b"\n\\.\n", data.index(start)) + 4]
        assert rows in kept
    assert b"\\restrict" not in kept
    assert b"OWNER TO" not in kept
    assert b"GRANT ALL ON x TO y;" in kept


def test_a_row_longer_than_a_piece() -> None:
    long = b"COPY t FROM stdin;\n" + b"x" * 20_000 + b"\\.\n\\.\nALTER TABLE t OWNER TO x;\nSELECT 1;\n"
    for size in (1, 5000, 4999, 100_000):
        assert fed(long, size)[0] == long.replace(b"ALTER TABLE t OWNER TO x;\n", b"")


@pytest.mark.parametrize(
    ("name", "kind", "packing"),
    [
        ("custom", "custom", ""),
        ("tar", "tar", ""),
        ("plain", "plain", ""),
        ("cluster", "cluster", ""),
        ("gzip", "unknown", "gzip"),
        ("zstd", "unknown", "zstd"),
    ],
)
def test_what_a_dump_is(name: str, kind: str, packing: str, dumps: Mapping[str, Path]) -> None:
    head = dumps[name].read_bytes()[:4096]
    assert packing_of(head) == packing
    assert packing or kind_of(head) == kind
    assert not encryption_of(head)


def test_an_openpgp_message_without_a_zero_byte_is_one() -> None:
    assert encryption_of(bytes([0x8C, 0x0D, 4, 9]) + bytes(range(1, 256)) * 2) == "OpenPGP"


def test_a_dump_that_would_make_a_database(dumps: Mapping[str, Path]) -> None:
    assert creates_database(dumps["create"].read_bytes()[:4096])
    assert not creates_database(dumps["plain"].read_bytes())


def test_empty_statements_are_none() -> None:
    assert statements(";;; select 1;; ;") == ("select 1;",)
    assert statements("-- nothing\n /* at all; */ ") == ()


def test_what_a_dump_says_of_its_origin(dumps: Mapping[str, Path], scratch: Cluster) -> None:
    assert origin_of(dumps["plain"].read_bytes()).server == 15
    listed = scratch.run("pg_restore", "--list", dumps["directory"]).stdout
    assert (origin_of(listed).server, origin_of(listed).pg_dump) == (15, 15)
    assert origin_of(b"SELECT 1").server == 0


SCRIPTS = {
    "comments": "-- a; b\nselect 1; /* x ; /* ; */ ; */ select 2;\n-- end ;",
    "quotes": "select 'a;b''c;', E'it\\';s', \"x;y\" from (select 1 as \"x;y\") s; select 2;",
    "dollars": "select $$a;b$$, $q$ $$;$$ $q$; do $$ begin perform 1; end $$; select 1",
    "parentheses": "create rule r as on insert to t do also (select 1; select 2); select 3;",
    "atomic": """create function g() returns int
        begin atomic select case when true then 1 else 2 end; select 3; end; select 4;""",
    "replaced": "create or replace function h(a int) returns int\nbegin atomic\n select a;\nend;\nselect 1;",
    "old body": "create function i() returns int language plpgsql as 'begin return 1; end;'; select 1;",
    "end as a name": 'select 1 as "end"; begin; select 2; end; select 3;',
    "identifiers": "select 1 as a$b; select 1 as \u00e9t\u00e9; select 2;",
    "no end": "select 1",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_parted_as_psql_parts_it(name: str, scratch: Cluster) -> None:
    script = SCRIPTS[name]
    clean = "drop table if exists t cascade; drop function if exists g, h(int), i; create table t (a int);"
    scratch.sql(f"set client_min_messages = error; {clean}")
    # psql sends each statement by itself, and tells the time that each took; a statement that fails has none
    ran = scratch.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", stdin=f"\\timing on\n{script}".encode())
    ours = statements(script)
    assert len(ours) == ran.stdout.count(b"Time: ")
    scratch.sql(f"set client_min_messages = error; {clean}")
    for each in ours:  # the server refuses more than one at once where a plan is asked for: each is whole, and one
        scratch.sql(each)
