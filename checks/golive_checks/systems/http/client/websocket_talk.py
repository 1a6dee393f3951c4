"""A conversation over a WebSocket (RFC 6455), as long as it takes to see that there can be one. wsproto speaks it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from golive import Client, RunInfo, Stopwatch, Unavailable
from golive.wording import data_size, duration
from golive_checks.systems.http.client.client import HEADERS_LIMIT, NO_TENANT, Http
from golive_checks.systems.http.client.message import (
    HEADERS_LIMIT_BYTES,
    Endpoint,
    HttpSettings,
    Request,
    Tenancy,
    agent,
)
from golive_checks.systems.machine.client.hang_up import hang_up
from golive_checks.systems.machine.client.pace import Pace
from golive_checks.systems.machine.client.route import NetworkRoutes

if TYPE_CHECKING:
    from wsproto import WSConnection
    from wsproto.events import Event

READ_LIMIT_BYTES = 256 * 1024
"""Of a whole conversation: a few short messages are all that is waited for."""
PIECE_BYTES = 4096


class UpgradeRefusedError(Exception):
    """The server answered the upgrade otherwise, or ended the conversation; `status` is 0 for the latter."""

    def __init__(self, status: int, code: int = 0) -> None:
        super().__init__(f"answers {status}" if status else f"closes the connection (code {code})")
        self.status, self.code = status, code


class Talk:
    """An open WebSocket. `watch` runs since the connection was begun."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, speaks: "WSConnection", watch: Stopwatch
    ) -> None:
        self._reader, self._writer, self._speaks = reader, writer, speaks
        self.watch = watch
        self._texts: deque[str] = deque()
        self._pongs: set[bytes] = set()
        self._partial = ""
        self._read = 0
        self._ended = False

    async def send(self, text: str) -> None:
        """Send a message."""
        from wsproto.events import TextMessage

        await self._say(TextMessage(data=text))

    async def hear(self) -> str:
        """Return the next text message."""
        while not self._texts:
            await self._more()
        return self._texts.popleft()

    async def ping(self, mark: bytes) -> float:
        """Return the seconds until a ping is answered (RFC 6455, section 5.5.3)."""
        from wsproto.events import Ping

        watch = Stopwatch()
        await self._say(Ping(payload=mark))
        while mark not in self._pongs:
            await self._more()
        return watch.seconds()

    async def leave(self) -> None:
        """Say farewell and wait for no answer."""
        from wsproto.events import CloseConnection
        from wsproto.utilities import LocalProtocolError

        try:
            await self._say(CloseConnection(code=1001))
        except (LocalProtocolError, OSError):
            return  # it is closed already

    async def _say(self, event: "Event") -> None:
        self._writer.write(self._speaks.send(event))
        await self._writer.drain()

    async def events(self) -> list["Event"]:
        """Wait for more, and return what it is."""
        from wsproto.utilities import RemoteProtocolError

        found = await self._reader.read(PIECE_BYTES)
        if self._ended and not found:  # which comes again and again, without waiting
            raise UpgradeRefusedError(0)
        self._ended = not found
        self._read += len(found)
        if self._read > READ_LIMIT_BYTES:
            raise Unavailable(f"a WebSocket brought more than {data_size(READ_LIMIT_BYTES)} before what was waited for")
        try:
            self._speaks.receive_data(found or None)
            return list(self._speaks.events())
        except RemoteProtocolError:
            raise UpgradeRefusedError(0) from None

    async def _more(self) -> None:
        await self.take(await self.events())

    async def take(self, events: Iterable["Event"]) -> None:
        """Keep of what came what is waited for."""
        from wsproto.events import CloseConnection, Ping, Pong, TextMessage

        for event in events:
            if isinstance(event, CloseConnection):
                raise UpgradeRefusedError(0, event.code)
            if isinstance(event, Ping):
                await self._say(event.response())
            elif isinstance(event, Pong):
                self._pongs.add(bytes(event.payload))
            elif isinstance(event, TextMessage):
                self._partial += event.data
                if event.message_finished:
                    self._texts.append(self._partial)
                    self._partial = ""


class WebSocketTalks(Client):
    """Opens WebSockets, pinned to an address, within the limits that hold for HTTP."""

    def __init__(
        self,
        http: Http,
        limits: HttpSettings,
        pace: Pace,
        routes: NetworkRoutes,
        run: RunInfo,
        tenancy: Tenancy = NO_TENANT,
    ) -> None:
        self._http, self._limits, self._pace, self._routes, self._tenancy = http, limits, pace, routes, tenancy
        self._agent = agent(run)

    @asynccontextmanager
    async def open(self, request: Request, *, secret: bool) -> AsyncIterator[Talk]:
        """Open one for the length of the block; `secret`: what is sent over it goes over verified TLS alone.

        Raises:
            RefusedError: the server would not.
        """
        at = request.at
        self._routes.demand(at.ip)
        where = f"{at.origin}{request.path.partition('?')[0]} ({at.ip})"
        given = request.access.sent()
        async with self._pace.slot(at.host):
            try:
                async with asyncio.timeout(self._limits.timeout_s):
                    opened = await self._connected(at, request.ca_file, secret=secret or bool(given))
                    reader, writer, watch = opened
                    try:
                        sent = {**self._tenancy.sent(at.host), **request.headers, **given}
                        path = self._tenancy.path(at.host, request.path)
                        speaks = await self._asked(replace(request, path=path, headers=sent), writer)
                        talk = Talk(reader, writer, speaks, watch)
                        await self._upgraded(at, talk, secret=bool(request.headers or given))
                        yield talk
                        await talk.leave()
                    finally:
                        await hang_up(writer)
            except TimeoutError:
                late = f"{where}: the conversation had not ended after {duration(self._limits.timeout_s)}"
                raise Unavailable(late, transient=True) from None
            except OSError:
                raise Unavailable(f"{where}: the connection broke", transient=True) from None

    async def _connected(
        self, at: Endpoint, ca_file: str, *, secret: bool
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, Stopwatch]:
        async def connect(distrust: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, Stopwatch]:
            context = self._http.tls.context(ca_file, trusted=not distrust, alpn=("http/1.1",))
            watch = Stopwatch()
            reader, writer = await asyncio.open_connection(
                at.ip, at.port, ssl=context, server_hostname=at.host, limit=HEADERS_LIMIT_BYTES
            )
            return reader, writer, watch

        return await self._http.tls.trusting(at, ca_file, connect, secret=secret)

    async def _asked(self, request: Request, writer: asyncio.StreamWriter) -> "WSConnection":
        from wsproto import ConnectionType, WSConnection, events

        speaks = WSConnection(ConnectionType.CLIENT)
        extra = [
            (name.encode(), value.encode()) for name, value in {"User-Agent": self._agent, **request.headers}.items()
        ]
        host = request.at.origin.partition("://")[2]
        writer.write(speaks.send(events.Request(host=host, target=request.path, extra_headers=extra)))
        await writer.drain()
        return speaks

    async def _upgraded(self, at: Endpoint, talk: Talk, *, secret: bool) -> None:
        """Wait until the server agrees."""
        from wsproto.events import AcceptConnection, RejectConnection

        while True:
            events = iter(await talk.events())
            for event in events:
                if isinstance(event, AcceptConnection):
                    await talk.take(events)  # a server's first messages may have come along
                    return
                if isinstance(event, RejectConnection):
                    found = [(n.decode("latin-1").lower(), v.decode("latin-1")) for n, v in event.headers]
                    self._http.demand_the_app(at, event.status_code, found[:HEADERS_LIMIT], secret=secret)
                    raise UpgradeRefusedError(event.status_code)
                raise UpgradeRefusedError(0)
