"""A load on a server that is quick, slow, broken or stands still; autocannon's own results, and k6's as documented."""

from __future__ import annotations

import asyncio
import datetime as dt
import errno
import json
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from golive import Environment, Now, RunInfo, Unavailable
from golive_checks.subjects import Host
from golive_checks.subjects.benches import Bench, BenchEntry
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.message import Access, Tenancy
from golive_checks.systems.http.front import Front, HttpReply
from golive_checks.systems.load.bench import BenchRun, Speed, bench_history, load, percentile, speed
from golive_checks.systems.load.client import worker
from golive_checks.systems.load.client.load import Loads
from golive_checks.systems.load.results import READERS, of_k6
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.machine.client.history_file import HistoryFile
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.api.chat import NODE
from golive_lab.parts.asgi import HttpAnswer, Listener, Receive, Scope, Send, body_of, lifespan, serving
from golive_lab.parts.certificates import ca_file, write
from golive_lab.parts.edge.contexts import server_context
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.world.names import API
from golive_lab.world.tls import EdgeTls

HEADERS: list[dict[str, str]] = []
"""Of every request that came."""
SYSTEM = "/etc/ssl/certs/ca-certificates.crt"
RUN = RunInfo("0123abcd", "9.9")
NOON = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
QUICK = Bench("search", host="api", path="/x?secret=1", per_second=100, seconds=0.3, concurrency=5, timeout_s=1)


@asynccontextmanager
async def server(
    answer: Callable[[int], tuple[int, float]], *, tls: bool = True, body: bytes = b"{}", header: str = ""
) -> AsyncIterator[tuple[StackPlace, list[str]]]:
    """Answer the n-th request with a status, after some seconds."""
    asked: list[str] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        await body_of(receive)
        asked.append(scope["path"])
        HEADERS.append({name.decode(): value.decode() for name, value in scope["headers"]})
        status, delay_s = answer(len(asked))
        await asyncio.sleep(delay_s)
        await HttpAnswer(status, "application/json", body, (("x-long", header),)).send(send)

    with standing() as place:
        write(EdgeTls(), place)
        context = server_context(EdgeTls(), place, place.addresses[0], ("http/1.1",)) if tls else None
        async with serving([(Listener(place.addresses[0], place.ports.https, context), application)]):
            yield place, asked


async def sent(
    place: StackPlace,
    bench: Bench = QUICK,
    ca: str = "",
    own: dict[str, Any] | None = None,
    tenancy: Tenancy | None = None,
) -> Speed:
    host = Host(API, key="api", role="api", port=place.ports.https, own=own or {})
    address = Address(API, host, place.addresses[0])
    fronts = {address: Front(HttpReply("/", 200, "HTTP/1.1", (), 0))}
    loads = Loads(Pace(RateLimit(), Environment("x")), NetworkRoutes(Vantage()), RUN)
    got = await load(bench, fronts, loads, Access(), Trust(ca_file=ca or str(ca_file(place))), tenancy or Tenancy())
    return await speed(bench, got, Files())


async def test_a_load_is_timed() -> None:
    async with server(lambda _: (200, 0.02)) as (place, asked):
        seen = await sent(place)
    assert (seen.requests, len(asked), seen.failures) == (30, 30, {})
    assert seen.p50_ms is not None
    assert 20 <= seen.p50_ms <= (seen.p95_ms or 0) <= (seen.p99_ms or 0)


async def test_a_server_that_stands_still_is_not_forgiven_those_that_waited() -> None:
    """One answer of 0.6 s on one connection: a closed loop would tell one slow request of thirty."""
    async with server(lambda n: (200, 0.6 if n == 2 else 0.0)) as (place, _):
        seen = await sent(place, replace(QUICK, concurrency=1))
    assert (seen.p50_ms or 0) > 100


async def test_what_opens_the_hosts_wall_goes_along() -> None:
    async with server(lambda _: (200, 0.0)) as (place, _):
        seen = await sent(place, own={"access": {"headers": {"x-pass": "letmein"}}})
    assert seen.requests == 30
    assert all(headers.get("x-pass") == "letmein" for headers in HEADERS[-30:])


async def test_the_tenant_goes_along() -> None:
    tenancy = Tenancy.model_validate({"headers": {"X-Shop": "sahel"}, "query": {"shop": "sahel"}})
    async with server(lambda _: (200, 0.0)) as (place, asked):
        await sent(place, tenancy=tenancy)
    assert {headers.get("x-shop") for headers in HEADERS[-30:]} == {"sahel"}
    assert len(asked) == 30


async def test_failures_are_counted() -> None:
    async with server(lambda n: (500 if n % 3 == 0 else 200, 0.0)) as (place, _):
        seen = await sent(place)
    assert (seen.requests, seen.failures) == (30, {"500": 10})


async def test_a_request_that_takes_too_long_is_a_failure() -> None:
    async with server(lambda n: (200, 5.0 if n == 1 else 0.0)) as (place, _):
        seen = await sent(place, replace(QUICK, timeout_s=0.3))
    assert (seen.failures, seen.requests) == ({"timeout": 1}, 30)


async def test_an_answer_that_golive_does_not_read_to_its_end_is_no_failure_of_the_server() -> None:
    async with server(lambda _: (200, 0.0), body=b"x" * 4_000_001) as (place, _):
        with pytest.raises(Unavailable, match="its answer is larger than 4 MB"):
            await sent(place)


async def test_long_headers_are_no_failure() -> None:
    async with server(lambda _: (200, 0.0), header="x" * 60_000) as (place, _):
        assert (await sent(place)).failures == {}


async def test_what_this_machine_ran_out_of_is_no_failure_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_more(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    async with server(lambda _: (200, 0.0)) as (place, _):
        at, trust = (place.addresses[0], place.ports.https), str(ca_file(place))
        ask = {"ip": at[0], "port": at[1], "host": API, "path": "/", "headers": {}, "ca_file": trust}
        connect, opened = worker.Connection.connect, []

        async def connect_once(connection: worker.Connection) -> asyncio.StreamWriter:
            if opened:
                monkeypatch.setattr(asyncio, "open_connection", no_more)
                connection.close()
            opened.append(connection)
            return await connect(connection)

        monkeypatch.setattr(worker.Connection, "connect", connect_once)
        said = await worker.load({**ask, "concurrency": 1, "requests": 3, "per_second": 100, "timeout_s": 1})
    assert said == {"failed": "this machine opens no more connections ([Errno 24] Too many open files)"}


async def test_a_host_that_answers_429_is_left_alone() -> None:
    async with server(lambda _: (429, 0.0)) as (place, asked):
        seen = await sent(place)
    assert 1 <= len(asked) <= QUICK.concurrency
    assert set(seen.failures) == {"429"}


async def test_where_nothing_can_be_sent_there_is_a_gap() -> None:
    async with server(lambda _: (200, 0.0)) as (place, asked):
        with pytest.raises(Unavailable, match="its certificate is not trusted"):
            await sent(place, ca=SYSTEM)
        with pytest.raises(Unavailable, match="the profile has no host shop"):
            await sent(place, replace(QUICK, host="shop"))
    assert asked == []
    with standing() as empty, pytest.raises(Unavailable, match="refuses connections"):
        await sent(empty, ca=SYSTEM)
    with pytest.raises(Unavailable, match=r"ca\.pem cannot be read"):
        await sent(place)  # whose folder is gone


async def test_autocannons_own_result(tmp_path: Path) -> None:
    async with server(lambda n: (503 if n % 10 == 0 else 200, 0.001), tls=False) as (place, _):
        url = f"http://{place.addresses[0]}:{place.ports.https}/"
        argv = ["node", str(NODE / "autocannon/autocannon.js"), "--json", "-c", "2", "-d", "1", url]
        ran = await asyncio.to_thread(subprocess.run, argv, capture_output=True, timeout=30, check=True)
    (tmp_path / "result.json").write_bytes(ran.stdout)
    seen = await speed(
        Bench("x", tool="autocannon", result=str(tmp_path / "result.json")), Unavailable("no load"), Files()
    )
    assert seen.requests > 20
    assert seen.p95_ms is None
    assert seen.p95_within is not None
    assert seen.p95_within[0] <= seen.p95_within[1]
    assert set(seen.failures) == {"not 2xx"}


K6: dict[str, Any] = {
    "http_req_duration": {"avg": 70.1, "min": 3.0, "med": 60.5, "max": 900.0, "p(90)": 110.2, "p(95)": 140.7},
    "http_req_failed": {"value": 0.01, "passes": 5, "fails": 495},
    "http_reqs": {"count": 500, "rate": 49.9},
}


def k6(got: dict[str, Any]) -> Speed:
    return Speed(**vars(of_k6(json.dumps(got).encode())))


def test_k6s_result_by_summary_export_and_by_handle_summary() -> None:
    assert k6({"metrics": K6}) == Speed("k6", 500, 60.5, 140.7, None, failures={"failed": 5})
    handled: dict[str, Any] = {name: {"type": "trend", "values": dict(each)} for name, each in K6.items()}
    handled["http_req_duration"]["values"]["p(99)"] = 300.5
    handled["http_req_failed"]["values"] = {"rate": 0, "passes": 0, "fails": 500}
    assert k6({"metrics": handled}) == Speed("k6", 500, 60.5, 140.7, 300.5)


def test_k6s_machine_readable_summary() -> None:
    metrics = [{"name": name, "values": dict(each)} for name, each in K6.items()]
    got = {"version": "1.0.0", "results": {"metrics": metrics, "passed": True}}
    assert k6(got) == Speed("k6", 500, 60.5, 140.7, None, failures={"failed": 5})
    checks = {"results": [{"name": "a", "passes": 3, "fails": 2}, {"name": "b", "passes": 5, "fails": 0}]}
    seen = k6({"results": {"metrics": metrics, "passed": False, "checks": checks}})
    assert (seen.failed_checks, len(seen.crossed)) == (2, 1)


def test_k6s_checks_and_thresholds() -> None:
    checked = {**K6, "checks": {"passes": 9, "fails": 1, "value": 0.9}}
    assert k6({"metrics": checked}).failed_checks == 1
    limits = {"p(95)<100": True, "p(90)<200": False}  # true: it was crossed
    slow = {**K6, "http_req_duration": {**K6["http_req_duration"], "thresholds": limits}}
    assert k6({"metrics": slow}).crossed == ("http_req_duration: p(95)<100",)
    handled = {name: {"values": each} for name, each in K6.items()}
    handled["http_reqs"]["thresholds"] = {"rate>50": {"ok": False}, "count>1": {"ok": True}}
    assert k6({"metrics": handled}).crossed == ("http_reqs: rate>50",)


WRK = """Running 30s test @ http://127.0.0.1/
  Latency Distribution
     50%    1.50ms
     75%    2.00ms
     90%    3.00ms
     99%    1.20s
  9000 requests in 30.00s, 1.03MB read
  Socket errors: connect 0, read 0, write 0, timeout 12
  Non-2xx or 3xx responses: 5
"""
WRK2 = """  Latency Distribution (HdrHistogram - Recorded Latency)
 50.000%    1.50ms
 75.000%    2.00ms
 90.000%    3.00ms
 99.000%    9.00ms
 99.900%    9.50ms
  Detailed Percentile spectrum:
       Value   Percentile   TotalCount 1/(1-Percentile)
       0.100     0.000000            1         1.00
       3.000     0.900000          900        10.00
       4.250     0.950000          950        20.00
       9.500     1.000000         1000          inf
  1000 requests in 10.00s, 1.03MB read
"""
ARTILLERY = {
    "counters": {"http.requests": 200, "http.codes.200": 190, "http.codes.500": 6, "errors.ECONNREFUSED": 4},
    "summaries": {"http.response_time": {"min": 1, "median": 20, "p50": 20, "p95": 80.6, "p99": 90.9}},
}
LOCUST = """Type,Name,Request Count,Failure Count,Median Response Time,50%,66%,95%,98%,99%
GET,/a,400,2,10,10,12,30,40,50
,Aggregated,400,2,10,10,12,30,40,50
"""
HEY = """
Summary:
  Total:	0.1000 secs
  Requests/sec:	1200.0000

Latency distribution:
  50% in 0.0021 secs
  75% in 0.0040 secs
  95% in 0.0085 secs
  0% in 0.0000 secs

Status code distribution:
  [200]	119 responses
  [404]	1 responses

Error distribution:
  [2]	dial tcp 127.0.0.1:9: refused
"""
JTL = """timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,sentBytes
1,10,cart,200,OK,t 1-1,text,true,,5,5
2,20,cart,200,OK,t 1-1,text,true,,5,5
3,30,cart,500,"Server, down",t 1-1,text,false,,5,5
4,900,cart,Non HTTP response code: x,refused,t 1-1,text,false,,0,0
5,960,whole,200,"Number of samples in transaction : 4, number of failing samples : 2",t 1-1,,false,,10,10
"""
OTHERS: Mapping[str, tuple[str, str, Speed]] = {
    "vegeta": (
        "vegeta",
        '{"latencies": {"50th": 2e6, "95th": 9e6, "99th": 2e7}, "requests": 100, "status_codes": {"200": 97, "0": 3}}',
        Speed("vegeta", 100, 2, 9, 20, failures={"error": 3}),
    ),
    "oha": (
        "oha",
        """{"latencyPercentiles": {"p50": 0.002, "p95": 0.009, "p99": 0.02},
        "statusCodeDistribution": {"200": 8, "503": 1}, "errorDistribution": {"connection refused": 1}}""",
        Speed("oha", 10, 2, 9, 20, failures={"503": 1, "connection refused": 1}),
    ),
    "wrk": (
        "wrk",
        WRK,
        Speed("wrk", 9012, 1.5, None, 1200, (3, 1200), ("p90", "p99"), {"timeout": 12, "not 2xx or 3xx": 5}),
    ),
    "wrk2": ("wrk", WRK2, Speed("wrk", 1000, 1.5, 4.25, 9, None, ("p90", "p99"))),
    "artillery": (
        "artillery",
        json.dumps({"aggregate": ARTILLERY}),
        Speed("Artillery", 200, 20, 80.6, 90.9, failures={"500": 6, "ECONNREFUSED": 4}),
    ),
    "locust": ("locust", LOCUST, Speed("Locust", 400, 10, 30, 50, failures={"failed": 2})),
    "hey": ("hey", HEY, Speed("hey", 122, 2.1, 8.5, None, failures={"404": 1, "dial tcp 127.0.0.1:9: refused": 2})),
    "jmeter": ("jmeter", JTL, Speed("JMeter", 4, 20, 900, 900, failures={"500": 1, "Non HTTP response code: x": 1})),
    "jmeter's dashboard": (
        "jmeter",
        '{"Total": {"sampleCount": 90, "errorCount": 2, "medianResTime": 5, "pct2ResTime": 9, "pct3ResTime": 12.5}}',
        Speed("JMeter", 90, 5, 9, 12.5, failures={"failed": 2}),
    ),
    "locust --json": (
        "locust",
        '[{"num_requests": 99, "num_failures": 0, "response_times": {"5": 49, "7.0": 46, "90": 4}}]',
        Speed("Locust", 99, 7, 7, 90),
    ),
}


@pytest.mark.parametrize(("tool", "text", "expected"), OTHERS.values(), ids=OTHERS)
async def test_other_tools_results(tool: str, text: str, expected: Speed, tmp_path: Path) -> None:
    (tmp_path / "result").write_text(text)
    seen = await speed(Bench("x", tool=tool, result=str(tmp_path / "result")), Unavailable("no load"), Files())
    assert seen.p99_ms == pytest.approx(expected.p99_ms)
    assert replace(seen, p50_ms=expected.p50_ms, p95_ms=expected.p95_ms, p99_ms=expected.p99_ms) == expected
    assert (seen.p50_ms, seen.p95_ms) == pytest.approx((expected.p50_ms, expected.p95_ms))


async def test_autocannon_where_nobody_listens_and_where_bodies_differ(tmp_path: Path) -> None:
    with standing() as place:  # its ports are ours as long as this: nobody else listens there
        url = f"http://{place.addresses[0]}:{place.ports.https}/"
        argv = ["node", str(NODE / "autocannon/autocannon.js"), "--json", "-c", "2", "-a", "6", "-d", "1", url]
        ran = await asyncio.to_thread(subprocess.run, argv, capture_output=True, timeout=30, check=True)
    refused = READERS["autocannon"][0](ran.stdout)
    assert (refused.p50_ms, set(refused.failures)) == (None, {"error"})
    assert refused.requests == sum(refused.failures.values()) > 0
    got = json.loads(ran.stdout) | {"mismatches": 3, "errors": 0, "requests": {"total": 10}}
    assert READERS["autocannon"][0](json.dumps(got).encode()).failures == {"body not as expected": 3}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"metrics": {}}', '{"latency": {}}', "nonsense", "[" * 5000])
@pytest.mark.parametrize("tool", READERS)
async def test_what_is_no_result_is_a_gap(tmp_path: Path, content: str, tool: str) -> None:
    if (tool, content) == ("locust", "[]"):
        content = "[{}]"  # no entry is a run that asked for nothing
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(Unavailable, match="is no result of"):
        await speed(Bench("x", tool=tool, result=str(tmp_path / "x.json")), Unavailable("no load"), Files())


async def test_a_history_is_added_to(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text('{"bench":"other","at":"2026-01-01T00:00:00+00:00","p95_ms":9}\nnonsense\n{"bench":"search"\n')
    bench, at = Bench("search", history=str(path)), dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    good = Speed("x", 10, 1.0, 2.0, 3.0)
    for n in range(3):
        seen = await bench_history(bench, good, Now(at + dt.timedelta(days=n)), Files(), HistoryFile(RUN))
        assert ([run.p95_ms for run in seen.runs], seen.trouble) == ([2.0] * n, "")
    failed = replace(good, failures={"500": 1})
    assert len((await bench_history(bench, failed, Now(at), Files(), HistoryFile(RUN))).runs) == 3
    assert len([line for line in path.read_text().splitlines() if '"search", "at"' in line]) == 3
    assert json.loads(path.read_text().splitlines()[-1])["p99_ms"] == 3.0


LINES: Mapping[str, tuple[str, list[BenchRun]]] = {
    "all of it": ('"p50_ms":1,"p95_ms":2,"p99_ms":3', [BenchRun(NOON, 2, 1, 3)]),
    "no p99": ('"p50_ms":1.5,"p95_ms":2,"p99_ms":null', [BenchRun(NOON, 2, 1.5)]),
    "p95 alone": ('"p95_ms":2', [BenchRun(NOON, 2)]),
    "no p95": ('"p50_ms":1,"p95_ms":null', []),
    "no number": ('"p95_ms":NaN', []),
    "without end": ('"p95_ms":2,"p99_ms":1e999', []),
    "before it began": ('"p95_ms":-1', []),
    "a word": ('"p95_ms":"fast"', []),
}


@pytest.mark.parametrize(("figures", "runs"), LINES.values(), ids=LINES)
async def test_a_line_of_the_history(tmp_path: Path, figures: str, runs: list[BenchRun]) -> None:
    assert await _kept(tmp_path, f'{{"bench":"search","at":"2026-11-01T12:00:00+00:00",{figures}}}') == runs


@pytest.mark.parametrize("at", ["2026-11-01T12:00:00", "2026-11-01T14:00:00+02:00", "2026-11-01T12:00:00Z"])
async def test_a_moment_of_the_history_is_in_utc(tmp_path: Path, at: str) -> None:
    assert await _kept(tmp_path, f'{{"bench":"search","at":"{at}","p95_ms":2}}') == [BenchRun(NOON, 2)]


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "yesterday", "", "9999-12-31T23:59:59-14:00"])
async def test_what_is_no_moment_is_no_run(tmp_path: Path, at: str) -> None:
    assert await _kept(tmp_path, f'{{"bench":"search","at":"{at}","p95_ms":2}}') == []


async def _kept(tmp_path: Path, line: str) -> list[BenchRun]:
    (tmp_path / "h.jsonl").write_text(line + "\n")
    bench = Bench("search", history=str(tmp_path / "h.jsonl"))
    return list((await bench_history(bench, Speed("x", 1, 1, 2, 3), Now(NOON), Files(), HistoryFile(RUN))).runs)


async def test_a_history_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    bench = Bench("search", history=str(tmp_path / "nowhere" / "h.jsonl"))
    seen = await bench_history(bench, Speed("x", 1, 1, 2, 3), Now(dt.datetime.now(dt.UTC)), Files(), HistoryFile(RUN))
    assert seen.trouble == "No such file or directory"


async def test_the_command_line_names_a_history_for_all_benches(tmp_path: Path) -> None:
    kept = HistoryFile(replace(RUN, history=str(tmp_path / "all.jsonl")))
    at, good = dt.datetime(2026, 11, 1, tzinfo=dt.UTC), Speed("x", 10, 1.0, 2.0, 3.0)
    for name, runs in (("a", 0), ("b", 0), ("a", 1)):
        seen = await bench_history(Bench(name), good, Now(at), Files(), kept)
        assert (seen.kept, len(seen.runs)) == (True, runs)
    assert not (await bench_history(Bench("a"), good, Now(at), Files(), HistoryFile(RUN))).kept


def test_percentiles_are_by_nearest_rank() -> None:
    ordered = [n / 1000 for n in range(1, 101)]
    assert [percentile(ordered, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert (percentile([0.007], 0.5), percentile([], 0.5)) == (7, None)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({}, "has none"),
        ({"host": "api"}, "has none"),
        ({"path": "/x"}, "belong together"),
        ({"host": "api", "path": "/x", "k6": "/r.json"}, "has path and k6"),
        ({"host": "api", "path": "/x", "per_second": 500, "seconds": 60}, "more than 20000 requests"),
    ],
)
def test_an_entry_that_cannot_be(entry: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        BenchEntry.model_validate(entry)
