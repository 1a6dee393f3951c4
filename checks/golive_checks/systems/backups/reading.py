"""Reads the files of a source from a thread, until a budget of bytes is used up."""

import asyncio

from golive import Unavailable
from golive_checks.subjects import BackupSource
from golive_checks.systems.backups.store import BackupStore
from golive_checks.systems.machine.client.unpack import LimitError

FIRST, PIECE = 262_144, 4_194_304
"""A first piece is enough for most heads; then few requests are made for much."""


class SourceReading:
    """What one look at a source may read. Its files are read by a thread, and fetched by the loop that made it."""

    def __init__(self, store: BackupStore, source: BackupSource, budget: int) -> None:
        self.left = budget
        self.stopped = False
        """Set where nobody waits for the thread any more."""
        self._store, self._source = store, source
        self._loop = asyncio.get_running_loop()

    def fetch(self, name: str, start: int, end: int) -> bytes:
        """Read a part of a file; less where the budget, or the file, ends.

        Raises:
            LimitError: nothing is left of the budget.
        """
        end = min(end, start + self.left)
        if self.stopped or end <= start:
            raise LimitError("its budget is used up")
        reading = asyncio.run_coroutine_threadsafe(self._store.read(self._source, name, start, end), self._loop)
        data = reading.result()
        self.left -= len(data)
        return data

    def file(self, name: str, size: int) -> "SourceFile":
        """Open a file."""
        return SourceFile(self, name, size)

    def whole(self, name: str, size: int, most: int) -> bytes:
        """Read a small file whole.

        Raises:
            LimitError: it is larger than `most`, or than what is left of the budget.
        """
        if size > min(most, self.left):
            raise LimitError(f"{name} is larger than what golive reads of it")
        data = self.fetch(name, 0, size) if size else b""
        if len(data) < size:
            raise Unavailable(f"{name} became shorter while it was read")
        return data


class SourceFile:
    """A file of a source, as a stream."""

    def __init__(self, reading: SourceReading, name: str, size: int) -> None:
        self.name, self.size = name, size
        self.at = 0
        """How far it was fetched, or passed over."""
        self._reading = reading
        self._step = FIRST
        self._ready = memoryview(b"")

    def read(self, length: int, /) -> bytes:
        """Return the next bytes, `length` at most; none at the end."""
        if not self._ready and self.at < self.size:
            data = self._reading.fetch(self.name, self.at, min(self.at + self._step, self.size))
            if not data:
                raise Unavailable(f"{self.name} became shorter while it was read")
            self.at += len(data)
            self._ready, self._step = memoryview(data), PIECE
        found, self._ready = bytes(self._ready[:length]), self._ready[length:]
        return found

    def skip(self, length: int) -> int:
        """Pass over bytes without reading them; returns how many there were."""
        ready = min(length, len(self._ready))
        self._ready = self._ready[ready:]
        beyond = min(length - ready, self.size - self.at)
        self.at += beyond
        if beyond:
            self._step = FIRST
        return ready + beyond
