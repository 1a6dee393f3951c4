"""Text that is cut to be kept or shown: freed of secrets first, as nobody recognises what a cut leaves of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

CUT = "\u2026"

_cleaners: list[Callable[[str], str]] = []
"""Of the run that is under way. No context variable: a pool's threads would not have it."""


@contextmanager
def knowing(clean: Callable[[str], str]) -> Iterator[None]:
    """Let `shortened` free texts of secrets by `clean` while the body runs."""
    _cleaners.append(clean)
    try:
        yield
    finally:
        _cleaners.remove(clean)


def shortened(text: str, limit: int) -> str:
    """Return `text`, cut to `limit` characters and `…` where it is longer; of a secret nothing is left then."""
    if len(text) <= limit:
        return text
    for clean in _cleaners:
        text = clean(text)
    return text if len(text) <= limit else text[:limit] + CUT
