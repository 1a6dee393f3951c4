"""What there is to fix, by cause: a host that is down is one thing, however many checks it blocks."""

from __future__ import annotations

import pytest

from golive.causes import by_defect, defects, is_gap
from golive.model import CheckInfo, Finding, Severity, Verdict, failed, unknown
from golive.report import render
from golive.report.screen import Screen

NAMES = [f"h{n}.verger.test" for n in range(400)]


def finding(check: str, subject: str, verdict: Verdict, severity: Severity = Severity.HIGH) -> Finding:
    return Finding(CheckInfo(check, check.partition(".")[0], check, severity=severity), "host", subject, verdict)


@pytest.mark.parametrize("told", ["{} is down", "no resolver answers for {} (nothing listens)", "the proxy is down"])
def test_one_cause_on_many_subjects_that_blocks_many_checks_is_one(told):
    found = [finding(c, n, unknown(told.format(n))) for n in NAMES for c in ("tls.a", "tls.b", "dns.c")]
    (group,) = by_defect(found)
    assert is_gap(group)
    assert defects(found) == 1


def test_other_causes_and_failures_each_count():
    found = [
        finding("tls.a", "x.test", unknown("x.test is down")),
        finding("tls.b", "x.test", unknown("x.test is down")),
        finding("dns.c", "x.test", unknown("it says nothing")),
        finding("dns.c", "y.test", unknown("it is not permitted")),
        *(finding("http.d", name, failed(f"{name} answers 500")) for name in NAMES),
    ]
    assert defects(found) == 4
    assert [len(group) for group in by_defect(found)] == [400, 2, 2]


def test_the_most_harmful_stands_first_whatever_its_section():
    found = [
        finding("a.low", "x", failed("bad"), Severity.LOW),
        finding("b.high", "x", unknown("not seen"), Severity.HIGH),
        finding("c.high", "x", failed("bad"), Severity.HIGH),
        *(finding("d.high", name, failed("bad"), Severity.HIGH) for name in NAMES),
        finding("z.critical", "x", unknown("hidden"), Severity.CRITICAL),
    ]
    order = [group[0].check.id for group in by_defect(found)]
    assert order == ["z.critical", "d.high", "c.high", "b.high", "a.low"]


@pytest.mark.parametrize("verdict", [failed, unknown])
def test_four_hundred_subjects_fit_a_screen(verdict):
    import dataclasses  # noqa: PLC0415 - only here

    import report_samples as samples  # noqa: PLC0415 - likewise

    checks = ("tls.a", "tls.b") if verdict is unknown else ("tls.a",)
    found = tuple(finding(c, n, verdict(f"{n} answers 500")) for n in NAMES for c in checks)
    report = dataclasses.replace(samples.broken(), findings=found, red=frozenset(f.id for f in found))
    shown = render("terminal", report, screen=Screen(width=80)).partition("Blockers")[2].partition("Sections")[0]
    assert len(shown.splitlines()) <= 20
    assert "and on 396 more subjects" in shown
