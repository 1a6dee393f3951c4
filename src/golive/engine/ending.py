"""How a run ends that does not end by itself: on a signal with the findings so far, and where it is blocked."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from golive.engine.loop import Loop

GRACE_S = 0.6
"""After its deadline, what a run usually needs to let go."""
BLOCKED_S = 0.3
"""How long an event loop may be in one turn after that. One that turns, and removes what a write has stored, is let
be.
"""

Blocked = Callable[[str], None]
"""What is done where the event loop is blocked: given the place. It ends the process."""


@contextmanager
def on_signals(stop: Callable[[], object]) -> Iterator[None]:
    """Call `stop` on the first SIGINT, SIGTERM or SIGHUP, whatever the event loop does; the next acts as before.

    One that is ignored as golive starts stays so: a shell ignores SIGINT for what it starts with `&`, so that Ctrl-C
    ends what is in the foreground and nothing else; nohup does so with SIGHUP, which a dropped ssh sends.
    """
    if not _in_main_thread():
        yield
        return

    def once(_: int, __: FrameType | None) -> None:
        restore()
        stop()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    # What nohup or a shell has set to be ignored must stay ignored.
    heeded = [n for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) != signal.SIG_IGN]
    before = {number: signal.signal(number, once) for number in heeded}
    try:
        yield
    finally:
        restore()


class Watchdog:
    """Watches whether a run that is past its end still turns, and calls `blocked` once where it does not.

    Code that blocks the loop can be neither awaited nor cancelled: without this it would hold the process for as long
    as it likes, whatever the deadline. Two look, as neither sees everything: a thread runs while the loop's waits in C
    without the interpreter's lock (`getaddrinfo`); a signal's handler runs where the lock is held (a regular
    expression, which handles signals).
    """

    def __init__(self, loop: Loop, blocked: Blocked) -> None:
        self._loop = loop
        self._blocked = blocked
        self._thread = threading.get_ident()
        self._claim = threading.Lock()
        self._over = threading.Event()
        self._signals = _in_main_thread()

    @contextmanager
    def watching(self, after_s: float) -> Iterator[None]:
        """Watch while the body runs, from `after_s` on."""
        before = signal.signal(signal.SIGALRM, self._look_in_place) if self._signals else None
        self.begin(after_s)
        try:
            yield
        finally:
            if not self._claim.acquire(blocking=False):
                threading.Event().wait()  # another has taken the run over, and ends the process
            self._over.set()
            if self._signals:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)

    def begin(self, after_s: float) -> None:
        """Begin to look `after_s` from now, as where the run is interrupted before its deadline."""
        if self._signals:
            signal.setitimer(signal.ITIMER_REAL, after_s + GRACE_S + BLOCKED_S, BLOCKED_S)
        threading.Thread(target=self._look, args=(after_s,), name="golive-watchdog", daemon=True).start()

    def _look(self, after_s: float) -> None:
        # Later than the handler, where there is one: beside a loop that holds the lock, a thread hardly gets a turn.
        wait_s = after_s + GRACE_S + (2 * BLOCKED_S if self._signals else 0)
        while not self._over.wait(wait_s):
            self._end_where_blocked(sys._current_frames().get(self._thread))  # noqa: SLF001 - no other way to see it
            wait_s = BLOCKED_S / 3

    def _look_in_place(self, _: int, frame: FrameType | None) -> None:
        if not self._over.is_set():
            self._end_where_blocked(frame)

    def _end_where_blocked(self, frame: FrameType | None) -> None:
        if self._loop.turn_s() > BLOCKED_S and self._claim.acquire(blocking=False):
            place = f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}" if frame else "an unknown place"
            self._blocked(place)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
