"""Client hellos made for a purpose: one version, and the suites that are asked about.

They are written with tlslite-ng, so that what is sent does not depend on what the OpenSSL of this machine still speaks.
"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from golive_checks.probes.clients.tls_suites import AS_BROWSERS_OFFER, BROKEN, DATED, MODERN_1_3, of_families

if TYPE_CHECKING:
    from tlslite.extensions import TLSExtension

WIRE = {"SSLv3": (3, 0), "TLS 1.0": (3, 1), "TLS 1.1": (3, 2), "TLS 1.2": (3, 3), "TLS 1.3": (3, 4)}
"""Versions as they are written on the wire (RFC 8446, section 4.2.1)."""

SSL2_CIPHERS = (0x010080, 0x020080, 0x030080, 0x040080, 0x050080, 0x060040, 0x0700C0)
"""Every cipher of SSLv2 (draft-hickman-netscape-ssl-00, section 4.1)."""

BEFORE_1_2 = (*of_families(DATED), *of_families(BROKEN))
"""What an old version is asked with: had the server any suite in common with it, it is among these."""

HANDSHAKE, DEFLATE, NO_COMPRESSION, RENEGOTIATION_SCSV = 22, 1, 0, 0x00FF


def ssl2_hello() -> bytes:
    """Make the hello of SSLv2, which has a form of its own."""
    from tlslite.messages import ClientHello, RecordHeader2

    hello = ClientHello(ssl2=True).create((0, 2), bytearray(os.urandom(16)), bytearray(), list(SSL2_CIPHERS))
    body = hello.write()
    return bytes(RecordHeader2().create(len(body)).write() + body)


def hello(name: str, version: str, suites: Sequence[int] = ()) -> bytes:
    """Make a hello of SSLv3 or later that offers this version and none above it."""
    from tlslite.messages import ClientHello, RecordHeader3

    wire = WIRE[version]
    legacy = min(wire, WIRE["TLS 1.2"])
    modern = version == "TLS 1.3"
    offered = list(suites or (MODERN_1_3 if modern else AS_BROWSERS_OFFER if version == "TLS 1.2" else BEFORE_1_2))
    message = ClientHello().create(
        legacy,
        bytearray(os.urandom(32)),
        bytearray(os.urandom(32) if modern else b""),  # a session id lets middleboxes pass it (RFC 8446, D.4)
        offered if modern else [*offered, RENEGOTIATION_SCSV],
        extensions=_extensions(name, version) if version != "SSLv3" else None,
    )
    message.compression_methods = [NO_COMPRESSION] if modern else [DEFLATE, NO_COMPRESSION]
    body = message.write()
    record = min(wire, WIRE["TLS 1.0"])  # old servers choke on a higher one (RFC 8446, section 5.1)
    return bytes(RecordHeader3().create(record, HANDSHAKE, len(body)).write() + body)


def _extensions(name: str, version: str) -> "list[TLSExtension]":
    from tlslite.constants import ECPointFormat, ExtensionType, GroupName, SignatureScheme
    from tlslite.extensions import (
        ClientKeyShareExtension,
        ECPointFormatsExtension,
        KeyShareEntry,
        SignatureAlgorithmsExtension,
        SNIExtension,
        StatusRequestExtension,
        SupportedGroupsExtension,
        SupportedVersionsExtension,
        TLSExtension,
    )

    groups = [GroupName.x25519, GroupName.secp256r1, GroupName.secp384r1, GroupName.secp521r1, GroupName.x448]
    held: list[TLSExtension] = [
        SNIExtension().create(bytearray(name, "ascii")),
        SupportedGroupsExtension().create(groups),
        ECPointFormatsExtension().create([ECPointFormat.uncompressed]),
        TLSExtension(extType=ExtensionType.extended_master_secret).create(bytearray()),
    ]
    if version in {"TLS 1.2", "TLS 1.3"}:
        schemes = [getattr(SignatureScheme, scheme) for scheme in _SCHEMES]
        held += [SignatureAlgorithmsExtension().create(schemes), StatusRequestExtension().create()]
    if version == "TLS 1.3":
        share = KeyShareEntry().create(GroupName.x25519, bytearray(os.urandom(32)))  # never used to agree on a key
        held += [SupportedVersionsExtension().create([WIRE[version]]), ClientKeyShareExtension().create([share])]
    return held


_SCHEMES = (
    "ecdsa_secp256r1_sha256",
    "ecdsa_secp384r1_sha384",
    "ecdsa_secp521r1_sha512",
    "ed25519",
    "ed448",
    "rsa_pss_rsae_sha256",
    "rsa_pss_rsae_sha384",
    "rsa_pss_rsae_sha512",
    "rsa_pkcs1_sha256",
    "rsa_pkcs1_sha384",
    "rsa_pkcs1_sha512",
    "dsa_sha256",
    "ecdsa_sha1",
    "rsa_pkcs1_sha1",
    "dsa_sha1",
)
"""All that a server could sign with, SHA-1 last: its certificate is judged once it is seen."""
