"""An event loop for a run, whose threads never hold the process back."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from golive.engine.threads import DaemonExecutor

T = TypeVar("T")

SETTLE_S = 0.3
"""How long what was cancelled may take to let go, after which it is left behind in its daemon thread."""

IDLE_S = 0.0005
"""A loop that waited for longer had nothing else to do; what then comes is taken up at once."""

LATE_S = 0.01
"""A loop that wakes up later than this after a timer was due was kept from running: the machine is busy."""


class _Selector(selectors.DefaultSelector):
    """Waits for sockets, and knows since when the loop has been busy, and since when in one turn."""

    def __init__(self) -> None:
        super().__init__()
        self.busy_since = time.monotonic()
        self.turn_since: float | None = None
        """None while it waits."""
        self.own_s = 0.0
        """For how long the loop has been at work, or was kept from running when a timer was due."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        began = time.monotonic()
        if self.turn_since is not None:
            self.own_s += began - self.turn_since
        self.turn_since = None
        ready = super().select(timeout)
        ended = self.turn_since = time.monotonic()
        if timeout is not None and timeout > 0 and (late := ended - began - timeout) > LATE_S:
            self.own_s += late
        if ended - began > IDLE_S:
            self.busy_since = ended
        return ready


class Loop(asyncio.SelectorEventLoop):
    """An event loop that can be asked for how long it has been in one turn."""

    def __init__(self) -> None:
        self.waits = _Selector()
        super().__init__(self.waits)

    def turn_s(self) -> float:
        """Return for how many seconds one callback has held the loop; 0 while it waits."""
        since = self.waits.turn_since
        return 0.0 if since is None else time.monotonic() - since


BUSY_SHARE = 0.2
"""Of a time limit: where golive itself was busy for more of it, that others did not answer proves nothing."""


class Stopwatch:
    """Measures others' time: from the request to the answer, without golive's own.

    While golive was busy with something else, an answer may have lain there: it counts as come when the loop began to
    be busy. So start the watch when it is the request's turn, and read it right after the answer.
    """

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._own_s = _own_s()

    def seconds(self) -> float:
        """Return the seconds until what was just read had come."""
        loop = asyncio.get_running_loop()
        came = loop.waits.busy_since if isinstance(loop, Loop) else time.monotonic()
        return max(0.0, came - self._began)

    def unsure_s(self) -> float:
        """Return by how much the answer may have come later than `seconds` says, for golive was busy since then."""
        return max(0.0, time.monotonic() - self._began - self.seconds())

    def were_others_late(self, limit_s: float) -> bool:
        """Return whether a limit that has run out was others' time, and not for a good part golive's own."""
        return _own_s() - self._own_s <= limit_s * BUSY_SHARE


def _own_s() -> float:
    loop = asyncio.get_running_loop()
    return loop.waits.own_s if isinstance(loop, Loop) else 0.0


def in_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in an event loop of its own, whose threads never hold the process back."""
    loop = Loop()
    loop.set_default_executor(DaemonExecutor())
    try:
        return loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=SETTLE_S))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
