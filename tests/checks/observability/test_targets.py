import pytest

from golive import Outcome
from golive_checks.observability.targets import (
    FiringPolicy,
    TargetPolicy,
    nothing_firing,
    rules_healthy,
    targets_up,
)
from golive_checks.subjects.monitoring import Prometheus
from golive_checks.systems.monitoring.prometheus import Fires, PrometheusRule, Rules, ScrapeTarget, Targets

PASS, WARN, FAIL = Outcome.PASS, Outcome.WARN, Outcome.FAIL
AT = Prometheus("prometheus")
UP, DOWN, NEW = (
    ScrapeTarget("api", "a:1", "up"),
    ScrapeTarget("batch-1", "b:1", "down", "refused"),
    ScrapeTarget("api", "c:1", "unknown"),
)
OK, ERR = (
    PrometheusRule("A", "g", "alerting", "up"),
    PrometheusRule("B", "g", "alerting", "up", health="err", error="many-to-many"),
)


@pytest.mark.parametrize(
    ("found", "ask", "outcome", "summary"),
    [
        ((UP,), TargetPolicy(), PASS, "1 targets are up, of api"),
        ((UP, DOWN), TargetPolicy(), FAIL, "batch-1 at b:1 is down: refused"),
        ((UP, DOWN), TargetPolicy(may_be_down=("batch-*",)), PASS, "1 targets are up"),
        ((DOWN,), TargetPolicy(may_be_down=("batch-*",)), FAIL, "no target but those that may be down"),
        ((UP,), TargetPolicy(jobs=("api", "worker")), FAIL, "the job worker has no target"),
        ((UP, NEW), TargetPolicy(), WARN, "api at c:1 has not been scraped yet"),
        ((), TargetPolicy(), FAIL, "no target at all"),
    ],
)
def test_targets(found: tuple[ScrapeTarget, ...], ask: TargetPolicy, outcome: Outcome, summary: str) -> None:
    judged = targets_up(AT, Targets(found), ask)
    assert judged.outcome is outcome
    assert summary in judged.summary


@pytest.mark.parametrize(
    ("found", "outcome", "summary"),
    [
        ((OK,), PASS, "1 rules are evaluated, 1 of them alert"),
        ((OK, ERR), FAIL, "B of the group g fails: many-to-many"),
        (
            (PrometheusRule("C", "g", "recording", "up", health="unknown"),),
            WARN,
            "C of the group g has not been evaluated yet",
        ),
        ((PrometheusRule("C", "g", "recording", "up", slow=True),), WARN, "the group g takes longer"),
        ((), FAIL, "no rule at all"),
    ],
)
def test_rules(found: tuple[PrometheusRule, ...], outcome: Outcome, summary: str) -> None:
    judged = rules_healthy(AT, Rules(found))
    assert judged.outcome is outcome
    assert summary in judged.summary


def fires(name: str, severity: str) -> Fires:
    return Fires(name, (("alertname", name), ("severity", severity)), "2026-11-27T03:13:00Z")


@pytest.mark.parametrize(
    ("firing", "ask", "outcome", "summary"),
    [
        ((), FiringPolicy(), PASS, "no alert fires"),
        ((fires("Watchdog", "critical"),), FiringPolicy(), PASS, "but those that always do"),
        ((fires("Disk", "critical"),), FiringPolicy(), FAIL, "Disk fires since 2026-11-27T03:13 (severity=critical)"),
        ((fires("Disk", "warning"),), FiringPolicy(), WARN, "Disk fires"),
        ((fires("Disk", "p1"),), FiringPolicy(critical=("p1",)), FAIL, "Disk fires"),
        ((Fires("Disk", ()),), FiringPolicy(), WARN, "Disk fires (no label)"),
    ],
)
def test_firing(firing: tuple[Fires, ...], ask: FiringPolicy, outcome: Outcome, summary: str) -> None:
    judged = nothing_firing(AT, Rules((OK,), firing), ask)
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_where_nothing_alerts_nothing_is_quiet() -> None:
    assert nothing_firing(AT, Rules((PrometheusRule("C", "g", "recording", "up"),)), FiringPolicy()).outcome is FAIL
