"""Takes a line of a log out of what runtimes and collectors put around it. Pure.

A runtime puts a prefix before the line (docker compose, kubectl, journald, pm2) or stores it as text within a JSON
record of its own (Docker's files, fluentd, `journalctl -o json`, OTLP). A service's own text before JSON, such as a
level, is not taken away: no collector takes it away either.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
REQUEST = re.compile(r"^\[[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\]|^\[[\da-f]{32}\]")
"""A request's id in brackets, as Rails' log_tags write it: a text of the service's own."""
MAX_LINE, MAX_PREFIXES = 64_000, 4

STAMP = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d)(?: UTC)?)?"
SYSLOG_DATE = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})?"
SINCE_START = r"\[ *\d+\.\d{1,9}(?: <[ \d.]{1,40}>)?\]"
JOURNAL_DATE = rf"{SYSLOG_DATE}|(?:[A-Z][a-z]{{2}} )?{STAMP}(?: [A-Z]{{3,5}})?|{SINCE_START}|\d{{10}}\.\d{{3,6}}"
NO_LEVEL = r"(?!(?i:trace|debug|info|information|notice|warn|warning|error|fatal|critical)(?![\w.@/-]))"
"""What stands where a host or a program would, and is the service's own level."""
TAG = NO_LEVEL + r"[\w./@-]{1,200}(?:\[[\w.:-]{1,100}\])?: "
PREFIXES = tuple(
    re.compile(pattern)
    for pattern in (
        # docker compose, pm2, foreman
        r"(?:\d\d:\d\d:\d\d )?" + NO_LEVEL + r"(?!\|)[^\s\"{]{1,200} {0,200}\| ",
        # kubectl logs --prefix; concurrently, kubetail
        r"\[pod/[^\s\]]{1,300}\] ",
        r"\[" + NO_LEVEL + r"[a-z\d][\w.:-]{0,200}\] (?=\{)",
        # stern: a pod, whose random end has no vowels, and a container; kail
        r"[a-z\d.-]{1,200}-(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\d{1,3}) [a-z\d-]{1,100} (?=\{|\d{4}-\d\d-\d\dT)",
        r"[a-z\d.-]{1,100}/[a-z\d.-]{1,200}\[[a-z\d-]{1,100}\]: ",
        # podman logs --names; daemontools' and s6's TAI64N; the component of a DigitalOcean app before its time
        r"[\da-f]{12} (?=\{)",
        r"(?P<tai>@[\da-f]{24}) ",
        NO_LEVEL + r"[a-z][a-z\d-]{0,100} (?=\d{4}-\d\d-\d\dT[\d:]{8}\.\d{1,9}Z \{)",
        # syslog, RFC 5424
        rf"<\d{{1,3}}>1 (?P<rfc5424>{STAMP}) \S+ \S+ \S+ \S+ (?:-|\[[^\]]{{0,2000}}\]) \ufeff?",
        # the container runtimes of Kubernetes (CRI)
        rf"(?P<cri>{STAMP}) (?:stdout|stderr) [FP] ",
        # Cloud Foundry; Fly
        rf"(?P<cf>{STAMP}) \[[A-Z]+/[\w/-]{{1,100}}\] (?:OUT|ERR) ",
        rf"(?P<fly>{STAMP}) \w{{1,100}}\[\w{{1,100}}\] \w{{3}} \[\w{{1,20}}\] ?",
        # AWS Lambda's text format; aws logs tail
        rf"(?P<lambda>{STAMP})\t[\da-f-]{{36}}\t[A-Z]{{4,5}}\t",
        rf"\[[A-Z]{{4,8}}\]\t(?P<python>{STAMP})\t[\da-f-]{{36}}\t",
        rf"(?P<tail>{STAMP}) [\w.-]{{1,100}}/[^\s{{]{{1,300}} (?=\{{)",
        # journalctl's short formats, syslog's files, Heroku, fluentd's stdout
        rf"(?:<\d{{1,3}}>)?(?P<syslog>{JOURNAL_DATE}) (?:{NO_LEVEL}[\w.:-]{{1,255}} )?{TAG}",
        # gcloud app logs tail
        rf"(?P<gae>{STAMP}) [a-z][\w-]{{0,100}}\[\w{{1,100}}\] {{1,2}}",
        # pm2, with the log_date_format of its documentation
        r"(?P<pm2>\d{4}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d): ",
        # fluentd's out_file; pm2 logs --format
        rf"(?P<out>{STAMP})\t{NO_LEVEL}[\w.*-]{{1,200}}\t(?=\{{)",
        r"timestamp=(?P<format>\S{10,40}) app=\S{1,200} id=\d{1,9} type=\w{1,20} message=(?=\{)",
        # docker logs -t, kubectl logs --timestamps, pm2 with a date
        rf"(?P<stamp>{STAMP})(?:: |[ \t]+)",
    )
)
OF_COLLECTORS = ("MESSAGE", "log", "message", "short_message", "@message", "Log", "LogMessage", "Log_s")
TEXT_WITHIN = (*OF_COLLECTORS, "msg", "_entry", "line", "body")
"""Under which a record holds the line that the service wrote: journald; Docker, fluentd; Vector, Filebeat; GELF, as
Docker sends it; CloudWatch Logs Insights; Azure Container Apps, and Azure Monitor's ContainerLogV2."""
COLLECTORS = frozenset(
    {"__REALTIME_TIMESTAMP", "_SYSTEMD_UNIT", "container_id", "container_name", "kubernetes", "source_type"}
    | {"textPayload", "insertId", "logGroup", "logStream", "ingestionTime", "docker", "_container_id", "@metadata"}
    | {"ContainerId", "PodName", "fly"}
)
"""What only a collector's record has; where its text is not JSON, the service wrote text."""
ALONE = frozenset({"date", "time", "timestamp", "@timestamp", "source", "tag", "TimeStamp", "labels", "@ptr"})
LINE = frozenset({"log", "line", "Log", "@message"})
"""What a collector's smallest record has beside the line: Fluent Bit, logcli, Insights, az containerapp logs."""
PLATFORM = re.compile(
    r"heroku\[(?:router|web|worker|api)|\[(?:RTR|API|STG|CELL|LGR)/\d|(?:proxy|runner)\[\w+\] \w{3} \["
)
"""The prefix of a line that the platform wrote, and no service: Heroku, Cloud Foundry, Fly."""


@dataclass(frozen=True)
class Unwrapped:
    """What the service wrote."""

    record: Mapping[str, Any] | None
    """The line as a JSON object; None where it is text."""
    text: str = ""
    """The line without its prefix."""
    around: Mapping[str, Any] | None = None
    """The collector's record around it."""
    stamped: bool = False
    """Whether a prefix has a time."""
    of_platform: bool = False
    """Whether its prefix says that the platform wrote it."""


def unwrapped(line: str, mark: str = "") -> Unwrapped:
    """Take a line out of its wrapping; of a batch of records the one that holds `mark`."""
    text, stamped, of_platform = COLOURS.sub("", line[:MAX_LINE]).strip(), False, False
    for _ in range(MAX_PREFIXES):
        found = next((m for pattern in PREFIXES if (m := pattern.match(text))), None)
        if found is None or REQUEST.search(found[0]) or (mark and mark in found[0]):
            break
        of_platform = of_platform or bool(PLATFORM.search(found[0]))
        text, stamped = text[found.end() :].lstrip(), stamped or bool(found.lastgroup)
    record = _parsed(text)
    if record is None:
        return Unwrapped(None, text, stamped=stamped, of_platform=of_platform)
    return _from_record(record, text, mark, stamped=stamped)


def _from_record(record: Mapping[str, Any], text: str, mark: str, *, stamped: bool) -> Unwrapped:
    """Take the service's line out of a record that a collector made of it."""
    if any(name in record for name in ("resourceLogs", "resource_logs")):
        return Unwrapped(_of_otlp(record, mark), text, stamped=stamped)
    for name in TEXT_WITHIN:
        written = _written(record.get(name))
        if written is None:
            continue
        inner = _parsed(COLOURS.sub("", written).strip())
        if inner is not None or (name in OF_COLLECTORS and _is_collectors(record)) or _holds_a_line(record, name):
            return Unwrapped(inner, written, record, stamped)
    if "textPayload" in record:  # Google Cloud's LogEntry of a line of text
        return Unwrapped(_parsed(str(record["textPayload"]).strip()), str(record["textPayload"]), record, stamped)
    return Unwrapped(record, text, stamped=stamped)


def _is_collectors(record: Mapping[str, Any]) -> bool:
    return (
        bool(COLLECTORS & record.keys())
        or record.get("stream") in {"stdout", "stderr"}
        or {"app_name", "process_id"} <= record.keys()  # pm2 logs --json
    )


def _holds_a_line(record: Mapping[str, Any], name: str) -> bool:
    return name in LINE and record.keys() <= {name, *ALONE}


def _written(value: Any) -> str | None:
    """Return a line held as text, or as the bytes that journald lists where a line has unprintable ones."""
    if isinstance(value, list) and value and all(isinstance(n, int) and 0 <= n < 256 for n in value):  # noqa: PLR2004 - a byte
        return bytes(value).decode("utf-8", "replace")
    return value if isinstance(value, str) else None


def _parsed(text: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(text) if text.startswith("{") else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _of_otlp(batch: Mapping[str, Any], mark: str) -> Mapping[str, Any]:
    """Return a record of an OTLP batch (opentelemetry-proto, logs.proto as JSON): the marked one, else the first."""
    records = [
        record
        for resource in _objects(batch.get("resourceLogs", batch.get("resource_logs")))
        for scope in _objects(resource.get("scopeLogs", resource.get("scope_logs")))
        for record in _objects(scope.get("logRecords", scope.get("log_records")))
    ]
    chosen = next((r for r in records if mark and mark in json.dumps(r)), next(iter(records), {}))
    return {
        **chosen,
        "attributes": {str(a.get("key")): _any(a.get("value")) for a in _objects(chosen.get("attributes"))},
    }


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _any(value: Any) -> Any:
    """Return what an AnyValue holds; of an array its values."""
    held = next(iter(value.values()), None) if isinstance(value, dict) else None
    if isinstance(held, dict):
        return [_any(each) for each in _objects(held.get("values"))]
    return held
