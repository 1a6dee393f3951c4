"""The connections beneath HTTP: none takes the others' turn, and one that brings no answer is given up.

httpcore and h2 work through all that one read brings before anyone else runs, and set no limit to what comes before
an answer or between its pieces: interim answers, pings, settings, empty frames. So what is read is small, and counted.
And httpcore begins HTTP/2 with a hundred turns of the event loop, while others' turns may be long; here with none.

http.py imports this when it opens its first connection, since it needs httpx to be declared.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Iterable
from typing import Any, Self

import httpcore
import httpx

from golive_checks.systems.http.client.message import HEADERS_LIMIT_BYTES

PIECE_BYTES = 2048
"""What is read at a time: 80 interim answers, which h11 parses in some 5 ms."""
PADDING_LIMIT_BYTES = HEADERS_LIMIT_BYTES
"""Bytes of a connection that bring no answer; those of a head count as such until it is complete."""
WORTH = 2
"""What a byte of a body earns: honest chunks and frames are at least half content."""
CUT_LIMIT_BYTES = 2**22
"""Bytes of a body that nobody reads on which others, whose answers come over the same connection, may wait for."""
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
        """Start over: the head of an answer has come."""
        self._left = max(self._left, PADDING_LIMIT_BYTES)

    def body(self, size: int) -> None:
        """Count a piece of a body. Of what is allowed for a body that was cut, it takes nothing."""
        if self._left > PADDING_LIMIT_BYTES:
            self._left += size
        else:
            self._left = min(PADDING_LIMIT_BYTES, self._left + size * WORTH)

    def cut(self, rest: int) -> None:
        """Allow for the rest of a body that golive stopped reading: other answers come after it."""
        self._left += min(rest * WORTH, CUT_LIMIT_BYTES)


class _Semaphore:
    """Counts the streams of an HTTP/2 connection.

    httpcore takes 99 of 100 at first, one by one, and its own gives up a turn for each. Where turns are long, as where
    many hosts answer slowly or badly, that alone took healthy hosts their whole time.
    """

    def __init__(self, bound: int) -> None:
        self._free = asyncio.Semaphore(bound)

    async def acquire(self) -> None:
        await self._free.acquire()

    async def release(self) -> None:
        self._free.release()


with contextlib.suppress(ImportError):  # without it all works as well, and slower
    from httpcore._async import http2

    http2.AsyncSemaphore = _Semaphore  # type: ignore[attr-defined,assignment] # there is no other way in


class MeteredTransport(httpx.AsyncHTTPTransport):
    """The connections to one address, metered. httpx has no setting for what its connections are made with."""

    def __init__(self, context: ssl.SSLContext, *, http2: bool) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context, http2=http2, keepalive_expiry=KEPT_OPEN_S, network_backend=_Backend()
        )


def metered(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Meter the connections of a client that finds its proxies in the environment, as `Transport` cannot."""
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001 - httpx has no setting for it
        if isinstance(transport, httpx.AsyncHTTPTransport):
            transport._pool._network_backend = _Backend()  # noqa: SLF001 - likewise
    return client


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
