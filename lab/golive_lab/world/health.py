"""How the API reports that it lives and is ready, and which release answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

RELEASE, PREVIOUS = "2.4.0", "2.3.0"
COMMIT = "9f1c2ab47d5e3680c1b2a3948576d0e1f2a3b4c5"
"""Of the release; the previous one has another, which nobody asks for."""
LIVE_PATH, READY_PATH, CART_PATH = "/health", "/ready", "/api/v1/cart"
SIDE_HEADER = "x-release-side"
"""By which whoever looks is led to one side of the two; all others come to the live one."""


@dataclass(frozen=True)
class BlueGreenSide:
    """One side of blue and green."""

    version: str = RELEASE
    ready: bool = True


@dataclass(frozen=True)
class HealthRoutes:
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
    blue: BlueGreenSide = field(default_factory=BlueGreenSide)
    green: BlueGreenSide = field(default_factory=lambda: BlueGreenSide(PREVIOUS))
    told_apart: bool = True
    """The answers say from which side they come."""
    cart: bool = True
    """The cart answers, which the smoke asks for."""
