"""The table of contents of a pg_dump archive: the head of its custom format, or toc.dat of its directory format. Pure.

As pg_backup_archiver.c and pg_backup_custom.c write them, formats 1.12 (PostgreSQL 9.0) to 1.16 (17 and 18).
`pg_restore --list` reads the same, and is content with an archive that is cut off anywhere behind it.
"""

import datetime as dt
from dataclasses import dataclass

MAGIC = b"PGDMP"
OLDEST, NEWEST = (1, 12), (1, 16)
CUSTOM, TAR = 1, 3
"""What toc.dat says of itself is tar, for pg_restore's sake (pg_backup_directory.c)."""
WITH_TABLE_AM, COMPRESSION_IS_A_BYTE, WITH_RELKIND = (1, 14), (1, 15), (1, 16)
OFFSET_SET, NO_DATA = 2, 3
END = b"\0" * 5
"""A custom archive ends in the length 0 that closes its last block of data: a sign and four bytes."""
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
    """Where the last block of data begins that it tells of; 0 where pg_dump wrote to a pipe and tells of none."""
    head: int
    """The length of the head: data begins here."""
    files: tuple[str, ...] = ()
    """Of the directory format: the files that data lies in."""


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
    _ = read.byte() if version >= COMPRESSION_IS_A_BYTE else read.int()
    clock = [read.int() for _ in range(7)]
    database, server, dumper = read.text(), read.text(), read.text()
    count = read.int()
    if not 0 <= count <= MAX_ENTRIES:
        raise NoArchiveError("its head makes no sense")
    entries = [_entry(read, version, custom=kind == CUSTOM) for _ in range(count)]
    return Archive(
        database,
        server,
        dumper,
        _moment(clock),
        entries=count,
        tables=sum(entry.table for entry in entries),
        has_data=any(entry.has_data for entry in entries),
        last_offset=max((entry.offset for entry in entries), default=0),
        head=read.at,
        files=tuple(entry.file for entry in entries if entry.file),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    table: bool
    """Whether it is a table's data."""
    has_data: bool
    offset: int = 0
    file: str = ""


def _entry(read: "_Reader", version: tuple[int, int], *, custom: bool) -> _Entry:
    """Read one entry."""
    for _ in ("its number", "whether it has data"):
        read.int()
    for _ in ("the table's oid", "its own oid", "its tag"):
        read.text()
    kind = read.text()
    read.int()  # the section
    for _ in ("definition", "drop", "copy", "schema", "tablespace"):
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
    if not custom:
        file = read.text()
        return _Entry(table, bool(file), file=file)
    state, offset = read.byte(), int.from_bytes(read.take(read.offset_size), "little")
    return _Entry(table, state != NO_DATA, offset if state == OFFSET_SET else 0)


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
