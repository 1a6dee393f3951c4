"""What a repository ever held that is a secret, as detect-secrets finds it; see git_secrets_worker.py."""

import asyncio
import os
from dataclasses import dataclass
from typing import Literal

from golive import Client, Unavailable
from golive_checks.systems.git.client.git import SAFELY
from golive_checks.systems.machine.client.command import Command
from golive_checks.systems.machine.client.worker import ask, worker

WORKER = worker("golive_checks.systems.git.client.secrets_worker")
GRACE_S = 10.0
"""For the worker to tell what it found until its time was over."""
CutOff = Literal["", "shallow", "partial"]


@dataclass(frozen=True)
class Found:
    """A secret, without its value. `commit` is the oldest that added it, none where it is only staged."""

    file: str
    line: int
    rule: str
    commit: str
    still: bool
    """The file as it is tracked now holds it; else only the history does."""


@dataclass(frozen=True)
class Scan:
    """What was found in so many added lines, and whether all of them were looked at."""

    found: tuple[Found, ...]
    lines: int
    complete: bool
    cut_off: CutOff = ""
    """The clone lacks part of the history: its older commits, or files that would have to be fetched."""


class GitSecrets(Client):
    """Looks for secrets in whole repositories."""

    def __init__(self, command: Command) -> None:
        self._command = command

    async def scan(self, folder: str, seconds: float) -> Scan:
        """Look through the index and all commits of a repository, for so long at most.

        Raises:
            Unavailable: there is no repository, or git or the scanner failed.
        """
        top = await asyncio.to_thread(os.path.realpath, folder)
        if not await asyncio.to_thread(os.path.exists, f"{top}/.git"):
            raise Unavailable(f"{folder} is no git repository", fix="Name its top folder in repository.path.")
        names = ("-c", "core.quotePath=false")
        git = ("git", "-C", top, f"--git-dir={top}/.git", f"--work-tree={top}", *SAFELY, *names)
        shallow = await self._command.run((*git, "rev-parse", "--is-shallow-repository"))
        if shallow.code:
            raise Unavailable(f"git could not look at {folder}: {shallow.last_words()}")
        lazy = await self._command.run((*git, "config", "--get-regexp", r"^remote\..*\.(promisor|partialclonefilter)$"))
        cut_off: CutOff = "shallow" if b"true" in shallow.stdout else "partial" if lazy.stdout.strip() else ""
        if cut_off == "partial":  # git would fetch what is missing, file by file
            return Scan((), 0, complete=False, cut_off=cut_off)
        question = {"git": git, "seconds": seconds}
        what = "the search for secrets"
        said = await ask(WORKER, question, limit_s=seconds + GRACE_S, what=what, environ=_environ())
        if "failed" in said:
            raise Unavailable(f"git log failed in {folder} with code {said['failed']}")
        return Scan(tuple(Found(**each) for each in said["found"]), said["lines"], said["complete"], cut_off)


def _environ() -> dict[str, str]:
    """Return what git is to know of the user's environment: nothing that leads it elsewhere, or to the network."""
    usual = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))}
    return usual | {"GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
