"""From findings to the decision."""

from __future__ import annotations

import datetime as dt

import pytest

from golive.gate import EarlierReport, GateRules, decide
from golive.model import (
    CheckInfo,
    Decision,
    Finding,
    Outcome,
    Run,
    SectionInfo,
    Severity,
    Standing,
    Verdict,
    Waiver,
)

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def finding(outcome, check="tls.current", subject="api.x", severity=Severity.HIGH):
    info = CheckInfo(check, "domains", "T", severity=severity)
    return Finding(info, "host", subject, Verdict(Outcome(outcome), f"it is {outcome}"))


def run(**more):
    said = {
        "environment": "staging",
        "production": False,
        "profile": "staging",
        "profile_digest": "",
        "facts_digest": "",
        "version": "1",
        "started": NOW,
        "ended": NOW,
        "vantage": "here",
    }
    return Run(**{**said, **more})


def report(*findings, gate=None, baseline=None, asked=("tls.current", "dns.ok"), **more):
    known = {"tls.current", "dns.ok", "not.asked"}
    sections = [SectionInfo("domains", "D")]
    return decide(
        run(**more), sections, findings, gate or GateRules(), asked=set(asked), known=known, baseline=baseline
    )


@pytest.mark.parametrize(
    ("outcomes", "decision", "code"),
    [
        (["pass"], Decision.GO, 0),
        (["pass", "warn", "n/a"], Decision.GO, 0),
        (["pass", "fail"], Decision.NO_GO, 1),
        (["pass", "unknown"], Decision.NO_GO, 3),
        (["fail", "unknown"], Decision.NO_GO, 1),
        (["n/a"], Decision.NO_GO, 3),
        ([], Decision.NO_GO, 3),
        (["unknown"], Decision.NO_GO, 3),
    ],
)
def test_the_decision_and_its_exit_code(outcomes, decision, code):
    made = report(*(finding(o, subject=str(n)) for n, o in enumerate(outcomes)))
    assert (made.decision, made.exit_code) == (decision, code)
    assert bool(made.reasons) == (decision == Decision.NO_GO)


def test_fail_on_warn_tightens():
    made = report(finding("warn"), gate=GateRules(fail_on_warn=True))
    assert (made.decision, made.exit_code) == (Decision.NO_GO, 1)


def test_a_gate_lowered_by_severity_is_said_in_the_headline():
    made = report(
        finding("fail", severity=Severity.LOW), finding("pass", "dns.ok"), gate=GateRules(ignore_below=Severity.MEDIUM)
    )
    assert made.decision == Decision.GO
    assert any("lowers the gate" in r and "medium" in r for r in made.reasons)
    assert made.findings[0].tolerated


@pytest.mark.parametrize(("outcome", "code"), [("unknown", 0), ("fail", 1)])
def test_only_unknowns_are_tolerated_by_name(outcome, code):
    made = report(finding(outcome), finding("pass", "dns.ok"), gate=GateRules(allow_unknown=("tls.*",)))
    assert made.exit_code == code
    assert any("unknown is allowed for tls.*" in r for r in made.reasons)


def test_tolerated_unknowns_alone_are_never_go():
    made = report(finding("unknown"), gate=GateRules(allow_unknown=("*",)))
    assert (made.decision, made.exit_code) == (Decision.NO_GO, 3)


def waiver(check="tls.current", subject="*", expires=NOW + DAY):
    return Waiver(check, subject, "known", "ada", expires)


def by_id(made):
    return {f.id: f for f in made.findings}


@pytest.mark.parametrize("subject", ["*", "api.*", "host:api.x"])
@pytest.mark.parametrize("outcome", ["fail", "unknown"])
def test_a_waiver_lets_a_red_finding_stand_and_counts_it_apart(subject, outcome):
    made = report(finding(outcome), finding("pass", "dns.ok"), gate=GateRules(waivers=(waiver(subject=subject),)))
    assert made.decision == Decision.GO
    assert [f.id for f in made.waived] == ["tls.current[host:api.x]"]
    assert made.count(Outcome(outcome)) == 0
    assert by_id(made)[f"waiver.current[waiver:tls.current {subject}]"].outcome == Outcome.PASS


def test_a_waiver_does_not_reach_other_subjects():
    made = report(finding("fail"), finding("fail", subject="app.x"), gate=GateRules(waivers=(waiver(subject="app.*"),)))
    assert made.red == {"tls.current[host:api.x]"}


@pytest.mark.parametrize("past", [dt.timedelta(0), DAY])
def test_an_expired_waiver_waives_nothing_and_is_itself_red(past):
    made = report(finding("fail"), gate=GateRules(waivers=(waiver(expires=NOW - past),)))
    assert made.red == {"tls.current[host:api.x]", "waiver.current[waiver:tls.current *]"}


def test_a_waiver_that_matches_nothing_is_red():
    made = report(finding("pass"), gate=GateRules(waivers=(waiver(subject="nobody.x"),)))
    assert made.red == {"waiver.current[waiver:tls.current nobody.x]"}


def test_a_waiver_for_a_check_that_does_not_exist_is_red():
    assert report(finding("pass"), gate=GateRules(waivers=(waiver(check="tls.curent"),))).exit_code == 1


def test_a_waiver_for_a_check_that_was_not_asked_is_not_judged():
    made = report(finding("pass"), gate=GateRules(waivers=(waiver(check="not.asked"),)))
    assert made.decision == Decision.GO
    assert len(made.findings) == 1


def test_a_waiver_for_what_is_green_warns():
    made = report(finding("pass"), gate=GateRules(waivers=(waiver(),)))
    assert made.decision == Decision.GO
    assert by_id(made)["waiver.current[waiver:tls.current *]"].outcome == Outcome.WARN


def test_waivers_alone_are_never_go():
    assert report(finding("n/a"), gate=GateRules(waivers=(waiver(),))).decision == Decision.NO_GO


OLD = NOW - 3 * DAY
BEFORE = EarlierReport(
    "last.json",
    "staging",
    NOW - DAY,
    {"tls.current[host:api.x]": ("it was fail", OLD), "dns.ok[host:api.x]": ("it was fail", None)},
)


def test_a_baseline_blocks_only_what_is_new_and_tells_new_mended_and_remaining_apart():
    made = report(finding("fail"), finding("pass", "dns.ok"), finding("fail", subject="new.x"), baseline=BEFORE)
    found = by_id(made)
    assert made.red == {"tls.current[host:new.x]"}
    assert (found["tls.current[host:api.x]"].standing, found["tls.current[host:api.x]"].since) == (
        Standing.REMAINING,
        OLD,
    )
    assert (found["tls.current[host:new.x]"].standing, found["tls.current[host:new.x]"].since) == (Standing.NEW, NOW)
    assert [m.id for m in made.fixed] == ["dns.ok[host:api.x]"]
    assert made.exit_code == 1


def test_what_only_remains_does_not_block_and_is_said():
    made = report(finding("fail"), finding("pass", "dns.ok"), baseline=BEFORE)
    assert made.decision == Decision.GO
    assert any("not counted" in r for r in made.reasons)


def test_what_was_not_looked_at_this_time_is_not_mended():
    made = report(finding("fail"), baseline=BEFORE)
    assert made.fixed == ()


def test_the_first_owner_that_matches_counts():
    made = report(finding("pass"), gate=GateRules(owners={"tls.*": "security", "domains": "web"}))
    assert made.findings[0].owner == "security"


def test_an_interrupted_run_exits_130_whatever_was_found():
    made = report(finding("pass"), interrupted=True)
    assert (made.decision, made.exit_code) == (Decision.NO_GO, 130)


def test_what_was_left_behind_is_never_go():
    made = report(finding("pass"), left_behind=("the object x",))
    assert (made.decision, made.exit_code) == (Decision.NO_GO, 1)
    assert "left behind: the object x" in made.reasons
