"""Bounds above which golive raises, each reached: what is at the bound is read, what is above it is a gap."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from golive import Unavailable
from golive_checks.storage import policy_patterns
from golive_checks.systems.ci.client import shell
from golive_checks.systems.custom import asking
from golive_checks.systems.env import files as env_files
from golive_checks.systems.env.files import EnvFile
from golive_checks.systems.env.reading import Assigned, EnvReading
from golive_checks.systems.machine.client import yamlnodes
from golive_checks.systems.migrations import scripts
from golive_checks.systems.monitoring import alertmanager, relabelling
from golive_checks.systems.nginx.client import parser
from golive_checks.systems.test_reports import junit_xml
from golive_checks.systems.tls.client import messages
from golive_checks.systems.traefik import rules


def nested(open_: str, inner: str, close: str, depth: int) -> str:
    return open_ * depth + inner + close * depth


def scripted(text: str) -> object:
    return shell.commands(text, errexit=True, pipefail=False)


def nginx(depth: int) -> object:
    blocks = nested("location /a {", "return 200;", "}", depth - 2)
    return parser._read_dump(f"# configuration file /etc/nginx/nginx.conf:\nhttp {{ server {{ {blocks} }} }}\n")


def certificates(count: int) -> object:
    listed = b"\0\0\1x" * count
    return messages.certificates(messages.Bytes(len(listed).to_bytes(3, "big") + listed))


def variables(count: int) -> object:
    values = {f"V{n}": Assigned("x", env_files.Location("a.env", n)) for n in range(count)}
    return env_files.sealed(EnvFile("a", source="a.env"), EnvReading(values))


def relabelled(count: int) -> object:
    steps = [{"action": "drop", "source_labels": ["a"], "regex": "x"}] * count
    (document,) = yamlnodes.documents(json.dumps({"alert_relabel_configs": steps}), "prometheus.yml")
    return relabelling.chains(document)


def routed(count: int) -> object:
    child = {"receiver": "a"}
    route = {"route": {"receiver": "a", "routes": [child] * (count - 1)}, "receivers": [{"name": "a"}]}
    return alertmanager.understood(json.dumps(route), alertmanager.dt.datetime.now(alertmanager.dt.UTC))


def routed_deep(depth: int) -> object:
    route = nested('{"receiver": "a", "routes": [', '{"receiver": "a"}', "]}", depth)
    text = f'{{"route": {route}, "receivers": [{{"name": "a"}}]}}'
    return alertmanager.understood(text, alertmanager.dt.datetime.now(alertmanager.dt.UTC))


HELD: dict[str, tuple[ModuleType, str, int, Callable[[int], object], type[Exception], str]] = {
    # a name: the module and its bound, what stands for it here, how it is reached, and what it ends in
    "commands of a script": (shell, "MAX_COMMANDS", 5, lambda n: scripted("run it\n" * n), Unavailable, "5 comm"),
    "characters of a script": (shell, "MAX_SCRIPT", 50, lambda n: scripted("x" * n), Unavailable, "50"),
    "parts of a script in one another": (
        shell,
        "MAX_DEPTH",
        20,
        lambda n: scripted(nested("( ", "a", " )", n) if n > 20 else "a"),
        Unavailable,
        "20 deep",
    ),
    "entries of an answer": (
        asking,
        "MOST",
        3,
        lambda n: asking._refuse_more(n, "hosts", "x"),
        Unavailable,
        "at most 3",
    ),
    "variables of a file": (env_files, "MAX_VARIABLES", 4, variables, Unavailable, "5 variables"),
    "levels of YAML": (
        yamlnodes,
        "MAX_DEPTH",
        6,
        lambda n: yamlnodes.documents(nested("[", "", "]", n - 2), "a.yaml"),
        Unavailable,
        "deeper than 6",
    ),
    "values of YAML": (
        yamlnodes,
        "MAX_NODES",
        6,
        lambda n: yamlnodes.documents(f"[{', '.join('x' * (n - 1))}]", "a.yaml"),
        Unavailable,
        "more than 6 values",
    ),
    "steps of relabelling": (relabelling, "MAX_STEPS", 3, relabelled, Unavailable, "more than 3 steps"),
    "routes of alerts": (alertmanager, "MAX_ROUTES", 4, routed, Unavailable, "more than 4 routes"),
    "routes of alerts in one another": (alertmanager, "MAX_DEPTH", 3, routed_deep, Unavailable, "deeper than 3"),
    "blocks of nginx": (parser, "MAX_DEPTH", 5, nginx, Unavailable, "nested more than 5 deep"),
    "elements of a test report": (
        junit_xml,
        "MAX_DEPTH",
        4,
        lambda n: junit_xml.read_junit(nested("<testsuite>", "", "</testsuite>", n).encode(), "r.xml"),
        Unavailable,
        "larger than any test run",
    ),
    "certificates of a server": (messages, "MAX_CERTIFICATES", 3, certificates, messages.GarbledError, "more than 3"),
    "characters of a rule of Traefik": (
        rules,
        "MAX_RULE",
        30,
        lambda n: rules.terms(f"Host(`{'a' * (n - 8)}`)"),
        rules.RuleError,
        "more than 30",
    ),
}


@pytest.mark.parametrize("name", HELD)
def test_above_a_bound_there_is_a_gap_and_at_it_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module, bound, most, reach, error, words = HELD[name]
    monkeypatch.setattr(module, bound, most)
    reach(most)
    with pytest.raises(error, match=words):
        reach(most + (most if bound == "MAX_DEPTH" else 1))


def test_more_files_of_migrations_than_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        (tmp_path / f"V{number}__a.sql").touch()
    monkeypatch.setattr(scripts, "MAX_FILES", 3)
    assert len(list(scripts._below(str(tmp_path), "", 0, deep=False))) == 4
    (tmp_path / "V9__a.sql").touch()
    with pytest.raises(Unavailable, match="more than 3 files"):
        list(scripts._below(str(tmp_path), "", 0, deep=False))


def test_policies_too_entangled_to_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, taken = policy_patterns.Matching(("*a*b*c*d",)), [policy_patterns.Matching(("*d",))]
    assert policy_patterns.left_over("", wanted, taken) is None
    monkeypatch.setattr(policy_patterns, "MAX_STATES", 3)
    with pytest.raises(policy_patterns.TooManyPatterns):
        policy_patterns.left_over("", wanted, taken)


NINE = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))


@pytest.mark.parametrize(
    "text", ["a0: &a0 [x]\n" + NINE, "a: &a [*a]", "a: &a {b: {c: *a}}", "a: &a\n  <<: *a\n", "? &a [*a]\n: x\n"]
)
def test_yaml_that_has_no_end_once_its_aliases_are_written_out(text: str) -> None:
    with pytest.raises(Unavailable, match=r"once its aliases are written out|is not YAML"):
        yamlnodes.documents(text, "a.yaml")


def test_what_a_migration_assigns_may_be_anything() -> None:
    odd = ("{1, [2]}", "{[]: 1}", "(" * 5000, "-" * 5000 + "1", "9 ** 9 ** 9 ** 9", "f()", "b" + ".b" * 5000)
    for each in odd:
        assert scripts._assigned(f"x = {each}\n") in ({}, {"x": None})
    assert scripts._assigned("x = {1, [2]}\nrevision = 'a1'\n") == {"revision": "a1"}
