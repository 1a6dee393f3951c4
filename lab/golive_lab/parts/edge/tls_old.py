"""Old TLS as servers of the time spoke it, by tlslite-ng, which only faults import: it takes a third of a second."""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING

from golive_lab.parts.certificates import chain_file, key_file
from golive_lab.world.names import HOSTS

with warnings.catch_warnings():  # on Python 3.11 it imports what is deprecated there
    warnings.simplefilter("ignore", DeprecationWarning)
    from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
from tlslite.constants import CipherSuite, ExtensionType
from tlslite.messages import ClientHello, RecordHeader2, ServerHello2
from tlslite.utils.codec import Parser

if TYPE_CHECKING:
    import socket

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world.tls import OldTls

VERSIONS = {"SSLv3": (3, 0), "TLSv1": (3, 1), "TLSv1.1": (3, 2)}
TLS_1_0, TLS_1_2 = (3, 1), (3, 3)
FAMILIES = {
    "3des": CipherSuite.tripleDESSuites,
    "rc4": CipherSuite.rc4Suites,
    "null": CipherSuite.nullSuites,
    "anonymous": [*CipherSuite.anonSuites, *CipherSuite.ecdhAnonSuites],
}
SOUND = {*CipherSuite.aeadSuites} - {*FAMILIES["anonymous"]}
"""A hello that offers one of those is the edge's."""
SSL2_CLIENT_HELLO = b"\x01"
PATIENCE_S = 10


def suited(front: OldTls, first: bytes) -> str:
    """Name the old version or the weak family with which the front answers a hello; nothing: it is the edge's."""
    hello = _parsed(first)
    if hello is None:
        is_ssl2 = first[:1] >= b"\x80" and first[2:3] == SSL2_CLIENT_HELLO
        return "SSLv2" if is_ssl2 and "SSLv2" in front.versions else ""
    if hello.getExtension(ExtensionType.supported_versions):  # TLS 1.3 is the edge's
        return ""
    asked = tuple(hello.client_version)
    if version := next((v for v in front.versions if VERSIONS.get(v) == asked), None):
        return version
    offered = set(hello.cipher_suites)
    if offered & SOUND:
        return ""
    return next((family for family in front.ciphers if offered & set(FAMILIES[family])), "")


def shake_hands(with_: socket.socket, place: StackPlace, address: str, first: bytes, how: str) -> None:
    """Shake hands in an old version or with a weak family, then answer whatever is asked with nothing."""
    settings = HandshakeSettings()
    settings.minVersion, settings.maxVersion = VERSIONS.get(how, TLS_1_0), VERSIONS.get(how, TLS_1_2)
    if how in {"3des", "rc4", "null"}:
        settings.cipherNames = [how]
    hello = _parsed(first)
    asked = str(hello.server_name, "ascii", "replace") if hello else ""
    host = asked if asked in HOSTS else HOSTS[0]
    key = parsePEMKey(key_file(place, host, address).read_text(), private=True)
    with with_, suppress(Exception):  # a client that wanted to see the hello alone is gone by now
        with_.settimeout(PATIENCE_S)
        connection = TLSConnection(with_)
        if how == "anonymous":
            connection.handshakeServer(settings=settings, anon=True)
        else:
            connection.handshakeServer(certChain=_chain(place, host, address), privateKey=key, settings=settings)
        connection.read(max=1, min=1)
        connection.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        connection.close()


def ssl2_hello(place: StackPlace, address: str) -> bytes:
    """Write the server hello of SSLv2 (draft-hickman-netscape-ssl-00, section 2.6)."""
    certificate = _chain(place, HOSTS[0], address).x509List[0].bytes
    body = ServerHello2().create(0, 1, (0, 2), certificate, [0x010080], bytearray(16)).write()
    return bytes(RecordHeader2().create(len(body)).write() + body)


def _chain(place: StackPlace, host: str, address: str) -> X509CertChain:
    chain = X509CertChain()
    chain.parsePemList(chain_file(place, host, address).read_text())
    return chain


def _parsed(first: bytes) -> ClientHello | None:
    """Parse a client hello of SSLv3 or later, or return None."""
    if first[:2] != b"\x16\x03":
        return None
    with suppress(Exception):  # whatever it is then, the edge refuses it
        return ClientHello().parse(Parser(bytearray(first[6:])))
    return None
