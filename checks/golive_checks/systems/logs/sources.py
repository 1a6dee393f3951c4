"""Reads the newest lines of a log, wherever it is."""

import asyncio
import datetime as dt
import itertools
from pathlib import PurePath

from golive import Client, Unavailable
from golive_checks.systems.aws.client.aws import AwsSettings
from golive_checks.systems.aws.client.cloudwatch import CloudWatchLogs
from golive_checks.systems.logs.settings import Logs, LokiLogs
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.machine.client.files import read_tail
from golive_checks.systems.vendors.client.answer import JsonPart, failed_at
from golive_checks.systems.vendors.client.client import Vendor, VendorApi, basic

TAIL_BYTES = 2_000_000
LOKI_LINES = 500
QUERY_PATH = "/loki/api/v1/query_range"
"""https://grafana.com/docs/loki/latest/reference/loki-http-api/#query-logs-within-a-range-of-time"""


def called(ask: Logs) -> str:
    """Name a source for a reader; empty where the profile names none."""
    if ask.file:
        return PurePath(ask.file).name
    if ask.command:
        return f"what {PurePath(ask.command[0]).name} prints"
    return f"the log group {ask.cloudwatch}" if ask.cloudwatch else "Loki" if ask.loki else ""


class LogSources(Client):
    """Reads every kind of source."""

    def __init__(self, command: CommandRunner, cloudwatch: CloudWatchLogs, vendor: Vendor) -> None:
        self._command = command
        self._cloudwatch = cloudwatch
        self._vendor = vendor
        self._turn = itertools.count(1)

    async def lines(self, ask: Logs, aws: AwsSettings, since: dt.datetime, containing: str = "") -> list[str]:
        """Return the newest lines, those since a moment at least; of a service, only those that hold a text.

        Raises:
            Unavailable: the source cannot be read.
        """
        if ask.file:
            data = await asyncio.to_thread(read_tail, ask.file, TAIL_BYTES)
            return data.decode("utf-8", "replace").split("\n")
        if ask.cloudwatch:
            return await self._cloudwatch.lines(ask.cloudwatch, since, containing, aws)
        if ask.loki:
            return await self._loki(ask.loki, since, containing)
        ran = await self._command.run(ask.command, again=next(self._turn))
        if ran.code:
            raise Unavailable(f"{called(ask)}: it ended with code {ran.code}", fix="Run security.logs.command by hand.")
        # docker logs prints what a container wrote to its standard error on its own
        return [*ran.stdout.decode("utf-8", "replace").split("\n"), *ran.stderr.decode("utf-8", "replace").split("\n")]

    async def _loki(self, of: LokiLogs, since: dt.datetime, containing: str) -> list[str]:
        headers = {"x-scope-orgid": of.tenant} if of.tenant else {}
        if of.basic:
            user, _, password = of.basic.get_secret_value().partition(":")
            headers["authorization"] = basic(user, type(of.basic)(password))
        elif token := of.token.get_secret_value():
            headers["authorization"] = f"Bearer {token}"
        query = [
            ("query", f'{of.query} |= "{containing}"' if containing else of.query),
            ("start", str(int(since.timestamp()) * 1_000_000_000)),
            ("limit", str(LOKI_LINES)),
            ("direction", "backward"),
        ]
        answer = await self._vendor.get(VendorApi("Loki", of.url.rstrip("/")), QUERY_PATH, headers=headers, query=query)
        if not answer.ok:
            raise failed_at(answer, "log lines", "Loki")
        found = answer.body.part("data")
        if found.text("resultType") != "streams":
            raise Unavailable("Loki answers with no log lines", fix="security.logs.loki.query is a selector of streams")
        entries = [entry for stream in found.parts("result") for entry in _entries(stream)]
        return [line for _, line in sorted(entries, key=lambda entry: entry[0])]  # by nanoseconds, all of 19 digits


def _entries(stream: JsonPart) -> list[tuple[str, str]]:
    """Return the moments and lines of one of Loki's streams; behind a line there may be its metadata."""
    found = stream.data.get("values")
    if not isinstance(found, list):
        raise Unavailable("Loki answers with a stream that has no list of lines")
    entries = [tuple(each[:2]) for each in found if isinstance(each, list)]
    if len(entries) != len(found) or not all(len(e) > 1 and all(isinstance(v, str) for v in e) for e in entries):
        raise Unavailable("Loki answers with lines that are no pairs of a moment and a text")
    return [(moment, line) for moment, line in entries]
