"""Packed streams, unpacked while they are read: gzip, zlib, zstd, xz, bzip2, lz4, one stream or several in a row."""

import re
from typing import Any, Literal, Protocol

from golive.wording import data_size

Packing = Literal["", "gzip", "zlib", "zstd", "xz", "bzip2", "lz4"]

HEAD_BYTES = 262_144
PIECE = 65_536
MAX_OUT = 1_048_576
"""At a time: a small piece of what was made to harm unpacks to very much."""
MAX_TOTAL = 1_000_000_000
"""A few seconds of work."""
MAX_MEMORY = 256_000_000
"""What xz may need for one stream; `xz -9` needs 65 MB."""

SKIPPABLE = rb"[\x50-\x5f]\x2a\x4d\x18"
"""A frame without data, of zstd (RFC 8878, section 3.1.2) and of lz4: pzstd and mcmilk's zstdmt begin with one."""
BEGINNINGS = {
    "gzip": re.compile(rb"\x1f\x8b"),
    "zlib": re.compile(rb"\x78"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd|" + SKIPPABLE),
    "xz": re.compile(rb"\xfd7zXZ\x00"),
    "bzip2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"),
    "lz4": re.compile(rb"\x04\x22\x4d\x18|" + SKIPPABLE),
}
LONGEST = 10
"""What the longest of them needs."""
PADDED = {"gzip", "xz"}
"""Zeros may follow what these make: gzip(1) on tapes, and the file format of xz, section 2.2."""
IGNORES_THE_REST = {"bzip2"}
"""bzip2(1) says "trailing garbage after EOF ignored", and ends with 0; the others end with an error or a warning."""


class DamagedError(Exception):
    """It does not unpack; one line."""


class LimitError(Exception):
    """golive reads no further; one line says why."""


class Stream(Protocol):
    """What bytes are read from, in order."""

    def read(self, length: int, /) -> bytes:
        """Return the next bytes, `length` at most; none at the end."""


def packing_of(head: bytes) -> Packing:
    """Tell how a file is compressed as a whole."""
    for packing, begins in BEGINNINGS.items():
        if begins.match(head) and packing != "zlib":  # only ever within an archive: one byte is no sign
            return packing  # type: ignore[return-value]  # the keys are all there are
    return ""


class Unpacked:
    """Reads what a packed stream holds, to its end and the checksum there.

    Its `read` raises:
        DamagedError: it ends too early, does not fit together, or is followed by what its tool does not know.
        LimitError: it holds more than `most` bytes, or needs too much memory.
    """

    def __init__(self, packed: Stream, packing: Packing, most: float = MAX_TOTAL) -> None:
        self.size = 0
        self._packed, self._packing, self._most = packed, packing, most
        self._now: Any = None
        self._rest, self._ready = b"", b""
        self._streams = 0
        self._ended = False

    def read(self, length: int, /) -> bytes:
        """Return the next bytes, `length` at most; none at the end."""
        self._ready = self._ready or self._more()
        found, self._ready = self._ready[:length], self._ready[length:]
        return found

    def _more(self) -> bytes:
        """Unpack until something comes out, or all of it is read."""
        while not self._ended and (self._now or self._begun()):
            out = self._step()
            self.size += len(out)
            if self.size > self._most:
                raise LimitError(f"it unpacks to more than {data_size(self._most)}")
            if out:
                return out
        return b""

    def _begun(self) -> bool:
        """Begin with the next of the streams that follow one another; False after the last."""
        while len(self._rest) < LONGEST and (more := self._packed.read(PIECE)):
            self._rest += more
            if self._streams and self._packing in PADDED:
                self._rest = self._rest.lstrip(b"\0")
        if self._streams and self._packing in PADDED:
            self._rest = self._rest.lstrip(b"\0")
        if not BEGINNINGS[self._packing].match(self._rest):
            if not self._streams or (self._rest and self._packing not in IGNORES_THE_REST):
                raise DamagedError(f"after the end of its {self._packing} data come bytes that are not part of it")
            self._ended = True
            return False
        self._streams += 1
        self._now = _unpacker(self._packing)
        return True

    def _step(self) -> bytes:
        if not self._rest and getattr(self._now, "needs_input", True):
            self._rest = self._packed.read(PIECE)
            if not self._rest and not hasattr(self._now, "unconsumed_tail"):
                raise self._cut_off()
        last = not self._rest
        out: bytes = self._decompress()
        if self._now.eof:
            self._rest, self._now = self._now.unused_data or b"", None
        elif hasattr(self._now, "unconsumed_tail"):  # zlib gives back what it has not used; the others keep it
            self._rest = self._now.unconsumed_tail
            if last and not out:
                raise self._cut_off()
        else:
            self._rest = b""
        return out

    def _decompress(self) -> Any:
        try:
            return self._now.decompress(self._rest, MAX_OUT)
        except Exception as error:
            # zlib.error, ZstdError and LZMAError are not imported for one line; bz2 raises OSError, lz4 RuntimeError
            if type(error).__name__ not in {"error", "ZstdError", "LZMAError", "OSError", "RuntimeError", "EOFError"}:
                raise
            if "memory" in str(error).lower():
                raise LimitError(f"{self._packing} needs more memory for it than golive gives it") from None
            raise DamagedError(f"it does not unpack: its {self._packing} data is damaged") from None

    def _cut_off(self) -> DamagedError:
        return DamagedError(f"it is cut off: its {self._packing} data has no end")


def _unpacker(packing: Packing) -> Any:
    match packing:
        case "gzip" | "zlib":
            import zlib

            return zlib.decompressobj(wbits=31 if packing == "gzip" else 15)
        case "xz":
            import lzma

            return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_MEMORY)
        case "bzip2":
            import bz2

            return bz2.BZ2Decompressor()
        case "lz4":
            from lz4.frame import LZ4FrameDecompressor

            return LZ4FrameDecompressor()
        case _:
            from backports.zstd import ZstdDecompressor

            return ZstdDecompressor()
