from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING

import pytest

from golive.profile import read

if TYPE_CHECKING:
    from pathlib import Path

    from desk import Desk


def test_a_name_is_looked_up_from_the_working_directory_upwards(desk: Desk) -> None:
    desk.profile("environment: far\n")
    deep = desk.folder / "a" / "b"
    deep.mkdir(parents=True)
    document = read("p", cwd=deep, environ={})
    assert document.path == desk.folder / "profiles" / "p.yaml"
    desk.write("a/profiles/p.yml", "environment: near\n")
    assert read("p", cwd=deep, environ={}).path == desk.folder / "a" / "profiles" / "p.yml"
    assert read("p", cwd=desk.folder / "a" / "profiles", environ={}).path.name == "p.yml"


@pytest.mark.parametrize("ref", ["profiles/p.yaml", "./profiles/p.yaml", "other/../profiles/p.yaml"])
def test_a_path_is_taken_from_the_working_directory(desk: Desk, ref: str) -> None:
    desk.profile("environment: x\n")
    profile = desk.load(ref)
    assert profile.path == desk.folder / "profiles" / "p.yaml"
    assert profile.name == ref


def test_a_path_needs_no_suffix_of_its_own(desk: Desk) -> None:
    desk.write("ops/staging", "environment: x\n")
    assert desk.load("ops/staging").data.environment == "x"


def test_two_profiles_of_a_name_are_an_error(desk: Desk) -> None:
    desk.profile("environment: x\n")
    desk.write("profiles/p.yml", "environment: y\n")
    [line] = desk.problems()
    assert line.startswith("p: two profiles are named 'p': ")
    assert line.endswith("; remove one")


def test_a_name_that_is_nowhere_names_the_nearest(desk: Desk) -> None:
    desk.profile("environment: x\n", name="staging")
    desk.profile("environment: x\n", name="production")
    [line] = desk.problems("stagin")
    assert "no profile 'stagin' in '" in line
    assert line.endswith("(did you mean 'staging'?)")


def test_without_any_profiles_it_says_so(desk: Desk, tmp_path: Path) -> None:
    [line] = desk.problems("staging")
    assert line == (
        f"staging: no profile 'staging' and no folder 'profiles' in '{tmp_path}' or above it; golive init writes one"
    )


@pytest.mark.parametrize("ref", ["", "a b", "-x", "a\0b", "\x1b[31m", "x" * 500])
def test_what_is_no_name_ends_in_one_line(desk: Desk, ref: str) -> None:
    [line] = desk.problems(ref)
    assert "\x1b" not in line


def test_a_profile_that_comes_with_golive_is_there_by_name(desk: Desk) -> None:
    inside = desk.write("elsewhere/lab.yaml", "environment: demo\n")
    assert desk.load("demo", builtin={"demo": inside}).data.environment == "demo"
    desk.profile("environment: mine\n", name="demo")
    assert desk.load("demo", builtin={"demo": inside}).data.environment == "mine"
    assert "(did you mean 'demo'?)" in desk.problems("dmo", builtin={"demo": inside})[0]


def test_a_link_is_read_where_it_leads(desk: Desk) -> None:
    desk.write("elsewhere/lab.yaml", "environment: demo\n")
    (desk.folder / "profiles").mkdir()
    (desk.folder / "profiles" / "demo.yaml").symlink_to("../elsewhere/lab.yaml")
    assert desk.load("demo").data.environment == "demo"
    (desk.folder / "profiles" / "gone.yaml").symlink_to("nowhere.yaml")
    assert "no profile 'gone'" in desk.problems("gone")[0]


def test_what_a_linked_profile_names_lies_beside_the_file_itself(desk: Desk) -> None:
    desk.write("elsewhere/base.yaml", "environment: demo\n")
    desk.write("elsewhere/lab.yaml", "extends: ./base.yaml\nplugins: [mine.py]\n")
    (desk.folder / "profiles").mkdir()
    (desk.folder / "profiles" / "demo.yaml").symlink_to("../elsewhere/lab.yaml")
    profile = desk.load("demo")
    assert profile.data.plugins == (str(desk.folder / "elsewhere" / "mine.py"),)
    assert profile.document["plugins"] == ["mine.py"]
    assert str(profile.location_of(("plugins",))) == "profiles/demo.yaml:2:1"


def test_a_name_too_long_and_a_folder_that_may_not_be_searched_end_in_one_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.profile("environment: x\n")
    assert "no profile 'xxx" in desk.problems("x" * 500)[0]

    def refuse(self: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(pathlib.Path, "stat", refuse)
    assert "no profile 'p'" in desk.problems()[0]
