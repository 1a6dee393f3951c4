"""gzip and zstd, unpacked piece by piece; of what comes out only its ends are kept."""

from collections.abc import Iterator
from typing import Any, Literal

HEAD_BYTES, TAIL_BYTES = 262_144, 4096
PIECE = 65_536
MAX_OUT = 1_048_576
"""At a time: a small piece of what was made to harm unpacks to very much."""
MAX_TOTAL = 1_000_000_000
"""A few seconds of work."""


class DamagedError(Exception):
    """It does not unpack; one line."""


class Unpacking:
    """Takes packed bytes in order, and knows the two ends of what they hold, its length, and whether it ended."""

    def __init__(self, packing: Literal["gzip", "zstd"]) -> None:
        self.packing = packing
        self.head = bytearray()
        self.tail = b""
        self.size = 0
        self.ended = False
        """Whether what was taken so far ends where it should."""
        self.too_much = False
        """Whether it unpacks to more than is looked at."""
        self._now: Any = None

    def take(self, data: bytes) -> None:
        """Unpack some more.

        Raises:
            DamagedError: what it is packed in does not fit together.
        """
        import zlib

        from backports.zstd import ZstdError

        try:
            for at in range(0, len(data), PIECE):
                self._take(data[at : at + PIECE])
        except (zlib.error, ZstdError):
            raise DamagedError(f"it does not unpack: what {self.packing} made of it is damaged") from None

    def _take(self, piece: bytes) -> None:
        while piece and not self.too_much:
            if self._now is None:
                piece = piece.lstrip(b"\0") if self.ended else piece  # padding between and after what is packed
                if not piece:
                    return
                self._now, self.ended = _unpacker(self.packing), False
            for out in _out(self._now, piece):
                self._keep(out)
            piece = self._now.unused_data
            if self._now.eof:  # several may follow one another: pigz and zstd -T write them so
                self._now, self.ended = None, True

    def _keep(self, out: bytes) -> None:
        self.size += len(out)
        self.too_much = self.size > MAX_TOTAL
        self.head += out[: HEAD_BYTES - len(self.head)]
        self.tail = (self.tail + out)[-TAIL_BYTES:]


def _unpacker(packing: str) -> Any:
    if packing == "gzip":
        import zlib

        return zlib.decompressobj(wbits=31)
    from backports.zstd import ZstdDecompressor

    return ZstdDecompressor()


def _out(unpacker: Any, piece: bytes) -> Iterator[bytes]:
    """Yield what a piece unpacks to, no more than MAX_OUT at a time."""
    yield unpacker.decompress(piece, MAX_OUT)
    while not unpacker.eof:
        rest = getattr(unpacker, "unconsumed_tail", b"")  # zlib gives back what it has not used; zstd keeps it
        if not rest and getattr(unpacker, "needs_input", True):
            return
        yield unpacker.decompress(rest, MAX_OUT)
