import pytest

from golive_checks.observability.matching import looks_at, matches, reads
from golive_checks.systems.monitoring.client.promql import Matcher, Selector
from golive_checks.systems.monitoring.prometheus import PrometheusRule


@pytest.mark.parametrize(
    ("op", "value", "label", "holds"),
    [
        ("=", "a", "a", True),
        ("=", "a", "b", False),
        ("=", "", None, True),
        ("!=", "a", None, True),
        ("=~", "a|b", "b", True),
        ("=~", "a", "ab", False),
        ("=~", ".*", None, True),
        ("=~", ".+", None, False),
        ("!~", "a.*", "ab", False),
        ("!~", "a.*", None, True),
        ("=~", "(", "(", False),
        ("=~", "(a+)+b", "a" * 60, False),
        ("=~", "(a|aa)*b", "a" * 60, False),
        ("=~", "(a|b)+", "abba", True),
        ("!~", "(a|b)+", "abba", False),
        ("=~", "first.second", "first\nsecond", True),
        ("=~", r"\pL+", "é", True),
        ("=~", "(?=a)a", "a", False),
    ],
)
def test_matchers(op: str, value: str, label: str | None, holds: object) -> None:
    assert matches(Matcher("x", op, value), {} if label is None else {"x": label}) is holds


PAID = Selector("payments_total", (Matcher("gateway", "=", "mtn"), Matcher("status", "=~", "failed|timeout")))


@pytest.mark.parametrize(
    ("selector", "metric", "labels", "holds"),
    [
        (PAID, "payments_total", {"gateway": "mtn", "status": "failed"}, True),
        (PAID, "payments_total", {"gateway": "orange"}, False),
        (PAID, "payments_total", {"status": "succeeded"}, False),
        (PAID, "payments_*", {}, True),
        (PAID, "up", {}, False),
        (Selector("up"), "up", {"job": "api"}, True),
        (Selector("", (Matcher("__name__", "=~", "payments_.*"),)), "payments_total", {}, True),
        (Selector("", (Matcher("__name__", "=", "up"),)), "up", {}, True),
        (Selector("", (Matcher("job", "=", "api"),)), "up", {}, False),
    ],
)
def test_what_a_selector_looks_at(selector: Selector, metric: str, labels: dict[str, str], holds: object) -> None:
    assert looks_at(selector, metric, labels) is holds


def test_what_lies_behind_recording_rules_counts_and_circles_end() -> None:
    alert = PrometheusRule("A", "g", "alerting", "b > 1", reads=(Selector("b"),))
    rules = [
        alert,
        PrometheusRule("b", "g", "recording", "c", reads=(Selector("c"),)),
        PrometheusRule("c", "g", "recording", "payments_total + b", reads=(PAID, Selector("b"))),
    ]
    assert PAID in reads(alert, rules)
    assert reads(PrometheusRule("A", "g", "alerting", "?", reads=None), rules) == ()
