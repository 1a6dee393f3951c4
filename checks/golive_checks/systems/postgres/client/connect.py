"""Connects to Postgres: one address after the other, each failure told apart, with none of libpq's own defaults."""

import asyncio
import ipaddress
import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from golive import Settings, Stopwatch
from golive.profile.types import FilePath
from golive.wording import duration
from golive_checks.systems.machine.client.route import NetworkRoutes
from golive_checks.systems.postgres.client.certificate import has_expired
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind, kind_of, trouble
from golive_checks.systems.postgres.client.url import NOWHERE, VERIFYING, PostgresUrl, Reader
from golive_checks.systems.tls.client.trust import Trust

if TYPE_CHECKING:
    from psycopg import AsyncConnection
    from psycopg.pq.abc import PGconn

Row = tuple[Any, ...]

MAX_ADDRESSES = 4

ELSEWHERE = frozenset(
    {
        TroubleKind.NO_NAME,
        TroubleKind.CLOSED,
        TroubleKind.UNREACHABLE,
        TroubleKind.SILENT,
        TroubleKind.TLS_SILENT,
        TroubleKind.MUTE,
        TroubleKind.LOST,
        TroubleKind.STARTING,
        TroubleKind.STANDBY,
    }
)
"""After what the next address or host of a URL is tried, as libpq does; after any other answer it is not."""


class PostgresLimits(Settings):
    """How hard golive may lean on one database server, and how long it waits for it."""

    home: ClassVar[str] = "postgres"

    connect_timeout_s: float = Field(default=5.0, gt=0, le=60)
    """How long one attempt to connect may take, the login included."""
    statement_timeout_s: float = Field(default=5.0, gt=0, le=300)
    """How long the server may work at one query, which is then cancelled."""
    lock_timeout_s: float = Field(default=1.0, gt=0, le=60)
    """How long a query may wait for a lock: behind one that waits, the application's own would queue."""
    concurrency: int = Field(default=4, ge=1, le=64)
    """Connections at a time to one server."""
    min_free_share: float = Field(default=0.2, ge=0, lt=1)
    """The share of the server's connections that must be free for golive to take one."""
    max_rows: int = Field(default=100_000, ge=1)
    """A query that brings more rows counts as not having answered."""
    reader: Reader = "prisma6"
    """Who reads the URLs in the application: Prisma 5 and 6, 7, and libpq differ in what sslmode means to them."""
    ca_file: FilePath = ""
    """A PEM file with the CA of the database servers, where URLs name none; empty: trust.ca_file, or public CAs."""


class Connector:
    """Connects as a URL says, and as nothing else does."""

    def __init__(self, limits: PostgresLimits, routes: NetworkRoutes, trust: Trust, *, name: str) -> None:
        self._limits = limits
        self._routes = routes
        self._trust = trust
        self._name = name

    async def connect(self, to: PostgresUrl) -> "tuple[AsyncConnection[Row], str]":
        """Try each host, and each of its addresses, until one answers: and name the sslmode it took."""
        to = to if to.user else replace(to, user=await asyncio.to_thread(own_name))
        modes = to.tls_modes(self._limits.reader)
        last: PostgresTrouble | None = None
        for host, port in to.hosts:
            try:
                addresses = [""] if host.startswith("/") else await self._resolve(host, port)
            except PostgresTrouble as problem:
                last = problem
                continue
            for address in addresses:
                for mode in modes:
                    try:
                        return await self._attempt(to, host, port, address, mode), mode
                    except PostgresTrouble as problem:
                        last = problem
                    if last.kind is not TroubleKind.NO_TLS:
                        break
                # As libpq does: a server that was reached and refuses the login is not passed over for the next one.
                if last and last.kind not in ELSEWHERE:
                    raise last
        raise last or trouble(TroubleKind.SETUP, server=to.server, user=to.user, database=to.database, wait=0)

    async def _resolve(self, host: str, port: int) -> list[str]:
        """Look up a host's addresses, those for which there is a route here."""
        ips = await self._look_up(host, port)
        reached = [ip for ip in ips if self._routes.has(ip)]
        if not reached:
            self._routes.demand(ips[0])
        return reached[:MAX_ADDRESSES]

    async def _look_up(self, host: str, port: int) -> list[str]:
        with suppress(ValueError):
            return [str(ipaddress.ip_address(host))]
        import socket

        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._limits.connect_timeout_s):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except TimeoutError:
            reason = f"{host} was not resolved within {duration(self._limits.connect_timeout_s)}"
            raise PostgresTrouble(TroubleKind.NO_NAME, reason) from None
        except (OSError, UnicodeError):
            raise PostgresTrouble(TroubleKind.NO_NAME, f"{host} does not resolve to an address") from None
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    async def _attempt(self, to: PostgresUrl, host: str, port: int, address: str, mode: str) -> "AsyncConnection[Row]":
        """Connect to one address in one way."""
        from psycopg import AsyncConnection, ProgrammingError
        from psycopg.conninfo import make_conninfo

        ca_file = self.ca_file(to) if mode in VERIFYING else NOWHERE
        given = {
            **to.libpq(),
            "host": host,
            "hostaddr": address,
            "port": str(port),
            "sslmode": mode,
            "sslrootcert": ca_file,
            "application_name": self._name,
        }
        server = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

        def failed(kind: TroubleKind) -> PostgresTrouble:
            return trouble(kind, server=server, user=to.user, database=to.database, wait=self._limits.connect_timeout_s)

        try:
            conninfo = make_conninfo("", **{**_defaults(), **given})
        except (ProgrammingError, ValueError):  # a NUL in it
            raise failed(TroubleKind.SETUP) from None
        try:
            pgconn = await _connected(conninfo, self._limits.connect_timeout_s)
        except _Failed as failure:
            kind = failure.kind
            if kind is TroubleKind.UNTRUSTED and await self._expired(address, port, ca_file):
                kind = TroubleKind.EXPIRED
            raise failed(kind) from None
        connection: AsyncConnection[Row] = AsyncConnection(pgconn)
        try:
            await connection.set_autocommit(True)
        except BaseException:  # the run is cut off just then
            pgconn.finish()
            raise
        connection.prepare_threshold = None  # a pooler gives each transaction another server connection
        return connection

    def ca_file(self, to: PostgresUrl) -> str:
        """Name the file with the roots that a verified connection trusts."""
        import certifi

        own = to.ca_file
        if own == "system":
            return certifi.where()
        if own and not os.path.isabs(own):  # noqa: PTH117 - nothing else of pathlib is wanted
            if not self._limits.ca_file:
                reason = "the URL's sslcert is a relative path, which Prisma resolves against its schema's folder"
                raise PostgresTrouble(TroubleKind.SETUP, reason, fix="Name the file in postgres.ca_file too.")
            own = ""
        return own or self._limits.ca_file or self._trust.ca_file or certifi.where()

    async def _expired(self, address: str, port: int, ca_file: str) -> bool:
        with suppress(OSError, TimeoutError, ValueError):
            async with asyncio.timeout(self._limits.connect_timeout_s):
                return await has_expired(address, port, ca_file)
        return False


def own_name() -> str:
    """Return the name of the user that golive runs as, which libpq gives where a URL has none."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        reason = "the connection URL names no user, and the user that runs golive has no name"
        raise PostgresTrouble(TroubleKind.SETUP, reason, fix="Write the role into the URL.") from None


class _Failed(Exception):  # noqa: N818 - caught where it is raised from
    """A connection that was not made."""

    def __init__(self, kind: TroubleKind) -> None:
        super().__init__(kind)
        self.kind = kind


NEUTRAL = {
    "connect_timeout": "0",
    "max_protocol_version": "3.0",
    "min_protocol_version": "3.0",
    "require_auth": "password,md5,scram-sha-256,gss,sspi,none",
    "service": None,
    "sslcertmode": "allow",
}
"""What stands for libpq's own behaviour where it has no built-in default and refuses an empty text.

A service cannot be unset; one that is found fills only what is not given, which is next to nothing.
"""


def _defaults() -> dict[str, str]:
    """Return a value for every option that libpq would otherwise take from a PG... variable."""
    from psycopg.pq import Conninfo

    options = {o.keyword.decode(): (o.compiled or b"").decode() for o in Conninfo.get_defaults() if o.envvar}
    given = {name: NEUTRAL.get(name, value) for name, value in options.items()}
    return {name: value for name, value in given.items() if value is not None}


async def _connected(conninfo: str, wait: float) -> "PGconn":
    """Let libpq connect, step by step: where it ends in silence, its step tells whose."""
    from psycopg import pq

    pgconn = pq.PGconn.connect_start(conninfo.encode())
    began, answered, watch = pgconn.status != pq.ConnStatus.BAD, False, Stopwatch()
    try:
        async with asyncio.timeout(wait):
            while pgconn.status != pq.ConnStatus.BAD:
                polled = pgconn.connect_poll()
                answered = answered or pgconn.status not in {pq.ConnStatus.STARTED, pq.ConnStatus.BAD}
                if polled == pq.PollingStatus.OK:
                    pgconn.nonblocking = 1
                    return pgconn
                if polled == pq.PollingStatus.FAILED:
                    break
                await _ready(pgconn.socket, writing=polled == pq.PollingStatus.WRITING)
        if not began:
            raise _Failed(TroubleKind.SETUP)  # libpq refuses a parameter before it sends anything
        text = pgconn.error_message.decode("utf-8", "replace")
        raise _Failed(kind_of(text, answered=answered))
    except TimeoutError:
        step = pgconn.status
        if not watch.were_others_late(wait) or (answered and _has_come(pgconn.socket)):
            raise _Failed(TroubleKind.BUSY) from None
        silent = TroubleKind.TLS_SILENT if step == pq.ConnStatus.SSL_STARTUP else TroubleKind.MUTE
        raise _Failed(silent if answered else TroubleKind.SILENT) from None
    finally:
        if pgconn.status != pq.ConnStatus.OK:
            pgconn.finish()


def _has_come(socket: int) -> bool:
    """Return whether something lies there unread."""
    import select

    line = select.poll()  # select.select takes no descriptor above 1023
    line.register(socket, select.POLLIN)
    return bool(line.poll(0))


async def _ready(socket: int, *, writing: bool) -> None:
    """Wait until libpq's socket can be written to, or read from."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    add, remove = (loop.add_writer, loop.remove_writer) if writing else (loop.add_reader, loop.remove_reader)
    add(socket, _settle, ready)
    try:
        await ready
    finally:
        remove(socket)


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
