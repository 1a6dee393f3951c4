"""The answers of an API that serves what it should not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from golive_lab.parts.asgi import Answer
from golive_lab.world.leaks import ROUTES

if TYPE_CHECKING:
    from golive_lab.world.leaks import Leaks


def leaked(leaks: Leaks, path: str) -> Answer | None:
    """Answer as an API that leaks; None where it does not."""
    if path not in leaks.routes:
        return None
    media_type, text = ROUTES[path]
    return Answer(200, media_type, text.encode())
