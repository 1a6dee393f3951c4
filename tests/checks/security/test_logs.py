"""What the log says of a request, and what keeps it short."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest

from golive import Outcome, Unavailable
from golive_checks.security.logs import request_traceable, rotated, structured
from golive_checks.subjects import Host
from golive_checks.systems.evidence.evidence import Attestation, Evidence
from golive_checks.systems.logs.lines import LogLine, Names, read_line
from golive_checks.systems.logs.request_log import RequestLog
from golive_checks.systems.logs.rotation import LogRotation
from golive_checks.systems.logs.settings import Logs

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
API, APP = Host("api.test", role="api"), Host("app.test", role="app")
GOOD, TEXT = LogLine(json=True, time="time", level="level", id="reqId"), LogLine(json=False)
SEEN = RequestLog("api.log", "/x", 200, (GOOD,), (GOOD, GOOD), 0.2)

WORD = {Attestation("logs.kept", who="Awa", expires=dt.date(2099, 12, 31)): Evidence(there=True)}


@pytest.mark.parametrize(
    ("seen", "outcome", "summary"),
    [
        (SEEN, PASS, "api.log: JSON with time and level"),
        (replace(SEEN, lines=(TEXT,)), FAIL, "the request's line in api.log is no JSON"),
        (replace(SEEN, lines=(replace(GOOD, level=""),)), FAIL, "the request's line in api.log has no level"),
        (replace(SEEN, lines=(GOOD, replace(GOOD, time=""))), FAIL, "has no time"),
        (replace(SEEN, recent=(TEXT, GOOD)), WARN, "1 of the newest 2 lines in api.log are no JSON"),
        (replace(SEEN, lines=()), PASS, "JSON with time and level"),
        (
            replace(SEEN, lines=(), recent=(GOOD, TEXT, TEXT)),
            FAIL,
            "the newest line in api.log is no JSON, like 1 more",
        ),
        (replace(SEEN, lines=(), recent=()), UNKNOWN, "api.log holds no line"),
        (RequestLog(), UNKNOWN, "does not say where its log is"),
    ],
)
def test_structured(seen: RequestLog, outcome: Outcome, summary: str) -> None:
    judged = structured(API, seen)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


@pytest.mark.parametrize(
    ("seen", "outcome", "summary"),
    [
        (SEEN, PASS, "/x was found in api.log after 0.2 s, by reqId"),
        (replace(SEEN, lines=()), FAIL, "answered 200: it does not appear in api.log within 15 s"),
        (replace(SEEN, lines=(), recent=()), FAIL, "which holds no line at all"),
        (replace(SEEN, lines=(replace(GOOD, id=""),)), FAIL, "in no field for a request's id"),
        (replace(SEEN, lines=(TEXT,)), FAIL, "in the midst of text"),
        (RequestLog(), UNKNOWN, "does not say where its log is"),
    ],
)
def test_request_traceable(seen: RequestLog, outcome: Outcome, summary: str) -> None:
    judged = request_traceable(API, seen, Logs())
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_what_is_no_api_needs_no_log() -> None:
    assert structured(APP, RequestLog()).outcome is NA
    assert request_traceable(APP, RequestLog(), Logs()).outcome is NA
    assert rotated(APP, LogRotation(), Unavailable("")).outcome is NA


@pytest.mark.parametrize(
    ("seen", "attested", "outcome", "summary"),
    [
        (LogRotation("logrotate", "daily, 14 kept"), Unavailable(""), PASS, "logrotate: daily, 14 kept"),
        (LogRotation("Docker", lacks="it grows"), Unavailable(""), FAIL, "it grows"),
        (LogRotation(attested="logs.kept"), WORD, PASS, "Awa vouches for it until 2099-12-31 (logs.kept)"),
        (LogRotation(attested="logs.other"), WORD, FAIL, "has no attestation logs.other"),
        (LogRotation(attested="logs.kept"), Unavailable("none"), FAIL, "has no attestation logs.kept"),
        (LogRotation(), Unavailable(""), UNKNOWN, "nothing shows"),
    ],
)
def test_rotated(
    seen: LogRotation, attested: Mapping[Attestation, Evidence] | Unavailable, outcome: Outcome, summary: str
) -> None:
    judged = rotated(API, seen, attested)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


MARK = "6f0d2c8e-9b1a-4c57-8f43-0a1b2c3d4e5f"
LINES = {
    "pino": (f'{{"level":30,"time":1760000000000,"reqId":"{MARK}","msg":"x"}}', "time", "level", "reqId"),
    "pino-http": (f'{{"level":30,"time":1,"req":{{"id":"{MARK}"}},"msg":"x"}}', "time", "level", "req.id"),
    "winston": (f'{{"level":"info","timestamp":"2026-01-01","requestId":"{MARK}"}}', "timestamp", "level", "requestId"),
    "Elastic's": (
        f'{{"@timestamp":"2026","log.level":"info","trace":{{"id":"{MARK}"}}}}',
        "@timestamp",
        "log.level",
        "trace.id",
    ),
    "nested level": (
        f'{{"ts":1.5,"log":{{"level":"warn"}},"correlationId":"{MARK}"}}',
        "ts",
        "log.level",
        "correlationId",
    ),
    "journalctl -o json": (
        '{"__REALTIME_TIMESTAMP":"6","MESSAGE":"{\\"level\\":30,\\"time\\":1,\\"reqId\\":\\"' + MARK + '\\"}"}',
        "time",
        "level",
        "reqId",
    ),
    "Docker's file": (
        '{"log":"{\\"level\\":30,\\"time\\":1,\\"reqId\\":\\"' + MARK + '\\"}\\n","stream":"stdout","time":"2026"}',
        "time",
        "level",
        "reqId",
    ),
    "a field called log": (f'{{"log":"x","level":1,"time":1,"reqId":"{MARK}"}}', "time", "level", "reqId"),
    "docker compose": (f'api-1  | {{"level":30,"time":1,"reqId":"{MARK}"}}', "time", "level", "reqId"),
    "containerd": (f'2026-01-01T00:00:00Z stdout F {{"level":30,"time":1,"reqId":"{MARK}"}}', "time", "level", "reqId"),
    "in colour": (f'\x1b[32m{{"level":30,"time":1,"reqId":"{MARK}"}}\x1b[0m', "time", "level", "reqId"),
    "empty and odd values": (f'{{"level":"","time":true,"id":["{MARK}"]}}', "", "", "id"),
    "the id in a header alone": (
        f'{{"level":30,"time":1,"req":{{"id":4,"headers":{{"x-request-id":"{MARK}"}}}}}}',
        "time",
        "level",
        "",
    ),
}


@pytest.mark.parametrize(("text", "time", "level", "key"), LINES.values(), ids=LINES)
def test_a_line_of_json(text: str, time: str, level: str, key: str) -> None:
    assert read_line(text, Names(), MARK) == LogLine(json=True, time=time, level=level, id=key)


@pytest.mark.parametrize(
    "text",
    [
        f"2026-01-01 INFO [{MARK}] done",
        f'INFO {{"level":30,"time":1,"reqId":"{MARK}"}}',
        '["level"]',
        '{"level":30,',
        "{" * 50_000,
        '{"MESSAGE":"text","__REALTIME_TIMESTAMP":"1","level":1,"time":1}',
        "",
    ],
)
def test_a_line_of_text(text: str) -> None:
    assert read_line(text, Names(), MARK) == LogLine(json=False)


def test_names_of_the_profile_come_first() -> None:
    names = Names(("when", *Names().time), ("how", *Names().level), ("who", *Names().id))
    seen = read_line(f'{{"time":1,"when":2,"how":"x","level":1,"who":"{MARK}","id":"{MARK}"}}', names, MARK)
    assert seen == LogLine(json=True, time="when", level="how", id="who")
