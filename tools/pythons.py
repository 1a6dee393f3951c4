#!/usr/bin/env python3
"""Run the tests of the reference stacks and of the engine on every other Python that golive is for.

A Python that is not on this machine comes from Debian, where Debian has it.

usage: python tools/pythons.py [PYTEST ARGUMENTS]

Each has its environment in a folder of its own, .venv-python3.12 and the like, as `make PYTHON=python3.12` has.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from wheel import PYTHONS, THIS, found

PROJECT = Path(__file__).resolve().parent.parent
PARTS = ("tests/lab", "tests/engine", "tests/checks", "tests/cli")
"""The whole matrix of faults on both stacks is in the first. Faults are looked at together here, whatever is asked."""


def main() -> None:
    """Run them on one Python after the other; the first that fails ends it."""
    others = [version for version in PYTHONS if version != THIS]
    here = {version: python for version in others if (python := found(version))}
    for version, python in here.items():
        venv = PROJECT / f".venv-python{version}"
        run([python, "tools/environment.py", str(venv), "--dev"])
        run([str(venv / "bin" / "pytest"), "-q", "-n", "2", "--dist", "worksteal", *(sys.argv[1:] or PARTS)])
    print(f"The tests passed on Python {', '.join([*here]) or 'no other than this'}.")
    if missing := [version for version in others if version not in here]:
        print(f"They did not run on Python {', '.join(missing)}: found neither here nor in Debian.")


def run(command: list[str]) -> None:
    """Run a command in the project, and end everything where it fails."""
    environ = {name: value for name, value in os.environ.items() if name != "GOLIVE_ALL"}
    ran = subprocess.run(command, check=False, cwd=PROJECT, env=environ)
    if ran.returncode != 0:
        sys.exit(ran.returncode)


if __name__ == "__main__":
    main()
