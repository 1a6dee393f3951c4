"""Kept JSON reports of one environment, one after another: since when each red line and finding stands. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from golive.model import LineState
from golive.report import ReportError
from golive.report.baseline import document_of


@dataclass(frozen=True)
class RedItem:
    """A line of the checklist or a finding that was red in a run, and what was seen."""

    id: str
    words: str
    seen: str


@dataclass(frozen=True)
class KeptRun:
    """A run, as its JSON report keeps it."""

    name: str
    environment: str
    started: dt.datetime
    decision: str
    selection: str
    lines: Mapping[str, RedItem]
    """The red lines of the checklist."""
    findings: Mapping[str, RedItem]
    """The red findings."""
    looked_at: frozenset[str]
    """The ids of all lines and findings that the run has a word on, red or not."""


@dataclass(frozen=True)
class RedSince:
    """Something that is red in the newest run, since which run without a break, and in how many of them."""

    item: RedItem
    since: dt.datetime
    runs: int
    from_the_first: bool
    """It was red in the oldest report that has a word on it: it may be older."""


@dataclass(frozen=True)
class History:
    """The runs, the oldest first, and what is red in the newest."""

    runs: tuple[KeptRun, ...]
    lines: tuple[RedSince, ...]
    findings: tuple[RedSince, ...]

    @property
    def newest(self) -> KeptRun:
        """The last run."""
        return self.runs[-1]


def history(reports: Iterable[tuple[str, str]]) -> History:
    """Read JSON reports, each a text and its name, in any order.

    Raises:
        ReportError: one is no golive report, or they are of several environments.
    """
    runs = sorted((kept(text, name) for text, name in reports), key=lambda run: run.started)
    for run in runs:
        if run.environment != runs[0].environment:
            raise ReportError(
                f"{run.name} is a report on {run.environment}, {runs[0].name} on {runs[0].environment}: "
                "a history is of one environment"
            )
    runs = list({(run.started, run.selection): run for run in runs}.values())  # the same report kept twice is one run
    return History(
        tuple(runs),
        _standing(runs, [run.lines for run in runs]),
        _standing(runs, [run.findings for run in runs]),
    )


def kept(text: str, name: str) -> KeptRun:
    """Read a JSON report. Raises ReportError where it is none."""
    data = document_of(text, name)
    try:
        lines = {line["id"]: line for line in data.get("checklist", ())}
        findings = {finding["id"]: finding for finding in data["findings"]}
        started = dt.datetime.fromisoformat(data["run"]["started"])
        return KeptRun(
            name=name,
            environment=str(data["run"]["environment"]),
            started=started if started.tzinfo else started.replace(tzinfo=dt.UTC),
            decision=str(data["decision"]),
            selection=str(data["run"].get("selection") or ""),
            lines={
                key: RedItem(key, str(line["words"]), str(line["seen"]))
                for key, line in lines.items()
                if line["state"] == LineState.RED
            },
            findings={
                key: RedItem(key, str(each["title"]), str(each["summary"]))
                for key, each in findings.items()
                if each["red"] is True
            },
            looked_at=frozenset([*findings, *(k for k, line in lines.items() if line["state"] in SEEN)]),
        )
    # Anything may have the name of a report, so any shape is possible.
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ReportError(f"{name} is not a whole golive report: {problem}") from problem


SEEN = frozenset({LineState.RED, LineState.TICKED, LineState.NA})
"""Of a line that was looked at; in a run that asked for a part only, the others say nothing."""


def _standing(runs: Sequence[KeptRun], red: Sequence[Mapping[str, RedItem]]) -> tuple[RedSince, ...]:
    """Return what is red in the newest run, what has stood longest first."""
    found = []
    for key, item in red[-1].items() if red else ():
        since, count, first = runs[-1].started, 0, True
        for run, reds in zip(reversed(runs), reversed(red), strict=True):
            if key not in run.looked_at:
                continue
            if key not in reds:
                first = False
                break
            since, count = run.started, count + 1
        found.append(RedSince(item, since, count, first))
    return tuple(sorted(found, key=lambda each: (each.since, each.item.id)))
