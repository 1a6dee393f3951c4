"""Commands that the profile names: run without a shell, bounded in output and time, their whole process group ended."""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import ClassVar

from pydantic import Field

from golive import Client, Settings, Unavailable, shortened
from golive.wording import data_size, duration

CHUNK_BYTES = 65_536
STDERR_BYTES = 65_536
GRACE_S = 0.5
"""Between asking a process group to end and killing it."""


class CommandLimits(Settings):
    """How much a command may say, and for how long."""

    home: ClassVar[str] = "commands"

    timeout_s: float = Field(default=20.0, gt=0)
    """After this many seconds the command and everything it started is ended."""
    max_output_bytes: int = Field(default=8_000_000, gt=0)
    """A command that prints more than this is ended, and counts as not having answered."""


@dataclass(frozen=True)
class Ran:
    """What a command printed, and the code it ended with (negative: the signal that ended it)."""

    stdout: bytes
    stderr: bytes
    code: int

    def last_words(self) -> str:
        """Return the last line that says something on standard error: what a person would read first."""
        lines = self.stderr.decode("utf-8", "replace").split("\n")
        return next((shortened(line.strip(), 300) for line in reversed(lines) if line.strip()), "")


class CommandRunner(Client):
    """Runs commands from the profile. The same one is run once, however many probes ask for it."""

    def __init__(self, limits: CommandLimits) -> None:
        self._limits = limits
        self._runs: dict[tuple[tuple[str, ...], int, frozenset[tuple[str, str]]], asyncio.Task[Ran]] = {}

    async def run(self, argv: tuple[str, ...], again: int = 0, environ: Mapping[str, str] | None = None) -> Ran:
        """Run `argv` and return what it printed, whatever its code; a different `again` runs it again.

        It inherits golive's environment where none is given.

        Raises:
            Unavailable: it could not be started, or exceeded a bound.
        """
        key = (argv, again, frozenset((environ or {}).items()))
        task = self._runs.get(key)
        if task is None:
            task = self._runs[key] = asyncio.create_task(self._run(argv, environ))
        return await asyncio.shield(task)

    async def aclose(self) -> None:
        """End what still runs."""
        for task in self._runs.values():
            task.cancel()
        await asyncio.gather(*self._runs.values(), return_exceptions=True)

    async def _run(self, argv: tuple[str, ...], environ: Mapping[str, str] | None) -> Ran:
        name = PurePath(argv[0]).name if argv else ""
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=environ,
                start_new_session=True,  # a process group of its own, so that its children end with it
            )
        except FileNotFoundError:
            raise Unavailable(f"the command {name!r} is not on this machine", fix=f"Install {name!r}.") from None
        except (OSError, ValueError) as error:
            raise Unavailable(f"the command {name!r} could not be started: {error}") from None
        complaints = asyncio.create_task(read_tail(process.stderr, STDERR_BYTES))
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                stdout = await self._read(process.stdout, name)
                stderr = await complaints
                return Ran(stdout, stderr, await process.wait())
        except TimeoutError:
            raise Unavailable(f"the command {name!r} did not end within {duration(self._limits.timeout_s)}") from None
        finally:
            complaints.cancel()
            await end_group(process)

    async def _read(self, stream: asyncio.StreamReader | None, name: str) -> bytes:
        """Read all of standard output, up to the bound."""
        read = bytearray()
        while stream and (chunk := await stream.read(CHUNK_BYTES)):
            read += chunk
            if len(read) > self._limits.max_output_bytes:
                raise Unavailable(f"the command {name!r} printed more than {data_size(self._limits.max_output_bytes)}")
        return bytes(read)


async def read_tail(stream: asyncio.StreamReader | None, size: int) -> bytes:
    """Read all of standard error and keep its end: a command blocks where nobody reads."""
    kept = b""
    while stream and (chunk := await stream.read(CHUNK_BYTES)):
        kept = (kept + chunk)[-size:]
    return kept


async def end_group(process: asyncio.subprocess.Process) -> None:
    """End the process and whatever it left running in its group, gently first."""
    for number, grace in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, 1.0)):
        with suppress(ProcessLookupError, PermissionError):  # nobody is left in the group
            os.killpg(process.pid, number)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), grace)
    # A daemon that left the group may still hold the pipes: let go of them, as nobody reads any more.
    process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio has no public way
