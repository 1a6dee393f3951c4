from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from golive.profile.document import plain
from golive.profile.schema import schema
from golive.profile.yamlfile import read_yaml

if TYPE_CHECKING:
    from desk import Desk, Model


def complaints(document: Any, model: type[Model]) -> list[str]:
    """Return what an editor would mark."""
    described = schema(model)
    jsonschema.Draft202012Validator.check_schema(described)
    return [error.message for error in jsonschema.Draft202012Validator(described).iter_errors(document)]


FINE = [
    "environment: x",
    "environment: ${NAME}",
    "extends: base",
    "extends: [a, b]\nhosts: {api: {port: 1}, app: null}\nowners:",
    "ratio: ${R:-0.5}\nstrict: ${S}\nhosts: {a: {name: '${N}', port: '${P}', role: '${R}', login: 'x ${T}'}}",
    "timeout_s: 5m\ngate: {fail_on: warn, ignore_below: high, unknown: {allow: [a]}}",
    "timeout_s: 90",
    "variables: {dotenv: [a], secrets: {A: {file: x}, B: {ssm: x, region: y}, C: {command: [a]}}}",
    "variables: {secrets: {A: {aws_secrets_manager: x, key: k, endpoint: e}}}",
    "waivers: [{check: a, reason: r, approver: a, expires: 2026-12-31}]",
    "waivers: [{check: a, reason: r, approver: a, expires: '2026-12-31T10:00:00+01:00'}]",
]


@pytest.mark.parametrize("text", FINE)
def test_what_a_profile_may_hold_an_editor_leaves_alone(desk: Desk, model: type[Model], text: str) -> None:
    path = desk.profile(text)
    assert complaints(plain(read_yaml(path, "p", [])), model) == []


SLIPS = [
    "enviroment: x",
    "ratio: half",
    "hosts: {api: {rol: api}}",
    "hosts: {api: {role: boss}}",
    "hosts: {api: {port: 99999}}",
    "allow: [everything]",
    "waivers: [{check: a, expires: 2026-12-31T10:00:00}]",
    "variables: {secrets: {A: {fiel: x}}}",
    "timeout_s: soon",
]


@pytest.mark.parametrize("text", SLIPS)
def test_a_slip_is_marked(desk: Desk, model: type[Model], text: str) -> None:
    path = desk.profile(text)
    assert complaints(plain(read_yaml(path, "p", [])), model)


def test_the_text_under_a_field_describes_it(model: type[Model]) -> None:
    described = schema(model)
    assert described["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert described["properties"]["environment"]["description"] == "The environment's name, such as `staging`."
    assert described["$defs"]["HostEntry"]["properties"]["name"]["description"] == "Its domain name."
    assert described["$defs"]["HostEntry"]["description"] == "A host."
    undescribed = [
        f"{name}.{key}"
        for name in ("Gate", "ProfileWaiver", "VariableSources", "Release")
        for key, value in described["$defs"][name]["properties"].items()
        if "description" not in value
    ]
    assert not undescribed
