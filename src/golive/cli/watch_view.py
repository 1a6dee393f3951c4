"""What golive watch shows: a screen that stays on a terminal, plain lines elsewhere."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

from golive.causes import by_defect, defects
from golive.cli.errors import let_go_of_stdout
from golive.engine.events import CheckJudged, Event
from golive.model import Decision, Outcome, Report
from golive.report.changes import Turn, Turned, clock, line
from golive.report.escape import uncommanded, visible
from golive.report.screen import STYLES, Screen
from golive.wording import counted, duration

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

KEPT = 200
"""The turns that are kept to be shown."""
TURNS = 8
"""The turns that keep their place on a full screen."""


@dataclass(frozen=True)
class Looked:
    """What a look says, what turned by it, and since when each red finding is red, by its id."""

    report: Report
    turns: Sequence[Turn]
    since: Mapping[str, dt.datetime]


class View:
    """Where a watch is shown: nowhere. A context; what it shows is gone before the report comes."""

    def __enter__(self) -> Self:
        """Begin to show."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give way to the report."""
        self.stop()

    def stop(self) -> None:
        """Clear the screen, from any thread."""

    def looking(self) -> None:
        """Show that a look begins."""

    def event(self, event: Event) -> None:
        """Take what happens in a look, from any thread."""

    def looked(self, look: Looked) -> None:
        """Show a look's outcome."""

    def resting(self, seconds: float) -> None:
        """Show when the next look begins."""

    def note(self, words: str) -> None:
        """Show a line of golive's own, if there is one."""


def view(stream: TextIO, environ: Mapping[str, str], *, until_s: float, quiet: bool, bell: bool) -> View:
    """Return the screen where `stream` is a terminal, else lines; nothing is shown where `quiet`."""
    live = stream.isatty() and not environ.get("CI") and environ.get("TERM") != "dumb"
    if quiet:
        return View()
    return FullScreen(stream, environ, until_s, bell=bell) if live else WatchLines(stream)


def tally(report: Report) -> str:
    """Return the counts: `3 blockers, 2 warn, 120 pass`."""
    order = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN, Outcome.PASS)
    counts = [f"{report.count(outcome):,} {outcome}" for outcome in order if report.count(outcome)]
    return ", ".join([counted(defects(report.blockers), "blocker"), *counts])


class WatchLines(View):
    """A line for each look, and for each thing that turned."""

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`."""
        self._stream: TextIO | None = stream

    def stop(self) -> None:
        """Part the lines from the report."""
        self._write("")

    def looked(self, look: Looked) -> None:
        """Write what it says, and what turned."""
        report = look.report
        words = f"{clock(report.run.started)} {report.headline}: {report.run.environment}, {tally(report)}"
        for text in (uncommanded(visible(words)), *map(line, look.turns)):
            self._write(text)

    def note(self, words: str) -> None:
        """Write it."""
        if words:
            self._write(visible(words))

    def _write(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(f"{text}\n")
            self._stream.flush()
        except BrokenPipeError:  # the reader has gone; the exit code still tells
            self._stream = None
            let_go_of_stdout()


class FullScreen(View):
    """The terminal's other screen, drawn anew twice a second until the report takes its place."""

    def __init__(self, stream: TextIO, environ: Mapping[str, str], until_s: float, *, bell: bool) -> None:
        """Draw on `stream`; `until_s` is how long is watched at most, 0 for no end."""
        self._screen, self._stream = Screen.of(stream, environ), stream
        self._until_s, self._bell = until_s, bell
        self._began, self._rests_until = time.monotonic(), 0.0
        self._report: Report | None = None
        self._since: Mapping[str, dt.datetime] = {}
        self._turns: tuple[Turn, ...] = ()  # the newest first; replaced whole, as another thread draws it
        self._looks, self._progress, self._note = 0, "", ""
        self._live: Any = None  # Rich is imported only for a terminal

    def __enter__(self) -> Self:
        """Take the other screen."""
        from rich.console import Console  # noqa: PLC0415 - only for a terminal
        from rich.live import Live  # noqa: PLC0415 - likewise

        console = Console(file=self._stream, highlight=False, no_color=not self._screen.color)
        self._live = Live(
            get_renderable=lambda: self.page(console),
            console=console,
            screen=True,
            refresh_per_second=2,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()
        return self

    def stop(self) -> None:
        """Give the screen back, from any thread."""
        if self._live:
            self._live.stop()

    def looking(self) -> None:
        """Show the look's progress from now on."""
        self._rests_until, self._progress = 0.0, "looking"

    def event(self, event: Event) -> None:
        """Count what is judged."""
        if isinstance(event, CheckJudged):
            self._progress = f"looking: {event.done:,} of {event.total:,} checks"

    def looked(self, look: Looked) -> None:
        """Take over what a look says."""
        self._report, self._since, self._note = look.report, look.since, ""
        self._turns = (*look.turns, *self._turns)[:KEPT]
        self._looks += 1
        if self._live:
            self._live.refresh()
            if look.turns and self._bell:
                self._live.console.bell()

    def resting(self, seconds: float) -> None:
        """Count down to the next look."""
        self._rests_until = time.monotonic() + seconds

    def note(self, words: str) -> None:
        """Show it until the next look."""
        self._note = words

    def page(self, console: Console) -> RenderableType:
        """Return the screen as it is now, as high as the terminal and no wider."""
        from rich.console import Group  # noqa: PLC0415 - only for a terminal

        width, height = console.size
        head = [*self._head(width)]
        turns = self._turns
        red = list(self._red(width)) if self._report else []
        space = height - len(head)
        leave = space - min(len(red), 3) - 2  # the gravest, and how many more there are
        below = max(0, min(len(turns), max(TURNS, space - len(red) - 2), leave))
        room = space - (below + 2 if below else 0)
        body = red if len(red) <= room else [*red[: max(0, room - 1) // 2 * 2], self._rest(red, max(0, room - 1) // 2)]
        turned = [self._line(""), self._line("Turned", "bold"), *map(self._turn, turns[:below])] if below else []
        return Group(*head, *body, *turned)

    def _rest(self, red: Sequence[Text], shown: int) -> Text:
        return self._line(f"and {len(red) // 2 - shown:,} more, in the report", "bright_black")

    def _head(self, width: int) -> Iterator[Text]:
        now = time.monotonic()
        watched = duration(round(now - self._began))
        span = f"watching for {watched}" + (f" of {duration(self._until_s)}" if self._until_s else "")
        rests = self._rests_until - now
        status = f"next look in {duration(max(0, round(rests)))}" if self._rests_until else self._progress
        report = self._report
        if report is None:
            yield self._sides("the first look", span, width)
        else:
            style = "bold green" if report.decision == Decision.GO else "bold red"
            yield self._sides(f"{report.headline}: {report.run.environment}", span, width, style)
            yield self._sides(tally(report), f"look {self._looks:,}, {clock(report.run.started)} UTC", width)
        yield self._sides(self._note, status, width, "yellow")
        yield self._line("")

    def _red(self, width: int) -> Iterator[Text]:
        """Yield two lines for each thing there is to fix, the most harmful first."""
        report = self._report
        if report is None:
            return
        for findings in by_defect(report.blockers):
            first = findings[0]
            more = f" and {len(findings) - 1:,} more" if findings[1:] else ""
            began = min((self._since[f.id] for f in findings if f.id in self._since), default=report.run.started)
            age = duration(round((dt.datetime.now(dt.UTC) - began).total_seconds()))
            sign = f"{self._screen.glyphs.marks[first.outcome]} "
            named = f"{sign}{first.check.id}  {first.subject}{more}"
            yield self._sides(named, f"red for {age}", width, STYLES[first.outcome])
            yield self._line(f"  {first.verdict.summary}")

    def _turn(self, turn: Turn) -> Text:
        style = {Turned.RED: "red", Turned.GREEN: "green"}.get(turn.into, "bright_black")
        return self._line(line(turn), style)

    def _sides(self, left: str, right: str, width: int, style: str = "") -> Text:
        """Return a line with something at its right end, which is never cut."""
        text = self._line(left, style)
        text.truncate(max(0, width - len(right) - 2), overflow="ellipsis", pad=True)
        return text.append(f"  {right}", "bright_black")

    def _line(self, words: str, style: str = "") -> Text:
        from rich.text import Text  # noqa: PLC0415 - only for a terminal

        return Text(self._screen.text(words), style, no_wrap=True, overflow="ellipsis")
