"""The stack as golive check gets it: in a process of its own, there for the time of a run, however the run ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from thorough import but

from golive_lab import run
from golive_lab.run import LabError, already_up, announced, stack_for, stop

HOLDER = """
import json, time
from golive_lab.run import stack_for
with stack_for("demo") as variables:
    print(variables["GOLIVE_LAB_DIR"], flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def nothing_is_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GOLIVE_LAB_DIR", raising=False)
    monkeypatch.setattr(run, "state_folder", lambda: tmp_path)


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def goes(folder: Path) -> bool:
    """Wait for a stack to be gone: its folder goes last. Its ports may be another test's by then.

    Beside other stacks that start, its servers have taken more than five seconds to end.
    """
    end = time.monotonic() + 30
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.01)
    return not folder.exists()


@pytest.mark.parametrize("kind", but({"demo"}, ["demo", "real"]))
def test_it_stands_for_the_time_of_the_context(kind: str) -> None:
    with stack_for(kind) as variables:
        assert accepts(int(variables["GOLIVE_LAB_HTTPS_PORT"]))
    assert not Path(variables["GOLIVE_LAB_DIR"]).exists()


@pytest.mark.parametrize("how", but({signal.SIGKILL, signal.SIGINT}, [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
def test_it_ends_with_whoever_asked_for_it(how: signal.Signals) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with holder:
        try:
            assert holder.stdout
            folder = Path(holder.stdout.readline().decode().strip())
            assert folder.exists()
            os.kill(holder.pid, how)
            assert goes(folder)
        finally:
            holder.kill()


@pytest.mark.parametrize("fault", ["", "tls.expird"])
def test_a_stack_that_nobody_listens_to_ends_without_a_word(fault: str) -> None:
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "golive_lab.serve", "demo", fault],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with child:
        assert child.stdout
        child.stdout.close()
        assert child.stderr
        assert child.stderr.read() == b""
        child.stdin.close()  # type: ignore[union-attr] # it is a pipe


def test_an_unknown_fault_is_told_with_the_nearest() -> None:
    with pytest.raises(LabError, match="the nearest is"), stack_for("demo", "tls.expird"):
        pass


def test_an_unknown_stack_is_told() -> None:
    with pytest.raises(LabError, match="there are demo and real"), stack_for("dmeo"):
        pass


def test_the_stack_of_lab_up_is_used_as_it_stands() -> None:
    with announced({"GOLIVE_LAB_DIR": "/somewhere"}):
        assert already_up() == {"GOLIVE_LAB_DIR": "/somewhere"}
        with stack_for("demo") as variables:
            assert variables == {"GOLIVE_LAB_DIR": "/somewhere"}
    assert already_up() is None


def test_a_stack_of_the_environment_is_used_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOLIVE_LAB_DIR", "/somewhere")
    with stack_for("demo") as variables:
        assert variables == {}


def test_what_was_announced_by_someone_who_is_gone_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "up.env").write_text("GOLIVE_LAB_DIR=/somewhere\nPID=1\n")
    assert already_up() is None
    assert not stop()


def test_two_cannot_be_up_at_once() -> None:
    with announced({}), pytest.raises(LabError, match="up already"), announced({}):
        pass


UP = """
import sys
from pathlib import Path
from golive_lab import run
run.state_folder = lambda: Path(sys.argv[1])
import typer
from golive_lab.cli import lab
lab(["up"])
"""


def test_up_stands_until_down(tmp_path: Path) -> None:
    started = subprocess.Popen([sys.executable, "-c", UP, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    with started:
        try:
            assert started.stdout
            assert "up" in started.stdout.readline()
            variables = already_up()
            assert variables
            assert accepts(int(variables["GOLIVE_LAB_HTTPS_PORT"]))
            assert stop()
            assert started.stdout.read().endswith("The reference stack is down.\n")
            assert started.wait() == 0
        finally:
            started.kill()
    assert goes(Path(variables["GOLIVE_LAB_DIR"]))
