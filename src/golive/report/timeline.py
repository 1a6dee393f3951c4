"""A picture of the run: a bar for each of the probes that took longest, where it began and how long it took."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from golive.model import Report, Timing
from golive.report.escape import middle_cut, visible
from golive.report.tree import h
from golive.wording import counted, duration

SHOWN = 40
"""The probes that are drawn; the others took less."""
TITLE, LEFT, RIGHT, ROW, NAME = 960, 300, 900, 20, 42
LINES = 4
"""Into so many parts the time is divided."""


def draw(report: Report) -> Element | None:
    """Return the picture as an element of SVG; None where it is not known when anything began."""
    known = [t for t in report.timings if t.began is not None]
    slowest = sorted(known, key=lambda t: -t.seconds)[:SHOWN]
    if not slowest:
        return None
    bars = sorted(slowest, key=lambda t: (t.began or 0.0, t.probe, t.subject))
    end = max(_end(t) for t in bars) or 1.0
    parts = [*_scale(end, len(bars)), *(_bar(t, row, end) for row, t in enumerate(bars))]
    label = f"{counted(len(bars), 'probe')} of {len(known):,}, those that took longest, in {duration(end)}"
    height = (len(bars) + 1) * ROW + 8
    return h("svg", *parts, viewBox=f"0 0 {TITLE} {height}", role="img", **{"aria-label": label}, cls="timeline")


def _end(timing: Timing) -> float:
    return (timing.began or 0.0) + timing.seconds


def _scale(end: float, rows: int) -> Sequence[Element]:
    """Return lines at equal times, each with its time."""
    parts = []
    for part in range(LINES + 1):
        x = f"{LEFT + (RIGHT - LEFT) * part / LINES:.1f}"
        parts.append(h("line", x1=x, x2=x, y1=str(ROW - 4), y2=str((rows + 1) * ROW)))
        parts.append(h("text", duration(end * part / LINES), x=x, y="12", cls="time"))
    return parts


def _bar(timing: Timing, row: int, end: float) -> Element:
    """Return a probe's bar; its title has what the picture has no room for."""
    began = timing.began or 0.0
    scale, y = (RIGHT - LEFT) / end, (row + 1) * ROW
    width = max(2.0, timing.seconds * scale)
    name = middle_cut(visible(f"{timing.probe} {timing.subject}"), NAME)
    text = f"{timing.probe} {timing.subject}: {duration(timing.seconds)}, from {duration(began)} on"
    return h(
        "g",
        h("title", text),
        h("text", name, x="0", y=str(y + 13)),
        h("rect", x=f"{LEFT + began * scale:.1f}", y=str(y + 2), width=f"{width:.1f}", height=str(ROW - 6), rx="3"),
    )
