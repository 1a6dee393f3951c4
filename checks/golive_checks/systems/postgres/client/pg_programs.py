"""Postgres's programs, as child processes: no password in a command line, nothing of a dump run on this machine."""

import asyncio
import os
import re
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from golive import Client, Unavailable, shortened
from golive_checks.systems.machine.client.command import CHUNK_BYTES, end_group, read_tail
from golive_checks.systems.postgres.client.url import NOWHERE

PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin")
"""Where Debian and Homebrew keep the programs of each major version."""
OUTPUT_BYTES, STDERR_BYTES = 64_000_000, 65_536
"""The list of an archive has a line for each of its entries, with a thousand tenants a few hundred thousand."""
STOP_S = 6.0
"""A server that is ended at once kills what has not ended after five seconds (postmaster.c)."""
VERSION = re.compile(r"\(PostgreSQL\) (\d+)(?:\.(\d+))?")
CODE_ON_STDERR = re.compile(r"(?:error|ERROR|FATAL): +(.*)")
MAX_TOLD = 240

GUARD = '(read -r _ <"$0"; kill -9 0) >/dev/null 2>&1 & exec "$@"'
"""A shell that becomes the program, and leaves behind one that ends it where golive is gone, even killed: then the
pipe that it reads ends. pg_restore would go on for hours, into a database that the next drill wants to remove.
"""

RESTRICTED_SINCE = {13: 22, 14: 19, 15: 14, 16: 10, 17: 6}
"""The first minor version of each major one whose psql knows \\restrict; 18 and later always do.

https://www.postgresql.org/support/security/CVE-2025-8714/, of 14 August 2025.
"""

FORGOTTEN = {"PGPASSFILE": NOWHERE, "PGSERVICEFILE": NOWHERE, "PSQLRC": os.devnull, "PSQL_HISTORY": os.devnull}
"""Files in the user's home that are none of the drill's business."""


@dataclass(frozen=True)
class Program:
    """A program, and its version."""

    path: str
    major: int
    minor: int

    @property
    def version(self) -> str:
        """The version as the program prints it."""
        return f"{self.major}.{self.minor}"

    @property
    def restricts(self) -> bool:
        """True where psql can be kept from obeying a dump's meta-commands."""
        return self.minor >= RESTRICTED_SINCE.get(self.major, 0) and self.major >= min(RESTRICTED_SINCE)


@dataclass(frozen=True)
class ProgramEnd:
    """How a program ended: its code, what it printed, and the end of what it complained of."""

    code: int
    stdout: bytes
    stderr: str
    seconds: float

    def complaint(self) -> str:
        """Return the first error on one line, without the data that may follow it."""
        found = CODE_ON_STDERR.search(self.stderr)
        return shortened(" ".join(found[1].split()), MAX_TOLD) if found else f"it ended with code {self.code}"


class PgPrograms(Client):
    """Finds and runs the client programs of Postgres."""

    async def find(self, name: str, bin_dir: str, major: int = 0) -> Program:
        """Find a program, that of a major version where one is named, and ask for its version.

        Raises:
            Unavailable: it is not there, or is none of Postgres's.
        """
        path = await asyncio.to_thread(_look_for, name, bin_dir, major)
        if not path:
            where = f"in {bin_dir}" if bin_dir else "on this machine"
            fix = (
                "Install Postgres's client programs (Debian: postgresql-client), or name their folder in drill.bin_dir."
            )
            raise Unavailable(f"{name} is not {where}, so no dump can be restored", fix=fix)
        ended = await self.run([path, "--version"], environment={}, timeout_s=10)
        version = VERSION.search(ended.stdout.decode("utf-8", "replace"))
        if not version:
            raise Unavailable(f"{path} does not say which version of Postgres it is for")
        return Program(path, int(version[1]), int(version[2] or 0))

    def plain_environment(self) -> dict[str, str]:
        """Return what any program needs of golive's own environment, and nothing that may be a secret."""
        return {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}

    async def run(
        self,
        argv: Sequence[str],
        *,
        environment: dict[str, str],
        timeout_s: float,
        feed: AsyncIterator[bytes] | None = None,
        keep: Sequence[int] = (),
        folder: str | None = None,
        user: int | None = None,
    ) -> ProgramEnd:
        """Run a program to its end; it and all it started is ended where we are cancelled or the time is over.

        Args:
            argv: the command line, which anyone on this machine may read.
            environment: what it gets beside PATH and a plain locale; only this user may read it.
            timeout_s: how long it may take.
            feed: what is written to its standard input.
            keep: descriptors that it inherits.
            folder: the folder to run it in.
            user: the user to run it as, where we are root.
        """
        began = time.monotonic()
        process, held = await _started(argv, environment, feeds=feed is not None, keep=keep, folder=folder, user=user)
        reading = [  # read while it is fed: a program whose output nobody takes stops taking input
            asyncio.create_task(_read_beginning(process.stdout, OUTPUT_BYTES)),
            asyncio.create_task(read_tail(process.stderr, STDERR_BYTES)),
        ]
        try:
            async with asyncio.timeout(timeout_s):
                if feed:
                    await _write(process, feed)
                stdout, stderr = await asyncio.gather(*reading)
                code = await process.wait()
                return ProgramEnd(code, stdout, stderr.decode("utf-8", "replace"), time.monotonic() - began)
        finally:
            for task in reading:
                task.cancel()
            await end_group(process)
            os.close(held)


@asynccontextmanager
async def running(
    argv: Sequence[str], environment: dict[str, str], *, folder: str, user: int | None
) -> AsyncIterator[tuple[asyncio.subprocess.Process, asyncio.Task[bytes]]]:
    """Run a server until the end of the context, with what it complains of: the end of that is kept.

    A server of Postgres is ended at once, for its data is thrown away; it would wait for whoever is connected.
    """
    process, held = await _started(argv, environment, feeds=False, keep=(), folder=folder, user=user)
    complaints = asyncio.create_task(read_tail(process.stderr, STDERR_BYTES))
    try:
        yield process, complaints
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGQUIT)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), STOP_S)
        complaints.cancel()
        await end_group(process)
        os.close(held)


async def _started(
    argv: Sequence[str],
    environment: dict[str, str],
    *,
    feeds: bool,
    keep: Sequence[int],
    folder: str | None,
    user: int | None,
) -> tuple[asyncio.subprocess.Process, int]:
    """Start a program, and return it with the descriptor that keeps it alive: it is ended once that is closed."""
    if not await asyncio.to_thread(shutil.which, argv[0]):
        raise Unavailable(f"the command {Path(argv[0]).name!r} is not on this machine")
    alive, held = os.pipe()
    try:
        if user is not None:
            os.fchown(alive, user, -1)  # the guard opens it by its path
        process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", GUARD, f"/dev/fd/{alive}", *argv),
            stdin=asyncio.subprocess.PIPE if feeds else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", **FORGOTTEN, **environment},
            pass_fds=(*keep, alive),
            cwd=folder,
            start_new_session=True,
            user=user,
            group=user_group(user),
            extra_groups=None if user is None else (),
        )
    except (OSError, ValueError) as error:
        os.close(held)
        reason = error.strerror if isinstance(error, OSError) else type(error).__name__
        raise Unavailable(f"the command {Path(argv[0]).name!r} could not be started: {reason}") from None
    finally:
        os.close(alive)
    return process, held


def user_group(user: int | None) -> int | None:
    """Return the group of a user of this machine."""
    import pwd

    return None if user is None else pwd.getpwuid(user).pw_gid


async def _read_beginning(stream: asyncio.StreamReader | None, size: int) -> bytes:
    """Read all of standard output and keep its beginning."""
    kept = bytearray()
    while stream and (chunk := await stream.read(CHUNK_BYTES)):
        kept += chunk[: max(size - len(kept), 0)]
    return bytes(kept)


async def _write(process: asyncio.subprocess.Process, feed: AsyncIterator[bytes]) -> None:
    """Feed a program. One that has ended by itself says why on its standard error."""
    assert process.stdin  # noqa: S101 - it was asked for
    with suppress(BrokenPipeError, ConnectionResetError):
        async for chunk in feed:
            process.stdin.write(chunk)
            await process.stdin.drain()
    process.stdin.close()


def _look_for(name: str, bin_dir: str, major: int) -> str:
    """Return the path of a program; of several versions the newest, which restores the dumps of all before it."""
    if bin_dir:
        return shutil.which(name, path=bin_dir) or ""
    of_version = [pattern.replace("*", str(major)) for pattern in PLACES] if major else []
    if exact := next((path for pattern in of_version if (path := Path(pattern, name)).exists()), None):
        return str(exact)
    found = [path for pattern in PLACES for path in Path("/").glob(f"{pattern[1:]}/{name}")]
    newest = max(found, key=lambda path: [int(n) for n in re.findall(r"\d+", str(path.parent))], default=None)
    return str(newest) if newest else shutil.which(name) or ""


async def restricted(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    r"""Put psql's \restrict before a dump, with a key that the dump cannot know: no meta-command in it is obeyed."""
    yield f"\\restrict {secrets.token_hex(16)}\n".encode()
    async for piece in pieces:
        yield piece


@contextmanager
def sealed_file(content: bytes) -> Iterator[tuple[str, int]]:
    """Yield the path and the descriptor of a file without a name, for a program that inherits the descriptor."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        file.seek(0)
        yield f"/dev/fd/{file.fileno()}", file.fileno()
