"""What a line of a log is: JSON or text, and under which names it has a time, a level and a request's id. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from golive_checks.systems.logs.shapes import Looks, looks_like
from golive_checks.systems.logs.wrapping import Unwrapped, unwrapped

TIME = frozenset(
    {"time", "timestamp", "ts", "t", "datetime", "date", "dt", "instant", "timemillis", "timeunixnano", "eventtime"}
    | {"observedtimeunixnano", "asctime", "starttime", "timeiso8601", "timelocal", "logtime", "writtenat"}
    | {"logtimestamp", "eventtimestamp", "timestampms", "timestampseconds", "publisheddate", "startutc", "msec"}
    | {"timegenerated", "ibmdatetime", "observedtimestamp", "eventtimestampms", "edgestarttimestamp"}
)
LEVEL = frozenset(
    {"level", "severity", "loglevel", "levelname", "lvl", "l", "severitytext", "severitynumber", "levelvalue"}
    | {"loglevelname", "loglevelid", "levelno", "logseverity", "levelstr", "leveltext"}
    | {"severitylevel", "sev", "priorityname"}
)
"""Names as loggers write them, without their case, `_`, `-`, `.` and `@`: pino, winston, bunyan, log4js, tslog,
NestJS; structlog, loguru, python-json-logger; zap, zerolog, logrus, slog, hclog; log4j2's layouts, logback, Quarkus;
Serilog, .NET's console, NLog; monolog; Elastic's schema, Google Cloud's entries, OTLP, GELF; nginx, Caddy, Envoy;
Azure Monitor, Open Liberty, katip, laminas-log."""
WITHIN = frozenset({"record", "log", "meta", "jsonpayload", "attributes", "syslog"})
"""Where a logger nests its time or its level, by path or by a dotted name: loguru, Elastic's schema, tslog, Google
Cloud's entries, OTLP, LoggerJSON for Datadog. What a service nests elsewhere may be a time of its business."""
OWN_PATHS = frozenset({"@fields.level", "context.logLevel"})
"""Where winston's Logstash format and Roarr put the level, below names that others use for data."""
WHEN = re.compile(r"\d{4}-\d\d-\d\dT")
"""What katip's `at` holds; elsewhere it may be a place."""
STATUS_LEVELS = frozenset({"debug", "info", "notice", "warn", "warning", "error", "critical", "alert", "emergency"})
"""What `status` says where it is a level (Datadog) and no HTTP status."""
ID_ENDS = ("requestid", "reqid", "correlationid", "traceid", "rayid", "transactionid", "operationid", "invocationid")
OTHER_ENDS = ("requestuuid", "requestguid", "activityid", "tracingid", "correlationuuid", "uniqueid")
IDS = frozenset({"rid", "uid", "id", "tr", "trace", "xamzntraceid", "traceparent", "cfray", "xcloudtracecontext"})
ID_OF = frozenset(
    {"req", "request", "trace", "transaction", "httprequest", "correlation", "context", "ctx", "dd", "span"}
)
"""Below which a plain `id` is a request's."""
HEADERS = frozenset({"headers", "requestheaders", "reqheaders"})
MAX_NESTED, MAX_VALUES, LONGEST_NAME = 6, 3000, 100
CLEF_LEVEL = "@l, which CLEF leaves out for Information"
"""https://clef-json.org: an absent @l implies the informational level."""
PREFIX_TIME = "the time before it"


@dataclass(frozen=True)
class LogLine:
    """A line without its content: whether it is JSON, and the name of what was looked for; empty where it has none."""

    json: bool
    time: str = ""
    level: str = ""
    id: str = ""
    looks: Looks | None = None
    """What a line of text looks like."""


@dataclass(frozen=True)
class Names:
    """The profile's own names, looked for before those that are known; `a.b` is b within a."""

    time: tuple[str, ...] = ()
    level: tuple[str, ...] = ()
    id: tuple[str, ...] = ()


def read_line(text: str, names: Names, mark: str = "") -> LogLine:
    """Read a line; `mark` is the id that is looked for."""
    found = unwrapped(text, mark)
    if found.record is None:
        return LogLine(json=False, looks=Looks.PLATFORM if found.of_platform else looks_like(found.text))
    records = [each for each in (found.record, found.around) if each is not None]
    return LogLine(
        json=True,
        time=_time(found, records, names.time),
        level=_first(records, names.level, _is_level) or _clef(found.record),
        id=next((name[:LONGEST_NAME] for each in records if mark and (name := _id(each, names.id, mark))), ""),
    )


def not_blank(lines: Iterable[str]) -> list[str]:
    """Return the lines that say something."""
    return [line for line in lines if line.strip()]


def _time(found: Unwrapped, records: list[Mapping[str, Any]], own: tuple[str, ...]) -> str:
    if name := _first(records, own, _is_time):
        return name
    if found.around and "__REALTIME_TIMESTAMP" in found.around:
        return "__REALTIME_TIMESTAMP"
    return PREFIX_TIME if found.stamped else ""


def _first(records: list[Mapping[str, Any]], own: tuple[str, ...], known: Callable[[str, Any], bool]) -> str:
    """Return the first name under which one of the records has a value: of the profile's, else of the known."""
    for record in records:
        if name := next((name for name in own if _filled(_at(record, name))), ""):
            return name
        for name, value in _shallow(record):
            if known(name, value) and _filled(value):
                return name
    return ""


def _is_time(name: str, value: Any) -> bool:
    return _known(name, TIME) or (name == "at" and isinstance(value, str) and bool(WHEN.match(value)))


def _is_level(name: str, value: Any) -> bool:
    if name in OWN_PATHS:
        return True
    if name == "status":
        return isinstance(value, str) and value.lower() in STATUS_LEVELS
    return _known(name, LEVEL)


def _known(name: str, names: frozenset[str]) -> bool:
    around, _, last = name.rpartition("/")[2].rpartition(".")
    return _plain(last) in names and (not around or _plain(around) in WITHIN)


def _clef(record: Mapping[str, Any]) -> str:
    return CLEF_LEVEL if "@t" in record and {"@m", "@mt", "@i"} & record.keys() else ""


def _shallow(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the names at the top, then those within what loggers nest them in."""
    yield from record.items()
    for name, value in record.items():
        if isinstance(value, dict):
            below = ((f"{name}.{inner}", each) for inner, each in value.items())
            yield from (pair for pair in below if _plain(name) in WITHIN or pair[0] in OWN_PATHS)


def _id(record: Mapping[str, Any], own: tuple[str, ...], mark: str) -> str:
    """Return the name under which the request's id stands.

    A header that is logged counts only where the line has no other id of a request: else the service goes by its own.
    """
    if name := next((name for name in own if mark in str(_at(record, name))), ""):
        return name
    places = [(path, value) for path, value in _deep(record) if _names_id(path)]
    fields = [(path, value) for path, value in places if not _in_headers(path)]
    if found := next((path for path, value in fields if mark in str(value)), ()):
        return ".".join(found)
    if any(_filled(value) for _, value in fields):
        return ""
    return ".".join(next((path for path, value in places if mark in str(value)), ()))


def _names_id(path: tuple[str, ...]) -> bool:
    last = _plain(path[-1].rpartition("/")[2])
    if last == "id":
        return len(path) == 1 or _plain(path[-2]) in ID_OF
    if last in ID_OF:  # `trace` alone, as Google Cloud names it
        return last in {"trace", "correlation"}
    dotted = path[-1].lower().split(".")
    return (
        last in IDS
        or last.endswith(ID_ENDS + OTHER_ENDS)
        or (dotted[-1] == "id" and len(dotted) > 1 and dotted[-2] in ID_OF)
    )


def _in_headers(path: tuple[str, ...]) -> bool:
    return any(_plain(part) in HEADERS for part in path[:-1])


def _deep(record: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every name in a record and below it, nearest first, with its value; an entry of a list has its list's."""
    waiting: list[tuple[tuple[str, ...], Any]] = [((), record)]
    for _ in range(MAX_VALUES):
        if not waiting:
            return
        path, here = waiting.pop(0)
        if path:
            yield path, "" if isinstance(here, dict) else here
        if isinstance(here, dict) and len(path) < MAX_NESTED:
            waiting += [((*path, str(name)), value) for name, value in here.items()]
        elif isinstance(here, list):
            waiting += [(path, each) for each in here if isinstance(each, dict | list)]


def _plain(name: str) -> str:
    return re.sub(r"[_\-.@ ]", "", name).lower()


def _at(found: Mapping[str, Any], name: str) -> Any:
    """Return what stands under a name, which may be a path such as req.id."""
    if name in found:
        return found[name]
    here: Any = found
    for part in name.split("."):
        here = here.get(part) if isinstance(here, dict) else None
    return here


def _filled(value: Any) -> bool:
    """Return whether a value says something; loguru, log4j2 and log4js write an object of several forms of it."""
    if isinstance(value, dict):
        return any(_filled(each) for each in value.values() if not isinstance(each, dict))
    return (isinstance(value, str) and bool(value.strip())) or (
        isinstance(value, int | float) and not isinstance(value, bool)
    )
