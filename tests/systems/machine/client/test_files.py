"""Local files of every kind that a profile may name by mistake."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from golive import Unavailable
from golive_checks.systems.machine.client.files import MAX_BYTES, Files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOBODY = 65534


async def test_a_file_is_read_with_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "x.env"
    file.write_bytes(b"A=1\n")
    file.chmod(0o640)
    read = await Files().read(str(file))
    assert (read.data, read.mode) == (b"A=1\n", 0o640)


def directory(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def huge(path: Path) -> None:
    path.write_bytes(b"x" * (MAX_BYTES + 1))


def utf16(path: Path) -> None:
    path.write_bytes("A=1\r\n".encode("utf-16"))


def loop(path: Path) -> None:
    path.symlink_to(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def nothing(path: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (directory, "is a directory"),
        (pipe, "is a pipe"),
        (huge, "larger than 256 kB"),
        (utf16, "UTF-16"),
        (loop, "could not be read"),
        (device, "is a device"),
        (nothing, "does not exist"),
    ],
)
async def test_what_is_no_readable_file_is_a_gap(make: Callable[[Path], None], word: str, tmp_path: Path) -> None:
    make(tmp_path / "x")
    with pytest.raises(Unavailable, match=word):
        await Files().text(str(tmp_path / "x"))


async def test_no_permission_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("A=1")
    (tmp_path / "x").chmod(0)
    user = os.geteuid()
    os.seteuid(user or NOBODY)  # root may read everything
    try:
        with pytest.raises(Unavailable, match="may not be read"):
            await Files().read(str(tmp_path / "x"))
    finally:
        os.seteuid(user)


async def test_a_nul_in_a_path_is_a_gap() -> None:
    with pytest.raises(Unavailable):
        await Files().read("a\0b")
    with pytest.raises(Unavailable):
        await Files().exists("a\0b")


async def test_bytes_that_are_no_text_stay_in_their_line(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"A=1\nB=\xff\n")
    assert await Files().text(str(tmp_path / "x")) == "A=1\nB=\udcff\n"


async def test_existence_wants_content(tmp_path: Path) -> None:
    files = Files()
    (tmp_path / "empty").touch()
    (tmp_path / "full").write_text("x")
    seen = {name: await files.exists(str(tmp_path / name)) for name in ("empty", "full", "none", ".")}
    assert seen == {"empty": False, "full": True, "none": False, ".": False}
