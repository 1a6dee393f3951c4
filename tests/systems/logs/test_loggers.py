"""Lines as loggers print them by default, and as collectors and platforms hand them on."""

from __future__ import annotations

import json

import pytest

from golive_checks.systems.logs.lines import PREFIX_TIME, LogLine, Names, read_line
from golive_checks.systems.logs.shapes import Looks

MARK = "6f0d2c8e-9b1a-4c57-8f43-0a1b2c3d4e5f"
HEX = MARK.replace("-", "")
NOW = "2026-03-04T05:06:07.890Z"
PINO = json.dumps({"level": 30, "time": 1772600767890, "pid": 7, "hostname": "web1", "reqId": MARK, "msg": "done"})
FOUND = LogLine(json=True, time="time", level="level", id="reqId")

RECORDS = {
    "winston, Logstash's format": (
        {"@fields": {"level": "info", "requestId": MARK}, "@message": "x", "@timestamp": NOW},
        ("@timestamp", "@fields.level", "@fields.requestId"),
    ),
    "winston without a timestamp": ({"level": "info", "message": "x", "requestId": MARK}, ("", "level", "requestId")),
    "Roarr": (
        {"context": {"logLevel": 30, "requestId": MARK}, "message": "x", "sequence": "0", "time": 1, "version": "2"},
        ("time", "context.logLevel", "context.requestId"),
    ),
    "NestJS 11": (
        {"level": "log", "pid": 1, "timestamp": 1, "message": "x", "context": "App", "requestId": MARK},
        ("timestamp", "level", "requestId"),
    ),
    "LogTape": (
        {"@timestamp": NOW, "level": "INFO", "message": "x", "logger": "app", "properties": {"requestId": MARK}},
        ("@timestamp", "level", "properties.requestId"),
    ),
    "consola": ({"date": NOW, "args": ["x"], "type": "info", "level": 3, "reqId": MARK}, ("date", "level", "reqId")),
    "Lambda's JSON": (
        {"timestamp": NOW, "level": "INFO", "requestId": MARK, "message": "x"},
        ("timestamp", "level", "requestId"),
    ),
    "Azure Monitor's traces": (
        {"TimeGenerated": NOW, "SeverityLevel": 1, "OperationId": MARK, "Message": "x"},
        ("TimeGenerated", "SeverityLevel", "OperationId"),
    ),
    "Google's client for winston": (
        {
            "message": "x",
            "severity": "INFO",
            "timestamp": {"seconds": 1, "nanos": 5},
            "logging.googleapis.com/trace": f"projects/p/traces/{HEX}",
            "trace": MARK,
        },
        ("timestamp", "severity", "trace"),
    ),
    "python-json-logger as it is": ({"message": "x", "request_id": MARK}, ("", "", "request_id")),
    "json-log-formatter": (
        {"message": "x", "time": NOW, "levelname": "INFO", "correlation_id": MARK},
        ("time", "levelname", "correlation_id"),
    ),
    "ecs-logging": (
        {
            "@timestamp": NOW,
            "log.level": "info",
            "message": "x",
            "ecs": {"version": "1.6.0"},
            "log": {"logger": "root", "original": "x"},
            "http": {"request": {"id": MARK}},
        },
        ("@timestamp", "log.level", "http.request.id"),
    ),
    "OpenTelemetry in Python's logging": (
        {"asctime": NOW, "levelname": "INFO", "message": "x", "otelTraceID": MARK},
        ("asctime", "levelname", "otelTraceID"),
    ),
    "OpenTelemetry's console exporter on a line": (
        {"body": "x", "severity_number": 9, "observed_timestamp": NOW, "trace_id": f"0x{MARK}"},
        ("observed_timestamp", "severity_number", "trace_id"),
    ),
    "slog": ({"time": NOW, "level": "INFO", "msg": "x", "request_id": MARK}, ("time", "level", "request_id")),
    "slog with a group": (
        {"time": NOW, "level": "INFO", "msg": "x", "req": {"id": MARK, "method": "GET"}},
        ("time", "level", "req.id"),
    ),
    "logrus": ({"level": "info", "msg": "x", "time": NOW, "request_id": MARK}, ("time", "level", "request_id")),
    "zerolog with short names": ({"l": "info", "t": 1772600767, "m": "x", "req_id": MARK}, ("t", "l", "req_id")),
    "zap for Google Cloud": (
        {"severity": "INFO", "eventTime": NOW, "caller": "a.go:1", "message": "x", "traceId": MARK},
        ("eventTime", "severity", "traceId"),
    ),
    "Go kit's JSON": (
        {"caller": "a.go:1", "level": "info", "msg": "x", "ts": NOW, "trace_id": MARK},
        ("ts", "level", "trace_id"),
    ),
    "Apex": (
        {"fields": {"request_id": MARK}, "level": "info", "timestamp": NOW, "message": "x"},
        ("timestamp", "level", "fields.request_id"),
    ),
    "a time of its business below fields": (
        {"fields": {"date": NOW, "level": 3}, "reqId": MARK, "msg": "x"},
        ("", "", "reqId"),
    ),
    "Traefik": (
        {"StartUTC": NOW, "level": "info", "msg": "", "time": NOW, "request_X-Request-Id": MARK, "RouterName": "a"},
        ("StartUTC", "level", "request_X-Request-Id"),
    ),
    "tracing-subscriber with spans": (
        {
            "timestamp": NOW,
            "level": "INFO",
            "fields": {"message": "x"},
            "target": "a",
            "spans": [{"name": "http", "request_id": MARK}],
        },
        ("timestamp", "level", "spans.request_id"),
    ),
    "tracing-bunyan-formatter": (
        {"v": 0, "name": "a", "msg": "x", "level": 30, "hostname": "h", "pid": 1, "time": NOW, "request_id": MARK},
        ("time", "level", "request_id"),
    ),
    "log4rs": (
        {"time": NOW, "message": "x", "level": "INFO", "target": "a", "thread": "main", "mdc": {"request_id": MARK}},
        ("time", "level", "mdc.request_id"),
    ),
    "logstash-logback-encoder": (
        {
            "@timestamp": NOW,
            "@version": "1",
            "message": "x",
            "logger_name": "a",
            "level": "INFO",
            "level_value": 20000,
            "correlationId": MARK,
        },
        ("@timestamp", "level", "correlationId"),
    ),
    "log4j2's template for Google Cloud": (
        {"timestamp": NOW, "severity": "INFO", "message": "x", "logging.googleapis.com/labels": {"requestId": MARK}},
        ("timestamp", "severity", "logging.googleapis.com/labels.requestId"),
    ),
    "Quarkus": (
        {"timestamp": NOW, "sequence": 1, "loggerName": "a", "level": "INFO", "mdc": {"traceId": MARK}},
        ("timestamp", "level", "mdc.traceId"),
    ),
    "Open Liberty": (
        {"type": "liberty_message", "ibm_datetime": NOW, "loglevel": "INFO", "message": "x", "ext_requestId": MARK},
        ("ibm_datetime", "loglevel", "ext_requestId"),
    ),
    ".NET's console without TimestampFormat": (
        {"EventId": 0, "LogLevel": "Information", "Category": "a", "Message": "x", "Scopes": [{"TraceId": MARK}]},
        ("", "LogLevel", "Scopes.TraceId"),
    ),
    ".NET's activity": (
        {"Timestamp": NOW, "LogLevel": "Information", "Message": "x", "State": {"ActivityId": MARK}},
        ("Timestamp", "LogLevel", "State.ActivityId"),
    ),
    "Serilog for Elasticsearch": (
        {"@timestamp": NOW, "level": "Information", "message": "x", "fields": {"RequestId": MARK}},
        ("@timestamp", "level", "fields.RequestId"),
    ),
    "Monolog for Logstash": (
        {"@timestamp": NOW, "@version": 1, "message": "x", "level": "INFO", "extra": {"request_id": MARK}},
        ("@timestamp", "level", "extra.request_id"),
    ),
    "laminas-log": (
        {"timestamp": NOW, "priority": 6, "priorityName": "INFO", "message": "x", "extra": {"requestId": MARK}},
        ("timestamp", "priorityName", "extra.requestId"),
    ),
    "semantic_logger": (
        {
            "host": "h",
            "timestamp": NOW,
            "level": "info",
            "level_index": 2,
            "named_tags": {"request_id": MARK},
            "name": "Rails",
        },
        ("timestamp", "level", "named_tags.request_id"),
    ),
    "lograge for Logstash": (
        {"method": "GET", "status": 200, "@timestamp": NOW, "@version": "1", "message": "x", "request_id": MARK},
        ("@timestamp", "", "request_id"),
    ),
    "Ougai": (
        {"name": "a", "pid": 1, "level": 30, "time": NOW, "v": 0, "msg": "x", "request_id": MARK},
        ("time", "level", "request_id"),
    ),
    "Sidekiq": (
        {"ts": NOW, "pid": 1, "tid": "a", "lvl": "INFO", "msg": "start", "ctx": {"request_id": MARK}},
        ("ts", "lvl", "ctx.request_id"),
    ),
    "LoggerJSON": (
        {"time": NOW, "severity": "info", "message": "x", "metadata": {"request_id": MARK}},
        ("time", "severity", "metadata.request_id"),
    ),
    "LoggerJSON for Datadog": (
        {"message": "x", "syslog": {"severity": "info", "timestamp": NOW}, "request_id": MARK},
        ("syslog.timestamp", "syslog.severity", "request_id"),
    ),
    "katip": (
        {"at": NOW, "env": "production", "sev": "Info", "msg": "x", "data": {"request_id": MARK}},
        ("at", "sev", "data.request_id"),
    ),
    "a place and no time": ({"at": "app.js:10", "level": "info", "reqId": MARK}, ("", "level", "reqId")),
    "mulog": ({"mulog/timestamp": 1, "mulog/trace-id": MARK}, ("mulog/timestamp", "", "mulog/trace-id")),
    "a UUID of the request": (
        {"level": "info", "time": NOW, "request_uuid": MARK},
        ("time", "level", "request_uuid"),
    ),
    "a correlation": ({"level": "info", "time": NOW, "correlation": MARK}, ("time", "level", "correlation")),
    "Cloudflare's Logpush": (
        {"EventTimestampMs": 1, "Event": {"RayID": MARK}, "Outcome": "ok"},
        ("EventTimestampMs", "", "Event.RayID"),
    ),
    "OTLP with a header": (
        {
            "resourceLogs": [
                {
                    "scopeLogs": [
                        {
                            "logRecords": [
                                {
                                    "observedTimeUnixNano": "1",
                                    "severityNumber": 9,
                                    "body": {"stringValue": "x"},
                                    "attributes": [
                                        {
                                            "key": "http.request.header.x-request-id",
                                            "value": {"arrayValue": {"values": [{"stringValue": MARK}]}},
                                        }
                                    ],
                                }
                            ]
                        }
                    ]
                }
            ]
        },
        ("observedTimeUnixNano", "severityNumber", "attributes.http.request.header.x-request-id"),
    ),
}


@pytest.mark.parametrize(("record", "found"), RECORDS.values(), ids=RECORDS)
def test_a_record(record: dict[str, object], found: tuple[str, str, str]) -> None:
    line = read_line(json.dumps(record), Names(), MARK)
    assert (line.json, line.time, line.level, line.id) == (True, *found)


PREFIXES = {
    "docker service logs": "shop_api.1.x7k2m9q4w1@node1    | ",
    "docker service logs -t": f"{NOW} shop_api.1.x7k2m9q4w1@node1    | ",
    "a service called after a level": "error-tracker-1  | ",
    "podman logs --names": "0a1b2c3d4e5f ",
    "stern -t": "api-6d5f8c9b7f-x2x4z api 2026-03-04T05:06:07.890123456Z ",
    "kail": "shop/api-6d5f8c9b7f-x2x4z[api]: ",
    "concurrently, after a level": "[info-service] ",
    "journalctl -o short-delta": "[   12.345678 <    0.000123 >] web1 api[7]: ",
    "journalctl -o with-unit": "Wed 2026-03-04 05:06:07 UTC web1 api.service[7]: ",
    "Docker's syslog driver": "<30>Mar  4 05:06:07 0a1b2c3d4e5f[7]: ",
    "pm2 with a date of its documentation": "2026-03-04 05:06 +01:00: ",
    "TAI64N": "@400000006a0f1b2c3d4e5f60 ",
    "DigitalOcean": "api 2026-03-04T05:06:07.890123456Z ",
    "Scalingo": "2026-03-04 05:06:07.890123456 +0000 UTC [web-1] ",
    "Dokku": "2026-03-04T05:06:07.890123456Z app[web.1]: ",
    "App Engine": "2026-03-04 05:06:07 default[20260304t050607]  ",
    "Lambda for Python": f"[INFO]\t{NOW}\t00000000-0000-4000-8000-000000000000\t",
    "Azure's log stream": "2026-03-04T05:06:07.8901234Z ",
}


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
def test_behind_a_prefix(prefix: str) -> None:
    assert read_line(prefix + PINO, Names(), MARK) == FOUND


OF_THE_SERVICE = [
    f"[{MARK}] ",  # Rails' log_tags
    f"[{HEX}] ",
    "INFO | ",
    "INFO     | ",
    "info: ",
    f"{NOW} INFO  ",
    f"[{NOW}] INFO: ",
    "INFO:root:",
    f"{NOW}\tINFO\t",
]


@pytest.mark.parametrize("prefix", OF_THE_SERVICE)
def test_what_a_service_writes_before_its_json_is_text(prefix: str) -> None:
    assert not read_line(prefix + PINO, Names(), MARK).json


HELD = {
    "Docker's GELF driver": ("short_message", {"version": "1.1", "timestamp": 1.5, "level": 6, "_container_id": "a"}),
    "Fluent Bit": ("log", {"date": 1772600767.89}),
    "Fluent Bit, from Kubernetes": ("log", {"@timestamp": NOW, "stream": "stdout", "kubernetes": {"pod_name": "a"}}),
    "Filebeat": ("message", {"@timestamp": NOW, "@metadata": {"beat": "filebeat"}, "input": {"type": "log"}}),
    "logcli": ("line", {"labels": {"app": "api"}, "timestamp": NOW}),
    "Logs Insights": ("@message", {"@timestamp": NOW, "@ptr": "a"}),
    "Azure Container Apps": ("Log", {"TimeStamp": NOW}),
    "Azure Monitor": ("LogMessage", {"TimeGenerated": NOW, "PodName": "a", "LogSource": "stdout"}),
    "pm2 --json": ("message", {"timestamp": NOW, "type": "out", "process_id": 0, "app_name": "api"}),
    "Fly": ("message", {"event": {"provider": "app"}, "fly": {"region": "cdg"}, "timestamp": NOW}),
}


@pytest.mark.parametrize(("name", "around"), HELD.values(), ids=HELD)
def test_within_a_collectors_record(name: str, around: dict[str, object]) -> None:
    assert read_line(json.dumps({**around, name: PINO}), Names(), MARK) == FOUND
    assert not read_line(json.dumps({**around, name: f"done {MARK}"}), Names(), MARK).json


@pytest.mark.parametrize(
    "record",
    [
        {"msg": "x", "stream": "orders", "level": 30, "time": 1, "reqId": MARK},
        {"message": "x", "process_id": 7, "level": 30, "time": 1, "reqId": MARK},
        {"msg": '{"not": "a record of its own"}', "level": 30, "time": 1, "reqId": MARK},
    ],
)
def test_a_services_own_record_is_no_collectors(record: dict[str, object]) -> None:
    assert read_line(json.dumps(record), Names(), MARK) == FOUND


def test_a_runtimes_time_counts() -> None:
    line = json.dumps({"EventId": 0, "LogLevel": "Information", "Scopes": [{"TraceId": MARK}]})
    assert read_line(f"{NOW} {line}", Names(), MARK).time == PREFIX_TIME


PRINTED_AS_TEXT = {
    "2026-03-04 05:06:07,890 - shop.api - INFO - done": Looks.PYTHON,
    "INFO:shop.api:done": Looks.PYTHON,
    "2026-03-04 05:06:07.890 | INFO     | shop.api:main:7 - done": Looks.PYTHON,
    "[2026-03-04 05:06:07 +0000] [7] [INFO] Booting worker with pid: 8": Looks.GUNICORN,
    '127.0.0.1 - - [04/Mar/2026 05:06:07] "GET / HTTP/1.1" 200 -': Looks.WERKZEUG,
    '[04/Mar/2026 05:06:07] "GET / HTTP/1.1" 200 12': Looks.WERKZEUG,
    "05:06:07.890 [main] INFO  shop.Api - done": Looks.LOGBACK,
    "2026-03-04 05:06:07,890 [main] INFO shop.Api - done": Looks.LOGBACK,
    "2026-03-04T05:06:07.890+01:00  INFO 7 --- [shop] [main] shop.Api : done": Looks.SPRING,
    '[2026-03-04T05:06:07.890123+00:00] production.INFO: done {"id":1} []': Looks.LARAVEL,
    "I, [2026-03-04T05:06:07.890123 #7]  INFO -- : done": Looks.RUBY,
    "2026-03-04T05:06:07.890Z\tINFO\tshop/api.go:7\tdone": Looks.ZAP,
    "2026/03/04 05:06:07 done": Looks.GO,
    "I0304 05:06:07.890123       7 api.go:12] done": Looks.KLOG,
    "[05:06:07 INF] done": Looks.SERILOG,
    "info: Shop.Api[0]": Looks.DOTNET,
    "info: done": Looks.WINSTON,
    'time="2026-03-04T05:06:07Z" level=info msg=done': Looks.LOGFMT,
    "time=2026-03-04T05:06:07Z level=INFO msg=done": Looks.LOGFMT,
    "START RequestId: 00000000-0000-4000-8000-000000000000 Version: $LATEST": Looks.PLATFORM,
    "2026-03-04T05:06:07.890123+00:00 heroku[router]: at=info method=GET path=/ status=200": Looks.PLATFORM,
    f'2026-03-04T05:06:07.89+0000 [RTR/0] OUT shop.example - [{NOW}] "GET / HTTP/1.1" 200': Looks.PLATFORM,
    f"{NOW} proxy[148ed] cdg [info] machine started": Looks.PLATFORM,
}


@pytest.mark.parametrize(("text", "looks"), PRINTED_AS_TEXT.items())
def test_what_a_loggers_text_looks_like(text: str, looks: Looks) -> None:
    assert read_line(text, Names()) == LogLine(json=False, looks=looks)
