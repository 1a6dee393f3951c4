"""Each thing that can be wrong with a dump, or missing around it, is told apart, with real programs and servers."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from drill_bench import CANARY, GOOD, of_wheel

from golive import Unavailable
from golive_checks.subjects import Database, Query
from golive_checks.systems.postgres.server_identity import ServerIdentity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drill_bench import Bench, Cluster


def cut(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def damaged(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(b ^ 0x55 for b in data[middle : middle + 200]) + data[middle + 200 :]


BROKEN: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "custom, cut in its data": ("custom", cut, "it is cut off (pg_restore"),
    "custom, cut in its head": ("custom", lambda d: d[:200], "it is cut off (pg_restore"),
    "custom, damaged": ("custom", damaged, "pg_restore 15"),
    "tar, cut": ("tar", cut, "it is cut off: it does not end as a tar"),
    "tar, cut elsewhere": ("tar", lambda d: d[:20_000], "it is cut off: it does not end as a tar"),
    "plain, cut": ("plain", cut, "it is cut off: it does not end"),
    "plain, cut within rows": ("plain", lambda d: d[: d.index(b"\n250\t") + 4], "it is cut off: it does not end"),
    "gzip, cut": ("gzip", cut, "it is cut off"),
    "gzip, damaged": ("gzip", damaged, "it does not unpack"),
    "zstd, cut": ("zstd", cut, "it is cut off"),
    "zstd, damaged": ("zstd", damaged, "it does not unpack"),
    "gzip of a cut dump": ("plain", lambda d: gzip.compress(cut(d)), "it is cut off: it does not end"),
    "not a dump": ("plain", lambda _: b"<html>403 Forbidden</html>", "it is no dump of pg_dump"),
    "gzip, not a dump": ("plain", lambda _: gzip.compress(b"hello"), "it is no dump of pg_dump"),
    "empty": ("plain", lambda _: b"", "it is empty"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_dump_that_is_at_fault_fails(name: str, dumps: Mapping[str, Path], bench: Bench) -> None:
    of, change, said = BROKEN[name]
    bench.put(change(dumps[of].read_bytes()))
    seen = await bench.drill()
    (shortfall,) = bench.shortfalls(seen)
    assert shortfall.startswith("main cannot be restored: ")
    assert said in shortfall
    assert "Order" not in shortfall
    assert bench.scratch.databases() == set()
    assert not bench.evidence.exists()


async def test_a_folder_without_its_contents_fails(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(dumps["directory"])
    (bench.folder / "main" / "toc.dat").unlink()
    assert "it is empty, or a folder without a toc.dat" in bench.shortfalls(await bench.drill())[0]


async def test_a_folder_that_lacks_a_tables_data_fails(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(dumps["directory"])
    next((bench.folder / "main").glob("*.dat.gz")).unlink()
    assert "pg_restore" in bench.shortfalls(await bench.drill())[0]


async def gap(bench: Bench, **more: Any) -> str:
    """Return why the drill could not look, once it is seen to have left nothing."""
    with pytest.raises(Unavailable) as caught:
        await bench.drill(**more)
    assert bench.scratch.databases() == set()
    assert not bench.evidence.exists()
    assert CANARY not in f"{caught.value.reason} {caught.value.fix}"
    assert caught.value.fix
    return caught.value.reason


@pytest.mark.parametrize(
    ("begins", "name"),
    [
        (b"age-encryption.org/v1\n-> X25519 ", "age"),
        (b"-----BEGIN PGP MESSAGE-----\n", "OpenPGP"),
        (b"Salted__\1\2\3", "OpenSSL"),
    ],
)
async def test_an_encrypted_dump_is_not_judged(begins: bytes, name: str, bench: Bench) -> None:
    bench.put(begins + bytes(1000))
    assert f"encrypted ({name}), and the drill has no key" in await gap(bench)


async def test_dumps_that_would_make_databases_are_refused(dumps: Mapping[str, Path], bench: Bench) -> None:
    before = bench.scratch.sql("select string_agg(datname, ',' order by 1) from pg_database")
    bench.put(dumps["create"])
    assert "--create" in await gap(bench)
    bench.put(dumps["cluster"])
    assert "pg_dumpall" in await gap(bench)
    assert bench.scratch.sql("select string_agg(datname, ',' order by 1) from pg_database") == before


@pytest.mark.parametrize("form", ["-Fc", "-Fp"])
async def test_a_dump_newer_than_the_server(form: str, eighteen: Cluster, bench: Bench) -> None:
    bench.put(eighteen.run("pg_dump", form, "shop").stdout)
    reason = await gap(bench, bin_dir=str(of_wheel("pginstall18")))
    assert reason.startswith("the dump is from PostgreSQL 18, the scratch server is 15.")


async def test_a_dump_newer_than_pg_restore(eighteen: Cluster, bench: Bench) -> None:
    bench.put(eighteen.run("pg_dump", "-Fc", "shop").stdout)
    assert "its format 1.16 is newer than pg_restore is (pg_restore 15." in await gap(bench)


async def test_an_older_dump_on_a_newer_server(dumps: Mapping[str, Path], eighteen: Cluster, bench: Bench) -> None:
    for name in ("custom", "plain"):
        bench.put(dumps[name])
        seen = await bench.drill(url=eighteen.url, bin_dir=str(of_wheel("pginstall18")))
        assert bench.shortfalls(seen) == []
        assert seen.record.server.startswith("18.")
    assert eighteen.databases() == set()


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="pgserver, which brings PostgreSQL 16.2, has no wheel for it")
async def test_a_plain_dump_and_a_psql_that_does_not_know_restrict(dumps: Mapping[str, Path], bench: Bench) -> None:
    assert b"\n\\restrict " in dumps["plain"].read_bytes()
    bench.put(dumps["plain"])
    assert "psql 16.2 does not know \\restrict" in await gap(bench, bin_dir=str(of_wheel("pginstall", "pgserver")))


async def test_without_pg_restore(dumps: Mapping[str, Path], bench: Bench, tmp_path: Path) -> None:
    bench.put(dumps["custom"])
    assert f"pg_restore is not in {tmp_path}" in await gap(bench, bin_dir=str(tmp_path))


INDEX = b"\n--\n-- Name: Order_total_idx; Type: INDEX;"


def with_line(plain: Path, line: bytes) -> bytes:
    """Return a plain dump with one more line before that of an index."""
    data = plain.read_bytes()
    assert data.count(INDEX) == 1
    return data.replace(INDEX, b"\n" + line + b"\n" + INDEX)


async def test_an_extension_that_the_server_lacks(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(with_line(dumps["plain"], b"CREATE EXTENSION postgis;"))
    assert "the scratch server lacks the extension postgis" in await gap(bench)
    bench.put(with_line(dumps["plain"], b"CREATE EXTENSION file_fdw SCHEMA public;"))
    assert "only a superuser may create the extension file_fdw" in await gap(bench)


async def test_a_role_that_the_server_lacks(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(with_line(dumps["plain"], b'CREATE POLICY p ON public."Order" TO nobody_here;'))
    assert "the scratch server lacks the role nobody_here" in await gap(bench)


EVIL = {
    "shell": rb"\! touch {}",
    "copy": rb"\copy (select 1) to program 'touch {}'",
    "output": rb"\o {}",
    "pipe": rb"select 1 \g | touch {}",
    "include": rb"\i {}",
    "connect": rb"\connect postgres",
    "backtick": rb"\set x `touch {}`",
    "unrestrict": rb"\unrestrict aaaa",
    "program": rb"copy (select 1) to program 'touch {}';",
    "file": rb"copy (select 1) to '{}';",
}


@pytest.mark.parametrize("way", EVIL)
@pytest.mark.parametrize("place", ["first", "within"])
async def test_a_dump_runs_nothing(
    way: str, place: str, dumps: Mapping[str, Path], bench: Bench, tmp_path: Path
) -> None:
    there = tmp_path / "evil"
    line = EVIL[way].replace(b"{}", str(there).encode())
    if place == "first":
        bench.put(
            dumps["plain"]
            .read_bytes()
            .replace(b"\nSET statement_timeout", b"\n" + line + b"\nSET statement_timeout", 1)
        )
    else:
        bench.put(with_line(dumps["plain"], line))
    if way == "connect":
        with pytest.raises(Unavailable, match="--create"):
            await bench.drill()
    elif way == "unrestrict":  # looks like pg_dump's own, and is left out with it
        assert bench.shortfalls(await bench.drill()) == []
    else:
        assert (await bench.drill()).record.not_restored
    assert not there.exists()


QUERIES = [
    (Query('select count(*) from "Order"', value="501"), "answers '500', expected '501'"),
    (Query('select 1 from "Order" where total > 499', min_rows=2), "answers 1 rows, expected at least 2 rows"),
    (Query("select 1 where false", value="1"), "answers no row, expected '1'"),
    (Query("select null", value="1"), "answers None, expected '1'"),
    (Query("select nope", min_rows=1), "was refused (42703)"),
    (Query('delete from "Order"', min_rows=1), "was refused (25006)"),
    (Query('commit; delete from "Order"', min_rows=1), "was refused (42601)"),
    (Query("select pg_sleep(30)", min_rows=1), "was not answered within 3 s"),
]


@pytest.mark.parametrize(("query", "said"), QUERIES)
async def test_a_query_that_is_not_answered_as_it_should(
    query: Query, said: str, dumps: Mapping[str, Path], bench: Bench
) -> None:
    bench.put(dumps["custom"])
    seen = await bench.drill(queries=(GOOD, query), query_timeout_s=3)
    (shortfall,) = bench.shortfalls(seen)
    assert shortfall.startswith(f"query 2 of 2 {said}")
    assert not bench.evidence.exists()


async def test_more_rows_are_counted_where_more_are_wanted(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(dumps["custom"])
    many = "select from generate_series(1, 120000)"
    seen = await bench.drill(queries=(Query(many, min_rows=120_000), Query(many, min_rows=120_001)))
    assert bench.shortfalls(seen) == ["query 2 of 2 answers 120000 rows, expected at least 120001 rows: " + many]


async def test_objectives_that_are_missed(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(dumps["custom"])
    bench.age = dt.timedelta(hours=30)
    seen = await bench.drill(max_rto_s=0.001, max_rpo_s=24 * 3600.0)
    rto, rpo = bench.shortfalls(seen)
    assert "the objective (RTO) is 1 ms" in rto
    assert rpo == "what was recovered is 30 h old, the objective (RPO) is 24 h"
    assert not bench.evidence.exists()
    assert bench.shortfalls(await bench.drill(max_rto_s=600, max_rpo_s=40 * 3600.0)) == []
    told = json.loads(bench.evidence.read_text())
    assert (told["rto_s"]["objective"], told["rpo_s"]["objective"]) == (600, 144000)


async def test_the_server_of_the_profile_is_kept_off(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(dumps["custom"])
    identifier, started = bench.scratch.sql(
        "select system_identifier, extract(epoch from pg_postmaster_start_time()) from pg_control_system()"
    ).split("|")
    at = dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(microseconds=round(float(started) * 1e6))
    same = ServerIdentity(int(identifier), at)
    bench.servers = {Database("master"): same}
    assert "is the one that holds master" in await gap(bench)
    bench.servers = {Database("other"): replace(same, identifier=1), Database("master"): Unavailable("is down")}
    assert "cannot determine whether the scratch server is that of master: is down" in await gap(bench)
    assert bench.shortfalls(await bench.drill(same_server=True)) == []
    bench.servers = {Database("clone"): replace(same, started_at=at - dt.timedelta(days=1))}
    assert bench.shortfalls(await bench.drill()) == []


@pytest.mark.parametrize(
    ("make", "undo", "said"),
    [
        ("alter role drill superuser", "alter role drill nosuperuser", "is a superuser"),
        ("grant pg_execute_server_program to drill", "revoke pg_execute_server_program from drill", "is a member of"),
        ("alter role drill nocreatedb", "alter role drill createdb", "may not create databases"),
        ("create database mine owner drill", "drop database mine", "owns the database mine"),
    ],
)
async def test_a_role_that_could_do_harm_is_refused(
    make: str, undo: str, said: str, dumps: Mapping[str, Path], bench: Bench
) -> None:
    bench.put(dumps["custom"])
    bench.scratch.sql(make)
    try:
        assert said in await gap(bench)
    finally:
        bench.scratch.sql(undo)


async def test_disks_that_are_too_full(
    dumps: Mapping[str, Path], bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.put(dumps["custom"])
    size = dumps["custom"].stat().st_size
    monkeypatch.setattr("golive_checks.systems.postgres.client.dumps._free", lambda _: 2 * size - 1)
    assert "bytes free, and the copy may need" in await gap(bench, data_dir="/")
    monkeypatch.setattr("golive_checks.systems.postgres.client.dumps._free", lambda _: 2 * size)
    seen = await bench.drill(data_dir="/")
    assert (bench.shortfalls(seen), seen.unseen) == ([], ())


async def test_a_disk_that_cannot_be_seen_is_named(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(dumps["custom"])
    assert "scratch server's disk" in (await bench.drill()).unseen[0]


async def test_a_dump_larger_than_allowed(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(dumps["custom"])
    assert "larger than 1 kB" in await gap(bench, max_dump_bytes=1000)


async def test_evidence_that_cannot_be_written_is_told_first(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file")
    with pytest.raises(Unavailable, match="evidence cannot be written"):
        await bench.drill()


async def test_what_was_left_behind_is_removed_and_nothing_else(dumps: Mapping[str, Path], bench: Bench) -> None:
    bench.put(dumps["custom"])
    bench.scratch.sql("create database golive_drill_aaaaaaaa owner drill")
    bench.scratch.sql("comment on database golive_drill_aaaaaaaa is 'restore drill of old'")
    bench.scratch.sql("create database golive_drill_bbbbbbbb owner postgres")
    bench.scratch.sql("create database golive_drill_cccccccc_notes owner postgres")
    try:
        seen = await bench.drill()
        assert seen.record.removed == ("golive_drill_aaaaaaaa (restore drill of old)",)
        assert bench.scratch.databases() == {"golive_drill_bbbbbbbb", "golive_drill_cccccccc_notes"}
    finally:
        for name in bench.scratch.databases():
            bench.scratch.sql(f"drop database {name}")
