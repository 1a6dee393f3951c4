"""How the API logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Logging:
    """How the API logs."""

    lines: Literal["json", "text", "half"] = "json"
    """Half: each request leaves a line of morgan's beside that of JSON."""
    level: bool = True
    id: Literal["taken", "made up", "in text"] = "taken"
    """The request's own; another one; or only somewhere in the message."""
    rotated: bool = True
    """logrotate's configuration covers the file."""
