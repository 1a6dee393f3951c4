"""Does a script end badly where its suite fails? golive, which only reads it, and bash, which runs it."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from golive_checks.systems.ci.aftermath import script_commands

SEED = 20261201
ALL, SHOWN = 1000, 10
"""How many scripts with GOLIVE_ALL=1, and one of how many in `make test`."""
BEFORE = ["", "set +e", "set -o pipefail", "rc=0", "set +e\nrc=0"]
SUITE = [
    "pw",
    "pw || rc=$?",
    "pw || rc=1",
    "pw || rc=$((rc+1))",
    "pw && rc=0 || rc=$?",
    "pw | cat",
    "pw | cat || rc=1",
    "(pw) || { echo no; rc=2; }",
    "pw; rc=$?",
    "pw && echo well",
    "for n in 1 2; do pw && break; rc=$?; done",
    "for n in 1 2; do pw || rc=1; done",
    "if [ -n x ]; then pw || rc=1; fi",
    "pw & pid=$!; wait $pid",
    "pw & pid=$!; true; wait $pid || rc=$?",
    "pw | cat; rc=${PIPESTATUS[0]}",
]
BETWEEN = ["", "true", "echo $rc", "set -e", "[ 1 = 1 ] && true"]
LAST = [
    "",
    "echo done",
    "exit $rc",
    "exit ${rc:-0}",
    "exit $?",
    'if [ "$rc" != 0 ]; then exit 1; fi',
    "if [ $rc -ne 0 ]; then echo no; exit $rc; fi",
    "if [ $rc -eq 0 ]; then exit 1; fi",
    '[ "$rc" = 0 ]',
    "test $rc -eq 0",
    "(( rc == 0 ))",
    "[ $rc -eq 0 ] || exit 3",
    "[[ $rc -gt 0 ]] && exit 1",
    "if [ $rc -ne 0 ]; then echo no; else exit 1; fi",
    "exit 0",
    "exit 1",
    "(exit $rc)",
]


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bin")
    (folder / "pw").write_text("#!/bin/sh\nexit $CODE\n")
    (folder / "pw").chmod(0o755)
    return folder


def scripts() -> list[str]:
    every = ["\n".join(filter(None, parts)) for parts in itertools.product(BEFORE, SUITE, BETWEEN, LAST)]
    chosen = random.Random(SEED).sample(every, ALL)
    return chosen if os.environ.get("GOLIVE_ALL") == "1" else chosen[::SHOWN]


def said(script: str) -> str:
    found = [c for c in script_commands(script, errexit=True, pipefail=False) if c.words == ("pw",)]
    ways = {"unclear" if c.doubt else "lost" if c.swallowed else "counts" for c in found}
    return "counts" if "counts" in ways else "unclear" if "unclear" in ways else "lost"


def test_scripts(failing: Path) -> None:
    print(f"seed {SEED}")
    environ = {"PATH": f"{failing}:{os.environ['PATH']}"}
    found, wrong = Counter[str](), list[str]()
    for script in scripts():
        failed, passed = (
            subprocess.run(["bash", "-e", "-c", script], env=environ | {"CODE": code}, check=False, capture_output=True)
            for code in "10"
        )
        if passed.returncode:
            continue  # it ends badly whatever the suite does
        says, truth = said(script), "counts" if failed.returncode else "lost"
        found[f"{truth}, {says}"] += 1
        if says not in {truth, "unclear"}:
            wrong.append(f"{script!r}: {says}, bash ended with {failed.returncode}")
    print(dict(found))
    assert not wrong, "\n".join(wrong[:20])
    assert sum(n for key, n in found.items() if "unclear" in key) < sum(found.values()) / 5
