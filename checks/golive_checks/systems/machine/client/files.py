"""Local files: read whole, bounded in size, and never waited for."""

import asyncio
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from golive import Client, Unavailable
from golive.wording import data_size

MAX_BYTES = 256_000
"""An env file is a few kB, a manifest seldom more; who names a log or a disk image by mistake gets a clear line."""

PIECE = 65_536
"""Bytes that are read at a time."""

KINDS = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}


@dataclass(frozen=True)
class Read:
    """A file's content, and its permission bits (None where the system has none, as Windows)."""

    data: bytes
    mode: int | None


class Files(Client):
    """Reads local files, each once however many probes ask for it."""

    def __init__(self) -> None:
        self._reads: dict[tuple[str, int], asyncio.Task[Read]] = {}

    async def read(self, path: str, max_bytes: int = MAX_BYTES) -> Read:
        """Read a regular file; anything else, or more than `max_bytes`, is Unavailable."""
        task = self._reads.get((path, max_bytes))
        if task is None:
            task = self._reads[path, max_bytes] = asyncio.create_task(asyncio.to_thread(read_file, path, max_bytes))
        return await asyncio.shield(task)

    async def text(self, path: str, max_bytes: int = MAX_BYTES) -> str:
        """Read a text file as UTF-8. Bytes that are none stay as surrogates, so that a line number is still right."""
        data = (await self.read(path, max_bytes)).data
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise Unavailable(f"{path} is UTF-16, which no reader of env files understands", fix="Save it as UTF-8.")
        return data.decode("utf-8", "surrogateescape")

    async def exists(self, path: str) -> bool:
        """Return whether a regular file is there and has something in it."""
        try:
            return await asyncio.to_thread(_has_content, path)
        except (OSError, ValueError) as error:
            raise Unavailable(f"{path} could not be looked at: {_reason(error)}") from None

    async def is_there(self, path: str) -> bool:
        """Return whether there is anything of that name: a file, be it empty, a folder, a link that leads nowhere."""
        try:
            await asyncio.to_thread(os.lstat, path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except (OSError, ValueError) as error:
            raise Unavailable(f"{path} could not be looked at: {_reason(error)}") from None
        return True


def read_file(path: str, max_bytes: int) -> Read:
    """Read a regular file; anything else, or more than `max_bytes`, is Unavailable."""
    with opened(path) as file:
        data, mode = at_most(file, max_bytes + 1), os.fstat(file.fileno()).st_mode
    if len(data) > max_bytes:
        raise Unavailable(f"{path} is larger than {data_size(max_bytes)}", fix="Is it the file that was meant?")
    return Read(data, stat.S_IMODE(mode) if os.name == "posix" else None)


def at_most(file: IO[bytes], size: int) -> bytes:
    """Read up to `size` bytes, in pieces: one read would take memory for all that it is asked for."""
    parts: list[bytes] = []
    while size > 0 and (part := file.read(min(size, PIECE))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def read_tail(path: str, size: int) -> bytes:
    """Read the end of a regular file that grows, from the start of a line on."""
    with opened(path) as file:
        start = max(0, os.fstat(file.fileno()).st_size - size)
        file.seek(start)
        data = file.read(size)
    return data.partition(b"\n")[2] if start else data


@contextmanager
def opened(path: str) -> Iterator[IO[bytes]]:
    """Open a regular file; anything else is Unavailable."""
    try:
        # without O_NONBLOCK the open itself would wait for the other end of a pipe
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor has no path
            info = os.fstat(handle)
            if not stat.S_ISREG(info.st_mode):
                raise Unavailable(f"{path} is {KINDS.get(stat.S_IFMT(info.st_mode), 'a device')}, not a file")
            yield file
    except FileNotFoundError:
        raise Unavailable(f"{path} does not exist") from None
    except IsADirectoryError:
        raise Unavailable(f"{path} is a directory, not a file") from None
    except PermissionError:
        raise Unavailable(f"{path} may not be read by this user") from None
    except (OSError, ValueError) as error:
        raise Unavailable(f"{path} could not be read: {_reason(error)}") from None


def _has_content(path: str) -> bool:
    try:
        info = os.stat(path)  # noqa: PTH116 - a path from the profile may hold what Path refuses
    except (FileNotFoundError, NotADirectoryError):
        return False
    return stat.S_ISREG(info.st_mode) and info.st_size > 0


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
