"""What a server answers to a hello, read record by record, as little of it as is needed, and bounded."""

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum

from golive import Unavailable
from golive_checks.systems.tls.client.hello import WIRE
from golive_checks.systems.tls.client.suites import name_of

MAX_MESSAGE_BYTES = 200_000
"""OpenSSL refuses more than 100 kB of certificates (SSL_CTX_set_max_cert_list); twice that is read to name them."""
MAX_RECORD_BYTES = 2**14 + 2048
"""RFC 5246, section 6.2.3."""
MAX_RECORDS, MAX_MESSAGES = 200, 20
"""A whole answer has six messages; its certificates may come in records of any size."""
MAX_CERTIFICATES = 20

CLOSED = "closed the connection"
"""How servers refuse that send no alert, Windows' among them; and how firewalls do, and what speaks no TLS at all."""
ALERT, HANDSHAKE = 21, 22
SERVER_HELLO, CERTIFICATE, SERVER_KEY_EXCHANGE, SERVER_HELLO_DONE, CERTIFICATE_STATUS = 2, 11, 12, 14, 22
SUPPORTED_VERSIONS, RENEGOTIATION_INFO = 43, 0xFF01
SSL2_ERROR, SSL2_SERVER_HELLO = 0, 4

WARNING, CLOSE_NOTIFY, INTERNAL_ERROR = 1, 0, 80
ALERTS = {
    0: "close_notify",
    10: "unexpected_message",
    22: "record_overflow",
    30: "decompression_failure",
    40: "handshake_failure",
    47: "illegal_parameter",
    49: "access_denied",
    50: "decode_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    109: "missing_extension",
    110: "unsupported_extension",
    112: "unrecognized_name",
    116: "certificate_required",
    120: "no_application_protocol",
}
"""Those that answer a hello (https://www.iana.org/assignments/tls-parameters, TLS Alerts)."""

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
    """Read up to the server's last word: all of it in the clear until TLS 1.3, in which it is the hello alone."""
    messages = _Messages(reader)
    kind, body = await messages.next()
    if kind != SERVER_HELLO:
        raise _GarbledError(f"answers a hello with a message of type {kind}")
    answer = _server_hello(Bytes(body), version)
    chain: tuple[bytes, ...] = ()
    stapled = False
    while version != "TLS 1.3" and kind != SERVER_HELLO_DONE:
        kind, body = await messages.next()
        if kind == CERTIFICATE:
            chain = _certificates(Bytes(body))
        elif kind == SERVER_KEY_EXCHANGE and "_DHE_" in name_of(answer.suite):
            answer = replace(answer, dh_bits=_group_bits(Bytes(body)))
        stapled = stapled or kind == CERTIFICATE_STATUS
    return Heard(answer, chain, stapled)


def _server_hello(body: "Bytes", asked: str) -> Answer:
    """Read a server hello (RFC 8446, section 4.1.3), and tell one of the version that was asked from a lesser one."""
    legacy = body.take(2)
    body.take(32)
    body.vector(1)
    suite, compression = body.number(2), body.number(1)
    extensions = _extensions(Bytes(body.vector(2))) if body.left else {}
    chosen = tuple(extensions.get(SUPPORTED_VERSIONS, legacy))
    if chosen not in VERSIONS:
        raise _GarbledError(f"chooses version {chosen}, which there is not")
    if chosen > WIRE[asked]:
        raise _GarbledError(f"chooses {VERSIONS[chosen]} when at most {asked} was offered")
    if chosen < WIRE[asked]:
        raise _RefusedError(f"chose {VERSIONS[chosen]}")
    return Answer(
        Seen.ACCEPTED,
        suite=suite,
        compresses=compression != 0,
        renegotiates_securely=RENEGOTIATION_INFO in extensions,
    )


def _extensions(body: "Bytes") -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while body.left:
        kind = body.number(2)
        found[kind] = body.vector(2)
    return found


class _Messages:
    """Handshake messages, put together from records; an alert or the end of the connection is a refusal."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._held = bytearray()
        self._records = self._messages = 0

    async def next(self) -> tuple[int, bytes]:
        """Read one message: its type and its body."""
        self._messages += 1
        if self._messages > MAX_MESSAGES:
            raise _GarbledError(f"sends more than {MAX_MESSAGES} handshake messages and no end of its answer")
        kind = (await self._take(1))[0]
        length = int.from_bytes(await self._take(3), "big")
        if length > MAX_MESSAGE_BYTES:
            what = "its certificates are" if kind == CERTIFICATE else f"a message of type {kind} is"
            raise Unavailable(
                f"{what} {length} bytes long, more than clients read (OpenSSL: 102400 bytes)",
                fix="Serve a chain of a few kB: the leaf and its intermediates.",
            )
        return kind, await self._take(length)

    async def _take(self, size: int) -> bytes:
        while len(self._held) < size:
            self._records += 1
            if self._records > MAX_RECORDS:
                raise _GarbledError(f"sends more than {MAX_RECORDS} records and no end of its answer")
            kind, payload = await _record(self._reader)
            if kind == ALERT:
                _heed(payload)
            elif kind == HANDSHAKE:
                self._held += payload
            else:
                raise _GarbledError(f"answers a hello with a record of type {kind}")
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken


async def _record(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await _exactly(reader, 5)
    kind, major, length = head[0], head[1], int.from_bytes(head[3:5], "big")
    if head.startswith(b"HTTP"):
        raise _GarbledError("speaks plain HTTP where TLS is expected")
    if major != 3 or length > MAX_RECORD_BYTES or not length:  # noqa: PLR2004 - SSLv3 and all TLS
        raise _GarbledError(f"answers with something other than TLS: {head!r}")
    return kind, await _exactly(reader, length)


async def _exactly(reader: asyncio.StreamReader, size: int) -> bytes:
    try:
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError as error:
        if error.partial and not error.partial.startswith((b"\x15", b"\x16")):
            raise _GarbledError(f"answers with something other than TLS: {error.partial[:16]!r}") from error
        raise _RefusedError(CLOSED) from error
    except ConnectionError as error:
        raise _RefusedError(CLOSED) from error


def _heed(payload: bytes) -> None:
    """Take a fatal alert, or a farewell, as a refusal; a mere warning (RFC 6066's unrecognized_name) is passed over."""
    if len(payload) < 2:  # noqa: PLR2004 - level and description
        raise _GarbledError("sends an alert that is cut short")
    level, description = payload[0], payload[1]
    if level == WARNING and description != CLOSE_NOTIFY:
        return
    raise _RefusedError(f"alert {ALERTS.get(description, description)}", broken=description == INTERNAL_ERROR)


async def _ssl2_answer(reader: asyncio.StreamReader) -> Answer:
    """Read the answer to SSLv2's hello: its own server hello, its own error, or an alert of TLS."""
    head = await _exactly(reader, 3)
    if head[0] == ALERT:
        head += await _exactly(reader, 2)
        _heed(await _exactly(reader, min(int.from_bytes(head[3:5], "big"), MAX_RECORD_BYTES)))
        raise _RefusedError("alert, and nothing more")
    if not head[0] & 0x80:
        raise _GarbledError(f"answers with something other than SSL: {head!r}")
    if head[2] == SSL2_ERROR:
        raise _RefusedError("SSLv2 error")
    if head[2] != SSL2_SERVER_HELLO:
        raise _GarbledError(f"answers SSLv2's hello with a message of type {head[2]}")
    return Answer(Seen.ACCEPTED)


def _certificates(body: "Bytes") -> tuple[bytes, ...]:
    """Take the list apart, without reading the certificates themselves (RFC 5246, section 7.4.2)."""
    listed, found = Bytes(body.vector(3)), list[bytes]()
    while listed.left and len(found) <= MAX_CERTIFICATES:
        found.append(listed.vector(3))
    if not 0 < len(found) <= MAX_CERTIFICATES:
        raise _GarbledError(f"sends no certificate, or more than {MAX_CERTIFICATES}")
    return tuple(found)


def _group_bits(body: "Bytes") -> int:
    """Read the size of the prime, which comes first (RFC 5246, section 7.4.3)."""
    return int.from_bytes(body.vector(2), "big").bit_length()


class Bytes:
    """Bytes that someone else sent, taken from the front; asking for more than there are is their fault."""

    def __init__(self, held: bytes) -> None:
        self.left = held

    def take(self, size: int) -> bytes:
        """Take so many bytes."""
        if len(self.left) < size:
            raise _GarbledError("sends a handshake message that is cut short")
        taken, self.left = self.left[:size], self.left[size:]
        return taken

    def number(self, size: int) -> int:
        """Take a number of so many bytes."""
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        """Take what comes behind its own length, which has `size` bytes."""
        return self.take(self.number(size))
