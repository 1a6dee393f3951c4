"""What is new in a version of a file, and where it stands."""

from __future__ import annotations

import random

import pytest

from golive_checks.systems.git.client.new_lines import AROUND, NewLines


def numbered(count: int) -> list[str]:
    return [f"line {number}" for number in range(count)]


def pieces(*versions: str) -> list[list[tuple[int, bytes]]]:
    file = NewLines()
    return [list(file.pieces(each.encode())) for each in versions]


def test_the_first_version_is_new_as_a_whole() -> None:
    text = "\n".join(numbered(30)) + "\n"
    assert pieces(text) == [[(0, text.encode())]]


def test_of_the_next_what_was_added_with_its_surroundings() -> None:
    lines = numbered(30)
    changed = [*lines[:10], "new", *lines[10:25], "newer", *lines[25:]]
    first, second, third = pieces("\n".join(lines), "\n".join(changed), "\n".join(changed))
    assert first
    assert third == []
    assert [(at, piece.count(b"\n") + 1) for at, piece in second] == [(7, 7), (23, 7)]
    assert b"new" in second[0][1]
    assert second[1][1].split(b"\n")[AROUND] == b"newer"


def test_a_file_of_utf_16_is_looked_through_whole() -> None:
    file, data = NewLines(), "a\nb".encode("utf-16")
    assert list(file.pieces(data)) == list(file.pieces(data)) == [(0, data)]


@pytest.mark.parametrize("seed", range(20))
def test_every_new_line_is_in_a_piece_at_its_place(seed: int) -> None:
    source = random.Random(seed)  # noqa: S311 - it must be foreseeable
    file, seen, lines = NewLines(), set[bytes](), numbered(source.randint(0, 40))
    for _ in range(15):
        for _ in range(source.randint(0, 4)):
            lines.insert(source.randint(0, len(lines)), f"added {source.randint(0, 60)}")
        text = "\n".join(lines).encode()
        shown = {
            (at + number, line) for at, piece in file.pieces(text) for number, line in enumerate(piece.split(b"\n"))
        }
        every = list(enumerate(text.split(b"\n")))
        assert shown <= set(every)
        assert {each for each in every if each[1] not in seen} <= shown
        seen |= {line for _, line in every}
