"""What Prometheus counts of payments and of messaging, by queries of the profile's or by the usual names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StringConstraints

from golive import Fact, Settings, Subject, Unavailable, probe
from golive_checks.subjects.monitoring import Prometheus
from golive_checks.systems.gateways.gateways import Gateway, Gateways
from golive_checks.systems.monitoring.client.monitors import Monitors
from golive_checks.systems.monitoring.client.promql import selectors
from golive_checks.systems.monitoring.prometheus import PrometheusApi, PrometheusSeries, query


def _promql(text: str) -> str:
    if selectors(text.replace("{window}", "1d")) is None:
        raise ValueError("is no PromQL expression; {window} in it is replaced by the window, such as [{window}]")
    return text


Query = Annotated[str, AfterValidator(_promql)]
Window = Annotated[str, StringConstraints(pattern=r"^[1-9]\d{0,4}[smhdw]$")]

SUCCESS: Mapping[Gateway, str] = {
    "stripe": "succeeded|paid",
    "paypal": "completed|COMPLETED|captured",
    "mtn": "successful|SUCCESSFUL",
    "orange": "success|SUCCESS",
}
"""The gateways' own words for a payment that went through, by which an app may count; `succeeded` serves for all."""
SUCCEEDED = "|".join(dict.fromkeys("|".join(["succeeded|success", *SUCCESS.values()]).split("|")))


class PaymentQueries(Settings):
    """What is asked of Prometheus about payments: one query each, whose series have the gateway as a label."""

    home: ClassVar[str] = "observability.payment_queries"

    window: Window = "1d"
    """How far back is looked, in PromQL's own words."""
    label: str = Field(default="gateway", pattern=r"^[a-zA-Z_]\w*$")
    """The label that names the gateway."""
    names: Mapping[Gateway, tuple[str, ...]] = Field(default_factory=dict)
    """More words for a gateway in that label, such as `{ mtn: [momo] }`."""
    payments: Query = "sum by (gateway) (increase(payments_total[{window}]))"
    """Payments that came to an end, one way or the other."""
    succeeded: Query = f'sum by (gateway) (increase(payments_total{{status=~"{SUCCEEDED}"}}[{{window}}]))'
    """Those that went through."""
    webhooks: Query = "sum by (gateway) (increase(payment_webhook_duration_seconds_count[{window}]))"
    """Webhooks that came."""
    webhooks_ok: Query = (
        'sum by (gateway) (increase(payment_webhook_duration_seconds_count{outcome=~"ok|success|2.."}[{window}]))'
    )
    """Those that were booked."""
    webhook_p95: Query = (
        "histogram_quantile(0.95, sum by (gateway, le) (rate(payment_webhook_duration_seconds_bucket[{window}])))"
    )
    """The 95th percentile of the seconds that a webhook takes."""
    conflicts: Query = "sum by (gateway) (increase(payment_idempotency_conflicts_total[{window}]))"
    """Requests under an idempotency key that was in use for something else."""


class MessagingQueries(Settings):
    """What is asked of Prometheus about messaging: one query each, with a single value."""

    home: ClassVar[str] = "observability.messaging_queries"

    window: Window = "1d"
    """How far back is looked, in PromQL's own words."""
    active: Query = "sum(ws_connections_active)"
    """Connections that are open now."""
    connections: Query = "sum(increase(ws_connections_total[{window}]))"
    """Connections that were opened."""
    reconnects: Query = "sum(increase(ws_reconnects_total[{window}]))"
    """Those that were opened because another had broken."""
    messages: Query = "sum(increase(message_latency_seconds_count[{window}]))"
    """Messages that were delivered."""
    message_p95: Query = "histogram_quantile(0.95, sum by (le) (rate(message_latency_seconds_bucket[{window}])))"
    """The 95th percentile of the seconds from sending a message to its delivery."""
    requests: Query = 'sum(increase(http_request_duration_seconds_count{route=~".*/messages.*"}[{window}]))'
    """Requests that send or read messages over REST."""
    requests_ok: Query = (
        'sum(increase(http_request_duration_seconds_count{route=~".*/messages.*",status_code=~"[1234].."}[{window}]))'
    )
    """Those that did not fail (5xx)."""


@dataclass(frozen=True)
class PaymentGateway(Subject):
    """A gateway that payments go through, as Prometheus counts them."""

    prometheus: Prometheus

    @classmethod
    def kind(cls) -> str:
        """Return the word reports use."""
        return "gateway"


@probe(
    "monitoring.payment-gateway",
    empty="the profile declares no Prometheus, or no gateway is in use (env.gateways.enabled)",
)
async def payment_gateways(at: Prometheus, gateways: Gateways) -> tuple[PaymentGateway, ...]:
    """Name the gateways that are in use."""
    return tuple(PaymentGateway(name, at, at=at.at) for name in gateways.enabled)


@dataclass(frozen=True)
class QueryNumber:
    """What a query gives: a value, or `gap`, why there is none. `query` is what was asked."""

    query: str
    value: float | None = None
    gap: str = ""


@dataclass(frozen=True)
class PaymentNumbers(Fact):
    """What Prometheus counts of payments: by query, by gateway."""

    found: Mapping[str, Mapping[str, QueryNumber]]


@dataclass(frozen=True)
class MessagingNumbers(Fact):
    """What Prometheus counts of messaging, by query."""

    found: Mapping[str, QueryNumber]


OF_PAYMENTS = ("payments", "succeeded", "webhooks", "webhooks_ok", "webhook_p95", "conflicts")
OF_MESSAGING = ("active", "connections", "reconnects", "messages", "message_p95", "requests", "requests_ok")


@probe("monitoring.payment-numbers")
async def payment_numbers(
    at: Prometheus, api: PrometheusApi, ask: PaymentQueries, gateways: Gateways, monitors: Monitors
) -> PaymentNumbers:
    """Ask Prometheus about payments, in one query each for all gateways."""
    found: dict[str, dict[str, QueryNumber]] = {}
    for name in OF_PAYMENTS:
        text = getattr(ask, name).replace("{window}", ask.window)
        series, gap = await _asked(at, monitors, text, api)
        found[name] = {
            gateway: _one([s for s in series if s.get(ask.label).lower() in _words(gateway, ask)], text, gap)
            for gateway in gateways.enabled
        }
    return PaymentNumbers(found)


def _words(gateway: Gateway, ask: PaymentQueries) -> frozenset[str]:
    usual = {"mtn": ("mtn_momo", "mtn-momo"), "orange": ("orange_money", "orange-money")}.get(gateway, ())
    return frozenset(word.lower() for word in (gateway, *usual, *ask.names.get(gateway, ())))


@probe("monitoring.messaging-numbers")
async def messaging_numbers(
    at: Prometheus, api: PrometheusApi, ask: MessagingQueries, monitors: Monitors
) -> MessagingNumbers:
    """Ask Prometheus about messaging."""
    found = {}
    for name in OF_MESSAGING:
        text = getattr(ask, name).replace("{window}", ask.window)
        series, gap = await _asked(at, monitors, text, api)
        found[name] = _one(list(series), text, gap)
    return MessagingNumbers(found)


async def _asked(
    at: Prometheus, monitors: Monitors, text: str, api: PrometheusApi
) -> tuple[tuple[PrometheusSeries, ...], str]:
    """Ask, and keep why there is no answer: the other queries may have one."""
    try:
        return await query(at, monitors, text, api.at), ""
    except Unavailable as trouble:
        return (), trouble.reason


def _one(series: list[PrometheusSeries], text: str, gap: str) -> QueryNumber:
    """Add up what counts for one and the same; neither nothing nor what is no number is a value."""
    if gap:
        return QueryNumber(text, gap=gap)
    if not series:
        return QueryNumber(text, gap="no series")
    if len(series) > 1 and "quantile" in text:
        return QueryNumber(text, gap=f"{len(series)} series in place of one")
    value = sum(each.value for each in series)
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN alone is not itself
        return QueryNumber(text, gap="no number (NaN)")
    return QueryNumber(text, value)
