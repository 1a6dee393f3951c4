"""A request of golive's own, sought in every kind of log."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import boto3
import pytest
from pydantic import SecretStr, ValidationError

from golive import Environment, RunInfo, Unavailable
from golive_checks.subjects import Host
from golive_checks.systems.aws.client.aws import Aws, AwsSettings, Sessions
from golive_checks.systems.aws.client.cloudwatch import CloudWatchLogs
from golive_checks.systems.logs.lines import LogLine
from golive_checks.systems.logs.request_log import request_log
from golive_checks.systems.logs.rotation import Keeper, LogRotation, log_rotation
from golive_checks.systems.logs.settings import Logs
from golive_checks.systems.logs.shapes import Looks
from golive_checks.systems.logs.sources import LogSources
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.files import Files, read_tail
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.vendors.client.client import Vendor, VendorLimits
from golive_lab.parts.asgi import HttpAnswer, Listener, Receive, Scope, Send, as_json, header, lifespan, serving
from golive_lab.parts.ports import standing
from golive_lab.world.names import APP

Site = Callable[..., AbstractAsyncContextManager[Any]]
RUN = RunInfo("0123abcd", "9.9")
REGION = "eu-west-3"
HOST = Host(APP, role="api", api_path="/products")
GOOD = LogLine(json=True, time="time", level="level", id="reqId")


@pytest.fixture
async def sources() -> AsyncIterator[LogSources]:
    vendor = Vendor(VendorLimits(), Pace(RateLimit(), Environment("x")), RUN)
    yield LogSources(CommandRunner(CommandLimits()), CloudWatchLogs(Aws(Sessions(RUN))), vendor)
    await vendor.aclose()


@pytest.fixture
def aws(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> AwsSettings:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return AwsSettings(region=REGION, endpoint_url=endpoint)


def line(mark: str, **more: Any) -> str:
    return json.dumps({"level": 30, "time": int(time.time() * 1000), "reqId": mark, "msg": "done", **more})


async def look(there: Any, sources: LogSources, ask: Logs, aws: AwsSettings | None = None) -> Any:
    return await there.look(
        request_log, fronts=await there.fronts(), ask=ask, aws=aws or AwsSettings(), sources=sources
    )


def sent(there: Any, name: str = "x-request-id") -> str:
    """Return the id that the host was sent; empty where nobody has asked for anything with one."""
    return next((headers[name] for _, _, headers in there.asked if name in headers), "")


def logging(there: Any, write: Callable[[str], None], name: str = "x-request-id") -> threading.Thread:
    """Write to the log a while after the request came, as a log that is gathered elsewhere does."""

    def run() -> None:
        while not (mark := sent(there, name)):
            time.sleep(0.01)
        time.sleep(0.1)
        write(mark)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def answer(*_: Any) -> HttpAnswer:
    return as_json(200, {})


async def test_a_file(site: Site, sources: LogSources, tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_text(line("old") + "\nnot json\n")

    def write(mark: str) -> None:
        log.write_text(log.read_text() + line(mark) + "\n" + f"in text {mark}\n")

    async with site(answer, host=HOST) as there:
        logging(there, write)
        seen = await look(there, sources, Logs(file=str(log), watch_s=5))
        paths = [path for _, path, headers in there.asked if "x-request-id" in headers]
    text = LogLine(json=False, looks=Looks.TEXT)
    assert (seen.source, seen.path, seen.status, paths) == ("api.log", "/products", 200, ["/products"])
    assert seen.lines == (GOOD, text)
    assert [each.json for each in seen.recent] == [True, False, True, False]
    assert seen.waited_s > 0  # by golive's own clock, from its answer on: the line was not there at once


async def test_an_id_that_never_comes(site: Site, sources: LogSources, tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_text(line("old") + "\n")
    async with site(answer, host=HOST) as there:
        seen = await look(there, sources, Logs(file=str(log), watch_s=0.3))
    assert (seen.lines, len(seen.recent)) == ((), 1)
    assert seen.waited_s >= 0.3


async def test_a_traces_id(site: Site, sources: LogSources, tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    log.write_text("")
    async with site(answer, host=HOST) as there:
        logging(there, lambda sent: log.write_text(line("", trace_id=sent.split("-")[1])) and None, "traceparent")
        seen = await look(there, sources, Logs(file=str(log), header="traceparent", watch_s=5))
        version, trace, parent, flags = sent(there, "traceparent").split("-")
    assert [each.id for each in seen.lines] == ["trace_id"]
    assert (version, len(trace), len(parent), flags) == ("00", 32, 16, "01")


async def test_a_command_on_both_of_its_outputs(site: Site, sources: LogSources, tmp_path: Path) -> None:
    out, err = tmp_path / "out", tmp_path / "err"
    out.write_text(line("old") + "\n")
    err.write_text("")
    command = (
        sys.executable,
        "-c",
        f"import sys; print(open({str(out)!r}).read()); sys.stderr.write(open({str(err)!r}).read())",
    )
    async with site(answer, host=HOST) as there:
        logging(there, lambda mark: err.write_text(line(mark)) and None)
        seen = await look(there, sources, Logs(command=command, watch_s=10))
    assert (seen.lines, len(seen.recent)) == ((GOOD,), 2)


async def test_a_command_that_fails_keeps_its_words(site: Site, sources: LogSources) -> None:
    ask = Logs(command=(sys.executable, "-c", "import sys; sys.exit('password=hunter2')"))
    async with site(answer, host=HOST) as there:
        with pytest.raises(Unavailable, match=r"it ended with code 1") as caught:
            await look(there, sources, ask)
        assert sent(there) == ""
    assert "hunter2" not in caught.value.reason


async def test_no_request_is_sent_where_the_log_cannot_be_read(site: Site, sources: LogSources, tmp_path: Path) -> None:
    async with site(answer, host=HOST) as there:
        with pytest.raises(Unavailable, match="does not exist"):
            await look(there, sources, Logs(file=str(tmp_path / "none.log")))
        assert sent(there) == ""


async def test_a_gateways_own_error_is_a_gap(site: Site, sources: LogSources, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("")
    async with site(lambda *_: HttpAnswer(502, "text/html", b""), host=HOST) as there:
        with pytest.raises(Unavailable, match="has not reached the app"):
            await look(there, sources, Logs(file=str(tmp_path / "a.log")))


async def test_cloudwatch(site: Site, sources: LogSources, aws: AwsSettings) -> None:
    logs: Any = boto3.client("logs", region_name=REGION, endpoint_url=aws.endpoint_url)
    logs.create_log_group(logGroupName="/app/api")
    logs.create_log_stream(logGroupName="/app/api", logStreamName="one")

    def write(text: str) -> None:
        event = {"timestamp": int(time.time() * 1000), "message": text}
        logs.put_log_events(logGroupName="/app/api", logStreamName="one", logEvents=[event])

    write(line("old"))
    async with site(answer, host=HOST) as there:
        logging(there, lambda mark: write(line(mark)))
        seen = await look(there, sources, Logs(cloudwatch="/app/api", watch_s=10), aws)
        assert (seen.source, seen.lines, len(seen.recent)) == ("the log group /app/api", (GOOD,), 2)
        with pytest.raises(Unavailable, match="ResourceNotFoundException"):
            await look(there, sources, Logs(cloudwatch="/app/other"), aws)


async def test_cloudwatchs_retention(aws: AwsSettings) -> None:
    logs: Any = boto3.client("logs", region_name=REGION, endpoint_url=aws.endpoint_url)
    for name in ("/kept", "/kept/for-ever"):
        logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName="/kept", retentionInDays=90)

    async def rotation(group: str) -> Any:
        cloudwatch = CloudWatchLogs(Aws(Sessions(RUN)))
        return await log_rotation(
            HOST, Logs(cloudwatch=group), aws, Files(), CommandRunner(CommandLimits()), cloudwatch
        )

    assert (await rotation("/kept")).settings == {"retentionInDays": "90"}
    assert (await rotation("/kept/for-ever")) == LogRotation(Keeper.CLOUDWATCH, log="/kept/for-ever")
    with pytest.raises(Unavailable, match="there is no log group /kep"):
        await rotation("/kep")


class Loki:
    """What Grafana documents of Loki's HTTP API: no package index that is reached here has the server itself."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.asked: list[dict[str, str]] = []
        self.answer: HttpAnswer | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        sent = {name: header(scope, name) for name in ("x-scope-orgid", "authorization")}
        self.asked.append({"path": scope["path"], **sent, **query})
        selector, _, text = query["query"].partition(" |= ")
        assert selector == '{app="api"}'
        kept = [[ns, said] for ns, said in reversed(self.lines) if text.strip('"') in said and ns > query["start"]]
        streams = [{"stream": {"app": "api"}, "values": kept}] if kept else []
        found = {"status": "success", "data": {"resultType": "streams", "result": streams, "stats": {}}}
        await (self.answer or as_json(200, found)).send(send)


@pytest.fixture
async def loki() -> AsyncIterator[tuple[Loki, str]]:
    async with lokis() as served:
        yield served


@asynccontextmanager
async def lokis() -> AsyncIterator[tuple[Loki, str]]:
    made = Loki()
    with standing() as place:
        async with serving([(Listener("127.0.0.1", place.ports.api), made)]):
            yield made, f"http://127.0.0.1:{place.ports.api}"


async def test_loki(site: Site, sources: LogSources, loki: tuple[Loki, str]) -> None:
    server, url = loki
    server.lines.append((str(time.time_ns()), "not json"))
    ask = Logs.model_validate(
        {"loki": {"url": url, "query": '{app="api"}', "tenant": "acme", "basic": "golive:pw"}, "watch_s": 10}
    )
    async with site(answer, host=HOST) as there:
        logging(there, lambda mark: server.lines.append((str(time.time_ns()), line(mark))))
        seen = await look(there, sources, ask)
        assert (seen.source, seen.lines, [each.json for each in seen.recent]) == ("Loki", (GOOD,), [False, True])
        assert {asked["path"] for asked in server.asked} == {"/loki/api/v1/query_range"}
        assert {(asked["x-scope-orgid"], asked["authorization"]) for asked in server.asked} == {
            ("acme", "Basic Z29saXZlOnB3")
        }
        for wrong in (
            as_json(200, {"status": "success", "data": {"resultType": "matrix", "result": []}}),
            as_json(200, {"status": "success"}),
            as_json(200, {"status": "success", "data": {"resultType": "streams", "result": [1]}}),
            as_json(401, {}),
            HttpAnswer(200, "text/html", b"<html>"),
        ):
            server.answer = wrong
            with pytest.raises(Unavailable, match="Loki"):
                await look(there, sources, ask)


@pytest.mark.parametrize(
    "wrong",
    [
        {"file": "a", "cloudwatch": "b"},
        {"loki": {"url": "ftp://x", "query": "x"}},
        {"loki": {"url": "http://loki.test", "query": "x", "token": "t"}},
        {"loki": {"url": "https://user:pw@loki.test", "query": "x"}},
        {"rotation": {"logrotate": "/a", "attested": "b"}},
        {"watch_s": 0},
    ],
)
def test_a_profile_that_cannot_be_meant(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Logs.model_validate(wrong)
    assert Logs.model_validate({"loki": {"url": "https://loki.test", "query": "x", "token": SecretStr("t")}}).loki


def test_the_end_of_a_file_begins_with_a_line(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("first\nsecond\nthird\n")
    assert read_tail(str(log), 100) == b"first\nsecond\nthird\n"
    assert read_tail(str(log), 9) == b"third\n"
    with pytest.raises(Unavailable, match="a directory"):
        read_tail(str(tmp_path), 9)
