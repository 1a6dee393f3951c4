"""A checkout of a repository: which files it has, without what is built or installed there."""

import asyncio
import glob
import os

from golive import Client, Unavailable

SKIPPED = frozenset({".git", "node_modules", ".venv", "dist", "build", ".next", ".turbo", ".cache", "coverage"})
MAX_FILES = 50_000


class Checkout(Client):
    """Lists the files of a folder, each folder once however many probes ask for it."""

    def __init__(self) -> None:
        self._listed: dict[str, asyncio.Task[tuple[str, ...]]] = {}

    async def files(self, folder: str) -> tuple[str, ...]:
        """Name every file by its path from `folder`, sorted.

        Raises:
            Unavailable: the folder cannot be looked into, or holds more than a repository does.
        """
        if folder not in self._listed:
            self._listed[folder] = asyncio.create_task(asyncio.to_thread(_listed, folder))
        return await asyncio.shield(self._listed[folder])

    async def there(self, path: str) -> bool:
        """Return whether a file or folder is there."""
        return await asyncio.to_thread(lambda: os.path.exists(path))  # noqa: PTH110 - a text

    async def matching(self, pattern: str) -> tuple[str, ...]:
        """Name the files that a path with * and ? in it matches, sorted; ** is any number of folders."""
        return await asyncio.to_thread(lambda: tuple(sorted(glob.glob(pattern, recursive=True))))  # noqa: PTH207 - a text


def _listed(folder: str) -> tuple[str, ...]:
    def refuse(error: OSError) -> None:
        if error.filename == folder:
            raise Unavailable(f"the folder {folder} could not be read: {error.strerror}") from None

    found: list[str] = []
    for folders, (at, below, names) in enumerate(os.walk(folder, onerror=refuse)):
        below[:] = sorted(name for name in below if name not in SKIPPED)
        found += [os.path.relpath(f"{at}/{name}", folder) for name in names]
        if max(len(found), folders) > MAX_FILES:
            raise Unavailable(f"{folder} holds more than {MAX_FILES:,} files", fix="Name the repository's own folder.")
    return tuple(sorted(found))
