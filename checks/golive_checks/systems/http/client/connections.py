"""The connections of a run. Those idle for longest are closed where there are many: each holds a socket and its TLS."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from golive_checks.systems.http.client.message import Endpoint
from golive_checks.systems.http.client.tls import HttpTls

if TYPE_CHECKING:
    from golive_checks.systems.http.client.wire import MeteredTransport

KEPT_OPEN = 64
"""Addresses whose connections stay open while nobody uses them."""

Key = tuple[Endpoint, str, bool]
"""An address in one host's name, the authorities it is trusted by, and whether it is trusted at all."""


@dataclass
class _Kept:
    transport: "MeteredTransport"
    users: int = 0


class ConnectionPool:
    """Hands out the connections to an address in one host's name: shared ones would carry another host's SNI."""

    def __init__(self, tls: HttpTls) -> None:
        self._tls = tls
        self._kept: dict[Key, _Kept] = {}
        """Those used last come last."""
        self._left: list[_Kept] = []

    @asynccontextmanager
    async def to(self, at: Endpoint, ca_file: str, *, trusted: bool) -> AsyncIterator["MeteredTransport"]:
        """Lend the connections to an address for the length of the block."""
        key = (at, ca_file, trusted)
        kept = self._kept.pop(key, None) or _Kept(self._made(at, ca_file, trusted=trusted))
        self._kept[key] = kept
        kept.users += 1
        try:
            yield kept.transport
        finally:
            kept.users -= 1
            await self._close_idle()

    def leave(self, transport: "MeteredTransport") -> None:
        """Ask nothing more over connections of which one still brings a body that nobody reads on."""
        for key, kept in list(self._kept.items()):
            if kept.transport is transport:
                self._left.append(self._kept.pop(key))

    async def aclose(self) -> None:
        """Close every connection."""
        await _close([*self._kept.values(), *self._left])

    def _made(self, at: Endpoint, ca_file: str, *, trusted: bool) -> "MeteredTransport":
        from golive_checks.systems.http.client.wire import MeteredTransport

        return MeteredTransport(self._tls.context(ca_file, trusted=trusted and at.secure), http2=at.secure)

    async def _close_idle(self) -> None:
        idle = [key for key, kept in self._kept.items() if not kept.users]
        over = [self._kept.pop(key) for key in idle[: max(0, len(self._kept) - KEPT_OPEN)]]
        over += [kept for kept in self._left if not kept.users]
        self._left = [kept for kept in self._left if kept.users]
        await _close(over)


async def _close(every: Sequence[_Kept]) -> None:
    """Close connections. One that ends badly is no trouble of the host whose answer has just come."""
    await asyncio.gather(*(kept.transport.aclose() for kept in every), return_exceptions=True)
