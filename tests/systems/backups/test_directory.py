"""Backups in a folder of this machine."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

import pytest

from golive import Unavailable
from golive_checks.subjects.backups import BackupSource, InFolder
from golive_checks.systems.aws.client.aws import AwsSettings
from golive_checks.systems.backups.facts import Backups, backups
from golive_checks.systems.backups.listing import MAX_NEWEST
from golive_checks.systems.backups.store import BackupStore
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.folders import PAGE, Folders

if TYPE_CHECKING:
    from pathlib import Path

JANUARY_5 = dt.datetime(2026, 1, 5, 14, 30, tzinfo=dt.UTC)


async def look(folder: Path, pattern: str, timezone: str = "UTC") -> Backups:
    source = BackupSource("b", where=InFolder(str(folder)), pattern=pattern, timezone=timezone)
    store, aws = BackupStore(Folders(), None), AwsSettings()
    return await backups(source, store, CommandRunner(CommandLimits()), None, aws)


def put(path: Path, size: int = 10, modified: dt.datetime = JANUARY_5) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (modified.timestamp(), modified.timestamp()))


async def test_files_by_their_names(tmp_path: Path) -> None:
    for day in (3, 4, 5):
        put(tmp_path / f"afrigest-2026-01-0{day}.dump", size=day)
    put(tmp_path / "README")
    seen = await look(tmp_path, "afrigest-{date}.dump")
    assert [b.name for b in seen.newest] == [f"afrigest-2026-01-0{day}.dump" for day in (5, 4, 3)]
    assert [b.size for b in seen.newest] == [5, 4, 3]
    assert seen.days == (dt.date(2026, 1, 5), dt.date(2026, 1, 4), dt.date(2026, 1, 3))
    assert (seen.count, seen.others) == (3, 1)
    newest, copied = seen.newest[:2]
    assert (newest.taken_at, newest.origin) == (JANUARY_5, "day in the name, hour of the file")
    assert (copied.taken_at, copied.origin) == (dt.datetime(2026, 1, 4, tzinfo=dt.UTC), "day in the name")


async def test_without_a_day_in_the_name_the_file_tells(tmp_path: Path) -> None:
    put(tmp_path / "main.dump")
    (seen,) = (await look(tmp_path, "*.dump")).newest
    assert (seen.taken_at, seen.origin) == (JANUARY_5, "time of the file")


async def test_a_day_is_one_of_the_sources_zone(tmp_path: Path) -> None:
    put(tmp_path / "x-20260105T0030.dump")
    seen = await look(tmp_path, "x-{date}T{time}.dump", "Africa/Nairobi")
    assert seen.days == (dt.date(2026, 1, 5),)
    assert seen.newest[0].taken_at == dt.datetime(2026, 1, 4, 21, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("pattern", ["main-{date}", "main-{date}/"])
async def test_a_folder_is_one_backup(pattern: str, tmp_path: Path) -> None:
    for day in (4, 5):
        put(tmp_path / f"main-2026-01-0{day}" / "toc.dat", size=100)
        put(tmp_path / f"main-2026-01-0{day}" / "base" / "1" / "2.dat", size=day)
    put(tmp_path / "main-2026-01-05-notes" / "x")
    seen = await look(tmp_path, pattern)
    assert [(b.name, b.size, b.files) for b in seen.newest] == [
        ("main-2026-01-05", 105, 2),
        ("main-2026-01-04", 104, 2),
    ]
    assert seen.newest[0].directory
    assert seen.others == 1


async def test_the_day_may_be_a_folders_name(tmp_path: Path) -> None:
    put(tmp_path / "2026-01-05" / "main.dump")
    put(tmp_path / "2026-01-05" / "globals.sql")
    seen = await look(tmp_path, "{date}/main.dump")
    assert [(b.name, b.directory) for b in seen.newest] == [("2026-01-05/main.dump", False)]
    assert seen.others == 1


async def test_what_is_unfinished_is_no_backup(tmp_path: Path) -> None:
    put(tmp_path / "a-2026-01-04.dump")
    put(tmp_path / "a-2026-01-05.dump", size=0)
    put(tmp_path / "a-2026-01-06.dump.part")
    put(tmp_path / "other.part")
    seen = await look(tmp_path, "a-{date}.dump")
    assert [b.name for b in seen.newest] == ["a-2026-01-04.dump"]
    assert [b.name for b in seen.unfinished] == ["a-2026-01-06.dump.part", "a-2026-01-05.dump"]
    assert (seen.count, seen.others) == (1, 1)


async def test_links_are_not_followed_round(tmp_path: Path) -> None:
    put(tmp_path / "a-2026-01-05.dump")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "a-2026-01-06.dump")
    seen = await look(tmp_path, "a-{date}.dump")
    assert seen.count == 1


async def test_a_folder_that_is_not_there_is_a_gap(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="does not exist"):
        await look(tmp_path / "gone", "*")
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="could not be read: Not a directory"):
        await look(tmp_path / "file", "*")
    assert (await look(tmp_path, "{date}")).newest == ()


async def test_more_files_than_are_handed_over_at_a_time(tmp_path: Path) -> None:
    start = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    for number in range(2 * PAGE + 1):
        put(tmp_path / f"a-{start + number * dt.timedelta(days=1):%Y-%m-%d}.dump")
    seen = await look(tmp_path, "a-{date}.dump")
    assert (seen.count, len(seen.newest)) == (2 * PAGE + 1, MAX_NEWEST)
    assert seen.newest[0].name == "a-2025-06-23.dump"


@pytest.mark.parametrize("pattern", ["a-{date}*", "*", "a-{date}.dump*"])
async def test_what_lies_beside_is_no_backup(pattern: str, tmp_path: Path) -> None:
    put(tmp_path / "a-2026-01-04.dump", modified=JANUARY_5 - dt.timedelta(days=1))
    for name in (
        *("a-2026-01-05.dump.lock", "a-2026-01-05.dump.log", "a-2026-01-05.dump.log.1", "a-2026-01-05.dump.log.2.gz"),
        *("a-2026-01-05.dump.sha256", "a-2026-01-05.dump.md5", ".a-2026-01-05.dump.swx", "a-2026-01-05.dump.PID"),
    ):
        put(tmp_path / name)
    seen = await look(tmp_path, pattern)
    assert [b.name for b in seen.newest] == ["a-2026-01-04.dump"]
    assert seen.others == 8
    assert (await look(tmp_path, "a-{date}.dump.sha256")).count == 1
    assert (await look(tmp_path, "a-{date}.dump.log")).count == 0
