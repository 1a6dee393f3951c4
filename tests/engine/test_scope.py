"""Which lines of the checklist a run is about, and what becomes of a line that nothing is configured for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from golive import index, judge, session
from golive.engine.facts import Store
from golive.lines import Line, installed, line_of
from golive.model import CheckInfo, Decision, Finding, LineState, Outcome, Verdict, failed, passed, unknown
from golive.profile import ProfileError
from golive.scope import COVERED, LinesInScope
from golive.session import Options

if TYPE_CHECKING:
    from pathlib import Path

LINES = (
    Line("web.names", "web", "Names resolve", ("dns.*",)),
    Line("web.pages", "web", "Pages are cached", ("cdn.*",), optional=True),
    Line("store.copies", "store", "Copies are kept", ("copy.*",), parts={"store.offsite": ("copy.offsite",)}),
    Line("run.health", "run", "Health can be asked for", ("health.*",)),
)
IDS = ("dns.resolves", "dns.signed", "cdn.hit", "copy.fresh", "copy.offsite", "health.live")
KNOWN = tuple(CheckInfo(i, line.section if (line := line_of(i, LINES)) else "", i) for i in IDS)
UNNAMED = Verdict(Outcome.UNKNOWN, "there is no host to look at", lacks=("hosts",))
SILENT = Verdict(Outcome.NA, "the profile names no route (rollout.health)", lacks=("rollout.health",))


def scope(
    off: dict[str, str] | None = None, only: tuple[str, ...] = (), selected: tuple[str, ...] = IDS
) -> LinesInScope:
    return LinesInScope(KNOWN, off or {}, only, frozenset(selected), LINES)


def finding(check: str, verdict: Verdict, **more: Any) -> Finding:
    return Finding(next(c for c in KNOWN if c.id == check), "host", "x", verdict, **more)


# --- the lines that are shipped -------------------------------------------------------------------------------------


BEYOND = (
    "domains.www",
    "domains.mail",
    "security.error-pages",
    "security.search-engines",
    "security.open-ports",
    "ci.supply-chain",
)
"""Lines that the go-live checklist has not: what other readiness lists have."""


def test_there_is_a_line_for_each_of_the_checklist_in_every_section() -> None:
    lines = installed()
    assert len([line for line in lines if line.id not in BEYOND]) == 45
    assert [*dict.fromkeys(line.section for line in lines)] == [
        *("domains", "env", "database", "storage", "security", "observability"),
        *("backups", "payments", "rollout", "runbooks", "ci"),
    ]
    assert {line.section for line in lines} == {s.id for s in index.index().sections if s.number}
    assert all(line.id.startswith(f"{line.section}.") for line in lines)


@pytest.mark.parametrize("check", [check.id for check in index.index().checks if check.section != "custom"])
def test_every_check_answers_exactly_one_line(check: str) -> None:
    assert len([line.id for line in installed() if line.answered_by(check)]) == 1


def test_every_line_and_every_pattern_in_it_has_a_check() -> None:
    checks = [check.id for check in index.index().checks]
    for line in installed():
        for pattern in (*line.checks, *(p for part in line.parts.values() for p in part)):
            assert any(replace(line, checks=(pattern,)).answered_by(check) for check in checks), (line.id, pattern)


def test_optional_lines() -> None:
    optional = [line.id for line in installed() if line.optional]
    assert [line for line in optional if line not in BEYOND] == [
        *("domains.cdn", "database.demo-tenant", "rollout.strategy", "ci.other-suites")
    ]
    assert set(BEYOND) <= set(optional)


# --- what is left out -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("off", "only", "out"),
    [
        ({}, (), ()),
        ({"web": "no"}, (), ("dns.resolves", "dns.signed", "cdn.hit")),
        ({"web.pages": "no"}, (), ("cdn.hit",)),
        ({"store.offsite": "no"}, (), ("copy.offsite",)),
        ({"copy.offsite": "no"}, (), ("copy.offsite",)),
        ({"*.signed": "no"}, (), ("dns.signed",)),
        ({}, ("store", "run"), ("dns.resolves", "dns.signed", "cdn.hit")),
        ({"copy.offsite": "no"}, ("store",), ("dns.resolves", "dns.signed", "cdn.hit", "copy.offsite", "health.live")),
    ],
)
def test_what_is_left_out(off: dict[str, str], only: tuple[str, ...], out: tuple[str, ...]) -> None:
    here = scope(off, only)
    assert tuple(check.id for check in KNOWN if here.reason(check)) == out


@pytest.mark.parametrize(
    ("here", "told"),
    [
        (scope(), ""),
        (scope({"store": "no"}), "for 2 of 3 sections"),
        (scope(only=("web", "run")), "for 2 of 3 sections"),
        (scope({"web.pages": "no"}), "1 line off"),
        (scope({"web.pages": "no", "store.offsite": "no"}), "2 lines off"),
        (scope({"store": "no", "web.names": "no"}), "for 2 of 3 sections, 1 line off"),
        (scope(selected=("health.live",)), "for 1 of 3 sections"),
        (scope(selected=("dns.resolves", "dns.signed", "cdn.hit")), "for 1 of 3 sections"),
        (scope(selected=("dns.resolves",)), "for 1 of 6 checks"),
        (scope(selected=IDS[1:]), "for 5 of 6 checks"),
    ],
)
def test_what_the_headline_says(here: LinesInScope, told: str) -> None:
    assert here.about() == told


def test_a_section_of_which_only_another_ones_line_asks_a_check_is_not_counted() -> None:
    lines = (
        Line("web.names", "web", "Names resolve", ("dns.*",)),
        Line("web.keys", "web", "Keys work", ("keys.work",)),  # which the section store looks at
        Line("store.copies", "store", "Copies are kept", ("copy.*",)),
    )
    known = tuple(CheckInfo(i, s, i) for i, s in (("dns.a", "web"), ("keys.work", "store"), ("copy.a", "store")))
    asked = frozenset(check.id for check in known)
    assert LinesInScope(known, {}, ("web",), asked, lines).about() == "for 1 of 2 sections"


# --- a line that nothing is configured for --------------------------------------------------------------------------


def covered(here: LinesInScope, *found: Finding) -> dict[str, Outcome]:
    return {f"{f.check.id} {f.subject}": f.outcome for f in here.covered(found)}


def test_a_line_without_a_verdict_is_one_finding_that_names_the_keys() -> None:
    found = scope().covered([finding("dns.resolves", UNNAMED), finding("dns.signed", UNNAMED)])
    (only,) = found
    assert only.check is COVERED
    assert only.outcome is Outcome.UNKNOWN
    assert "hosts" in only.verdict.summary
    assert "web.names: the reason" in only.fix


def test_an_optional_line_is_not_applicable() -> None:
    assert covered(scope(), finding("cdn.hit", UNNAMED)) == {"checklist.line-covered web.pages": Outcome.NA}


def test_one_verdict_covers_a_line_and_what_is_not_configured_beside_it_is_not_applicable() -> None:
    for seen in (passed("ok"), failed("no"), unknown("no answer")):
        found = covered(scope(), finding("dns.resolves", seen), finding("dns.signed", UNNAMED))
        assert found == {"dns.resolves x": seen.outcome, "dns.signed x": Outcome.NA}


def test_what_may_not_be_looked_at_is_configured() -> None:
    held = finding("copy.fresh", Verdict(Outcome.NA, "needs the effect write"), not_permitted=True)
    assert covered(scope(), held, finding("copy.offsite", SILENT)) == {
        "copy.fresh x": Outcome.NA,
        "copy.offsite x": Outcome.NA,
    }


def test_a_line_that_was_asked_for_in_part_is_not_judged() -> None:
    found = covered(scope(selected=("dns.signed",)), finding("dns.signed", UNNAMED))
    assert found == {"dns.signed x": Outcome.UNKNOWN}


def test_the_rest_of_a_line_covers_it_where_a_part_is_off() -> None:
    here = scope({"copy.offsite": "no"})
    assert covered(here, finding("copy.fresh", SILENT)) == {"checklist.line-covered store.copies": Outcome.UNKNOWN}


def test_a_check_that_answers_no_line_stays_as_it_is() -> None:
    own = Finding(CheckInfo("mine.own", "mine", "Mine"), "host", "x", UNNAMED)
    assert scope().covered([own]) == [own]


def test_what_became_of_each_line() -> None:
    here = scope({"run": "no server of ours"})
    found = here.covered(
        [finding("dns.resolves", failed("no address")), finding("cdn.hit", UNNAMED), finding("copy.fresh", SILENT)]
    )
    rows = {row.id: (row.state, row.seen) for row in here.rows(found, {f.id for f in found if f.outcome == "fail"})}
    assert rows["web.names"] == (LineState.RED, "x: no address")
    assert rows["web.pages"][0] is LineState.NA
    assert rows["store.copies"][0] is LineState.NOT_CONFIGURED
    assert rows["run.health"] == (LineState.OFF, "no server of ours")


# --- profiles -------------------------------------------------------------------------------------------------------


def load(folder: Path, text: str) -> session.Session:
    (folder / "x.yaml").write_text(f"environment: staging\n{text}")
    return session.load(str(folder / "x.yaml"), cwd=folder, environ={})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("checklist: { off: { storag: no files } }", "'storag' in checklist.off is no check or section; did you mean"),
        ("checklist: { only: [domain] }", "'domain' in checklist.only"),
        ("gate: { unknown: { allow: [dns.resolve] } }", "'dns.resolve' in gate.unknown.allow"),
        ("owners: { dnss: Ops }", "'dnss' in owners"),
        (
            "waivers: [{ check: env, reason: r, approver: a, expires: 2099-01-01 }]",
            "'env' in waivers.0 is no check or section",
        ),
    ],
)
def test_a_key_that_names_nothing_is_an_error(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="is no check or section") as caught:
        load(tmp_path, text)
    assert says.split("; did", maxsplit=1)[0] in str(caught.value)
    assert "x.yaml:2:" in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "gate: { unknown: { allow: [env, 'dns.*', checklist.line-covered] } }",
        "checklist: { off: { backups.offsite: single region, 's3.*': none, ci: none } }",
        "owners: { 'tls.*': Ops, env: Team }",
        "waivers: [{ check: '*', reason: r, approver: a, expires: 2099-01-01 }]",
    ],
)
def test_what_may_be_named(text: str, tmp_path: Path) -> None:
    load(tmp_path, text)


@pytest.mark.parametrize("reason", ["''", "null", "[]"])
def test_leaving_out_wants_a_reason(reason: str, tmp_path: Path) -> None:
    with pytest.raises(ProfileError):
        load(tmp_path, f"checklist: {{ off: {{ storage: {reason} }} }}")


def test_a_report_of_a_part_says_so(tmp_path: Path) -> None:
    here = load(tmp_path, "checklist: { only: [runbooks] }")
    run = {
        "version": "1",
        "started": "2026-01-01T00:00:00+00:00",
        "ended": "2026-01-01T00:00:01+00:00",
        "vantage": "here",
        "phase": None,
        "only": (),
        "skip": (),
        "interrupted": False,
        "left_behind": (),
    }
    found = [Finding(check, "runbook", "x", passed("ok")) for check in here.known if check.section == "runbooks"]
    report = judge.report_of(here, (), found, [Store()], run, Options())
    assert (report.decision, report.headline) == (Decision.GO, "GO for 1 of 11 sections")
    part = judge.report_of(here, (), found[:1], [Store()], {**run, "only": ("runbook.incident",)}, Options())
    assert part.headline.startswith("GO for 1 of ")
    assert {row.state for row in report.checklist if row.section != "runbooks"} == {LineState.OFF}


def test_a_line_of_which_each_check_asks_for_something_of_its_own() -> None:
    lines = tuple(replace(line, each=True) if line.id == "store.copies" else line for line in LINES)
    lacking = Verdict(Outcome.NA, "the profile names no copy elsewhere", lacks=("copies.offsite",))
    found = [finding("copy.fresh", passed("of today")), finding("copy.offsite", lacking)]
    partly = replace(scope(), lines=lines).covered(found)
    assert [f.check.id for f in partly] == ["copy.fresh", COVERED.id]
    assert partly[1].outcome == Outcome.UNKNOWN
    assert partly[1].verdict.summary == "Copies are kept: the profile says nothing about part of it (copies.offsite)"
    assert [f.outcome for f in scope().covered(found)] == [Outcome.PASS, Outcome.NA]
