from __future__ import annotations

from dataclasses import replace

import pytest

from golive import Environment, Outcome
from golive_checks.rollout.tested import all_passed, smoke_passes
from golive_checks.systems.release.smoke import SmokeCommand, SmokeRun
from golive_checks.systems.test_reports.release_tests import ReleaseTests, Reports
from golive_checks.systems.test_reports.results import InFile, Results

COMMIT = "9f1c2ab47d5e3680c1b2a3948576d0e1f2a3b4c5"
ENV = Environment("demo", commit=COMMIT)
ASK = ReleaseTests(results=("unit.xml",))
GOOD = Results("unit.xml", COMMIT, (InFile("a.ts", passed=3, skipped=1, flaky=1),))


@pytest.mark.parametrize(
    ("found", "outcome", "word"),
    [
        (GOOD, Outcome.PASS, "4 passed on 9f1c2ab47d5e, 1 skipped, 1 passed at a second try"),
        (replace(GOOD, commit=COMMIT[:8]), Outcome.PASS, ""),
        (replace(GOOD, commit=""), Outcome.UNKNOWN, "unit.xml does not say which commit it is for"),
        (replace(GOOD, commit=COMMIT[::-1]), Outcome.FAIL, "unit.xml is for 5c4b3a2f1e0d, not 9f1c2ab47d5e"),
        (replace(GOOD, commit=COMMIT[:5]), Outcome.FAIL, "is for 9f1c2, not"),
        (replace(GOOD, files=()), Outcome.FAIL, "unit.xml: no test was run"),
        (replace(GOOD, files=(InFile("a.ts", skipped=9),)), Outcome.FAIL, "no test was run"),
        (replace(GOOD, files=(InFile("a.ts", passed=9, failed=2),)), Outcome.FAIL, "unit.xml: 2 failed"),
        (replace(GOOD, failures=("global setup",)), Outcome.FAIL, "unit.xml: 1 failed"),
    ],
)
def test_reports(found: Results, outcome: Outcome, word: str) -> None:
    verdict = all_passed(ENV, Reports((found,)), ASK)
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_one_bad_report_of_two_is_enough() -> None:
    bad = replace(GOOD, path="e2e.xml", files=(InFile("b.ts", failed=1),), failures=("b.ts: pays",))
    verdict = all_passed(ENV, Reports((GOOD, bad)), ASK)
    assert verdict.outcome is Outcome.FAIL
    assert "failed: b.ts: pays" in verdict.evidence


def test_what_is_not_asked_for() -> None:
    assert all_passed(ENV, Reports(), ReleaseTests()).outcome is Outcome.NA
    nothing = all_passed(Environment("demo"), Reports((GOOD,)), ASK)
    assert (nothing.outcome, nothing.fix) == (Outcome.UNKNOWN, "Set release.commit.")
    many = all_passed(ENV, Reports((GOOD,)), ReleaseTests(results=("unit.xml",), max_skipped=0))
    assert many.summary == "1 tests were skipped, at most 0"


@pytest.mark.parametrize(
    ("run", "outcome", "word"),
    [
        (SmokeRun(0, 1.2), Outcome.PASS, "ended well after 1.2 s"),
        (SmokeRun(3, 1.2, output=("cart: 500",)), Outcome.FAIL, "ended with code 3 after 1.2 s"),
        (SmokeRun(-9, 1.2), Outcome.FAIL, "was ended by signal 9"),
        (SmokeRun(-1, 60, timed_out=True), Outcome.FAIL, "did not end within 60 s"),
    ],
)
def test_smoke(run: SmokeRun, outcome: Outcome, word: str) -> None:
    verdict = smoke_passes(SmokeCommand("customer"), run)
    assert verdict.outcome is outcome
    assert word in verdict.summary
    assert verdict.evidence == run.output
