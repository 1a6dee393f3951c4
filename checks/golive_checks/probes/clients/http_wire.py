"""The connections beneath HTTP: read in small pieces, and given up where what comes is no part of an answer.

httpcore and h2 work through all that one read brings before anyone else has a turn, and set no limit to what comes
before an answer or between its pieces: interim answers, pings, settings, empty frames. A host that sends those
without end would take the event loop from all the others.

http.py imports this when it opens its first connection, since it needs httpx to be declared.
"""

import asyncio
import ssl
from collections.abc import Iterable
from typing import Any, Self

import httpcore
import httpx

PIECE_BYTES = 4096
"""What is read at a time: 160 interim answers, which h11 parses in some 10 ms."""
PADDING_LIMIT_BYTES = 128 * 1024
"""Bytes of a connection that bring no answer, a head that is not complete among them: h11 takes 100 kB for one."""
WORTH = 2
"""What a byte of a body earns: honest chunks and frames are at least half content."""
KEPT_OPEN_S = 5.0
METER = "golive_meter"


class PaddingError(Exception):
    """What a server sent was for the most part no answer."""


class Meter:
    """Counts what one connection brings against what of it was an answer."""

    def __init__(self) -> None:
        self._left = PADDING_LIMIT_BYTES

    @classmethod
    def of(cls, answer: httpx.Response) -> Self:
        """Return the meter of the connection that an answer came over."""
        meter = answer.extensions["network_stream"].get_extra_info(METER)
        if not isinstance(meter, cls):
            raise TypeError("an answer came over a connection that is not metered")
        return meter

    def spend(self, size: int) -> None:
        """Count what was read; raises PaddingError where nothing is left."""
        self._left -= size
        if self._left < 0:
            raise PaddingError

    def head(self) -> None:
        """Begin anew: the head of an answer has come."""
        self._left = PADDING_LIMIT_BYTES

    def body(self, size: int) -> None:
        """Count a piece of a body."""
        self._left = min(PADDING_LIMIT_BYTES, self._left + size * WORTH)


class Transport(httpx.AsyncHTTPTransport):
    """The connections to one address, metered. httpx has no setting for what its connections are made with."""

    def __init__(self, context: ssl.SSLContext, *, http2: bool) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context, http2=http2, keepalive_expiry=KEPT_OPEN_S, network_backend=_Backend()
        )


class _Backend(httpcore.AsyncNetworkBackend):
    def __init__(self) -> None:
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature, here and below
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._inner.connect_tcp(host, port, timeout, local_address, socket_options))

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner
        self._meter = Meter()

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        await asyncio.sleep(0)  # what a TLS record has more of comes without waiting, and would leave nobody a turn
        found = await self._inner.read(min(max_bytes, PIECE_BYTES), timeout)
        self._meter.spend(len(found))
        return found

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._meter if info == METER else self._inner.get_extra_info(info)
