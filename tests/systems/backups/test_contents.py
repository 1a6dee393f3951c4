"""What a backup is, whole and cut off, beside what PostgreSQL's own tools say of it."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from golive_checks.backups.damage import sentences
from golive_checks.systems.machine.client import unpack
from golive_checks.systems.postgres import archive_format as pg_archive

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.probes.backups.conftest import Cluster

    from golive_checks.systems.backups.contents import Contents

ARCHIVE = "a custom archive of pg_dump"


def told(seen: Contents) -> tuple[str, ...]:
    return tuple(sentences(seen.damages))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("custom", ARCHIVE),
        ("piped", ARCHIVE),
        ("uncompressed", ARCHIVE),
        ("directory", "a directory archive of pg_dump"),
        ("tar", "a tar archive of pg_dump"),
        ("plain", "a plain dump"),
        ("cluster", "a dump of pg_dumpall"),
        ("gzip", "a plain dump, packed with gzip"),
        ("gzip-twice", "a plain dump, packed with gzip"),
        ("gzip-custom", f"{ARCHIVE}, packed with gzip"),
        ("zstd", "a plain dump, packed with zstd"),
    ],
)
async def test_a_whole_one(name: str, kind: str, dumps: Mapping[str, Path], look: Callable[..., Any]) -> None:
    seen: Contents = await look(dumps[name])
    assert (seen.format, told(seen), seen.unseen, seen.strange) == (kind, (), "", False)


@pytest.mark.parametrize("name", ["custom", "piped", "uncompressed", "schema", "bare"])
def test_a_table_of_contents_is_what_pg_restore_lists(name: str, dumps: Mapping[str, Path], postgres: Cluster) -> None:
    listed = postgres.run("pg_restore", "--list", dumps[name]).stdout.decode()
    head = dict(line[1:].strip().partition(": ")[::2] for line in listed.splitlines() if line.startswith(";  "))
    data = dumps[name].read_bytes()
    seen = pg_archive.archive(data)
    assert str(seen.entries) == head["TOC Entries"]
    assert (seen.database, seen.server, seen.dumper) == (
        head["dbname"],
        head["Dumped from database version"],
        head["Dumped by pg_dump version"],
    )
    assert seen.tables == listed.count("TABLE DATA")
    assert data.endswith(pg_archive.END) or not seen.has_data
    for length in (0, 4, 12, 40, seen.head - 1):
        with pytest.raises(pg_archive.CutOffError):
            pg_archive.archive(data[:length])
    assert pg_archive.archive(data[: seen.head]) == seen


@pytest.mark.parametrize("share", [0.003, 0.02, 0.3, 0.9, 0.9999])
@pytest.mark.parametrize("name", ["custom", "piped", "uncompressed"])
async def test_a_cut_off_archive_which_pg_restore_lists_all_the_same(
    name: str, share: float, dumps: Mapping[str, Path], look: Callable[..., Any], postgres: Cluster
) -> None:
    whole = dumps[name].read_bytes()
    cut = whole[: int(len(whole) * share)]
    seen: Contents = await look(cut)
    assert len(told(seen)) == 1
    assert told(seen)[0].startswith("it is cut off: ")
    listed = postgres.run("pg_restore", "--list", check=False, input=cut)
    behind_the_table = len(cut) > pg_archive.archive(whole).head
    assert (listed.returncode == 0) is behind_the_table


@pytest.mark.parametrize("name", ["plain", "tar", "gzip", "gzip-custom", "zstd", "gzip-twice"])
async def test_others_cut_off(name: str, dumps: Mapping[str, Path], look: Callable[..., Any]) -> None:
    whole = dumps[name].read_bytes()
    for length in (len(whole) * 2 // 3, len(whole) - 600):
        seen: Contents = await look(whole[:length])
        assert len(told(seen)) == 1, seen
        assert told(seen)[0].startswith("it is cut off: ")


async def test_a_dump_that_failed_before_it_was_packed(dumps: Mapping[str, Path], look: Callable[..., Any]) -> None:
    seen: Contents = await look(dumps["gzip-broken-pipe"])
    assert told(seen) == ("it is cut off: it does not end in `-- PostgreSQL database dump complete`",)
    seen = await look(dumps["gzip-nothing"])
    assert told(seen) == ("there is nothing in it once it is unpacked",)


@pytest.mark.parametrize("name", ["gzip", "zstd"])
async def test_a_damaged_one(name: str, dumps: Mapping[str, Path], look: Callable[..., Any]) -> None:
    whole = bytearray(dumps[name].read_bytes())
    at = len(whole) // 2
    whole[at : at + 64] = os.urandom(64)
    seen: Contents = await look(bytes(whole))
    assert told(seen) == (f"it does not unpack: its {name} data is damaged",)


async def test_an_archive_without_data(dumps: Mapping[str, Path], look: Callable[..., Any]) -> None:
    for name in ("schema", "bare"):
        seen: Contents = await look(dumps[name])
        assert told(seen) == ("it holds no table's data",)


async def test_what_is_no_dump(look: Callable[..., Any]) -> None:
    seen: Contents = await look(b"<html><body>502 Bad Gateway</body></html>\n")
    assert told(seen) == ("it is no dump: it begins with '<html><body>502 Bad Gateway</body></html…'",)
    seen = await look(bytes(range(40, 0, -1)) * 1000 + b"\xff")
    assert (seen.strange, told(seen)) == (True, ())
    seen = await look(b"PGDMP\x01\x63\x00" + b"\0" * 100)
    assert told(seen) == ("it is an archive of format 1.99, which golive does not know",)
    seen = await look(b"PGDMP\x01\x0e\x00\x04\x08\x01" + b"\xff" * 400)
    assert told(seen) == ("its head makes no sense",)


@pytest.mark.parametrize(("name", "how"), [("age", "age"), ("gpg", "OpenPGP")])
async def test_an_encrypted_one(name: str, how: str, dumps: Mapping[str, Path], look: Callable[..., Any]) -> None:
    seen: Contents = await look(dumps[name])
    assert (seen.format, seen.encrypted, told(seen)) == (f"encrypted with {how}", how, ())
    assert seen.unseen == f"its contents, which {how} hides"


async def test_a_directory_archive_lacks_a_file(
    dumps: Mapping[str, Path], look: Callable[..., Any], tmp_path: Path
) -> None:
    shutil.copytree(dumps["directory"], tmp_path / "copy")
    first, second, *_ = sorted((tmp_path / "copy").glob("*.dat.gz"))
    first.unlink()
    second.write_bytes(b"")
    seen: Contents = await look(tmp_path / "copy")
    assert told(seen) == tuple(
        f"{path.stem}, which its table of contents names, is not there or is empty" for path in (first, second)
    )
    table = (tmp_path / "copy" / "toc.dat").read_bytes()
    (tmp_path / "copy" / "toc.dat").write_bytes(table[:-50])
    seen = await look(tmp_path / "copy")
    assert told(seen) == ("it is cut off: it ends within its table of contents",)


async def test_a_base_backup_is_not_as_its_manifest_says(
    dumps: Mapping[str, Path], look: Callable[..., Any], tmp_path: Path, postgres: Cluster
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(dumps["base"], copy)
    whole: Contents = await look(copy, 100_000_000)
    assert (told(whole), whole.doubts, whole.unseen) == ((), (), "the records of its WAL")
    count = len(json.loads((copy / "backup_manifest").read_text())["Files"])
    assert whole.says == f"{count:,} files, of which {count:,} have the checksum of its manifest"
    assert postgres.run("pg_verifybackup", "-n", dumps["base"]).returncode == 0
    (copy / "PG_VERSION").write_bytes(b"1")
    (copy / "global" / "pg_control").unlink()
    seen: Contents = await look(copy)
    assert sorted(told(seen)) == ["PG_VERSION has 1 bytes, its manifest says 3", "global/pg_control is not there"]
    manifest = (copy / "backup_manifest").read_bytes()
    (copy / "backup_manifest").write_bytes(manifest.replace(b'"Size": 3,', b'"Size": 1,', 1))
    assert told(await look(copy)) == ("its manifest is damaged: its checksum is another",)
    (copy / "backup_manifest").write_bytes(manifest[:-1000])
    assert told(await look(copy)) == ("its manifest is cut off: it does not end in its checksum",)


async def test_many_defects_are_counted(dumps: Mapping[str, Path], look: Callable[..., Any], tmp_path: Path) -> None:
    shutil.copytree(dumps["base"], tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "base")
    seen: Contents = await look(tmp_path / "copy")
    assert len(told(seen)) == 6
    assert told(seen)[-1].endswith(" more")
    assert json.loads((tmp_path / "copy" / "backup_manifest").read_text())["Files"]


async def test_the_budget_is_kept(dumps: Mapping[str, Path], look: Callable[..., Any]) -> None:
    seen: Contents = await look(dumps["gzip"], 300_000)
    size = dumps["gzip"].stat().st_size
    assert seen.unseen == f"all but its first 300,000 of {size:,} bytes"
    assert (seen.format, told(seen)) == ("a plain dump, packed with gzip", ())
    seen = await look(dumps["custom"], 500)
    assert seen.unseen == f"all but its first 500 of {dumps['custom'].stat().st_size:,} bytes"
    seen = await look(dumps["custom"], 0)
    assert seen.unseen == "its contents: the profile does not let golive read any of it"
    seen = await look(dumps["base"], 1000)
    assert seen.unseen.startswith("its manifest: ")


async def test_a_bomb_is_put_down_in_time(look: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack.Unpacked.__init__, "__defaults__", (30_000_000,))
    bomb = gzip.compress(b"-- PostgreSQL database dump\n" + b" " * 90_000_000)
    seen: Contents = await look(bomb)
    assert seen.unseen == "all of it: it unpacks to more than 30 MB"


async def test_of_a_folder_of_dumps_each_is_read(
    dumps: Mapping[str, Path], look: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "tenants").mkdir()
    for number in range(3):
        shutil.copy(dumps["custom"], tmp_path / "tenants" / f"{number}.dump")
    seen: Contents = await look(tmp_path / "tenants")
    assert (seen.format, seen.says, told(seen), seen.unseen) == (ARCHIVE, "3 of them", (), "")
    whole = dumps["custom"].read_bytes()
    (tmp_path / "tenants" / "1.dump").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "tenants" / "SHA256SUMS").write_text("0123  1.dump\n")
    seen = await look(tmp_path / "tenants")
    assert len(told(seen)) == 1
    assert told(seen)[0].startswith("1.dump: it is cut off: ")
