"""What keeps a failure from counting is held to what bash itself does: `pw` is a command that fails."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from golive import Unavailable
from golive_checks.systems.ci.aftermath import script_commands
from golive_checks.systems.ci.client.shell import commands

PLAIN, ERREXIT, PIPEFAIL = (), ("-e",), ("-e", "-o", "pipefail")


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bin")
    (folder / "pw").write_text("#!/bin/sh\nexit 1\n")
    (folder / "pw").chmod(0o755)
    return folder


def test_a_long_script_of_conditions_is_read_in_time_and_how_it_ends_is_unclear() -> None:
    looks = "".join(
        f'if [ "$failed" = {n} ] && grep -q x log{n}; then exit 0; fi\n[ -f {n} ] || exit {n}\n' for n in range(60)
    )
    [read] = [c for c in script_commands(f"pw || failed=1\n{looks}", errexit=True, pipefail=True) if c.words == ("pw",)]
    assert read.doubt


@pytest.mark.parametrize(
    ("options", "script", "word"),
    [
        (ERREXIT, "pw", ""),
        (ERREXIT, "pw || true", "`|| true`"),
        (ERREXIT, "pw || :", "`|| :`"),
        (ERREXIT, "pw || exit 0", "`|| exit 0`"),
        (ERREXIT, "pw || echo 'it failed'", "`|| echo 'it failed'`"),
        (ERREXIT, "pw || exit 1", ""),
        (ERREXIT, "pw || { echo no; exit 1; }", ""),
        (ERREXIT, "(cd / && pw) || false", ""),
        (ERREXIT, "pw && true || true", "`|| true`"),
        (ERREXIT, "true; pw", ""),
        (ERREXIT, "pw; true", ""),
        (PLAIN, "pw; true", "`true` comes after it, and without errexit"),
        (PLAIN, "pw\n# no more", ""),
        (ERREXIT, "set +e\npw\necho done", "`echo done` comes after it"),
        (PLAIN, "set -euo pipefail\npw\necho done", ""),
        (PLAIN, "set -o errexit\npw\necho done", ""),
        (ERREXIT, "set +o errexit\npw\necho done", "comes after it"),
        (ERREXIT, "set +e\npw\ncode=$?\necho $code\nexit $code", ""),
        (ERREXIT, "code=0\npw || code=$?\necho $code\nexit ${code:-0}", ""),
        (ERREXIT, "pw || code=$?\necho $code", "`|| code=$?`"),
        (ERREXIT, "pw | cat", "its output is piped to `cat`, without pipefail"),
        (PIPEFAIL, "pw | cat", ""),
        (ERREXIT, "set -o pipefail\npw 2>&1 | cat", ""),
        (PIPEFAIL, "set +o pipefail\npw | cat", "without pipefail"),
        (ERREXIT, "true | pw", ""),
        (ERREXIT, "! pw", "`!` turns its failure into success"),
        (ERREXIT, "if pw; then true; fi", "it is only a condition"),
        (ERREXIT, "if ! pw; then exit 1; fi", ""),
        (ERREXIT, "if ! pw; then echo no; fi", "it is only a condition"),
        (ERREXIT, "if pw; then true; else exit 3; fi", ""),
        (ERREXIT, "if true; then pw; fi; true", ""),
        (ERREXIT, "pw &\nwait", "it runs in the background"),
        (ERREXIT, "x=$(pw)\ntrue", ""),
        (ERREXIT, "export X=$(pw)\ntrue", "it is within $(…) of another command"),
        (ERREXIT, "echo $(pw)", "it is within $(…) of another command"),
        (ERREXIT, "pw && echo well\necho done", "left of && errexit does not see it"),
        (ERREXIT, "pw && echo well", ""),
        (ERREXIT, "(pw; true)", ""),
        (PLAIN, "(pw; true)", "`true` comes after it"),
        (ERREXIT, "for n in 1 2; do pw && break; done", ""),
        (ERREXIT, "for n in 1 2; do pw && break; done; true", "comes after it"),
        (ERREXIT, "while pw; do true; done", "it is only a condition"),
        (ERREXIT, "trap 'exit 0' EXIT\npw", "`trap exit 0 EXIT` ends the script well"),
        (ERREXIT, "run() { pw; }\nrun", ""),
        (ERREXIT, "pw > /dev/null 2>&1", ""),
        (ERREXIT, "A=1 B=2 pw \\\n  --grep 'x y'", ""),
        (ERREXIT, "bash -c 'pw || true'", "`|| true`"),
        (ERREXIT, "bash -c 'pw; true'", "`true` comes after it"),
        (ERREXIT, "bash -ec 'pw; true'", ""),
        (ERREXIT, "case x in x) pw;; esac; true", ""),
    ],
)
def test_what_keeps_a_failure_from_counting(
    options: tuple[str, ...], script: str, word: str, failing: Path, tmp_path: Path
) -> None:
    read = script_commands(script, errexit="-e" in options, pipefail="pipefail" in options)
    found = [c for c in read if c.words[0] == "pw"]
    assert len(found) == 1
    assert word in found[0].swallowed
    assert bool(found[0].swallowed) == bool(word)
    (tmp_path / "script").write_text(script)
    environ = {"PATH": f"{failing}:{os.environ['PATH']}"}
    ran = subprocess.run(["bash", *options, str(tmp_path / "script")], env=environ, check=False, capture_output=True)
    assert (ran.returncode == 0) == bool(word)


def test_words_lines_and_folders() -> None:
    script = "cd e2e\nA=1 npx playwright test \\\n  --grep \"@momo $X\" ${{ matrix.shard }}\ncd tests; 'a b' c\\ d\n"
    found = commands(script, errexit=True, pipefail=False, first_line=10)
    assert [(c.words, c.line, c.folder) for c in found] == [
        (("cd", "e2e"), 10, "e2e"),
        (("npx", "playwright", "test", "--grep", "@momo $X", "MATRIX.shard"), 11, "e2e"),
        (("cd", "tests"), 13, "e2e/tests"),
        (("a b", "c d"), 13, "e2e/tests"),
    ]


def test_what_is_no_script_is_read_as_far_as_it_goes() -> None:
    assert [c.words for c in commands("pw (((\n\x00 \ud800", errexit=True, pipefail=True)][:1] == [("pw",)]
    assert commands("", errexit=True, pipefail=True) == ()
    with pytest.raises(Unavailable, match="nested more than 60 deep"):
        commands("(" * 5000 + "pw" + ")" * 5000, errexit=True, pipefail=True)
    assert len(commands("pw\n" * 2000, errexit=True, pipefail=True)) == 2000
    with pytest.raises(Unavailable, match="has 160,001 characters, and golive follows no more than 32,000"):
        commands("[a](" * 40_000 + "\n", errexit=True, pipefail=True)
    with pytest.raises(Unavailable, match="more than 2,000 commands"):
        commands("pw\n" * 2000 + "deploy\n", errexit=True, pipefail=True)
