"""A drill's progress, for whoever listens: `golive drill` does, `golive check` does not."""

from collections.abc import Callable
from contextvars import ContextVar

listener: ContextVar[Callable[[str], object]] = ContextVar("listener", default=lambda _: None)


def tell(step: str) -> None:
    """Tell what comes now, in one line."""
    listener.get()(step)
