"""What a repository ever held that is a secret, as detect-secrets finds it; see git_secrets_worker.py."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from typing import Any, Literal

from golive import Client, Unavailable
from golive_checks.probes.clients.command import Command, end_group
from golive_checks.probes.clients.git import SAFELY

WORKER = (sys.executable, "-P", "-m", "golive_checks.probes.clients.git_secrets_worker")
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
        said = await _ask({"git": git, "seconds": seconds}, seconds + GRACE_S)
        if "failed" in said:
            raise Unavailable(f"git log failed in {folder} with code {said['failed']}")
        return Scan(tuple(Found(**each) for each in said["found"]), said["lines"], said["complete"], cut_off)


async def _ask(question: dict[str, Any], limit_s: float) -> dict[str, Any]:
    """Ask the worker, which ends with its answer or at the limit, and git with it."""
    pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))}
    environ |= {"GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}
    worker = await asyncio.create_subprocess_exec(
        *WORKER, stdin=pipe, stdout=pipe, stderr=nothing, env=environ, start_new_session=True
    )
    try:
        async with asyncio.timeout(limit_s):
            answer, _ = await worker.communicate(json.dumps(question).encode())
        said: dict[str, Any] = json.loads(answer)
    except TimeoutError:
        raise Unavailable(f"the search for secrets did not end within {limit_s:g} s") from None
    except ValueError:
        raise Unavailable(f"the search for secrets ended without an answer, with code {worker.returncode}") from None
    else:
        return said
    finally:
        await end_group(worker)
