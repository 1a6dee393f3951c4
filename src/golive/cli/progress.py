"""What is being looked at now, and how much is done: on a terminal only, on stderr, gone when the report comes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from golive.engine.events import CheckJudged, Event, ProbeEnded, Started
from golive.report.escape import visible
from golive.wording import duration

if TYPE_CHECKING:
    from rich.text import Text

SHOWN = 3


class Progress:
    """A context in which events are shown as they come. Without a terminal, or in CI, it shows nothing."""

    def __init__(self) -> None:
        self.shows = sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
        self._running: dict[tuple[str, str], float] = {}
        self._done = self._total = 0
        self._began = time.monotonic()
        self._live: object = None

    def __enter__(self) -> Callable[[Event], None]:
        """Begin to show, and return what takes the events."""
        if self.shows:
            from rich.console import Console  # noqa: PLC0415 - only for a terminal
            from rich.live import Live  # noqa: PLC0415 - likewise

            live = Live(get_renderable=self._line, console=Console(stderr=True), transient=True, refresh_per_second=10)
            live.start()
            self._live = live
        return self._take

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Clear what was shown."""
        self.stop()

    def stop(self) -> None:
        """Clear what was shown, from any thread."""
        if self._live:
            self._live.stop()  # type: ignore[attr-defined] # Rich is imported only for a terminal

    def _take(self, event: Event) -> None:
        if isinstance(event, Started):
            self._running[event.probe.decl.title, event.subject.name] = time.monotonic()
        elif isinstance(event, ProbeEnded):
            self._running.pop((event.probe.decl.title, event.subject.name), None)
        elif isinstance(event, CheckJudged):
            self._done, self._total = event.done, event.total

    def _line(self) -> Text:
        from rich.text import Text  # noqa: PLC0415 - only for a terminal

        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(f"{self._done}/{self._total or '?'} checks ", "bold")
        text.append(duration(round(time.monotonic() - self._began)), "bright_black")
        # The longest-running first: where it is slow is what the reader wants to know.
        oldest = sorted(dict(self._running).items(), key=lambda item: item[1])[:SHOWN]
        for (title, subject), _ in oldest:
            text.append("\n  ")
            text.append(visible(subject), "cyan")
            text.append(f"  {visible(title)}")
        return text
