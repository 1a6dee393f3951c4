"""What a run reports as it happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from golive.engine.blueprint import Check, Probe
from golive.engine.declare import Subject
from golive.model import Finding


@dataclass(frozen=True)
class Started:
    """A probe began to look."""

    probe: Probe
    subject: Subject


@dataclass(frozen=True)
class ProbeEnded:
    """A probe brought its fact, or a gap. Times are seconds since the run began; `needed` is what it waited for.

    `requests`: how many it made of each host; one that several probes share counts for the first alone.
    """

    probe: Probe
    subject: Subject
    start: float
    end: float
    needed: tuple[tuple[type, Subject], ...]
    requests: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckJudged:
    """A check is through with all its subjects: `done` of `total` checks are."""

    check: Check
    findings: tuple[Finding, ...]
    done: int
    total: int


Event = Started | ProbeEnded | CheckJudged
