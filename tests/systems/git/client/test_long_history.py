"""A history of a million added lines takes some seconds to search, and the next time none."""

from __future__ import annotations

import random
import resource
import subprocess
from pathlib import Path

import pytest

from golive_checks.systems.git.client.secrets import GitSecrets
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_lab.world.env_texts import made_up

LINES = 1_000_000
SEED = 20261129
CPU_S, CPU_AGAIN_S, WAIT_S = 14.0, 1.0, 300.0
"""Measured on two cores that did other things as well: 9.8 s of processor time, half of it git's, which runs beside the
rest, and 0.3 s the next time. The clock says nothing there."""


def history(folder: Path) -> None:
    """Make a repository whose files grow from commit to commit, and that once held a token."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    source = random.Random(SEED)  # noqa: S311 - it must be foreseeable
    words = ["".join(source.choices("abcdefghijklmnopqrstuvwxyz", k=source.randint(2, 10))) for _ in range(3000)]
    files: dict[str, list[str]] = {}
    added = commit = 0
    command = ["git", "-C", str(folder), "fast-import", "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as git:
        assert git.stdin
        while added < LINES:
            commit += 1
            git.stdin.write(f"commit refs/heads/main\ncommitter T <t@x.test> {1_700_000_000 + commit} +0000\n".encode())
            git.stdin.write(b"data 1\nx\n")
            for _ in range(3):
                name = f"src/m{source.randint(0, 400)}.ts"
                new = [f"  const {' '.join(source.choices(words, k=5))};" for _ in range(source.randint(10, 150))]
                body = files.setdefault(name, [])
                at = source.randint(0, len(body))
                body[at:at] = new
                del body[2000:]
                added += len(new)
                more = f"'ghp_{made_up('long history', 36)}'\n" if commit == 500 else ""
                data = ("\n".join(body) + f"\n{more}").encode()
                git.stdin.write(f"M 100644 inline {name}\ndata {len(data)}\n".encode() + data + b"\n")
    assert git.returncode == 0
    subprocess.run(["git", "-C", str(folder), "reset", "-q", "--hard"], check=True)


def spent_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.long
async def test_a_million_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history(tmp_path / "r")
    monkeypatch.setenv("KF_RULE_CACHE_DIR", str(Path.home() / ".cache/kingfisher-in-tests"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    secrets, before = GitSecrets(CommandRunner(CommandLimits())), spent_s()
    first = await secrets.scan(str(tmp_path / "r"), WAIT_S)
    assert first.complete
    assert first.lines >= LINES
    assert {(each.rule, each.still) for each in first.found} == {("github-token", False)}
    assert len({each.commit for each in first.found}) == 1
    assert spent_s() - before < CPU_S
    before = spent_s()
    assert await secrets.scan(str(tmp_path / "r"), WAIT_S) == first
    assert spent_s() - before < CPU_AGAIN_S
