"""What can be wrong with the gateways: their accounts, keys and webhooks, and how the API takes their calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.world.gateways.paypal import EVENTS as PAYPAL_EVENTS
from golive_lab.world.gateways.stripe import EVENTS, ORGANIZATION_KEY, StripeEndpoint, StripeSide
from golive_lab.world.names import API
from golive_lab.world.tls import Chain

if TYPE_CHECKING:
    from golive_lab.world import World

Change = Callable[["World"], "World"]

REGISTERED, SUBSCRIBED, PINNED = "stripe.endpoint-registered", "stripe.events-subscribed", "stripe.version-pinned"
DELIVERED, ENFORCED, REACHES = "stripe.deliveries-clean", "stripe.signature-enforced", "webhook.reaches-app"
KEY, READY, SEPARATED = "stripe.key-works", "stripe.account-ready", "stripe.accounts-separated"
PAYPAL_KEY, PAYPAL_MODE, PAYPAL_HOOK = "paypal.credentials-work", "paypal.mode-matches", "paypal.webhook-registered"
MTN_KEY, MTN_MODE, MTN_BACK = "mtn.credentials-work", "mtn.mode-matches", "mtn.callback-declared"
ISSUER, ORANGE_KEY, ORANGE_MODE = "mtn.callback-issuer-approved", "orange.credentials-work", "orange.mode-matches"
NOTIFY, KNOWN = "orange.notify-url-declared", "orange.api-known"
SIMULATORS, CURRENCY = "payments.simulators-closed", "payments.currency-supported"
RAW_BODY = "proxy.raw-body-kept"
OF_ENDPOINT = (SUBSCRIBED, PINNED, DELIVERED)
"""What there is nothing to say of while no endpoint brings events."""
AGREES, STUCK = "payments.ledger-agrees", "payments.none-stuck"
OF_LEDGER = (AGREES, STUCK)
"""What there is nothing to say of while a gateway does not answer for its payments."""
OF_KEY = (REGISTERED, *OF_ENDPOINT, READY, SEPARATED, AGREES, "stripe.amount-asked")
HOUR, DAY = 3600, 86400


def stripe(**changes: Any) -> Change:
    """Change Stripe's side, and nothing else."""
    return lambda w: replace(w, payments=replace(w.payments, stripe=replace(w.payments.stripe, **changes)))


def endpoint(**changes: Any) -> Change:
    """Change the webhook endpoint at Stripe."""
    return stripe(endpoints=(replace(StripeEndpoint(), **changes),))


def paypal(**changes: Any) -> Change:
    """Change PayPal's side, and nothing else."""
    return lambda w: replace(w, payments=replace(w.payments, paypal=replace(w.payments.paypal, **changes)))


def mtn(**changes: Any) -> Change:
    """Change MTN's side, and nothing else."""
    return lambda w: replace(w, payments=replace(w.payments, mtn=replace(w.payments.mtn, **changes)))


def orange(**changes: Any) -> Change:
    """Change Orange's side, and nothing else."""
    return lambda w: replace(w, payments=replace(w.payments, orange=replace(w.payments.orange, **changes)))


def in_profile(**changes: str) -> Change:
    """Change what the profile says of the gateways."""
    return lambda w: replace(w, payments=replace(w.payments, in_profile=replace(w.payments.in_profile, **changes)))


def taken(**changes: Any) -> Change:
    """Change how the API takes calls, and nothing else."""
    return lambda w: replace(w, app=replace(w.app, callbacks=replace(w.app.callbacks, **changes)))


def both(one: Change, other: Change) -> Change:
    """Change two things that go together."""
    return lambda world: other(one(world))


ELSEWHERE = "https://old.demo.test/webhooks/stripe"
OTHERS = tuple(StripeEndpoint(f"we_{n:02}", f"https://shop-{n:02}.demo.test/hook") for n in range(40))
MANY = tuple(StripeEndpoint(f"we_{n:03}", f"https://shop-{n:03}.demo.test/hook") for n in range(130))
THIN = StripeEndpoint("ed_1GoliveLab", payload="thin", events=tuple(f"v1.{event}" for event in EVENTS[1:]))
SECOND = StripeEndpoint("we_2GoliveLab", "https://reports.demo.test/stripe")

VERIFIERS = {
    "none": ("accepts every event", (RAW_BODY,)),
    "unsigned passes": ("accepts what has no signature", ()),
    "malformed passes": ("accepts a signature that it cannot read", ()),
    "any signature": ("accepts a signature of another secret, and over another body", (RAW_BODY,)),
    "part of a signature": ("compares no more than the beginning of a signature", ()),
    "any age": ("accepts an event of an hour ago", ()),
    "first signature alone": ("rejects events while the secret is rolled", ()),
}
"""Each broken verifier: what it does, and the other checks that it leaves in the dark."""

FRONTS = {
    "slash": "Orange's path is redirected to itself with a slash",
    "wall": "A password is required before Orange's path",
    "locked": "The edge answers 403 to every path like Orange's",
    "challenge": "A bot challenge is in front of Orange's path",
    "page": "Orange's path is answered by the front end's page",
    "down": "Orange's path is answered 502",
}

FAULTS: tuple[Fault, ...] = (
    Fault("stripe.disabled", REGISTERED, "Stripe has disabled the endpoint", endpoint(status="disabled"), OF_ENDPOINT),
    Fault("stripe.other-url", REGISTERED, "The endpoint is another host's", endpoint(url=ELSEWHERE), OF_ENDPOINT),
    Fault(
        "stripe.slash",
        REGISTERED,
        "The endpoint's URL ends in a slash, and the app's does not",
        endpoint(url=f"{StripeEndpoint().url}/"),
        OF_ENDPOINT,
    ),
    Fault("stripe.no-endpoint", REGISTERED, "Nothing is registered", stripe(endpoints=()), OF_ENDPOINT),
    Fault(
        "stripe.forty-others",
        REGISTERED,
        "Forty endpoints, and none is the app's",
        stripe(endpoints=OTHERS),
        OF_ENDPOINT,
    ),
    Fault(
        "stripe.doubled-on-page-2",
        REGISTERED,
        "The endpoint is there twice, on the second page of the list",
        stripe(endpoints=(*MANY, StripeEndpoint(), StripeEndpoint("we_9GoliveLab"))),
    ),
    Fault(
        "stripe.connected-alone",
        REGISTERED,
        "The endpoint brings the events of connected accounts and not the account's own",
        endpoint(application="ca_GoliveLab"),
        OF_ENDPOINT,
    ),
    Fault(
        "stripe.destination-of-accounts",
        REGISTERED,
        "An event destination brings the events of connected accounts alone",
        stripe(endpoints=(), destinations=(StripeEndpoint("ed_1GoliveLab", events_from=("@accounts",)),)),
        OF_ENDPOINT,
    ),
    Fault(
        "stripe.destination-disabled",
        REGISTERED,
        "The event destination is disabled",
        stripe(endpoints=(), destinations=(StripeEndpoint("ed_1GoliveLab", status="disabled"),)),
        OF_ENDPOINT,
    ),
    Fault(
        "stripe.destination-doubles",
        REGISTERED,
        "An event destination brings each event once more",
        stripe(destinations=(StripeEndpoint("ed_1GoliveLab"),)),
    ),
    Fault(
        "stripe.thin-without-success",
        SUBSCRIBED,
        "Thin events come, and none of a success",
        stripe(endpoints=(), destinations=(THIN,)),
        (PINNED,),
    ),
    Fault("stripe.livemode", REGISTERED, "The endpoint is in live mode", endpoint(livemode=True)),
    Fault(
        "stripe.endless",
        REGISTERED,
        "The list of endpoints has no end",
        stripe(mood="endless"),
        (*OF_ENDPOINT, AGREES),
        outcome="unknown",
    ),
    Fault(
        "stripe.may-not-list",
        REGISTERED,
        "The restricted key may not list endpoints",
        stripe(restricted_from=("webhook_read",)),
        OF_ENDPOINT,
        outcome="unknown",
    ),
    Fault(
        "stripe.no-success",
        SUBSCRIBED,
        "Nothing is subscribed to payment_intent.succeeded",
        endpoint(events=EVENTS[1:]),
    ),
    Fault(
        "stripe.no-disputes",
        SUBSCRIBED,
        "Nothing is subscribed to charge.dispute.created",
        endpoint(events=EVENTS[:-1]),
        outcome="warn",
    ),
    Fault(
        "stripe.unpinned",
        PINNED,
        "The endpoint follows the account's version",
        endpoint(api_version=None),
        outcome="warn",
    ),
    Fault(
        "stripe.other-train",
        PINNED,
        "The endpoint sends a version of the release train before",
        endpoint(api_version="2026-08-26.dahlia"),
    ),
    Fault("stripe.older-version", PINNED, "The endpoint sends an older version", endpoint(api_version="2024-06-20")),
    Fault(
        "stripe.undelivered",
        DELIVERED,
        "A success of five hours ago has not arrived",
        stripe(undelivered=((EVENTS[0], 5 * HOUR),)),
    ),
    Fault(
        "stripe.undelivered-somewhere",
        DELIVERED,
        "An event has not arrived, at one of two endpoints",
        stripe(endpoints=(StripeEndpoint(), SECOND), undelivered=((EVENTS[0], 2 * DAY),)),
        outcome="warn",
    ),
    Fault(
        "stripe.may-not-list-events",
        DELIVERED,
        "The restricted key may not list events",
        stripe(restricted_from=("event_read",)),
        outcome="unknown",
    ),
    *(
        Fault(
            f"stripe.verifier-{name.replace(' ', '-')}",
            ENFORCED,
            f"The webhook {does}",
            taken(stripe=name),
            (*also, *((REACHES,) if name in {"none", "unsigned passes"} else ())),
        )
        for name, (does, also) in VERIFIERS.items()
    ),
    *(
        Fault(
            f"webhook.{name}",
            REACHES,
            title,
            taken(front=name),
            ("orange.forgery-refused",),  # which never comes as far as the app
        )
        for name, title in FRONTS.items()
    ),
    Fault(
        "webhook.https-alone",
        REACHES,
        "Port 80 redirects MTN's path too, and MTN's sandbox calls over http",
        lambda world: replace(world, web=replace(world.web, plain=replace(world.web.plain, takes_callbacks=False))),
    ),
    Fault("webhook.no-put", REACHES, "MTN's path answers 405 to PUT", taken(refuses_puts=True)),
    Fault("webhook.slow", REACHES, "MTN's path takes 3 s", taken(delay_s=3.0)),
    Fault(
        "webhook.crashes",
        REACHES,
        "PayPal's path fails over an unsigned call",
        taken(crashes=True),
        ("paypal.forgery-refused",),  # an app that fails over any call shows nothing
        outcome="warn",
    ),
    Fault(
        "webhook.no-route",
        REACHES,
        "Orange has a path that the app does not serve",
        in_profile(orange_path="/webhooks/om"),
        ("orange.forgery-refused",),
    ),
    Fault("stripe.expired-key", KEY, "The key has expired", stripe(key_state="api_key_expired"), OF_KEY),
    Fault(
        "stripe.organization-without-account",
        KEY,
        "The key is an organization's, and no account is named",
        in_profile(stripe_key=ORGANIZATION_KEY),
        OF_KEY,
        outcome="unknown",
    ),
    Fault(
        "stripe.account-of-another-organization",
        KEY,
        "The key is an organization's, and the account is another's",
        in_profile(stripe_key=ORGANIZATION_KEY, stripe_context="acct_1GoliveLabOther"),
        OF_KEY,
    ),
    Fault("stripe.no-charges", READY, "The account takes no charges", stripe(charges_enabled=False)),
    Fault("stripe.no-payouts", READY, "The account is not paid out", stripe(payouts_enabled=False)),
    Fault("stripe.past-due", READY, "Stripe waits for an answer", stripe(past_due=("company.tax_id",))),
    Fault(
        "stripe.currently-due",
        READY,
        "Stripe asks for an answer",
        stripe(currently_due=("external_account",)),
        outcome="warn",
    ),
    Fault(
        "stripe.restricted",
        READY,
        "The restricted key may not read the account",
        stripe(restricted_from=("accounts_kyc_id_numbers_read",)),
        (SEPARATED,),
        outcome="unknown",
    ),
    Fault(
        "stripe.hundredfold",
        "stripe.amount-asked",
        "Stripe is asked for a hundred times the price of an order in XOF",
        taken(asks="a hundred times the price"),
    ),
    Fault(
        "stripe.shared-account",
        SEPARATED,
        "Staging has the same account",
        in_profile(stripe_other=StripeSide().account),
    ),
    Fault(
        "paypal.refused",
        PAYPAL_KEY,
        "PayPal refuses the credentials",
        paypal(credentials_good=False),
        (PAYPAL_MODE, PAYPAL_HOOK, AGREES),
    ),
    Fault("paypal.live", PAYPAL_MODE, "PayPal is live, and no production", in_profile(paypal_mode="live")),
    Fault("paypal.no-webhook", PAYPAL_HOOK, "No webhook is registered with PayPal", paypal(webhook_url="")),
    Fault(
        "paypal.other-webhook",
        PAYPAL_HOOK,
        "PayPal's webhook goes to another host",
        paypal(webhook_url="https://old.demo.test/webhooks/paypal"),
    ),
    Fault(
        "paypal.other-id",
        PAYPAL_HOOK,
        "The app verifies with another webhook's id",
        paypal(webhook_id="0AB12345CD678901E"),
    ),
    Fault("paypal.no-captures", PAYPAL_HOOK, "PayPal reports no captures", paypal(events=PAYPAL_EVENTS[1:])),
    Fault(
        "paypal.no-refunds",
        PAYPAL_HOOK,
        "PayPal reports no disputes",
        paypal(events=PAYPAL_EVENTS[:-1]),
        outcome="warn",
    ),
    Fault(
        "paypal.expired-token",
        PAYPAL_HOOK,
        "The token has expired at once",
        paypal(mood="expired token"),
        (AGREES,),
        outcome="unknown",
    ),
    Fault("mtn.refused", MTN_KEY, "MTN refuses the key", mtn(credentials_good=False), (MTN_MODE, MTN_BACK, *OF_LEDGER)),
    Fault(
        "mtn.not-subscribed",
        MTN_KEY,
        "The subscription has ended",
        mtn(subscribed=False),
        (MTN_MODE, MTN_BACK, *OF_LEDGER),
    ),
    Fault(
        "mtn.country",
        MTN_MODE,
        "The target is a country's, and no production",
        both(
            mtn(targets=("sandbox", "mtnguineaconakry")), in_profile(mtn_target="mtnguineaconakry", mtn_currency="GNF")
        ),
    ),
    Fault(
        "mtn.production",
        MTN_MODE,
        "The target is `production`",
        in_profile(mtn_target="production"),
        (CURRENCY, *OF_LEDGER),
    ),
    Fault("mtn.not-allowed", MTN_MODE, "MTN does not let the user into the target", mtn(targets=()), OF_LEDGER),
    Fault("mtn.other-host", MTN_BACK, "MTN calls back another host", mtn(callback_host="old.demo.test"), (ISSUER,)),
    Fault(
        "mtn.other-intermediate",
        ISSUER,
        "The API's certificate comes from an intermediate that MTN does not know",
        lambda world: replace(world, tls=replace(world.tls, chains={API: Chain(issuer="other")})),
        ("tls.issuer-expected", "dns.caa-permits-renewal"),
    ),
    Fault(
        "mtn.old-list", ISSUER, "The list of intermediates is old", in_profile(mtn_list_of="1900-01-01"), outcome="warn"
    ),
    Fault("orange.refused", ORANGE_KEY, "Orange refuses the credentials", orange(credentials_good=False), (AGREES,)),
    Fault(
        "orange.country",
        ORANGE_MODE,
        "The country is a real one, and no production",
        in_profile(orange_country="gn", orange_currency="GNF"),
    ),
    Fault("orange.live", ORANGE_MODE, "Orange is live, and no production", in_profile(orange_mode="production")),
    Fault(
        "orange.long-url",
        NOTIFY,
        "The notif_url is longer than Orange takes",
        in_profile(orange_path="/webhooks/orange?" + "x" * 120),
        (REACHES, "orange.forgery-refused"),
        outcome="warn",
    ),
    Fault(
        "orange.unknown-country",
        KNOWN,
        "There is no such country",
        in_profile(orange_country="zz"),
        (ORANGE_MODE, CURRENCY),
    ),
    *(
        Fault(
            f"{gateway}.forgery-{how.replace(' ', '-')}",
            f"{gateway}.forgery-refused",
            f"A forged success of {gateway}'s is booked" + (", and answered 401" if "refuses" in how else ""),
            taken(**{gateway: how}),
            (REACHES,) if (gateway, how) in {("paypal", "believes"), ("mtn", "believes and refuses")} else (),
        )
        for gateway in ("paypal", "mtn", "orange")
        for how in ("believes", "believes and refuses")
    ),
    *(
        Fault(
            f"{gateway}.forgery-passed-over",
            f"{gateway}.forgery-refused",
            f"{gateway}'s calls are answered 200 and connected with no order",
            taken(**{gateway: "passes over"}),
            (REACHES,) if gateway == "paypal" else (),
            outcome="unknown",
        )
        for gateway in ("paypal", "mtn", "orange")
    ),
    Fault("payments.simulator-open", SIMULATORS, "The simulator answers", taken(simulator="open")),
    Fault("payments.simulator-guarded", SIMULATORS, "The simulator needs a login", taken(simulator="behind a login")),
    Fault("payments.xof-on-paypal", CURRENCY, "PayPal is to charge in XOF", in_profile(paypal_currency="XOF")),
    Fault("payments.gnf-in-sandbox", CURRENCY, "MTN's sandbox is to charge in GNF", in_profile(mtn_currency="GNF")),
)
