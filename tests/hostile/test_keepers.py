"""What stands in the place of Vault or Loki may say or do anything: it becomes a fact or a gap, in bounded time."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import hostile_servers as hostile
import pytest

from golive import Environment, Now, RunInfo, Unavailable
from golive_checks.security.rotation import rotated
from golive_checks.subjects import Secret, Vault
from golive_checks.systems.aws.client.aws import Aws, AwsSettings, Sessions
from golive_checks.systems.aws.client.cloudwatch import CloudWatchLogs
from golive_checks.systems.evidence.secret_ages import SecretAge, SecretKeepers, SecretRotation
from golive_checks.systems.logs.settings import Logs, LokiLogs
from golive_checks.systems.logs.sources import LogSources
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.vendors.client.client import Vendor, VendorLimits
from golive_lab.parts.asgi import HttpAnswer, Listener, Receive, Scope, Send, lifespan, serving
from golive_lab.parts.ports import addresses, standing

RUN = RunInfo("0123abcd", "9.9")
NOW = dt.datetime.now(dt.UTC)
Ask = Callable[[str], Awaitable[object]]


def versions(**current: Any) -> bytes:
    return json.dumps({"data": {"current_version": 1, "versions": {"1": current}}}).encode()


def streams(*found: Any) -> bytes:
    return json.dumps({"status": "success", "data": {"resultType": "streams", "result": list(found)}}).encode()


BODIES: dict[str, bytes] = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[1, [2], {}]",
    "html": b"<html>",
    "broken": b'{"data": {"versi',
    "deep": b"[" * 100_000,
    "deep objects": b'{"data":' * 20_000,
    "a long number": b'{"data": ' + b"9" * 100_000 + b"}",
    "not utf-8": b'{"data": "\xff\xfe"}',
    "NaN": b'{"data": NaN}',
    "half of a pair": b'{"errors": ["\\ud800"]}',
    "errors that are none": b'{"errors": {"a": [1]}}',
    "data as a text": b'{"data": "x"}',
    "data as a list": b'{"data": [1]}',
    "no versions": b'{"data": {"current_version": 3}}',
    "versions as a list": b'{"data": {"current_version": 0, "versions": [1]}}',
    "a version that is none": b'{"data": {"current_version": 1, "versions": {"1": "x"}}}',
    "a time that is a number": versions(created_time=7),
    "a time that is none": versions(created_time="yesterday"),
    "the first of all times": versions(created_time="0001-01-01T00:00:00+23:59"),
    "the last of all times": versions(created_time="9999-12-31T23:59:59-23:59"),
    "a time in a column's form": versions(created_time="2026-01-01"),
    "deleted oddly": versions(created_time="2026-01-01T00:00:00Z", destroyed=[0], deletion_time={}),
    "no streams": streams(),
    "a stream that is none": streams(1),
    "values as a number": streams({"values": 5}),
    "values as null": streams({"values": None}),
    "values as an object": streams({"values": {"1": "x"}}),
    "values as a text": streams({"values": "abc"}),
    "values that are none": streams({"values": [1, [2], [], [None, None], ["1", {"a": 1}]]}),
    "an escape": streams({"values": [["1", "\x1b[31m::error::x\n\u202e"]]}),
    "a matrix": b'{"data": {"resultType": "matrix", "result": []}}',
    "a type that is none": b'{"data": {"resultType": {"a": 1}}}',
}


@pytest.fixture
async def asks() -> AsyncIterator[dict[str, Ask]]:
    """Return who is asked, and how: an address to what golive makes of the answer."""
    vendor = Vendor(VendorLimits(timeout_s=0.3, patience_s=0), Pace(RateLimit(), Environment("x")), RUN)
    command, sessions = CommandRunner(CommandLimits()), Sessions(RUN)
    keepers = SecretKeepers(Aws(sessions), command, vendor)
    logs = LogSources(command, CloudWatchLogs(Aws(sessions)), vendor)

    async def vault(url: str) -> object:
        made = await keepers.vault(Vault(url=url, path="secret/metadata/app"))
        return rotated(Secret("jwt"), SecretAge(made, "Vault"), SecretRotation(), Now(NOW))

    async def loki(url: str) -> object:
        ask = Logs.model_construct(loki=LokiLogs.model_construct(url=url, query='{app="api"}'))
        return await logs.lines(ask, AwsSettings(), NOW)

    yield {"Vault": vault, "Loki": loki}
    await vendor.aclose()


async def looked(ask: Ask, url: str) -> object:
    try:
        return await ask(url)
    except Unavailable as gap:
        assert "\n" not in gap.reason  # noqa: PT017 - a gap is allowed, and not demanded
        assert "defect" not in gap.reason  # noqa: PT017 - likewise
        return gap


@pytest.mark.parametrize("who", ["Vault", "Loki"])
async def test_any_answer_is_a_fact_or_a_gap(asks: dict[str, Ask], who: str) -> None:
    answer = HttpAnswer(200, "application/json", b"")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        else:
            await answer.send(send)

    with standing() as place:
        async with serving([(Listener("127.0.0.1", place.ports.api), app)]):
            for status in (200, 403, 404, 500):
                for body in BODIES.values():
                    answer = HttpAnswer(status, "application/json", body)
                    got = await looked(asks[who], f"http://127.0.0.1:{place.ports.api}")
                    assert status == 200 or isinstance(got, Unavailable)


@pytest.mark.parametrize("who", ["Vault", "Loki"])
@pytest.mark.parametrize("kind", [*hostile.TCP, *hostile.HTTP, *hostile.FLOODS, "words"])
async def test_whatever_a_server_does_is_a_gap(asks: dict[str, Ask], who: str, kind: str) -> None:
    talk = {**hostile.TCP, **hostile.HTTP, **hostile.FLOODS, "words": hostile.words}[kind]
    with hostile.serving(talk, None) as port:
        got = await looked(asks[who], f"http://{addresses()[0]}:{port}")
    assert isinstance(got, Unavailable), got
