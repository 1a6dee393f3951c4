"""Dumps: had from where they are kept, weighed, hashed, and read unpacked; nothing of one outlives the run."""

import asyncio
import hashlib
import math
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from golive import Client, Unavailable
from golive.wording import data_size, percent
from golive_checks.subjects import BackupSource
from golive_checks.subjects.backups import InBucket
from golive_checks.systems.machine.client.unpack import HEAD_BYTES, Packing, Stream, Unpacked
from golive_checks.systems.s3.client.client import S3

PIECE = 1 << 20
FETCHED_AT_ONCE = 8 << 20
SHARE = 2
"""How many times its own size a dump needs of free disk: it was compressed, and is given indexes."""

Tell = Callable[[str], object]


@dataclass(frozen=True)
class Dump:
    """A dump that is at hand. `path` is what pg_restore is given; `keep` the descriptor that it inherits for it."""

    path: str
    size: int
    sha256: str
    head: bytes
    """Its first bytes; of a folder, those of its table of contents."""
    keep: tuple[int, ...] = ()
    directory: bool = False

    async def unpacked(self, packing: Packing) -> AsyncIterator[bytes]:
        """Yield what it holds, unpacked, a piece at a time.

        Raises:
            DamagedError: it ends too early, or does not unpack.
        """
        pieces = _pieces(self.path, packing)
        while piece := await asyncio.to_thread(next, pieces, b""):
            yield piece

    async def tail(self, length: int) -> bytes:
        """Return its last bytes as they lie."""
        return await asyncio.to_thread(_tail, self.path, length)

    async def unpacked_head(self, packing: Packing) -> bytes:
        """Return the beginning of what it holds."""
        found = b""
        async for piece in self.unpacked(packing):
            found += piece
            if len(found) >= HEAD_BYTES:
                break
        return found[:HEAD_BYTES]


class Dumps(Client):
    """Gets dumps out of folders and buckets."""

    def __init__(self, s3: S3) -> None:
        self._s3 = s3

    @asynccontextmanager
    async def at_hand(
        self, source: BackupSource, name: str, *, most: int, temp_dir: str, tell: Tell
    ) -> AsyncIterator[Dump]:
        """Have a dump at hand until the end of the context.

        One out of a bucket is fetched into a file that has no name, so that it is gone with this process even where
        that is killed.

        Raises:
            Unavailable: it cannot be had, or there is no room for it.
        """
        if not isinstance(source.where, InBucket):
            yield await asyncio.to_thread(_local, source.location(name), most)
            return
        key = source.location(name)
        answer = await self._s3.call(source.where.place, "HeadObject", Key=key)
        size = int(answer["ContentLength"])
        _bounded(size, most)
        folder = temp_dir or tempfile.gettempdir()
        await asyncio.to_thread(_room, folder, size)
        # A file without a name, reached by its descriptor: nothing is left on the disk even where golive is killed.
        with tempfile.TemporaryFile(dir=folder) as file:
            digest = hashlib.sha256()
            while file.tell() < size:
                at = file.tell()
                piece = await self._s3.read_range(source.where.place, key, at, min(at + FETCHED_AT_ONCE, size))
                if not piece:
                    raise Unavailable(f"{name} became shorter while it was fetched")
                digest.update(piece)
                await asyncio.to_thread(file.write, piece)
                tell(f"fetching {name}: {percent(file.tell() * 100 // size / 100)} of {size:,} bytes")
            file.flush()
            yield Dump(
                f"/dev/fd/{file.fileno()}",
                size,
                digest.hexdigest(),
                os.pread(file.fileno(), HEAD_BYTES, 0),
                keep=(file.fileno(),),
            )

    async def free(self, folder: str) -> int | None:
        """Return how many bytes are free where a folder of this machine lies; None where that cannot be seen."""
        return await asyncio.to_thread(_free, folder)


def parallel(dump: Dump, jobs: int) -> int:
    """Return how many connections pg_restore can use: elsewhere than on Linux a descriptor has but one place in it."""
    return jobs if not dump.keep or sys.platform == "linux" else 1


def _local(path: str, most: int) -> Dump:
    """Weigh and hash what is in a folder of this machine; it is read in place."""
    digest, size = hashlib.sha256(), 0
    try:
        directory = os.path.isdir(path)  # noqa: PTH112 - a path from the profile may hold what Path refuses
        files = sorted(p for p in Path(path).rglob("*") if p.is_file()) if directory else [Path(path)]
        for file in files:
            # With names and sizes, or bytes moved from one file to another would give the same digest.
            if directory:
                digest.update(f"{file.relative_to(path)}\0{file.stat().st_size}\0".encode("utf-8", "surrogateescape"))
            with file.open("rb") as opened:
                while piece := opened.read(PIECE):
                    digest.update(piece)
                    size += len(piece)
                    _bounded(size, most)
        head = _head(Path(path, "toc.dat") if directory else Path(path))
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        raise Unavailable(f"the dump {path} could not be read: {reason}") from None
    return Dump(path, size, digest.hexdigest(), head, directory=directory)


def _head(path: Path) -> bytes:
    if not path.is_file():
        return b""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _tail(path: str, length: int) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - /dev/fd/N, or a path from the profile
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - length, 0))
            return file.read(length)
    except OSError as error:
        raise Unavailable(f"the dump could not be read: {error.strerror}") from None


def _bounded(size: int, most: int) -> None:
    if size > most:
        fix = "Set drill.max_dump_bytes higher, where there is room for it."
        raise Unavailable(f"the dump is larger than {data_size(most)}", fix=fix)


def _room(folder: str, size: int) -> None:
    free = _free(folder)
    if free is None:
        raise Unavailable(f"golive cannot see how much is free in {folder}, where the dump would be kept")
    if free < SHARE * size:
        fix = "Name a folder with more room in drill.temp_dir."
        raise Unavailable(f"{folder} has {free:,} bytes free, and the dump needs {SHARE * size:,}", fix=fix)


def _free(folder: str) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except (OSError, ValueError):
        return None


def _pieces(path: str, packing: Packing) -> Iterator[bytes]:
    """Read a file unpacked."""
    try:
        with open(path, "rb", buffering=0) as raw:  # noqa: PTH123 - /dev/fd/N, or a path from the profile
            if raw.seekable():
                raw.seek(0)
            stream: Stream = Unpacked(raw, packing, most=math.inf) if packing else raw
            while piece := stream.read(PIECE):
                yield piece
    except OSError as error:
        raise Unavailable(f"the dump could not be read: {error.strerror}") from None
