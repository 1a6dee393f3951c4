#!/usr/bin/env python3
"""Run tests with the lowest versions that pyproject.toml allows, on the oldest Python: what its bounds promise.

usage: python tools/lowest.py [PYTEST ARGUMENTS]

What tests are written with (pytest, moto and the like) is as locked: only golive's own dependencies are the lowest.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from wheel import found
from wheel_extras import UV

PROJECT = Path(__file__).resolve().parent.parent
OLDEST = "3.11"
PARTS = ("tests/checks", "tests/engine", "tests/profile", "tests/systems")
EASED = ("-W", "default")
"""A test fails at a warning of deprecation, which old versions beside new ones give."""


def main() -> None:
    """Make the environment anew, and run the tests in it."""
    python = found(OLDEST)
    if not python:
        sys.exit(f"the lowest versions are tested on Python {OLDEST}, which is not here")
    with tempfile.TemporaryDirectory() as scratch:
        venv, lowest = Path(scratch) / "venv", Path(scratch) / "lowest.txt"
        resolve = [UV, "pip", "compile", "--quiet", "--resolution", "lowest-direct", "--python-version", OLDEST]
        run([*resolve, "--extra", "lab", "--output-file", str(lowest), "pyproject.toml"])
        run([UV, "venv", "--quiet", "--python", python, str(venv)])
        install = [UV, "pip", "install", "--quiet", "--python", str(venv), "--constraints", str(lowest)]
        run([*install, "--editable", f"{PROJECT}[lab]", "--group", "dev"])
        run([str(venv / "bin" / "python"), "tools/servers.py"])
        run([str(venv / "bin" / "pytest"), "-q", "-n", "2", *EASED, *(sys.argv[1:] or PARTS)])


def run(command: list[str]) -> None:
    """Run a command in the project, and end everything where it fails."""
    ran = subprocess.run(command, check=False, cwd=PROJECT)
    if ran.returncode != 0:
        sys.exit(ran.returncode)


if __name__ == "__main__":
    main()
