"""Does Prometheus see what it should, do its rules work, and does nothing fire?"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import ClassVar

from golive import Settings, Severity, Verdict, check, failed, verdict
from golive_checks.subjects.monitoring import Prometheus
from golive_checks.systems.monitoring.prometheus import Fires, PrometheusRule, Rules, Targets

SHOWN = 20


class TargetPolicy(Settings):
    """What Prometheus must scrape."""

    home: ClassVar[str] = "observability.targets"

    jobs: tuple[str, ...] = ()
    """Jobs that must have a target, such as the API's; a job that lost all of its targets is in no list."""
    may_be_down: tuple[str, ...] = ()
    """Jobs whose targets may be down, such as `batch-*`; * and ? are wild."""


class FiringPolicy(Settings):
    """Which alerts must not fire."""

    home: ClassVar[str] = "observability.firing"

    label: str = "severity"
    """The label that says how bad an alert is."""
    critical: tuple[str, ...] = ("critical", "page", "fatal", "emergency")
    """Its values that make a firing alert red; others warn."""
    expected: tuple[str, ...] = ("Watchdog", "DeadMansSwitch", "InfoInhibitor")
    """Alerts that are meant to fire all the time."""


@check("monitoring.targets-up", severity=Severity.CRITICAL)
def targets_up(at: Prometheus, seen: Targets, ask: TargetPolicy) -> Verdict:
    """Prometheus scrapes every one of its targets.

    Why: A target that is down has no metrics, so no alert on them can fire: a rate over nothing is nothing. A release
    that moves a port or puts a password on /metrics does just that.

    Fix: Open Status, Targets in Prometheus, which shows the last error. Remove targets that are gone from its
    configuration; name jobs that may be down under observability.targets.may_be_down.

    Source: https://prometheus.io/docs/prometheus/latest/querying/api/#targets
    """
    if not seen.found:
        return failed("Prometheus has no target at all")
    counted = [t for t in seen.found if not any(fnmatchcase(t.job, p) for p in ask.may_be_down)]
    fails = [
        f"{t.job} at {t.instance} is down{f': {t.error}' if t.error else ''}" for t in counted if t.health == "down"
    ]
    fails += [f"the job {job} has no target" for job in ask.jobs if job not in {t.job for t in seen.found}]
    waits = [f"{t.job} at {t.instance} has not been scraped yet" for t in counted if t.health not in {"up", "down"}]
    if not (counted or fails):
        return failed("Prometheus has no target but those that may be down")
    jobs = sorted({t.job for t in seen.found})
    return verdict(fails[:SHOWN], waits[:SHOWN], ok=f"{len(counted)} targets are up, of {', '.join(jobs[:SHOWN])}")


@check("monitoring.rules-healthy")
def rules_healthy(at: Prometheus, seen: Rules) -> Verdict:
    """Every rule is evaluated without errors and in time.

    Why: A rule that fails fires no alert, and only Prometheus's own pages show that: a many-to-many match fails as soon
    as a second instance is started, long after the rule was written.

    Fix: Open Status, Rules in Prometheus, fix the expression, and keep it so with `promtool test rules` in CI.

    Source: https://prometheus.io/docs/prometheus/latest/querying/api/#rules
    """
    if not seen.found:
        return failed(
            "Prometheus has no rule at all", fix="Write alerting rules and name their files under rule_files."
        )
    fails = [f"{_of(rule)} fails: {rule.error or 'no reason given'}" for rule in seen.found if rule.health == "err"]
    waits = [f"{_of(rule)} has not been evaluated yet" for rule in seen.found if rule.health not in {"ok", "err"}]
    slow = sorted({rule.group for rule in seen.found if rule.slow})
    waits += [f"the group {group} takes longer than the time between two evaluations" for group in slow]
    alerting = sum(rule.kind == "alerting" for rule in seen.found)
    return verdict(fails[:SHOWN], waits[:SHOWN], ok=f"{len(seen.found)} rules are evaluated, {alerting} of them alert")


def _of(rule: PrometheusRule) -> str:
    return f"{rule.name} of the group {rule.group}"


@check("monitoring.nothing-firing", severity=Severity.CRITICAL)
def nothing_firing(at: Prometheus, seen: Rules, ask: FiringPolicy) -> Verdict:
    """No critical alert is firing.

    Why: A release on top of an incident makes both harder to understand, and an alert that is already firing notifies
    nobody when the release breaks the same thing again.

    Fix: Resolve the alert first. If it is meant to fire all the time, list it under observability.firing.expected.

    Source: https://prometheus.io/docs/prometheus/latest/querying/api/#alerts
    """
    counted = [alert for alert in seen.firing if alert.name not in ask.expected]
    bad = [alert for alert in counted if dict(alert.labels).get(ask.label) in ask.critical]
    others = [alert for alert in counted if alert not in bad]
    if not any(rule.kind == "alerting" for rule in seen.found):
        return failed(
            "no rule alerts, so that none could fire", fix="Write alerting rules: see monitoring.alerts-cover."
        )
    return verdict([*_described(bad)], [*_described(others)], ok="no alert fires but those that always do")


def _described(alerts: Iterable[Fires]) -> list[str]:
    lines = []
    for alert in list(alerts)[:SHOWN]:
        others = ", ".join(f"{name}={value}" for name, value in alert.labels if name != "alertname")
        since = f" since {alert.since[:16]}" if alert.since else ""
        lines.append(f"{alert.name} fires{since} ({others or 'no label'})")
    return lines
