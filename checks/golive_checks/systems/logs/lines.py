"""What a line of a log is: JSON or text, and under which names it has a time, a level and a request's id. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TIME_KEYS = ("time", "timestamp", "@timestamp", "ts", "datetime", "date", "eventTime")
LEVEL_KEYS = ("level", "severity", "log.level", "logLevel", "loglevel", "levelname", "lvl", "@l", "level_name")
ID_KEYS = (
    *("reqId", "req.id", "requestId", "request_id", "request.id", "http.request.id", "req_id", "rid"),
    *("correlationId", "correlation_id", "traceId", "trace_id", "trace.id", "x-request-id", "id", "context.requestId"),
)
"""The names of pino, pino-http, winston, bunyan, NestJS, structlog, zap, slog, log4j, Serilog and Elastic's schema."""
WRAPPERS = {"MESSAGE": "__REALTIME_TIMESTAMP", "log": "stream"}
"""Under which journalctl -o json, and fluent-bit and Docker's own files, hold the line that the app wrote; and what
stands beside it there."""
PREFIX = re.compile(r"\S+ +\| |\S+ (?:stdout|stderr) [FP] |\[pod/\S+\] ")
"""What docker compose logs, the container runtimes of Kubernetes and kubectl logs --prefix put before a line."""
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
MAX_LINE = 64_000


@dataclass(frozen=True)
class LogLine:
    """A line without its content: whether it is JSON, and the name of what was looked for; empty where it has none."""

    json: bool
    time: str = ""
    level: str = ""
    id: str = ""


@dataclass(frozen=True)
class Names:
    """Under which names to look, the profile's own before those that are known."""

    time: tuple[str, ...] = TIME_KEYS
    level: tuple[str, ...] = LEVEL_KEYS
    id: tuple[str, ...] = ID_KEYS


def read_line(text: str, names: Names, mark: str = "") -> LogLine:
    """Read a line; `mark` is the id that is looked for."""
    found = _object(text)
    if found is None:
        return LogLine(json=False)
    return LogLine(
        json=True,
        time=next((name for name in names.time if _told(_at(found, name))), ""),
        level=next((name for name in names.level if _told(_at(found, name))), ""),
        id=next((name for name in names.id if mark and mark in str(_at(found, name))), ""),
    )


def said(lines: Iterable[str]) -> list[str]:
    """Return the lines that say something."""
    return [line for line in lines if line.strip()]


def _object(text: str) -> Mapping[str, Any] | None:
    """Return the JSON object that the app wrote, out of what its runtime has wrapped around it."""
    line = COLOURS.sub("", text[:MAX_LINE]).strip()
    if prefix := PREFIX.match(line):
        line = line[prefix.end() :]
    found = _parsed(line)
    for wrapper, beside in WRAPPERS.items():
        inner = found.get(wrapper) if found and beside in found else None
        if isinstance(inner, str):
            return _parsed(inner.strip())
    return found


def _parsed(text: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text) if text.startswith("{") else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _at(found: Mapping[str, Any], name: str) -> Any:
    """Return what stands under a name, which may be a path such as req.id."""
    if name in found:
        return found[name]
    here: Any = found
    for part in name.split("."):
        here = here.get(part) if isinstance(here, dict) else None
    return here


def _told(value: Any) -> bool:
    return (isinstance(value, str) and bool(value.strip())) or (
        isinstance(value, int | float) and not isinstance(value, bool)
    )
