"""What people type by habit: no profile, help, commas, a severity, a slip; and what a shell is told to complete."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from warm_golive import golive

PROFILE = "environment: qa\nhosts:\n  shop: {name: shop.verger.test, role: shop}\ndns: {resolvers: ['127.0.0.1:9']}\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/qa.yaml").write_text(PROFILE)
    return tmp_path


def said(place: Path, *arguments: str, code: int = 0, **variables: str) -> str:
    done = golive(*arguments, cwd=place, env={**os.environ, "COLUMNS": "80", **variables})
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_one_profile_in_reach_need_not_be_named(place):
    assert said(place, "profile", "check").endswith("profiles/qa.yaml: valid: 1 host\n")
    assert "shop.verger.test" in said(place, "plan", "--only", "dns.*")
    (place / "profiles/production.yaml").write_text(PROFILE)
    assert said(place, "plan", code=2) == "golive: which profile? There are production, qa\n"


def test_where_there_is_none_what_writes_one_is_named(tmp_path):
    told = said(tmp_path, "check", code=2)
    assert "golive init writes one" in told
    assert "golive check https://" in told


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("staging", "golive init writes one"),
        ("qaa", "did you mean 'qa'?"),
        ("shop.verger.eu", "for a host write https://shop.verger.eu"),
    ],
)
def test_a_profile_that_is_not_there_says_where_it_was_looked_for(name, told, place):
    seen = said(place, "check", name, code=2)
    assert f"no profile '{name}' in '{place}/profiles'" in seen
    assert told in seen
    assert len(seen.splitlines()) == 1


def test_profiles_are_listed(place):
    assert [line.split(maxsplit=1) for line in said(place, "profile", "list").splitlines()] == [
        ["demo", "comes with golive"],
        ["qa", str(place / "profiles/qa.yaml")],
    ]


def test_help_and_version_by_every_name(place):
    assert said(place, "help", "plan") == said(place, "plan", "--help")
    assert said(place, "help") == said(place, "-h")
    assert said(place, "-V") == said(place, "--version")


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("tls", "tls.*"),
        ("sec", "security"),
        ("databse", "database"),
        ("tsl", "tls.*"),
        ("dns.resolvs", "dns.resolves"),
        ("env.nothing", "env.*"),  # and not web.nothing-exposed
    ],
)
def test_a_slip_is_answered_with_a_section_or_a_beginning(pattern, meant, place):
    assert f"did you mean {meant}?" in said(place, "list", "--only", pattern, code=2)


def test_several_patterns_stand_between_commas(place):
    both = json.loads(said(place, "list", "--json", "--only", "dns.resolves,tls.*", "--skip", "tls.c*"))
    apart = json.loads(said(place, "list", "--json", "--only", "dns.resolves", "--only", "tls.*", "--skip", "tls.c*"))
    assert both == apart
    assert {row["id"].partition(".")[0] for row in both} == {"dns", "tls"}


def test_a_severity_leaves_what_is_less_grave(place):
    rows = json.loads(said(place, "list", "--json", "--severity", "high"))
    assert {row["severity"] for row in rows} == {"high", "critical"}


def test_the_decision_alone(place):
    (line,) = said(place, "check", "-q", "--only", "dns.resolves", code=3).splitlines()
    assert re.fullmatch(r"NO-GO for 1 of \d+ checks: qa \(1 could not be looked at; nothing was looked at\)", line)


def test_a_plan_for_programs(place):
    rows = json.loads(said(place, "plan", "--json"))
    asked = {(row["system"], row["effect"], row["permitted"]) for row in rows}
    assert ("host:shop.verger.test", "read", True) in asked
    assert {row["permitted"] for row in rows if row["effect"] != "read"} == {False}


@pytest.mark.parametrize("command", [("list",), ("plan",), ("explain", "tls.certificate-current")])
def test_lines_fit_the_terminal_and_no_word_is_broken(command, place):
    narrow, piped = said(place, *command), said(place, *command, COLUMNS="")
    assert max(map(len, narrow.splitlines())) <= 80
    assert narrow.split() == piped.split()


def test_an_old_key_is_told_its_new_name(place):
    (place / "profiles/qa.yaml").write_text(PROFILE + "kindness: {per_second: 2}\n")
    told = said(place, "profile", "check", code=2)
    assert told == "golive: profiles/qa.yaml:5:1: unknown key 'kindness': it is called rate_limit now\n"


def test_an_old_key_that_left_its_section_is_told_where_it_went(place):
    (place / "profiles/qa.yaml").write_text(PROFILE + "payments: {apis: {patience_s: 30}}\n")
    told = said(place, "profile", "check", code=2)
    assert told.endswith("unknown key 'apis' in payments: it is vendors now, at the top of the profile\n")


def test_a_fault_that_is_not_known_is_one_line(place):
    told = said(place, "check", "demo", "--fault", "tls.expird", code=2)
    assert "no fault and no check is called 'tls.expird'" in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["check", "q"], "qa"),
        (["check", "--only", "dns.resolves,tls.certificate-c"], "dns.resolves,tls.certificate-current"),
        (["explain", "dns.reso"], "dns.resolves"),
        (["list", "--skip", "obs"], "observability"),
        (["check", "demo", "--fault", "tls.exp"], "tls.expired"),
        (["pl"], "plan"),
    ],
)
def test_a_shell_is_told_what_may_follow(words, first, place):
    asked = {
        "COMP_WORDS": " ".join(["golive", *words]),
        "COMP_CWORD": str(len(words)),
        "_GOLIVE_COMPLETE": "complete_bash",
    }
    assert said(place, **asked).splitlines()[0] == first


@pytest.mark.parametrize(
    "words",
    [
        ["check", "own", "--only", "custom.no"],
        ["plan", "own", "--skip", "custom.no"],
        ["explain", "--profile", "own", "custom.no"],
        ["list", "--profile", "own", "--only", "custom.no"],
    ],
)
def test_what_a_profile_brings_may_follow_too(words, place):
    custom = "custom: { notes: { title: The notes are there, request: { file: notes.md } } }"
    (place / "profiles/own.yaml").write_text(f"environment: own\n{custom}\n")
    asked = {
        "COMP_WORDS": " ".join(["golive", *words]),
        "COMP_CWORD": str(len(words)),
        "_GOLIVE_COMPLETE": "complete_bash",
    }
    assert said(place, **asked).splitlines() == ["custom.notes"]


@pytest.mark.parametrize(
    ("shell", "begins"), [("bash", "_golive_completion"), ("zsh", "#compdef golive"), ("fish", "complete ")]
)
def test_each_shell_has_its_own_script(shell, begins, place):
    assert said(place, "completion", shell).lstrip().startswith(begins)
