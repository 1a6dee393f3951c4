"""Prisma's folder of migrations, as golive reads it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from golive import Unavailable
from golive_checks.systems.migrations.client import prisma_folder
from golive_checks.systems.migrations.client.prisma_folder import read_folder


def write(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "migration.sql").write_text(f"-- {name}\n")
    return folder


async def test_folders_are_migrations_in_the_order_of_their_names(tmp_path: Path) -> None:
    write(tmp_path, "2_b", "10_c", "1_a")
    (tmp_path / "migration_lock.toml").write_text('# a comment\nprovider = "postgresql"\n')
    (tmp_path / "README.md").write_text("x")
    found = await read_folder(str(tmp_path))
    assert found.names == ("1_a", "10_c", "2_b")
    assert (found.provider, found.without_script, found.passed_over) == ("postgresql", (), ())


async def test_what_prisma_does_not_read_is_told(tmp_path: Path) -> None:
    write(tmp_path / "m", "1_a")
    write(tmp_path, "elsewhere")
    (tmp_path / "m" / "2_empty").mkdir()
    (tmp_path / "m" / "3_link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "m" / "4_dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "m" / "5_pipe").mkdir()
    os.mkfifo(tmp_path / "m" / "5_pipe" / "migration.sql")
    found = await read_folder(str(tmp_path / "m"))
    assert found.names == ("1_a",)
    assert found.without_script == ("2_empty", "5_pipe")
    assert found.passed_over == ("3_link",)


async def test_a_script_may_be_a_link(tmp_path: Path) -> None:
    write(tmp_path, "1_a")
    (tmp_path / "2_b").mkdir()
    (tmp_path / "2_b" / "migration.sql").symlink_to(tmp_path / "1_a" / "migration.sql")
    found = await read_folder(str(tmp_path))
    assert found.migrations[0].checksums == found.migrations[1].checksums


async def test_a_folder_that_is_not_there_or_no_folder_or_endless_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Unavailable, match="could not be read: No such file or directory"):
        await read_folder(str(tmp_path / "gone"))
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="Not a directory"):
        await read_folder(str(tmp_path / "file"))
    with pytest.raises(Unavailable, match="could not be read: ValueError"):
        await read_folder("a\0b")
    monkeypatch.setattr(prisma_folder, "MAX_FOLDERS", 2)
    with pytest.raises(Unavailable, match="more than 2 folders"):
        await read_folder(str(write(tmp_path / "many", "1", "2", "3")))
