"""What can make the application slow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.faults.ci import workflow
from golive_lab.world.bench import BenchRuns

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive_lab.world import World

BUDGET, REGRESSION = "bench.within-budget", "bench.no-regression"


def search(**changes: Any) -> Callable[[World], World]:
    """Change how the API answers a search, and nothing else."""

    def change(world: World) -> World:
        return replace(world, app=replace(world.app, search=replace(world.app.search, **changes)))

    return change


def slower(last_ms: float | None = None) -> Callable[[World], World]:
    """Let a search take 0.8 s that took 0.02 s in earlier runs, but for the last, where it is given."""
    slow = search(delay_s=0.8)
    return lambda world: replace(slow(world), history=BenchRuns(20.0, last_ms))


IN_CI = "bench.in-ci"
MEASURES = "        run: npx autocannon --json --duration 10 http://127.0.0.1:4000/health > bench.json\n"

FAULTS = (
    Fault("bench.not-in-ci", IN_CI, "CI measures no speed", workflow((MEASURES, "        run: echo none\n"))),
    Fault(
        "bench.blocks",
        IN_CI,
        "A slow bench stops the release",
        workflow((f"        continue-on-error: true\n{MEASURES}", MEASURES)),
        outcome="warn",
    ),
    Fault("bench.slow", BUDGET, "A search takes over three seconds", search(delay_s=3.2), also=(REGRESSION,)),
    Fault("bench.5xx", BUDGET, "A search answers 500", search(status=500), also=(REGRESSION,)),
    Fault("bench.regression", REGRESSION, "Searches were much quicker, but for the last run", slower(800.0)),
    Fault(
        "bench.slower-once",
        REGRESSION,
        "Searches were much quicker in every earlier run",
        slower(),
        outcome="warn",
    ),
)
