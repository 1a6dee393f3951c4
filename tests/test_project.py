"""What a project has that others pick up: a licence, types, a changelog in step, hooks that run what make runs."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from golive.version import VERSION

PROJECT = Path(__file__).parents[1]


def text(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    entries = re.findall(r"^## (\S+) \((unreleased|\d{4}-\d\d-\d\d)\)$", text("CHANGELOG.md"), re.MULTILINE)
    assert entries[0][0] == VERSION
    assert [when for _, when in entries].count("unreleased") <= 1


def test_the_licence_is_the_one_that_pyproject_names() -> None:
    assert tomllib.loads(text("pyproject.toml"))["project"]["license"] == "MIT"
    assert text("LICENSE").startswith("MIT License\n")


@pytest.mark.parametrize("package", ["src/golive", "checks/golive_checks", "lab/golive_lab"])
def test_its_types_are_for_others_too(package: str) -> None:
    assert (PROJECT / package / "py.typed").exists()


def test_the_hooks_run_what_make_runs_and_download_nothing() -> None:
    (repository,) = yaml.safe_load(text(".pre-commit-config.yaml"))["repos"]
    assert repository["repo"] == "local"
    made = re.findall(r"\$\(BIN\)/(ruff \w+|mypy|lint-imports)", text("Makefile"))
    hooked = [re.match(r"\.venv/bin/(ruff \w+|mypy|lint-imports)", hook["entry"]) for hook in repository["hooks"]]
    assert [hook[1] for hook in hooked if hook] == list(dict.fromkeys(made))
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}


RECIPES = [
    recipe
    for page in ("docs/recipes.md", "docs/own-checks.md")
    for recipe in re.findall(r"```yaml\n(.*?)```", text(page), re.DOTALL)
    if "environment:" in recipe
]


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_is_a_valid_profile(recipe: str, tmp_path: Path) -> None:
    from golive import session  # noqa: PLC0415 - only here

    (tmp_path / "p.yaml").write_text(recipe)
    made = session.load(str(tmp_path / "p.yaml"), cwd=tmp_path, environ={"DATABASE_URL": "postgresql://u:p@db/x"})
    assert made.profile.data.hosts


def test_the_readme_is_read_in_one_sitting() -> None:
    assert len(text("README.md").splitlines()) <= 150
