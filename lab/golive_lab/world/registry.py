"""What the registry knows of the zone's domain."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Registry:
    """The registration of `demo.test`."""

    left_days: float = 200
    statuses: tuple[str, ...] = ("client transfer prohibited", "client delete prohibited")
    registered: bool = True
