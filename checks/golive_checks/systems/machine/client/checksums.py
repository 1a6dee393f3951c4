"""Checksums by their names, as manifests name them."""

import hashlib
from typing import Protocol


class Checksum(Protocol):
    """What computes one, piece by piece."""

    def update(self, piece: bytes, /) -> None:
        """Take the next piece."""

    def digest(self) -> bytes:
        """Return the checksum; of a number, its bytes from the highest on."""


def checksum(algorithm: str) -> Checksum | None:
    """Begin a checksum; None for an algorithm that golive does not know."""
    if algorithm in {"sha224", "sha256", "sha384", "sha512"}:
        return hashlib.new(algorithm)
    if algorithm == "crc32c":
        import google_crc32c

        made: Checksum = google_crc32c.Checksum()  # type: ignore[no-untyped-call]
        return made
    return None
