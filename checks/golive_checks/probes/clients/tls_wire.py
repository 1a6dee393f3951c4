"""What a server answers to a hello, read record by record, as little of it as is needed, and bounded."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from golive import Unavailable
from golive_checks.probes.clients.tls_hello import WIRE

if TYPE_CHECKING:
    from tlslite.messages import ServerHello, ServerKeyExchange

MAX_MESSAGE = 200_000
"""OpenSSL refuses more than 100 kB of certificates (SSL_CTX_set_max_cert_list); twice that is read to name them."""
MAX_RECORD = 2**14 + 2048
"""RFC 5246, section 6.2.3."""
MAX_RECORDS = 200
MAX_CERTIFICATES = 20

ALERT, HANDSHAKE = 21, 22
SERVER_HELLO, CERTIFICATE, SERVER_KEY_EXCHANGE, SERVER_HELLO_DONE, CERTIFICATE_STATUS = 2, 11, 12, 14, 22
CLOSE_NOTIFY, INTERNAL_ERROR, UNRECOGNIZED_NAME = 0, 80, 112
SSL2_SERVER_HELLO = 4

VERSIONS = {wire: version for version, wire in WIRE.items()}


class Seen(StrEnum):
    """How a server took a hello."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """By an alert, by closing the connection, or by choosing a lower version."""
    BROKEN = "broken"
    """By the alert internal_error: it took the hello up and failed, so that this is switched on and does not work."""


@dataclass(frozen=True)
class Answer:
    """How a server took a hello, and what it chose."""

    seen: Seen
    how: str = ""
    """How it refused: `alert protocol_version`, `closed the connection`, `chose TLS 1.2`."""
    suite: int = 0
    compresses: bool = False
    renegotiates_securely: bool = False
    """It speaks RFC 5746."""
    dh_bits: int = 0
    """The size of the Diffie-Hellman group, where one of numbers was chosen."""


@dataclass(frozen=True)
class Heard:
    """An answer, and the certificates that came with it, in DER, leaf first."""

    answer: Answer
    chain: tuple[bytes, ...] = ()
    stapled: bool = False


class _RefusedError(Exception):
    def __init__(self, how: str, *, broken: bool = False) -> None:
        super().__init__(how)
        self.answer = Answer(Seen.BROKEN if broken else Seen.REFUSED, how)


class _GarbledError(Exception):
    pass


async def heard(reader: asyncio.StreamReader, version: str) -> Heard:
    """Read the answer to a hello of `version`, up to the server's last word before it wants ours."""
    try:
        if version == "SSLv2":
            return Heard(await _ssl2_answer(reader))
        return await _answer(reader, version)
    except _RefusedError as refused:
        return Heard(refused.answer)
    except _GarbledError as garbled:
        raise Unavailable(
            str(garbled), fix="Something other than a TLS server answers at this address and port."
        ) from garbled


async def _answer(reader: asyncio.StreamReader, version: str) -> Heard:
    from tlslite.messages import ServerHello, ServerKeyExchange

    hello: ServerHello | None = None
    chain: tuple[bytes, ...] = ()
    stapled, bits, suite = False, 0, 0
    async for kind, body in _messages(reader):
        if kind == SERVER_HELLO and hello is None:
            hello = _parsed(ServerHello(), body)
            suite = int(hello.cipher_suite)
            _same_version(hello, version)
            if version == "TLS 1.3":
                break  # all that follows is encrypted
        elif kind == CERTIFICATE and hello:
            chain = _certificates(body)
        elif kind == CERTIFICATE_STATUS:
            stapled = True
        elif kind == SERVER_KEY_EXCHANGE and hello:
            bits = _group_bits(ServerKeyExchange(suite, hello.server_version), body)
        elif kind == SERVER_HELLO_DONE and hello:
            break
        else:
            raise _GarbledError(f"answers a hello with a message of type {kind} out of turn")
    if hello is None:
        raise _GarbledError("ends its answer before a server hello")
    answer = Answer(
        Seen.ACCEPTED,
        suite=suite,
        compresses=bool(hello.compression_method),
        renegotiates_securely=hello.getExtension(0xFF01) is not None,
        dh_bits=bits,
    )
    return Heard(answer, chain, stapled)


def _same_version(hello: "ServerHello", asked: str) -> None:
    """Tell a server that chose what was asked from one that fell back to less."""
    extension = hello.getExtension(43)  # supported_versions
    chosen = tuple(extension.version if extension else hello.server_version)
    if chosen not in VERSIONS:
        raise _GarbledError(f"chooses version {chosen}, which there is not")
    if chosen > WIRE[asked]:
        raise _GarbledError(f"chooses {VERSIONS[chosen]} when at most {asked} was offered")
    if chosen < WIRE[asked]:
        raise _RefusedError(f"chose {VERSIONS[chosen]}")


async def _messages(reader: asyncio.StreamReader) -> AsyncIterator[tuple[int, bytes]]:
    """Put handshake messages together from records; an alert or the end of the connection is a refusal."""
    held = bytearray()
    for _ in range(MAX_RECORDS):
        kind, payload = await _record(reader)
        if kind == ALERT:
            _heed(payload)
            continue
        if kind != HANDSHAKE:
            raise _GarbledError(f"answers a hello with a record of type {kind}")
        held += payload
        while len(held) >= 4:  # noqa: PLR2004 - type and length
            length = int.from_bytes(held[1:4], "big")
            if length > MAX_MESSAGE:
                what = "its certificates are" if held[0] == CERTIFICATE else f"a message of type {held[0]} is"
                raise Unavailable(
                    f"{what} {length} bytes long, more than clients read (OpenSSL: 102400 bytes)",
                    fix="Serve a chain of a few kB: the leaf and its intermediates.",
                )
            if len(held) < 4 + length:
                break
            yield held[0], bytes(held[4 : 4 + length])
            del held[: 4 + length]
    raise _GarbledError(f"sends more than {MAX_RECORDS} records and no end of its answer")


async def _record(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await _exactly(reader, 5)
    kind, major, length = head[0], head[1], int.from_bytes(head[3:5], "big")
    if head.startswith(b"HTTP"):
        raise _GarbledError("speaks plain HTTP where TLS is expected")
    if major != 3 or length > MAX_RECORD or not length:  # noqa: PLR2004 - SSLv3 and all TLS
        raise _GarbledError(f"answers with something other than TLS: {head!r}")
    return kind, await _exactly(reader, length)


async def _exactly(reader: asyncio.StreamReader, size: int) -> bytes:
    try:
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError as error:
        if error.partial and not error.partial.startswith((b"\x15", b"\x16")):
            raise _GarbledError(f"answers with something other than TLS: {error.partial[:16]!r}") from error
        raise _RefusedError("closed the connection") from error
    except ConnectionError as error:
        raise _RefusedError("closed the connection") from error


def _heed(payload: bytes) -> None:
    """Take a fatal alert, or a farewell, as a refusal; a mere warning (RFC 6066's unrecognized_name) is passed over."""
    from tlslite.constants import AlertDescription

    if len(payload) < 2:  # noqa: PLR2004 - level and description
        raise _GarbledError("sends an alert that is cut short")
    level, description = payload[0], payload[1]
    if level == 1 and description != CLOSE_NOTIFY:
        return
    name = AlertDescription.toStr(description)
    raise _RefusedError(f"alert {name}", broken=description == INTERNAL_ERROR)


async def _ssl2_answer(reader: asyncio.StreamReader) -> Answer:
    """Read the answer to SSLv2's hello: its own server hello, its own error, or an alert of TLS."""
    head = await _exactly(reader, 3)
    if head[0] == ALERT:
        head += await _exactly(reader, 2)
        _heed(await _exactly(reader, min(int.from_bytes(head[3:5], "big"), MAX_RECORD)))
        raise _RefusedError("alert, and nothing more")
    if not head[0] & 0x80:
        raise _GarbledError(f"answers with something other than SSL: {head!r}")
    if head[2] == 0:
        raise _RefusedError("SSLv2 error")
    if head[2] != SSL2_SERVER_HELLO:
        raise _GarbledError(f"answers SSLv2's hello with a message of type {head[2]}")
    return Answer(Seen.ACCEPTED)


def _certificates(body: bytes) -> tuple[bytes, ...]:
    """Take the list apart, without reading the certificates themselves (RFC 5246, section 7.4.2)."""
    found: list[bytes] = []
    rest = body[3:]
    while rest:
        length = int.from_bytes(rest[:3], "big")
        certificate = rest[3 : 3 + length]
        if len(certificate) < length or not length or len(found) == MAX_CERTIFICATES:
            raise _GarbledError(f"sends a list of certificates that is broken, or longer than {MAX_CERTIFICATES}")
        found.append(certificate)
        rest = rest[3 + length :]
    if not found:
        raise _GarbledError("sends an empty list of certificates")
    return tuple(found)


def _group_bits(message: "ServerKeyExchange", body: bytes) -> int:
    return int(_parsed(message, body).dh_p).bit_length()


def _parsed(message: Any, body: bytes) -> Any:
    """Let tlslite-ng parse a message; whatever it stumbles over, the server sent."""
    from tlslite.utils.codec import Parser

    framed = bytearray(len(body).to_bytes(3, "big") + body)
    try:
        return message.parse(Parser(framed))
    except Exception as error:  # tlslite raises its own errors, SyntaxError, AssertionError, ...
        raise _GarbledError(f"sends a {type(message).__name__} that cannot be parsed") from error
