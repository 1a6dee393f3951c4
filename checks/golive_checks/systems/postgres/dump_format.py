"""What a dump is, by its first bytes, and what its own head says about where it comes from. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["custom", "directory", "tar", "plain", "cluster", "encrypted", "unknown"]

HEAD_BYTES = 262_144
"""Enough of a dump for its head: of an archive, the table of contents comes first, of however many entries."""
PLAIN, CLUSTER = b"-- PostgreSQL database dump", b"-- PostgreSQL database cluster dump"
END = b"-- PostgreSQL database dump complete"
TAR_AT, TAR = 257, b"ustar"
ENCRYPTED = (
    (b"age-encryption.org/", "age"),
    (b"-----BEGIN AGE ENCRYPTED FILE", "age"),
    (b"-----BEGIN PGP MESSAGE", "OpenPGP"),
    (b"Salted__", "OpenSSL"),
)
OPENPGP_TAGS = {1, 3, 18, 20}
"""The packets that an encrypted OpenPGP message begins with, RFC 9580, section 5."""
NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""What no text has, in whatever encoding, and encrypted bytes have soon."""
SERVER_VERSION = re.compile(rb"^(?:--|; +) ?Dumped from database version:? (\d+)", re.MULTILINE)
DUMPER_VERSION = re.compile(rb"^(?:--|; +) ?Dumped by pg_dump version:? (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class DumpOrigin:
    """The major versions of the server that was dumped and of its pg_dump; 0 where the dump does not say."""

    server: int = 0
    pg_dump: int = 0


def kind_of(head: bytes) -> Kind:
    """Tell what unpacked bytes are the beginning of."""
    if head.startswith(b"PGDMP"):
        return "custom"
    if head[TAR_AT : TAR_AT + len(TAR)] == TAR or head.startswith(b"toc.dat\0"):
        return "tar"
    if encryption_of(head):
        return "encrypted"
    lines = head[:4096].splitlines()
    if CLUSTER in lines:
        return "cluster"
    return "plain" if PLAIN in lines else "unknown"


def encryption_of(head: bytes) -> str:
    """Name what a file is encrypted with; empty where it does not seem to be."""
    for begins, name in ENCRYPTED:
        if head.startswith(begins):
            return name
    first = head[0] if head else 0
    new, old = first & 0x3F, first >> 2 & 0x0F
    is_packet = first & 0x80 and (new if first & 0x40 else old) in OPENPGP_TAGS
    return "OpenPGP" if is_packet and NO_TEXT.search(head, 0, 512) else ""


def creates_database(head: bytes) -> bool:
    """Return whether a plain dump was made with --create: it would create and fill a database of the real name."""
    return any(line.startswith((b"CREATE DATABASE ", b"\\connect ")) for line in head.splitlines())


def origin_of(head: bytes) -> DumpOrigin:
    """Read the versions that a plain dump, or pg_restore's list of an archive, names."""
    server, dumper = SERVER_VERSION.search(head), DUMPER_VERSION.search(head)
    return DumpOrigin(int(server[1]) if server else 0, int(dumper[1]) if dumper else 0)
