"""A checkout of a repository: which files it has, without what is built or installed there."""

import asyncio
import itertools
import os
import re
from pathlib import Path

from golive import Client, Unavailable
from golive_checks.systems.machine.client.folders import entries

SKIPPED = frozenset({".git", "node_modules", ".venv", "dist", "build", ".next", ".turbo", ".cache", "coverage"})
MAX_FILES = 50_000
WILD = re.compile(r"[*?\[]")


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
        """Name the files that a path with * and ? in it matches, sorted; ** is any number of folders, and no links.

        Raises:
            Unavailable: they are more than a repository holds.
        """
        return await asyncio.to_thread(_matching, pattern)


def _listed(folder: str) -> tuple[str, ...]:
    def refuse(error: OSError) -> None:
        if error.filename == folder:
            raise Unavailable(f"the folder {folder} could not be read: {error.strerror}") from None

    found: list[str] = []
    for name, _ in entries(folder, skipped=SKIPPED.__contains__, refuse=refuse):
        found.append(name)
        if len(found) > MAX_FILES:
            raise Unavailable(f"{folder} holds more than {MAX_FILES:,} files", fix="Name the repository's own folder.")
    return tuple(sorted(found))


def _matching(pattern: str) -> tuple[str, ...]:
    """Look a pattern up as a shell does: `*` finds no hidden file."""
    plain = list(itertools.takewhile(lambda part: not WILD.search(part), Path(pattern).parts))
    wild = Path(pattern).parts[len(plain) :]
    if not wild:
        return (pattern,) if Path(pattern).exists() else ()
    seen_hidden = any(part.startswith(".") for part in wild)
    folder = Path(*plain)
    try:
        found = list(itertools.islice(folder.glob("/".join(wild)), MAX_FILES + 1))
    except (OSError, RecursionError) as error:
        raise Unavailable(f"{pattern} could not be looked up: {type(error).__name__}") from None
    if len(found) > MAX_FILES:
        raise Unavailable(f"{pattern} matches more than {MAX_FILES:,} files")
    names = {path: path.relative_to(folder).parts for path in found}
    return tuple(sorted(str(p) for p, n in names.items() if seen_hidden or not any(x.startswith(".") for x in n)))
