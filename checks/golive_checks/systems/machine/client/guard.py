"""Sees to it that what a run takes away comes back although the run is killed (SIGKILL, out of memory)."""

import asyncio
import hashlib
import itertools
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from golive import Client, Unavailable
from golive_checks.systems.machine.client.worker import worker

WORKER = worker("golive_checks.systems.machine.client.guard_worker")
ANSWERS_S = 20.0
"""How long the guard may take to start and to answer."""
ENDS_S = 1.0
"""How long a guard without anything to undo may take to end."""

_AT_WORK: list["subprocess.Popen[bytes]"] = []
"""Guards that undo what golive could not. They are held: Python warns of a process that is let go as it runs."""


class LeftoverGuard(Client):
    """Tells a process beside golive what to run where golive is gone; nothing stands in that process's arguments."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = asyncio.Lock()
        self._ids = itertools.count(1)

    async def expect(self, what: str, undo: tuple[str, ...], again_s: float) -> int:
        """Have `undo` run where golive ends before `settled`, and once more `again_s` later.

        Raises:
            Unavailable: there is no guard, so that nothing may be taken away.
        """
        number = next(self._ids)
        note = str(_folder() / f"{_key(undo)}-{os.getpid()}-{number}.json")
        await self._say({"id": number, "what": what, "undo": undo, "again_s": again_s, "note": note})
        return number

    async def settled(self, number: int) -> None:
        """Say that golive has undone it itself."""
        await self._say({"id": number, "undo": ()})

    def earlier(self, undo: tuple[str, ...]) -> tuple[str, ...]:
        """Tell what runs that were killed had left, each once: undone by their guards, or not."""
        told = []
        for file in sorted(_folder().glob(f"{_key(undo)}-*.json")):
            with suppress(OSError, ValueError, KeyError):
                note = json.loads(file.read_text())
                if note["state"] == "begun" and _runs(note["guard"]):
                    continue
                told.append(f"{note['what']}: {_outcome(str(note['state']))}")
                file.unlink()
        return tuple(told)

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
        return "a run that was killed had begun it, and its guard has undone it"
    if state == "begun":
        return "a run that was killed had begun it, and nobody has undone it"
    return f"a run that was killed had begun it, and its guard could not undo it: {state}"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _key(undo: tuple[str, ...]) -> str:
    return hashlib.sha256(json.dumps(undo).encode()).hexdigest()[:16]


def _folder() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/golive/guard"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "golive" / "guard"
