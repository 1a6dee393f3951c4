"""Where Alertmanager takes an alert, and what keeps it from getting there. Pure."""

from collections.abc import Iterable, Mapping

from golive_checks.observability.matching import all_match, matches
from golive_checks.systems.monitoring.alertmanager import AlertRoute, Inhibition, Routing, Silence
from golive_checks.systems.monitoring.client.promql import Matcher
from golive_checks.systems.monitoring.intervals import HOURS
from golive_checks.systems.monitoring.prometheus import Fires

EVERY_HOUR = (1 << HOURS) - 1
PARTS = ("a", "z9", "golive-no-such-value")
"""Values that stand for any: a matcher that all of them meet, and nothing too, asks for nothing."""


def paths(route: AlertRoute, labels: Mapping[str, str]) -> list[AlertRoute]:
    """Return the routes that an alert ends at, as Alertmanager's dispatcher finds them.

    https://prometheus.io/docs/alerting/latest/configuration/#route: a node's children are tried in order, up to the
    first that matches and does not `continue`; where none matches, it ends at the node itself.
    """
    if not all_match(route.matchers, labels):
        return []
    found: list[AlertRoute] = []
    for child in route.routes:
        below = paths(child, labels)
        found += below
        if below and not child.goes_on:
            break
    return found or [route]


def is_blanket(silence: Silence) -> bool:
    """Return whether a silence is one on every alert: each of its matchers is met by any value of its label."""
    return all(all(matches(m, {m.name: value}) for value in PARTS) for m in silence.matchers)


def swallows(silence: Silence, labels: Mapping[str, str]) -> bool:
    """Return whether a silence covers every instance of an alert with these labels, as far as its rule shows them."""
    return all_match(silence.matchers, labels)


def narrows(silence: Silence, labels: Mapping[str, str]) -> tuple[Matcher, ...]:
    """Return the matchers on labels of single instances, where the others are met: it hides those instances."""
    other = tuple(m for m in silence.matchers if m.name not in labels)
    met = all_match([m for m in silence.matchers if m.name in labels], labels)
    return other if other and met and len(other) < len(silence.matchers) else ()


def inhibited_by(rule: Inhibition, labels: Mapping[str, str], firing: Iterable[Fires]) -> Fires | None:
    """Return a firing alert that mutes one with these labels.

    One that matches both sides is not muted by another of its kind (inhibit.go: "alerts inhibiting themselves").
    """
    if not (rule.source and rule.target and all_match(rule.target, labels)):
        return None
    is_source = all_match(rule.source, labels)
    for alert in firing:
        there = dict(alert.labels)
        if not all_match(rule.source, there) or (is_source and all_match(rule.target, there)):
            continue
        if all(there.get(name, "") == labels.get(name, "") for name in rule.equal):
            return alert
    return None


def when_muted(route: AlertRoute, routing: Routing) -> tuple[str, bool]:
    """Return what mutes a route at some hour of the year to come, and whether it does at each of them."""
    there = {interval.name: int(interval.hours, 16) for interval in routing.intervals}
    muted = _any(there, route.mute)
    if route.active:
        muted |= EVERY_HOUR & ~_any(there, route.active)
    by = [f"the interval {name}" for name in route.mute] + [f"not being in {name}" for name in route.active]
    return (" and ".join(by), muted == EVERY_HOUR) if muted else ("", False)


def doubted(route: AlertRoute, routing: Routing) -> str:
    """Say which interval of a route is not understood, and why; empty where all are."""
    named = {*route.mute, *route.active}
    return next((f"the interval {i.name}: {i.trouble}" for i in routing.intervals if i.trouble and i.name in named), "")


def _any(there: Mapping[str, int], names: Iterable[str]) -> int:
    found = 0
    for name in names:
        found |= there.get(name, 0)
    return found
