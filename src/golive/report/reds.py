"""The trend of what was red, a bar for each run: as SVG for a page, and in characters for a terminal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from xml.etree.ElementTree import Element

from golive.report.history import KeptRun
from golive.report.tree import h
from golive.report.view import day, moment
from golive.wording import counted

SHOWN = 60
"""The newest runs that are drawn."""
WIDTH, HEIGHT, LEFT, TOP, GROUND = 960, 220, 44, 16, 180
STEPS = "▁▂▃▄▅▆▇█"
PLAIN_STEPS = "_.-=+*#@"


def draw(runs: Sequence[KeptRun]) -> Element:
    """Return the picture: how many findings were red in each run; what was NO-GO in the colour of a failure."""
    shown = runs[-SHOWN:]
    most = max([len(run.findings) for run in shown] + [1])
    room = (WIDTH - LEFT) / len(shown)
    parts = [*_scale(most), *(_bar(run, number, room, most) for number, run in enumerate(shown))]
    parts += [_day(shown[0].started, LEFT, "start")]
    if len(shown) > 1:
        parts.append(_day(shown[-1].started, WIDTH, "end"))
    return h("svg", *parts, viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", cls="reds", **{"aria-label": words(runs)})


def words(runs: Sequence[KeptRun]) -> str:
    """Say what the picture shows."""
    first, last = runs[-SHOWN:][0], runs[-1]
    reds = [len(run.findings) for run in runs[-SHOWN:]]
    return (
        f"Red findings in {counted(len(reds), 'run')}: {reds[0]:,} on {day(first.started)}, {reds[-1]:,} on"
        f" {day(last.started)}, between {min(reds):,} and {max(reds):,}"
    )


def sparks(runs: Sequence[KeptRun], *, unicode: bool) -> str:
    """Return a character for each of the newest runs, higher where more was red."""
    shown, steps = runs[-SHOWN:], STEPS if unicode else PLAIN_STEPS
    most = max([len(run.findings) for run in shown] + [1])
    return "".join(steps[round(len(run.findings) / most * (len(steps) - 1))] for run in shown)


def _scale(most: int) -> list[Element]:
    lines = []
    for figure in sorted({0, most // 2, most}):
        y = f"{_y(figure, most):.1f}"
        lines.append(h("line", x1=str(LEFT), x2=str(WIDTH), y1=y, y2=y))
        lines.append(h("text", f"{figure:,}", x=str(LEFT - 8), y=f"{_y(figure, most) + 4:.1f}", cls="figure"))
    return lines


def _bar(run: KeptRun, number: int, room: float, most: int) -> Element:
    reds = len(run.findings)
    y, width = _y(reds, most), max(1.0, min(room * 0.7, 40.0))
    text = f"{moment(run.started)}: {run.decision}, {reds:,} red"
    return h(
        "g",
        h("title", text),
        h(
            "rect",
            x=f"{LEFT + room * number + (room - width) / 2:.1f}",
            y=f"{min(y, GROUND - 2):.1f}",
            width=f"{width:.1f}",
            height=f"{max(2.0, GROUND - y):.1f}",
            rx="2",
        ),
        cls="go" if run.decision == "GO" else "no-go",
    )


def _y(figure: int, most: int) -> float:
    return GROUND - (GROUND - TOP) * figure / most


def _day(at: dt.datetime, x: float, anchor: str) -> Element:
    return h("text", day(at), x=f"{x:.0f}", y=str(GROUND + 22), **{"text-anchor": anchor})
