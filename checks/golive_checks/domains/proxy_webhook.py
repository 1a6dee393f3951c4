"""Do signed webhooks reach the code that verifies them byte for byte?"""

from golive import Severity, Verdict, check, failed, not_applicable, passed, unknown
from golive_checks.subjects import Host
from golive_checks.systems.gateways.gateways import in_use
from golive_checks.systems.gateways.stripe_deliveries import NO_VERSION
from golive_checks.systems.gateways.stripe_events import PLAIN
from golive_checks.systems.gateways.webhook import FORGED, WebhookAnswers


@check("proxy.raw-body-kept", when=in_use("stripe"), severity=Severity.CRITICAL, tags=("webhook",))
def raw_body_kept(host: Host, got: WebhookAnswers) -> Verdict:
    """The webhook verifies the bytes that were sent, not JSON re-serialised from them.

    Why: A signature is over bytes. If a proxy or a body parser decodes them first, most events still pass, and those
    with an accent, an escape or other spacing are rejected: payments are taken and never booked.

    Fix: Verify over the raw body: in Express mount `express.raw({type: 'application/json'})` on the webhook's path
    before any `express.json()`; in NestJS `rawBody: true`; let no proxy touch the body.

    Source: https://docs.stripe.com/webhooks#verify-official-libraries
    """
    if not got.statuses:
        return not_applicable("the profile names no Stripe webhook of this host")
    statuses = dict(got.statuses)
    forged, plain = statuses.pop(FORGED), statuses.pop(PLAIN)
    evidence = [f"{name}: {status}" for name, status in got.statuses.items()]
    # Where forged and genuine events get the same answer, no answer can depend on the body.
    if plain == forged:
        what = "accepts an event with a forged signature" if plain < 300 else "rejects a well-signed event too"  # noqa: PLR2004 - success
        fix = (
            NO_VERSION
            if plain >= 300 and not got.api_version  # noqa: PLR2004 - likewise
            else "verify the signature before anything else is done"
            if plain < 300  # noqa: PLR2004 - likewise
            else "compare stripe.webhook_secret with the API's own STRIPE_WEBHOOK_SECRET"
        )
        return unknown(f"{got.path} {what} ({plain}): that says nothing about the body", *evidence, fix=fix)
    rejected = [name for name, status in statuses.items() if status != plain]
    if rejected:
        text = f"rejects well-signed events whose JSON has odd {', '.join(rejected)}"
        return failed(f"{got.path} {text} ({statuses[rejected[0]]} instead of {plain})", *evidence)
    return passed(f"{got.path} accepts odd {', '.join(statuses)} like any other signed event ({plain})", *evidence)
