"""Time commands in turn, so that a drifting machine is fair to both; and tell the result as a ratio with its limit."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
GOLIVE = str(BIN / "golive")


@dataclass(frozen=True)
class Result:
    """One line of the table. `value` and `limit` are in `unit`; smaller is better."""

    what: str
    value: float
    limit: float
    unit: str = "times"
    detail: str = ""

    @property
    def holds(self) -> bool:
        """True within the limit."""
        return self.value <= self.limit

    def row(self) -> str:
        """Return it as a row of a Markdown table."""
        return f"| {self.what} | {self.value:.3g} {self.unit} | at most {self.limit:g} {self.unit} | {self.detail} |"


@dataclass(frozen=True)
class Spent:
    """What one process took: wall seconds, and its exit code."""

    wall_s: float
    code: int


def run(command: Sequence[str], env: Mapping[str, str] | None = None) -> Spent:
    """Run a command to its end, its output thrown away."""
    began = time.perf_counter()
    process = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=env,
        cwd=PROJECT,
        check=False,
    )
    return Spent(time.perf_counter() - began, process.returncode)


PARENT = """
import os, resource, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss, os.waitstatus_to_exitcode(status))
"""


def peak(command: Sequence[str], env: Mapping[str, str] | None = None) -> tuple[float, int]:
    """Run a command; return its peak resident memory in MB, and its exit code.

    It is started by a process of its own: Linux counts what the parent held for the child's, from before its exec.
    """
    parent = [sys.executable, "-I", "-S", "-c", PARENT, *command]
    said = subprocess.run(parent, capture_output=True, text=True, env=env, cwd=PROJECT, check=True).stdout
    size, code = said.split()
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is bytes there, kilobytes here
    return int(size) * unit / 1e6, int(code)


def in_turn(
    a: Sequence[str], b: Sequence[str], times: int, env: Mapping[str, str] | None = None
) -> tuple[float, float]:
    """Return the median wall time of two commands that take turns, after a turn each that does not count."""
    took: tuple[list[float], list[float]] = ([], [])
    for turn in range(times + 1):
        for command, spent in ((a, took[0]), (b, took[1])):
            wall = run(command, env).wall_s
            if turn:
                spent.append(wall)
    return statistics.median(took[0]), statistics.median(took[1])


def versus(what: str, a: Sequence[str], b: Sequence[str], limit: float, times: int = 15) -> Result:
    """Return how much longer `a` takes than `b`."""
    mine, other = in_turn(a, b, times)
    return Result(what, mine / other, limit, detail=f"{mine * 1000:.0f} ms against {other * 1000:.0f} ms")
