"""An event loop for a run, whose threads never hold the process back."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from golive.engine.threads import DaemonExecutor

T = TypeVar("T")

SETTLE_S = 0.3
"""How long what was cancelled may take to let go, after which it is left behind in its daemon thread."""


def in_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in an event loop of its own, whose threads never hold the process back."""
    loop = asyncio.new_event_loop()
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
