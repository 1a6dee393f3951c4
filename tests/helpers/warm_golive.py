"""golive as a process that is forked from one which has imported everything: a start costs a tenth of a cold one.

For tests of what golive prints, writes and exits with. Those of its start, of signals, and of what is imported when
start golive cold. With GOLIVE_ALL=1 every test does.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import importlib.metadata
import io
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

COLD = os.environ.get("GOLIVE_ALL") == "1"
HERE = Path(__file__).resolve()
STREAMS = ("stdin", "stdout", "stderr")
FLAGS = ("-P", "-m", "golive")


def golive(
    *arguments: str, cwd: Path, env: Mapping[str, str], timeout_s: float = 60, **streams: int | IO[Any]
) -> subprocess.CompletedProcess[str]:
    """Run golive to its end and return what it wrote; what goes to a stream of the caller's own is not returned."""
    command = [sys.executable, *FLAGS, *arguments]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, Path(os.devnull).open() as nothing:
        streams = {"stdin": nothing, "stdout": out, "stderr": err, **streams}
        if COLD or env.get("PYTHONHASHSEED"):
            ran = subprocess.run(command, cwd=cwd, env=env, timeout=timeout_s, check=False, **streams)  # type: ignore[call-overload]
            code = ran.returncode
        else:
            code = server().run(["golive", *arguments], cwd, env, timeout_s, [streams[name] for name in STREAMS])
        return subprocess.CompletedProcess(command, code, text(out), text(err))


def text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


class Server:
    """The process that is forked, one for each process of pytest."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-P", str(HERE), str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        atexit.register(self._end)

    def run(self, argv: list[str], cwd: Path, env: Mapping[str, str], timeout_s: float, streams: list[Any]) -> int:
        """Fork a golive with these streams, and return its exit code."""
        numbers = [stream if isinstance(stream, int) else stream.fileno() for stream in streams]
        asked = json.dumps({"argv": argv, "cwd": str(cwd), "env": dict(env)}).encode()
        socket.send_fds(self._socket, [asked], numbers)
        self._socket.settimeout(None)
        pid = self._number()
        self._socket.settimeout(timeout_s)
        try:
            return self._number()
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            self._socket.settimeout(None)
            self._number()
            raise subprocess.TimeoutExpired(argv, timeout_s) from None

    def _number(self) -> int:
        answer = self._socket.recv(64)
        assert answer, "the process from which golive is forked has ended"
        return int(answer)

    def _end(self) -> None:
        self._socket.close()
        self._process.wait()


@functools.cache
def server() -> Server:
    return Server()


# --- in the process that is forked -----------------------------------------------------------------------------------


def serve(asks: socket.socket) -> None:
    """Fork a golive for each message, and answer with its process id and its exit code, until nobody asks any more."""
    warm_up()
    while True:
        asked, numbers, _, _ = socket.recv_fds(asks, 1 << 20, len(STREAMS))
        if not asked:
            return
        pid = os.fork()
        if not pid:
            asks.close()
            be_golive(json.loads(asked), numbers)
        for number in numbers:
            os.close(number)
        asks.send(str(pid).encode())
        asks.send(str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())


def warm_up() -> None:
    """Import what a start imports, and what the commands import when they need it."""
    import golive  # noqa: PLC0415 - by the forked process alone

    sections = [entry.value for entry in importlib.metadata.entry_points(group="golive.sections")]
    for name in ("golive_lab", "rich.console", "rich.live", "rich.table", *sections):
        importlib.import_module(name)
    for module in pkgutil.walk_packages(golive.__path__, "golive."):
        if module.name != "golive.__main__":
            importlib.import_module(module.name)
    gc.collect()
    gc.freeze()


def be_golive(asked: Mapping[str, Any], numbers: list[int]) -> None:
    """Become a golive that has just been started: its streams, its folder, its environment, its arguments."""
    for number, stream in zip(numbers, range(3), strict=True):
        os.dup2(number, stream)
        os.close(number)
    encoding = asked["env"].get("PYTHONIOENCODING", "utf-8")
    sys.stdin = open(0, encoding=encoding)  # noqa: SIM115 - held until the end
    sys.stdout = io.TextIOWrapper(open(1, "wb"), encoding, line_buffering=os.isatty(1))  # noqa: SIM115 - likewise
    sys.stderr = io.TextIOWrapper(open(2, "wb"), encoding, "backslashreplace", line_buffering=True)  # noqa: SIM115 - likewise
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = asked["argv"]
    from golive.cli.main import main  # noqa: PLC0415 - imported by now

    main()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
