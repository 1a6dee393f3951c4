"""A stack for the time of a run: how `golive check` gets what a profile with `lab:` looks at."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from golive_lab.parts.ports import state_folder, taken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

STOP_S = 5.0


class LabError(Exception):
    """The stack cannot be had; one line that says why."""


@contextmanager
def stack_for(lab: str, fault: str | None = None) -> Iterator[dict[str, str]]:
    """Run a stack, and yield the variables that the lab's profile needs.

    One that `golive lab up` started is used as it stands, unless a fault is asked for.

    Args:
        lab: `demo`, on what the package index ships, or `real`, on nginx, knot and unbound.
        fault: the id of a fault, or of a check that one turns red.

    Raises:
        LabError: there is no such stack or fault, or it does not start.
    """
    if lab not in {"demo", "real"}:
        raise LabError(f"there is no reference stack {lab!r}; there are demo and real")
    found = None if fault else already_up()
    if found is not None:
        yield found
        return
    with served(lab, fault or "") as stack:
        yield stack.variables


class Served:
    """A stack in a process of its own, which ends when we do, however we do."""

    def __init__(self, child: subprocess.Popen[str]) -> None:
        """Wait until the stack is up."""
        self._child = child
        self.variables = self._answer()

    def become(self, *faults: str) -> None:
        """Let the stack have faults, by their ids, and no others."""
        if self._child.stdin:
            self._child.stdin.write(f"{' '.join(faults)}\n")
            self._child.stdin.flush()
        self._answer()

    def _answer(self) -> dict[str, str]:
        line = self._child.stdout.readline() if self._child.stdout else ""
        answer = json.loads(line) if line else {}
        if "variables" not in answer:
            raise LabError(answer.get("error", "the reference stack's process has ended"))
        found: dict[str, str] = answer["variables"]
        return found


@contextmanager
def served(lab: str, fault: str = "") -> Iterator[Served]:
    """Run a stack in a process of its own: what it does is not golive's time, memory or threads.

    Raises:
        LabError: it does not start; the message says why.
    """
    # -P: a dns.py in the folder that the user is in is not the library
    command = [sys.executable, "-P", "-m", "golive_lab.serve", lab, fault]
    child = subprocess.Popen(  # noqa: S603 - ourselves
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # the terminal's Ctrl-C is for us, who then let go of its standard input
    )
    try:
        yield Served(child)
    except BaseException:
        child.terminate()  # it may not yet have come to read its standard input
        raise
    finally:
        if child.stdin:
            child.stdin.close()
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout:
            child.stdout.close()


def already_up() -> dict[str, str] | None:
    """Return the variables of a stack that is up: the environment's, else `golive lab up`'s; None for neither."""
    if "GOLIVE_LAB_DIR" in os.environ:
        return {}
    announced = _announcement()
    if not announced.exists():
        return None
    with announced.open() as file:
        if taken(file):  # whoever announced it is gone
            return None
        lines = [line.partition("=") for line in file.read().splitlines()]
    return {name: value for name, _, value in lines if name.startswith("GOLIVE_LAB_")}


@contextmanager
def announced(variables: Mapping[str, str]) -> Iterator[Path]:
    """Tell the other processes of this user that a stack is up, in a dotenv file, until the end of the context."""
    path = _announcement()
    with path.open("a+") as file:
        if not taken(file):
            raise LabError("a reference stack is up already; golive lab down stops it")
        file.truncate(0)
        file.writelines(f"{name}={value}\n" for name, value in {**variables, "PID": os.getpid()}.items())
        file.flush()
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)


def stop() -> bool:
    """Stop the stack that `golive lab up` started; False where there is none."""
    path = _announcement()
    with suppress(FileNotFoundError), path.open() as file:
        if taken(file):
            return False
        pid = int(file.read().rpartition("PID=")[2])
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + STOP_S
        while path.exists() and time.monotonic() < end:
            time.sleep(0.02)
        return not path.exists()
    return False


def _announcement() -> Path:
    return state_folder() / "up.env"
