#!/usr/bin/env python3
"""Build the sdist, and from it the wheel, and prove it: on this Python, or on every one that can be had.

usage: python tools/wheel.py [--every]

wheel_extras.py proves what each extra brings, and what golive says without it; with --every, wheel_runners.py proves
that uvx and pipx run it.

Each has an empty environment far from the source tree: the sections are found, the profile's schema is there, and the
reference stack is looked at. Sdist and wheel are built twice, and must be the same.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import debian_pythons
from release import build, refuse_what_differs
from wheel_extras import UV, prove_extras, run
from wheel_runners import prove_runners

PROJECT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""What golive is for."""
THIS = f"{sys.version_info.major}.{sys.version_info.minor}"
SECTIONS_IMPORTED = """
import sys; from golive.index import index
index(); print([module for module in sys.modules if module.startswith("golive_checks")])
"""
SECTIONS = {"domains", "env", "database", "storage", "security", "backups", "payments"}


def main(arguments: list[str]) -> None:
    """Prove the wheel on this Python or on each; none at all is an error."""
    wanted = PYTHONS if "--every" in arguments else (THIS,)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        sdist, wheel = build(folder)
        refuse_what_differs(sdist, wheel)
        if "--every" in arguments:
            prove_runners(wheel, sys.executable, folder / "runners")
        proven = [
            version for version in wanted if (python := found(version)) and prove(wheel, python, folder / version)
        ]
    if not proven:
        sys.exit(f"the wheel was not proven: none of Python {', '.join(wanted)} was found")
    missing = [version for version in wanted if version not in proven]
    print(f"The wheel works on Python {', '.join(proven)}.")
    if missing:
        print(f"It was not proven on Python {', '.join(missing)}: found neither here nor in Debian.")


def found(version: str) -> str:
    """Find an interpreter of that version that runs, here or in Debian; empty where there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    this = [sys.executable] if version == THIS else []
    places = [*this, shutil.which(f"python{version}"), *sorted(pyenv.glob(f"versions/{version}.*/bin/python"))]
    for place in [str(place) for place in places if place]:
        # pyenv's shims lie on PATH for versions that are not chosen too, and fail
        ran = subprocess.run([place, "--version"], check=False, capture_output=True, text=True)
        if ran.stdout.startswith(f"Python {version}."):
            return place
    return debian_pythons.python(version)


def prove(wheel: Path, python: str, folder: Path) -> bool:
    """Install the wheel alone, and let it work."""
    run([UV, "venv", "--quiet", "--python", python, str(folder / "venv")], wheel.parent)
    install = [UV, "pip", "install", "--quiet", "--python", str(folder / "venv")]
    run([*install, str(wheel)], wheel.parent)
    golive = str(folder / "venv" / "bin" / "golive")
    packages = ("golive", "golive_checks", "golive_lab")
    untyped = [name for name in packages if not any((folder / "venv").glob(f"lib/*/site-packages/{name}/py.typed"))]
    if untyped:
        sys.exit(f"the wheel brings no py.typed for {', '.join(untyped)}")
    imported = run([str(folder / "venv" / "bin" / "python"), "-c", SECTIONS_IMPORTED], folder)
    if imported != "[]\n":
        sys.exit(f"the wheel brings no index of the checks: golive list imports {imported}")
    listed = run([golive, "list"], folder)
    unlisted = [section for section in SECTIONS if section not in listed]
    if unlisted:
        sys.exit(f"the wheel's golive list does not name {', '.join(unlisted)}:\n{listed}")
    schema = json.loads(run([golive, "profile", "schema"], folder))
    absent = SECTIONS - set(schema["properties"])
    if absent:
        sys.exit(f"the wheel's golive profile schema does not know {', '.join(absent)}")
    prove_extras(wheel, folder / "venv", folder, each="--every" in sys.argv)
    run([*install, f"{wheel}[lab]"], wheel.parent)
    run([golive, "check", "demo"], folder)
    return True


if __name__ == "__main__":
    main(sys.argv[1:])
