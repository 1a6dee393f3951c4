"""Whether messages can flow: a WebSocket, or Socket.IO as its own client opens it, with a user's token."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import ClassVar, Literal
from urllib.parse import quote

from pydantic import Field, SecretStr

from golive import Fact, Settings, Unavailable, probe, shortened
from golive_checks.subjects import Host, UrlPath
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import ACCEPT_ANY, Access, Endpoint, HeaderValue, Response
from golive_checks.systems.http.client.websocket_talk import Talk, UpgradeRefusedError, WebSocketTalks
from golive_checks.systems.http.front import Front, over_https
from golive_checks.systems.http.page import reachable
from golive_checks.systems.nginx.config import ProxyPolicy
from golive_checks.systems.tls.client.trust import Trust

Protocol = Literal["socket.io", "websocket"]

# Engine.IO's packets, protocol 4 (github.com/socketio/engine.io-protocol): a digit, then what it carries.
OPEN, PING, PONG, MESSAGE, UPGRADE = "0", "2", "3", "4", "5"
# Socket.IO's packets, protocol 5 (github.com/socketio/socket.io-protocol), in Engine.IO's messages.
CONNECT, CONNECT_ERROR = MESSAGE + "0", MESSAGE + "4"
SEPARATOR = "\x1e"
"""Between the packets of one polling answer."""
TRANSPORT_UNKNOWN, VERSION_UNSUPPORTED = 0, 5
"""Engine.IO's error codes (engine.io, lib/server.ts)."""
ENGINE_IO_3 = "speaks Engine.IO 3, as socket.io 2 does; clients of today speak 4"
ENGINE_IO_3_OPEN = re.compile(r"\d{1,6}:0")
"""Its polling answers give each packet's length before it."""
OK = 200
BODY_LIMIT = 1000
"""Bytes of an error's body that are looked at."""
SAID_LIMIT = 100
"""Characters of what a server says of a refusal that a fact keeps."""
TRIES = 3
"""Of which the quickest counts."""
MAX_PACKETS = 20
"""Messages that may come before the one that is waited for."""


class RealtimePolicy(Settings):
    """Where messages flow, and how soon they must. For the host that serves them: `realtime:` in its entry."""

    home: ClassVar[str] = "observability.realtime"

    path: UrlPath = ""
    """The WebSocket's or Socket.IO's path, such as /socket.io/; empty: `websocket_path` of the host's `proxy`."""
    protocol: Protocol | None = None
    """Unset: Socket.IO where the path says so, else a plain WebSocket."""
    namespace: str = Field(default="/", pattern=r"^/[\w./-]{0,100}$")
    """Socket.IO's namespace."""
    token: HeaderValue = SecretStr("")
    """A user's token, of a test account; empty: none is given."""
    token_in: Literal["auth", "bearer", "query"] = "auth"  # noqa: S105 - a place
    """Where it goes: Socket.IO's `auth` as `token`, an Authorization header, or the query as `token`."""
    origin: str = Field(default="", pattern=r"^(https?://[A-Za-z0-9.:\[\]-]+)?$")
    """The Origin to give, as the app's page would; empty: none."""
    pings: int = Field(default=3, ge=1, le=20)
    """How many pings are timed."""
    connect_warn_s: float = Field(default=1.0, gt=0)
    """From the first byte until the server has let the user in; more warns."""
    connect_limit_s: float = Field(default=3.0, gt=0)
    """More than this fails."""
    ping_limit_ms: float = Field(default=500, gt=0)
    """The median of the pings; more warns."""


@dataclass(frozen=True)
class Way:
    """A way to connect, and how it went: `trouble` says why not, empty where messages can flow."""

    name: Literal["polling, then WebSocket", "WebSocket alone", "WebSocket"]
    trouble: str = ""
    off: bool = False
    """The server says that it does not offer this transport."""
    connected_s: float = 0.0
    pings_s: tuple[float, ...] = ()


@dataclass(frozen=True)
class Realtime(Fact):
    """How a host takes those who want messages. `path` is empty where the profile names none."""

    protocol: Protocol
    path: str
    ways: tuple[Way, ...]
    with_token: bool


@probe("http.realtime")
async def realtime(
    host: Host,
    ask: RealtimePolicy,
    proxy: ProxyPolicy,
    fronts: Mapping[Address, Front | Unavailable],
    http: Http,
    talks: WebSocketTalks,
    access: Access,
    trust: Trust,
) -> Realtime:
    """Connect as a client does, over polling and over WebSocket alone, time a few pings, and leave."""
    path = ask.path or proxy.websocket_path
    protocol = spoken(path, ask.protocol)
    with_token = bool(ask.token.get_secret_value())
    if not path:
        return Realtime(protocol, "", (), with_token)
    address = reachable(fronts)
    front = fronts[address]
    if with_token and isinstance(front, Front) and front.reply.distrust:
        raise Unavailable(
            f"{host.name} is not trusted ({front.reply.distrust}), and the token goes over verified TLS alone",
            fix="fix the certificate first, or name its CA in trust.ca_file",
        )
    visit = _Visit(over_https(address), path, ask, http, talks, access, trust.ca_file)
    if protocol == "websocket":
        ways: tuple[Way, ...] = (await visit.timed(Way("WebSocket"), visit.plain),)
    else:
        ways = await asyncio.gather(
            visit.timed(Way("polling, then WebSocket"), visit.polling),
            visit.timed(Way("WebSocket alone"), visit.alone),
        )
    return Realtime(protocol, path, ways, with_token)


def spoken(path: str, protocol: Protocol | None) -> Protocol:
    """Return what is spoken at a path: what the profile says, else Socket.IO where the path names it."""
    return protocol or ("socket.io" if "/socket.io" in path.partition("?")[0] else "websocket")


def with_query(path: str, query: str) -> str:
    """Add a query to a path that may have one already."""
    return f"{path}{'&' if '?' in path else '?'}{query}" if query else path


class _StopError(Exception):
    """The server answers otherwise than a healthy one."""

    def __init__(self, trouble: str, *, off: bool = False) -> None:
        super().__init__(trouble)
        self.trouble, self.off = trouble, off


class _Visit:
    """One client's way in."""

    def __init__(
        self,
        door: Endpoint,
        path: str,
        ask: RealtimePolicy,
        http: Http,
        talks: WebSocketTalks,
        access: Access,
        ca_file: str,
    ) -> None:
        self.door, self.path, self.ask, self.http, self.talks = door, path, ask, http, talks
        self.access, self.ca_file = access, ca_file
        self.token = ask.token.get_secret_value()
        self.headers = {"Origin": ask.origin} if ask.origin else {}
        if self.token and ask.token_in == "bearer":  # noqa: S105 - a place
            self.headers["Authorization"] = f"Bearer {self.token}"

    async def timed(self, way: Way, go: Callable[[], Awaitable[tuple[float, tuple[float, ...]]]]) -> Way:
        """Go that way, and tell how it went; where it took long, again, since golive itself may have been busy."""
        try:
            connected, pings = await go()
            for _ in range(TRIES - 1):
                if connected > self.ask.connect_warn_s:
                    connected, pings = min((connected, pings), await go())
        except _StopError as stop:
            return Way(way.name, stop.trouble, stop.off)
        except UpgradeRefusedError as refused:
            return Way(way.name, f"the WebSocket {'upgrade ' if refused.status else ''}{refused}")
        return Way(way.name, connected_s=connected, pings_s=pings)

    async def plain(self) -> tuple[float, tuple[float, ...]]:
        """Open a WebSocket."""
        async with self._open("") as talk:
            return talk.watch.seconds(), await self._pings(talk)

    async def alone(self) -> tuple[float, tuple[float, ...]]:
        """Connect over WebSocket from the start."""
        try:
            async with self._open("EIO=4&transport=websocket") as talk:
                await self._heard(talk, OPEN)
                await talk.send(self._hello())
                _let_in(await self._heard(talk, CONNECT, CONNECT_ERROR))
                return talk.watch.seconds(), await self._pings(talk)
        except UpgradeRefusedError as refused:
            if refused.status == 400:  # noqa: PLR2004 - Bad Request: Engine.IO says why in the body, to those who ask
                await self._polled("GET", "EIO=4&transport=websocket", "")
            raise

    async def polling(self) -> tuple[float, tuple[float, ...]]:
        """Connect by requests, then upgrade to a WebSocket."""
        got = await self._polled("GET", "EIO=4&transport=polling", "")
        opened, connected = got.text.split(SEPARATOR)[0], got.seconds  # without the waiting for a turn in between
        session = _session(opened)
        with_session = f"EIO=4&transport=polling&sid={quote(session, safe='')}"
        connected += (await self._polled("POST", with_session, self._hello())).seconds
        for _ in range(MAX_PACKETS):
            got = await self._polled("GET", with_session, "")
            packets, connected = got.text.split(SEPARATOR), connected + got.seconds
            answer = next((p for p in packets if p.startswith((CONNECT, CONNECT_ERROR))), "")
            if answer:
                break
        _let_in(answer)
        async with self._open(with_session.replace("transport=polling", "transport=websocket")) as talk:
            await talk.send(PING + "probe")
            await self._heard(talk, PONG + "probe")
            await talk.send(UPGRADE)
            return connected, await self._pings(talk)

    def _open(self, query: str) -> AbstractAsyncContextManager[Talk]:
        return self.talks.open(
            self.door,
            self._with(query),
            headers=self.headers,
            access=self.access,
            secret=bool(self.token),
            ca_file=self.ca_file,
        )

    def _with(self, query: str) -> str:
        token = f"token={quote(self.token, safe='')}" if self.token and self.ask.token_in == "query" else ""  # noqa: S105 - a place
        both = "&".join(part for part in (query, token) if part)
        return with_query(self.path, both)

    async def _polled(self, method: Literal["GET", "POST"], query: str, body: str) -> Response:
        path = self._with(query)
        if method == "POST":
            headers = {"content-type": "text/plain;charset=UTF-8", **self.headers}
            got = await self.http.post(
                self.door, path, body.encode(), headers=headers, access=self.access, ca_file=self.ca_file
            )
        else:
            headers = {"accept": ACCEPT_ANY, **self.headers}
            got = await self.http.get_anew(self.door, path, headers=headers, access=self.access, ca_file=self.ca_file)
        if got.status != OK:
            raise _stopped(got.status, got.body[:BODY_LIMIT])
        return got

    def _hello(self) -> str:
        """Ask to be let into the namespace (Socket.IO protocol, "Connection to a namespace")."""
        given = {"token": self.token} if self.token and self.ask.token_in == "auth" else None  # noqa: S105 - a place
        namespace = "" if self.ask.namespace == "/" else f"{self.ask.namespace},"
        return CONNECT + namespace + (json.dumps(given) if given else "")

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
        raise _StopError("it does not answer as Engine.IO 4 does")

    async def _pings(self, talk: Talk) -> tuple[float, ...]:
        return tuple([await talk.ping(f"golive-{n}".encode()) for n in range(self.ask.pings)])


def _session(opened: str) -> str:
    """Return the session's id from the packet that opens it."""
    if ENGINE_IO_3_OPEN.match(opened):
        raise _StopError(ENGINE_IO_3)
    try:
        return str(json.loads(opened.removeprefix(OPEN))["sid"])[:200]
    except (ValueError, TypeError, KeyError):
        raise _StopError("what answers there is not Engine.IO") from None


def _let_in(answer: str) -> None:
    """Raise where the namespace is refused, or let in as Socket.IO 2 does: without a session's id."""
    if answer.startswith(CONNECT_ERROR):
        raise _StopError(f"it refuses the connection{_said(answer[len(CONNECT_ERROR) :])}")
    if not answer:
        raise _StopError("it never lets the client into the namespace")
    if "sid" not in answer:
        raise _StopError(ENGINE_IO_3)


def _said(rest: str) -> str:
    """Repeat the message of a refusal: a word of the application, such as "unauthorized"."""
    try:
        message = json.loads(rest[rest.index("{") :])["message"]
    except (ValueError, TypeError, KeyError):
        return ""
    text = "".join(c for c in shortened(str(message), SAID_LIMIT) if c.isprintable())
    return f": {text}" if text else ""


def _stopped(status: int, body: bytes) -> _StopError:
    """Put an error of Engine.IO, or of what stands before it, into words."""
    try:
        code = json.loads(body).get("code")
    except (ValueError, AttributeError):
        code = None
    if code == TRANSPORT_UNKNOWN:
        return _StopError("the server does not offer this transport", off=True)
    if code == VERSION_UNSUPPORTED:
        return _StopError("the server speaks another version of Engine.IO than 4")
    return _StopError(f"answers {status}")
