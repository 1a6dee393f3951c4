"""The evidence of a restore drill: a file that is written whole or not at all, for its owner alone to read."""

import asyncio
import getpass
import os
import platform

from golive import Client
from golive.report import ReportError
from golive.report.write import write_file


class EvidenceFile(Client):
    """Writes evidence, and says who does."""

    async def write(self, path: str, text: str) -> str:
        """Write it; return why that could not be done, or nothing."""
        try:
            await asyncio.to_thread(write_file, path, text)
        except ReportError as error:
            return str(error)
        except (OSError, ValueError) as error:
            return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        return ""

    async def trouble(self, path: str) -> str:
        """Return why evidence could not be written there, before an hour is spent on it; empty where it could."""
        folder = os.path.dirname(path)  # noqa: PTH120 - a path from the profile may hold what Path refuses
        try:
            await asyncio.to_thread(os.makedirs, folder, exist_ok=True)
            if await asyncio.to_thread(os.path.isdir, path):
                return "it is a folder"
            writable = await asyncio.to_thread(os.access, folder, os.W_OK)
        except (OSError, ValueError) as error:
            return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        return "" if writable else f"this user may not write in {folder}"

    def user(self) -> str:
        """Name the user that runs golive, and the machine."""
        try:
            name = getpass.getuser()
        except (OSError, KeyError):  # a container's user without a name
            name = "unknown"
        return f"{name}@{platform.node()}"
