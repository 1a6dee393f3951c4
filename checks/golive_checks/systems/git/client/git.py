"""Git, by its command: what a repository tracks, and what it ever did."""

import asyncio
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from golive import Client, Unavailable
from golive_checks.systems.git.client.shadow import Shadow, shadow
from golive_checks.systems.machine.client.command import CommandRunner

DOCUMENTS = (".md", ".mdx", ".rst", ".adoc", ".txt")
"""Endings of files that mention variables and read none."""


@dataclass(frozen=True)
class FileHistory:
    """What a repository knows of a file: tracked now; the commit that last added it; whether its history is cut off."""

    repository: str
    tracked: bool
    added_in: str
    shallow: bool


@dataclass(frozen=True)
class Changed:
    """When a commit last changed a file; where the history is cut off, that is when it was cut off at the latest."""

    at: dt.datetime
    shallow: bool


class Git(Client):
    """Queries the repository that a file is in."""

    def __init__(self, command: CommandRunner) -> None:
        self._command = command
        self._shadows: dict[str, asyncio.Task[Shadow]] = {}

    async def aclose(self) -> None:
        """Delete the folders that git was run in."""
        for made in await asyncio.gather(*self._shadows.values(), return_exceptions=True):
            if isinstance(made, Shadow):
                await asyncio.to_thread(made.remove)

    async def history(self, path: str) -> FileHistory | None:
        """Look a file up in its repository, all branches and tags; None if it is in none."""
        found = await asyncio.to_thread(_repository, path)
        if found is None:
            return None
        root, name = found
        listed = await self._run(root, "ls-files", "-z", "--", name)
        # --full-history: a merge that dropped the file must not hide the branch that had it
        log = ("log", "--all", "--full-history", "--diff-filter=A", "-1", "--format=%h", "--", name)
        added = await self._run(root, *log)
        shallow = await self._run(root, "rev-parse", "--is-shallow-repository")
        return FileHistory(root, bool(listed), added, shallow == "true")

    async def changed(self, path: str) -> Changed | None:
        """Tell when a file was last changed by a commit of the current branch; None where none did."""
        found = await asyncio.to_thread(_repository, path)
        if found is None:
            return None
        root, name = found
        stamp = await self._run(root, "log", "-1", "--format=%cI", "--", name)
        shallow = await self._run(root, "rev-parse", "--is-shallow-repository")
        return Changed(dt.datetime.fromisoformat(stamp), shallow == "true") if stamp else None

    async def tagged(self, path: str, names: tuple[str, ...]) -> str:
        """Return the message of the first of these annotated tags in a file's repository; empty for none."""
        found = await asyncio.to_thread(_repository, path)
        if found is None:
            return ""
        form = "--format=%(if:equals=tag)%(objecttype)%(then)%(contents)%(end)"
        return await self._run(found[0], "tag", "--list", form, *names)

    async def words(self, folder: str, wanted: tuple[str, ...]) -> frozenset[str]:
        """Return which of these words, of letters and underscores, the last commit's files hold; no documents.

        A word counts behind a prefix, too: VITE_STRIPE_KEY holds STRIPE_KEY.
        """
        found = await asyncio.to_thread(_repository, f"{folder}/x")
        if found is None:
            raise Unavailable(f"{folder} is no git repository", fix="see repository.path")
        pattern = f"[A-Za-z0-9_]*({'|'.join(wanted)})[A-Za-z0-9_]*"
        answer = await self._run(found[0], "grep", "-I", "-o", "-z", "-E", pattern, "HEAD", none=1)
        pairs = [line.rpartition("\0")[::2] for line in answer.split("\n")]
        held = {f"_{word}" for path, word in pairs if not path.lower().endswith(DOCUMENTS)}
        return frozenset(word for word in wanted if any(each.endswith(f"_{word}") for each in held))

    async def _run(self, root: str, *arguments: str, none: int = 0) -> str:
        """Return what git prints; with the code `none` it prints nothing, and means that there is nothing."""
        if root not in self._shadows:
            self._shadows[root] = asyncio.create_task(asyncio.to_thread(shadow, root))
        seen = await asyncio.shield(self._shadows[root])
        ran = await self._command.run((*seen.git, *arguments), environ=seen.environ)
        if ran.code not in {0, none}:
            raise Unavailable(f"git could not look at {root}: {ran.last_words()}")
        return ran.stdout.decode("utf-8", "replace").strip()


def _repository(path: str) -> tuple[str, str] | None:
    """Find the folder above `path` that holds a .git (a file in a worktree), and the path from there."""
    real = Path(path).resolve()
    root = next((folder for folder in real.parents if (folder / ".git").exists()), None)
    return (str(root), str(real.relative_to(root))) if root else None
