"""What can be wrong with how the API tells of its health, and with the release that answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.health import PREVIOUS, Side

if TYPE_CHECKING:
    from golive_lab.world import World

LIVE, READY, EXPECTED, SOUND = "health.live", "health.ready", "health.version-expected", "rollout.strategy-sound"


def health(**changes: Any) -> Callable[[World], World]:
    """Change how the API tells of its health, and nothing else."""

    def change(world: World) -> World:
        return replace(world, app=replace(world.app, health=replace(world.app.health, **changes)))

    return change


FAULTS = (
    Fault(
        "health.not-live",
        turns_red=LIVE,
        title="Liveness answers 503",
        change=health(live="down"),
        also=(EXPECTED, SOUND),
    ),
    Fault(
        "health.no-live-route",
        turns_red=LIVE,
        title="There is no liveness route",
        change=health(live="missing"),
        also=(EXPECTED, SOUND),
    ),
    Fault(
        "health.live-is-page",
        turns_red=LIVE,
        title="The liveness route shows the front end's page",
        change=health(live="page"),
        also=(EXPECTED, SOUND),
    ),
    Fault(
        "health.not-ready",
        turns_red=READY,
        title="Readiness answers 503",
        change=health(ready="down"),
        also=(SOUND,),
    ),
    Fault(
        "health.no-ready-route",
        turns_red=READY,
        title="There is no readiness route",
        change=health(ready="missing"),
        also=(SOUND,),
    ),
    Fault(
        "health.slow",
        turns_red=READY,
        title="Readiness takes more than a second",
        change=health(slow_s=1.05),
    ),
    Fault(
        "health.cached",
        turns_red=READY,
        title="Readiness is answered from a cache",
        change=health(age="42"),
    ),
    Fault(
        "health.always-green",
        turns_red=READY,
        title="Readiness stays green while the queue is away",
        change=health(notices=False),
    ),
    Fault(
        "health.live-depends",
        turns_red=READY,
        title="Liveness goes red too while the queue is away",
        change=health(live="depends"),
        outcome="warn",
    ),
    Fault(
        "health.stays-red",
        turns_red=READY,
        title="Readiness stays red when the queue is back",
        change=health(returns=False),
    ),
    Fault(
        "rollout.old-release",
        turns_red=EXPECTED,
        title="Both sides still run the release before",
        change=health(blue=Side(PREVIOUS)),
    ),
    Fault(
        "rollout.unknown-release",
        turns_red=EXPECTED,
        title="The live side runs a release that nobody named",
        change=health(blue=Side("2.5.0-rc.1")),
    ),
    Fault(
        "rollout.other-side-down",
        turns_red=SOUND,
        title="The side that is the way back is not ready",
        change=health(green=Side(PREVIOUS, ready=False)),
    ),
    Fault(
        "rollout.sides-not-told-apart",
        turns_red=SOUND,
        title="No answer says from which side it comes",
        change=health(told_apart=False),
    ),
)
