from typing import Any

import pytest

from golive import Outcome
from golive_checks.observability.messaging import (
    MessagingAlert,
    MessagingLimits,
    metrics_healthy,
    rest_healthy,
    spike_alerted,
)
from golive_checks.subjects.monitoring import Prometheus
from golive_checks.systems.monitoring.client.promql import Selector
from golive_checks.systems.monitoring.numbers import OF_MESSAGING, MessagingNumbers, QueryNumber
from golive_checks.systems.monitoring.prometheus import PrometheusRule, Rules

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
AT = Prometheus("prometheus")
USUAL = {
    "active": 42,
    "connections": 400,
    "reconnects": 10,
    "messages": 500,
    "message_p95": 0.1,
    "requests": 600,
    "requests_ok": 599,
}
NAN, NO_SERIES = "no number (NaN)", "no series"


def numbers(**given: Any) -> MessagingNumbers:
    told = {**USUAL, **given}
    return MessagingNumbers(
        {
            n: QueryNumber(n, gap=told[n]) if isinstance(told[n], str) else QueryNumber(n, float(told[n]))
            for n in OF_MESSAGING
        }
    )


CASES: dict[str, tuple[Any, Outcome, str, dict[str, Any]]] = {
    "usual": (metrics_healthy, PASS, "42 connections; 2.5% reconnects; 95% of messages within 100 ms", {}),
    "reconnecting": (metrics_healthy, FAIL, "50% reconnects; 20% is the limit", {"reconnects": 200}),
    "slow": (metrics_healthy, FAIL, "95% of messages within 2 s; 1 s is the limit", {"message_p95": 2}),
    "nobody, as may be": (metrics_healthy, PASS, "0 connections", {"active": 0}),
    "active not counted": (metrics_healthy, UNKNOWN, "no series for active", {"active": NO_SERIES}),
    "latency is NaN": (metrics_healthy, UNKNOWN, "NaN", {"message_p95": NAN}),
    "reconnects not counted": (metrics_healthy, UNKNOWN, "no series for reconnects", {"reconnects": NO_SERIES}),
    "slow, and the rest unseen": (metrics_healthy, FAIL, "2 s", {"message_p95": 2, "reconnects": NO_SERIES}),
    "few messages": (metrics_healthy, PASS, "3 messages, fewer than 20", {"messages": 3}),
    "few of both": (metrics_healthy, NA, "fewer than 20", {"messages": 3, "connections": 3}),
    "messages not counted": (metrics_healthy, UNKNOWN, "no series for messages", {"messages": NO_SERIES}),
    "rest": (rest_healthy, PASS, "0.167% of 600 requests fail, at most 1%", {}),
    "rest failing": (rest_healthy, FAIL, "10% of 600 requests fail; 1% is the limit", {"requests_ok": 540}),
    "rest, all failing": (rest_healthy, FAIL, "none of 600 requests succeeded", {"requests_ok": NO_SERIES}),
    "rest, NaN": (rest_healthy, UNKNOWN, "NaN", {"requests_ok": NAN}),
    "rest, few": (rest_healthy, NA, "fewer than 20", {"requests": 2}),
    "rest, not counted": (rest_healthy, UNKNOWN, "no series", {"requests": NO_SERIES}),
}


@pytest.mark.parametrize(("judge", "outcome", "summary", "given"), CASES.values(), ids=CASES)
def test_numbers(judge: Any, outcome: Outcome, summary: str, given: dict[str, Any]) -> None:
    judged = judge(AT, numbers(**given), MessagingLimits())
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_a_system_without_messaging() -> None:
    unused = MessagingLimits(used=False)
    assert metrics_healthy(AT, numbers(), unused).outcome is NA
    assert rest_healthy(AT, numbers(), unused).outcome is NA
    assert spike_alerted(AT, Rules(()), MessagingAlert(), unused).outcome is NA


def test_as_many_must_be_connected_as_are_asked_for() -> None:
    judged = metrics_healthy(AT, numbers(active=0), MessagingLimits(min_active=1))
    assert (judged.outcome, judged.summary) == (FAIL, "0 connections are open, 1 are required")


def alert(metric: str, name: str = "A") -> PrometheusRule:
    return PrometheusRule(name, "g", "alerting", "…", reads=(Selector(metric),))


LOST, LATE = alert("ws_reconnects_total", "Lost"), alert("message_latency_seconds_bucket", "Late")


@pytest.mark.parametrize(
    ("rules", "ask", "outcome", "summary"),
    [
        ((LOST, LATE), MessagingAlert(), PASS, "Lost, Late look at both"),
        ((LOST,), MessagingAlert(), WARN, "no alert looks at latency"),
        ((LATE,), MessagingAlert(), WARN, "no alert looks at broken connections"),
        ((alert("up"),), MessagingAlert(), FAIL, "(and 1 more)"),
        ((alert("up", "Chat"),), MessagingAlert(names=("Chat",)), PASS, "Chat look"),
        ((PrometheusRule("Odd", "g", "alerting", "…", reads=None),), MessagingAlert(), UNKNOWN, "does not understand"),
    ],
)
def test_spikes(rules: tuple[PrometheusRule, ...], ask: MessagingAlert, outcome: Outcome, summary: str) -> None:
    judged = spike_alerted(AT, Rules(rules), ask, MessagingLimits())
    assert judged.outcome is outcome
    assert summary in judged.summary
