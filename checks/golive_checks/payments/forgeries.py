"""Does a forged notice of a payment change anything?"""

from collections.abc import Mapping

from golive import Environment, Severity, Unavailable, Verdict, check, failed, not_configured, passed, unknown
from golive_checks.payments.words import NAMES, PATHS, unseen
from golive_checks.systems.gateways.forgeries import Forged
from golive_checks.systems.gateways.gateways import Gateway, in_use
from golive_checks.systems.gateways.webhooks import Webhook

NOT_REACHED = frozenset({301, 302, 303, 307, 308, 404, 405, 502, 503, 504})
"""What is answered in front of the app's handler: redirects, no such route, no such method, no app behind the proxy."""


def _judged(gateway: Gateway, seen: Mapping[Webhook, Forged | Unavailable]) -> Verdict:
    """Judge by the rows alone: an app may well answer 200 to what it does not believe, and 401 after booking it."""
    ours = {webhook: got for webhook, got in seen.items() if webhook.gateway == gateway}
    if not ours:
        return not_configured(f"the profile names no path that {NAMES[gateway]} calls", PATHS[gateway])
    forged = {webhook: got for webhook, got in ours.items() if isinstance(got, Forged)}
    evidence = [f"{webhook.path} {name}: {s}" for webhook, got in forged.items() for name, s in got.statuses.items()]
    for webhook, got in forged.items():
        if got.changed:
            after = f"{got.changed_after_s:g} s after a forged success at {webhook.path}"
            return failed(f"the order's rows are others {after}", *evidence)
    gaps = [got for got in ours.values() if isinstance(got, Unavailable)]
    if gaps:
        return unseen(gaps[0])
    astray = [w.path for w, got in forged.items() if got.statuses and set(got.statuses.values()) <= NOT_REACHED]
    if astray:
        fix = "See webhook.reaches-app: a forgery that the app never got proves nothing."
        return unknown(f"the forged success at {astray[0]} did not reach the app", *evidence, fix=fix)
    watched = min(got.watched_s for got in forged.values())
    return passed(f"the order's rows are as they were, {watched:g} s after a forged success", *evidence)


@check("paypal.forgery-refused", when=in_use("paypal"), severity=Severity.CRITICAL, tags=("webhook",))
def paypal(env: Environment, seen: Mapping[Webhook, Forged | Unavailable]) -> Verdict:
    """A forged success of PayPal's changes no order.

    Why: Whoever knows an order's number could pay it with a single call: the event's signature must be verified, and
    the amount asked of PayPal itself.

    Fix: Verify each event with POST /v1/notifications/verify-webhook-signature, then get the capture from PayPal and
    compare amount, currency and order before anything is booked.

    Source: https://developer.paypal.com/api/rest/webhooks/rest
    """
    return _judged("paypal", seen)


@check("mtn.forgery-refused", when=in_use("mtn"), severity=Severity.CRITICAL, tags=("webhook",))
def mtn(env: Environment, seen: Mapping[Webhook, Forged | Unavailable]) -> Verdict:
    """A forged success of MTN's changes no order, by POST or by PUT.

    Why: MTN signs nothing: whoever knows the URL can send a callback that looks like MTN's.

    Fix: Take a callback as a hint alone: ask GET /collection/v1_0/requesttopay/{referenceId} for the status, amount and
    currency, and book by that.

    Source: https://momodeveloper.mtn.com/api-documentation/callback
    """
    return _judged("mtn", seen)


@check("orange.forgery-refused", when=in_use("orange"), severity=Severity.CRITICAL, tags=("webhook",))
def orange(env: Environment, seen: Mapping[Webhook, Forged | Unavailable]) -> Verdict:
    """A forged success of Orange's changes no order.

    Why: WebPay signs nothing: the notif_token that came with the payment is all that tells its notices from others'.

    Fix: Compare the notif_token with the one stored for the payment, then ask `transactionstatus` for the order, and
    book by that.

    Source: https://developer.orange.com/apis/om-webpay
    """
    return _judged("orange", seen)
