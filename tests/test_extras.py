"""Extras: each module that comes with one is known, and golive names the extra where the module is missing."""

import importlib.util
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from golive import installed
from golive.cli import errors
from golive.engine.gaps import defect
from golive.profile import ProfileBase, ProfileError, read, validate

PYPROJECT = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
EXTRAS = {name: wanted for name, wanted in PYPROJECT["optional-dependencies"].items() if name not in {"all", "lab"}}
MODULES = PYPROJECT["entry-points"]["golive.extras"]


def test_every_package_of_an_extra_is_known_by_the_module_that_is_imported():
    brought = packages_distributions()
    for extra, wanted in EXTRAS.items():
        for requirement in map(Requirement, wanted):
            if requirement.marker is None or requirement.marker.evaluate():
                modules = {
                    m
                    for m, dists in brought.items()
                    if canonicalize_name(requirement.name) in map(canonicalize_name, dists)
                }
                assert extra in {MODULES.get(module) for module in modules}, requirement.name


def test_all_is_every_extra_but_the_lab():
    (everything,) = map(Requirement, PYPROJECT["optional-dependencies"]["all"])
    assert everything.extras == set(EXTRAS)
    assert PYPROJECT["optional-dependencies"]["lab"][0] == "golive[all]"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_that_is_missing_is_no_defect(module):
    extra = f"golive[{MODULES[module]}]"
    gap = defect(ModuleNotFoundError("x", name=f"{module}.inner"))
    assert (gap.reason, gap.fix, gap.defect) == (
        f"golive was installed without {extra}",
        f"`pip install '{extra}'`",
        False,
    )


def test_any_other_module_that_is_missing_is_a_defect(capsys):
    assert installed.bringing("nobody_has_this") == ""
    assert defect(ModuleNotFoundError("x", name="nobody_has_this")).defect
    assert errors.exit_code_of(ModuleNotFoundError("x", name="nobody_has_this")) == 3
    assert "a defect in golive" in capsys.readouterr().err


def test_a_command_that_lacks_one_says_so_in_a_line(capsys):
    assert errors.exit_code_of(ModuleNotFoundError("x", name="psycopg")) == 2
    assert capsys.readouterr().err == (
        "golive: golive was installed without golive[postgres]: pip install 'golive[postgres]'\n"
    )


def test_a_secret_that_aws_keeps_is_an_error_of_the_profile(tmp_path, monkeypatch):
    (tmp_path / "p.yaml").write_text("environment: x\nvariables: {secrets: {A: {ssm: /x}}}\nnotify: {slack: '${A}'}\n")
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ProfileError, match=r"golive was installed without golive\[aws\]: pip install"):
        validate(read(str(tmp_path / "p.yaml"), cwd=tmp_path, environ={}), ProfileBase)


def test_the_search_of_a_repository_names_its_own(tmp_path, monkeypatch):
    from golive_checks.systems.git.client import secrets  # noqa: PLC0415 - only here

    monkeypatch.setattr(secrets, "SCANNER", "kingfisher_sdk_that_is_not_there")
    assert importlib.util.find_spec("kingfisher_sdk")
    with pytest.raises(ModuleNotFoundError):
        secrets.GitSecrets(None).scan(str(tmp_path), 1.0).send(None)
