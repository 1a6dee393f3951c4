"""What nginx is configured with beyond TLS and HTTP: how it reaches the API, how long it waits, what it hands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Header = Literal["Host", "X-Forwarded-For", "X-Forwarded-Proto"]


@dataclass(frozen=True)
class Proxy:
    """The reverse proxy in front of the API. Times and sizes are written as nginx reads them; "" leaves them out."""

    connect_timeout: str = "5s"
    send_timeout: str = "30s"
    read_timeout: str = "60s"
    websocket_timeout: str = "1h"
    """A WebSocket is silent between two messages: its location waits longer than an answer ever takes."""
    body_limit: str = "12m"
    upstream_idle: str = "4s"
    """How long an idle connection to the API is kept for reuse. Node closes its own after 5 s; left out: 60 s."""
    uploads_to: Literal["api", "dead"] = "api"
    """Where the location for uploads goes: to the API's port, or to the one that it had before it moved."""
    dropped_headers: frozenset[Header] = frozenset()
    """What the proxy fails to tell the API about the client."""
    upgrades: bool = True
    """Whether the WebSocket's location passes Upgrade and Connection."""
    guide_alias_closed: bool = True
    """Whether the prefix of the location with an alias ends in a slash: without it, `/guide../` leaves the folder."""
    guide_repeats_headers: bool = True
    """Whether the location that adds a header of its own repeats those it would otherwise have inherited."""
    merges_slashes: bool = True
    """Whether //internal is taken for /internal, which is denied to all."""
    legacy_open: bool = False
    """Whether a location without a closing slash passes to a folder: `/legacy../` leaves that."""
    complete: bool = True
    """Whether each block is closed: a file that was cut off is one that nginx would refuse."""
