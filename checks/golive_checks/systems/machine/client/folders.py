"""Folders of this machine: what is in them, at any depth, and parts of their files."""

import asyncio
import datetime as dt
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from golive import Client, Unavailable
from golive_checks.systems.machine.client.files import opened

PAGE = 1000
"""How many files are handed over at a time: the thread that lists them is left for no longer."""
MAX_FILES = 2_000_000


@dataclass(frozen=True)
class File:
    """An object or a file: its name below the prefix or folder, its size, and when it was written."""

    name: str
    size: int
    modified: dt.datetime


class Folders(Client):
    """Lists folders, and reads from the files in them."""

    async def walk(self, path: str, below: str = "") -> AsyncIterator[list[File]]:
        """Yield the files below a folder, or in the folder `below` it alone, a page at a time.

        Those of one folder follow one another; they are named from `path` on.

        Raises:
            Unavailable: the folder, or one within it, cannot be looked into.
        """
        files = _walk(f"{path}/{below}", f"{below}/") if below else _walk(path, "")
        seen = 0
        while page := await asyncio.to_thread(_page, path, files):
            seen += len(page)
            if seen > MAX_FILES:
                raise Unavailable(f"{path} holds more than {MAX_FILES:,} files")
            yield page

    async def read(self, path: str, start: int, end: int) -> bytes:
        """Read a file's bytes from `start` to before `end`, as a slice: fewer, or none, where it is shorter."""
        return await asyncio.to_thread(_read, path, start, end - start)


def _page(path: str, files: Iterator[File]) -> list[File]:
    try:
        return list(islice(files, PAGE))
    except FileNotFoundError:
        raise Unavailable(f"the folder {path} does not exist on this machine") from None
    except (OSError, ValueError) as error:
        raise Unavailable(f"the folder {path} could not be read: {_reason(error)}") from None


def _walk(folder: str, name: str) -> Iterator[File]:
    """Yield files by their names below the first folder. Links to folders are not followed: they may lead round."""
    for below, entry in entries(folder, name):
        with suppress(FileNotFoundError):  # rotated away while we look, or a link to nothing
            info = entry.stat()
            if stat.S_ISREG(info.st_mode):
                yield File(below, info.st_size, dt.datetime.fromtimestamp(info.st_mtime, dt.UTC))


def entries(
    folder: str,
    name: str = "",
    *,
    skipped: Callable[[str], bool] = lambda _: False,
    refuse: Callable[[OSError], None] | None = None,
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield what is in a folder and not itself a folder, by its name from there, sorted within each folder.

    Folders may lie deeper than calls nest. Those whose name is `skipped` are left out; one below the first that cannot
    be read raises, or `refuse` is called with the error.
    """
    open_ones = [(folder, name)]
    while open_ones:
        at, above = open_ones.pop()
        try:
            with os.scandir(at) as listed:
                there = sorted(listed, key=lambda entry: entry.name)
        except OSError as error:
            if refuse is None:
                raise
            refuse(error)
            continue
        folders = [each for each in there if each.is_dir(follow_symlinks=False)]
        # Reversed, as the stack gives the last one first.
        open_ones += [(each.path, f"{above}{each.name}/") for each in reversed(folders) if not skipped(each.name)]
        yield from ((f"{above}{each.name}", each) for each in there if not each.is_dir(follow_symlinks=False))


def _read(path: str, start: int, length: int) -> bytes:
    try:
        with opened(path) as file:
            file.seek(start)
            return file.read(length)
    except (OSError, ValueError) as error:
        raise Unavailable(f"{path} could not be read: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
