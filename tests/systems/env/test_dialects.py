"""Env files as dotenv libraries, Docker and systemd take them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from golive_checks.env.oddities import sentence
from golive_checks.systems.env.dialects import read_text

if TYPE_CHECKING:
    from pathlib import Path


def values(text: str, dialect: str) -> dict[str, str | None]:
    return {name: assigned.value for name, assigned in read_text(text, "f", dialect).values.items()}


def defects(text: str, dialect: str) -> list[tuple[int, str, str]]:
    return [(each.at.line, each.name, sentence(each.oddity)) for each in read_text(text, "f", dialect).odd]


@pytest.mark.parametrize(
    ("line", "dotenv", "docker", "systemd"),
    [
        ("A=x", "x", "x", "x"),
        ("A=", "", "", ""),
        ('A="x y"', "x y", '"x y"', "x y"),
        ("A='x y'", "x y", "'x y'", "x y"),
        ("A=x # y", "x", "x # y", "x # y"),
        ("A=x#y", "x", "x#y", "x#y"),
        ("A=x ", "x", "x ", "x"),
        ("  A=x", "x", "x", "x"),
        ("A = x", "x", None, "x"),
        ("export A=x", "x", None, None),
        ('A="x\\ny"', "x\ny", '"x\\ny"', "x\\ny"),
        ('A="x\\"y"', 'x\\"y', '"x\\"y"', 'x"y'),
        ("A=x\\ y", "x\\ y", "x\\ y", "x y"),
        ("A=${B}", "${B}", "${B}", "${B}"),
        ("A='x'\"y\"", "'x'\"y\"", "'x'\"y\"", "xy"),
    ],
)
def test_each_reader_has_its_own_value(line: str, dotenv: str | None, docker: str | None, systemd: str | None) -> None:
    assert [values(line + "\n", d).get("A") for d in ("dotenv", "docker", "systemd")] == [dotenv, docker, systemd]


@pytest.mark.parametrize(
    ("text", "dialect", "line", "name", "word"),
    [
        ("A=1\nB=2\nA=3\n", "dotenv", 3, "A", "set twice: line 1"),
        ("A=a#b\n", "dotenv", 1, "A", "unquoted #"),
        ("\n\nA =b\n", "dotenv", 3, "A", "space next to"),
        ("A= b\n", "dotenv", 1, "A", "space next to"),
        ("A=b \n", "dotenv", 1, "A", "ends in a space"),
        ("A=' b'\n", "dotenv", 1, "A", "within the quotes"),
        ("export A=b\n", "dotenv", 1, "A", "export"),
        ("A=1\nDEBUG\n", "dotenv", 2, "", "no ="),
        ("A='1\nB=2\n", "dotenv", 1, "A", "nothing closes"),
        ("A=1\n=2\n", "dotenv", 2, "", "is not read"),
        ("A='1\nB=2\n", "python-dotenv", 1, "", "nothing closes"),
        ("A=b #c\nD=e#f\n", "node", 2, "D", "cut off at an unquoted #"),
        ("A=${B}c\n", "compose", 1, "A", "replaces B, set nowhere before, by nothing"),
        ("A=b\nC=${D}\n", "python-dotenv", 2, "C", "replaces D"),
        ("A=b c\n", "shell", 1, "A", "runs a command"),
        ("A=b\nC=d(e)\n", "shell", 2, "", "parenthesis"),
        ("A=$(date)\n", "shell", 1, "A", "what the shell runs"),
        ("A=b\r\n", "shell", 1, "", "CRLF"),
        ("\ufeffA=b\n", "node", 1, "A", "makes the byte order mark part of its name"),
        ('A="b\nCC=d\nE="f"\n', "node", 1, "A", "look like other variables"),
        ("1A=1\n", "dotenv", 1, "", "does not begin with a name"),
        ("A=1\r\nB=2\r\n", "dotenv", 1, "", "2 lines end in CRLF"),
        ("A=1\nB=2\r\n", "docker", 2, "", "a line ends in CRLF"),
        ("A=1\rB=2\n", "dotenv", 1, "", "holds a carriage return"),
        ("\ufeffA=1\n", "dotenv", 1, "", "byte order mark"),
        ("A=1\nB=\0\n", "dotenv", 2, "", "NUL"),
        ("A=1\nB=\udcff\n", "dotenv", 2, "", "not UTF-8"),
        ('A="b"\n', "docker", 1, "A", "in quotes"),
        ("A=b # c\n", "docker", 1, "A", "comment"),
        ("A=b \n", "docker", 1, "A", "space at an end"),
        ("A=${B}\n", "docker", 1, "A", "does not replace"),
        ("export A=b\n", "docker", 1, "A", "refuses the whole file"),
        ("A =b\n", "docker", 1, "A", "space next to"),
        ("A\n", "docker", 1, "", "from its own shell"),
        ("A=b # c\n", "systemd", 1, "A", "comment"),
        ("A=b\\c\n", "systemd", 1, "A", "backslash"),
        ("A=${B}\n", "systemd", 1, "A", "does not replace"),
        ("export A=b\n", "systemd", 1, "A", "it is not set"),
        ("A='b\n", "systemd", 1, "A", "nothing closes"),
        ("A=1\nB\n", "systemd", 2, "", "no ="),
    ],
)
def test_what_is_read_otherwise_than_meant(text: str, dialect: str, line: int, name: str, word: str) -> None:
    found = defects(text, dialect)
    assert [(at, n) for at, n, what in found if word in what] == [(line, name)], found


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("# comment\n\nA=b\nB='x # y'\nC=\"two words\"\nD=a=b==\nE=x # comment\n", "dotenv"),
        ("A='p$ssw0rd'\nB=$2b$10$abcdefgh\n".replace("$a", "$1"), "dotenv"),
        ('A="line one\nline two"\nB=1\n', "dotenv"),
        ("A=b\n# c\nB=p$ss#w'rd\n", "docker"),
        ("A=b\n; c\n# d\nB='x' \nC=\"y z\"\n", "systemd"),
        ("", "dotenv"),
        ("A=b", "docker"),
    ],
)
def test_a_clean_file_has_no_defect(text: str, dialect: str) -> None:
    assert defects(text, dialect) == []


def test_lines_are_counted_over_several_line_values() -> None:
    text = 'A="1\n2\n3"\n\n# c\nB=x\n'
    for dialect in ("dotenv", "systemd"):
        assert {n: a.at.line for n, a in read_text(text, "f", dialect).values.items()} == {"A": 1, "B": 6}


def test_a_piece_of_a_broken_value_is_never_shown_as_a_name() -> None:
    piece = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"
    for dialect in ("dotenv", "docker", "systemd"):
        for text in (f"A=x\n{piece}==\n", f"A=x\n{piece}\n"):
            assert piece not in repr(read_text(text, "f", dialect))


@pytest.mark.parametrize("dialect", ["dotenv", "docker", "systemd"])
def test_a_hostile_file_is_read_in_no_time(dialect: str) -> None:
    for text in ("A=" + "x" * 250_000, '"' * 250_000, "=" * 250_000, "A='\\" * 50_000, "\n" * 250_000, " " * 250_000):
        read_text(text, "f", dialect)


def test_a_clean_file_is_a_shells_too(tmp_path: Path) -> None:
    (tmp_path / "x.env").write_text("A='x # y'\nB=a#b\nC=plain\n")
    ran = subprocess.run(
        ["sh", "-c", '. ./x.env; printf "%s|%s|%s" "$A" "$B" "$C"'], cwd=tmp_path, capture_output=True, check=True
    )
    assert ran.stdout == b"x # y|a#b|plain"


@pytest.mark.parametrize(
    ("text", "name", "shapes"),
    [
        ("A=a#b\n", "A", [(("dotenv", "node"), 1), (("python-dotenv", "compose"), 3)]),
        ("A=${B}\n", "A", [(("dotenv", "node"), 4), (("python-dotenv", "compose"), 0)]),
        ('A="$B"\n', "A", [(("dotenv", "node", "python-dotenv"), 2), (("compose",), 0)]),
        ("A=`b`\n", "A", [(("dotenv", "node"), 1), (("python-dotenv", "compose"), 3)]),
        ("A: b\n", "A", [(("dotenv", "compose"), 1), (("node", "python-dotenv"), None)]),
        ('A="a\\tb"\n', "A", [(("dotenv", "node"), 4), (("python-dotenv", "compose"), 3)]),
        ("A=b\t# c\n", "A", [(("dotenv", "node", "python-dotenv"), 1), (("compose",), 5)]),
    ],
)
def test_what_readers_take_differently(text: str, name: str, shapes: list[tuple[tuple[str, ...], int | None]]) -> None:
    found = read_text(text, "f").differences
    assert [(d.name, [(t.readers, t.length) for t in d.taken]) for d in found] == [(name, shapes)]


@pytest.mark.parametrize("text", ["A=b\n", "A='{\"x\": 1}'\n", "A=x # y\n", 'A="1\\n2"\n', "A='1\n2\n'\n", "A=p$5\r\n"])
def test_what_all_take_as_one_is_no_difference(text: str) -> None:
    assert read_text(text, "f").differences == ()


def test_the_reader_that_the_profile_names_comes_first_and_says_what_is_set() -> None:
    reading = read_text("A=a#b\n", "f", "compose")
    assert reading.values["A"].value == "a#b"
    assert [t.readers for t in reading.differences[0].taken] == [("compose", "python-dotenv"), ("dotenv", "node")]
