"""Connecting to socket.io's own server, of version 4 and 2, behind nginx, and to a plain WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from golive import Environment, RunInfo, Unavailable
from golive_checks.observability.realtime import stopped
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import Access, HttpSettings
from golive_checks.systems.http.client.websocket_talk import WebSocketTalks
from golive_checks.systems.http.door import AddressDoor
from golive_checks.systems.http.engine_io import StopError, StopKind, session
from golive_checks.systems.http.front import HostDoor, front
from golive_checks.systems.http.realtime import Realtime, Way, realtime
from golive_checks.systems.http.realtime_route import RealtimePolicy
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.proxy.policy import ProxyPolicy
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.faults import seeded
from golive_lab.parts.api import chat
from golive_lab.parts.api.api import API
from golive_lab.parts.certificates import CERTIFICATES, ca_file, write
from golive_lab.parts.edge.contexts import server_context
from golive_lab.parts.edge.front import FRONTS
from golive_lab.parts.edge.nginx_real import NGINX
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.stack import Stack
from golive_lab.world import healthy
from golive_lab.world.chat import TOKEN
from golive_lab.world.names import API as NAME
from golive_lab.world.tls import EdgeTls

POLLING, ALONE = "polling, then WebSocket", "WebSocket alone"


@pytest.fixture(scope="module")
def stand() -> Iterator[tuple[Stack, StackPlace]]:
    with standing() as place, ExitStack() as held:
        stack = Stack(((CERTIFICATES, FRONTS), (API, chat.PART, NGINX)), place)
        held.callback(stack.close)
        yield stack, place


async def look(place: StackPlace, trust: Trust | None = None, **ask: Any) -> Realtime:
    host = Host(NAME, role="api", port=place.ports.https, http_port=place.ports.http)
    address = Address(NAME, host, place.addresses[0])
    limits, pace = HttpSettings(timeout_s=5), Pace(RateLimit(), Environment("x"))
    routes, run = NetworkRoutes(Vantage()), RunInfo("0123abcd", "9.9")
    http = Http(limits, pace, routes, run)
    talks = WebSocketTalks(http, limits, pace, routes, run)
    trusted = trust or Trust(ca_file=str(ca_file(place)))
    try:
        fronts = {address: await front(address, AddressDoor(http, Access(), trusted, address))}
        door = HostDoor(http, Access(), trusted, fronts)
        policy = RealtimePolicy.model_validate(ask)
        return await realtime(host, policy, ProxyPolicy(), door, talks)
    finally:
        await http.aclose()


def told(way: Way) -> str:
    return stopped(way.stop) if way.stop else ""


SOCKET_IO = {"path": "/socket.io/", "token": TOKEN}


async def test_socket_io_lets_a_user_in(stand: tuple[Stack, StackPlace]) -> None:
    stack, place = stand
    stack.become(healthy())
    seen = await look(place, **SOCKET_IO, pings=5)
    assert [(way.name, way.stop, len(way.pings_s)) for way in seen.ways] == [(POLLING, None, 5), (ALONE, None, 5)]
    assert all(way.connected_s > 0 and way.pings_s for way in seen.ways)


TROUBLES = {
    "messaging.no-upgrade": ("the WebSocket upgrade answers 502",) * 2,
    "messaging.token-refused": ("it refuses the connection: unauthorized",) * 2,
    "messaging.engine-io-3": ("speaks Engine.IO 3", "speaks Engine.IO 3"),
}


@pytest.mark.parametrize("fault", TROUBLES)
async def test_what_is_wrong_is_told(stand: tuple[Stack, StackPlace], fault: str) -> None:
    stack, place = stand
    stack.become(seeded(fault))
    seen = await look(place, **SOCKET_IO)
    assert [want in told(way) for want, way in zip(TROUBLES[fault], seen.ways, strict=True)] == [True, True], seen


async def test_a_token_that_is_not_given_is_missed(stand: tuple[Stack, StackPlace]) -> None:
    stack, place = stand
    stack.become(healthy())
    seen = await look(place, path="/socket.io/")
    assert ["unauthorized" in told(way) for way in seen.ways] == [True, True]
    assert not seen.with_token


async def test_a_namespace_that_is_not_there(stand: tuple[Stack, StackPlace]) -> None:
    stack, place = stand
    stack.become(healthy())
    seen = await look(place, **SOCKET_IO, namespace="/none")
    assert ["Invalid namespace" in told(way) for way in seen.ways] == [True, True], seen


async def test_a_plain_websocket(stand: tuple[Stack, StackPlace]) -> None:
    stack, place = stand
    stack.become(healthy())
    seen = await look(place, path="/ws", token=TOKEN, token_in="query")  # noqa: S106 - a place
    assert [(way.name, way.stop, len(way.pings_s)) for way in seen.ways] == [("WebSocket", None, 3)]
    refused = await look(place, path="/nothing")
    assert told(refused.ways[0]) == "the WebSocket upgrade answers 404"


async def test_what_is_no_engine_io_is_told(stand: tuple[Stack, StackPlace]) -> None:
    stack, place = stand
    stack.become(healthy())
    seen = await look(place, path="/api/v1/products", protocol="socket.io")
    assert told(seen.ways[0]) == "answers 404"  # clients of Socket.IO ask with a slash at the end
    with pytest.raises(StopError, match=StopKind.NOT_ENGINE_IO):
        session('{"products": []}')


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (b"", "the WebSocket closes the connection"),
        (b"nonsense\r\n\r\n", "the WebSocket closes the connection"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "the WebSocket closes the connection"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "the WebSocket upgrade answers 404"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, "the WebSocket closes the connection"),
    ],
)
async def test_a_server_that_speaks_something_else_and_goes(answer: bytes, trouble: str) -> None:
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        writer.write(answer if b"Upgrade: websocket" in asked else b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    with standing() as place:
        write(EdgeTls(), place)
        context = server_context(EdgeTls(), place, place.addresses[0], ("http/1.1",))
        async with await asyncio.start_server(respond, place.addresses[0], place.ports.https, ssl=context):
            seen = await look(place, path="/ws")
    assert trouble in told(seen.ways[0]), seen


async def test_a_token_goes_over_verified_tls_alone(stand: tuple[Stack, StackPlace]) -> None:
    stack, place = stand
    stack.become(healthy())
    with pytest.raises(Unavailable, match="the token goes over verified TLS alone"):
        await look(place, Trust(), **SOCKET_IO)
