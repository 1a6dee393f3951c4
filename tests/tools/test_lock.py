"""The locked versions are those of pyproject.toml: one for each dependency, within its bounds, with hashes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text())
RUN = [*PYPROJECT["project"]["dependencies"], *PYPROJECT["project"]["optional-dependencies"]["lab"]]
GROUPS = PYPROJECT["dependency-groups"]
LOCKS = {"lab.txt": [*RUN, *GROUPS["build"]], "dev.txt": [*RUN, *GROUPS["build"], *GROUPS["dev"]]}


def written_out(wanted: list[str]) -> list[Requirement]:
    """Return requirements with those of golive's own extras in the place of `golive[EXTRA]`."""
    extras = PYPROJECT["project"]["optional-dependencies"]
    found = list[Requirement]()
    for each in map(Requirement, wanted):
        own = [text for extra in sorted(each.extras) for text in extras[extra]] if each.name == "golive" else []
        found += written_out(own) if own else [each]
    return found


def locked(file: str) -> dict[str, set[str]]:
    """Return the locked versions by package: some have two, for Pythons of which the newest wants what others lack."""
    text = (PROJECT / "requirements" / file).read_text()
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([^ ;\\]+)", text, re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


@pytest.mark.parametrize("file", LOCKS)
def test_every_dependency_is_locked_within_its_bounds(file: str) -> None:
    versions = locked(file)
    for wanted in written_out(LOCKS[file]):
        there = versions.get(canonicalize_name(wanted.name), set())
        assert there, f"{wanted} is not in requirements/{file}: make lock"
        assert all(wanted.specifier.contains(version) for version in there), f"{wanted}: {there} is locked; make lock"


@pytest.mark.parametrize("file", LOCKS)
def test_every_version_has_its_hashes(file: str) -> None:
    blocks = re.split(r"\n(?=\S)", (PROJECT / "requirements" / file).read_text())
    assert [block for block in blocks if not block.startswith("#") and "--hash=sha256:" not in block] == []


def test_both_lock_the_same_versions() -> None:
    everything = locked("dev.txt")
    assert {name: versions for name, versions in locked("lab.txt").items() if everything.get(name) != versions} == {}
