"""Variables in Compose files, Kubernetes manifests and Render blueprints."""

from __future__ import annotations

import base64

import pytest

from golive import Location, Unavailable
from golive_checks.env.oddities import sentence
from golive_checks.systems.env.manifests import compose_env_files, read_compose, read_kubernetes, read_render
from golive_checks.systems.env.reading import Assigned, EnvReading

HERE = Location("compose.yaml", 1)


def plain(reading: EnvReading) -> dict[str, str | None]:
    return {name: assigned.value for name, assigned in reading.values.items()}


COMPOSE = """
x-common: &common
  PORT: 4000
  LOG: info
services:
  api:
    env_file: [a.env, {path: b.env, required: true}, {path: c.env, required: false}]
    environment:
      <<: *common
      LOG: debug
      KEY: ${KEY}
      BOTH: ${KEY:-x}-${NONE:-y}
      PRICE: $$5
      GONE: ${NOWHERE}
      SHELL_ONLY:
      PLUS: ${KEY:+set}
  web:
    env_file: web.env
    environment:
      - A=b=c
      - BARE
"""


def test_compose_mapping() -> None:
    found = read_compose(COMPOSE, "compose.yaml", "api", {"KEY": Assigned("k", HERE)})
    assert plain(found) == {
        "PORT": "4000",
        "LOG": "debug",
        "KEY": "k",
        "BOTH": "k-y",
        "PRICE": "$5",
        "GONE": None,
        "SHELL_ONLY": None,
        "PLUS": "set",
    }
    assert [(d.at.line, d.name) for d in found.odd] == [(14, "GONE")]
    assert found.values["LOG"].at == Location("compose.yaml", 10)


def test_compose_list_and_env_files() -> None:
    assert plain(read_compose(COMPOSE, "c", "web", {})) == {"A": "b=c", "BARE": None}
    listed = compose_env_files(COMPOSE, "c", "api")
    assert [(each.name, each.required) for each in listed] == [("a.env", True), ("b.env", True), ("c.env", False)]
    raw = "services: {api: {env_file: [{path: a.env, format: raw}, b.env]}}"
    assert [each.read_as for each in compose_env_files(raw, "c", "api")] == ["docker", "compose"]
    assert [each.name for each in compose_env_files(COMPOSE, "c", "web")] == ["web.env"]
    with pytest.raises(Unavailable, match="no service 'db'"):
        read_compose(COMPOSE, "c", "db", {})


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


KUBERNETES = f"""
apiVersion: v1
kind: Secret
metadata: {{name: api}}
data:
  A: {b64("one")}
  B: {b64("echoed" + chr(10))}
  C: "***"
stringData:
  A: over
---
kind: ConfigMap
metadata: {{name: settings}}
data:
  PORT: "4000"
---
kind: Deployment
metadata: {{name: api}}
"""


def test_kubernetes() -> None:
    found = read_kubernetes(KUBERNETES, "k8s.yaml", ())
    assert plain(found) == {"A": "over", "B": "echoed\n", "C": "", "PORT": "4000"}
    assert [(d.at.line, d.name, sentence(d.oddity).split(",")[0]) for d in found.odd] == [
        (7, "B", "ends in a line break"),
        (8, "C", "is not base64"),
    ]
    assert plain(read_kubernetes(KUBERNETES, "k", ("settings",))) == {"PORT": "4000"}
    with pytest.raises(Unavailable, match="no Secret or ConfigMap named other"):
        read_kubernetes(KUBERNETES, "k", ("other",))


RENDER = """
envVarGroups:
  - name: shared
    envVars: [{key: LOG, value: info}]
services:
  - type: web
    name: api
    envVars:
      - {key: PORT, value: 4000}
      - {key: SECRET, sync: false}
      - {key: MADE, generateValue: true}
      - {key: URL, fromDatabase: {name: db, property: connectionString}}
      - fromGroup: shared
      - {key: ODD, value: "${PORT}"}
"""


def test_render() -> None:
    found = read_render(RENDER, "render.yaml", "api")
    assert plain(found) == {
        "PORT": "4000",
        "SECRET": None,
        "MADE": None,
        "URL": None,
        "LOG": "info",
        "ODD": "${PORT}",
    }
    assert [d.name for d in found.odd] == ["ODD"]
    with pytest.raises(Unavailable, match="no service"):
        read_render(RENDER, "render.yaml", "db")


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: &a [*a, *a]\nb: *missing",
        "\t- x",
        "[" * 5000,
        "a: !!python/object/apply:os.system [ls]",
        "a: 'secret-value",
        "PASSWORD: *secret-value",
        "- just\n- a list",
        "services: 3",
        "services: {api: 3}",
        "services: {api: {environment: 3}}",
        "a: \0",
        "a: \udcff",
    ],
)
def test_what_is_no_manifest_ends_in_a_clear_line(text: str) -> None:
    for read in (
        lambda: read_compose(text, "f.yaml", "api", {}),
        lambda: read_kubernetes(text, "f.yaml", ()),
        lambda: read_render(text, "f.yaml", "api"),
    ):
        try:
            found = read()
        except Unavailable as gap:
            said = gap.reason
        else:
            said = f"f.yaml: {found.values}"
        assert said.startswith("f.yaml")
        assert "secret-value" not in said


def test_aliases_do_not_explode() -> None:
    layers = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40))
    with pytest.raises(Unavailable, match="once its aliases are written out"):
        read_compose(f"a0: &a0 [x]\n{layers}\n", "f.yaml", "api", {})
