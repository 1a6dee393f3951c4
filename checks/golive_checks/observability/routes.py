"""Where Alertmanager takes an alert, and what keeps it from getting there. Pure."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

from golive_checks.observability.matching import all_match, matches
from golive_checks.probes.alertmanager import Inhibition, Interval, Route, Routing, Silence, Span
from golive_checks.probes.clients.promql import Matcher
from golive_checks.probes.prometheus import Fires

HOURS_OF_A_YEAR = 366 * 24
PARTS = ("a", "z9", "golive-no-such-value")
"""Values that stand for any: a matcher that all of them meet, and nothing too, asks for nothing."""


def paths(route: Route, labels: Mapping[str, str]) -> list[Route]:
    """Return the routes that an alert ends at, as Alertmanager's dispatcher finds them.

    https://prometheus.io/docs/alerting/latest/configuration/#route: a node's children are tried in order, up to the
    first that matches and does not `continue`; where none matches, it ends at the node itself.
    """
    if not all_match(route.matchers, labels):
        return []
    found: list[Route] = []
    for child in route.routes:
        below = paths(child, labels)
        found += below
        if below and not child.goes_on:
            break
    return found or [route]


def is_blanket(silence: Silence) -> bool:
    """Tell whether a silence is one on every alert: each of its matchers is met by any value of its label."""
    return all(all(matches(m, {m.name: value}) for value in PARTS) for m in silence.matchers)


def swallows(silence: Silence, labels: Mapping[str, str]) -> bool:
    """Tell whether a silence holds for every instance of an alert whose labels, as far as its rule tells, are these."""
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


def muted(route: Route, routing: Routing, at: dt.datetime) -> str:
    """Name the interval that mutes a route at a time, or the ones that would have to hold; empty where it sends."""
    for name in route.mute:
        if any(holds(interval, at) for interval in routing.intervals if interval.name == name):
            return f"the interval {name}"
    active = [interval for interval in routing.intervals if interval.name in route.active]
    if route.active and not any(holds(interval, at) for interval in active):
        return f"being outside of {', '.join(route.active)}"
    return ""


def when_muted(route: Route, routing: Routing, now: dt.datetime) -> tuple[str, bool]:
    """Return what mutes a route at some hour of the year to come, and whether it does at each of them."""
    if not (route.mute or route.active):
        return "", False
    start = now.replace(minute=0, second=0, microsecond=0)
    said = [muted(route, routing, start + dt.timedelta(hours=hour)) for hour in range(HOURS_OF_A_YEAR)]
    return next((each for each in said if each), ""), all(said)


def holds(interval: Interval, at: dt.datetime) -> bool:
    """Tell whether a time lies within an interval."""
    return any(_within(span, at) for span in interval.spans)


def _within(span: Span, at: dt.datetime) -> bool:
    there = at.astimezone(_zone(span.zone))
    minute = there.hour * 60 + there.minute
    last = _days_in_month(there)
    days = [
        (low + last + 1 if low < 0 else low, high + last + 1 if high < 0 else high) for low, high in span.days_of_month
    ]
    asked: Iterator[tuple[tuple[tuple[int, int], ...], int]] = iter(
        (
            (span.weekdays, there.isoweekday() % 7),
            (tuple(days), there.day),
            (span.months, there.month),
            (span.years, there.year),
        )
    )
    in_times = not span.times or any(low <= minute < high for low, high in span.times)
    return in_times and all(not ranges or any(low <= value <= high for low, high in ranges) for ranges, value in asked)


def _days_in_month(at: dt.datetime) -> int:
    following = (at.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return (following - dt.timedelta(days=1)).day


def _zone(name: str) -> dt.tzinfo:
    try:
        return dt.UTC if name == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return dt.UTC
