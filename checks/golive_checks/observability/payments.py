"""Do payments go through, are webhooks processed in time, and is somebody alerted when that changes?"""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from golive import Settings, Severity, Verdict, check, failed, passed, unknown, verdict
from golive.wording import duration, percent
from golive_checks.observability.matching import looks_at, reads
from golive_checks.observability.numbers import too_few, unseen
from golive_checks.systems.gateways.gateways import any_in_use
from golive_checks.systems.monitoring.numbers import PaymentGateway, PaymentNumbers, PaymentQueries, QueryNumber
from golive_checks.systems.monitoring.prometheus import PrometheusRule, Rules

HERE = "observability.payment_queries"


class PaymentLimits(Settings):
    """What payments' numbers must be."""

    home: ClassVar[str] = "observability.payment_limits"

    min_payments: int = Field(default=20, ge=1)
    """Fewer payments within the window say nothing."""
    min_success_rate: float = Field(default=0.9, gt=0, le=1)
    """The share that must go through. Customers who give up count against it, as with mobile money."""
    min_webhooks: int = Field(default=20, ge=1)
    """Fewer webhooks within the window say nothing."""
    max_webhook_error_rate: float = Field(default=0.01, ge=0, lt=1)
    """The share of webhooks that may fail; gateways send them again for a while."""
    max_webhook_p95_s: float = Field(default=2.0, gt=0)
    """MTN waits for 2 s."""
    max_conflict_rate: float = Field(default=0.01, ge=0, lt=1)
    """Idempotency conflicts for each payment."""


class PaymentAlert(Settings):
    """How an alert on failing payments is known."""

    home: ClassVar[str] = "observability.payment_alert"

    names: tuple[str, ...] = ()
    """Alerts that are known to look at it, whatever their expressions."""
    metric: str = "payments_total"
    """The metric that counts payments; * and ? are wild."""
    label: str = "status"
    """Its label for how a payment ended."""
    statuses: tuple[str, ...] = ("failed", "timeout")
    """What an alert must look at: each of these."""


def _of(seen: PaymentNumbers, name: str, gateway: PaymentGateway) -> QueryNumber:
    return seen.found[name][gateway.name]


@check("payments.success-rate", when=any_in_use, severity=Severity.CRITICAL, tags=("payments",))
def success_rate(gateway: PaymentGateway, seen: PaymentNumbers, ask: PaymentLimits) -> Verdict:
    """The gateway's success rate is as high as it should be.

    Why: A wrong callback, an expired key or a currency that the gateway refuses makes some payments fail, and the
    others hide it: only the rate shows that.

    Fix: Compare the gateway's own dashboard with the app's logs of failed payments; set a limit that is usual for the
    gateway under observability.payment_limits.min_success_rate.

    Source: section 6 of the checklist: gateways' success and failure rates
    """
    count, good = _of(seen, "payments", gateway), _of(seen, "succeeded", gateway)
    if few := too_few(count, ask.min_payments, "payments", f"{HERE}.payments"):
        return few
    return _share_of(good, count, ask.min_success_rate, "payments went through", f"{HERE}.succeeded")


def _share_of(good: QueryNumber, count: QueryNumber, least: float, what: str, place: str) -> Verdict:
    if good.value is None and good.gap != "no series":
        return unseen(good, place)
    whole = count.value or 0.0
    share = min((good.value or 0.0) / whole, 1.0)
    text = f"{percent(share)} of {whole:.0f} {what}"
    if good.value is None:
        return failed(f"none of {whole:.0f} {what}, according to {good.query}", fix=f"Correct the query {place}.")
    if share < least:
        return failed(f"{text}; at least {percent(least)} is required")
    return passed(f"{text}, at least {percent(least)}")


@check("payments.webhooks-healthy", when=any_in_use, tags=("payments",))
def webhooks_healthy(gateway: PaymentGateway, seen: PaymentNumbers, ask: PaymentLimits) -> Verdict:
    """The gateway's webhooks are processed without errors, and in time.

    Why: A webhook that fails is a payment that the app does not know about: the customer has paid, and gets nothing.
    Gateways wait for seconds, MTN for 2, and give up after a few attempts.

    Fix: Answer as soon as the event is stored, and process it afterwards. See the app's logs of that route.

    Source: section 6 of the checklist: webhook latency and error rates
    """
    count, good = _of(seen, "webhooks", gateway), _of(seen, "webhooks_ok", gateway)
    if few := too_few(count, ask.min_webhooks, "webhooks", f"{HERE}.webhooks"):
        return few
    booked = _share_of(good, count, 1 - ask.max_webhook_error_rate, "webhooks were booked", f"{HERE}.webhooks_ok")
    p95 = _of(seen, "webhook_p95", gateway)
    if p95.value is None:
        return booked if booked.outcome == "fail" else unseen(p95, f"{HERE}.webhook_p95")
    slow = [f"95% take up to {duration(p95.value)}; {duration(ask.max_webhook_p95_s)} is the limit"]
    fails = [booked.summary] if booked.outcome == "fail" else []
    fails += slow if p95.value > ask.max_webhook_p95_s else []
    if booked.outcome == "unknown" and not fails:
        return booked
    return verdict(fails, ok=f"{booked.summary}; 95% take up to {duration(p95.value)}", fix=booked.fix)


@check("payments.idempotent", when=any_in_use, tags=("payments",))
def idempotent(gateway: PaymentGateway, seen: PaymentNumbers, ask: PaymentLimits) -> Verdict:
    """Idempotency conflicts are rare: no key is used for two different payments.

    Why: A conflict is a second, different request under a key that is in use: a key that is not specific enough (the
    cart and not the attempt), or a client that retries with other content. Each is a payment lost, or charged twice.

    Fix: Make one key for each attempt and keep it for its retries, with exactly the same content.

    Source: section 6 of the checklist: idempotency conflicts; https://docs.stripe.com/api/idempotent_requests
    """
    count, conflicts = _of(seen, "payments", gateway), _of(seen, "conflicts", gateway)
    if few := too_few(count, ask.min_payments, "payments", f"{HERE}.payments"):
        return few
    if conflicts.value is None:
        return unseen(conflicts, f"{HERE}.conflicts")
    share = conflicts.value / (count.value or 1.0)
    text = f"{conflicts.value:.0f} conflicts with {count.value:.0f} payments"
    if share > ask.max_conflict_rate:
        return failed(f"{text}: {percent(share)}, and {percent(ask.max_conflict_rate)} is the limit")
    return passed(text)


@check("payments.spike-alerted", when=any_in_use, severity=Severity.CRITICAL, tags=("payments",))
def spike_alerted(gateway: PaymentGateway, seen: Rules, ask: PaymentAlert, queries: PaymentQueries) -> Verdict:
    """There is an alert on the gateway's failed payments and on those that time out.

    Why: When a gateway is down, its payments fail and nothing else does. Without an alert customers notice first.

    Fix: Alert on the share of payments_total with status failed and timeout, by gateway, over some minutes. If the
    metric has another name, set it under observability.payment_alert.

    Source: section 6 of the checklist: alert on a spike of paymentStatus=failed/timeout
    """
    alerting = [rule for rule in seen.found if rule.kind == "alerting"]
    words = {gateway.name, *queries.names.get(gateway.name, ())}  # type: ignore[call-overload]
    by_status: dict[str, list[str]] = {}
    for status in ask.statuses:
        by_status[status] = [
            rule.name
            for rule in alerting
            if rule.name in ask.names
            or any(_looks(rule, seen, ask, {queries.label: word, ask.label: status}) for word in words)
        ]
    missing = [status for status, names in by_status.items() if not names]
    if missing and any(rule.reads is None for rule in alerting):
        return unknown(
            "golive does not understand every alert's expression",
            fix="Name the alert in observability.payment_alert.names.",
        )
    text = ", ".join(dict.fromkeys(name for names in by_status.values() for name in names))
    fails = [f"no alert looks at {ask.metric} of {gateway.name} with {ask.label}={status}" for status in missing]
    return verdict(fails, ok=f"{text} looks at {' and '.join(ask.statuses)}")


def _looks(rule: PrometheusRule, seen: Rules, ask: PaymentAlert, labels: Mapping[str, str]) -> bool:
    """Return whether a rule reads such payments, and not all payments alone: a total of them is no failure."""
    read = [selector for selector in reads(rule, seen.found) if looks_at(selector, ask.metric, labels)]
    return any(matcher.name == ask.label for selector in read for matcher in selector.matchers)
