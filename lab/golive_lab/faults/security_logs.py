"""What can be wrong with the API's logs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive_lab.world import World

STRUCTURED, TRACEABLE, ROTATED = "logs.structured", "logs.request-traceable", "logs.rotated"


def logging(**changes: Any) -> Callable[[World], World]:
    """Change how the API logs, and nothing else."""
    return lambda world: replace(world, app=replace(world.app, logging=replace(world.app.logging, **changes)))


FAULTS = (
    Fault("logs.text", STRUCTURED, "The log is lines of text", logging(lines="text"), also=(TRACEABLE,)),
    Fault("logs.half-text", STRUCTURED, "Each request leaves a line of morgan's too", logging(lines="half")),
    Fault("logs.no-level", STRUCTURED, "The lines have no level", logging(level=False)),
    Fault("logs.id-lost", TRACEABLE, "The API makes up an id of its own", logging(id="made up")),
    Fault("logs.id-in-text", TRACEABLE, "The id is only in the message", logging(id="in text")),
    Fault("logs.not-rotated", ROTATED, "logrotate does not know the file", logging(rotated=False)),
)
