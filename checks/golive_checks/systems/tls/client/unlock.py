"""Reading what a TLS 1.3 server encrypts in its handshake: its certificates and the staple (RFC 8446, section 7)."""

import hmac
from collections.abc import Callable
from typing import Any

Opened = tuple[int, bytes]
"""The type of a record, and what is in it."""
IV_BYTES = 12
HASHES = {0x1302: "sha384"}
KEY_BYTES = {0x1302: 32, 0x1303: 32}
SHORT_TAG = 0x1305


class LockedError(Exception):
    """A record that does not open with the keys agreed on."""


def unlocker(suite: int, shared: bytes, transcript: bytes) -> Callable[[bytes, bytes], Opened]:
    """Return what opens the server's handshake records: it takes a record's head and its payload.

    `transcript` is both hellos, without their records.
    """
    import hashlib

    digest = HASHES.get(suite, "sha256")
    size = hashlib.new(digest).digest_size
    # RFC 8446, section 7.1: without a pre-shared key, zeros take its place.
    early = hmac.digest(bytes(size), bytes(size), digest)
    derived = _expand(early, b"derived", hashlib.new(digest).digest(), size, digest)
    handshake = hmac.digest(derived, shared, digest)
    traffic = _expand(handshake, b"s hs traffic", hashlib.new(digest, transcript).digest(), size, digest)
    cipher = _cipher(suite, _expand(traffic, b"key", b"", KEY_BYTES.get(suite, 16), digest))
    iv, count = int.from_bytes(_expand(traffic, b"iv", b"", IV_BYTES, digest), "big"), 0

    def opened(head: bytes, payload: bytes) -> Opened:
        nonlocal count
        from cryptography.exceptions import InvalidTag

        # RFC 8446, section 5.3: each record's nonce is the IV with the record's number in it.
        nonce, count = (iv ^ count).to_bytes(IV_BYTES, "big"), count + 1
        try:
            # RFC 8446, section 5.2: the content, its type in one byte, then zeros as padding.
            plain = cipher.decrypt(nonce, payload, head).rstrip(b"\0")
        except (InvalidTag, ValueError) as error:
            raise LockedError from error
        if not plain:
            raise LockedError
        return plain[-1], plain[:-1]

    return opened


def _expand(secret: bytes, label: bytes, context: bytes, size: int, digest: str) -> bytes:
    """HKDF-Expand-Label (RFC 8446, section 7.1), which never needs more than two blocks here."""
    name = b"tls13 " + label
    info = size.to_bytes(2, "big") + bytes((len(name),)) + name + bytes((len(context),)) + context
    first = hmac.digest(secret, info + b"\1", digest)
    return (first + hmac.digest(secret, first + info + b"\2", digest))[:size]


def _cipher(suite: int, key: bytes) -> Any:
    from cryptography.hazmat.primitives.ciphers import aead

    if suite in {0x1301, 0x1302}:
        return aead.AESGCM(key)
    if suite == 0x1303:  # noqa: PLR2004 - TLS_CHACHA20_POLY1305_SHA256; the others are AES in CCM
        return aead.ChaCha20Poly1305(key)
    return aead.AESCCM(key, tag_length=8 if suite == SHORT_TAG else 16)
