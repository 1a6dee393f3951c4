"""Each contract of import-linter bites: an import that it forbids, planted into a copy of the sources, breaks it.

A contract that names a folder wrongly holds forever, and nobody notices.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("src/golive", "checks/golive_checks", "lab/golive_lab")

PLANTED = {
    "Arrows run one way": ("golive.version", "golive_checks.shapes"),
    "Within golive_checks": ("golive_checks.strength", "golive_checks.env.values"),
    "Within golive": ("golive.version", "golive.cli.main"),
    "Within the engine": ("golive.engine.loop", "golive.engine.run"),
    "A system imports those below it": ("golive_checks.systems.dns.zone", "golive_checks.systems.nginx"),
    "Within the lab": ("golive_lab.world.names", "golive_lab.parts.ports"),
    "No circle in the lab": ("golive_lab.parts.process", "golive_lab.parts.npm"),
    "Only clients speak protocols": ("golive_checks.env.values", "httpx"),
}
"""By how a contract's name begins, up to its colon or comma: the module that imports, and what it must not import."""

HIDDEN = {
    "for types alone": (
        "golive_lab.world.dns",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import {}\n",
    ),
    "in a function": ("golive_lab.world.proxy", "def late():\n    import {}\n"),
}
"""Imports that are not there as Python starts, and still tie the lab's world to its parts: importer and text."""


def file_of(root: Path, module: str) -> Path:
    return root / f"{module.replace('.', '/')}.py"


def contracts() -> list[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]


def start_of(name: str) -> str:
    return re.split("[:,]", name)[0]


def lint(copy: Path) -> str:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()"]
    options = ["--no-cache", "--config", str(ROOT / "pyproject.toml")]
    environment = {**os.environ, "PYTHONPATH": str(copy), "COLUMNS": "500"}
    done = subprocess.run([*command, *options], cwd=copy, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def linted(tmp_path_factory: pytest.TempPathFactory) -> str:
    copy = tmp_path_factory.mktemp("planted")
    for package in PACKAGES:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, copy / Path(package).name, ignore=ignore)
    for importer, imported in PLANTED.values():
        with file_of(copy, importer).open("a") as file:
            file.write(f"\nimport {imported}\n")
    for importer, text in HIDDEN.values():
        with file_of(copy, importer).open("a") as file:
            file.write(f"\n{text.format('golive_lab.parts.npm')}")
    return lint(copy)


def test_every_contract_has_an_import_planted_for_it():
    assert [start_of(name) for name in contracts()] == list(PLANTED)


def section_of(linted: str, name: str) -> str:
    """What is reported of a broken contract."""
    _, found, rest = linted.partition(f"{name}\n{'-' * len(name)}\n")
    assert found, linted
    return re.split(r"\n-{5,}\n", rest)[0]


@pytest.mark.parametrize("name", contracts(), ids=start_of)
def test_a_planted_import_breaks_its_contract(linted, name):
    importer, imported = PLANTED[start_of(name)]
    assert f"{name} BROKEN" in linted
    siblings = f"- .{importer.rpartition('.')[2]} -> .{imported.rpartition('.')[2]} ("
    section = section_of(linted, name)
    assert f"{importer} -> {imported} (l." in section or siblings in section, section


@pytest.mark.parametrize("hidden", HIDDEN)
def test_an_import_that_python_does_not_make_at_once_breaks_the_lab_s_contract_too(linted, hidden):
    name = next(name for name in contracts() if start_of(name) == "Within the lab")
    assert f"{HIDDEN[hidden][0]} -> golive_lab.parts.npm (l." in section_of(linted, name)
