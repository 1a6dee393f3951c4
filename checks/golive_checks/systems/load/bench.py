"""How fast a route answers: by a load of golive's own, or as a load generator's result file has it."""

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from golive import Effect, Fact, Now, Unavailable, probe
from golive_checks.subjects.benches import Bench
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.message import Access, Request, Tenancy
from golive_checks.systems.http.door import over_https
from golive_checks.systems.http.front import Front, reachable
from golive_checks.systems.load.client.load import Loads, LoadShape
from golive_checks.systems.load.results import READERS, MeasuredLatency, read
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.machine.client.history_file import HistoryFile
from golive_checks.systems.tls.client.trust import Trust

MAX_RESULT_BYTES = 4_000_000
MAX_HISTORY_BYTES = 4_000_000
LONGEST_MS = 86_400_000.0
"""A line of the history that says more, a day, is none of golive's."""
KEPT_RUNS = 50
"""Of the history so many of a bench are looked at, the newest."""


@dataclass(frozen=True)
class Speed(MeasuredLatency, Fact):
    """What a load of golive's own has measured, or another load generator."""


@dataclass(frozen=True)
class Load(Fact):
    """What a load of golive's own has shown."""

    speed: Speed


@dataclass(frozen=True)
class BenchRun:
    """A measurement that the history keeps."""

    at: dt.datetime
    p95_ms: float
    p50_ms: float | None = None
    p99_ms: float | None = None


@dataclass(frozen=True)
class BenchHistory(Fact):
    """The runs before this one, the oldest first. `trouble`: why this one could not be kept."""

    kept: bool
    """There is a history: the bench names a file, or the command line does."""
    runs: tuple[BenchRun, ...] = ()
    trouble: str = ""


@probe("load.speed")
async def speed(bench: Bench, load: Load | Unavailable, files: Files) -> Speed:
    """Read a result file, where the bench names one; else take what the load has shown."""
    if not bench.result:
        if isinstance(load, Unavailable):
            raise load
        return load.speed
    seen = read(bench.tool, (await files.read(bench.result, MAX_RESULT_BYTES)).data)
    if seen is None:
        raise Unavailable(f"{bench.result} is no result of {bench.tool}", fix=READERS[bench.tool][1])
    return Speed(**vars(seen))


def _requests(bench: Bench) -> int:
    return max(1, round(bench.per_second * bench.seconds)) if bench.path else 0


@probe("load.results", requests=_requests, effect=Effect.ACTIVE)
async def load(
    bench: Bench,
    fronts: Mapping[Address, Front | Unavailable],
    loads: Loads,
    access: Access,
    trust: Trust,
    tenancy: Tenancy,
) -> Load:
    """Send a bounded load and time it."""
    if not bench.path:
        raise Unavailable("the bench names a result file: no load is sent")
    of_host = {address: seen for address, seen in fronts.items() if bench.host in {address.host.key, address.host.name}}
    if not of_host:
        raise Unavailable(f"the profile has no host {bench.host}, which the bench names")
    address = reachable(of_host)
    if own := address.host.own.get(Access.key()):
        access = Access(**own)  # what opens the wall before the host: a bench names it, and is no part of it
    shape = LoadShape(_requests(bench), bench.per_second, bench.concurrency, bench.timeout_s)
    at, path = over_https(address), tenancy.path(address.host.name, bench.path)
    request = Request(at, path, headers=tenancy.sent(address.host.name), access=access, ca_file=trust.ca_file)
    latencies, counted = await loads.send(request, shape)
    failures = {what: n for what, n in counted.items() if not (what.isdecimal() and 200 <= int(what) < 300)}  # noqa: PLR2004 - RFC 9110, section 15.3
    lines = sorted(latencies)
    p50, p95, p99 = (percentile(lines, share) for share in (0.5, 0.95, 0.99))
    return Load(
        Speed(f"golive, {bench.per_second:g} a second", sum(counted.values()), p50, p95, p99, failures=failures)
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Return the milliseconds within which that share was answered: nearest rank; None of nothing."""
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)] * 1000, 3) if ordered else None


@probe("load.bench-history")
async def bench_history(bench: Bench, speed: Speed, now: Now, files: Files, kept: HistoryFile) -> BenchHistory:
    """Read the bench's history, and add this run to it."""
    path = bench.history or kept.usual
    if not path:
        return BenchHistory(kept=False)
    runs = list[BenchRun]()
    if await files.exists(path):
        text = (await files.read(path, MAX_HISTORY_BYTES)).data.decode("utf-8", "replace")
        for line in text.splitlines():
            try:
                reported = json.loads(line)
                if reported["bench"] == bench.name:
                    runs.append(_run(reported))
            except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
                continue  # a line that was cut, or is of another tool
    p95 = of_this_run(speed)
    trouble = ""
    if p95 is not None and not speed.failures and not speed.failed_checks:
        figures = {"p50_ms": speed.p50_ms, "p95_ms": p95, "p99_ms": speed.p99_ms}
        line = json.dumps({"bench": bench.name, "at": now.at.isoformat(), "requests": speed.requests, **figures})
        trouble = await kept.append(path, line)
    return BenchHistory(kept=True, runs=tuple(runs[-KEPT_RUNS:]), trouble=trouble)


def _run(run: Mapping[str, Any]) -> BenchRun:
    at = dt.datetime.fromisoformat(run["at"])
    p95, p50, p99 = (None if run.get(name) is None else float(run[name]) for name in ("p95_ms", "p50_ms", "p99_ms"))
    if p95 is None or not all(0 <= each <= LONGEST_MS for each in (p95, p50 or 0, p99 or 0)):  # nor is NaN a time
        raise ValueError("no measurement")
    return BenchRun((at if at.tzinfo else at.replace(tzinfo=dt.UTC)).astimezone(dt.UTC), p95, p50, p99)


def of_this_run(speed: Speed) -> float | None:
    """Return the p95, or the next figure above it that the tool reports, which is no less."""
    return speed.p95_within[1] if speed.p95_ms is None and speed.p95_within else speed.p95_ms
