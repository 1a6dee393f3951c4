"""Do chats stay connected, are messages delivered in time, and is somebody alerted when that changes?"""

from typing import ClassVar

from pydantic import Field

from golive import Settings, Verdict, check, failed, not_applicable, passed, unknown, verdict
from golive.wording import duration, percent
from golive_checks.observability.matching import looks_at, reads
from golive_checks.observability.numbers import too_few, unseen
from golive_checks.subjects.monitoring import Prometheus
from golive_checks.systems.monitoring.numbers import MessagingNumbers
from golive_checks.systems.monitoring.prometheus import Rules

HERE = "observability.messaging_queries"


class MessagingLimits(Settings):
    """What messaging's numbers must be."""

    home: ClassVar[str] = "observability.messaging_limits"

    used: bool = True
    """Whether the system has messaging at all."""
    min_active: int = Field(default=0, ge=0)
    """How many connections must be open now."""
    min_connections: int = Field(default=20, ge=1)
    """Fewer connections within the window say nothing about reconnects."""
    max_reconnect_rate: float = Field(default=0.2, gt=0)
    """Reconnects for each connection that was opened."""
    min_messages: int = Field(default=20, ge=1)
    """Fewer messages within the window say nothing about their latency."""
    max_message_p95_s: float = Field(default=1.0, gt=0)
    """How long 95% of the messages may take."""
    min_requests: int = Field(default=20, ge=1)
    """Fewer REST requests within the window say nothing."""
    max_request_error_rate: float = Field(default=0.01, ge=0, lt=1)
    """The share of REST requests that may fail."""


class MessagingAlert(Settings):
    """How alerts on messaging are known."""

    home: ClassVar[str] = "observability.messaging_alert"

    names: tuple[str, ...] = ()
    """Alerts that are known to look at it, whatever their expressions."""
    disconnects: tuple[str, ...] = ("ws_reconnects_total", "ws_disconnects_total", "ws_connections_active")
    """Metrics by which a wave of broken connections shows; * and ? are wild."""
    latency: tuple[str, ...] = ("message_latency_seconds*",)
    """Metrics of how long messages take."""


UNUSED = "the system has no messaging (observability.messaging_limits.used)"


@check("messaging.metrics-healthy", tags=("messaging",))
def metrics_healthy(at: Prometheus, seen: MessagingNumbers, ask: MessagingLimits) -> Verdict:
    """Chat connections stay open, and messages arrive in time.

    Why: A proxy that closes idle connections, or a process that is short of memory, shows as clients that keep
    reconnecting: the chat works, and every message is late.

    Fix: Raise the proxy's read timeout above the ping's interval, and look at the event loop's lag. The limits are
    under observability.messaging_limits.

    Source: section 6 of the checklist: active connections, reconnect rate, message latency
    """
    if not ask.used:
        return not_applicable(UNUSED)
    active = seen.found["active"]
    if active.value is None:
        return unseen(active, f"{HERE}.active")
    fails = [f"{active.value:.0f} connections are open, {ask.min_active} are required"]
    fails = fails if active.value < ask.min_active else []
    parts = [_reconnects(seen, ask), _delays(seen, ask)]
    fails += [part.summary for part in parts if part.outcome == "fail"]
    seen_too = [part.summary for part in parts if part.outcome in {"pass", "n/a"}]
    gap = next((part for part in parts if part.outcome == "unknown"), None)
    if gap and not fails:
        return gap
    if not fails and all(part.outcome == "n/a" for part in parts):
        return not_applicable("; ".join(seen_too))
    return verdict(fails, ok="; ".join([f"{active.value:.0f} connections", *seen_too]))


def _reconnects(seen: MessagingNumbers, ask: MessagingLimits) -> Verdict:
    """Judge how many of the connections were made by clients that had lost theirs; n/a where there were too few."""
    few = too_few(seen.found["connections"], ask.min_connections, "connections", f"{HERE}.connections")
    number = seen.found["reconnects"]
    if few is not None or number.value is None:
        return few or unseen(number, f"{HERE}.reconnects")
    rate = number.value / (seen.found["connections"].value or 1.0)
    text = f"{percent(rate)} reconnects"
    over = rate > ask.max_reconnect_rate
    return failed(f"{text}; {percent(ask.max_reconnect_rate)} is the limit") if over else passed(text)


def _delays(seen: MessagingNumbers, ask: MessagingLimits) -> Verdict:
    """Judge how long messages take; n/a where there were too few."""
    few = too_few(seen.found["messages"], ask.min_messages, "messages", f"{HERE}.messages")
    number = seen.found["message_p95"]
    if few is not None or number.value is None:
        return few or unseen(number, f"{HERE}.message_p95")
    text = f"95% of messages within {duration(number.value)}"
    over = number.value > ask.max_message_p95_s
    return failed(f"{text}; {duration(ask.max_message_p95_s)} is the limit") if over else passed(text)


@check("messaging.rest-healthy", tags=("messaging",))
def rest_healthy(at: Prometheus, seen: MessagingNumbers, ask: MessagingLimits) -> Verdict:
    """Messages can be sent and read over REST.

    Why: Where WebSockets are blocked, as by some offices' proxies, REST is all there is; and history is always read
    over it.

    Fix: Look at the app's errors on these routes, which observability.messaging_queries.requests defines.

    Source: section 6 of the checklist: REST send and read error rates
    """
    if not ask.used:
        return not_applicable(UNUSED)
    count, good = seen.found["requests"], seen.found["requests_ok"]
    if few := too_few(count, ask.min_requests, "requests", f"{HERE}.requests"):
        return few
    whole = count.value or 1.0
    if good.value is None:
        if good.gap == "no series":
            return failed(f"none of {whole:.0f} requests succeeded", f"according to {good.query}")
        return unseen(good, f"{HERE}.requests_ok")
    share = max(0.0, 1 - good.value / whole)
    if share > ask.max_request_error_rate:
        return failed(
            f"{percent(share)} of {whole:.0f} requests fail; {percent(ask.max_request_error_rate)} is the limit"
        )
    return passed(f"{percent(share)} of {whole:.0f} requests fail, at most {percent(ask.max_request_error_rate)}")


@check("messaging.spike-alerted", tags=("messaging",))
def spike_alerted(at: Prometheus, seen: Rules, ask: MessagingAlert, limits: MessagingLimits) -> Verdict:
    """There are alerts on broken connections and on message latency.

    Why: People who chat do not report that a message came late: they leave.

    Fix: Alert on `rate(ws_reconnects_total[5m])` and on the 95th percentile of message_latency_seconds. If the metrics
    have other names, set them under observability.messaging_alert.

    Source: section 6 of the checklist: alert on WebSocket disconnect spikes or elevated p95 latency
    """
    if not limits.used:
        return not_applicable(UNUSED)
    alerting = [rule for rule in seen.found if rule.kind == "alerting"]
    found: dict[str, list[str]] = {}
    for topic, metrics in (("broken connections", ask.disconnects), ("latency", ask.latency)):
        found[topic] = [
            rule.name
            for rule in alerting
            if rule.name in ask.names
            or any(looks_at(selector, metric) for selector in reads(rule, seen.found) for metric in metrics)
        ]
    missing = [topic for topic, names in found.items() if not names]
    if missing and any(rule.reads is None for rule in alerting):
        return unknown(
            "golive does not understand every alert's expression",
            fix="Name the alert in observability.messaging_alert.names.",
        )
    text = ", ".join(dict.fromkeys(name for names in found.values() for name in names))
    texts = [f"no alert looks at {topic}" for topic in missing]
    alone = len(missing) == 1
    return verdict([] if alone else texts, texts if alone else [], ok=f"{text} look at both")
