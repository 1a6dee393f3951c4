"""A part of a stack: something that is set up from the world at a place, and taken down again."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

Start = Callable[["World", "StackPlace"], AbstractContextManager[None]]
AsyncStart = Callable[["World", "StackPlace"], AbstractAsyncContextManager[None]]

Kind = Literal["demo", "real"]


@dataclass(frozen=True)
class Part:
    """A server, or files that servers read.

    `start` returns once it is ready to answer, and its exit returns once its ports are free again. `reads` tells what
    of the world it is made from: while that stays equal, the part need not be restarted.
    """

    name: str
    start: Start
    reads: Callable[[World], Any]


def _report_defects(loop: asyncio.AbstractEventLoop, what: dict[str, Any]) -> None:
    """Report an error, but not how a connection ended: cut off as the part stopped, or by its client in mid-answer.

    A server's callback in Python 3.11 asks the cancelled connection's task for its exception, and is given that one; a
    client that goes while an answer is on its way makes TLS complain of data after its end.
    """
    if not isinstance(what.get("exception"), asyncio.CancelledError | ssl.SSLError | ConnectionError):
        loop.default_exception_handler(what)


def threaded(start: AsyncStart) -> Start:
    """Make a part from an async context manager: it gets a thread and an event loop of its own."""

    @contextmanager
    def running(world: World, place: StackPlace) -> Iterator[None]:
        ready, stop, trouble = threading.Event(), asyncio.Event(), []
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(_report_defects)

        async def serve() -> None:
            async with start(world, place):
                ready.set()
                await stop.wait()

        def run() -> None:
            try:
                with asyncio.Runner(loop_factory=lambda: loop) as runner:
                    runner.run(serve())
            except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
                trouble.append(error)
            finally:
                ready.set()

        thread = threading.Thread(target=run, name=getattr(start, "__name__", "part"), daemon=True)
        thread.start()
        ready.wait()
        try:
            if not trouble:
                yield
        finally:
            with suppress(RuntimeError):  # the loop may have ended by itself, and been closed
                loop.call_soon_threadsafe(stop.set)
            thread.join()
        if trouble:
            raise trouble[0]

    return running
