"""What can be wrong with what watches the system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.monitoring.world import DISK, LEADER, RULES, SERIES, Alert, Series, labels

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


def gauge(name: str, value: int) -> Change:
    """Set a gauge."""
    return app(series=tuple(replace(s, value=value) if s.name == name else s for s in SERIES))


TWO_LEADERS = (*SERIES, Series(LEADER, "gauge", labels(pod="api-1", role="leader"), 1))
NO_RULES = rules(without=tuple(rule.name for rule in RULES))

FAULTS: tuple[Fault, ...] = (
    Fault("monitoring.worker-down", TARGETS, "The worker's page of metrics answers 503", app(worker_up=False)),
    Fault("monitoring.rule-error", HEALTHY, "A rule matches two series to two", app(series=TWO_LEADERS)),
    Fault("monitoring.no-rules", HEALTHY, "There is no rule", NO_RULES, ("*alert*", FIRING)),
    Fault("monitoring.critical-firing", FIRING, "A critical alert fires", gauge(DISK, 99)),
    Fault("monitoring.warning-firing", FIRING, "An alert of severity warning fires", gauge(DISK, 85), outcome="warn"),
)
