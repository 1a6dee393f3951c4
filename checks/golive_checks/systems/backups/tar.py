"""Tar archives, member by member, to the two blocks of zeros that end them. Pure.

Python's own tarfile takes a header that is damaged for the end of the archive, without a word.
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from golive_checks.systems.machine.client.streams import Peekable, StreamPart, exactly
from golive_checks.systems.machine.client.unpack import DamagedError

BLOCK = 512
MAX_EXTENSION = 1_000_000
"""Of a pax header, or of a long name."""
NAME, LINK, PAX, PAX_GLOBAL, SPARSE = b"L", b"K", b"x", b"g", b"S"
FOLLOWED_BY_DATA = {b"0", b"\0", b"7"}
CUT_OFF = "it is cut off: "


@dataclass(frozen=True)
class Member:
    """A file in an archive."""

    name: str
    size: int
    data: StreamPart
    """Its bytes: what is not read of them is passed over."""


class Tar:
    """Reads an archive."""

    def __init__(self, stream: Peekable) -> None:
        self._stream = stream
        self._at = 0
        self.count = 0
        """Its members, those that are no files included."""

    def files(self) -> Iterator[Member]:
        """Yield its files.

        Raises:
            DamagedError: it is cut off, or a header is damaged.
        """
        name, size = "", None
        while header := self._header():
            kind, length = header.type, header.size
            if kind in {NAME, LINK, PAX, PAX_GLOBAL}:
                text = self._text(length)
                if kind == NAME:
                    name = text.rstrip(b"\0").decode("utf-8", "surrogateescape")
                elif kind == PAX:
                    records = _records(text)
                    name, size = records.get("path", name), _number(records.get("size"))
                continue
            if kind == SPARSE:
                raise DamagedError("its tar archive has a sparse file, whose length golive cannot determine")
            self.count += 1
            # ustar's field ends at 8 GiB; the size of a larger file is in the PAX record before it.
            length = length if size is None else size
            # Before POSIX, tar wrote a folder as a file whose name ends with a slash.
            if kind in FOLLOWED_BY_DATA and not header.name.endswith("/"):
                data = StreamPart(self._stream, length)
                yield Member(name or header.name, length, data)
                self._pass(data.left, length, name or header.name)
            # Links, devices, folders and FIFOs have no data whatever their size says; an unknown type may (POSIX).
            elif kind not in {b"1", b"2", b"3", b"4", b"5", b"6"}:
                self._pass(length, length, name or header.name)
            name, size = "", None

    def _header(self) -> tarfile.TarInfo | None:
        """Read the next header; None at the archive's end."""
        block = exactly(self._stream, BLOCK)
        # POSIX ends an archive by two blocks of zeros; one that stands alone is damage.
        if len(block) == BLOCK and not block.strip(b"\0"):
            if exactly(self._stream, BLOCK).strip(b"\0"):
                raise DamagedError("a header of its tar archive is damaged")
            return None
        if len(block) < BLOCK:
            raise DamagedError(f"{CUT_OFF}the tar archive has no end")
        try:
            return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            raise DamagedError(
                f"a header of its tar archive is damaged, that of its member {self.count + 1:,}"
            ) from None

    def _text(self, length: int) -> bytes:
        if not 0 <= length <= MAX_EXTENSION:
            raise DamagedError("a header of its tar archive makes no sense")
        text = exactly(self._stream, length)
        self._pass(length - len(text), length, "a header")
        return text

    def _pass(self, left: int, length: int, name: str) -> None:
        """Pass over what was not read of a member, and over the padding to a whole block."""
        wanted = left + -length % BLOCK
        if self._stream.skip(wanted) < wanted:
            raise DamagedError(f"{CUT_OFF}the tar archive ends within {name}")


def _records(text: bytes) -> dict[str, str]:
    """Read the records of a pax header, `27 path=…` and a line's end each (POSIX.1-2017, pax)."""
    found, at = dict[str, str](), 0
    while at < len(text):
        length, space, _ = text[at : at + 12].partition(b" ")
        if not space or not length.isdigit() or not int(length):
            raise DamagedError("a header of its tar archive makes no sense")
        record = text[at + len(length) + 1 : at + int(length)]
        key, _, value = record.rstrip(b"\n").partition(b"=")
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        at += int(length)
    return found


def _number(text: str | None) -> int | None:
    if text is not None and not (text.isdigit() and text.isascii()):
        raise DamagedError("a header of its tar archive makes no sense")
    return None if text is None else int(text)
