"""Lines as many programs write them, by their documentation: where each has its time, its level, and a request's id."""

from __future__ import annotations

import json
from typing import Any

import pytest

from golive_checks.systems.logs.lines import LogLine, Names, read_line
from golive_checks.systems.logs.shapes import Looks

MARK = "b7c2-4411"
AT = "2026-03-04T05:06:07.123Z"
INNER = json.dumps({"level": 30, "time": 1, "reqId": MARK})

RECORDS: dict[str, tuple[Any, tuple[str, str, str]]] = {
    "NLog": (
        {"time": AT, "level": "INFO", "logger": "A", "properties": {"RequestId": MARK}},
        ("time", "level", "properties.RequestId"),
    ),
    ".NET's console without a timestamp": (
        {"EventId": 0, "LogLevel": "Information", "Category": "Api", "Scopes": [{"RequestId": MARK}]},
        ("", "LogLevel", "Scopes.RequestId"),
    ),
    "Serilog's spans": (
        {"@t": AT, "@mt": "x", "@l": "Warning", "@tr": MARK, "@sp": "b7ad"},
        ("@t", "@l", "@tr"),
    ),
    "log4j2, LogstashJsonEventLayoutV1": (
        {"mdc": {"requestId": MARK}, "@version": 1, "@timestamp": AT, "level": "INFO", "logger_name": "A"},
        ("@timestamp", "level", "mdc.requestId"),
    ),
    "Quarkus": (
        {"timestamp": AT, "sequence": 1, "loggerName": "A", "level": "INFO", "mdc": {"traceId": MARK}, "ndc": ""},
        ("timestamp", "level", "mdc.traceId"),
    ),
    "Google Cloud, seconds": (
        {"severity": "INFO", "timestampSeconds": 1, "timestampNanos": 2, "labels": {"request_id": MARK}},
        ("timestampSeconds", "severity", "labels.request_id"),
    ),
    "OpenTelemetry's console (Python)": (
        {"body": "x", "severity_number": 9, "attributes": {"request_id": MARK}, "timestamp": AT, "trace_id": "0x0"},
        ("timestamp", "severity_number", "attributes.request_id"),
    ),
    "monolog, Logstash": (
        {"@timestamp": AT, "@version": 1, "channel": "app", "level": "INFO", "extra": {"uid": MARK}},
        ("@timestamp", "level", "extra.uid"),
    ),
    "logrus with other names": (
        {"@level": "info", "@message": "x", "@timestamp": AT, "req_id": MARK},
        ("@timestamp", "@level", "req_id"),
    ),
    "zap, in development": ({"L": "INFO", "T": AT, "C": "a.go:1", "M": "x", "reqId": MARK}, ("T", "L", "reqId")),
    "slog with a group": (
        {"time": AT, "level": "INFO", "msg": "x", "request": {"id": MARK}},
        ("time", "level", "request.id"),
    ),
    "structlog without a time": ({"event": "x", "level": "info", "request_id": MARK}, ("", "level", "request_id")),
    "tracing-subscriber": (
        {"timestamp": AT, "level": "INFO", "fields": {"message": "x"}, "span": {"request_id": MARK, "name": "request"}},
        ("timestamp", "level", "span.request_id"),
    ),
    "lograge": ({"method": "GET", "path": "/", "status": 200, "request_id": MARK}, ("", "", "request_id")),
    "Phoenix, logger_json": (
        {"time": AT, "severity": "info", "message": "x", "metadata": {"request_id": MARK}},
        ("time", "severity", "metadata.request_id"),
    ),
    "Phoenix, for Datadog": (
        {"message": "x", "syslog": {"timestamp": AT, "severity": "info"}, "request_id": MARK},
        ("syslog.timestamp", "syslog.severity", "request_id"),
    ),
    "nginx": ({"time_iso8601": AT, "status": "200", "request_id": MARK}, ("time_iso8601", "", "request_id")),
    "HAProxy": ({"time": AT, "http_status": 200, "unique_id": MARK}, ("time", "", "unique_id")),
    "Cloudflare's Logpush": ({"EdgeStartTimestamp": AT, "RayID": MARK}, ("EdgeStartTimestamp", "", "RayID")),
    "pm2 logs --json": (
        {"message": INNER + "\n", "timestamp": AT, "type": "out", "process_id": 0, "app_name": "api"},
        ("time", "level", "reqId"),
    ),
    "pm2 logs --format": (
        f"timestamp=2026-03-04-05:06:07+0000 app=api id=0 type=out message={INNER}",
        ("time", "level", "reqId"),
    ),
    "fluentd's files": (f"2026-03-04T05:06:07+00:00\tdocker.api\t{INNER}", ("time", "level", "reqId")),
    "fluentd's files, its time alone": (
        f'2026-03-04T05:06:07+00:00\tdocker.api\t{{"level":30,"reqId":"{MARK}"}}',
        ("the time before it", "level", "reqId"),
    ),
    "a time of business": (
        {"msg": "x", "delivery": {"time": AT}, "order": {"level": "gold"}, "request_id": MARK},
        ("", "", "request_id"),
    ),
    "an id in the message alone": ({"level": 30, "time": 1, "msg": f"GET / {MARK}"}, ("time", "level", "")),
    "an id of something else": ({"level": 30, "time": 1, "userId": MARK}, ("time", "level", "")),
    "nothing in it": ({"level": "", "time": None, "reqId": MARK}, ("", "", "reqId")),
}


@pytest.mark.parametrize(("record", "found"), RECORDS.values(), ids=RECORDS)
def test_a_record(record: Any, found: tuple[str, str, str]) -> None:
    line = record if isinstance(record, str) else json.dumps(record)
    assert read_line(line, Names(), MARK) == LogLine(json=True, time=found[0], level=found[1], id=found[2])


@pytest.mark.parametrize(
    ("text", "looks"),
    [
        ("05:06:07.123 request_id=abc user=1 [info] GET /", Looks.ELIXIR),
        ("2026-03-04T05:06:07.123456Z  INFO api::routes: listening", Looks.RUST),
        ("[2026-03-04T05:06:07Z INFO  api] started", Looks.RUST),
        ("[2026-03-04 05:06:07,123: INFO/MainProcess] Task x succeeded", Looks.CELERY),
        ("[04-Mar-2026 05:06:07 UTC] PHP Warning:  x in /a.php on line 1", Looks.PHP),
        ("5:06AM INF listening port=3000", Looks.ZEROLOG),
        ("[2026-03-04T05:06:07.123] [INFO] default - started", Looks.LOG4JS),
        ("[Wed Mar 04 05:06:07.123456 2026] [core:error] [pid 1:tid 2] AH00124", Looks.APACHE_ERROR),
        (" \u2713 Ready in 412ms", Looks.NEXT),
        (" GET /api/health 200 in 12ms", Looks.NEXT),
        ("2026-03-04T05:06:07.123Z pid=1 tid=abc class=HardJob jid=1 INFO: start", Looks.SIDEKIQ),
        ("Mar 04, 2026 5:06:07 AM com.acme.Api main", Looks.JAVA),
        ("04-Mar-2026 05:06:07.123 INFO [main] org.apache.catalina.startup.Catalina.start", Looks.JAVA),
        ("10.0.1.2:33317 [04/Mar/2026:05:06:07.655] http-in static/srv1 10/0/30/69/109 200 2750", Looks.HAPROXY),
        ("{ reqId: 'abc', msg: 'x' }", Looks.INSPECTED),
        ("2026-03-04T05:06:07.123Z [info     ] started        port=3000", Looks.BRACKETS),
    ],
)
def test_what_a_line_of_text_looks_like(text: str, looks: Looks) -> None:
    assert read_line(text, Names()).looks is looks
