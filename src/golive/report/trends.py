"""What was measured from run to run, ready to be shown: the worst first, in figures and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from golive.model import Finding, Report, Trend
from golive.report import view
from golive.report.escape import middle_cut, visible
from golive.wording import counted

SHOWN = 12
"""The trends that a picture shows; of a hundred nobody would look at the last ones."""
NAME = 60
"""The characters of a subject's name that are shown."""
BEYOND = 1e12
"""No figure that anyone measures."""
RUNS = 60
"""The runs of each that it shows, the newest."""


@dataclass(frozen=True)
class MeasuredTrend:
    """A finding and its trend; of each series the last runs, None for what is no number."""

    finding: Finding
    trend: Trend
    series: dict[str, tuple[float | None, ...]]

    @property
    def name(self) -> str:
        """The subject's name as it is shown."""
        return middle_cut(visible(self.finding.subject), NAME)

    @property
    def judged(self) -> tuple[float, ...]:
        """The figures of the series that was judged."""
        return tuple(value for value in self.series.get(self.trend.judged, ()) if value is not None)

    @property
    def last(self) -> float | None:
        """What this run measured."""
        values = self.series.get(self.trend.judged, ())
        return values[-1] if values else None

    @property
    def share(self) -> float:
        """How much of its limit the last run has used up; none where it was not judged."""
        limit = self.trend.limit
        return self.last / limit if self.last is not None and limit else 0.0

    @property
    def standing(self) -> str:
        """How the last run stands to its limit, in words."""
        if self.trend.limit is None:
            return "not judged yet"
        return f"{'above' if self.share > 1 else 'within'} its limit of {figure(self.trend.limit, self.trend.unit)}"


def measured(report: Report) -> list[MeasuredTrend]:
    """Return every trend that has anything to show: what is red first, then what is nearest to its limit or beyond."""
    found = [_measured(f, f.verdict.trend) for f in report.findings if f.verdict.trend]
    return sorted((m for m in found if m.last is not None), key=lambda m: (m.finding.id not in report.red, -m.share))


def _measured(finding: Finding, trend: Trend) -> MeasuredTrend:
    series = {
        _short(each.name): tuple(_real(value) for value in each.values[-RUNS:])
        for each in trend.series
        if len(each.values) == len(trend.at)
    }
    limit, usual = _real(trend.limit), _real(trend.usual)
    shown = replace(trend, unit=_short(trend.unit), judged=_short(trend.judged), limit=limit, usual=usual)
    return MeasuredTrend(finding, shown, series)


def _short(word: str) -> str:
    """Return a unit or the name of a series, which a check's author chose to be short."""
    return middle_cut(visible(word), 16)


def _real(value: float | None) -> float | None:
    """Return a figure that can be drawn; None for what is none."""
    return value if value is not None and abs(value) < BEYOND else None  # which NaN is not, either


def figure(value: float, unit: str = "") -> str:
    """Return a number as people write it, with its unit."""
    shown = f"{value:,.0f}" if abs(value) >= 10 or value == int(value) else f"{value:,.1f}"  # noqa: PLR2004 - 9.5 is told apart from 9
    return f"{shown} {unit}" if unit else shown


def words(of: MeasuredTrend) -> str:
    """Say what a picture of it shows."""
    unit, last = of.trend.unit, of.last or 0.0
    low, high = min(of.judged), max(of.judged)
    usual = f" ({figure(of.trend.usual, unit)} is usual)" if of.trend.usual is not None else ""
    at = of.trend.at[-RUNS:]
    span = f"{counted(len(at), 'run')} from {view.day(at[0])} to {view.day(at[-1])}"
    return (
        f"{of.name}: {of.trend.judged} is {figure(last, unit)}, {of.standing}{usual}; "
        f"in {span} it lay between {figure(low)} and {figure(high, unit)}."
    )


def left_out(number: int) -> str:
    """Say how many trends a picture leaves out, and where they are."""
    return f"{number:,} more, the least pressing, are left out; the JSON report has their figures."


def caption(found: Sequence[MeasuredTrend]) -> str:
    """Say in words what the picture of these trends shows."""
    lines = [words(each) for each in found[:SHOWN]]
    return " ".join([*lines, left_out(len(found) - SHOWN)] if len(found) > SHOWN else lines)
