"""The answers of an API that serves what it should not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from golive_lab.parts.asgi import HttpAnswer
from golive_lab.world.leaks import ROUTES

if TYPE_CHECKING:
    from golive_lab.world.leaks import ServedFiles


def leaked(leaks: ServedFiles, path: str) -> HttpAnswer | None:
    """Answer as an API that leaks; None where it does not."""
    if path not in leaks.routes:
        return None
    media_type, text = ROUTES[path]
    return HttpAnswer(200, media_type, text.encode())
