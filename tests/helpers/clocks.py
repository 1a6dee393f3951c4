"""What "in time" means in a test, however busy the machine is and however the tests were started."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Iterator

HANGS_S = 240.0
"""How long at least something lasts that golive must not wait for."""


@contextlib.contextmanager
def not_waiting() -> Iterator[None]:
    """Hold the block to ending long before what hangs in it does: golive's own limits there are of seconds."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < HANGS_S / 2


@contextlib.contextmanager
def cpu_below(seconds: float) -> Iterator[None]:
    """Hold what is computed in the block, on whichever thread, to so much of the processor's time."""
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds


async def turns_during(work: Awaitable[object]) -> int:
    """Count how often the event loop comes round, at most a hundred times a second, until the work is done."""
    done, turns = asyncio.ensure_future(work), 0
    while not done.done():
        await asyncio.sleep(0.01)
        turns += 1
    await done
    return turns
