"""What a line of a log is, by whichever program wrote it and whatever printed it."""

from __future__ import annotations

import json

import pytest

from golive_checks.systems.logs.lines import CLEF_LEVEL, PREFIX_TIME, LogLine, Names, read_line
from golive_checks.systems.logs.shapes import Looks

MARK = "6f0d2c8e-9b1a-4c57-8f43-0a1b2c3d4e5f"
PLAIN = json.dumps({"level": 30, "time": 1, "reqId": MARK})
STAMP = "2026-03-04T05:06:07.890123Z"

WRITTEN = {
    "pino": ({"level": 30, "time": 1, "reqId": MARK}, "time", "level", "reqId"),
    "pino-http": ({"level": 30, "time": 1, "req": {"id": MARK}}, "time", "level", "req.id"),
    "winston": ({"level": "info", "timestamp": "2026", "requestId": MARK}, "timestamp", "level", "requestId"),
    "express-winston": (
        {"level": "info", "timestamp": "2026", "meta": {"req": {"headers": {"x-request-id": MARK}}}},
        "timestamp",
        "level",
        "meta.req.headers.x-request-id",
    ),
    "bunyan": ({"level": 30, "time": "2026", "v": 0, "req_id": MARK}, "time", "level", "req_id"),
    "log4js": (
        {"startTime": "2026", "level": {"level": 20000, "levelStr": "INFO"}, "context": {"reqId": MARK}},
        "startTime",
        "level",
        "context.reqId",
    ),
    "tslog": (
        {"_meta": {"date": "2026", "logLevelId": 3}, "requestId": MARK},
        "_meta.date",
        "_meta.logLevelId",
        "requestId",
    ),
    "structlog": (
        {"event": "x", "level": "info", "timestamp": "2026", "request_id": MARK},
        "timestamp",
        "level",
        "request_id",
    ),
    "loguru": (
        {"text": "x", "record": {"time": {"timestamp": 1.5}, "level": {"name": "INFO"}, "extra": {"rid": MARK}}},
        "record.time",
        "record.level",
        "record.extra.rid",
    ),
    "python-json-logger": (
        {"asctime": "2026", "levelname": "INFO", "correlation_id": MARK},
        "asctime",
        "levelname",
        "correlation_id",
    ),
    "zap": ({"level": "info", "ts": 1.5, "traceID": MARK}, "ts", "level", "traceID"),
    "zap in development": ({"L": "INFO", "T": "2026", "M": "x", "traceID": MARK}, "T", "L", "traceID"),
    "hclog": ({"@level": "info", "@timestamp": "2026", "request_id": MARK}, "@timestamp", "@level", "request_id"),
    "Elastic's schema": (
        {"@timestamp": "2026", "log.level": "info", "trace": {"id": MARK}},
        "@timestamp",
        "log.level",
        "trace.id",
    ),
    "Elastic's schema, nested": (
        {"@timestamp": "2026", "log": {"level": "info"}, "http": {"request": {"id": MARK}}},
        "@timestamp",
        "log.level",
        "http.request.id",
    ),
    "log4j2": (
        {"instant": {"epochSecond": 1}, "level": "INFO", "contextMap": {"requestId": MARK}},
        "instant",
        "level",
        "contextMap.requestId",
    ),
    "logback": ({"timestamp": 1, "level": "INFO", "mdc": {"requestId": MARK}}, "timestamp", "level", "mdc.requestId"),
    "GELF": ({"version": "1.1", "timestamp": 1.5, "level": 6, "_requestId": MARK}, "timestamp", "level", "_requestId"),
    "Serilog, compact, informational": ({"@t": "2026", "@mt": "x", "RequestId": MARK}, "@t", CLEF_LEVEL, "RequestId"),
    "Serilog, compact": ({"@t": "2026", "@m": "x", "@l": "Error", "@tr": MARK}, "@t", "@l", "@tr"),
    "Serilog": (
        {"Timestamp": "2026", "Level": "Information", "Properties": {"RequestId": MARK}},
        "Timestamp",
        "Level",
        "Properties.RequestId",
    ),
    ".NET's console": (
        {"Timestamp": "2026", "LogLevel": "Information", "Scopes": [{"RequestId": MARK}]},
        "Timestamp",
        "LogLevel",
        "Scopes.RequestId",
    ),
    "monolog": (
        {"level": 200, "level_name": "INFO", "datetime": "2026", "extra": {"uid": MARK}},
        "datetime",
        "level",
        "extra.uid",
    ),
    "Google Cloud": (
        {"severity": "INFO", "time": "2026", "logging.googleapis.com/trace": f"projects/p/traces/{MARK}"},
        "time",
        "severity",
        "logging.googleapis.com/trace",
    ),
    "Google Cloud's entry": (
        {"insertId": "a", "jsonPayload": {"reqId": MARK}, "severity": "INFO", "timestamp": "2026"},
        "timestamp",
        "severity",
        "jsonPayload.reqId",
    ),
    "OTLP": (
        {
            "resourceLogs": [
                {
                    "scopeLogs": [
                        {
                            "logRecords": [
                                {"timeUnixNano": "1"},
                                {"timeUnixNano": "2", "severityText": "INFO", "traceId": MARK},
                            ]
                        }
                    ]
                }
            ]
        },
        "timeUnixNano",
        "severityText",
        "traceId",
    ),
    "Datadog": ({"status": "info", "date": 1, "dd.trace_id": MARK}, "date", "status", "dd.trace_id"),
    "tracing": (
        {"timestamp": "2026", "level": "INFO", "fields": {"message": "x"}, "span": {"request_id": MARK}},
        "timestamp",
        "level",
        "span.request_id",
    ),
    "Caddy": (
        {"level": "info", "ts": 1.5, "request": {"headers": {"X-Request-Id": [MARK]}}, "status": 200},
        "ts",
        "level",
        "request.headers.X-Request-Id",
    ),
    "nginx": ({"time_iso8601": "2026", "status": "200", "request_id": MARK}, "time_iso8601", "", "request_id"),
    "no time, no level": ({"method": "GET", "status": 200, "duration": 3.1, "request_id": MARK}, "", "", "request_id"),
    "an id of its own beside the header": (
        {"level": 30, "time": 1, "req": {"id": 4, "headers": {"x-request-id": MARK}}},
        "time",
        "level",
        "",
    ),
    "the id in the message": ({"level": 30, "time": 1, "msg": f"took {MARK}"}, "time", "level", ""),
    "another's id": ({"level": 30, "time": 1, "userId": MARK, "order": {"id": MARK}}, "time", "level", ""),
    "a time of its business": ({"level": "info", "data": {"date": "2026"}, "reqId": MARK}, "", "level", "reqId"),
    "empty and odd values": ({"level": "", "time": True, "id": [MARK]}, "", "", "id"),
    "a field called log": ({"log": "x", "level": 1, "time": 1, "reqId": MARK}, "time", "level", "reqId"),
}


@pytest.mark.parametrize(("record", "time", "level", "key"), WRITTEN.values(), ids=WRITTEN)
def test_a_record_by_its_logger(record: dict[str, object], time: str, level: str, key: str) -> None:
    assert read_line(json.dumps(record), Names(), MARK) == LogLine(json=True, time=time, level=level, id=key)


PRINTED = {
    "docker logs -t, kubectl logs --timestamps": f"{STAMP} ",
    "docker compose": "api-1  | ",
    "docker compose -t": f"api-1  | {STAMP} ",
    "kubectl logs --prefix": "[pod/api-5f/api] ",
    "kubectl logs --prefix --timestamps": f"[pod/api-5f/api] {STAMP} ",
    "stern": "api-6d5f8c9b7f-x2x4z api ",
    "CRI": f"{STAMP} stdout F ",
    "pm2": "0|api      | ",
    "pm2 with a date": "0|api  | 2026-03-04T05:06:07: ",
    "foreman": "05:06:07 web.1  | ",
    "concurrently": "[api] ",
    "journalctl": "Mar  4 05:06:07 web1 api[123]: ",
    "journalctl -o short-precise": "Mar 14 05:06:07.890123 web1 api[123]: ",
    "journalctl -o short-iso": "2026-03-04T05:06:07+0000 web1 api[123]: ",
    "journalctl -o short-full": "Wed 2026-03-04 05:06:07 UTC web1 api[123]: ",
    "journalctl -o short-unix": "1772600767.890123 web1 api[123]: ",
    "journalctl -o short-monotonic": "[   12.345678] web1 api[123]: ",
    "syslog": f"<14>1 {STAMP} web1 api 123 - - ",
    "Heroku": "2026-03-04T05:06:07.890123+00:00 app[web.1]: ",
    "Cloud Foundry": "2026-03-04T05:06:07.89+0000 [APP/PROC/WEB/0] OUT ",
    "Fly": f"{STAMP} app[148ed] cdg [info]",
    "Lambda": f"{STAMP}\t00000000-0000-4000-8000-000000000000\tINFO\t",
    "aws logs tail": "2026-03-04T05:06:07.890123+00:00 ecs/api/1234 ",
    "fluentd": "2026-03-04 05:06:07.890123000 +0000 docker.abc: ",
    "colours": "\x1b[36mapi-1  | \x1b[0m",
}


@pytest.mark.parametrize("prefix", PRINTED.values(), ids=PRINTED)
def test_json_behind_a_prefix(prefix: str) -> None:
    assert read_line(prefix + PLAIN, Names(), MARK) == LogLine(json=True, time="time", level="level", id="reqId")
    assert read_line(prefix + f"done {MARK}", Names(), MARK) == LogLine(json=False, looks=Looks.TEXT)


STORED = {
    "journalctl -o json": {"__REALTIME_TIMESTAMP": "6", "MESSAGE": PLAIN},
    "journalctl -o json, as bytes": {"__REALTIME_TIMESTAMP": "6", "MESSAGE": list(f"\x1b[32m{PLAIN}".encode())},
    "Docker's file": {"log": PLAIN + "\n", "stream": "stdout", "time": "2026"},
    "fluentd": {"container_id": "a", "container_name": "/api", "source": "stdout", "log": PLAIN},
    "Vector": {"message": PLAIN, "source_type": "docker_logs", "timestamp": "2026"},
    "Google Cloud": {"textPayload": PLAIN, "insertId": "a", "timestamp": "2026"},
    "a platform's record": {"id": "1", "message": PLAIN, "timestamp": 1},
}


@pytest.mark.parametrize("record", STORED.values(), ids=STORED)
def test_json_within_a_collectors_record(record: dict[str, object]) -> None:
    assert read_line(json.dumps(record), Names(), MARK) == LogLine(json=True, time="time", level="level", id="reqId")


@pytest.mark.parametrize(("name", "record"), list(STORED.items())[2:6])
def test_text_within_a_collectors_record_is_text(name: str, record: dict[str, object]) -> None:
    record = {key: f"done {MARK}" if value in {PLAIN, PLAIN + "\n"} else value for key, value in record.items()}
    assert not read_line(json.dumps(record), Names(), MARK).json, name


@pytest.mark.parametrize(
    ("line", "time"),
    [
        (f'{STAMP} {{"level":30}}', PREFIX_TIME),
        ('api-1  | {"level":30}', ""),
        ('{"__REALTIME_TIMESTAMP":"6","MESSAGE":"{\\"level\\":30}"}', "__REALTIME_TIMESTAMP"),
        ('{"log":"{\\"level\\":30}\\n","stream":"stdout","time":"2026"}', "time"),
    ],
)
def test_the_time_that_a_runtime_writes_counts(line: str, time: str) -> None:
    assert read_line(line, Names()) == LogLine(json=True, time=time, level="level")


@pytest.mark.parametrize(
    "text",
    [
        f"2026-01-01 INFO [{MARK}] done",
        f"INFO {PLAIN}",
        f"[INFO] {PLAIN}",
        f"2026-03-04 05:06:07 WARN: {PLAIN}",
        f"request body {PLAIN}",
        '["level"]',
        '{"MESSAGE":"text","__REALTIME_TIMESTAMP":"1","level":1,"time":1}',
        "",
    ],
)
def test_a_line_of_text(text: str) -> None:
    assert read_line(text, Names(), MARK) == LogLine(json=False, looks=Looks.TEXT)


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ('::1 - awa [04/Mar/2026:05:06:07 +0000] "GET /x HTTP/1.1" 200 12 "-" "curl/8"', Looks.COMBINED),
        ("\x1b[0mGET /x \x1b[32m200\x1b[0m 3.221 ms - 12\x1b[0m", Looks.MORGAN_DEV),
        ("GET /x 200 12 - 3.2 ms", Looks.MORGAN_TINY),
        ("::1 - GET /x HTTP/1.1 200 12 - 3.2 ms", Looks.MORGAN_SHORT),
        ("2026/03/04 05:06:07 [error] 12#12: *1 open() failed", Looks.NGINX_ERROR),
        ('INFO:     127.0.0.1:4000 - "GET / HTTP/1.1" 200 OK', Looks.UVICORN),
        ("[GIN] 2026/03/04 - 05:06:07 | 200 | 1ms | ::1 | GET /", Looks.GIN),
        ("[05:06:07.890] INFO (12): started", Looks.PINO_PRETTY),
        ("[Nest] 12  - 03/04/2026, 5:06:07 AM     LOG [App] up", Looks.NEST),
        ("    at Server.handle (/srv/app/index.js:10:3)", Looks.STACK),
        ("ts=2026 level=info msg=x", Looks.LOGFMT),
        ('  "level": 30,', Looks.PRETTY_JSON),
        ('{"level":30,"ti', Looks.BROKEN_JSON),
        ("> api@1.0.0 start", Looks.BANNER),
        ("Listening on 3000", Looks.TEXT),
        (f"{STAMP} GET /x 200 12 - 3.2 ms", Looks.MORGAN_TINY),
        ("{" * 50_000, Looks.TEXT),
    ],
)
def test_what_text_looks_like(text: str, looks: Looks) -> None:
    assert read_line(text, Names()).looks is looks


def test_names_of_the_profile_come_first() -> None:
    names = Names(("when",), ("how",), ("who.it",))
    line = json.dumps({"time": 1, "when": 2, "how": "x", "level": 1, "who": {"it": MARK}, "reqId": MARK})
    assert read_line(line, names, MARK) == LogLine(json=True, time="when", level="how", id="who.it")
