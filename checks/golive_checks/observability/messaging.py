"""Do chats stay connected, are messages delivered in time, and is somebody told when that changes?"""

from typing import ClassVar

from pydantic import Field

from golive import Settings, Verdict, check, failed, not_applicable, passed, unknown, verdict
from golive_checks.observability.matching import looks_at, reads
from golive_checks.observability.numbers import percent, too_few, unseen
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
    """Fewer connections within the window tell nothing of reconnects."""
    max_reconnect_rate: float = Field(default=0.2, gt=0)
    """Reconnects for each connection that was opened."""
    min_messages: int = Field(default=20, ge=1)
    """Fewer messages within the window tell nothing of their latency."""
    max_message_p95_s: float = Field(default=1.0, gt=0)
    """How long 95 % of the messages may take."""
    min_requests: int = Field(default=20, ge=1)
    """Fewer REST requests within the window tell nothing."""
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
    """Connections stay open, and messages arrive in time.

    Why: A proxy that closes idle connections, or a process that is short of memory, shows as clients that reconnect
    again and again: the chat works, and every message is late.

    Fix: Raise the proxy's read timeout above the ping's interval, and look at the event loop's lag. The limits are
    under observability.messaging_limits.

    Source: section 6 of the checklist: active connections, reconnect rate, message latency
    """
    if not ask.used:
        return not_applicable(UNUSED)
    active = seen.found["active"]
    if active.value is None:
        return unseen(active, f"{HERE}.active")
    fails = [f"{active.value:.0f} connections are open, {ask.min_active} are asked for"]
    fails = fails if active.value < ask.min_active else []
    told, gaps, few = [f"{active.value:.0f} connections"], [], 0
    for count, least, what, value, limit in (
        ("connections", ask.min_connections, "connections", "reconnects", ask.max_reconnect_rate),
        ("messages", ask.min_messages, "messages", "message_p95", ask.max_message_p95_s),
    ):
        little = too_few(seen.found[count], least, what, f"{HERE}.{count}")
        if little is not None:
            gaps += [little] if little.outcome == "unknown" else []
            few += little.outcome == "n/a"
            told.append(little.summary)
            continue
        number = seen.found[value]
        if number.value is None:
            gaps.append(unseen(number, f"{HERE}.{value}"))
            continue
        measured = number.value / (seen.found[count].value or 1.0) if value == "reconnects" else number.value
        text = (
            f"{percent(measured)} reconnects" if value == "reconnects" else f"95 % of messages within {measured:.3g} s"
        )
        over = f"{text}; {percent(limit) if value == 'reconnects' else f'{limit:g} s'} is the limit"
        (fails if measured > limit else told).append(over if measured > limit else text)
    if not fails and gaps:
        return gaps[0]
    if not fails and few == 2:  # noqa: PLR2004 - neither could be judged
        return not_applicable("; ".join(told[1:]))
    return verdict(fails, ok="; ".join(told))


@check("messaging.rest-healthy", tags=("messaging",))
def rest_healthy(at: Prometheus, seen: MessagingNumbers, ask: MessagingLimits) -> Verdict:
    """Messages can be sent and read over REST.

    Why: Where the WebSocket cannot be had, as behind some offices' proxies, REST is all there is; and history is read
    by it everywhere.

    Fix: Look at the app's errors of these routes. Which they are stands under observability.messaging_queries.requests.

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
            return failed(f"none of {whole:.0f} requests succeeded", f"as far as {good.query} tells")
        return unseen(good, f"{HERE}.requests_ok")
    share = max(0.0, 1 - good.value / whole)
    if share > ask.max_request_error_rate:
        return failed(
            f"{percent(share)} of {whole:.0f} requests fail; {percent(ask.max_request_error_rate)} is the limit"
        )
    return passed(f"{percent(share)} of {whole:.0f} requests fail, at most {percent(ask.max_request_error_rate)}")


@check("messaging.spike-alerted", tags=("messaging",))
def spike_alerted(at: Prometheus, seen: Rules, ask: MessagingAlert, limits: MessagingLimits) -> Verdict:
    """Alerts look at broken connections, and at how long messages take.

    Why: People who chat do not report that a message came late: they leave.

    Fix: Alert on `rate(ws_reconnects_total[5m])` and on the 95th percentile of message_latency_seconds. Where the
    metrics are called otherwise, say so under observability.messaging_alert.

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
    told = ", ".join(dict.fromkeys(name for names in found.values() for name in names))
    texts = [f"no alert looks at {topic}" for topic in missing]
    alone = len(missing) == 1
    return verdict([] if alone else texts, texts if alone else [], ok=f"{told} look at both")
