"""The profiles that come with golive are right, and an editor finds nothing to mark in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from golive.profile import ProfileBase, read, validate
from golive.profile.document import plain
from golive.profile.schema import schema
from golive.profile.show import show
from golive.profile.yamlfile import read_yaml
from golive.world import build_world

PROFILES = Path(__file__).parents[2] / "profiles"
SCHEMA = PROFILES / "golive.schema.json"
SHIPPED = sorted(PROFILES.glob("*.yaml"))


def test_there_are_some() -> None:
    assert {path.stem for path in SHIPPED} == {"demo", "production", "staging"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_an_editor_finds_nothing_to_mark(path: Path, whole: type[ProfileBase]) -> None:
    document = plain(read_yaml(path, path.name, []))
    editor = jsonschema.Draft202012Validator(schema(whole))
    assert [error.message for error in editor.iter_errors(document)] == []
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (path.resolve().parent / first.partition("=")[2]).resolve() == SCHEMA


@pytest.mark.parametrize("name", ["staging", "production"])
def test_it_is_in_order(name: str, blueprint: Any, whole: type[ProfileBase]) -> None:
    profile = validate(read(name, cwd=PROFILES, environ={}, fetch=False), whole)
    assert build_world(blueprint, profile, None).named
    assert f'environment: "{name}"' in show(profile)


def test_every_key_of_the_profile_itself_is_shown_by_example() -> None:
    text = (PROFILES / "staging.yaml").read_text(encoding="utf-8")
    missing = [key for key in ProfileBase.model_fields if f"{key}:" not in text]
    assert missing == ["lab"]  # demo.yaml shows it
