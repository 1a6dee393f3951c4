"""What a repository ever held that is a secret; see secrets_worker.py."""

import asyncio
import os
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from golive import Client, Unavailable, shortened
from golive_checks.systems.git.client.shadow import Shadow, shadow
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.machine.client.worker import ask, worker

WORKER = worker("golive_checks.systems.git.client.secrets_worker")
SCANNER = "kingfisher_sdk"
MAX_WORDS = 300
"""Of what git says so many characters are kept."""
GRACE_S = 10.0
"""For the worker to tell what it found until its time was over."""
CutOff = Literal["", "shallow", "partial"]


@dataclass(frozen=True)
class FoundSecret:
    """A secret, without its value. `commit` is the oldest that added it, none where it is only staged."""

    file: str
    line: int
    rule: str
    commit: str
    still: bool
    """The file as it is tracked now holds it; else only the history does."""
    sure: bool = True
    """It has a provider's own form, or a random value under a secret's name; else the name alone suggests it."""


@dataclass(frozen=True)
class Scan:
    """What was found in so many lines of all versions of all files, and whether all of them were looked at."""

    found: tuple[FoundSecret, ...]
    lines: int
    complete: bool
    cut_off: CutOff = ""
    """The clone lacks part of the history: its older commits, or files that would have to be fetched."""
    unread: tuple[str, ...] = ()
    """Files that could not be read, and why, in git's words."""


class GitSecrets(Client):
    """Looks for secrets in whole repositories."""

    def __init__(self, command: CommandRunner) -> None:
        self._command = command

    async def scan(self, folder: str, seconds: float) -> Scan:
        """Look through the index and all commits of a repository, for so long at most.

        Raises:
            Unavailable: there is no repository, or git or the scanner failed.
            ModuleNotFoundError: the scanner is not installed, which the worker could not report.
        """
        if find_spec(SCANNER) is None:
            raise ModuleNotFoundError(name=SCANNER)
        top = await asyncio.to_thread(os.path.realpath, folder)
        seen = await asyncio.to_thread(shadow, top)
        try:
            return await self._scan(seen, folder, seconds)
        finally:
            await asyncio.to_thread(seen.remove)

    async def _scan(self, seen: Shadow, folder: str, seconds: float) -> Scan:
        asked = await self._command.run((*seen.git, "rev-parse", "--is-shallow-repository"), environ=seen.environ)
        if asked.code:
            raise Unavailable(f"git could not look at {folder}: {asked.last_words()}")
        if seen.partial:  # what is missing would have to be fetched, file by file
            return Scan((), 0, complete=False, cut_off="partial")
        shallow = asked.stdout.strip() == b"true"
        question = {
            "git": seen.git,
            "environ": dict(seen.environ),
            "seconds": seconds,
            "repository": seen.top,
            "keep": not shallow,
        }
        what = "the search for secrets"
        answer = await ask(WORKER, question, limit_s=seconds + GRACE_S, what=what, environ=_environ())
        if "failed" in answer:
            raise Unavailable(f"git could not look at {folder}: {shortened(answer['failed'], MAX_WORDS)}")
        found = tuple(FoundSecret(**each) for each in answer["found"])
        unread = tuple(shortened(each, MAX_WORDS) for each in answer["unread"])
        return Scan(found, answer["lines"], answer["complete"], "shallow" if shallow else "", unread)


def _environ() -> dict[str, str]:
    """Return what the worker is to know of the user's environment: where its rules and results are kept."""
    kept = ("PATH", "HOME", "XDG_CACHE_HOME", "TMPDIR", "LANG", "KF_RULE_CACHE_DIR")
    return {name: os.environ[name] for name in kept if name in os.environ}
