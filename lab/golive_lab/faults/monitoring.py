"""What can be wrong with what watches the system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.world.monitoring import (
    CONFLICTS,
    DISK,
    HOOKS,
    HTTP,
    LATENCY,
    LEADER,
    PAYMENTS,
    RECONNECTS,
    RULES,
    SERIES,
    Alert,
    Alerting,
    AlertSilence,
    ApiSeries,
    labels,
)
from golive_lab.world.names import API, SHOP

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


TWO_LEADERS = (*SERIES, ApiSeries(LEADER, "gauge", labels(pod="api-1", role="leader"), 1))
NO_RULES = rules(without=tuple(rule.name for rule in RULES))

PROBED, EXPOSED = "monitoring.uptime-probed", "metrics.exposed"
MEMORY = ("process_resident_memory_bytes", "nodejs_heap_size_used_bytes")
COVER, ROUTED = "monitoring.alerts-cover", "monitoring.alerts-routed"


def routes(*more: dict[str, Any], receivers: tuple[dict[str, Any], ...] = (), **others: Any) -> Change:
    """Put routes before the others, with receivers of their own."""
    config = Alerting().config
    route = {**config["route"], "routes": [*more, *config["route"]["routes"]]}
    kept = [r for r in config["receivers"] if r["name"] not in {each["name"] for each in receivers}]
    return alerting(config={**config, "route": route, "receivers": [*kept, *receivers], **others})


def relabelled(*steps: dict[str, Any]) -> Change:
    """Let Prometheus change alerts before it sends them."""
    return lambda w: replace(w, monitoring=replace(w.monitoring, relabels=steps))


def silence(*matchers: tuple[str, str, bool, bool]) -> Change:
    """Silence alerts."""
    return alerting(silences=(AlertSilence(matchers),))


ALWAYS = [{"name": "always", "time_intervals": [{"times": [{"start_time": "00:00", "end_time": "24:00"}]}]}]
NIGHT = [{"name": "night", "time_intervals": [{"times": [{"start_time": "22:00", "end_time": "24:00"}]}]}]
BY_WATCHDOG = [{"source_matchers": ["alertname=Watchdog"], "target_matchers": ['severity=~"critical|warning"']}]
PAYMENTS_ROUTE = {"receiver": "payments", "matchers": ["team = payments"]}
RATE, HOOKS_OK, ONCE = "payments.success-rate", "payments.webhooks-healthy", "payments.idempotent"
SPIKE, CHAT, REST = "payments.spike-alerted", "messaging.metrics-healthy", "messaging.rest-healthy"
CHAT_SPIKE = "messaging.spike-alerted"


def _changed(name: str, where: dict[str, str], **changes: Any) -> Change:
    def hit(series: ApiSeries) -> bool:
        return series.name == name and where.items() <= dict(series.labels).items()

    return app(series=tuple(replace(s, **changes) if hit(s) else s for s in SERIES))


def counted(name: str, value: int, **where: str) -> Change:
    """Count something else, where the labels are these."""
    return _changed(name, where, value=value)


def timed(name: str, seconds: float, **where: str) -> Change:
    """Let it take longer, where the labels are these."""
    return _changed(name, where, observed=seconds)


ONLY_FAILED = Alert(
    "PaymentsFailing",
    f'sum by (gateway) (rate({PAYMENTS}{{status="failed"}}[10m])) > 1',
    labels=labels(severity="critical", team="payments"),
)

FAULTS: tuple[Fault, ...] = (
    Fault("monitoring.worker-down", TARGETS, "The worker's page of metrics answers 503", app(worker_up=False)),
    Fault("monitoring.rule-error", HEALTHY, "A rule matches two series to two", app(series=TWO_LEADERS)),
    Fault("monitoring.no-rules", HEALTHY, "There is no rule", NO_RULES, ("*alert*", FIRING, PROBED)),
    Fault("monitoring.critical-firing", FIRING, "A critical alert fires", gauge(DISK, 99)),
    Fault("monitoring.warning-firing", FIRING, "An alert of severity warning fires", gauge(DISK, 85), outcome="warn"),
    Fault("monitoring.alert-missing", COVER, "No alert looks at up", rules(without=("ServiceDown",)), (ROUTED,)),
    Fault(
        "monitoring.null-receiver",
        ROUTED,
        "Critical alerts go to a receiver that sends nowhere",
        routes({"receiver": "null", "matchers": ['severity=~"crit.*"']}),
    ),
    Fault(
        "monitoring.empty-receiver",
        ROUTED,
        "The receiver for payments has lost its integrations",
        routes(PAYMENTS_ROUTE, receivers=({"name": "payments"},)),
    ),
    Fault(
        "monitoring.dropped-unsent",
        ROUTED,
        "Prometheus drops the payments' alerts before it sends them",
        relabelled({"action": "drop", "source_labels": ["team"], "regex": "pay.*"}),
    ),
    Fault(
        "monitoring.all-silenced", ROUTED, "A silence holds for every alert", silence(("alertname", ".+", True, True))
    ),
    Fault("monitoring.silenced", ROUTED, "The alert is silenced", silence(("alertname", "ServiceDown", False, True))),
    Fault(
        "monitoring.instance-silenced",
        ROUTED,
        "The alert is silenced for one instance",
        silence(("alertname", "ServiceDown", False, True), ("instance", "old.demo.test:4000", False, True)),
        outcome="warn",
    ),
    Fault("monitoring.inhibited", ROUTED, "What always fires inhibits the others", routes(inhibit_rules=BY_WATCHDOG)),
    Fault(
        "monitoring.always-muted",
        ROUTED,
        "The route for payments is muted at all times",
        routes({**PAYMENTS_ROUTE, "mute_time_intervals": ["always"]}, time_intervals=ALWAYS),
    ),
    Fault(
        "monitoring.muted-at-night",
        ROUTED,
        "The route for payments is muted at night",
        routes({**PAYMENTS_ROUTE, "mute_time_intervals": ["night"]}, time_intervals=NIGHT),
        outcome="warn",
    ),
    Fault("monitoring.unprobed", PROBED, "No probe covers the shop", app(unprobed=(SHOP,))),
    Fault("monitoring.probe-fails", PROBED, "The probe of the API fails", app(probes_failing=(API,))),
    Fault("metrics.no-gc", EXPOSED, "Garbage collection is not measured", app(without=("nodejs_gc_duration_seconds",))),
    Fault("metrics.no-memory", EXPOSED, "Memory is not measured", app(without=MEMORY)),
    Fault("metrics.missing", EXPOSED, "The page of metrics is not there", app(page="missing")),
    Fault("metrics.garbage", EXPOSED, "The page of metrics is the front end's", app(page="html")),
    Fault(
        "payments.rate-down",
        RATE,
        "Half of MTN's payments fail",
        counted(PAYMENTS, 200, gateway="mtn", status="failed"),
    ),
    Fault(
        "payments.uncounted",
        RATE,
        "Orange's payments are counted by another name",
        app(series=tuple(s for s in SERIES if not (s.name == PAYMENTS and ("gateway", "orange") in s.labels))),
        ("payments.idempotent",),
        outcome="unknown",
    ),
    Fault("payments.webhooks-slow", HOOKS_OK, "PayPal's webhooks take 3 s", timed(HOOKS, 3.0, gateway="paypal")),
    Fault(
        "payments.webhooks-failing",
        HOOKS_OK,
        "A fifth of Stripe's webhooks fails",
        counted(HOOKS, 50, gateway="stripe", outcome="error"),
    ),
    Fault("payments.conflicts", ONCE, "Idempotency keys of MTN's meet", counted(CONFLICTS, 20, gateway="mtn")),
    Fault(
        "payments.no-spike-alert",
        SPIKE,
        "No alert looks at payments that fail",
        rules(without=("PaymentsFailing",)),
        (COVER, ROUTED),
    ),
    Fault(
        "payments.no-timeout-alert",
        SPIKE,
        "The alert on payments leaves out those that time out",
        rules(ONLY_FAILED, without=("PaymentsFailing",)),
    ),
    Fault("messaging.reconnects", CHAT, "Clients reconnect again and again", counted(RECONNECTS, 200)),
    Fault("messaging.slow", CHAT, "Messages take 2 s", timed(LATENCY, 2.0)),
    Fault(
        "messaging.rest-errors",
        REST,
        "Messages cannot be sent over REST",
        counted(HTTP, 60, route="/api/v1/messages", status_code="500"),
    ),
    Fault(
        "messaging.no-alert",
        CHAT_SPIKE,
        "No alert looks at messaging",
        rules(without=("MessagingDisconnects", "MessagingSlow")),
        (COVER, ROUTED),
    ),
    Fault(
        "messaging.no-latency-alert",
        CHAT_SPIKE,
        "No alert looks at how long messages take",
        rules(without=("MessagingSlow",)),
        outcome="warn",
    ),
)
