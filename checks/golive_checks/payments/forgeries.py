"""Does a forged notice of a payment change anything?"""

from collections.abc import Iterator, Mapping

from golive import Environment, Severity, Unavailable, Verdict, check, failed, not_configured, passed, unknown
from golive.wording import duration
from golive_checks.payments.words import NAMES, PATHS, unseen
from golive_checks.systems.gateways.forgeries import Forged
from golive_checks.systems.gateways.forging import Attempt, Reach
from golive_checks.systems.gateways.gateways import Gateway, in_use
from golive_checks.systems.gateways.webhooks import Webhook

SHOWN: Mapping[Reach, str] = {
    "refused": "refused",
    "differs": "and something else to a reference that does not exist",
    "same": "as to a reference that does not exist",
    "missed": "in front of the app",
}
PROOF = frozenset({"refused", "differs"})
"""What shows that a forgery could have reached the order: see `Reach`."""


def _judged(gateway: Gateway, seen: Mapping[Webhook, Forged | Unavailable]) -> Verdict:
    """Judge by the rows, and believe that they are as they were only where the forgery could have changed them."""
    ours = {webhook: got for webhook, got in seen.items() if webhook.gateway == gateway}
    if not ours:
        return not_configured(f"the profile names no path that {NAMES[gateway]} calls", PATHS[gateway])
    forged = {webhook: got for webhook, got in ours.items() if isinstance(got, Forged)}
    evidence = [line for webhook, got in forged.items() for line in _evidence(webhook, got)]
    for webhook, got in forged.items():
        if got.changed:
            after = f"{duration(got.changed_after_s)} after a forged success at {webhook.path}"
            return failed(f"the order's rows are others {after}, and stay so", *evidence)
    gaps = [got for got in ours.values() if isinstance(got, Unavailable)]
    if gaps:
        return unseen(gaps[0])
    for webhook, got in forged.items():
        if doubt := _doubt(webhook, got):
            return unknown(doubt[0], *evidence, fix=doubt[1])
    watched = min(got.watched_s for got in forged.values())
    return passed(f"the order's rows are as they were, {duration(watched)} after forged successes", *evidence)


def _doubt(webhook: Webhook, got: Forged) -> tuple[str, str] | None:
    """Say why a forgery that changed nothing proves nothing, and what to do about it; None where it proves much."""
    by_method: dict[str, list[Attempt]] = {}
    for attempt in got.attempts:
        by_method.setdefault(attempt.method, []).append(attempt)
    came = {method: those for method, those in by_method.items() if any(each.reach != "missed" for each in those)}
    if got.attempts and not came:
        fix = "See webhook.reaches-app: a forgery that the app never got proves nothing."
        return f"the forged success at {webhook.path} did not reach the app", fix
    if got.kept:
        return None
    unproven = [method for method, those in came.items() if not any(each.reach in PROOF for each in those)]
    if not unproven:
        return None
    statuses = sorted({each.status for each in came[unproven[0]] if each.reach != "missed"})
    same = f"{unproven[0]} {webhook.path} answers {', '.join(map(str, statuses))} to any reference"
    return f"the call may not have reached the order: {same}", (
        f"Say how the app finds the order: payments.forgery.requests.{webhook.gateway} (headers, query, body), "
        f"payments.forgery.orders.{webhook.gateway}.gateway_reference, or tenancy; or name the rows that it keeps of "
        "such calls in payments.forgery.events_query."
    )


def _evidence(webhook: Webhook, got: Forged) -> Iterator[str]:
    """Say what each forgery got, those that got the same in one line, and what stays of them."""
    forms_of: dict[tuple[str, int, str], list[str]] = {}
    for each in got.attempts:
        forms_of.setdefault((each.method, each.status, SHOWN[each.reach]), []).append(each.form)
    for (method, status, shown), forms in forms_of.items():
        yield f"{method} {webhook.path}: {status} ({shown}) to {'; '.join(forms)}"
    if got.kept:
        yield f"{got.kept} rows of these calls stay in what payments.forgery.events_query reads"


@check("paypal.forgery-refused", when=in_use("paypal"), severity=Severity.CRITICAL, tags=("webhook",))
def paypal(env: Environment, seen: Mapping[Webhook, Forged | Unavailable]) -> Verdict:
    """A forged PayPal success notice changes no order.

    Why: Without this, anyone who knows an order's number pays it with a single call: the event's signature must be
    verified, and the amount fetched from PayPal itself.

    Fix: Verify each event with POST /v1/notifications/verify-webhook-signature, then get the capture from PayPal and
    compare amount, currency and order before booking anything.

    Source: https://developer.paypal.com/api/rest/webhooks/rest
    """
    return _judged("paypal", seen)


@check("mtn.forgery-refused", when=in_use("mtn"), severity=Severity.CRITICAL, tags=("webhook",))
def mtn(env: Environment, seen: Mapping[Webhook, Forged | Unavailable]) -> Verdict:
    """A forged MTN success notice changes no order, by POST or by PUT.

    Why: MTN signs nothing: whoever knows the URL can send a callback that looks like MTN's.

    Fix: Treat a callback only as a hint: ask GET /collection/v1_0/requesttopay/{referenceId} for the status, amount and
    currency, and book by that.

    Source: https://momodeveloper.mtn.com/api-documentation/callback
    """
    return _judged("mtn", seen)


@check("orange.forgery-refused", when=in_use("orange"), severity=Severity.CRITICAL, tags=("webhook",))
def orange(env: Environment, seen: Mapping[Webhook, Forged | Unavailable]) -> Verdict:
    """A forged Orange success notice changes no order.

    Why: WebPay signs nothing: only the notif_token that came with the payment distinguishes its notices from forged
    ones.

    Fix: Compare the notif_token with the one stored for the payment, then ask `transactionstatus` for the order, and
    book by that.

    Source: https://developer.orange.com/apis/om-webpay
    """
    return _judged("orange", seen)
