"""How many requests each probe makes of each host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_requests: ContextVar[Counter[str] | None] = ContextVar("requests", default=None)


@contextmanager
def counting() -> Iterator[Counter[str]]:
    """Count the requests that are made within the block, by host.

    A request that several probes share counts for the one that asked first.
    """
    counted = Counter[str]()
    token = _requests.set(counted)
    try:
        yield counted
    finally:
        _requests.reset(token)


def count_request(host: str, requests: int = 1) -> None:
    """Count a request to a host, or a connection that takes the place of one: for clients, when it is made."""
    counted = _requests.get()
    if counted is not None:
        counted[host.lower()] += requests
