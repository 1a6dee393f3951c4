"""A drill that is cut off in the middle leaves nothing for long, writes no evidence, and tells no secret."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from drill_bench import CANARY
from thorough import but

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from drill_bench import Cluster

GOLIVE = "from golive.cli.main import main; main()"
PROFILE = """
environment: staging
allow: [write]
backup_sources: {{ nightly: {{ directory: nightly }} }}
drill:
  source: nightly
  url: "${{DRILL_URL}}"
  evidence: evidence/restore.json
  bin_dir: {bin}
  queries: [{query}]
"""
SLOW = "{ sql: SELECT pg_sleep(240), min_rows: 1 }"
QUICK = "{ sql: 'SELECT 1 FROM \"Order\"', min_rows: 500 }"
WAIT_S = 120.0

Start = "Callable[..., subprocess.Popen[str]]"


@pytest.fixture
def start(tmp_path: Path, scratch: Cluster) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `golive drill` on a folder with a dump."""
    running: list[subprocess.Popen[str]] = []
    (tmp_path / "nightly").mkdir()

    def started(dump: Path | bytes, query: str) -> subprocess.Popen[str]:
        (tmp_path / "nightly" / "main").write_bytes(dump if isinstance(dump, bytes) else dump.read_bytes())
        (tmp_path / "staging.yaml").write_text(PROFILE.format(bin=scratch.bin, query=query))
        running.append(
            subprocess.Popen(
                [sys.executable, "-c", GOLIVE, "drill", "./staging.yaml", "-v"],
                cwd=tmp_path,
                env={**os.environ, "DRILL_URL": scratch.url.get_secret_value(), "CI": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return running[-1]

    yield started
    for process in running:
        process.kill()
        process.communicate()


def until(seen: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.05)


def asked(scratch: Cluster) -> bool:
    """Return whether the copy is being asked."""
    return (
        scratch.sql("select count(*) from pg_stat_activity where query ~ 'pg_sleep' and pid <> pg_backend_pid()") != "0"
    )


def test_killed_in_the_middle_the_next_removes_what_was_left(
    start: Callable[..., subprocess.Popen[str]], dumps: Mapping[str, Path], scratch: Cluster, tmp_path: Path
) -> None:
    process = start(dumps["custom"], SLOW)
    until(lambda: asked(scratch))
    (left,) = scratch.databases()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert scratch.databases() == {left}
    assert not (tmp_path / "evidence" / "restore.json").exists()
    until(lambda: scratch.sql("select count(*) from pg_locks where locktype = 'advisory'") == "0")
    out, err = start(dumps["custom"], QUICK).communicate(timeout=WAIT_S)
    assert f"removed first, left by an earlier drill: {left}" in " ".join(out.split()), out + err
    assert scratch.databases() == set()
    assert (tmp_path / "evidence" / "restore.json").exists()


def test_killed_in_the_middle_of_a_restore_no_program_goes_on(
    start: Callable[..., subprocess.Popen[str]], dumps: Mapping[str, Path], scratch: Cluster
) -> None:
    index = b"\n--\n-- Name: Order_total_idx; Type: INDEX;"
    dump = dumps["plain"].read_bytes().replace(index, b"\nSELECT pg_sleep(60);\n" + index)
    process = start(dump, QUICK)
    until(lambda: asked(scratch))
    (left,) = scratch.databases()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    until(lambda: not [p for p in programs() if left in p])
    start(dumps["custom"], QUICK).communicate(timeout=WAIT_S)
    assert scratch.databases() == set()


def programs() -> list[str]:
    """Return the command line of every process."""
    ran = subprocess.run(["ps", "-wweo", "args"], check=True, capture_output=True, text=True)
    return [line for line in ran.stdout.splitlines() if "psql" in line or "pg_restore" in line]


@pytest.mark.long
def test_a_living_drill_is_let_be(
    start: Callable[..., subprocess.Popen[str]], dumps: Mapping[str, Path], scratch: Cluster
) -> None:
    first = start(dumps["custom"], SLOW)
    until(lambda: asked(scratch))
    living = scratch.databases()
    out, _ = start(dumps["custom"], QUICK).communicate(timeout=WAIT_S)
    assert "left by an earlier drill" not in out
    assert scratch.databases() == living
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=WAIT_S)
    assert scratch.databases() == set()


@pytest.mark.parametrize("how", but({signal.SIGTERM}, [signal.SIGINT, signal.SIGTERM]))
def test_interrupted_it_removes_its_database_within_the_grace(
    how: signal.Signals,
    start: Callable[..., subprocess.Popen[str]],
    dumps: Mapping[str, Path],
    scratch: Cluster,
    tmp_path: Path,
) -> None:
    process = start(dumps["custom"], SLOW)
    until(lambda: asked(scratch))
    process.send_signal(how)
    out, err = process.communicate(timeout=WAIT_S)
    assert process.returncode == 130, out + err
    assert scratch.databases() == set()
    assert not asked(scratch)
    assert not (tmp_path / "evidence" / "restore.json").exists()


def test_no_secret_in_what_is_said_nor_in_a_command_line(
    start: Callable[..., subprocess.Popen[str]], dumps: Mapping[str, Path], scratch: Cluster, tmp_path: Path
) -> None:
    index = b"\n--\n-- Name: Order_total_idx; Type: INDEX;"
    dump = dumps["plain"].read_bytes().replace(index, b"\nSELECT pg_sleep(2);\n" + index)
    process = start(dump, QUICK)
    until(lambda: asked(scratch))
    (line,) = [p for p in programs() if "psql" in p and "golive_drill_" in p and "/bin/sh" not in p]
    assert CANARY not in line
    out, err = process.communicate(timeout=WAIT_S)
    assert process.returncode == 0, out + err
    evidence = (tmp_path / "evidence" / "restore.json").read_text()
    assert CANARY not in out + err + evidence
    assert "restoring" in err
    assert "asking the copy, 1 of 1" in err


def test_no_secret_where_it_fails(
    start: Callable[..., subprocess.Popen[str]], dumps: Mapping[str, Path], scratch: Cluster
) -> None:
    scratch.sql("alter role drill password 'another'")
    try:
        process = start(dumps["custom"], QUICK)
        out, err = process.communicate(timeout=WAIT_S)
    finally:
        scratch.sql(f"alter role drill password '{CANARY}'")
    assert process.returncode == 3
    assert "refuses the password" in " ".join(out.split())
    assert CANARY not in out + err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("allow: [write]", "", "add `allow: [write]`"),
        ("allow: [write]", "allow: [write]\nproduction: true", "confirm: staging"),
        ("drill:", "x-drill:", "no drill:"),
        ('url: "${DRILL_URL}"', "", "drill.url"),
    ],
)
def test_what_is_missing_is_said_in_one_line(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = PROFILE.format(bin="/usr/bin", query=QUICK).replace(old, new)
    if "x-drill" in text:
        text = text[: text.index("x-drill")]
    (tmp_path / "staging.yaml").write_text(text)
    ran = subprocess.run(
        [sys.executable, "-c", GOLIVE, "drill", "./staging.yaml"],
        cwd=tmp_path,
        env={**os.environ, "DRILL_URL": f"postgresql://drill:{CANARY}@127.0.0.1:1/postgres"},
        capture_output=True,
        text=True,
        check=False,
        timeout=WAIT_S,
    )
    assert ran.returncode == 2
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert CANARY not in ran.stdout + ran.stderr
