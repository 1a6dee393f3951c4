"""Servers that speak HTTP/2 and mean no good."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from clocks import not_waiting

from golive import Environment, RunInfo, Unavailable
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import Endpoint, HttpSettings, Request, Response
from golive_checks.systems.http.client.wire import _Stream
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_lab.parts.certificates import ca_file, write
from golive_lab.parts.edge.contexts import server_context
from golive_lab.parts.ports import standing
from golive_lab.world.names import APP
from golive_lab.world.tls import EdgeTls

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LIMIT = 20_000
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION, UNKNOWN = 0, 1, 3, 4, 6, 7, 8, 9, 250
END_STREAM, END_HEADERS, PADDED = 1, 4, 8
STATUS_200 = b"\x88"
"""`:status: 200`, entry 8 of the static table (RFC 7541, appendix A)."""
STATUS_103 = b"\x08\x03103"
"""`:status: 103`, its name from the static table."""


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def literal(name: bytes, value: bytes) -> bytes:
    """A header field without indexing (RFC 7541, section 6.2.2), both strings under 127 bytes."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def says(*frames: bytes, for_ever: bytes = b"") -> Talk:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(frame(SETTINGS) + b"".join(frames))
        while for_ever:
            writer.write(for_ever)
            await writer.drain()
            await asyncio.sleep(0)

    return talk


@asynccontextmanager
async def speaking(talk: Talk) -> AsyncIterator[tuple[Endpoint, Path]]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.read(24)  # the client's preface
            await asyncio.sleep(0.05)
            await talk(reader, writer)
            await reader.read()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    with standing() as place:
        write(EdgeTls(), place)
        context = server_context(EdgeTls(), place, place.addresses[0], ("h2",))
        server = await asyncio.start_server(serve, place.addresses[0], place.ports.https, ssl=context)
        try:
            yield Endpoint(APP, place.addresses[0], place.ports.https), ca_file(place)
        finally:
            server.close()


async def fetch(talk: Talk, timeout_s: float = 1.0) -> Response:
    limits = HttpSettings(timeout_s=timeout_s, body_limit_bytes=LIMIT)
    http = Http(limits, Pace(RateLimit(), Environment("x")), NetworkRoutes(Vantage()), RunInfo("0123abcd", "9.9"))
    try:
        async with speaking(talk) as (at, ca), asyncio.timeout(10):
            try:
                return await http.fetch(Request(at, ca_file=str(ca)))
            finally:
                await http.aclose()
    finally:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def many_headers() -> Iterator[bytes]:
    for n in range(300):
        yield literal(b"x-%d" % n, b"y")


BROKE = "the answer is not HTTP, or broke off"
LATE = "had not answered in full after 1 s"
FLOOD = r"sends more than 65\.5 kB that are no answer"
HEAD = frame(HEADERS, END_HEADERS, 1, STATUS_200)
HOSTILE = {
    "garbage": (says(b"\xff" * 500), LATE),  # which begins a frame of 16 MB
    "HTTP/1.1": (says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), LATE),
    "goes away": (says(frame(GOAWAY, payload=bytes(8))), BROKE),
    "resets": (says(frame(RESET, stream=1, payload=bytes(4))), BROKE),
    "nothing": (says(), LATE),
    "nonsense in HPACK": (says(frame(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff")), BROKE),
    "breaks the body": (
        says(
            HEAD,
            frame(DATA, 0, 1, b"x"),
            frame(HEADERS, END_HEADERS, 1, b"\xff\xff"),
        ),
        BROKE,
    ),
    "breaks the body's frames": (says(HEAD, frame(DATA, PADDED, 1, b"\xff")), BROKE),
    "half a body": (
        says(
            frame(HEADERS, END_HEADERS, 1, STATUS_200 + literal(b"content-length", b"9")),
            frame(DATA, END_STREAM, 1, b"x"),
        ),
        BROKE,
    ),
    "endless headers": (
        says(frame(HEADERS, 0, 1, STATUS_200), for_ever=frame(CONTINUATION, 0, 1, literal(b"x-a", b"b") * 100)),
        BROKE,
    ),
    "too many headers": (
        says(frame(HEADERS, END_HEADERS | END_STREAM, 1, STATUS_200 + b"".join(many_headers()))),
        "more headers than any browser accepts",
    ),
}
FLOODS = {
    "endless garbage": says(for_ever=b"\xff" * 5000),
    "endless pings": says(for_ever=frame(PING, payload=bytes(8)) * 1000),
    "endless settings": says(for_ever=frame(SETTINGS) * 1000),
    "endless interim answers": says(for_ever=frame(HEADERS, END_HEADERS, 1, STATUS_103) * 1000),
    "endless windows": says(for_ever=frame(WINDOW_UPDATE, payload=b"\0\0\0\1") * 1000),
    "endless unknown frames": says(for_ever=frame(UNKNOWN) * 1000),
    "endless empty data": says(HEAD, for_ever=frame(DATA, 0, 1) * 1000),
    "endless padding": says(HEAD, for_ever=frame(DATA, PADDED, 1, b"\xff" + bytes(255)) * 100),
    "a body in crumbs": says(HEAD, for_ever=frame(DATA, 0, 1, b"x") * 1000),
    "pings before each crumb of a body": says(
        HEAD, for_ever=(frame(PING, payload=bytes(8)) * 20 + frame(DATA, 0, 1, b"x")) * 100
    ),
}


@pytest.mark.parametrize(("talk", "reason"), HOSTILE.values(), ids=HOSTILE)
async def test_hostile_servers_are_a_gap_in_bounded_time(talk: Talk, reason: str) -> None:
    with not_waiting(), pytest.raises(Unavailable, match=reason):
        await fetch(talk)


@pytest.mark.parametrize("talk", FLOODS.values(), ids=FLOODS)
async def test_a_flood_is_given_up_long_before_the_time_is_over(talk: Talk) -> None:
    with pytest.raises(Unavailable, match=FLOOD):
        await fetch(talk, timeout_s=9.0)


async def test_a_body_without_end_is_read_to_the_limit() -> None:
    chunk = frame(DATA, 0, 1, b"x" * 8000)
    got = await fetch(says(HEAD, *[chunk] * 8))
    assert (got.status, got.version, got.truncated, len(got.body)) == (200, "HTTP/2", True, LIMIT)


async def test_http_2_begins_without_giving_up_its_turn_a_hundred_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where other hosts make the turns of the loop long, each costs a healthy host of its time."""
    turns, written = 0, list[int]()

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async def write(self: _Stream, buffer: bytes, *limits: float | None) -> None:
        written.append(turns)
        await self._inner.write(buffer, *limits)

    monkeypatch.setattr(_Stream, "write", write)
    counting = asyncio.create_task(count())
    got = await fetch(says(frame(HEADERS, END_HEADERS | END_STREAM, 1, STATUS_200)))
    counting.cancel()
    preface, request = written[:2]
    assert got.status == 200
    assert request - preface < 20


async def test_an_answer_that_comes_too_late_is_not_counted_against_the_next_request() -> None:
    connections = 0

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.write(frame(SETTINGS))
        if connections == 1:
            await asyncio.sleep(0.4)
            writer.write(HEAD + frame(DATA, 0, 1, bytes(16_000)) * 6)
        else:
            writer.write(frame(HEADERS, END_HEADERS | END_STREAM, 1, STATUS_200))

    limits = HttpSettings(timeout_s=0.3, body_limit_bytes=LIMIT)
    http = Http(limits, Pace(RateLimit(), Environment("x")), NetworkRoutes(Vantage()), RunInfo("0123abcd", "9.9"))
    try:
        async with speaking(talk) as (at, ca):
            with pytest.raises(Unavailable, match="had not answered in full"):
                await http.fetch(Request(at, ca_file=str(ca)))
            assert (await http.fetch(Request(at, "/again", ca_file=str(ca)))).status == 200
    finally:
        await http.aclose()
