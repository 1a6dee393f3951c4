"""Time commands in turn, so that a drifting machine is fair to both; and tell the result as a ratio with its limit."""

from __future__ import annotations

import os
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
    """What one process took: wall seconds, peak resident memory in MB, and its exit code."""

    wall_s: float
    peak_mb: float
    code: int


def run(command: Sequence[str], env: Mapping[str, str] | None = None) -> Spent:
    """Run a command to its end, its output thrown away."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env, cwd=PROJECT
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is bytes there, kilobytes here
    return Spent(time.perf_counter() - began, usage.ru_maxrss * unit / 1e6, process.returncode)


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
