"""What can be wrong with how the API reports its health, and with the release that answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.world.health import COMMIT, PREVIOUS, BlueGreenSide
from golive_lab.world.project_texts import junit

if TYPE_CHECKING:
    from golive_lab.world import World

LIVE, READY, EXPECTED, SOUND = "health.live", "health.ready", "health.version-expected", "rollout.strategy-sound"
SMOKE, TESTED = "smoke.passes", "tests.passed"


def health(**changes: Any) -> Callable[[World], World]:
    """Change how the API reports its health, and nothing else."""

    def change(world: World) -> World:
        return replace(world, app=replace(world.app, health=replace(world.app.health, **changes)))

    return change


def project(**changes: Any) -> Callable[[World], World]:
    """Change what the repository holds, or what CI has kept, and nothing else."""
    return lambda world: replace(world, project=replace(world.project, **changes))


FAILED_CASE = '<testcase classname="src/orders.spec.ts" name="totals"><failure message="1 is not 2"/></testcase>'
SKIPPED_CASE = '<testcase classname="src/orders.spec.ts" name="totals"><skipped/></testcase>'
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n<testsuites>&b;</testsuites>\n'

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
        change=health(slow_s=3.0),
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
        change=health(blue=BlueGreenSide(PREVIOUS)),
    ),
    Fault(
        "rollout.unknown-release",
        turns_red=EXPECTED,
        title="The live side runs a release that nobody named",
        change=health(blue=BlueGreenSide("2.5.0-rc.1")),
    ),
    Fault(
        "rollout.other-side-down",
        turns_red=SOUND,
        title="The side that is the way back is not ready",
        change=health(green=BlueGreenSide(PREVIOUS, ready=False)),
    ),
    Fault(
        "rollout.sides-not-told-apart",
        turns_red=SOUND,
        title="No answer says from which side it comes",
        change=health(told_apart=False),
    ),
    Fault("smoke.cart-broken", turns_red=SMOKE, title="The cart answers 500", change=health(cart=False)),
    Fault(
        "tests.failed",
        turns_red=TESTED,
        title="A unit test failed",
        change=project(unit_results=junit(cases=FAILED_CASE)),
    ),
    Fault(
        "tests.none-run",
        turns_red=TESTED,
        title="Every unit test was skipped",
        change=project(unit_results=junit(cases=SKIPPED_CASE)),
    ),
    Fault(
        "tests.other-commit",
        turns_red=TESTED,
        title="The unit tests ran on another commit",
        change=project(unit_results=junit(COMMIT[::-1])),
    ),
    Fault(
        "tests.no-commit",
        turns_red=TESTED,
        title="The report does not say which commit was tested",
        change=project(unit_results=junit("")),
        outcome="unknown",
    ),
    Fault(
        "tests.no-report",
        turns_red=TESTED,
        title="CI has kept no report",
        change=project(unit_results=""),
        outcome="unknown",
    ),
    Fault(
        "tests.entity-bomb",
        turns_red=TESTED,
        title="The report has a document type with entities that expand",
        change=project(unit_results=BOMB),
        outcome="unknown",
    ),
)
