"""Threads that never hold the process back: a hung one is left behind when the run is over."""

from __future__ import annotations

import concurrent.futures
import queue
import threading
from collections.abc import Callable
from typing import Any


class DaemonExecutor(concurrent.futures.ThreadPoolExecutor):
    """An executor for asyncio's default: daemon threads, started as needed, never joined.

    The standard one is joined at interpreter exit, so that one hung getaddrinfo would hold the process forever.
    """

    def __init__(self, max_workers: int = 64) -> None:
        self._limit = max_workers
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._idle = threading.Semaphore(0)
        self._count = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> concurrent.futures.Future[Any]:
        """Run `fn` in a thread."""
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as problem:  # noqa: BLE001 - the awaiting task is where it belongs
                future.set_exception(problem)
            else:
                future.set_result(result)

        self._work.put(work)
        if not self._idle.acquire(blocking=False) and self._count < self._limit:
            self._count += 1
            threading.Thread(target=self._serve, name="golive", daemon=True).start()
        return future

    def _serve(self) -> None:
        while True:
            self._work.get()()
            self._idle.release()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the base's signature
        """Let go without waiting: the threads are daemons."""
