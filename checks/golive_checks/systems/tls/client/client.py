"""TLS as it is on the wire: hellos that offer what is asked about, and the certificates that a server sends."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from golive import Client, Settings, Unavailable
from golive.wording import duration
from golive_checks.systems.machine.client.pace import Pace
from golive_checks.systems.machine.client.route import NetworkRoutes
from golive_checks.systems.tls.client.answer import AsksAgainError, Heard, HelloAnswer, HelloOutcome, SentHello, heard
from golive_checks.systems.tls.client.hello import hello, ssl2_hello
from golive_checks.systems.tls.client.offers import Offer, group_name
from golive_checks.systems.tls.client.shares import known, share

FAREWELL = bytes((21, 3, 1, 0, 2, 1, 0))
"""A close_notify alert: a server then logs a client that left, not one that broke off (RFC 8446, section 6.1)."""

RECORD_HEAD_BYTES = 5


class TlsLimits(Settings):
    """How long a handshake may take."""

    home: ClassVar[str] = "tls"

    connect_timeout_s: float = Field(default=5, gt=0)
    """Until a connection stands."""
    timeout_s: float = Field(default=10, gt=0)
    """Until the server has answered a hello."""


@dataclass(frozen=True)
class TlsTarget:
    """Where to say hello, and for which host."""

    host: str
    ip: str
    port: int


class Tls(Client):
    """Says hello and listens, as far as the server's certificates: no handshake is ever finished."""

    def __init__(self, pace: Pace, routes: NetworkRoutes, limits: TlsLimits) -> None:
        self._pace, self._routes, self._limits = pace, routes, limits

    async def hello(self, target: TlsTarget, offer: Offer) -> Heard:
        """Say one hello and read the answer; say it again where the server wants a key of another group."""
        try:
            return await self._hello(target, offer, offer.shares)
        except AsksAgainError as wanted:
            group = wanted.group
        if group in offer.shares or not known(group):
            return Heard(HelloAnswer(HelloOutcome.REFUSED, f"asked for a key of {group_name(group)}, and again"))
        try:
            return await self._hello(target, offer, (group,))
        except AsksAgainError:
            return Heard(HelloAnswer(HelloOutcome.REFUSED, f"asked for a key of {group_name(group)}, and again"))

    async def _hello(self, target: TlsTarget, offer: Offer, groups: Sequence[int]) -> Heard:
        """Say hello with keys for these groups."""
        shares = [share(group) for group in groups] if offer.best == "TLS 1.3" else []
        greeting = ssl2_hello() if offer.best == "SSLv2" else hello(target.host, offer, shares)
        async with self._connection(target) as (reader, writer):
            writer.write(greeting)
            answer = await heard(reader, SentHello(offer, greeting[RECORD_HEAD_BYTES:], shares))
            writer.write(FAREWELL)
            return answer

    @asynccontextmanager
    async def _connection(self, target: TlsTarget) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Hold a slot and a connection, both within the limits; what goes wrong with it is a gap."""
        self._routes.demand(target.ip)
        at, limits = f"{target.ip} port {target.port}", self._limits
        async with self._pace.slot(target.host):
            try:
                async with asyncio.timeout(limits.connect_timeout_s):
                    reader, writer = await asyncio.open_connection(target.ip, target.port)
            except TimeoutError as error:
                late = f"no connection to {at} within {duration(limits.connect_timeout_s)}"
                raise Unavailable(late, transient=True) from error
            except ConnectionRefusedError as error:
                raise Unavailable(f"{at} is closed", transient=True) from error
            except OSError as error:
                why = error.strerror or type(error).__name__
                raise Unavailable(f"no connection to {at}: {why}", transient=True) from error
            try:
                async with asyncio.timeout(limits.timeout_s):
                    yield reader, writer
            except TimeoutError as error:
                within = duration(limits.timeout_s)
                late = f"{at} accepts connections, but did not finish its answer to a hello within {within}"
                raise Unavailable(late, transient=True) from error
            finally:
                writer.close()
