"""A request with an id of golive's own, and what the log says of it."""

import asyncio
import datetime as dt
import time
import uuid
from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.aws.client.aws import AwsSettings
from golive_checks.systems.http.front import HostDoor
from golive_checks.systems.logs.lines import LogLine, Names, not_blank, read_line
from golive_checks.systems.logs.settings import Logs
from golive_checks.systems.logs.sources import LogSources, called

FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 3.0
SKEW = dt.timedelta(minutes=2)
"""By how much a log's clock may be behind golive's."""
MAX_LINES, RECENT = 20, 50
GATEWAY_FAILED = frozenset({502, 503, 504})
"""A proxy's own answers where the app did not (RFC 9110, section 15.6)."""


@dataclass(frozen=True)
class RequestLog(Fact):
    """The lines that hold the request's id, and the newest ones of the log; without their contents."""

    source: str = ""
    """Empty where the profile names none."""
    path: str = ""
    status: int = 0
    lines: tuple[LogLine, ...] = ()
    recent: tuple[LogLine, ...] = ()
    waited_s: float = 0.0


def _mark(header: str) -> tuple[str, str]:
    """Make up an id, and return it as it is looked for and as the header bears it."""
    mark = uuid.uuid4()
    if header.lower() == "traceparent":
        return mark.hex, f"00-{mark.hex}-{mark.hex[:16]}-01"  # W3C Trace Context, section 3.2
    return str(mark), str(mark)


def _requests(ask: Logs) -> int:
    return int(bool(called(ask)))


@probe("logs.request-log", requests=_requests)
async def request_log(
    host: Host,
    door: HostDoor,
    ask: Logs,
    aws: AwsSettings,
    sources: LogSources,
) -> RequestLog:
    """Send a request with an id of its own, and look for it in the log."""
    source = called(ask)
    if not source:
        return RequestLog()
    since = dt.datetime.now(dt.UTC) - SKEW
    await sources.lines(ask, aws, since)  # what cannot be read is not worth a request
    sought, value = _mark(ask.header)
    path = ask.path or host.api_path or "/"
    got = await door.get_anew(path, {ask.header.lower(): value, "cache-control": "no-cache"})
    if got.status in GATEWAY_FAILED:
        raise Unavailable(f"{path} answers {got.status}: the request has not reached the app")
    names = Names(ask.time_keys, ask.level_keys, ask.id_keys)
    sent, wait, lines = time.monotonic(), FIRST_WAIT_S, list[str]()
    last = False
    while not lines and not last:
        await asyncio.sleep(min(wait, max(0.0, sent + ask.watch_s - time.monotonic())))
        wait = min(2 * wait, LONGEST_WAIT_S)
        last = time.monotonic() - sent >= ask.watch_s  # as the look begins: a slow one is followed by one in time
        lines = [line for line in await sources.lines(ask, aws, since, sought) if sought in line]
    newest = not_blank(await sources.lines(ask, aws, since))
    return RequestLog(
        source,
        path,
        got.status,
        tuple(read_line(line, names, sought) for line in lines[-MAX_LINES:]),
        tuple(read_line(line, names, sought) for line in newest[-RECENT:]),
        round(time.monotonic() - sent, 2),
    )
