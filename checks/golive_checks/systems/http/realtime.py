"""Whether messages can flow: a WebSocket, or Socket.IO as its own client opens it, with a user's token."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.http.client.message import ACCEPT_ANY, Response
from golive_checks.systems.http.client.websocket_talk import Talk, UpgradeRefusedError, WebSocketTalks
from golive_checks.systems.http.door import Door
from golive_checks.systems.http.engine_io import (
    CONNECT,
    CONNECT_ERROR,
    OPEN,
    PING,
    PONG,
    UPGRADE,
    Stop,
    StopError,
    StopKind,
    framed,
    let_in,
    packets,
    refused,
    session,
)
from golive_checks.systems.http.front import HostDoor
from golive_checks.systems.http.realtime_route import Protocol, RealtimePolicy, RealtimeRoute, route_of
from golive_checks.systems.proxy.policy import ProxyPolicy

OK, BAD_REQUEST = 200, 400
BODY_LIMIT = 1000
"""Bytes of an error's body that are looked at."""
TRIES = 3
"""Of which the quickest counts."""
MAX_PACKETS = 20
"""Messages that may come before the one that is waited for."""


@dataclass(frozen=True)
class Way:
    """A way to connect, and how it went: what stopped the client; None where messages can flow."""

    name: Literal["polling, then WebSocket", "WebSocket alone", "WebSocket"]
    stop: Stop | None = None
    connected_s: float = 0.0
    unsure_s: float = 0.0
    """By how much later it may have been connected: golive was busy meanwhile."""
    pings_s: tuple[float, ...] = ()
    """Over a WebSocket: none where the server offers polling alone."""

    @property
    def off(self) -> bool:
        """The server says that it does not offer this transport."""
        return self.stop is not None and self.stop.kind is StopKind.TRANSPORT_OFF


@dataclass(frozen=True)
class Realtime(Fact):
    """How a host takes those who want messages. `path` is empty where the profile names none."""

    protocol: Protocol
    path: str
    ways: tuple[Way, ...]
    with_token: bool


def _requests(host: Host, ask: RealtimePolicy, proxy: ProxyPolicy) -> int:
    way_in = route_of(host, ask, proxy)
    return 0 if way_in is None else 1 if way_in.protocol == "websocket" else 5


@probe("http.realtime", requests=_requests)
async def realtime(
    host: Host,
    ask: RealtimePolicy,
    proxy: ProxyPolicy,
    door: HostDoor,
    talks: WebSocketTalks,
) -> Realtime:
    """Connect as a client does, over polling and over WebSocket alone, time a few pings, and leave."""
    with_token = bool(ask.token.get_secret_value())
    way_in = route_of(host, ask, proxy)
    if way_in is None:
        return Realtime("websocket", "", (), with_token)
    if way_in.secret and door.distrust:
        raise Unavailable(
            f"{host.name} is not trusted ({door.distrust}), and "
            f"the {'token goes' if with_token else 'headers go'} over verified TLS alone",
            fix="fix the certificate first, or name its CA in trust.ca_file",
        )
    visit = _Visit(door, way_in, ask, talks)
    if way_in.protocol == "websocket":
        ways: tuple[Way, ...] = (await visit.timed(Way("WebSocket"), visit.plain),)
    else:
        ways = await asyncio.gather(
            visit.timed(Way("polling, then WebSocket"), visit.polling),
            visit.timed(Way("WebSocket alone"), visit.alone),
        )
    return Realtime(way_in.protocol, way_in.shown, ways, with_token)


TimedWay = tuple[float, float, tuple[float, ...]]
"""Seconds until connected, by how much later it may have been because golive was busy, and those of pings."""


class _Visit:
    """One client's way in."""

    def __init__(self, door: Door, route: RealtimeRoute, ask: RealtimePolicy, talks: WebSocketTalks) -> None:
        self.door, self.route, self.ask, self.talks = door, route, ask, talks
        self.headers = {**route.all_headers, **({"Origin": ask.origin} if ask.origin else {})}
        self.inside = "" if ask.namespace == "/" else f"{ask.namespace},"
        """The namespace as in a packet."""

    async def timed(self, way: Way, go: Callable[[], Awaitable[TimedWay]]) -> Way:
        """Go that way, and tell how it went; where it took long, again, since golive itself may have been busy."""
        try:
            timed = await go()
            for _ in range(TRIES - 1):
                if timed[0] + timed[1] > self.ask.connect_warn_s:
                    timed = min(timed, await go(), key=lambda each: each[0] + each[1])
        except StopError as stop:
            return Way(way.name, stop.stop)
        except UpgradeRefusedError as refusal:
            kind = StopKind.UPGRADE_STATUS if refusal.status else StopKind.CLOSED
            return Way(way.name, Stop(kind, refusal.status or refusal.code))
        connected, unsure, pings = timed
        return Way(way.name, connected_s=connected, unsure_s=unsure, pings_s=pings)

    async def plain(self) -> TimedWay:
        """Open a WebSocket."""
        async with self._open(self.route.handshake("websocket")) as talk:
            return talk.watch.seconds(), talk.watch.unsure_s(), await self._pings(talk)

    async def alone(self) -> TimedWay:
        """Connect over WebSocket from the start."""
        try:
            async with self._open(self.route.handshake("websocket")) as talk:
                await self._heard(talk, OPEN)
                await self._enter(talk)
                return talk.watch.seconds(), talk.watch.unsure_s(), await self._pings(talk)
        except UpgradeRefusedError as refusal:
            if refusal.status == BAD_REQUEST:
                await self._why_not()
            raise

    async def _why_not(self) -> None:
        """Let Engine.IO say, in the answer to a request, that it lacks this transport or speaks another version."""
        for transport in ("websocket", "polling"):
            try:
                await self._polled("GET", self.route.handshake(transport), "")
            except StopError as stop:
                if (stop.stop.kind is StopKind.TRANSPORT_OFF) == (transport == "websocket"):
                    raise

    async def polling(self) -> TimedWay:
        """Connect by requests, then upgrade to a WebSocket."""
        version = self.route.version
        got = await self._polled("GET", self.route.handshake("polling"), "")
        heard = packets(version, got.text)
        connected, unsure = got.seconds, got.unsure_s  # without the waiting for a turn in between
        opened, offers_upgrade = session(heard[0])
        sid = f"sid={quote(opened, safe='')}"
        with_session = self.route.asked(f"EIO={version}", "transport=polling", sid)
        waiting = heard[1:]
        for wanted, hello in self._doors():
            if hello:
                got = await self._polled("POST", with_session, framed(version, hello))
                connected, unsure = connected + got.seconds, unsure + got.unsure_s
            answer = _answer(waiting, wanted)
            for _ in range(MAX_PACKETS):
                if answer:
                    break
                got = await self._polled("GET", with_session, "")
                waiting, connected = packets(version, got.text), connected + got.seconds
                unsure += got.unsure_s
                answer = _answer(waiting, wanted)
            let_in(version, answer)
        if not offers_upgrade:
            return connected, unsure, ()
        async with self._open(self.route.asked(f"EIO={version}", "transport=websocket", sid)) as talk:
            await talk.send(PING + "probe")
            await self._heard(talk, PONG + "probe")
            await talk.send(UPGRADE)
            return connected, unsure, await self._pings(talk)

    async def _enter(self, talk: Talk) -> None:
        """Ask to be let into the namespace, and wait for the answer."""
        for wanted, hello in self._doors():
            if hello:
                await talk.send(hello)
            let_in(self.route.version, await self._heard(talk, *wanted))

    def _doors(self) -> tuple[tuple[tuple[str, str], str], ...]:
        """Return what answers are waited for, and what is said before each.

        In version 3 the server lets a client into `/` by itself, and only then into a namespace that it asks for; in
        version 4 a client asks, with its auth (Socket.IO protocol, "Connection to a namespace").
        """
        wanted = (CONNECT + self.inside.rstrip(","), CONNECT_ERROR)
        if self.route.version == 3:  # noqa: PLR2004 - the version
            root = ((CONNECT, CONNECT_ERROR), "")
            return (root, (wanted, CONNECT + self.inside)) if self.inside else (root,)
        given = json.dumps({"token": self.route.token}) if self.route.token else ""
        return (((CONNECT, CONNECT_ERROR), CONNECT + self.inside + given),)

    def _open(self, path: str) -> AbstractAsyncContextManager[Talk]:
        return self.talks.open(self.door.request(path, self.headers), secret=self.route.secret)

    async def _polled(self, method: Literal["GET", "POST"], path: str, body: str) -> Response:
        if method == "POST":
            headers = {"content-type": "text/plain;charset=UTF-8", **self.headers}
            got = await self.door.post(path, body.encode(), headers)
        else:
            got = await self.door.get_anew(path, {"accept": ACCEPT_ANY, **self.headers})
        if got.status != OK:
            raise refused(self.route.version, got.status, got.body[:BODY_LIMIT])
        return got

    async def _heard(self, talk: Talk, *begin: str) -> str:
        """Return the next packet that begins so; pings in between are answered."""
        for _ in range(MAX_PACKETS):
            packet = await talk.hear()
            if packet == PING:
                await talk.send(PONG)
            elif packet == CONNECT and begin[0] == OPEN:
                break
            elif packet.startswith(begin):
                return packet
        raise StopError(StopKind.UNEXPECTED, self.route.version)

    async def _pings(self, talk: Talk) -> tuple[float, ...]:
        return tuple([await talk.ping(f"golive-{n}".encode()) for n in range(self.ask.pings)])


def _answer(heard: list[str], wanted: tuple[str, str]) -> str:
    return next((packet for packet in heard if packet.startswith(wanted)), "")
