"""What can be wrong with what watches the system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.monitoring.world import RULES, Alert, labels

if TYPE_CHECKING:
    from golive_lab.world import World

Change = Callable[["World"], "World"]
TARGETS, HEALTHY, FIRING = "monitoring.targets-up", "monitoring.rules-healthy", "monitoring.nothing-firing"


def app(**changes: Any) -> Change:
    """Change the process that is scraped."""
    return lambda w: replace(w, monitoring=replace(w.monitoring, app=replace(w.monitoring.app, **changes)))


def alerting(**changes: Any) -> Change:
    """Change Alertmanager."""
    return lambda w: replace(w, monitoring=replace(w.monitoring, alerting=replace(w.monitoring.alerting, **changes)))


def rules(*more: Alert, without: tuple[str, ...] = ()) -> Change:
    """Add rules, or take some away."""
    kept = tuple(rule for rule in RULES if rule.name not in without)
    return lambda w: replace(w, monitoring=replace(w.monitoring, rules=(*kept, *more)))


MANY = "found duplicate series for the match group {} on the right hand-side of the operation"

FAULTS: tuple[Fault, ...] = (
    Fault("monitoring.worker-down", TARGETS, "The worker's page of metrics answers 503", app(worker_up=False)),
    Fault(
        "monitoring.rule-error",
        HEALTHY,
        "A rule matches many series to many",
        rules(Alert("Lopsided", "up + on () up > 2", error=MANY)),
    ),
    Fault(
        "monitoring.no-rules",
        HEALTHY,
        "There is no rule",
        rules(without=tuple(r.name for r in RULES)),
        ("*alert*", FIRING),
    ),
    Fault("monitoring.critical-firing", FIRING, "A critical alert fires", rules(Alert("DiskFull", "vector(1)", "0s"))),
    Fault(
        "monitoring.warning-firing",
        FIRING,
        "An alert of severity warning fires",
        rules(Alert("DiskFilling", "vector(1)", "0s", labels(severity="warning"))),
        outcome="warn",
    ),
)
