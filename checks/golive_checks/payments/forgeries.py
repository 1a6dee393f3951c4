"""Does a forged notice of a payment change anything?"""

from collections.abc import Iterator, Mapping

from golive import Environment, Severity, Unavailable, Verdict, check, failed, not_configured, passed, unknown
from golive.wording import duration
from golive_checks.payments.words import NAMES, PATHS, unseen
from golive_checks.systems.gateways.forgeries import Forged
from golive_checks.systems.gateways.forging import Attempt, Reach
from golive_checks.systems.gateways.gateways import Gateway, in_use
from golive_checks.systems.gateways.webhooks import SIGNED, Webhook

SHOWN: Mapping[Reach, str] = {
    "refused": "refused",
    "differs": "and something else to a reference that does not exist",
    "form": "and something else to a made-up reference, perhaps for its form",
    "same": "as to a reference that does not exist",
    "missed": "in front of the app",
}
LATER = 202
"""Accepted, to be worked on at some time (RFC 9110, section 15.3.3)."""
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
        after = f"{duration(got.changed_after_s)} after a forged success at {webhook.path}"
        if got.changed and not got.waits:
            return failed(f"the order's rows are others {after}, and stay so", *evidence)
        if got.changed:
            return unknown(
                f"the order's rows are others {after}, and say still that it waits for its payment",
                *evidence,
                fix="let payments.forgery.rows_query read what is booked and no more: the order's status, its payments",
            )
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
    for method, those in came.items():
        if unproven := _unproven(webhook.gateway, those):
            return _why(webhook, method, unproven)
    return None


def _unproven(gateway: Gateway, those: list[Attempt]) -> list[Attempt]:
    """Return the attempts of which none could be shown to reach the order, where one should.

    An event of PayPal's that bears no signature is refused for that alone, and one that bears a false one may be
    verified or not: each kind must be shown. A notice of Orange's without the token may be refused for the lack of it.
    """
    marked, bare = ([each for each in those if each.marked is wanted] for wanted in (True, False))
    if gateway in SIGNED:
        return next((some for some in (marked, bare) if some and not any(each.reach in PROOF for each in some)), [])
    shown = any(each.reach == "differs" or (each.reach == "refused" and each.marked) for each in those)
    return [] if shown else those


def _why(webhook: Webhook, method: str, those: list[Attempt]) -> tuple[str, str]:
    statuses = ", ".join(map(str, sorted({each.status for each in those if each.reach != "missed"})))
    kind = "" if webhook.gateway not in SIGNED else f" with {'a false' if those[0].marked else 'no'} signature"
    same = f"{method} {webhook.path} answers {statuses} to any reference{kind}"
    more = ""
    if any(each.reach == "form" for each in those):
        same = f"what {method} {webhook.path} answers ({statuses}) may depend on the reference's form alone"
        absent = f"payments.forgery.orders.{webhook.gateway}.absent"
        more = f" Or name a reference of the same form that no order has: {absent}."
    return f"the call may not have reached the order: {same}", (
        f"Say how the app finds the order: payments.forgery.requests.{webhook.gateway} (headers, query, body), "
        f"payments.forgery.orders.{webhook.gateway}.gateway_reference, or tenancy; or name the rows that it keeps of "
        f"such calls in payments.forgery.events_query or events_command.{more}"
    )


def _evidence(webhook: Webhook, got: Forged) -> Iterator[str]:
    """Say what each forgery got, those that got the same in one line, and what stays of them."""
    forms_of: dict[tuple[str, int, str], list[str]] = {}
    for each in got.attempts:
        forms_of.setdefault((each.method, each.status, SHOWN[each.reach]), []).append(each.form)
    for (method, status, shown), forms in forms_of.items():
        yield f"{method} {webhook.path}: {status} ({shown}) to {'; '.join(forms)}"
    if any(each.status == LATER for each in got.attempts):
        seen = f"what the app does later than {duration(got.watched_s)} after its 202 was not seen"
        yield f"{seen}: let payments.forgery.watch_s be longer than its queue takes"
    if got.kept:
        yield f"{got.kept} rows of these calls stay where the app keeps its events (payments.forgery)"


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
