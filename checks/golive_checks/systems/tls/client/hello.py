"""Client hellos made for a purpose: the versions, suites, groups and signatures that are asked about.

They are put together here byte by byte: the OpenSSL of this machine no longer says most of them.
"""

import os
from collections.abc import Iterable, Sequence

from golive_checks.systems.tls.client.offers import WIRE, Offer
from golive_checks.systems.tls.client.shares import Share

SSL2_CIPHERS = (0x010080, 0x020080, 0x030080, 0x040080, 0x050080, 0x060040, 0x0700C0)
"""Every cipher of SSLv2 (draft-hickman-netscape-ssl-00, section 4.1)."""

HANDSHAKE, CLIENT_HELLO = 22, 1
NO_COMPRESSION, DEFLATE = 0, 1
RENEGOTIATION_SCSV = 0x00FF
"""Asks for secure renegotiation (RFC 5746, section 3.3)."""
PSK_WITH_DHE = 1


def ssl2_hello() -> bytes:
    """Make the hello of SSLv2, which has a form of its own (draft-hickman-netscape-ssl-00, section 2.5)."""
    ciphers, challenge = _numbers(SSL2_CIPHERS, 3), os.urandom(16)
    sizes = _numbers((len(ciphers), 0, len(challenge)), 2)
    body = bytes((CLIENT_HELLO, 0, 2)) + sizes + ciphers + challenge
    return (0x8000 | len(body)).to_bytes(2, "big") + body


def hello(host: str, offer: Offer, shares: Sequence[Share] = ()) -> bytes:
    """Make a hello of SSLv3 or later that offers just that (RFC 8446, section 4.1.2)."""
    wire, modern = WIRE[offer.best], offer.best == "TLS 1.3"
    asks_for_renegotiation = offer.versions != ("TLS 1.3",)
    body = b"".join(
        (
            bytes(min(wire, WIRE["TLS 1.2"])),
            os.urandom(32),
            _vector(1, os.urandom(32) if modern else b""),  # a session id lets middleboxes pass it (RFC 8446, D.4)
            _vector(2, _numbers((*offer.suites, *[RENEGOTIATION_SCSV] * asks_for_renegotiation), 2)),
            _vector(1, bytes((DEFLATE, NO_COMPRESSION) if offer.deflate else (NO_COMPRESSION,))),
            b"" if offer.best == "SSLv3" else _vector(2, _extensions(host, offer, shares)),
        )
    )
    record = min(wire, WIRE["TLS 1.0"])  # old servers choke on a higher one (RFC 8446, section 5.1)
    return bytes((HANDSHAKE, *record)) + _vector(2, bytes((CLIENT_HELLO,)) + _vector(3, body))


def _extensions(host: str, offer: Offer, shares: Sequence[Share]) -> bytes:
    """Write the extensions that a browser sends with these versions (RFC 6066, RFC 7301, RFC 8422, RFC 8446)."""
    held = {
        0: _vector(2, b"\0" + _vector(2, host.encode("ascii"))),  # server_name
        10: _vector(2, _numbers(offer.groups, 2)),  # supported_groups
        11: _vector(1, b"\0"),  # ec_point_formats: uncompressed
        23: b"",  # extended_main_secret
    }
    if WIRE[offer.best] >= WIRE["TLS 1.2"]:
        held[13] = _vector(2, _numbers(offer.signatures, 2))  # signature_algorithms
        held[5] = b"\1\0\0\0\0"  # status_request: OCSP, no responders or extensions named
    if offer.protocols:
        held[16] = _vector(2, b"".join(_vector(1, name.encode("ascii")) for name in offer.protocols))  # ALPN
    if offer.best == "TLS 1.3":
        held[43] = _vector(1, b"".join(bytes(WIRE[version]) for version in offer.versions))  # supported_versions
        held[45] = bytes((1, PSK_WITH_DHE))  # psk_key_exchange_modes
        held[51] = _vector(2, b"".join(_numbers((s.group,), 2) + _vector(2, s.public) for s in shares))  # key_share
    return b"".join(_numbers((kind,), 2) + _vector(2, content) for kind, content in held.items())


def _vector(size: int, content: bytes) -> bytes:
    """Write content behind its length in `size` bytes."""
    return len(content).to_bytes(size, "big") + content


def _numbers(numbers: Iterable[int], size: int) -> bytes:
    return b"".join(number.to_bytes(size, "big") for number in numbers)
