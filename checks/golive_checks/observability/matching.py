"""Whether labels match matchers, and which rules look at which series. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from golive_checks import linear
from golive_checks.systems.monitoring.client.promql import Matcher, Selector
from golive_checks.systems.monitoring.prometheus import PrometheusRule


def matches(matcher: Matcher, labels: Mapping[str, str]) -> bool:
    """Return whether labels meet a matcher; a label that is not there is empty, as in Prometheus."""
    value = labels.get(matcher.name, "")
    if matcher.op in {"=", "!="}:
        return (value == matcher.value) == (matcher.op == "=")
    return (whole(matcher.value, value) is not None) == (matcher.op == "=~")


def all_match(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Return whether labels meet every matcher."""
    return all(matches(matcher, labels) for matcher in matchers)


def whole(pattern: str, value: str) -> Any:
    """Match a whole value as Prometheus and Alertmanager do, by RE2, which needs time in proportion to it alone."""
    try:
        return linear.fullmatch(pattern, value)
    except linear.PatternError:  # neither would take it
        return None


def reads(rule: PrometheusRule, rules: Sequence[PrometheusRule]) -> tuple[Selector, ...]:
    """Return what a rule looks at: its own selectors, and those behind the recording rules that it names."""
    found = dict.fromkeys(rule.reads or ())
    names, followed = {selector.metric for selector in found}, set[str]()
    while names := names - followed:
        followed |= names
        behind = [each for each in rules if each.kind == "recording" and each.name in names]
        more = dict.fromkeys(selector for each in behind for selector in each.reads or ())
        found |= more
        names = {selector.metric for selector in more}
    return tuple(found)


def looks_at(selector: Selector, metric: str, labels: Mapping[str, str] | None = None) -> bool:
    """Return whether a selector reads a metric (* and ? are wild), of a series with these labels.

    Of labels that are not given, anything may hold.
    """
    named = selector.metric or next((m.value for m in selector.matchers if m.name == "__name__" and m.op == "="), "")
    if named:
        right = fnmatchcase(named, metric)
    else:
        by_name = [m for m in selector.matchers if m.name == "__name__"]
        right = bool(by_name) and all_match(by_name, {"__name__": metric})
    known = labels or {}
    return right and all(matches(m, known) for m in selector.matchers if m.name in known)
