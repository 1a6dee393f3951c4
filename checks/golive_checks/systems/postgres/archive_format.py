"""The table of contents of a pg_dump archive: the head of its custom format, or toc.dat of its directory format. Pure.

As pg_backup_archiver.c and pg_backup_custom.c write them, formats 1.12 (PostgreSQL 9.0) to 1.16 (17 and 18).
`pg_restore --list` reads the same, and is content with an archive that is cut off anywhere behind it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

MAGIC = b"PGDMP"
OLDEST, NEWEST = (1, 12), (1, 16)
CUSTOM, TAR = 1, 3
"""What toc.dat says of itself is tar, for pg_restore's sake (pg_backup_directory.c)."""
WITH_TABLE_AM, COMPRESSION_IS_A_BYTE, WITH_RELKIND = (1, 14), (1, 15), (1, 16)
OFFSET_SET, NO_DATA = 2, 3
END = b"\0" * 5
"""A custom archive ends in the length 0 that closes its last block of data: a sign and four bytes."""
END_OF_COPY, END_OF_INSERTS = b"\\.\n\n\n", b"\n\n"
"""What ends a table's data (dumpTableData_copy and dumpTableData_insert in pg_dump.c)."""
COMPRESSIONS = ("", "gzip", "lz4", "zstd")
"""By their numbers (pg_compress_algorithm in compression.h)."""
MAX_ENTRIES = 5_000_000
MAX_TEXT = 64_000_000


class CutOffError(Exception):
    """The bytes end within the table of contents."""


class NoArchiveError(Exception):
    """These bytes are no archive, or one of a format that is not known; one line."""


@dataclass(frozen=True)
class Archive:
    """What an archive's head says of it."""

    database: str
    server: str
    """The version of the server that was dumped."""
    dumper: str
    """The version of pg_dump."""
    taken: dt.datetime | None
    """By the clock of the machine that pg_dump ran on, whose time zone it does not tell."""
    entries: int
    tables: int
    """How many tables' data it holds."""
    has_data: bool
    """True where any block of data belongs to it, a large object's included."""
    last_offset: int
    """Where the last block of data that it lists begins; 0 if pg_dump wrote to a pipe and lists none."""
    head: int
    """The length of the head: data begins here."""
    blocks: Mapping[int, "DataBlock"] = field(default_factory=dict)
    """The data that belongs to it, by the number of its entry."""
    int_size: int = 4
    compression: str = ""
    """How each block of the custom format is packed: gzip means zlib's format there; empty: not at all."""

    @property
    def files(self) -> tuple[str, ...]:
        """Of the directory format: the files that hold data."""
        return tuple(block.file for block in self.blocks.values())


@dataclass(frozen=True, slots=True)
class DataBlock:
    """One entry's data."""

    name: str
    """The table's, or what else it is of."""
    ends: bytes
    """What pg_dump writes last of it."""
    file: str = ""
    offset: int = 0
    large_objects: bool = False


def archive(data: bytes) -> Archive:
    """Read the head of an archive from its first bytes.

    Raises:
        CutOffError: more bytes are needed.
        NoArchiveError: it is none.
    """
    read = _Reader(data)
    if read.take(5) != MAGIC:
        raise NoArchiveError("it does not begin as an archive of pg_dump does")
    version = (read.byte(), read.byte())
    read.byte()
    if not OLDEST <= version <= NEWEST:
        raise NoArchiveError(f"it is an archive of format {version[0]}.{version[1]}, which golive does not know")
    read.int_size, read.offset_size = read.byte(), read.byte()
    kind = read.byte()
    if read.int_size not in {4, 8} or read.offset_size not in {4, 8} or kind not in {CUSTOM, TAR}:
        raise NoArchiveError("its head makes no sense")
    compression = _compression(read, version)
    clock = [read.int() for _ in range(7)]
    database, server, dumper = read.text(), read.text(), read.text()
    count = read.int()
    if not 0 <= count <= MAX_ENTRIES:
        raise NoArchiveError("its head makes no sense")
    entries = dict(_entry(read, version, custom=kind == CUSTOM) for _ in range(count))
    blocks = {number: entry.block for number, entry in entries.items() if entry.block}
    return Archive(
        database,
        server,
        dumper,
        _moment(clock),
        entries=count,
        tables=sum(entry.table for entry in entries.values()),
        has_data=bool(blocks),
        last_offset=max((block.offset for block in blocks.values()), default=0),
        head=read.at,
        blocks=blocks,
        int_size=read.int_size,
        compression=compression,
    )


def _compression(read: "_Reader", version: tuple[int, int]) -> str:
    """Read how data is packed: before 1.15 by zlib's level, which is 0 for not at all."""
    if version < COMPRESSION_IS_A_BYTE:
        return "gzip" if read.int() else ""
    number = read.byte()
    if number >= len(COMPRESSIONS):
        raise NoArchiveError("its head makes no sense")
    return COMPRESSIONS[number]


@dataclass(frozen=True, slots=True)
class _Entry:
    table: bool
    """Whether it is a table's data."""
    block: DataBlock | None = None


def _entry(read: "_Reader", version: tuple[int, int], *, custom: bool) -> tuple[int, _Entry]:
    """Read one entry and its number."""
    number = read.int()
    read.int()  # whether it has data
    for _ in ("the table's oid", "its own oid"):
        read.text()
    tag, kind = read.text(), read.text()
    read.int()  # the section
    for _ in ("definition", "drop"):
        read.text()
    copies = bool(read.text())
    for _ in ("schema", "tablespace"):
        read.text()
    if version >= WITH_TABLE_AM:
        read.text()
    if version >= WITH_RELKIND:
        read.int()
    for _ in ("owner", "with oids"):
        read.text()
    while read.maybe_text() is not None:  # what it depends on
        pass
    table = kind == "TABLE DATA"
    ends = (END_OF_COPY if copies else END_OF_INSERTS) if table else b""
    large = kind == "BLOBS"
    name = f"the table {tag}" if table else "the large objects" if large else tag
    if not custom:
        file = read.text()
        return number, _Entry(table, DataBlock(name, ends, file, large_objects=large) if file else None)
    state, offset = read.byte(), int.from_bytes(read.take(read.offset_size), "little")
    at = offset if state == OFFSET_SET else 0
    return number, _Entry(table, DataBlock(name, ends, offset=at, large_objects=large) if state != NO_DATA else None)


def _moment(clock: list[int]) -> dt.datetime | None:
    """Return the moment in a C struct tm."""
    second, minute, hour, day, month, year, _ = clock
    try:
        return dt.datetime(year + 1900, month + 1, day, hour, minute, min(second, 59))  # noqa: DTZ001 - it tells no zone
    except ValueError:
        return None


class _Reader:
    """Reads numbers and texts as pg_dump writes them."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0
        self.int_size = self.offset_size = 4

    def take(self, length: int) -> bytes:
        end = self.at + length
        if end > len(self.data):
            raise CutOffError
        found = self.data[self.at : end]
        self.at = end
        return found

    def byte(self) -> int:
        return self.take(1)[0]

    def int(self) -> int:
        negative = self.byte()
        number = int.from_bytes(self.take(self.int_size), "little")
        return -number if negative else number

    def maybe_text(self) -> str | None:
        length = self.int()
        if length > MAX_TEXT:
            raise NoArchiveError("its table of contents makes no sense")
        return None if length < 0 else self.take(length).decode("utf-8", "replace")

    def text(self) -> str:
        return self.maybe_text() or ""
