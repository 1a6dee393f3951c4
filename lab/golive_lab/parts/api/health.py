"""How the API says that it lives and is ready, and which release answers, as a description and as code."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from golive_lab.parts.asgi import HttpAnswer, as_json, header
from golive_lab.world.health import CART_PATH, COMMIT, LIVE_PATH, READY_PATH, SIDE_HEADER, HealthRoutes

if TYPE_CHECKING:
    from pathlib import Path

    from golive_lab.parts.asgi import Scope

AWAY = "queue-is-away"
"""The file that stands for a dependency that was taken away."""


class HealthResponder:
    """Answers the routes."""

    def __init__(self, health: HealthRoutes, folder: Path | None) -> None:
        self._health = health
        self._away = folder / AWAY if folder else None
        self._was_away = False

    async def answer(self, scope: Scope) -> HttpAnswer | None:
        """Return the answer to a request; None where it is none of these routes."""
        health, asked = self._health, (scope["method"], scope["path"])
        if asked == ("GET", CART_PATH):
            return as_json(200, {"items": [], "total": 0}) if health.cart else as_json(500, {"error": "cart"})
        name = "green" if header(scope, SIDE_HEADER) == "green" else "blue"
        side = health.green if name == "green" else health.blue
        fields = {"version": side.version, "commit": COMMIT, **({"side": name} if health.told_apart else {})}
        if asked == ("GET", LIVE_PATH) and health.live != "missing":
            if health.live == "page":
                return HttpAnswer(200, "text/html; charset=utf-8", b"<!doctype html><title>AfriGest</title>")
            lives = health.live == "ok" or (health.live == "depends" and not self._lacks())
            return as_json(200 if lives else 503, {"status": "ok" if lives else "down", **fields})
        if asked == ("GET", READY_PATH) and health.ready != "missing":
            await asyncio.sleep(health.slow_s)
            ready = health.ready == "ok" and side.ready and not self._lacks()
            got = as_json(200 if ready else 503, {"status": "ok" if ready else "down", **fields})
            return HttpAnswer(got.status, got.media_type, got.body, (("age", health.age),))
        return None

    def _lacks(self) -> bool:
        away = bool(self._away and self._away.exists()) and self._health.notices
        self._was_away = self._was_away or away
        return away or (self._was_away and not self._health.returns)
