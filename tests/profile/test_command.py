"""`golive profile` as a user meets it."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import jsonschema
import pytest
import warm_golive

if TYPE_CHECKING:
    from desk import Desk

CANARY = "canary-7f3a9c"


def golive(desk: Desk, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `golive profile` where the profiles lie."""
    environ = {**os.environ, "NO_COLOR": "1", **desk.environ}
    return warm_golive.golive("profile", *arguments, cwd=desk.folder, env=environ)


def test_check_says_that_all_is_in_order(desk: Desk) -> None:
    desk.profile("environment: x\nhosts: {api: {name: api.example.com}}\n")
    done = golive(desk, "check", "p")
    assert (done.returncode, done.stderr) == (0, "")
    assert "valid: 1 host" in done.stdout


def test_check_tells_every_slip_and_exits_2(desk: Desk) -> None:
    desk.write("profiles/token", CANARY)
    desk.profile(
        """\
        environmnt: x
        variables: {secrets: {TOKEN: {file: token}}}
        hosts: {api: {name: "${TOKEN}", rol: api}}
        domain: {}
        """
    )
    done = golive(desk, "check", "p")
    assert done.returncode == 2
    assert done.stdout == ""
    assert [line.split(" ")[1] for line in done.stderr.splitlines()] == [
        *("profiles/p.yaml:1:1:", "profiles/p.yaml:1:1:", "profiles/p.yaml:3:21:"),
        *("profiles/p.yaml:3:33:", "profiles/p.yaml:4:1:"),
    ]
    assert "unknown key 'domain' (did you mean 'domains'?)" in done.stderr
    assert CANARY not in done.stderr


@pytest.mark.parametrize("arguments", [["show", "p"], ["show", "p", "--json"]])
def test_show_masks_secrets(desk: Desk, arguments: list[str]) -> None:
    desk.write("profiles/token", CANARY)
    desk.profile(
        """\
        environment: x
        variables: {secrets: {TOKEN: {file: token}}}
        hosts: {api: {name: api.example.com, access: {headers: {X-Token: "${TOKEN}"}}}}
        """
    )
    done = golive(desk, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert CANARY not in done.stdout
    assert "**********" in done.stdout
    assert "${TOKEN} from file" in done.stdout


def test_schema_describes_what_the_sections_add(desk: Desk) -> None:
    done = golive(desk, "schema")
    described = json.loads(done.stdout)
    jsonschema.Draft202012Validator.check_schema(described)
    assert {"environment", "hosts", "domains", "waivers"} <= described["properties"].keys()
    written = golive(desk, "schema", "-o", "out.json")
    assert (written.returncode, written.stdout) == (0, "")
    assert (desk.folder / "out.json").read_text(encoding="utf-8") == done.stdout
    assert golive(desk, "schema", "-o", "no/such/folder.json").returncode == 2


def test_schema_describes_a_profiles_plugins_too(desk: Desk) -> None:
    desk.profile("environment: x\nplugins: [mine.py]\n")
    desk.write(
        "profiles/mine.py",
        '''\
        from dataclasses import dataclass
        from typing import ClassVar
        from golive import Entry, Environment, Section, Settings, Subject, Verdict, check, passed, subjects

        section = Section("mine", "My own")

        class Robot(Settings):
            """How robots behave."""
            home: ClassVar[str] = "mine.robot"
            legs: int = 2
            """How many legs a robot has."""

        @check("mine.walks")
        def walks(env: Environment, robot: Robot) -> Verdict:
            """It walks

            Why: it must.

            Fix: fix it.
            """
            return passed("walks")
        ''',
    )
    described = json.loads(golive(desk, "schema", "p").stdout)
    assert described["$defs"]["Robot"]["properties"]["legs"]["description"] == "How many legs a robot has."


def test_what_only_plans_or_shows_asks_no_secret_source(desk: Desk) -> None:
    desk.profile(
        """\
        environment: x
        variables: {secrets: {TOKEN: {command: [sh, -c, "echo asked > asked; echo t"]}}}
        hosts: {api: {name: api.example.com, access: {headers: {X-Token: "${TOKEN}"}}}}
        """
    )
    asked = desk.folder / "profiles" / "asked"
    assert golive(desk, "show", "p").returncode == 0
    assert golive(desk, "check", "p", "--no-secrets").returncode == 0
    assert not asked.exists()
    assert golive(desk, "check", "p").returncode == 0
    assert asked.exists()
