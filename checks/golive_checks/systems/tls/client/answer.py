"""What a server answers to a hello, read record by record, as little of it as is needed, and bounded."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from golive import Unavailable
from golive_checks.systems.tls.client.messages import (
    Bytes,
    GarbledError,
    certificates,
    certificates_1_3,
    extensions,
    key_exchange,
    key_share,
    staple,
)
from golive_checks.systems.tls.client.offers import WIRE, Offer, group_name
from golive_checks.systems.tls.client.shares import Share
from golive_checks.systems.tls.client.suites import name_of
from golive_checks.systems.tls.client.unlock import LockedError, Opened, unlocker

MAX_MESSAGE_BYTES = 200_000
"""OpenSSL refuses more than 100 kB of certificates (SSL_CTX_set_max_cert_list); twice that is read to name them."""
MAX_RECORD_BYTES = 2**14 + 2048
"""RFC 5246, section 6.2.3."""
MAX_RECORDS, MAX_MESSAGES = 200, 20
"""A whole answer has six messages; its certificates may come in records of any size."""

CLOSED = "closed the connection"
"""How servers refuse that send no alert, Windows' among them; and how firewalls do, and what speaks no TLS at all."""
CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23
SERVER_HELLO, CERTIFICATE, SERVER_KEY_EXCHANGE, SERVER_HELLO_DONE, CERTIFICATE_STATUS = 2, 11, 12, 14, 22
SUPPORTED_VERSIONS, KEY_SHARE, RENEGOTIATION_INFO = 43, 51, 0xFF01
ASKS_AGAIN = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random of a server hello that is a HelloRetryRequest (RFC 8446, section 4.1.3)."""
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


class HelloOutcome(StrEnum):
    """How a server took a hello."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """By an alert, by closing the connection, or by choosing a lower version."""
    BROKEN = "broken"
    """By the alert internal_error: it took the hello up and failed, so that this is switched on and does not work."""


@dataclass(frozen=True)
class HelloAnswer:
    """How a server took a hello, and what it chose."""

    seen: HelloOutcome
    how: str = ""
    """How it refused: `alert protocol_version`, `closed the connection`, `chose TLS 1.2`."""
    version: str = ""
    suite: int = 0
    group: int = 0
    """What the keys are agreed on with; 0 where no group of IANA's table is used."""
    compresses: bool = False
    renegotiates_securely: bool = False
    """It speaks RFC 5746."""
    dh_bits: int = 0
    """The size of the Diffie-Hellman group, where one of numbers was chosen."""


@dataclass(frozen=True)
class Heard:
    """An answer, and the certificates that came with it, in DER, leaf first."""

    answer: HelloAnswer
    chain: tuple[bytes, ...] = ()
    staple: bytes = b""
    """The OCSP response that came with the leaf, in DER."""


@dataclass(frozen=True)
class SentHello:
    """A hello as it was sent: what it offered, its bytes without the record's head, and the keys it brought along."""

    offer: Offer
    message: bytes = b""
    shares: Sequence[Share] = ()


class AsksAgainError(Exception):
    """The server wants a key for another group than those that came along."""

    def __init__(self, group: int) -> None:
        super().__init__(group)
        self.group = group


class _RefusedError(Exception):
    def __init__(self, how: str, *, broken: bool = False) -> None:
        super().__init__(how)
        self.answer = HelloAnswer(HelloOutcome.BROKEN if broken else HelloOutcome.REFUSED, how)


async def heard(reader: asyncio.StreamReader, said: SentHello) -> Heard:
    """Read the answer to a hello, up to the certificates and the server's last word before it wants ours.

    Raises:
        AsksAgainError: it wants a key for another of the groups that were offered.
    """
    try:
        if said.offer.best == "SSLv2":
            return Heard(await _ssl2_answer(reader))
        return await _answer(reader, said)
    except _RefusedError as refused:
        return Heard(refused.answer)
    except (GarbledError, LockedError) as garbled:
        why = str(garbled) or "sends a handshake that does not open with the keys agreed on"
        raise Unavailable(why, fix="Something other than a TLS server answers at this address and port.") from garbled


async def _answer(reader: asyncio.StreamReader, said: SentHello) -> Heard:
    messages = _Messages(reader)
    kind, body = await messages.next()
    if kind != SERVER_HELLO:
        raise GarbledError(f"answers a hello with a message of type {kind}")
    answer, share = _server_hello(Bytes(body), said.offer)
    if answer.version != "TLS 1.3":
        return await _in_the_clear(messages, said.offer, answer)
    ours = next((each for each in said.shares if each.group == answer.group), None)
    if ours is None:
        raise GarbledError(f"uses a key for {group_name(answer.group)}, for which none came along")
    try:
        secret = ours.secret(share)
    except ValueError as error:
        raise GarbledError(f"sends a key for {group_name(answer.group)} that is none") from error
    transcript = said.message + bytes((kind,)) + len(body).to_bytes(3, "big") + body
    messages.unlock(unlocker(answer.suite, secret, transcript))
    # EncryptedExtensions come first, and a CertificateRequest may (RFC 8446, section 4.3).
    while kind != CERTIFICATE:
        kind, body = await messages.next()
    return Heard(answer, *certificates_1_3(Bytes(body)))


async def _in_the_clear(messages: "_Messages", offer: Offer, answer: HelloAnswer) -> Heard:
    """Read up to the server's last word: all of it is in the clear until TLS 1.3."""
    chain, stapled, kind = tuple[bytes, ...](), b"", SERVER_HELLO
    while kind != SERVER_HELLO_DONE:
        kind, body = await messages.next()
        if kind == CERTIFICATE:
            chain = certificates(Bytes(body))
        elif kind == SERVER_KEY_EXCHANGE:
            group, dh_bits = key_exchange(Bytes(body), name_of(answer.suite))
            answer = replace(answer, group=group, dh_bits=dh_bits)
        elif kind == CERTIFICATE_STATUS:
            stapled = staple(body)
    if answer.group and answer.group not in offer.groups:
        raise _RefusedError(f"chose {group_name(answer.group)}, which was not offered")
    return Heard(answer, chain, stapled)


def _server_hello(body: Bytes, offer: Offer) -> tuple[HelloAnswer, bytes]:
    """Read a server hello (RFC 8446, section 4.1.3), and tell one that clients take; return its key share, too."""
    legacy, random = body.take(2), body.take(32)
    body.vector(1)
    suite, compression = body.number(2), body.number(1)
    held = extensions(Bytes(body.vector(2))) if body.left else {}
    # TLS 1.3 calls itself 1.2 in the old field, for the sake of middleboxes, and names itself in the extension.
    chosen = tuple(held.get(SUPPORTED_VERSIONS, legacy))
    if chosen not in VERSIONS:
        raise GarbledError(f"chooses version {chosen}, which there is not")
    version = VERSIONS[chosen]
    if chosen > WIRE[offer.best]:
        raise GarbledError(f"chooses {version} when at most {offer.best} was offered")
    if version not in offer.versions:
        raise _RefusedError(f"chose {version}")
    group, share = key_share(Bytes(held.get(KEY_SHARE, b""))) if version == "TLS 1.3" else (0, b"")
    # HelloRetryRequest is a server hello with this very random (RFC 8446, section 4.1.3).
    if random == ASKS_AGAIN and group in offer.groups:
        raise AsksAgainError(group)
    if suite not in offer.suites:
        raise _RefusedError(f"chose {name_of(suite)}, which was not offered")
    if group and group not in offer.groups:
        raise _RefusedError(f"chose {group_name(group)}, which was not offered")
    answer = HelloAnswer(
        HelloOutcome.ACCEPTED,
        version=version,
        suite=suite,
        group=group,
        compresses=compression != 0,
        renegotiates_securely=RENEGOTIATION_INFO in held,
    )
    return answer, share


class _Messages:
    """Handshake messages, put together from records; an alert or the end of the connection is a refusal."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._held = bytearray()
        self._records = self._messages = 0
        self._open: Callable[[bytes, bytes], Opened] | None = None

    def unlock(self, opener: Callable[[bytes, bytes], Opened]) -> None:
        """Read what follows through this."""
        self._open = opener

    async def next(self) -> tuple[int, bytes]:
        """Read one message: its type and its body."""
        self._messages += 1
        if self._messages > MAX_MESSAGES:
            raise GarbledError(f"sends more than {MAX_MESSAGES} handshake messages and no end of its answer")
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
                raise GarbledError(f"sends more than {MAX_RECORDS} records and no end of its answer")
            kind, payload = await self._record()
            if kind == CHANGE_CIPHER_SPEC and self._open:
                continue  # which means nothing there, and pleases middleboxes (RFC 8446, appendix D.4)
            if kind == ALERT:
                _heed(payload)
            elif kind == HANDSHAKE:
                self._held += payload
            else:
                raise GarbledError(f"answers a hello with a record of type {kind}")
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken

    async def _record(self) -> Opened:
        head, payload = await _record(self._reader)
        if self._open and head[0] == APPLICATION_DATA:
            return self._open(head, payload)
        return head[0], payload


async def _record(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await _exactly(reader, 5)
    major, length = head[1], int.from_bytes(head[3:5], "big")
    if head.startswith(b"HTTP"):
        raise GarbledError("speaks plain HTTP where TLS is expected")
    if major != 3 or length > MAX_RECORD_BYTES or not length:  # noqa: PLR2004 - SSLv3 and all TLS
        raise GarbledError(f"answers with something other than TLS: {head!r}")
    return head, await _exactly(reader, length)


async def _exactly(reader: asyncio.StreamReader, size: int) -> bytes:
    try:
        return await reader.readexactly(size)
    except asyncio.IncompleteReadError as error:
        if error.partial and not error.partial.startswith((b"\x15", b"\x16")):
            raise GarbledError(f"answers with something other than TLS: {error.partial[:16]!r}") from error
        raise _RefusedError(CLOSED) from error
    except ConnectionError as error:
        raise _RefusedError(CLOSED) from error


def _heed(payload: bytes) -> None:
    """Take a fatal alert, or a farewell, as a refusal; a mere warning (RFC 6066's unrecognized_name) is passed over."""
    if len(payload) < 2:  # noqa: PLR2004 - level and description
        raise GarbledError("sends an alert that is cut short")
    level, description = payload[0], payload[1]
    if level == WARNING and description != CLOSE_NOTIFY:
        return
    raise _RefusedError(f"alert {ALERTS.get(description, description)}", broken=description == INTERNAL_ERROR)


async def _ssl2_answer(reader: asyncio.StreamReader) -> HelloAnswer:
    """Read the answer to SSLv2's hello: its own server hello, its own error, or an alert of TLS."""
    head = await _exactly(reader, 3)
    if head[0] == ALERT:
        head += await _exactly(reader, 2)
        _heed(await _exactly(reader, min(int.from_bytes(head[3:5], "big"), MAX_RECORD_BYTES)))
        raise _RefusedError("alert, and nothing more")
    if not head[0] & 0x80:
        raise GarbledError(f"answers with something other than SSL: {head!r}")
    if head[2] == SSL2_ERROR:
        raise _RefusedError("SSLv2 error")
    if head[2] != SSL2_SERVER_HELLO:
        raise GarbledError(f"answers SSLv2's hello with a message of type {head[2]}")
    return HelloAnswer(HelloOutcome.ACCEPTED)
