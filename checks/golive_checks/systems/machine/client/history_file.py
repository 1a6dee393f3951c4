"""A file to which a line is added at each run, whole or not at all."""

import asyncio
import os

from golive import Client, RunInfo

PRIVATE = 0o600


class HistoryFile(Client):
    """Adds lines. `usual` is the file that the command line names."""

    def __init__(self, run: RunInfo) -> None:
        self.usual = run.history

    async def append(self, path: str, line: str) -> str:
        """Add a line; return why that could not be done, or nothing."""
        try:
            await asyncio.to_thread(_append, path, f"{line}\n".encode())
        except (OSError, ValueError) as error:
            return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        return ""


def _append(path: str, data: bytes) -> None:
    """Write in one call at the end: another golive's line comes before or after, never within (open(2), O_APPEND)."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, PRIVATE)
    try:
        os.write(handle, data)
    finally:
        os.close(handle)
