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
MAX_LINE, MAX_PREFIXES = 64_000, 4

STAMP = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?"
SYSLOG_DATE = r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})?"
JOURNAL_DATE = rf"{SYSLOG_DATE}|(?:[A-Z][a-z]{{2}} )?{STAMP}(?: [A-Z]{{3,5}})?|\[ *\d+\.\d{{1,9}}\]|\d{{10}}\.\d{{3,6}}"
NO_LEVEL = r"(?!(?i:trace|debug|info|information|notice|warn|warning|error|fatal|critical)\b)"
"""What stands where a host or a program would, and is the service's own level."""
TAG = NO_LEVEL + r"[\w./@-]{1,200}(?:\[[\w.:-]{1,100}\])?: "
PREFIXES = tuple(
    re.compile(pattern)
    for pattern in (
        # docker compose, pm2, foreman
        r"(?:\d\d:\d\d:\d\d )?[^\s\"{]{1,200} {0,200}\| ",
        # kubectl logs --prefix; concurrently, kubetail
        r"\[pod/[^\s\]]{1,300}\] ",
        r"\[" + NO_LEVEL + r"[a-z\d][\w.:-]{0,200}\] (?=\{)",
        # stern: a pod, whose random end has no vowels, and a container
        r"[a-z\d.-]{1,200}-(?:[bcdfghjklmnpqrstvwxz2456789]{5}|\d{1,3}) [a-z\d-]{1,100} (?=\{)",
        # syslog, RFC 5424
        rf"<\d{{1,3}}>1 (?P<rfc5424>{STAMP}) \S+ \S+ \S+ \S+ (?:-|\[[^\]]{{0,2000}}\]) \ufeff?",
        # the container runtimes of Kubernetes (CRI)
        rf"(?P<cri>{STAMP}) (?:stdout|stderr) [FP] ",
        # Cloud Foundry; Fly
        rf"(?P<cf>{STAMP}) \[[A-Z]+/[\w/-]{{1,100}}\] (?:OUT|ERR) ",
        rf"(?P<fly>{STAMP}) \w{{1,100}}\[\w{{1,100}}\] \w{{3}} \[\w{{1,20}}\] ?",
        # AWS Lambda's text format; aws logs tail
        rf"(?P<lambda>{STAMP})\t[\da-f-]{{36}}\t[A-Z]{{4,5}}\t",
        rf"(?P<tail>{STAMP}) [\w.-]{{1,100}}/[^\s{{]{{1,300}} (?=\{{)",
        # journalctl's short formats, syslog's files, Heroku, fluentd's stdout
        rf"(?:<\d{{1,3}}>)?(?P<syslog>{JOURNAL_DATE}) (?:{NO_LEVEL}[\w.:-]{{1,255}} )?{TAG}",
        # docker logs -t, kubectl logs --timestamps, pm2 with a date
        rf"(?P<stamp>{STAMP})(?:: |[ \t]+)",
    )
)
TEXT_WITHIN = ("MESSAGE", "log", "message", "msg", "_entry", "line", "body")
"""Under which a record holds the line that the service wrote: journald; Docker, fluentd; Vector, Filebeat."""
COLLECTORS = frozenset(
    {"__REALTIME_TIMESTAMP", "_SYSTEMD_UNIT", "stream", "container_id", "container_name", "kubernetes", "source_type"}
    | {"textPayload", "insertId", "logGroup", "logStream", "ingestionTime", "docker"}
)
"""What only a collector's record has; where its text is not JSON, the service wrote text."""


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


def unwrapped(line: str, mark: str = "") -> Unwrapped:
    """Take a line out of its wrapping; of a batch of records the one that holds `mark`."""
    text, stamped = COLOURS.sub("", line[:MAX_LINE]).strip(), False
    for _ in range(MAX_PREFIXES):
        found = next((m for pattern in PREFIXES if (m := pattern.match(text))), None)
        if found is None:
            break
        text, stamped = text[found.end() :].lstrip(), stamped or bool(found.lastgroup)
    record = _parsed(text)
    if record is None:
        return Unwrapped(None, text, stamped=stamped)
    if any(name in record for name in ("resourceLogs", "resource_logs")):
        return Unwrapped(_of_otlp(record, mark), text, stamped=stamped)
    for name in TEXT_WITHIN:
        written = _written(record.get(name))
        if written is None:
            continue
        inner = _parsed(COLOURS.sub("", written).strip())
        if inner is not None or (name in {"MESSAGE", "log", "message"} and COLLECTORS & record.keys()):
            return Unwrapped(inner, written, record, stamped)
    if "textPayload" in record:  # Google Cloud's LogEntry of a line of text
        return Unwrapped(_parsed(str(record["textPayload"]).strip()), str(record["textPayload"]), record, stamped)
    return Unwrapped(record, text, stamped=stamped)


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
    named = {str(a.get("key")): next(iter(_values(a.get("value"))), None) for a in _objects(chosen.get("attributes"))}
    return {**chosen, "attributes": named}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _values(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []
