"""TLS as it is on the wire: hellos of any version and with any suites, and the certificates that a server sends."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from golive import Client, Settings, Unavailable
from golive_checks.systems.machine.client.pace import Pace
from golive_checks.systems.machine.client.route import Routes
from golive_checks.systems.tls.client.answer import MAX_CERTIFICATES, Heard, heard
from golive_checks.systems.tls.client.hello import hello, ssl2_hello

if TYPE_CHECKING:
    from ssl import SSLContext, SSLObject

FAREWELL = bytes((21, 3, 1, 0, 2, 1, 0))
"""A close_notify alert: a server then logs a client that left, not one that broke off (RFC 8446, section 6.1)."""

DER = 2
"""`_ssl.ENCODING_DER`, which typeshed does not know."""


class TlsLimits(Settings):
    """How long a handshake may take."""

    home: ClassVar[str] = "tls"

    connect_timeout_s: float = Field(default=5, gt=0)
    """Until a connection stands."""
    timeout_s: float = Field(default=10, gt=0)
    """Until the server has answered a hello."""


@dataclass(frozen=True)
class Target:
    """Where to say hello, and for which host."""

    host: str
    ip: str
    port: int


class Tls(Client):
    """Says hello and listens. It never agrees on a key, so nothing that it sends or hears is an application's."""

    def __init__(self, pace: Pace, routes: Routes, limits: TlsLimits) -> None:
        self._pace, self._routes, self._limits = pace, routes, limits

    async def hello(self, target: Target, version: str, suites: Sequence[int] = ()) -> Heard:
        """Offer one version, and these suites or else all that suit it, and read what the server answers."""
        greeting = ssl2_hello() if version == "SSLv2" else hello(target.host, version, suites)
        async with self._connection(target) as (reader, writer):
            writer.write(greeting)
            answer = await heard(reader, version)
            writer.write(FAREWELL)
            return answer

    async def chain_in_tls_1_3(self, target: Target) -> tuple[bytes, ...]:
        """Read the certificates from a server that speaks TLS 1.3 alone, which encrypts them."""
        import ssl

        async with self._connection(target) as (_, writer):
            try:
                await writer.start_tls(_anything_goes(), server_hostname=target.host)
            except ssl.SSLError as error:
                raise Unavailable(f"the TLS 1.3 handshake failed: {error.reason or 'no reason given'}") from error
            except ConnectionError as error:
                raise Unavailable("closes the connection in the TLS 1.3 handshake", transient=True) from error
            return _unverified_chain(writer.get_extra_info("ssl_object"))

    @asynccontextmanager
    async def _connection(self, target: Target) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """Hold a slot and a connection, both within the limits; what goes wrong with it is a gap."""
        self._routes.demand(target.ip)
        at, limits = f"{target.ip} port {target.port}", self._limits
        async with self._pace.slot(target.host):
            try:
                async with asyncio.timeout(limits.connect_timeout_s):
                    reader, writer = await asyncio.open_connection(target.ip, target.port)
            except TimeoutError as error:
                late = f"no connection to {at} within {limits.connect_timeout_s:g} s"
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
                late = f"{at} takes connections, but did not finish its answer to a hello within {limits.timeout_s:g} s"
                raise Unavailable(late, transient=True) from error
            finally:
                writer.close()


def _anything_goes() -> "SSLContext":
    """Make a context that takes any certificate: it is there to be looked at, not trusted."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_ciphers("ALL:@SECLEVEL=0")  # or OpenSSL would refuse what certificate-strong is to see
    return context


def _unverified_chain(connection: "SSLObject") -> tuple[bytes, ...]:
    """Read the chain as it was sent: public from Python 3.13 on, below it on the object underneath."""
    if hasattr(connection, "get_unverified_chain"):
        chain = connection.get_unverified_chain()
    else:  # the one way there is on 3.11 and 3.12
        held = connection._sslobj.get_unverified_chain()  # type: ignore[attr-defined] # noqa: SLF001 - as said
        chain = [certificate.public_bytes(DER) for certificate in held or ()]
    return tuple(chain)[:MAX_CERTIFICATES]
