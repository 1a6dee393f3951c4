"""Commands that try a system: with an environment of their own, the end of what they print kept however they end."""

import asyncio
import os
import time
from dataclasses import dataclass

from golive import Client, Unavailable
from golive_checks.systems.machine.client.command import end_group

OWN = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "USER")
"""What any program needs of golive's own environment, and nothing that may be a secret."""
TAIL_BYTES = 65_536


@dataclass(frozen=True)
class Printed:
    """How a command ended, and the end of what it printed on both of its outputs."""

    code: int
    output: bytes
    seconds: float
    timed_out: bool = False


class CommandLine(Client):
    """Runs commands one at a time, and never caches: two of them may need the same test customer."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def run(
        self, argv: tuple[str, ...], given: dict[str, str], pass_on: tuple[str, ...], folder: str, timeout_s: float
    ) -> Printed | None:
        """Run a command to its end, or until the time is over; None where it is not on this machine.

        Raises:
            Unavailable: it could not be started.
        """
        environment = {name: os.environ[name] for name in (*OWN, *pass_on) if name in os.environ} | given
        async with self._turn:
            try:
                process = await asyncio.create_subprocess_exec(
                    *argv,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.STDOUT,
                    env=environment,
                    cwd=folder or None,
                    start_new_session=True,  # so that its children end with it
                )
            except FileNotFoundError:
                return None
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else type(error).__name__
                raise Unavailable(f"a command could not be started: {reason}") from None
            return await self._watched(process, timeout_s)

    async def _watched(self, process: asyncio.subprocess.Process, timeout_s: float) -> Printed:
        began = time.monotonic()
        kept = _Tail()
        reading = asyncio.create_task(kept.read(process.stdout))
        try:
            async with asyncio.timeout(timeout_s):
                await reading
                code = await process.wait()
                return Printed(code, kept.data, time.monotonic() - began)
        except TimeoutError:
            return Printed(-1, kept.data, time.monotonic() - began, timed_out=True)
        finally:
            reading.cancel()
            await end_group(process)


class _Tail:
    """The end of an output, also of one that is not over."""

    def __init__(self) -> None:
        self.data = b""

    async def read(self, stream: asyncio.StreamReader | None) -> None:
        while stream and (chunk := await stream.read(TAIL_BYTES)):
            self.data = (self.data + chunk)[-TAIL_BYTES:]
