"""Trends as a picture: an SVG file beside the Markdown report, which shows it.

One chart for each trend, one below the other: every series a line over the runs, the one that was judged the boldest,
what is usual shaded, the limit dashed, the last run marked and labelled. A viewer that prefers dark sees it dark, on a
ground of its own: GitHub's theme may be another than the system's, which is what `prefers-color-scheme` reports.

It is drawn with the standard library alone. matplotlib takes a second to import and 100 MB of disk for a few lines
that pyplot draws in colours that are fixed; pygal's charts carry a script, which GitHub and mail readers refuse.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, tostring

from golive.model import Report
from golive.report import trends, view
from golive.report.escape import visible
from golive.report.trends import MeasuredTrend, figure

WIDTH, PADDING = 720, 16
HEAD, PANEL, FOOT = 60, 162, 30
LEFT, RIGHT = 74, 596
"""Where the runs are drawn: numbers stand to the left, names of lines to the right."""
TOP, BOTTOM = 30, 126
"""The same from above, in each panel."""
NAME_WIDTH = 420
"""The room of a subject's name: wide characters are cut off at its end."""
LABEL_GAP = 13
DATES = 4
SMALLEST = 1e-9
OUTLIER = 3.0
"""A line beyond so many times the judged one leaves the picture at its top, or it would flatten the others."""

STYLE = """
text { font: 11px system-ui, -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; fill: #59636e }
.ground { fill: #ffffff; stroke: #d1d9e0 }
.title { font-size: 15px; font-weight: 600; fill: #1f2328 }
.name { font-size: 13px; font-weight: 600; fill: #1f2328 }
.grid { stroke: #e3e8ed; stroke-width: 1 }
.usual { fill: #0969da; fill-opacity: 0.1 }
.limit { stroke: #59636e; stroke-width: 1; stroke-dasharray: 4 3 }
.line { fill: none; stroke-width: 1.25; stroke-linejoin: round; stroke-linecap: round }
.low { stroke: #6e7781 } text.low { fill: #59636e; stroke: none }
.high { stroke: #8250df } text.high { fill: #8250df; stroke: none }
.judged { stroke: #0969da; stroke-width: 2.5 }
text.judged { fill: #0969da; stroke: none; font-weight: 600; font-size: 12px }
.above { stroke: #cf222e } text.above { fill: #cf222e; stroke: none; font-weight: 600 }
circle { fill: #ffffff; stroke-width: 2.5 }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1 }
.ground { fill: #0d1117; stroke: #3d444d }
.title, .name { fill: #f0f6fc }
.grid { stroke: #262c36 }
.usual { fill: #4493f8; fill-opacity: 0.17 }
.limit { stroke: #9198a1 }
.low { stroke: #9198a1 } text.low { fill: #9198a1 }
.high { stroke: #ab7df8 } text.high { fill: #ab7df8 }
.judged { stroke: #4493f8 } text.judged { fill: #4493f8 }
.above { stroke: #ff7b72 } text.above { fill: #ff7b72 }
circle { fill: #0d1117 }
}
"""


def draw(report: Report) -> str:
    """Return the picture of a report's trends as SVG; empty where there is none."""
    found = trends.measured(report)
    shown = found[: trends.SHOWN]
    if not shown:
        return ""
    rest = len(found) - len(shown)
    height = HEAD + PANEL * len(shown) + (FOOT if rest else 0)
    size = {"width": str(WIDTH), "height": str(height), "viewBox": f"0 0 {WIDTH} {height}"}
    svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img", "aria-labelledby": "t d"})
    heading = f"Trends of {visible(report.run.environment, 60)}, {view.moment(report.run.started)}"
    SubElement(svg, "title", {"id": "t"}).text = heading
    SubElement(svg, "desc", {"id": "d"}).text = visible(trends.caption(found), 4000)
    SubElement(svg, "style").text = STYLE
    _put(svg, "rect", "ground", x=0.5, y=0.5, width=WIDTH - 1, height=height - 1, rx=6)
    _text(_room(svg, PADDING, 10, WIDTH - 2 * PADDING), 0, 18, heading, "title")
    legend = "A point for each run. Shaded: what is usual. Dashed: the limit that the last run was judged by."
    _text(svg, PADDING, 46, legend)
    for number, each in enumerate(shown):
        _panel(SubElement(svg, "g", {"transform": f"translate(0 {HEAD + PANEL * number})"}), each)
    if rest:
        _text(svg, PADDING, height - 12, trends.left_out(rest))
    return tostring(svg, encoding="unicode") + "\n"


@dataclass(frozen=True)
class Scale:
    """Where figures and runs stand in a panel."""

    least: float
    step: float
    steps: int
    runs: int

    @property
    def most(self) -> float:
        """The figure at the top."""
        return self.least + self.step * self.steps

    def y(self, value: float) -> float:
        """Return how far from above a figure stands."""
        share = (value - self.least) / (self.most - self.least)
        return BOTTOM - share * (BOTTOM - TOP)

    def x(self, run: int) -> float:
        """Return how far from the left a run stands."""
        return (LEFT + RIGHT) / 2 if self.runs == 1 else LEFT + (RIGHT - LEFT) * run / (self.runs - 1)


def scale_of(each: MeasuredTrend) -> Scale:
    """Choose a scale from zero, in steps that people count in, with room for the limit and the judged series."""
    values = [v for series in each.series.values() for v in series if v is not None]
    wanted = max(*each.judged, each.trend.limit or 0.0)
    most, least = max(wanted, min(max(values), OUTLIER * wanted)), min(0.0, *values, each.trend.limit or 0.0)
    raw = max((most - least) / 3, SMALLEST) if most > least else 1.0
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= raw * 0.999)
    least = math.floor(least / step) * step
    return Scale(least, step, max(1, math.ceil((most - least) / step - 1e-9)), len(next(iter(each.series.values()))))


def _panel(panel: Element, each: MeasuredTrend) -> None:
    """Draw one trend."""
    scale, above = scale_of(each), each.share > 1
    _text(_room(panel, PADDING, 2, NAME_WIDTH), 0, 15, each.name, "name")
    _text(panel, WIDTH - PADDING, 17, each.standing, "above" if above else "", anchor="end")
    _ground(panel, each, scale)
    _dates(panel, each.trend.at[-trends.RUNS :], scale)
    frame = _room(panel, LEFT, TOP - 2, RIGHT - LEFT, BOTTOM - TOP + 4)
    frame.set("viewBox", f"{LEFT} {TOP - 2} {RIGHT - LEFT} {BOTTOM - TOP + 4}")
    for name in sorted(each.series, key=lambda name: name == each.trend.judged):  # that one on top
        for start, part in _parts(each.series[name]):
            points = " ".join(f"{scale.x(start + n):.1f},{scale.y(v):.1f}" for n, v in enumerate(part))
            if len(part) == 1:  # a line of one point is not drawn
                points += f" {points}"
            _put(frame, "polyline", f"line {_kind(each, name)}", points=points)
    if each.last is not None:
        mark = "line judged above" if above else "line judged"
        _put(panel, "circle", mark, cx=scale.x(scale.runs - 1), cy=scale.y(each.last), r=4)
    _labels(panel, each, scale)


def _kind(each: MeasuredTrend, name: str) -> str:
    """Tell how a series is drawn: what comes before the judged one, that one, what comes after it."""
    names = list(each.series)
    order = names.index(name) - names.index(each.trend.judged)
    return "judged" if order == 0 else "low" if order < 0 else "high"


def _parts(values: Sequence[float | None]) -> list[tuple[int, list[float]]]:
    """Return the stretches of a series in which every run has a figure, each with the number of its first run."""
    parts: list[tuple[int, list[float]]] = []
    for n, value in enumerate(values):
        if value is None:
            continue
        if not parts or parts[-1][0] + len(parts[-1][1]) != n:
            parts.append((n, []))
        parts[-1][1].append(value)
    return parts


def _ground(panel: Element, each: MeasuredTrend, scale: Scale) -> None:
    """Draw what the lines stand before: steps of the scale, what is usual, the limit."""
    for n in range(scale.steps + 1):
        value = scale.least + n * scale.step
        _put(panel, "line", "grid", x1=LEFT, x2=RIGHT, y1=scale.y(value), y2=scale.y(value))
        unit = each.trend.unit if n == scale.steps else ""
        _text(panel, LEFT - 8, scale.y(value) + 4, figure(value, unit), anchor="end")
    limit, usual = each.trend.limit, each.trend.usual
    if limit is None:
        return
    if usual is not None and usual < limit:
        high, low = scale.y(limit), scale.y(max(2 * usual - limit, scale.least))
        _put(panel, "rect", "usual", x=LEFT, y=high, width=RIGHT - LEFT, height=low - high)
    _put(panel, "line", "limit", x1=LEFT, x2=RIGHT, y1=scale.y(limit), y2=scale.y(limit))


def _dates(panel: Element, at: Sequence[dt.datetime], scale: Scale) -> None:
    """Write the dates of the first run, the last one, and some between; the times where all are of one day."""
    one_day = at[0].date() == at[-1].date()
    wanted = min(DATES, len(at))
    before = ""
    for run in sorted({round(n * (len(at) - 1) / max(1, wanted - 1)) for n in range(wanted)}):
        words = (
            (f"{view.day(at[run])} {at[run]:%H:%M}" if run == 0 else f"{at[run]:%H:%M}")
            if one_day
            else view.day(at[run])
        )
        anchor = "end" if run == len(at) - 1 > 0 else "start" if run == 0 and len(at) > 1 else "middle"
        _put(panel, "line", "grid", x1=scale.x(run), x2=scale.x(run), y1=BOTTOM, y2=BOTTOM + 4)
        if words != before:
            _text(panel, scale.x(run), BOTTOM + 16, words, anchor=anchor)
        before = words


def _labels(panel: Element, each: MeasuredTrend, scale: Scale) -> None:
    """Name each line at its end, with this run's figure, so that no name covers another."""
    unit, limit = each.trend.unit, each.trend.limit
    above = " above" if each.share > 1 else ""
    labels = [] if limit is None else [(scale.y(limit), "", f"limit {figure(limit, unit)}")]
    for name, values in each.series.items():
        if (last := values[-1]) is not None:
            kind = _kind(each, name) + above * (name == each.trend.judged)
            beyond = " ↑" if last > scale.most else ""
            labels.append((max(scale.y(last), TOP), kind, f"{name} {figure(last, unit)}{beyond}"))
    labels.sort()
    places = [place for place, _, _ in labels]
    for n in range(1, len(places)):
        places[n] = max(places[n], places[n - 1] + LABEL_GAP)
    lowest = BOTTOM + 2.0
    for n in reversed(range(len(places))):
        places[n] = min(places[n], lowest)
        lowest = places[n] - LABEL_GAP
    for place, (_, kind, words) in zip(places, labels, strict=True):
        _text(panel, RIGHT + 10, place + 4, words, kind)


def _room(into: Element, x: float, y: float, width: float, height: float = 24) -> Element:
    """Return a part of the picture beyond which nothing is drawn."""
    return SubElement(into, "svg", {"x": f"{x:g}", "y": f"{y:g}", "width": f"{width:g}", "height": f"{height:g}"})


def _text(into: Element, x: float, y: float, words: str, kind: str = "", *, anchor: str = "") -> None:
    """Write words at a place."""
    more = {"class": kind} if kind else {}
    more |= {"text-anchor": anchor} if anchor else {}
    SubElement(into, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", **more}).text = words


def _put(into: Element, tag: str, kind: str, **where: float | str) -> None:
    """Draw a shape."""
    places = {name: value if isinstance(value, str) else f"{value:.1f}" for name, value in where.items()}
    SubElement(into, tag, {"class": kind, **places})
