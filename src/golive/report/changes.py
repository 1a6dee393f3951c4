"""What turned from one look at an environment to the next: since when each red finding is red, and what is no more."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from golive.model import Finding, Report
from golive.report.escape import uncommanded, visible
from golive.wording import duration


class Turned(StrEnum):
    """What a finding turned into."""

    RED = "red"
    GREEN = "green"
    GONE = "gone"
    """Red before and found no more: its subject is not there, or was not reached."""


@dataclass(frozen=True)
class Turn:
    """A finding that turned: when, into what, and for how many seconds it had been red."""

    at: dt.datetime
    into: Turned
    finding: Finding
    red_s: float = 0.0


class Changes:
    """What is red, and since when; `take` compares the next report with the ones before."""

    def __init__(self) -> None:
        """Begin without a report: what the first one says has not turned."""
        self.since: dict[str, dt.datetime] = {}
        """Finding's id -> the start of the first look that it was red in, of those it was red in without a break."""
        self._red: dict[str, Finding] = {}
        self._begun = False

    def take(self, report: Report) -> tuple[Turn, ...]:
        """Return what turned, in the order of the report; what has gone comes last."""
        at = report.run.started
        red = {f.id: f for f in report.findings if f.id in report.red}
        seen = {f.id: f for f in report.findings}
        turns = [Turn(at, Turned.RED, f) for name, f in red.items() if name not in self._red] if self._begun else []
        ended = [name for name in (*seen, *self._red) if name in self._red and name not in red]
        for name in dict.fromkeys(ended):
            into, finding = (Turned.GREEN, seen[name]) if name in seen else (Turned.GONE, self._red[name])
            turns.append(Turn(at, into, finding, (at - self.since[name]).total_seconds()))
        self.since = {name: self.since.get(name, at) for name in red}
        self._red, self._begun = red, True
        return tuple(turns)


def line(turn: Turn) -> str:
    """Return a turn as a line of plain text that commands neither a terminal nor a CI runner."""
    finding = turn.finding
    more = finding.verdict.summary if turn.into is Turned.RED else f"was red for {duration(round(turn.red_s))}"
    return uncommanded(visible(f"{clock(turn.at)} {turn.into:5} {finding.check.id} {finding.subject}: {more}"))


def clock(at: dt.datetime) -> str:
    """Return the time of day, in UTC."""
    return f"{at.astimezone(dt.UTC):%H:%M:%S}"
