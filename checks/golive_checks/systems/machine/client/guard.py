"""Sees to it that what a run takes away or stores is undone although the run is killed (SIGKILL, out of memory)."""

import asyncio
import hashlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from golive import Client, Unavailable, Writes
from golive_checks.systems.machine.client.worker import worker

T = TypeVar("T")

WORKER = worker("golive_checks.systems.machine.client.guard_worker")
ANSWERS_S = 20.0
"""How long the guard may take to start and to answer."""
ENDS_S = 1.0
"""How long a guard without anything to undo may take to end."""

_AT_WORK: list["subprocess.Popen[bytes]"] = []
"""Guards that undo what golive could not. They are held: Python warns of a process that is let go as it runs."""


@dataclass(frozen=True)
class Undo:
    """A command that undoes a thing, and what it reads on stdin: what is secret stands in no process's arguments."""

    about: str
    """By which the next run finds what became of it: the same for all things of this kind in one place."""
    argv: tuple[str, ...]
    given: str = field(default="", repr=False)


class LeftoverGuard(Client):
    """Tells a process beside golive what to run where golive is gone; nothing stands in that process's arguments."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = asyncio.Lock()
        self._ids = itertools.count(1)

    async def expect(self, what: str, undo: Undo, again_s: float) -> int:
        """Have `undo` run where golive ends before `settled`, and once more `again_s` later.

        Raises:
            Unavailable: there is no guard, so that nothing may be taken away or stored.
        """
        number = next(self._ids)
        note = str(_folder() / f"{_key(undo.about)}-{os.getpid()}-{number}.json")
        fields = {"what": what, "undo": undo.argv, "given": undo.given, "again_s": again_s, "note": note}
        await self._say({"id": number, **fields})
        return number

    async def do(
        self,
        writes: Writes,
        what: str,
        request: Callable[[], Awaitable[T]],
        undo: Callable[[], Awaitable[object]],
        *,
        beside: Undo,
        again_s: float,
    ) -> T:
        """Do a write as `Writes.do` does, undone by `beside` where golive is killed before it has undone it itself."""
        number = await self.expect(what, beside, again_s)

        async def undone() -> None:
            await undo()
            await self.settled(number)

        return await writes.do(what, request(), undone)

    async def settled(self, number: int) -> None:
        """Say that golive has undone it itself."""
        await self._say({"id": number, "undo": ()})

    def earlier(self, about: str) -> tuple[str, ...]:
        """Tell what runs that were killed had left, each once: undone by their guards, or not."""
        lines = []
        for file in sorted(_folder().glob(f"{_key(about)}-*.json")):
            with suppress(OSError, ValueError, KeyError):
                note = json.loads(file.read_text())
                if note["state"] == "begun" and _runs(note["guard"]):
                    continue
                lines.append(f"{note['what']}: {_outcome(str(note['state']))}")
                file.unlink()
        return tuple(dict.fromkeys(lines))

    async def aclose(self) -> None:
        """Close the pipe: what golive could not undo is the guard's to try, and it outlives golive for that alone."""
        if self._process:
            await asyncio.to_thread(self._let_go, self._process)

    async def _say(self, line: dict[str, Any]) -> None:
        async with self._turn:
            try:
                async with asyncio.timeout(ANSWERS_S):
                    answer = await asyncio.to_thread(self._exchanged, json.dumps(line).encode() + b"\n")
            except (TimeoutError, OSError):
                answer = b""
            if answer != b"noted\n":
                raise Unavailable("the process that would undo it if golive were killed does not answer", defect=True)

    def _exchanged(self, line: bytes) -> bytes:
        """Say a line and return the answer. Not by asyncio, which ends its processes with its loop."""
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - golive's own module
                WORKER,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                start_new_session=True,  # the terminal's signals are not for it
            )
        assert self._process.stdin  # noqa: S101 - for the type checker: both are pipes
        assert self._process.stdout  # noqa: S101 - likewise
        self._process.stdin.write(line)
        return self._process.stdout.readline()

    def _let_go(self, process: "subprocess.Popen[bytes]") -> None:
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        try:
            process.wait(ENDS_S)
        except subprocess.TimeoutExpired:
            _AT_WORK.append(process)


def _outcome(state: str) -> str:
    if state == "undone":
        return "a run that was killed had started it, and its guard has undone it"
    if state == "begun":
        return "a run that was killed had started it, and it was never undone"
    return f"a run that was killed had started it, and its guard could not undo it: {state}"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _key(about: str) -> str:
    return hashlib.sha256(about.encode()).hexdigest()[:16]


def _folder() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/golive/guard"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "golive" / "guard"
