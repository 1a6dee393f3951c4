"""A history of kept reports as one HTML file: what is red and since when, and the trend of reds as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element

from golive.report import reds
from golive.report.history import History, RedSince
from golive.report.tree import Child, h
from golive.report.view import day, moment
from golive.report.webpage import document, part, rows_of
from golive.wording import counted

RUNS = 100
"""The newest runs that are listed."""


def page(history: History) -> str:
    """Return the history as an HTML document."""
    newest = history.newest
    return document(f"History of {newest.environment}: {newest.decision}", [_banner(history)], _parts(history))


def _banner(history: History) -> Element:
    newest, oldest = history.newest, history.runs[0]
    span = f"{counted(len(history.runs), 'run')} from {day(oldest.started)} to {day(newest.started)}"
    counts = [counted(len(history.lines), "red line"), counted(len(history.findings), "red finding"), span]
    return h(
        "header",
        h("p", newest.environment, cls="environment"),
        h("h1", newest.decision),
        h("ul", *(h("li", text, cls="count") for text in counts), cls="counts"),
        cls="banner go" if newest.decision == "GO" else "banner no-go",
    )


def _parts(history: History) -> Iterable[Child]:
    yield part("Trend of reds", [h("p", reds.words(history.runs), cls="meta"), reds.draw(history.runs)])
    yield part("Red lines", _standing(history.lines, "Line"))
    yield part("Red findings", _standing(history.findings, "Finding"))
    rows = [
        (moment(run.started), run.decision, f"{len(run.lines):,}", f"{len(run.findings):,}", run.selection)
        for run in reversed(history.runs[-RUNS:])
    ]
    yield part("Runs", [rows_of(("When", "Decision", "Red lines", "Red findings", "Selection"), rows)])


def _standing(found: Sequence[RedSince], what: str) -> list[Child]:
    rows: list[tuple[Child, ...]] = [
        (
            h("code", each.item.id),
            each.item.words,
            each.item.seen,
            _whole(since(each)),
            _whole(counted(each.runs, "run")),
        )
        for each in found
    ]
    return [rows_of((what, "What", "Seen", "Red since", "For"), rows)] if rows else []


def _whole(text: str) -> Element:
    """Return a text that is not broken."""
    return h("span", text, cls="whole")


def since(each: RedSince) -> str:
    """Say since when something is red; of what the oldest report has red already, that it may be longer."""
    return f"{day(each.since)}{' or before' if each.from_the_first else ''}"
