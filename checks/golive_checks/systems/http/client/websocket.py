"""A WebSocket's opening handshake (RFC 6455, section 4), and a farewell: no message is ever sent."""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from golive import Client, RunInfo, Unavailable
from golive.wording import duration
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

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What every server adds to the client's key (RFC 6455, section 1.3)."""
GOING_AWAY = bytes((0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9))
"""A close frame of code 1001 under a mask of zeros (RFC 6455, section 5.5.1)."""
SWITCHING = 101


@dataclass(frozen=True)
class Handshake:
    """How a server answered. `opened`: it agreed, in the protocol's own terms, and a WebSocket stood."""

    status: int
    headers: tuple[tuple[str, str], ...]
    opened: bool


class WebSockets(Client):
    """Asks for upgrades over HTTP/1.1, pinned to an address, within the limits that hold for HTTP."""

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

    async def open(self, request: Request, *, origin: str, stranger: bool = False) -> Handshake:
        """Ask for a WebSocket as a page of `origin` would, and leave it at once. Headers go over verified TLS alone.

        The page of a `stranger` names the tenant by the query at most: no page can give a WebSocket headers.
        """
        at = request.at
        self._routes.demand(at.ip)
        given = {**request.headers, **request.access.sent()}
        path = self._tenancy.path(at.host, request.path)
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        named = {} if stranger else self._tenancy.sent(at.host)
        asked = self._asking(at, path, {"Origin": origin, "Sec-WebSocket-Key": key, **named, **given})

        async def send(distrust: str) -> bytes:
            return await self._exchange(at, asked, request.ca_file, trusted=not distrust)

        where = f"{at.origin}{request.path.partition('?')[0]} ({at.ip})"
        async with self._pace.slot(at.host):
            try:
                async with asyncio.timeout(self._limits.timeout_s):
                    head = await self._http.tls.trusting(at, request.ca_file, send, secret=bool(given))
            except TimeoutError:
                late = f"{where} had not answered an upgrade after {duration(self._limits.timeout_s)}"
                raise Unavailable(late, transient=True) from None
            except (OSError, EOFError, asyncio.LimitOverrunError):
                raise Unavailable(
                    f"{where}: the connection broke before an upgrade was answered", transient=True
                ) from None
        found = _parsed(head, where)
        self._http.demand_the_app(at, found[0], found[1], secret=bool(given))
        return Handshake(*found, opened=_agreed(*found, key))

    def _asking(self, at: Endpoint, path: str, more: Mapping[str, str]) -> bytes:
        sent = {
            "Host": at.origin.partition("://")[2],
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "User-Agent": self._agent,
            **more,
        }
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
        return "\r\n".join(lines).encode("ascii")

    async def _exchange(self, at: Endpoint, asked: bytes, ca_file: str, *, trusted: bool) -> bytes:
        context = self._http.tls.context(ca_file, trusted=trusted, alpn=("http/1.1",))
        reader, writer = await asyncio.open_connection(
            at.ip, at.port, ssl=context, server_hostname=at.host, limit=HEADERS_LIMIT_BYTES
        )
        try:
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"HTTP/1.1 101"):
                writer.write(GOING_AWAY)
                await writer.drain()
            return head
        finally:
            await hang_up(writer)


def _parsed(head: bytes, where: str) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Read a status line and headers; what is not HTTP is a gap."""
    first, *rest = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    version, _, status = first.partition(" ")
    if not version.startswith("HTTP/1.") or not status[:3].isdecimal() or len(rest) > HEADERS_LIMIT:
        raise Unavailable(f"{where}: the answer to an upgrade is not HTTP")
    parts = (line.partition(":") for line in rest)
    return int(status[:3]), tuple((name.strip().lower(), value.strip()) for name, _, value in parts)


def _agreed(status: int, headers: tuple[tuple[str, str], ...], key: str) -> bool:
    expected = base64.b64encode(hashlib.sha1(f"{key}{GUID}".encode(), usedforsecurity=False).digest()).decode()
    return status == SWITCHING and ("sec-websocket-accept", expected) in headers
