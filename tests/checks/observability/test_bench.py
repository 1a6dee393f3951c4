from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest

from golive import Now, Outcome
from golive_checks.observability.bench import BenchBudget, no_regression, sparkline, within_budget
from golive_checks.subjects.benches import Bench
from golive_checks.systems.load.bench import BenchHistory, BenchRun, Speed

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
ASK, BENCH = BenchBudget(), Bench("search", history="/h.jsonl")
NOW = Now(dt.datetime(2026, 2, 1, tzinfo=dt.UTC))


def speed(
    p50: float | None = 50, p95: float | None = 100, p99: float | None = 200, requests: int = 500, **failures: int
) -> Speed:
    return Speed("golive, 20 a second", requests, p50, p95, p99, failures=failures)


def cannon(p90: float, p97_5: float) -> Speed:
    return Speed("autocannon", 500, 50, None, 200, (p90, p97_5))


CASES: Mapping[str, tuple[Outcome, str, Speed]] = {
    "quick": (PASS, "p50 50 ms, p95 100 ms, p99 200 ms of 500 requests", speed()),
    "few requests": (WARN, "20 requests are too few: at least 100 are required", speed(requests=20)),
    "slow": (FAIL, "p95 is 501 ms, more than 500 ms", speed(p95=501)),
    "half slow": (FAIL, "p50 is 300 ms", speed(p50=300)),
    "the slowest": (FAIL, "p99 is 2 s", speed(p99=2000)),
    "errors come first": (FAIL, "3 of 500 requests failed (503: 3)", speed(p95=9000, **{"503": 3})),
    "nothing sent": (UNKNOWN, "nothing was measured", speed(requests=0)),
    "refused": (FAIL, "40 of 40 requests failed (error: 40)", speed(None, None, None, 40, error=40)),
    "no p95": (UNKNOWN, "does not report p95, for which the budget is 500 ms", speed(p95=None)),
    "no p99": (UNKNOWN, "does not report p99, for which the budget is 1.5 s", speed(p99=None)),
    "no p99, and slow": (FAIL, "p95 is 501 ms", speed(p95=501, p99=None)),
    "a failed check": (FAIL, "2 of the script's own checks failed", replace(speed(), failed_checks=2)),
    "a crossed threshold": (FAIL, "the threshold x: p(95)<9 was crossed", replace(speed(), crossed=("x: p(95)<9",))),
    "dropped": (WARN, "7 iterations were not started", replace(speed(), dropped=7)),
    "autocannon": (PASS, "p90 80 ms, p97.5 120 ms", cannon(80, 120)),
    "autocannon, slow": (FAIL, "p95 is at least 600 ms", cannon(600, 800)),
    "autocannon, who knows": (WARN, "between 400 ms and 600 ms", cannon(400, 600)),
}


@pytest.mark.parametrize(("outcome", "summary", "seen"), CASES.values(), ids=CASES)
def test_the_budget(outcome: Outcome, summary: str, seen: Speed) -> None:
    judged = within_budget(BENCH, seen, ASK)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_a_budget_that_is_null_wants_no_figure() -> None:
    assert within_budget(BENCH, speed(p99=None), BenchBudget(p99_ms=None)).outcome is PASS
    told = within_budget(BENCH, replace(speed(p99=None), source="k6"), ASK)
    assert (told.outcome, "--summary-trend-stats" in told.fix) == (UNKNOWN, True)


def test_some_failures_may_be_allowed() -> None:
    assert within_budget(BENCH, speed(error=4), BenchBudget(failed_share=0.01)).outcome is PASS


def history(*p95: float, trouble: str = "") -> BenchHistory:
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return BenchHistory(
        kept=True,
        runs=tuple(BenchRun(start + dt.timedelta(days=n), each) for n, each in enumerate(p95)),
        trouble=trouble,
    )


EVEN = (100.0, 101.0, 99.0, 102.0, 98.0, 100.0, 103.0)
NOISY = (100.0, 160.0, 90.0, 150.0, 60.0, 170.0, 110.0)
RUNS: Mapping[str, tuple[Outcome, str, float, tuple[float, ...]]] = {
    "as ever": (PASS, "p95 is 101 ms, 100 ms was usual", 101, EVEN),
    "quicker": (PASS, "p95 is 50 ms", 50, EVEN),
    "a little slower": (PASS, "p95 is 119 ms", 119, EVEN),
    "slower": (WARN, "p95 is 150 ms, 100 ms was usual, more than 120 ms", 150, EVEN),
    "within the scatter": (PASS, "p95 is 250 ms", 250, NOISY),
    "beyond the scatter": (WARN, "beyond its scatter", 500, NOISY),
    "slower, as last time": (FAIL, "for the second time", 150, (*EVEN, 148.0)),
    "slow once, long ago": (WARN, "was usual", 150, (400.0, *EVEN)),
    "too few to judge by": (NA, "holds 5 runs, 6 are required", 150, EVEN[:5]),
}


@pytest.mark.parametrize(("outcome", "summary", "now", "before"), RUNS.values(), ids=RUNS)
def test_a_regression(outcome: Outcome, summary: str, now: float, before: tuple[float, ...]) -> None:
    judged = no_regression(BENCH, speed(p95=now), history(*before), ASK, NOW)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_what_was_measured_goes_with_the_verdict() -> None:
    runs = history(*EVEN).runs
    before = BenchHistory(kept=True, runs=(*runs[:-1], BenchRun(runs[-1].at, 103.0, 51.0, 210.0)))
    trend = no_regression(BENCH, speed(50, 101, None), before, ASK, NOW).trend
    assert trend is not None
    assert (trend.unit, trend.judged, trend.usual, trend.limit) == ("ms", "p95", 100.0, 120.0)
    assert trend.at == (*(run.at for run in runs), NOW.at)
    assert {each.name: each.values for each in trend.series} == {
        "p50": (*[None] * 6, 51.0, 50),
        "p95": (*EVEN, 101),
        "p99": (*[None] * 6, 210.0, None),
    }


def test_a_short_history_is_measured_and_not_judged() -> None:
    trend = no_regression(BENCH, speed(), history(*EVEN[:2]), ASK, NOW).trend
    assert trend is not None
    assert (len(trend.at), trend.limit, trend.usual) == (3, None, None)
    assert no_regression(BENCH, speed(), history(), ASK, NOW).trend is None


def test_what_is_no_measure_is_not_compared() -> None:
    assert no_regression(BENCH, speed(), BenchHistory(kept=False), ASK, NOW).outcome is NA
    assert no_regression(BENCH, speed(error=1), history(*EVEN), ASK, NOW).outcome is NA


def test_a_run_that_could_not_be_kept_is_told() -> None:
    assert no_regression(BENCH, speed(), history(*EVEN, trouble="Permission denied"), ASK, NOW).unseen


def test_a_picture_in_a_line() -> None:
    assert (sparkline([0, 7]), sparkline([5, 5, 5]), sparkline([1, 2, 3])) == ("▁█", "▁▁▁", "▁▅█")
