"""A server of the real stack: ready when it answers, gone when its starter is, however that ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from golive_lab.parts.ports import standing
from golive_lab.parts.process import NotInstalledError, program, running

if TYPE_CHECKING:
    from pathlib import Path

SERVER = """
import socket, sys, time
with socket.create_server(("127.0.0.1", int(sys.argv[1]))):
    time.sleep(60)
"""

STARTER = f"""
import sys, time
from pathlib import Path
from golive_lab.parts.process import running
argv = [sys.executable, "-c", {SERVER!r}, sys.argv[1]]
with running(argv, log=Path(sys.argv[2]), ready=lambda: True):
    print("up", flush=True)
    time.sleep(60)
"""


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def comes_to(port: int, *, accepting: bool) -> bool:
    end = time.monotonic() + 5
    while accepts(port) != accepting and time.monotonic() < end:
        time.sleep(0.01)
    return accepts(port) == accepting


def test_it_runs_for_the_time_of_the_context(tmp_path: Path) -> None:
    with standing() as place:
        port = place.ports.api
        argv = [sys.executable, "-c", SERVER, str(port)]
        with running(argv, log=tmp_path / "log", ready=lambda: accepts(port)):
            assert accepts(port)
        assert not accepts(port)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_its_starter(how: signal.Signals, tmp_path: Path) -> None:
    with standing() as place:
        port = place.ports.api
        starter = subprocess.Popen(
            [sys.executable, "-c", STARTER, str(port), str(tmp_path / "log")],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        with starter:
            assert starter.stdout
            assert starter.stdout.readline() == b"up\n"
            assert comes_to(port, accepting=True)
            os.kill(starter.pid, how)
        assert comes_to(port, accepting=False)


def test_one_that_does_not_start_is_told_with_what_it_said(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "raise SystemExit('no such zone')"]
    with pytest.raises(OSError, match="no such zone"), running(argv, log=tmp_path / "log", ready=lambda: False):
        pass


def test_a_missing_program_is_told_with_its_package() -> None:
    with pytest.raises(NotInstalledError, match="apt install sendmail-of-1983"):
        program("sendmail-of-1983")
