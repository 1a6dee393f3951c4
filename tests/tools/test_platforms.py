"""Where golive installs: the page lists what the lock names, and reads the names of wheels right."""

import re
import sys
from pathlib import Path

import pytest
from packaging.tags import parse_tag

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT / "tools"))

import platforms  # noqa: E402 - found by the line above

ROWS = re.findall(r"^\| ([\w-]+) (\d\S*)", platforms.PAGE.read_text(), re.MULTILINE)


def test_the_page_lists_the_versions_of_the_lock() -> None:
    locked = re.findall(r"^([\w-]+)==(\S+)", (PROJECT / "requirements/lab.txt").read_text(), re.MULTILINE)
    assert {"cryptography", "google-re2", "selectolax"} <= {name for name, _ in ROWS}
    assert set(ROWS) <= set(locked), "run make lock"


@pytest.mark.long
def test_the_page_is_what_the_index_has() -> None:
    assert platforms.page(platforms.locked()) == platforms.PAGE.read_text()


@pytest.mark.parametrize(
    ("tag", "minors"),
    [
        ("cp311-cp311-manylinux_2_28_x86_64", [11]),
        ("cp312-abi3-macosx_11_0_arm64", [12, 13, 14]),
        ("cp39-abi3-manylinux_2_34_x86_64", [11, 12, 13, 14]),
        ("py3-none-musllinux_1_2_x86_64", [11, 12, 13, 14]),
        ("cp313-cp313t-win_amd64", []),
        ("pp311-pypy311_pp73-win_amd64", []),
    ],
)
def test_which_python_loads_a_wheel(tag: str, minors: list[int]) -> None:
    (only,) = parse_tag(tag)
    assert [n for n in platforms.PYTHONS if platforms.serves(only, n)] == minors


@pytest.mark.parametrize(
    ("wheels", "cells"),
    [
        (["x-1-py3-none-any.whl"], None),
        ([], ["no"] * 7),
        (["x-1-cp39-abi3-manylinux_2_28_x86_64.whl"], ["yes", *["no"] * 6]),
        (["x-1-cp311-cp311-musllinux_1_2_aarch64.whl"], ["no", "no", "no", "3.11", "no", "no", "no"]),
        (["x-1-cp311-abi3-macosx_11_0_universal2.whl"], ["no", "no", "no", "no", "yes", "yes", "no"]),
    ],
)
def test_a_row_says_for_which_platforms_there_is_a_wheel(wheels: list[str], cells: list[str] | None) -> None:
    package = {"name": "x", "version": "1", "wheels": [{"url": f"https://index.example/{name}"} for name in wheels]}
    row = platforms.page([package]).splitlines()[-1].strip("| ").split(" | ")
    assert (row if cells else row[0]) == (["x 1", *cells] if cells else "---")
