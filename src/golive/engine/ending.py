"""How a run ends that does not end by itself: on a signal with the findings so far, and at once where it is blocked."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

GRACE_S = 0.6
"""After its deadline, what a run usually needs to let go."""
ANSWER_S = 0.3
"""How long an event loop may leave a call unanswered after that. A loop that answers, and removes what a write has
stored, is let be.
"""

Stuck = Callable[[bool, str], None]
"""What is done where the event loop is blocked: told whether the run was interrupted, and where it is blocked."""


@contextmanager
def on_signals(stop: Callable[[], object]) -> Iterator[None]:
    """Call `stop` on the first SIGINT, SIGTERM or SIGHUP, whatever the event loop does; the next acts as before.

    One that is ignored as golive starts stays so: a shell ignores SIGINT for what it starts with `&`, so that Ctrl-C
    ends what is in the foreground and nothing else; nohup does so with SIGHUP, which a dropped ssh sends.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def once(_: int, __: FrameType | None) -> None:
        restore()
        stop()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    heeded = [n for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) != signal.SIG_IGN]
    before = {number: signal.signal(number, once) for number in heeded}
    try:
        yield
    finally:
        restore()


def watch(
    loop: asyncio.AbstractEventLoop,
    after_s: float,
    over: threading.Event,
    stuck: Stuck | None,
    *,
    interrupted: bool = False,
) -> None:
    """Call `stuck` where this thread's `loop` is blocked when `after_s` have passed, unless it is `over` before.

    Code that blocks the loop (a plugin's `time.sleep`) can be neither awaited nor cancelled: without this it would
    hold the process for as long as it likes, whatever the deadline.
    """
    if stuck is None:
        return
    thread = threading.get_ident()

    def look() -> None:
        wait_s = after_s + GRACE_S
        while not over.wait(wait_s):
            answered = threading.Event()
            try:
                loop.call_soon_threadsafe(answered.set)
            except RuntimeError:  # it is closed
                return
            if not answered.wait(ANSWER_S) and not over.is_set():
                stuck(interrupted, _place(thread))
                return
            wait_s = GRACE_S

    threading.Thread(target=look, name="golive-watchdog", daemon=True).start()


def _place(thread: int) -> str:
    """Return where a thread is just now."""
    frame = sys._current_frames().get(thread)  # noqa: SLF001 - the only way to see another thread's place
    return f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}" if frame else "an unknown place"
