"""Is the application fast enough, and as fast as it was?"""

import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from golive import (
    Now,
    Series,
    Settings,
    Severity,
    Trend,
    Verdict,
    check,
    failed,
    not_applicable,
    passed,
    unknown,
    verdict,
    warned,
)
from golive.wording import duration
from golive_checks.subjects.benches import Bench
from golive_checks.systems.load.bench import BenchHistory, BenchRun, Speed, of_this_run

NONE = "the profile declares no benches"
FOR_P99 = 100
"""Of fewer requests the slowest one is the p99."""
HOW = {
    "k6": "k6 keeps no p99 by default: run it with --summary-trend-stats 'med,p(95),p(99)', or set the budget to null",
}
"""How to get a figure that a tool does not report."""
OTHERWISE = "Have the tool write that figure, or set this budget to null: there is none, then."
MAD_TO_SIGMA = 1.4826
"""The standard deviation of a normal distribution, by its median absolute deviation."""
SHOWN = 30
BARS = "▁▂▃▄▅▆▇█"


class BenchBudget(Settings):
    """How fast a route must be. A bench's own entry may say otherwise: `budget: { p95_ms: 800 }`."""

    home: ClassVar[str] = "observability.budget"

    p50_ms: float | None = Field(default=200, gt=0)
    """Half of the requests are answered within so long. null: there is no such budget."""
    p95_ms: float | None = Field(default=500, gt=0)
    """95% of them; autocannon does not report it, so its p90 and p97.5 are used."""
    p99_ms: float | None = Field(default=1500, gt=0)
    """99% of them."""
    min_requests: int = Field(default=100, ge=1)
    """Fewer warn: their p99 is one request."""
    failed_share: float = Field(default=0.0, ge=0, lt=1)
    """How many may fail: unsuccessful responses, errors, timeouts."""
    min_runs: int = Field(default=6, ge=3)
    """Runs that the history must hold before it is judged by."""
    noise: float = Field(default=4.0, gt=0)
    """How many times the history's usual scatter a run may be slower."""
    noise_floor_ms: float = Field(default=20.0, ge=0)
    """A run that is slower by less is no regression, however even the history is."""


@check("bench.within-budget", severity=Severity.MEDIUM, empty=NONE)
def within_budget(bench: Bench, seen: Speed, ask: BenchBudget) -> Verdict:
    """Under load the application answers within its latency budget, and without errors.

    Why: A correct but slow release loses customers too, and what is slow at twenty requests a second hangs at a
    hundred. Latencies mean nothing if the responses are errors: those are fast.

    Fix: Look at the slowest queries (pg_stat_statements), missing indexes, calls made one after the other; then
    measure again, with as many requests as on a busy day.

    Source: https://www.infoq.com/presentations/latency-response-time (coordinated omission); autocannon, k6
    """
    bad = sum(seen.failures.values())
    if not seen.requests and not bad:
        return unknown(f"{seen.source}: no request was sent, so nothing was measured")
    if bad > ask.failed_share * seen.requests:
        each = ", ".join(f"{what}: {n}" for what, n in sorted(seen.failures.items(), key=lambda f: -f[1])[:5])
        return failed(f"{bad} of {seen.requests} requests failed ({each})", *_figures(seen))
    over, near, missing = _against(seen, ask)
    over += [f"{seen.failed_checks} of the script's own checks failed"] if seen.failed_checks else []
    over += [f"the threshold {threshold} was crossed" for threshold in seen.crossed[:5]]
    if missing and not over:
        wanted = " and ".join(f"{name}, for which the budget is {_ms(limit)}" for name, limit in missing)
        return unknown(f"{seen.source} does not report {wanted}", *_figures(seen), fix=HOW.get(seen.source, OTHERWISE))
    if seen.dropped:
        near.append(f"{seen.dropped} iterations were not started: the load was less than the script asks for")
    if seen.requests < ask.min_requests:
        near.append(f"{seen.requests} requests are too few: at least {ask.min_requests} are required")
    return verdict(over, near, ok=_figures(seen)[0], evidence=_figures(seen) if over or near else ())


def _against(seen: Speed, ask: BenchBudget) -> tuple[list[str], list[str], list[tuple[str, float]]]:
    """Return what is over its budget, what may be, and the budgets for which there is no figure."""
    over, near, missing = list[str](), list[str](), list[tuple[str, float]]()
    low, high = seen.p95_within or (seen.p95_ms, seen.p95_ms)
    if ask.p95_ms is not None and (low is None or high is None):
        missing.append(("p95", ask.p95_ms))
    elif ask.p95_ms is not None and low is not None and high is not None:
        if low > ask.p95_ms:
            over.append(f"p95 is {'at least ' if seen.p95_within else ''}{_ms(low)}, more than {_ms(ask.p95_ms)}")
        elif high > ask.p95_ms:
            near.append(f"p95 is between {_ms(low)} and {_ms(high)}, around the {_ms(ask.p95_ms)} allowed")
    for name, value, limit in (("p50", seen.p50_ms, ask.p50_ms), ("p99", seen.p99_ms, ask.p99_ms)):
        if limit is not None and value is None:
            missing.append((name, limit))
        elif limit is not None and value is not None and value > limit:
            over.append(f"{name} is {_ms(value)}, more than {_ms(limit)}")
    return over, near, missing


@check("bench.no-regression", severity=Severity.MEDIUM, empty=NONE)
def no_regression(bench: Bench, seen: Speed, before: BenchHistory, ask: BenchBudget, now: Now) -> Verdict:
    """The application is as fast as before, within the scatter of earlier runs.

    Why: A budget is generous; a release that doubles the time of every answer stays within it, and so does the next.
    One run proves little on a busy machine: a single slow one warns, two in a row fail.

    Fix: Compare the release's queries and dependencies with the last one's; run the bench again to see that it stays.
    """
    if not before.kept:
        return not_applicable("no history is kept: name a file with --history, or in the bench's `history`")
    value = of_this_run(seen)
    if value is None or seen.failures or seen.failed_checks:
        return not_applicable("this run is not usable: see bench.within-budget")
    trend = _trend((*before.runs, BenchRun(now.at, value, seen.p50_ms, seen.p99_ms)))
    if len(before.runs) < ask.min_runs:
        few = not_applicable(f"the history holds {len(before.runs)} runs, {ask.min_runs} are required")
        return replace(few, trend=trend if before.runs else None)
    runs = [run.p95_ms for run in before.runs]
    shown = f"p95 of {len(runs) + 1} runs: {sparkline([*runs, value][-SHOWN:])} {_ms(value)}"
    limit, usual = _bound(runs, ask)
    trend = replace(trend, limit=limit, usual=usual)
    text = f"p95 is {_ms(value)}, {_ms(usual)} was usual"
    kept = (f"this run could not be added to the history: {before.trouble}",) if before.trouble else ()
    if value <= limit:
        return replace(passed(text, shown), unseen=kept, trend=trend)
    # Was the run before this one as slow, by what came before it? Then it is no accident.
    earlier = runs[:-1]
    again = len(earlier) >= ask.min_runs and runs[-1] > _bound(earlier, ask)[0]
    reason = f"{text}, more than {_ms(limit)} is beyond its scatter"
    judged = failed(f"{reason}, for the second time", shown) if again else warned(reason, shown)
    return replace(judged, trend=trend)


def _trend(runs: Sequence[BenchRun]) -> Trend:
    figures = {name: tuple(getattr(run, f"{name}_ms") for run in runs) for name in ("p50", "p95", "p99")}
    series = tuple(Series(name, values) for name, values in figures.items() if any(v is not None for v in values))
    return Trend("ms", tuple(run.at for run in runs), series, judged="p95")


def _bound(runs: Sequence[float], ask: BenchBudget) -> tuple[float, float]:
    """Return what is still usual, and what is: the median, and the scatter by its median absolute deviation."""
    usual = statistics.median(runs)
    scatter = MAD_TO_SIGMA * statistics.median(abs(run - usual) for run in runs)
    return usual + max(ask.noise * scatter, ask.noise_floor_ms), usual


def sparkline(values: Sequence[float]) -> str:
    """Draw figures as a line of bars, the least and the greatest at the ends of the scale."""
    least, most = min(values), max(values)
    step = (most - least) / (len(BARS) - 1) or 1.0
    return "".join(BARS[round((value - least) / step)] for value in values)


def _figures(seen: Speed) -> list[str]:
    known = [(name, value) for name, value in (("p50", seen.p50_ms), ("p95", seen.p95_ms)) if value is not None]
    lines = [f"{name} {_ms(value)}" for name, value in known]
    if seen.p95_within:
        lines += [f"{name} {_ms(value)}" for name, value in zip(seen.p95_between, seen.p95_within, strict=True)]
    if seen.p99_ms is not None:
        lines.append(f"{'p99' if seen.requests >= FOR_P99 else 'the slowest'} {_ms(seen.p99_ms)}")
    return [f"{', '.join(lines)} of {seen.requests} requests ({seen.source})"]


def _ms(value: float) -> str:
    return duration(value / 1000)
