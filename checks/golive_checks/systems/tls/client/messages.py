"""The parts of handshake messages, taken apart without trust in their lengths."""

MAX_CERTIFICATES = 20
MAX_STAPLE_BYTES = 20_000
"""One with its responder's certificate has some 2 kB."""
STATUS_REQUEST, OCSP, NAMED_CURVE = 5, 1, 3


class GarbledError(Exception):
    """What was sent is no TLS, or not as TLS has it."""


class Bytes:
    """Bytes that someone else sent, taken from the front; asking for more than there are is their fault."""

    def __init__(self, held: bytes) -> None:
        self.left = held

    def take(self, size: int) -> bytes:
        """Take so many bytes."""
        if len(self.left) < size:
            raise GarbledError("sends a handshake message that is cut short")
        taken, self.left = self.left[:size], self.left[size:]
        return taken

    def number(self, size: int) -> int:
        """Take a number of so many bytes."""
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        """Take what comes behind its own length, which has `size` bytes."""
        return self.take(self.number(size))


def extensions(body: Bytes) -> dict[int, bytes]:
    """Read extensions, by their numbers."""
    found: dict[int, bytes] = {}
    while body.left:
        kind = body.number(2)
        found[kind] = body.vector(2)
    return found


def key_share(body: Bytes) -> tuple[int, bytes]:
    """Read the group and the server's share; a HelloRetryRequest has the group alone (RFC 8446, section 4.2.8)."""
    if not body.left:
        return 0, b""
    return body.number(2), body.vector(2) if body.left else b""


def certificates(body: Bytes) -> tuple[bytes, ...]:
    """Take the list apart, without reading the certificates themselves (RFC 5246, section 7.4.2)."""
    listed, found = Bytes(body.vector(3)), list[bytes]()
    while listed.left and len(found) <= MAX_CERTIFICATES:
        found.append(listed.vector(3))
    if not 0 < len(found) <= MAX_CERTIFICATES:
        raise GarbledError(f"sends no certificate, or more than {MAX_CERTIFICATES}")
    return tuple(found)


def certificates_1_3(body: Bytes) -> tuple[tuple[bytes, ...], bytes]:
    """Take the list apart, and find what is stapled to the leaf (RFC 8446, section 4.4.2)."""
    body.vector(1)
    listed, found, stapled = Bytes(body.vector(3)), list[bytes](), b""
    while listed.left and len(found) <= MAX_CERTIFICATES:
        found.append(listed.vector(3))
        held = extensions(Bytes(listed.vector(2)))
        if len(found) == 1 and STATUS_REQUEST in held:
            stapled = staple(held[STATUS_REQUEST])
    if not 0 < len(found) <= MAX_CERTIFICATES:
        raise GarbledError(f"sends no certificate, or more than {MAX_CERTIFICATES}")
    return tuple(found), stapled


def staple(status: bytes) -> bytes:
    """Read a CertificateStatus (RFC 6066, section 8)."""
    body = Bytes(status)
    return body.vector(3) if body.number(1) == OCSP and len(status) <= MAX_STAPLE_BYTES else b""


def key_exchange(body: Bytes, suite: str) -> tuple[int, int]:
    """Read the group or the size of the prime, which come first (RFC 5246, section 7.4.3; RFC 8422, section 5.4)."""
    if "_DHE_" in suite:
        return 0, int.from_bytes(body.vector(2), "big").bit_length()
    return (body.number(2) if "_ECDHE_" in suite and body.number(1) == NAMED_CURVE else 0), 0
