"""Every key of a profile says what it is, what it is where it is left out, and shows an example that works."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from language_server import LanguageServer
from pydantic import BaseModel, Field

import golive_checks
from golive import plugins
from golive.engine.resolve import resolve
from golive.profile import ProfileBase, read, validate
from golive.profile.document import plain
from golive.profile.examples import exemplify, shipped
from golive.profile.schema import schema
from golive.profile.yamlfile import read_yaml
from golive.world import build_world, profile_model

FILES = sorted(Path(golive_checks.__file__).with_name("examples").glob("*.yaml"))
SCHEMA = Path(__file__).parents[2] / "profiles/golive.schema.json"


@pytest.fixture(scope="module")
def described(whole: type[ProfileBase]) -> dict[str, Any]:
    return schema(whole, shipped())


def keys(node: Any, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key of a schema, those of schemas within schemas included."""
    for inner, below in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if inner == "properties":
            for key, value in below.items():
                yield f"{name}.{key}", value
                yield from keys(value, f"{name}.{key}")
        elif inner not in {"examples", "default"}:
            yield from keys(below, f"{name}.{inner}" if inner != "$defs" else "")


def test_every_key_has_its_description_its_default_and_an_example(described: dict[str, Any]) -> None:
    lacks: dict[str, list[str]] = defaultdict(list)
    every = list(keys(described, ""))
    for name, key in every:
        for what in ("description", "markdownDescription", "examples"):
            if not key.get(what):
                lacks[what].append(name)
        if "default" not in key and not key["markdownDescription"].endswith("\n\nRequired."):
            lacks["default"].append(name)
    assert not lacks
    assert len(every) > 900


def test_every_example_is_a_value_that_its_key_may_have(described: dict[str, Any]) -> None:
    base = jsonschema.Draft202012Validator(described)
    wrong = [
        f"{name}: {error.message}"
        for name, key in keys(described, "")
        for example in key.get("examples", ())
        for error in base.evolve(schema=key).iter_errors(example)
    ]
    assert wrong == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_profiles_that_examples_are_taken_from_are_valid(
    file: Path, blueprint: Any, whole: type[ProfileBase], tmp_path: Path
) -> None:
    text = file.read_text()
    place = tmp_path / "profiles" / file.name
    place.parent.mkdir()
    place.write_text(text)
    (place.parent / "base.yaml").write_text("environment: x\n")
    (tmp_path / ".env.golive").touch()
    values = dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "postgresql://u:p@db.example.com/x")
    profile = validate(read(str(place), cwd=tmp_path, environ=values, fetch=False), whole)
    assert build_world(blueprint, profile, None).named


class Inner(BaseModel):
    word: str = ""
    """A word."""
    needed: int
    """A number."""


class Outer(BaseModel):
    """What the examples below are of."""

    kind: str = Field("a", json_schema_extra={"enum": ["a", "b"]})
    """One of two."""
    on: bool = True
    """A switch."""
    limit: int = 5
    """A limit."""
    named: dict[str, Inner] = {}
    """By name."""
    listed: list[str] = []
    """A list."""
    alone: Inner | None = None
    """One of them."""
    unknown: str = ""
    """Nobody shows it."""


@pytest.mark.parametrize(
    ("profile", "key", "examples"),
    [
        ({}, "kind", ["b"]),
        ({}, "on", [False]),
        ({}, "limit", [5]),
        ({"limit": 9}, "limit", [9]),
        (
            {"named": {"a": {"word": "x", "needed": 1}, "b": {"needed": 2}}},
            "named",
            [{"a": {"word": "x", "needed": 1}}],
        ),
        ({"named": {"a": {"word": "x", "needed": 1}}}, "alone", [{"word": "x"}]),
        ({"listed": ["x", "y", "z"]}, "listed", [["x", "y"]]),
        ({}, "unknown", None),
        ({"unknown": "x", "other": 1}, "unknown", None),  # no profile of this schema
    ],
)
def test_an_example_comes_from_a_profile_else_from_what_a_key_may_hold(profile: Any, key: str, examples: Any) -> None:
    made = Outer.model_json_schema()
    exemplify(made, [profile])
    assert made["properties"][key].get("examples") == examples


@pytest.fixture(scope="module")
def editor() -> Iterator[LanguageServer]:
    server = LanguageServer(SCHEMA)
    yield server
    server.close()


def test_an_editor_marks_nothing_in_the_examples_and_what_is_a_slip(editor: LanguageServer) -> None:
    assert {file.stem: editor.open(file.as_uri(), file.read_text()) for file in FILES} == {f.stem: [] for f in FILES}
    marked = editor.open("file:///slip.yaml", "environment: x\nhots: {}\nhosts: {a: {role: boss}}\n")
    assert len(marked) == 2
    assert any("hots" in each for each in marked)


def test_an_editors_hover_teaches(editor: LanguageServer) -> None:
    text = "environment: x\nhosts:\n  app: {name: a.example.com, port: 8443}\npostgres: {statement_timeout_s: 5}\n"
    assert editor.open("file:///hover.yaml", text) == []
    shown = {word: editor.hover("file:///hover.yaml", line, text.splitlines()[line].index(word) + 1)
             for line, word in ((0, "environment"), (1, "hosts"), (2, "port"), (3, "statement_timeout_s"))}  # fmt: skip
    assert "The environment's name, such as `staging`.\n\nRequired." in shown["environment"]
    assert "A host that the world reaches over https." in shown["hosts"]
    assert "name: app.example.com" in shown["hosts"]
    assert "Default: `443`" in shown["port"]
    assert "8443" in shown["port"]
    known = json.loads(SCHEMA.read_text())["$defs"]["PostgresLimits"]["properties"]["statement_timeout_s"]
    assert known["description"] in shown["statement_timeout_s"]


def test_an_editor_completes_keys_that_are_not_there_yet(editor: LanguageServer) -> None:
    editor.open("file:///new.yaml", "environment: x\nhosts:\n  app:\n    name: a.example.com\n    \n")
    offered = editor.completions("file:///new.yaml", 4, 4)
    assert {"role", "port", "edge"} <= offered.keys()
    assert "name" not in offered


def test_a_wrong_key_of_a_table_is_told_the_right_ones(whole: type[ProfileBase], tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("environment: x\nobservability: {exposed: {families: {speed: [x]}}}\n")
    with pytest.raises(Exception, match=r"expected: one of cpu, memory, gc, latency and errors"):
        validate(read(str(tmp_path / "p.yaml"), cwd=tmp_path, environ={}, fetch=False), whole)


def test_an_example_holds_no_secret() -> None:
    """What stands at a secret's key is a variable, as it should in a profile that is committed."""
    model = profile_model(resolve(plugins.load().modules)).model_json_schema()
    exemplify(model, [plain(read_yaml(file, file.name, [])) for file in FILES])
    secret = [
        (name, example)
        for name, key in keys(model, "")
        if "password" in {option.get("format") for option in (key, *key.get("anyOf", ()))}
        for example in key.get("examples", ())
    ]
    assert secret
    assert [each for each in secret if "${" not in str(each[1])] == []
