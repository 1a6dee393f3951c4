"""The data in an archive of pg_dump: block by block in its custom format, file by file in the others. Pure.

As _skipData, _LoadLOs and ReadDataFromArchive read them in pg_backup_custom.c, pg_backup_directory.c and compress_io.c.
"""

import re
from collections.abc import Iterable, Mapping

from golive_checks.systems.machine.client.streams import PIECE, Peekable, drained, exactly
from golive_checks.systems.machine.client.unpack import MAX_TOTAL, DamagedError, Packing, Stream, Unpacked
from golive_checks.systems.postgres.archive_format import Archive
from golive_checks.systems.postgres.damage import Damage, DamageKind

DATA, LARGE_OBJECTS = 1, 3
PACKINGS: Mapping[str, Packing] = {"": "", "gzip": "zlib", "lz4": "lz4", "zstd": "zstd"}
LISTS = re.compile(r"blobs(_\d+)?\.toc")
"""A list of large objects; one for many of them since PostgreSQL 17."""
MAX_CHUNK = 1 << 30
CUT_OFF = "it is cut off: "
DAMAGED = "it is damaged: "


def read_blocks(stream: Peekable, archive: Archive) -> tuple[list[Damage], int]:
    """Read all blocks of a custom archive, behind its head: what is wrong with it, and how many bytes follow its end.

    Raises:
        DamagedError: it is cut off, or a block does not fit together.
    """
    damages, missing, blocks = list[Damage](), dict(archive.blocks), _Blocks(stream, archive)
    while missing and (kind := stream.read(1)):
        number = blocks.number()
        block = missing.pop(number, None)
        if kind[0] not in {DATA, LARGE_OBJECTS} or block is None:
            raise DamagedError(f"{DAMAGED}a block of data is none that its table of contents names")
        if kind[0] == DATA:
            tail = blocks.data(block.name)
            if not tail.endswith(block.ends):
                damages.append(Damage(DamageKind.CUT_BEFORE_ARCHIVED, (block.name,)))
        else:
            while blocks.number():
                blocks.data(block.name)
    if missing:
        first = next(iter(missing.values())).name
        damages.append(Damage(DamageKind.DATA_ABSENT, (first, len(missing) - 1)))
    beyond = 0
    while piece := stream.read(PIECE):
        beyond += len(piece)
    return damages, beyond


class _Blocks:
    def __init__(self, stream: Peekable, archive: Archive) -> None:
        self._stream, self._int_size = stream, archive.int_size
        self._packing: Packing = PACKINGS[archive.compression]
        self._left = MAX_TOTAL

    def number(self) -> int:
        """Read a number: its sign and its bytes."""
        found = exactly(self._stream, 1 + self._int_size)
        if len(found) <= self._int_size:
            raise DamagedError(f"{CUT_OFF}its last block of data has no end")
        return -int.from_bytes(found[1:], "little") if found[0] else int.from_bytes(found[1:], "little")

    def data(self, name: str) -> bytes:
        """Read one block's chunks up to the empty one that ends them, and return the end of what they hold."""
        chunks = _Chunks(self, self._stream, name)
        stream: Stream = Unpacked(chunks, self._packing, self._left) if self._packing else chunks
        try:
            size, tail = drained(stream)
        except DamagedError as error:
            begins = "" if str(error).startswith((CUT_OFF, DAMAGED)) else f"the data of {name}: "
            raise DamagedError(f"{begins}{error}") from None
        self._left -= size
        return tail


class _Chunks:
    """One block's data, packed as it is, as a stream."""

    def __init__(self, blocks: _Blocks, stream: Peekable, name: str) -> None:
        self._blocks, self._stream, self._name = blocks, stream, name
        self._left, self._ended = 0, False

    def read(self, length: int, /) -> bytes:
        """Return the next bytes, `length` at most; none behind the last chunk."""
        if not self._left and not self._ended:
            self._left = self._blocks.number()
            self._ended = not self._left
            if not 0 <= self._left <= MAX_CHUNK:
                raise DamagedError(f"{DAMAGED}the data of {self._name} does not fit together")
        if self._ended:
            return b""
        piece = self._stream.read(min(length, self._left))
        if not piece:
            raise DamagedError(f"{CUT_OFF}it ends within the data of {self._name}")
        self._left -= len(piece)
        return piece


def in_files(archive: Archive, tails: Mapping[str, bytes | None], named: Iterable[str]) -> list[Damage]:
    """Hold a table of contents, and the list of large objects, against the files of data.

    Args:
        archive: the table of contents.
        tails: each file that is there, with the end of what it holds unpacked; None where that was not read.
        named: the files that lists of large objects name.
    """
    absent = [block.file for block in archive.blocks.values() if tails.get(block.file, b"") == b""]
    absent += [name for name in named if name not in tails]
    damages = [Damage(DamageKind.LISTED_FILE_ABSENT, (name,)) for name in absent]
    for block in archive.blocks.values():
        tail = tails.get(block.file)
        if tail and block.ends and not tail.endswith(block.ends):
            damages.append(Damage(DamageKind.FILE_CUT_OFF, (block.file, block.name)))
    return damages


def large_objects(listed: bytes) -> list[str]:
    """Return the files that a list of large objects names, an oid and a name in each line.

    Raises:
        DamagedError: it is no such list.
    """
    lines = listed.split(b"\n")
    parts = [line.split(b" ", 1) for line in lines if line]
    if any(len(part) != 2 or not part[0].isdigit() for part in parts) or lines[-1]:  # noqa: PLR2004 - oid and name
        raise DamagedError(f"{CUT_OFF}the list of its large objects is damaged")
    return [name.decode("utf-8", "surrogateescape") for _, name in parts]
