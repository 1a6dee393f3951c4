"""Result files of load generators, as each of them writes what it measured. Pure."""

import csv
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from golive import shortened


@dataclass(frozen=True)
class MeasuredLatency:
    """Milliseconds by share of requests; None where the tool does not tell. `p95_within`: between which it lies."""

    source: str
    requests: int
    """Answered or not."""
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    p95_within: tuple[float, float] | None = None
    p95_between: tuple[str, str] = ("p90", "p97.5")
    """What the two figures of `p95_within` are."""
    failures: Mapping[str, int] = field(default_factory=dict)
    """Answers that are no success, by status; errors, timeouts."""
    failed_checks: int = 0
    """Of the script's own."""
    crossed: tuple[str, ...] = ()
    """Thresholds of the script's own."""
    dropped: int = 0
    """Iterations that the script asks for and that were not started."""


Reader = Callable[[bytes], MeasuredLatency]
UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0, "h": 3_600_000.0}


def of_autocannon(data: bytes) -> MeasuredLatency:
    """Read what autocannon --json writes. It has no p95: that lies between p90 and p97.5."""
    got = json.loads(data)
    latency, answers = got["latency"], int(got["requests"]["total"])
    timeouts, errors, mismatches = (int(got.get(name) or 0) for name in ("timeouts", "errors", "mismatches"))
    failures = {
        "not 2xx": int(got["non2xx"]),
        "body not as expected": mismatches,
        "error": errors - timeouts,  # errors counts timeouts, too
        "timeout": timeouts,
    }
    failures = {what: n for what, n in failures.items() if n > 0}
    if not answers:
        return MeasuredLatency("autocannon", errors, None, None, None, failures=failures)
    p50, p90, p97, p99 = (float(latency[name]) for name in ("p50", "p90", "p97_5", "p99"))
    return MeasuredLatency("autocannon", answers + errors, p50, None, p99, (p90, p97), failures=failures)


def of_k6(data: bytes) -> MeasuredLatency:
    """Read a summary of k6: by --summary-export, by handleSummary, or the machine-readable one of 1.5 and later.

    Source: https://grafana.com/docs/k6/latest/results-output/end-of-test/
    """
    got = json.loads(data)
    metrics = _k6_metrics(got)
    duration, failed = metrics["http_req_duration"], metrics.get("http_req_failed", {})
    requests = int(metrics["http_reqs"]["count"])
    share = float(failed.get("rate", failed.get("value", 0)))
    # A share above zero means a failed request, even where it rounds to none.
    failures = {"failed": max(1, round(share * requests))} if share else {}
    names = (("med", "p(50)", "p50"), ("p(95)", "p95"), ("p(99)", "p99"))
    p50, p95, p99 = (_figure(duration, *each) for each in names)
    return MeasuredLatency(
        "k6",
        requests,
        p50,
        p95,
        p99,
        failures=failures,
        failed_checks=_k6_failed_checks(got, metrics),
        crossed=_k6_crossed(got),
        dropped=int(metrics.get("dropped_iterations", {}).get("count", 0)),
    )


def _k6_metrics(got: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    listed = got["results"]["metrics"] if "results" in got else got["metrics"]
    if isinstance(listed, Sequence):
        return {each["name"]: each["values"] for each in listed}
    return {name: each.get("values", each) for name, each in listed.items()}


def _k6_failed_checks(got: Mapping[str, Any], metrics: Mapping[str, Mapping[str, Any]]) -> int:
    if "results" in got:
        return sum(int(each.get("fails", 0)) for each in (got["results"].get("checks") or {}).get("results", ()))
    return int(metrics.get("checks", {}).get("fails", 0))


def _k6_crossed(got: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the thresholds that were crossed. --summary-export writes true for such a one, handleSummary `ok: false`."""
    if "results" in got:
        return () if got["results"].get("passed", True) else ("one of those that the script sets",)
    return tuple(
        f"{name}: {threshold}"
        for name, metric in got["metrics"].items()
        for threshold, how in (metric.get("thresholds") or {}).items()
        if (how is True or (isinstance(how, Mapping) and how.get("ok") is False))
    )


def _figure(of: Mapping[str, Any], *names: str) -> float | None:
    return next((float(of[name]) for name in names if name in of), None)


def of_vegeta(data: bytes) -> MeasuredLatency:
    """Read what `vegeta report -type=json` writes: nanoseconds, and 0 for the status of a request without an answer."""
    got = json.loads(data)
    codes = {("error" if code == "0" else code): int(n) for code, n in got["status_codes"].items()}
    failures = {code: n for code, n in codes.items() if not (code.isdecimal() and 200 <= int(code) < 400)}  # noqa: PLR2004 - what vegeta counts as success
    p50, p95, p99 = (float(got["latencies"][name]) / 1e6 for name in ("50th", "95th", "99th"))
    return MeasuredLatency("vegeta", int(got["requests"]), p50, p95, p99, failures=failures)


def of_oha(data: bytes) -> MeasuredLatency:
    """Read what `oha --output-format json` writes: seconds, null where nothing was answered."""
    got = json.loads(data)
    codes = {code: int(n) for code, n in got["statusCodeDistribution"].items()}
    errors = {shortened(str(what), 60): int(n) for what, n in (got.get("errorDistribution") or {}).items()}
    failures = {code: n for code, n in codes.items() if not 200 <= int(code) < 400} | errors  # noqa: PLR2004 - a redirect is an answer
    lines = [got["latencyPercentiles"][name] for name in ("p50", "p95", "p99")]
    p50, p95, p99 = (None if each is None else float(each) * 1000 for each in lines)
    return MeasuredLatency("oha", sum(codes.values()) + sum(errors.values()), p50, p95, p99, failures=failures)


def of_artillery(data: bytes) -> MeasuredLatency:
    """Read what `artillery run --output` writes, version 2 and later."""
    got = json.loads(data)["aggregate"]
    counters, times = got["counters"], got["summaries"].get("http.response_time", {})
    codes = {name.removeprefix("http.codes."): int(n) for name, n in counters.items() if name.startswith("http.codes.")}
    errors = {name.removeprefix("errors."): int(n) for name, n in counters.items() if name.startswith("errors.")}
    failures = {code: n for code, n in codes.items() if not 200 <= int(code) < 400} | errors  # noqa: PLR2004 - a redirect is an answer
    p50, p95, p99 = (_figure(times, *names) for names in (("p50", "median"), ("p95",), ("p99",)))
    checks = int(counters.get("plugins.expect.failed", 0))
    return MeasuredLatency(
        "Artillery", int(counters["http.requests"]), p50, p95, p99, failures=failures, failed_checks=checks
    )


def of_locust(data: bytes) -> MeasuredLatency:
    """Read Locust's --csv (the file that ends in _stats.csv) or what its --json prints."""
    text = data.decode("utf-8")
    if text.lstrip()[:1] == "[":
        return _locust_json(json.loads(text))
    rows = [row for row in csv.DictReader(StringIO(text)) if row["Name"] == "Aggregated"]
    if not rows:
        raise ValueError("no row of all")
    row = rows[0]
    p50, p95, p99 = (None if row[name] in {"", "N/A"} else float(row[name]) for name in ("50%", "95%", "99%"))
    failed = int(row["Failure Count"])
    return MeasuredLatency(
        "Locust", int(row["Request Count"]), p50, p95, p99, failures={"failed": failed} if failed else {}
    )


def _locust_json(entries: Sequence[Mapping[str, Any]]) -> MeasuredLatency:
    times = Counter[float]()
    for entry in entries:
        times.update({float(ms): int(n) for ms, n in entry["response_times"].items()})
    requests, failed = (sum(int(entry[name]) for entry in entries) for name in ("num_requests", "num_failures"))
    p50, p95, p99 = (_of_times(times, share) for share in (0.5, 0.95, 0.99))
    return MeasuredLatency("Locust", requests, p50, p95, p99, failures={"failed": failed} if failed else {})


def _of_times(times: Mapping[float, int], share: float) -> float | None:
    rank, counted = math.ceil(share * sum(times.values())), 0
    for ms in sorted(times):
        counted += times[ms]
        if counted >= rank > 0:
            return ms
    return None


PERCENTILE = re.compile(r"^[ \t]*(50|75|90|99)(?:\.000)?%\s+([\d.]+)(us|ms|s|m|h)[ \t]*+\r?$", re.MULTILINE)
SPECTRUM = re.compile(r"^[ \t]*([\d.]+)\s+(0\.\d{6}|1\.000000)\s+\d+", re.MULTILINE)
COUNTED = re.compile(r"^[ \t]*(\d+) requests in ", re.MULTILINE)
SOCKETS = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
OTHER_STATUS = re.compile(r"Non-2xx or 3xx responses: (\d+)")


def of_wrk(data: bytes) -> MeasuredLatency:
    """Read what wrk2 or wrk prints with --latency; without wrk2's whole spectrum, the p95 is between p90 and p99."""
    text = data.decode("utf-8")
    counted, percentiles = (
        COUNTED.search(text),
        {share: float(n) * UNITS_MS[unit] for share, n, unit in PERCENTILE.findall(text)},
    )
    if counted is None or not {"50", "90", "99"} <= set(percentiles):
        raise ValueError("no latencies")
    sockets, other = SOCKETS.search(text), OTHER_STATUS.search(text)
    failures = (
        dict(zip(("connect", "read", "write", "timeout"), map(int, sockets.groups()), strict=True)) if sockets else {}
    )
    failures |= {"not 2xx or 3xx": int(other[1])} if other else {}
    failures = {what: n for what, n in failures.items() if n}
    # wrk counts answers: a request that got none is in its socket errors alone.
    requests = int(counted[1]) + sum(n for what, n in failures.items() if what != "not 2xx or 3xx")
    whole = next((float(ms) for ms, share in SPECTRUM.findall(text) if float(share) >= 0.95), None)  # noqa: PLR2004 - the p95
    within = None if whole is not None else (percentiles["90"], percentiles["99"])
    return MeasuredLatency(
        "wrk", requests, percentiles["50"], whole, percentiles["99"], within, ("p90", "p99"), failures=failures
    )


HEY_SHARE = re.compile(r"^[ \t]*(50|95|99)%+ in ([\d.]+) secs", re.MULTILINE)
HEY_STATUS = re.compile(r"^[ \t]*\[(\d{3})\][ \t]+(\d+) responses", re.MULTILINE)
HEY_ERROR = re.compile(r"^[ \t]*\[(\d+)\][ \t]+(?!\d+ responses)(\S[^\r\n]*+)", re.MULTILINE)


def of_hey(data: bytes) -> MeasuredLatency:
    """Read what hey prints: seconds; a share that it has no figure for is 0."""
    text = data.decode("utf-8")
    codes = {code: int(n) for code, n in HEY_STATUS.findall(text)}
    errors = Counter[str]()
    for count, what in HEY_ERROR.findall(text.partition("Error distribution:")[2]):
        errors[shortened(what, 60)] += int(count)
    if not codes and not errors:
        raise ValueError("no responses")
    times = {share: float(seconds) * 1000 for share, seconds in HEY_SHARE.findall(text) if float(seconds)}
    failures = {code: n for code, n in codes.items() if not 200 <= int(code) < 400} | errors  # noqa: PLR2004 - a redirect is an answer
    p50, p95, p99 = (times.get(share) for share in ("50", "95", "99"))
    return MeasuredLatency("hey", sum(codes.values()) + sum(errors.values()), p50, p95, p99, failures=failures)


OF_TRANSACTION = "Number of samples in transaction"
"""How JMeter begins the message of a row that sums up others."""


def of_jmeter(data: bytes) -> MeasuredLatency:
    """Read JMeter's results (CSV with its header), or the statistics.json of its dashboard.

    Source: https://jmeter.apache.org/usermanual/get-started.html, section 1.4.8; generating-dashboard.html
    """
    text = data.decode("utf-8")
    if text.lstrip()[:1] == "{":
        return _of_jmeters_dashboard(json.loads(text)["Total"])
    times, bad, asked = Counter[float](), Counter[str](), 0
    for row in csv.DictReader(StringIO(text)):
        # A transaction's row sums up its requests, which have rows of their own.
        if not row["responseMessage"].startswith(OF_TRANSACTION):
            asked += 1
            times[float(row["elapsed"])] += 1
            if row["success"].lower() != "true":
                bad[shortened(row["responseCode"], 60) or "failed"] += 1
    if not asked:
        raise ValueError("no samples")
    p50, p95, p99 = (_of_times(times, share) for share in (0.5, 0.95, 0.99))
    return MeasuredLatency("JMeter", asked, p50, p95, p99, failures=dict(bad))


def _of_jmeters_dashboard(total: Mapping[str, Any]) -> MeasuredLatency:
    p50, p95, p99 = (float(total[name]) for name in ("medianResTime", "pct2ResTime", "pct3ResTime"))
    failed = int(total["errorCount"])
    failures = {"failed": failed} if failed else {}
    return MeasuredLatency("JMeter", int(total["sampleCount"]), p50, p95, p99, failures=failures)


READERS: Mapping[str, tuple[Reader, str]] = {
    "autocannon": (of_autocannon, "write it with autocannon --json URL > FILE"),
    "k6": (of_k6, "write it with k6 run --summary-export FILE script.js"),
    "vegeta": (of_vegeta, "write it with vegeta report -type=json results.bin > FILE"),
    "oha": (of_oha, "write it with oha --no-tui --output-format json URL > FILE"),
    "wrk": (of_wrk, "write it with wrk2 --latency URL > FILE"),
    "artillery": (of_artillery, "write it with artillery run --output FILE script.yml"),
    "locust": (of_locust, "write it with locust --headless --csv NAME, and take the file NAME_stats.csv"),
    "hey": (of_hey, "write it with hey URL > FILE, without -o csv, which leaves errors out"),
    "jmeter": (of_jmeter, "write it with jmeter -n -t PLAN.jmx -l FILE, or take statistics.json of its dashboard"),
}
"""How each tool's file is read, and written."""


def read(tool: str, data: bytes) -> MeasuredLatency | None:
    """Read a result file; None where it is not of that tool."""
    try:
        return READERS[tool][0](data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
