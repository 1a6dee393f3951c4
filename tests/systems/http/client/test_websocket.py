"""The handshake against the lab's own edge, and against servers that do not speak it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import replace

import pytest
from pydantic import SecretStr

from golive import Environment, RunInfo, Unavailable
from golive_checks.systems.http.client.client import HEADERS_LIMIT_BYTES, NO_TENANT, Http
from golive_checks.systems.http.client.message import Access, Endpoint, HttpSettings, Request, Tenancy
from golive_checks.systems.http.client.websocket import WebSockets
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_lab.parts.certificates import CERTIFICATES, ca_file, write
from golive_lab.parts.edge.contexts import server_context
from golive_lab.parts.edge.edge import EDGE
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.world import healthy
from golive_lab.world.names import API, APP
from golive_lab.world.tls import Chain, EdgeTls


@pytest.fixture(scope="module")
def place() -> Iterator[StackPlace]:
    with standing() as here, ExitStack() as running:
        for part in (CERTIFICATES, EDGE):
            running.enter_context(part.start(healthy(), here))
        yield here


@asynccontextmanager
async def client(timeout_s: float = 3.0, tenancy: Tenancy = NO_TENANT) -> AsyncIterator[WebSockets]:
    limits = HttpSettings(timeout_s=timeout_s)
    pace, routes, run = Pace(RateLimit(), Environment("x")), NetworkRoutes(Vantage()), RunInfo("0123abcd", "9.9")
    http = Http(limits, pace, routes, run)
    yield WebSockets(http, limits, pace, routes, run, tenancy)
    await http.aclose()


def at(place: StackPlace) -> Endpoint:
    return Endpoint(API, place.addresses[0], place.ports.https)


async def test_it_opens_for_the_app_and_for_nobody_else(place: StackPlace) -> None:
    app = f"https://{APP}:{place.ports.https}"
    async with client() as sockets:
        for origin, opened in {app: True, "https://foreign.example": False, "null": False}.items():
            got = await sockets.open(Request(at(place), "/ws", ca_file=str(ca_file(place))), origin=origin)
            assert (got.opened, got.status == 101) == (opened, opened)
        got = await sockets.open(Request(at(place), "/nowhere", ca_file=str(ca_file(place))), origin=app)
        assert not got.opened


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve, tls: EdgeTls | None = None) -> AsyncIterator[tuple[Endpoint, str]]:
    with standing() as here:
        write(tls or EdgeTls(), here)

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.readuntil(b"\r\n\r\n")
                await serve(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                pass
            finally:
                writer.close()

        context = server_context(tls or EdgeTls(), here, here.addresses[0], ("http/1.1",))
        server = await asyncio.start_server(answer, here.addresses[0], here.ports.https, ssl=context)
        async with server:
            yield at(here), str(ca_file(here))


def saying(*chunks: bytes, pause_s: float = 0) -> Serve:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
        await asyncio.sleep(pause_s)

    return serve


TROUBLE = {
    "silence": (saying(pause_s=5), "had not answered an upgrade after 500 ms"),
    "gone": (saying(), "the connection broke"),
    "half an answer": (saying(b"HTTP/1.1 101 Switch"), "the connection broke"),
    "no HTTP": (saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "is not HTTP"),
    "no end of headers": (
        saying(b"HTTP/1.1 101 x\r\n", b"a: b\r\n" * (HEADERS_LIMIT_BYTES // 3)),
        "the connection broke",
    ),
    "many headers": (saying(b"HTTP/1.1 101 x\r\n" + b"a: b\r\n" * 500 + b"\r\n"), "is not HTTP"),
    "a wall": (saying(b'HTTP/1.1 401 x\r\nwww-authenticate: Basic realm="x"\r\n\r\n'), "asks for a password"),
}


@pytest.mark.parametrize(("serve", "reason"), TROUBLE.values(), ids=TROUBLE)
async def test_what_is_no_answer_is_a_gap(serve: Serve, reason: str) -> None:
    async with serving(serve) as (there, ca), client(0.5) as sockets:
        with pytest.raises(Unavailable, match=reason):
            await sockets.open(Request(there, "/ws", ca_file=ca), origin="null")


async def test_a_101_without_the_right_key_opens_nothing() -> None:
    async with (
        serving(saying(b"HTTP/1.1 101 x\r\nsec-websocket-accept: wrong\r\n\r\n")) as (there, ca),
        client() as sockets,
    ):
        got = await sockets.open(Request(there, "/ws", ca_file=ca), origin="null")
    assert (got.status, got.opened) == (101, False)


async def test_a_bad_certificate_hides_nothing_and_is_given_no_secret() -> None:
    tls = replace(EdgeTls(chain=Chain(age_days=100)), other_key={})
    access = Access(headers={"x-open": SecretStr("sesame")})
    async with serving(saying(b"HTTP/1.1 403 x\r\n\r\n"), tls) as (there, ca), client() as sockets:
        assert (await sockets.open(Request(there, "/ws", ca_file=ca), origin="null")).status == 403
        with pytest.raises(Unavailable, match="access headers go over verified TLS alone"):
            await sockets.open(Request(there, "/ws", access=access, ca_file=ca), origin="null")


async def test_nothing_listens_there() -> None:
    with standing() as here:
        async with client() as sockets:
            with pytest.raises(Unavailable, match="the connection broke"):
                await sockets.open(Request(at(here), "/ws"), origin="null")


async def test_the_tenant_is_named_and_a_strangers_page_can_name_it_by_the_query_alone() -> None:
    heads: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode().lower())
        writer.write(b"HTTP/1.1 403 x\r\n\r\n")
        writer.close()

    tenancy = Tenancy(headers={"X-Tenant": SecretStr("kigali")}, query={"shop": "7"})
    with standing() as here:
        write(EdgeTls(), here)
        context = server_context(EdgeTls(), here, here.addresses[0], ("http/1.1",))
        server = await asyncio.start_server(answer, here.addresses[0], here.ports.https, ssl=context)
        async with server, client(tenancy=tenancy) as sockets:
            for stranger in (False, True):
                asked = Request(at(here), "/ws?v=1", ca_file=str(ca_file(here)))
                await sockets.open(asked, origin="null", stranger=stranger)
    assert [head.partition(" http/1.1")[0] for head in heads] == ["get /ws?v=1&shop=7"] * 2
    assert ["x-tenant: kigali" in head for head in heads] == [True, False]
