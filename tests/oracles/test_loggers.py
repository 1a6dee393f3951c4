"""What golive reads in lines that pino, winston, bunyan, morgan, structlog, loguru and Python's logging write."""

from __future__ import annotations

import io
import json
import logging
import subprocess
from pathlib import Path

import pytest
import structlog
from env_readers import NODE, PACKAGES
from loguru import logger
from pythonjsonlogger.json import JsonFormatter
from structlog import processors

from golive_checks.systems.logs.lines import LogLine, Names, read_line
from golive_checks.systems.logs.shapes import Looks

ID = "0c9e6a1d-5b3f-4a7e-9d21-8f6b4c2e1a70"
DOCKER = "2026-03-04T05:06:07.890123456Z "
HTTP_HEADER = "req.headers.x-request-id"


def read(time: str = "", level: str = "", key: str = "") -> LogLine:
    return LogLine(json=True, time=time, level=level, id=key)


def text(looks: Looks) -> LogLine:
    return LogLine(json=False, looks=looks)


OF_NODE = {
    "pino": read("time", "level", "reqId"),
    "pino, named": read("time", "severity", "trace_id"),
    "pino, nested": read("", "level", "payload.requestId"),
    "pino-http": read("time", "level", "req.id"),
    "pino-http, an id of its own": read("time", "level"),
    "bunyan": read("time", "level", "req_id"),
    "winston": read("", "level", "requestId"),
    "winston, timestamp": read("timestamp", "level", "requestId"),
    "winston, logstash": read("@timestamp", "@fields.level", "@fields.requestId"),
    "winston, simple": text(Looks.WINSTON),
    "morgan, combined": text(Looks.COMBINED),
    "morgan, common": text(Looks.COMBINED),
    "morgan, dev": text(Looks.MORGAN_DEV),
    "morgan, short": text(Looks.MORGAN_SHORT),
    "morgan, tiny": text(Looks.MORGAN_TINY),
}


def test_loggers_of_node() -> None:
    script = Path(__file__).parents[1] / "helpers/loggers.cjs"
    ran = subprocess.run([NODE, script, PACKAGES, ID], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    written = json.loads(ran.stdout)
    assert {name: read_line(line, Names(), ID) for name, line in written.items()} == OF_NODE
    assert read_line(DOCKER + written["pino"], Names(), ID) == OF_NODE["pino"]
    held = json.dumps({"log": written["pino"] + "\n", "stream": "stdout", "time": "2026"})
    assert read_line(held, Names(), ID) == OF_NODE["pino"]


STRUCTLOG = {
    "as JSON": ((processors.add_log_level, processors.TimeStamper("iso")), read("timestamp", "level", "request_id")),
    "in seconds": ((processors.add_log_level, processors.TimeStamper()), read("timestamp", "level", "request_id")),
    "bare": ((), read(key="request_id")),
    "under ts": (
        (processors.add_log_level, processors.TimeStamper("iso", key="ts")),
        read("ts", "level", "request_id"),
    ),
}


@pytest.mark.parametrize(("steps", "found"), STRUCTLOG.values(), ids=STRUCTLOG)
def test_structlog(steps: tuple[structlog.types.Processor, ...], found: LogLine) -> None:
    out = io.StringIO()
    chain = [*steps, processors.JSONRenderer()]
    structlog.wrap_logger(structlog.PrintLogger(out), processors=chain).bind(request_id=ID).info("done")
    assert read_line(out.getvalue(), Names(), ID) == found


def test_structlog_as_logfmt() -> None:
    out = io.StringIO()
    chain: list[structlog.types.Processor] = [processors.add_log_level, processors.LogfmtRenderer()]
    structlog.wrap_logger(structlog.PrintLogger(out), processors=chain).bind(request_id=ID).info("done")
    assert read_line(out.getvalue(), Names(), ID) == text(Looks.LOGFMT)


FORMATTERS = {
    "python-json-logger": (JsonFormatter(), read(key="request_id")),
    "python-json-logger, with a format": (
        JsonFormatter("%(asctime)s %(levelname)s %(message)s"),
        read("asctime", "levelname", "request_id"),
    ),
    "python-json-logger, renamed": (
        JsonFormatter("%(levelname)s", rename_fields={"levelname": "severity"}, timestamp=True),
        read("timestamp", "severity", "request_id"),
    ),
    "logging, as documented": (
        logging.Formatter("%(asctime)s - %(name)s - %(levelname)s - %(message)s"),
        text(Looks.PYTHON),
    ),
    "logging.basicConfig": (logging.Formatter(logging.BASIC_FORMAT), text(Looks.PYTHON)),
}


@pytest.mark.parametrize(("formatter", "found"), FORMATTERS.values(), ids=FORMATTERS)
def test_formatters_of_logging(formatter: logging.Formatter, found: LogLine) -> None:
    record = logging.makeLogRecord({"name": "shop", "levelno": 20, "levelname": "INFO", "msg": "x", "request_id": ID})
    assert read_line(formatter.format(record), Names(), ID) == found


@pytest.mark.parametrize(
    ("serialize", "found"),
    [(True, read("record.time", "record.level", "record.extra.request_id")), (False, text(Looks.PYTHON))],
)
def test_loguru(serialize: bool, found: LogLine) -> None:  # noqa: FBT001 - a parameter of the test
    out = io.StringIO()
    sink = logger.add(out, serialize=serialize)
    logger.bind(request_id=ID).info("done")
    logger.remove(sink)
    assert read_line(out.getvalue(), Names(), ID) == found
