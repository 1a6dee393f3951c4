"""A history of kept reports on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from golive.report import reds
from golive.report.history import History, RedSince
from golive.report.history_page import since
from golive.report.screen import DIM, Screen, ScreenPage
from golive.report.view import day
from golive.wording import counted

LINES = 60
"""Lines of one kind that are shown without --verbose."""


def text(history: History, screen: Screen, *, verbose: bool = False) -> str:
    """Return the history as text for a screen."""
    page, newest = ScreenPage(screen), history.newest
    page.blank()
    page.put(
        (newest.decision, "bold green" if newest.decision == "GO" else "bold red"),
        (f"  {screen.text(newest.environment)}", "bold"),
        (f"  {counted(len(history.runs), 'run')}, {day(history.runs[0].started)} to {day(newest.started)}", DIM),
    )
    page.put((reds.sparks(history.runs, unicode=screen.unicode), "red" if newest.findings else "green"))
    page.put((reds.words(history.runs), DIM), hang=2)
    for title, found in {"Red lines of the checklist": history.lines, "Red findings": history.findings}.items():
        _write(page, title, found, verbose=verbose)
    page.blank()
    return page.written()


def _write(page: ScreenPage, title: str, found: Sequence[RedSince], *, verbose: bool) -> None:
    if not found:
        page.heading(title, ("  none", DIM))
        return
    page.heading(title, (f"  {len(found):,}, the longest first", DIM))
    shown = page.screen.text

    def write(each: RedSince) -> None:
        page.put(f"{since(each)}  {counted(each.runs, 'run')}  ", (shown(each.item.id), "bold"), hang=2)
        page.put((shown(each.item.seen or each.item.words), DIM), indent=4, hang=2)

    page.each(found, write, "red", lines=None if verbose else LINES)
