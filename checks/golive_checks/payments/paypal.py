"""Are PayPal's credentials those of this environment, and does the app get notices of payments?"""

from collections.abc import Mapping

from golive import Environment, Severity, Unavailable, Verdict, check, failed, not_applicable, passed, unknown, verdict
from golive_checks.payments.words import kind_of, nearly, same_url, unseen, urls_of
from golive_checks.subjects import Host
from golive_checks.systems.gateways.gateways import in_use
from golive_checks.systems.gateways.paypal import PayPal, PayPalLogin, PayPalWebhooks
from golive_checks.systems.http.origins import Origin


@check("paypal.credentials-work", when=in_use("paypal"), severity=Severity.CRITICAL)
def credentials_work(env: Environment, seen: PayPalLogin) -> Verdict:
    """PayPal accepts the client id and secret.

    Why: With revoked credentials, or those of the other environment, no order can be created. PayPal refuses sandbox
    credentials at its live host, and vice versa, with the same message as for wrong ones.

    Fix: Copy both from https://developer.paypal.com/dashboard/applications, from the tab of this environment's mode.

    Source: https://developer.paypal.com/api/rest/authentication
    """
    if seen.refused:
        return failed(f"PayPal refuses the credentials at {seen.host} ({seen.refused})")
    return passed(f"{seen.host} accepts them")


@check("paypal.mode-matches", when=in_use("paypal"), severity=Severity.CRITICAL)
def mode_matches(env: Environment, seen: PayPalLogin) -> Verdict:
    """PayPal's mode is this environment's: live in production, the sandbox elsewhere.

    Why: In the sandbox nobody pays; live payments in staging move real money.

    Fix: Set PAYPAL_ENV and the credentials to this environment's mode, both together.

    Source: https://developer.paypal.com/api/rest/sandbox
    """
    wanted = "live" if env.production else "sandbox"
    mode = {"production": "live"}.get(seen.mode, seen.mode)
    fails = [f"the app is set to {seen.mode}, and {kind_of(env)}"] if mode and mode != wanted else []
    if seen.host_mode and seen.host_mode != wanted:
        fails.append(f"{seen.host} is the host of {seen.host_mode} mode, and {kind_of(env)}")
    if fails:
        return verdict(fails, ok="")
    if not (mode or seen.host_mode):
        return unknown(f"{seen.host} is not PayPal's: its mode is not known", fix="set paypal.mode")
    if seen.refused:
        return unknown("no credentials were taken there", fix="see paypal.credentials-work")
    return passed(f"{wanted}: its credentials are taken at {seen.host}")


@check("paypal.webhook-registered", when=in_use("paypal"), severity=Severity.CRITICAL, tags=("webhook",))
def webhook_registered(
    env: Environment,
    seen: PayPalLogin,
    webhooks: PayPalWebhooks | Unavailable,
    hosts: Mapping[Host, Origin],
    ask: PayPal,
) -> Verdict:
    """PayPal sends its events to the app's webhook, with the webhook id that the app verifies with.

    Why: A buyer's approval is not a payment: only PAYMENT.CAPTURE.COMPLETED says that the money has arrived. An event's
    signature covers the webhook's id, so with another id the app rejects every event.

    Fix: Register the URL with its events at https://developer.paypal.com/dashboard/applications, and copy its id to
    PAYPAL_WEBHOOK_ID.

    Source: https://developer.paypal.com/api/webhooks/v1; https://developer.paypal.com/api/rest/webhooks/event-names
    """
    if isinstance(webhooks, Unavailable):
        return unseen(webhooks)
    urls = urls_of(hosts, ask.webhook_path)
    if not urls:
        return not_applicable("no host of role api has a webhook for PayPal (paypal.webhook_path)")
    here = [webhook for webhook in webhooks.found if any(same_url(webhook.url, url) for url in urls)]
    if not here:
        listed = [f"{webhook.id} goes to {webhook.url}" for webhook in webhooks.found[:10]]
        near = next((f": {w.id} has {how}" for w in webhooks.found if (how := nearly(w.url, urls))), "")
        return failed(f"none of {len(webhooks.found)} webhooks is at {urls[0]}{near}", *listed)
    events = {event for webhook in here for event in webhook.events}
    lacking = [event for event in ask.required_events if not {event, "*"} & events]
    unwanted = [event for event in ask.wanted_events if not {event, "*"} & events]
    fails = [f"it is not subscribed to {event}" for event in lacking]
    if ask.webhook_id and ask.webhook_id not in {webhook.id for webhook in here}:
        fails.append(f"the app verifies with another webhook's id than {here[0].id}")
    return verdict(fails, [f"it is not subscribed to {e}" for e in unwanted], ok=f"{here[0].url} is registered")
