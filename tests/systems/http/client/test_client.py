import asyncio
import base64
import gzip
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest
from clocks import not_waiting
from pydantic import SecretStr, ValidationError

from golive import Environment, RunInfo, Unavailable
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import Access, Endpoint, HttpSettings, Request, Response, Tenancy
from golive_checks.systems.http.client.trouble import NotListening
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LIMIT = 20_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[int]:
    busy: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        busy.add(task)
        try:
            await reader.readuntil(b"\r\n\r\n")
            await handler(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            busy.discard(task)
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in busy:
            task.cancel()
        await asyncio.sleep(0)


@asynccontextmanager
async def client(timeout_s: float = 1.0) -> AsyncIterator[Http]:
    limits = HttpSettings(timeout_s=timeout_s, connect_timeout_s=timeout_s, body_limit_bytes=LIMIT)
    http = Http(limits, Pace(RateLimit(), Environment("x")), NetworkRoutes(Vantage()), RunInfo("0123abcd", "9.9"))
    try:
        yield http
    finally:
        await http.aclose()


def plain(port: int) -> Endpoint:
    return Endpoint("app.test", "127.0.0.1", port, secure=False)


async def fetch(handler: Handler, timeout_s: float = 1.0) -> Response:
    async with served(handler) as port, client(timeout_s) as http:
        return await http.fetch(Request(plain(port)))


def sends(data: bytes) -> Handler:
    async def handler(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return handler


def drips(first: bytes, then: Callable[[], Iterator[bytes]], pause_s: float = 0.0) -> Handler:
    async def handler(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        for data in then():
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return handler


def for_ever(data: bytes) -> Callable[[], Iterator[bytes]]:
    def endless() -> Iterator[bytes]:
        while True:
            yield data

    return endless


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def test_an_answer_is_what_came_over_the_wire() -> None:
    packed = gzip.compress(b"hello")
    head = b"HTTP/1.1 404 Not Found\r\nVary: A\r\nVARY: B\r\nContent-Encoding: gzip\r\n"
    got = await fetch(sends(head + b"Content-Length: %d\r\n\r\n" % len(packed) + packed))
    assert (got.status, got.version, got.values("vary"), got.header("vary")) == (404, "HTTP/1.1", ("A", "B"), "A, B")
    assert (got.body, got.content, got.text, got.truncated) == (packed, b"hello", "hello", False)


PADDED = r"sends more than 65\.5 kB that are no answer"
HOSTILE = {
    "garbage": (sends(b"\x00\xff\x17 not http\r\n\r\n"), "not HTTP, or broke off"),
    "closes": (sends(b""), "not HTTP, or broke off"),
    "half a body": (sends(HEAD + b"Content-Length: 100\r\n\r\nabc"), "not HTTP, or broke off"),
    "nothing": (silent, "had not answered in full after 500 ms"),
    "a byte a while": (
        drips(HEAD + b"Content-Length: 9999\r\n\r\n", for_ever(b"x"), 0.05),
        "had not answered in full after 500 ms",
    ),
    "headers a while": (drips(HEAD, for_ever(b"X-A: b\r\n"), 0.05), "had not answered in full after 500 ms"),
    "endless headers": (drips(HEAD, for_ever(b"X-A: b\r\n" * 1000)), PADDED),
    "one endless header": (drips(HEAD + b"X: ", for_ever(b"y" * 4096)), PADDED),
    "another protocol": (
        sends(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        "not HTTP, or broke off",
    ),
    "too many headers": (
        sends(HEAD + b"X-A: b\r\n" * 300 + b"Content-Length: 0\r\n\r\n"),
        "more headers than any browser accepts",
    ),
    "endless interim answers": (
        drips(b"", for_ever(b"HTTP/1.1 103 Early Hints\r\n\r\n"), 0.01),
        "had not answered in full after 500 ms",
    ),
}


@pytest.mark.parametrize(("handler", "reason"), HOSTILE.values(), ids=HOSTILE)
async def test_hostile_servers_are_a_gap_in_bounded_time(handler: Handler, reason: str) -> None:
    with not_waiting(), pytest.raises(Unavailable, match=reason) as gap:
        await fetch(handler, timeout_s=0.5)
    assert "\n" not in gap.value.reason


@pytest.mark.parametrize("flood", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"])
async def test_a_flood_leaves_the_others_their_turn(flood: bytes) -> None:
    """All of it is there to be read at once: whoever reads on for as long as there is something never stops."""
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            began = time.thread_time()  # however busy the machine is with others
            await asyncio.sleep(0)
            longest = max(longest, time.thread_time() - began)

    async with served(drips(b"", for_ever(flood * 4000))) as port, client(timeout_s=5) as http:
        with pytest.raises(NotListening):
            await http.fetch(Request(plain(1)))  # what is imported at the first request is no part of it
        watching = asyncio.create_task(watch())
        with pytest.raises(Unavailable, match=PADDED):
            await http.fetch(Request(plain(port)))
        watching.cancel()
    assert longest < 0.1


@pytest.mark.parametrize("interim", [1, 50])
async def test_interim_answers_before_an_honest_one_are_passed_over(interim: int) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
    assert (await fetch(sends(hints * interim + HEAD + b"Content-Length: 2\r\n\r\nok"))).text == "ok"


async def test_a_body_in_small_honest_pieces_is_read() -> None:
    body = b"Transfer-Encoding: chunked\r\n\r\n" + b"8\r\n01234567\r\n" * 2000 + b"0\r\n\r\n"
    assert len((await fetch(sends(HEAD + body))).body) == 16_000


async def test_a_body_without_end_is_read_to_the_limit_and_no_further() -> None:
    got = await fetch(drips(HEAD + b"Content-Length: 10000000000\r\n\r\n", for_ever(b"x" * 4096)))
    assert got.truncated
    assert len(got.body) == LIMIT
    with pytest.raises(Unavailable, match="larger than 20,000 bytes"):
        _ = got.content


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        (b"gzip", b"no gzip", "is gzip, and is not"),
        (b"gzip", gzip.compress(b"x" * 999, mtime=0)[:-9], "is gzip that breaks off"),
        (b"gzip", gzip.compress(b"x" * 999, mtime=0)[:5], "is gzip that breaks off"),
        (b"br", b"x", "answers in br, which was not requested"),
        (b"gzip", gzip.compress(bytes(8 * LIMIT + 1)), "unpacks to more than 160 kB"),
    ],
)
async def test_what_cannot_be_unpacked_is_a_gap(encoding: bytes, body: bytes, reason: str) -> None:
    got = await fetch(
        sends(HEAD + b"Content-Encoding: " + encoding + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    )
    with pytest.raises(Unavailable, match=reason):
        _ = got.content


async def test_nothing_listening_is_told_from_nothing_seen() -> None:
    async with served(silent) as port:
        pass
    async with client() as http:
        with pytest.raises(NotListening, match=r"http://app\.test:\d+ \(127\.0\.0\.1\) refuses connections") as gap:
            await http.fetch(Request(plain(port)))
    assert gap.value.refused


async def test_a_proxy_of_the_environment_is_not_used_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@127.0.0.1:9")
    assert (await fetch(sends(HEAD + b"Content-Length: 0\r\n\r\n"))).status == 200
    with pytest.raises(Unavailable) as gap:
        await fetch(sends(b"?\r\n\r\n"))
    assert gap.value.fix.startswith("HTTPS_PROXY is set here")
    assert "secret" not in gap.value.fix


class Counting:
    def __init__(self, answer: bytes = HEAD + b"Content-Length: 0\r\n\r\n") -> None:
        self.answer = answer
        self.requests: list[bytes] = []

    async def __call__(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append(b"")
        await asyncio.sleep(0.05)
        writer.write(self.answer)
        await writer.drain()


async def test_the_same_request_is_sent_once_and_shared() -> None:
    server = Counting()
    async with served(server) as port, client() as http:
        first, second = await asyncio.gather(*(http.fetch(Request(plain(port))) for _ in range(2)))
        assert first is second is await http.fetch(Request(plain(port)))
        assert len(server.requests) == 1
        await http.fetch(Request(plain(port), "/other"))
        await http.fetch(Request(plain(port), headers={"accept-encoding": "br"}))
        await http.fetch(Request(plain(port)), again=1)
        await http.send(Request(plain(port), method="POST"))
        await http.send(Request(plain(port), method="POST"))
    assert len(server.requests) == 6


async def test_a_cancelled_waiter_takes_the_answer_from_nobody() -> None:
    server = Counting()
    async with served(server) as port, client() as http:
        gone = asyncio.create_task(http.fetch(Request(plain(port))))
        await asyncio.sleep(0.01)
        stays = asyncio.create_task(http.fetch(Request(plain(port))))
        await asyncio.sleep(0)
        gone.cancel()
        assert (await stays).status == 200


async def test_a_failure_is_not_kept() -> None:
    answers = [b"garbage\r\n\r\n", HEAD + b"Content-Length: 0\r\n\r\n"]

    async def handler(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answers.pop(0))

    async with served(handler) as port, client() as http:
        with pytest.raises(Unavailable):
            await http.fetch(Request(plain(port)))
        assert (await http.fetch(Request(plain(port)))).status == 200


async def test_a_host_that_answers_429_is_left_alone() -> None:
    head = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"
    async with served(sends(head)) as port, client() as http:
        with pytest.raises(Unavailable, match="it answered 429, too many requests"):
            await http.fetch(Request(plain(port)))
        with pytest.raises(Unavailable, match="is left alone because it answered 429"):
            await http.fetch(Request(plain(port), "/other"))


@pytest.mark.parametrize("head", [b"401 Unauthorized\r\nWWW-Authenticate: Bearer", b"403 Forbidden\r\nX: y"])
async def test_the_apps_own_refusal_is_an_answer(head: bytes) -> None:
    assert (await fetch(sends(b"HTTP/1.1 " + head + b"\r\nContent-Length: 0\r\n\r\n"))).status in {401, 403}


async def test_what_opens_a_wall_never_goes_over_clear_http() -> None:
    seen: list[bytes] = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.read(1) if reader.at_eof() else b"")
        writer.write(HEAD + b"Content-Length: 0\r\n\r\n")

    access = Access(headers={"x-open": SecretStr("sesame")}, basic=SecretStr("u:p"))
    assert access.sent() == {"x-open": "sesame", "authorization": "Basic " + base64.b64encode(b"u:p").decode()}
    got: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(HEAD + b"Content-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server, client() as http:
        await http.fetch(Request(plain(server.sockets[0].getsockname()[1]), access=access))
    assert b"sesame" not in got[0]
    assert b"authorization" not in got[0].lower()
    assert b"user-agent: golive/9.9 (+readiness check; run 0123abcd)" in got[0].lower()
    assert zlib.crc32(got[0])  # something came


@pytest.mark.parametrize(
    "given",
    [{"headers": {"x-a": "b\n"}}, {"headers": {"x-a": "é"}}, {"headers": {"x a": "b"}}, {"basic": "u:p\n"}],
)
def test_what_cannot_be_sent_is_refused_in_the_profile(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Access.model_validate(given)


def test_a_password_may_have_any_letter() -> None:
    assert Access.model_validate({"basic": "u:é"}).sent() == {"authorization": "Basic dTrDqQ=="}


async def test_closing_ends_what_is_under_way_at_once() -> None:
    async with served(silent) as port:
        async with client(timeout_s=50) as http:
            waiting = asyncio.create_task(http.fetch(Request(plain(port))))
            await asyncio.sleep(0.1)
            waiting.cancel()
            began = time.monotonic()
        assert time.monotonic() - began < 25


TENANT = Tenancy(headers={"X-Tenant": SecretStr("demo")}, query={"tenant": "demo"}, hosts=("api.x.test",))
PATHS = {
    "/a": "/a?tenant=demo",
    "/a?b=1": "/a?b=1&tenant=demo",
    "/a?tenant=other": "/a?tenant=other",
}


@pytest.mark.parametrize(("path", "expected"), PATHS.items(), ids=PATHS)
def test_a_tenant_is_named_to_the_hosts_that_want_it(path: str, expected: str) -> None:
    assert TENANT.path("api.x.test", path) == expected
    assert TENANT.sent("api.x.test") == {"x-tenant": "demo"}
    assert (TENANT.path("www.x.test", path), TENANT.sent("www.x.test")) == (path, {})
    assert Tenancy(headers={"x-tenant": SecretStr("demo")}).sent("www.x.test") == {"x-tenant": "demo"}
