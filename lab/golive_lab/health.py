"""How the API says that it lives and is ready, and which release answers, as a description and as code."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from golive_lab.asgi import Answer, as_json, header

if TYPE_CHECKING:
    from pathlib import Path

    from golive_lab.asgi import Scope

RELEASE, PREVIOUS = "2.4.0", "2.3.0"
COMMIT = "9f1c2ab47d5e3680c1b2a3948576d0e1f2a3b4c5"
"""Of the release; the previous one has another, which nobody asks for."""
LIVE_PATH, READY_PATH, CART_PATH = "/health", "/ready", "/api/v1/cart"
SIDE_HEADER = "x-release-side"
"""By which whoever looks is led to one side of the two; all others come to the live one."""
AWAY = "queue-is-away"
"""The file that stands for a dependency that was taken away."""


@dataclass(frozen=True)
class Side:
    """One side of blue and green."""

    version: str = RELEASE
    ready: bool = True


@dataclass(frozen=True)
class Health:
    """What the two routes say. The blue side is live, the green one keeps the previous release."""

    live: Literal["ok", "down", "missing", "page", "depends"] = "ok"
    ready: Literal["ok", "down", "missing"] = "ok"
    slow_s: float = 0.0
    """How long readiness takes to answer."""
    age: str = ""
    """The Age of readiness's answer, as a cache in front sends it."""
    notices: bool = True
    """Readiness goes red while a dependency is away."""
    returns: bool = True
    """Readiness goes green again once it is back."""
    blue: Side = field(default_factory=Side)
    green: Side = field(default_factory=lambda: Side(PREVIOUS))
    told_apart: bool = True
    """The answers say from which side they come."""
    cart: bool = True
    """The cart answers, which the smoke asks for."""


class Pulse:
    """Answers the routes."""

    def __init__(self, health: Health, folder: Path | None) -> None:
        self._health = health
        self._away = folder / AWAY if folder else None
        self._was_away = False

    async def answer(self, scope: Scope) -> Answer | None:
        """Return the answer to a request; None where it is none of these routes."""
        health, asked = self._health, (scope["method"], scope["path"])
        if asked == ("GET", CART_PATH):
            return as_json(200, {"items": [], "total": 0}) if health.cart else as_json(500, {"error": "cart"})
        name = "green" if header(scope, SIDE_HEADER) == "green" else "blue"
        side = health.green if name == "green" else health.blue
        told = {"version": side.version, "commit": COMMIT, **({"side": name} if health.told_apart else {})}
        if asked == ("GET", LIVE_PATH) and health.live != "missing":
            if health.live == "page":
                return Answer(200, "text/html; charset=utf-8", b"<!doctype html><title>AfriGest</title>")
            lives = health.live == "ok" or (health.live == "depends" and not self._lacks())
            return as_json(200 if lives else 503, {"status": "ok" if lives else "down", **told})
        if asked == ("GET", READY_PATH) and health.ready != "missing":
            await asyncio.sleep(health.slow_s)
            ready = health.ready == "ok" and side.ready and not self._lacks()
            got = as_json(200 if ready else 503, {"status": "ok" if ready else "down", **told})
            return Answer(got.status, got.media_type, got.body, (("age", health.age),))
        return None

    def _lacks(self) -> bool:
        away = bool(self._away and self._away.exists()) and self._health.notices
        self._was_away = self._was_away or away
        return away or (self._was_away and not self._health.returns)
