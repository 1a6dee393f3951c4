"""Client hellos made for a purpose: one version, and the suites that are asked about.

They are put together here byte by byte: the OpenSSL of this machine no longer says most of them.
"""

import os
from collections.abc import Iterable, Sequence

from golive_checks.systems.tls.client.suites import AS_BROWSERS_OFFER, BROKEN, DATED, MODERN_1_3, of_families

WIRE = {"SSLv3": (3, 0), "TLS 1.0": (3, 1), "TLS 1.1": (3, 2), "TLS 1.2": (3, 3), "TLS 1.3": (3, 4)}
"""Versions as they are written on the wire (RFC 8446, section 4.2.1)."""

SSL2_CIPHERS = (0x010080, 0x020080, 0x030080, 0x040080, 0x050080, 0x060040, 0x0700C0)
"""Every cipher of SSLv2 (draft-hickman-netscape-ssl-00, section 4.1)."""

BEFORE_1_2 = of_families((*DATED, *BROKEN))
"""What an old version is asked with: whatever suite the server would take, it is among these."""

HANDSHAKE, CLIENT_HELLO = 22, 1
NO_COMPRESSION, DEFLATE = 0, 1
RENEGOTIATION_SCSV = 0x00FF
"""Asks for secure renegotiation (RFC 5746, section 3.3)."""

X25519 = 29
GROUPS = (X25519, 23, 24, 25, 30)
"""x25519, P-256, P-384, P-521, x448 (RFC 8446, section 4.2.7)."""
SIGNATURES = (
    *(0x0403, 0x0503, 0x0603),  # ECDSA
    *(0x0807, 0x0808),  # Ed25519, Ed448
    *(0x0804, 0x0805, 0x0806),  # RSA-PSS
    *(0x0401, 0x0501, 0x0601),  # RSA
    *(0x0402, 0x0202),  # DSA
    *(0x0203, 0x0201),  # ECDSA and RSA with SHA-1: the certificate is judged once it is seen
)
"""All that a server could sign with (RFC 8446, section 4.2.3)."""


def ssl2_hello() -> bytes:
    """Make the hello of SSLv2, which has a form of its own (draft-hickman-netscape-ssl-00, section 2.5)."""
    ciphers, challenge = _numbers(SSL2_CIPHERS, 3), os.urandom(16)
    sizes = _numbers((len(ciphers), 0, len(challenge)), 2)
    body = bytes((CLIENT_HELLO, 0, 2)) + sizes + ciphers + challenge
    return (0x8000 | len(body)).to_bytes(2, "big") + body


def hello(host: str, version: str, suites: Sequence[int] = ()) -> bytes:
    """Make a hello of SSLv3 or later that offers this version and none above it (RFC 8446, section 4.1.2)."""
    wire, modern = WIRE[version], version == "TLS 1.3"
    offered = suites or _usual(version)
    body = b"".join(
        (
            bytes(min(wire, WIRE["TLS 1.2"])),
            os.urandom(32),
            _vector(1, os.urandom(32) if modern else b""),  # a session id lets middleboxes pass it (RFC 8446, D.4)
            _vector(2, _numbers(offered if modern else (*offered, RENEGOTIATION_SCSV), 2)),
            _vector(1, bytes((NO_COMPRESSION,) if modern else (DEFLATE, NO_COMPRESSION))),
            b"" if version == "SSLv3" else _vector(2, _extensions(host, version)),
        )
    )
    record = min(wire, WIRE["TLS 1.0"])  # old servers choke on a higher one (RFC 8446, section 5.1)
    return bytes((HANDSHAKE, *record)) + _vector(2, bytes((CLIENT_HELLO,)) + _vector(3, body))


def _usual(version: str) -> Sequence[int]:
    return {"TLS 1.2": AS_BROWSERS_OFFER, "TLS 1.3": MODERN_1_3}.get(version, BEFORE_1_2)


def _extensions(host: str, version: str) -> bytes:
    """Write the extensions that a browser sends with this version (RFC 6066, RFC 8422, RFC 8446)."""
    held = {
        0: _vector(2, b"\0" + _vector(2, host.encode("ascii"))),  # server_name
        10: _vector(2, _numbers(GROUPS, 2)),  # supported_groups
        11: _vector(1, b"\0"),  # ec_point_formats: uncompressed
        23: b"",  # extended_main_secret
    }
    if WIRE[version] >= WIRE["TLS 1.2"]:
        held[13] = _vector(2, _numbers(SIGNATURES, 2))  # signature_algorithms
        held[5] = b"\1\0\0\0\0"  # status_request: OCSP, no responders or extensions named
    if version == "TLS 1.3":
        share = _numbers((X25519,), 2) + _vector(2, os.urandom(32))  # never used to agree on a key
        held[43] = _vector(1, bytes(WIRE[version]))  # supported_versions
        held[51] = _vector(2, share)  # key_share
    return b"".join(_numbers((kind,), 2) + _vector(2, content) for kind, content in held.items())


def _vector(size: int, content: bytes) -> bytes:
    """Write content behind its length in `size` bytes."""
    return len(content).to_bytes(size, "big") + content


def _numbers(numbers: Iterable[int], size: int) -> bytes:
    return b"".join(number.to_bytes(size, "big") for number in numbers)
