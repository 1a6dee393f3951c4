"""A shard of a run: the subjects that one of several machines looks at.

A subject goes where the subject goes that the profile names and that it lies below: a host's addresses go with the
host. The shard follows from that name alone, so that it stays the same when other subjects are added.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from golive.engine.declare import Environment, Subject, Unavailable
from golive.engine.facts import reachable

MOST = 1000
"""Shards of one run."""
LEFT = "left to golive judge, which knows what the other shards saw"

ENGINES = (
    ("CI_NODE_INDEX", "CI_NODE_TOTAL", 1),
    ("BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0),
    ("JOB_COMPLETION_INDEX", "GOLIVE_SHARDS", 0),
    ("GOLIVE_SHARD", "GOLIVE_SHARDS", 1),
)
"""The variables by which an engine names a job's number and how many there are, and the number of the first job.

GitLab's `parallel`, Buildkite's `parallelism`, and Kubernetes' indexed Jobs, whose manifest must set GOLIVE_SHARDS:
Kubernetes does not say how many there are. GOLIVE_SHARD is for whatever has no variable of its own, such as a matrix
of GitHub Actions.
"""


@dataclass(frozen=True)
class Shard:
    """One of `count`; the first has the number 1."""

    number: int
    count: int

    def owns(self, subject: Subject) -> bool:
        """Return whether a subject is in this shard."""
        above = [each for each in reachable(subject) if not isinstance(each, Environment)]
        root = above[-1] if above else subject
        return int(hashlib.sha256(str(root).encode()).hexdigest(), 16) % self.count == self.number - 1

    def __str__(self) -> str:
        """Render as `3/8`."""
        return f"{self.number}/{self.count}"


def left_to_judge() -> Unavailable:
    """Return the gap of what this shard does not look at."""
    return Unavailable(LEFT, not_permitted=True)


def is_left_to_judge(seen: object) -> bool:
    """Return whether what was brought is that gap."""
    return isinstance(seen, Unavailable) and seen.reason == LEFT


def read(text: str, environ: Mapping[str, str]) -> Shard:
    """Read `3/8`, or `auto`: what the engine that runs the job says.

    Raises:
        ValueError: neither; one line for the reader.
    """
    if text == "auto":
        for number, count, first in ENGINES:
            if environ.get(number) and environ.get(count):
                return _shard(environ[number], environ[count], first, f"{number} and {count}")
        names = ", ".join(f"{number} and {count}" for number, count, _ in ENGINES)
        raise ValueError(f"auto: nothing here names a shard; one of these pairs must be set: {names}")
    number, _, count = text.partition("/")
    return _shard(number, count, 1, repr(text))


def _shard(number: str, count: str, first: int, source: str) -> Shard:
    if not (re.fullmatch(r"[0-9]{1,4}", number.strip()) and re.fullmatch(r"[0-9]{1,4}", count.strip())):
        raise ValueError(f"{source}: not a shard; write 3/8, or auto")
    shard = Shard(int(number) + 1 - first, int(count))
    if not 1 <= shard.number <= shard.count <= MOST:
        raise ValueError(f"{source}: there is no shard {shard}; the first is 1/{shard.count}, and {MOST} are allowed")
    return shard
