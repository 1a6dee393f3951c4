from collections.abc import Mapping
from dataclasses import replace

import pytest

from golive import Environment, Outcome, Unavailable
from golive_checks.payments.stripe_webhook import (
    deliveries_clean,
    endpoint_registered,
    events_subscribed,
    signature_enforced,
    version_pinned,
)
from golive_checks.subjects import Host
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_account import StripeAccess
from golive_checks.systems.gateways.stripe_deliveries import (
    Destination,
    StripeDestinations,
    StripeUndelivered,
    Undelivered,
    version_of,
)
from golive_checks.systems.gateways.stripe_signature import ACCEPTED, REJECTED, SignatureAnswers
from golive_checks.systems.gateways.webhooks import Callbacks
from golive_checks.systems.http.origins import Origin

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
STAGING, LIVE = Environment("staging"), Environment("production", production=True)
API = Host("api.x.test", role="api")
HOSTS = {API: Origin("https://api.x.test"), Host("app.x.test", role="app"): Origin("https://app.x.test")}
URL = "https://api.x.test/webhooks/stripe"
ASK = Stripe(webhook_path="/webhooks/stripe")
IN_USE = StripeAccess(mode="test")
EVENTS = (*ASK.needed_events, *ASK.wanted_events)
ONE = Destination("we_1", URL, enabled=True, livemode=False, api_version="2026-05-27.dahlia", events=EVENTS)
OFF = replace(ONE, id="we_2", enabled=False)
GAP = Unavailable("the restricted key may not read Stripe's webhook endpoints", fix="grant it")


def places(*found: Destination) -> StripeDestinations:
    return StripeDestinations(found)


def at(url: str) -> Destination:
    return replace(ONE, id="we_9", url=url)


REGISTERED: Mapping[str, tuple[Outcome, str, StripeDestinations | Unavailable, Environment]] = {
    "registered": (PASS, f"{URL} is registered and enabled", places(ONE), STAGING),
    "in another spelling of the host": (
        PASS,
        "is registered",
        places(at("https://API.x.test:443/webhooks/stripe")),
        STAGING,
    ),
    "among forty": (PASS, "is registered", places(*(at(f"https://x{n}.test/") for n in range(40)), ONE), STAGING),
    "beside a disabled one": (PASS, "is registered", places(ONE, OFF), STAGING),
    "an upgrade": (
        PASS,
        "2 of them, of different versions: an upgrade",
        places(ONE, replace(ONE, api_version="2025-01-01")),
        STAGING,
    ),
    "doubled": (FAIL, "2 endpoints of one version (2026-05-27.dahlia)", places(ONE, replace(ONE, id="we_2")), STAGING),
    "doubled, unpinned": (FAIL, "that of the account", places(*[replace(ONE, api_version="")] * 2), STAGING),
    "disabled": (FAIL, "is disabled", places(OFF), STAGING),
    "none": (FAIL, "none of 0 endpoints", places(), STAGING),
    "another host": (
        FAIL,
        f"none of 1 endpoints is at {URL}",
        places(at("https://other.test/webhooks/stripe")),
        STAGING,
    ),
    "a slash": (FAIL, "we_9 has a slash at its end", places(at(URL + "/")), STAGING),
    "http": (FAIL, "we_9 has http in place of https", places(at(URL.replace("https", "http"))), STAGING),
    "another path": (FAIL, "we_9 has another path, /hooks", places(at("https://api.x.test/hooks")), STAGING),
    "another case of the path": (FAIL, "none of 1", places(at("https://api.x.test/Webhooks/stripe")), STAGING),
    "to a bus": (FAIL, "none of 1", places(at("")), STAGING),
    "test mode in production": (FAIL, "we_1 is of test mode, and production is production", places(ONE), LIVE),
    "live mode in staging": (FAIL, "is of live mode", places(replace(ONE, livemode=True)), STAGING),
    "not seen": (UNKNOWN, "may not read", GAP, STAGING),
    "beside connected accounts'": (PASS, "is registered", places(ONE, replace(ONE, id="we_2", own=False)), STAGING),
    "connected accounts' alone": (FAIL, "none of 1 endpoints", places(replace(ONE, own=False)), STAGING),
    "thin beside a snapshot": (PASS, "an upgrade", places(ONE, replace(ONE, id="ed_1", thin=True)), STAGING),
    "destinations not seen": (UNKNOWN, "were not seen: x", StripeDestinations((ONE,), "x"), STAGING),
}


@pytest.mark.parametrize(("outcome", "summary", "seen", "env"), REGISTERED.values(), ids=REGISTERED)
def test_where_events_go(
    outcome: Outcome, summary: str, seen: StripeDestinations | Unavailable, env: Environment
) -> None:
    judged = endpoint_registered(env, IN_USE, seen, HOSTS, ASK)
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_without_a_path_or_an_api_there_is_no_url() -> None:
    assert endpoint_registered(STAGING, IN_USE, places(ONE), HOSTS, Stripe()).outcome is NA
    assert endpoint_registered(STAGING, IN_USE, places(ONE), {}, ASK).outcome is NA


SUBSCRIBED: Mapping[str, tuple[Outcome, str, StripeDestinations]] = {
    "all": (PASS, "subscribed to all of payment_intent.succeeded", places(ONE)),
    "star": (PASS, "subscribed", places(replace(ONE, events=("*",)))),
    "shared by two": (
        PASS,
        "subscribed",
        places(replace(ONE, events=EVENTS[:2]), replace(ONE, id="b", events=EVENTS[2:])),
    ),
    "no success": (
        FAIL,
        "no endpoint is subscribed to payment_intent.succeeded",
        places(replace(ONE, events=EVENTS[1:])),
    ),
    "no failure": (FAIL, "payment_intent.payment_failed", places(replace(ONE, events=(EVENTS[0], *EVENTS[2:])))),
    "no refunds": (WARN, "charge.refunded", places(replace(ONE, events=(*EVENTS[:2], EVENTS[3])))),
    "only elsewhere": (NA, "see stripe.endpoint-registered", places(at("https://other.test/x"))),
    "only a disabled one": (NA, "see stripe.endpoint-registered", places(OFF)),
}


@pytest.mark.parametrize(("outcome", "summary", "seen"), SUBSCRIBED.values(), ids=SUBSCRIBED)
def test_subscriptions(outcome: Outcome, summary: str, seen: StripeDestinations) -> None:
    judged = events_subscribed(STAGING, IN_USE, seen, HOSTS, ASK)
    assert judged.outcome is outcome
    assert summary in judged.summary


OLD = replace(ONE, id="we_old", api_version="2024-06-20")
PINNED: Mapping[str, tuple[Outcome, str, str, StripeDestinations]] = {
    "pinned": (PASS, "pinned to 2026-05-27.dahlia", "", places(ONE)),
    "as expected": (PASS, "pinned", "2026-05-27.dahlia", places(ONE)),
    "during an upgrade": (PASS, "2024-06-20, 2026-05-27.dahlia", "2026-05-27.dahlia", places(ONE, OLD)),
    "older": (FAIL, "we_old sends 2024-06-20, the app expects 2026-05-27.dahlia", "2026-05-27.dahlia", places(OLD)),
    "the account's": (WARN, "has no version of its own", "", places(replace(ONE, api_version=""))),
    "the account's, one expected": (WARN, "has no version", "2026-05-27.dahlia", places(replace(ONE, api_version=""))),
}


@pytest.mark.parametrize(("outcome", "summary", "expected", "seen"), PINNED.values(), ids=PINNED)
def test_versions(outcome: Outcome, summary: str, expected: str, seen: StripeDestinations) -> None:
    judged = version_pinned(STAGING, IN_USE, seen, HOSTS, ASK.model_copy(update={"api_version": expected}))
    assert judged.outcome is outcome
    assert summary in judged.summary


def late(*types: str) -> StripeUndelivered:
    return StripeUndelivered(tuple(Undelivered(f"evt_{n}", kind, 1, 1) for n, kind in enumerate(types)))


OTHER = replace(at("https://reports.test/"), events=("*",))
DELIVERED: Mapping[str, tuple[Outcome, str, StripeDestinations, StripeUndelivered | Unavailable]] = {
    "none": (PASS, "every event", places(ONE), late()),
    "one": (FAIL, "payment_intent.succeeded evt_0 has not been delivered", places(ONE), late(EVENTS[0])),
    "many": (FAIL, "(and 10 more)", places(ONE), late(*[EVENTS[0]] * 30)),
    "not ours": (PASS, "every event", places(ONE), late("customer.created")),
    "not ours, of another's": (PASS, "every event", places(ONE, OTHER), late("customer.created")),
    "perhaps another's": (WARN, "has not been delivered", places(ONE, OTHER), late(EVENTS[0])),
    "another that is disabled": (FAIL, "has not", places(ONE, replace(OTHER, enabled=False)), late(EVENTS[0])),
    "not seen": (UNKNOWN, "may not read", places(ONE), GAP),
}


@pytest.mark.parametrize(("outcome", "summary", "seen", "undelivered"), DELIVERED.values(), ids=DELIVERED)
def test_deliveries(
    outcome: Outcome, summary: str, seen: StripeDestinations, undelivered: StripeUndelivered | Unavailable
) -> None:
    judged = deliveries_clean(STAGING, IN_USE, seen, undelivered, HOSTS, ASK)
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_the_other_endpoint_is_named() -> None:
    judged = deliveries_clean(STAGING, IN_USE, places(ONE, OTHER), late(EVENTS[0]), HOSTS, ASK)
    assert "we_9 at https://reports.test/ is subscribed to it too" in judged.evidence


def answered(**changed: tuple[int, ...]) -> SignatureAnswers:
    sound = {**dict.fromkeys(REJECTED, (400,)), **dict.fromkeys(ACCEPTED, (200,))}
    return SignatureAnswers("/hook", sound | {name.replace("_", " "): statuses for name, statuses in changed.items()})


SIGNED: Mapping[str, tuple[Outcome, str, SignatureAnswers]] = {
    "sound": (PASS, "/hook rejects 6 kinds of forgery and accepts 2 genuine events", answered()),
    "sound, by 401": (PASS, "rejects", answered(no_signature=(401,), a_malformed_one=(403, 422))),
    **{
        f"accepts {name}": (FAIL, f"accepts an event with {name} (200)", answered(**{name.replace(" ", "_"): (200,)}))
        for name in REJECTED
    },
    "accepts one of two malformed": (FAIL, "with a malformed one (204)", answered(a_malformed_one=(400, 204))),
    **{
        f"rejects {name}": (FAIL, f"rejects {name} (400)", answered(**{name.replace(" ", "_"): (400,)}))
        for name in ACCEPTED
    },
    "no such route": (FAIL, "rejects a genuine one (404)", answered(a_genuine_one=(404,), no_signature=(404,))),
    "redirects": (FAIL, "rejects a genuine one (308)", answered(a_genuine_one=(308,))),
    "crashes": (WARN, "fails over an event with no signature (500)", answered(no_signature=(500,))),
    "no webhook": (NA, "names no Stripe webhook", SignatureAnswers("")),
}


@pytest.mark.parametrize(("outcome", "summary", "seen"), SIGNED.values(), ids=SIGNED)
def test_signatures(outcome: Outcome, summary: str, seen: SignatureAnswers) -> None:
    judged = signature_enforced(API, seen, Callbacks())
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_each_rejection_and_acceptance_is_its_own_evidence() -> None:
    evidence = signature_enforced(API, answered(), Callbacks()).evidence
    assert [line.partition(":")[0] for line in evidence] == [*REJECTED, *ACCEPTED]


def every(status: int, version: str = "") -> SignatureAnswers:
    return SignatureAnswers("/hook", dict.fromkeys((*REJECTED, *ACCEPTED), (status,)), version)


EDGE = Callbacks(only_from_gateway=("stripe",))
ALL_REFUSED: Mapping[str, tuple[Outcome, str, SignatureAnswers, Callbacks]] = {
    "without a version": (UNKNOWN, "bears no version of Stripe's API", every(400), Callbacks()),
    "with a version": (FAIL, "rejects a genuine one (400)", every(400, "2026-10-28.endive"), Callbacks()),
    "an edge that is declared": (UNKNOWN, "own addresses alone", every(403, "2026-10-28.endive"), EDGE),
    "an edge that is not": (FAIL, "rejects a genuine one (403)", every(403, "2026-10-28.endive"), Callbacks()),
    "declared, and open": (FAIL, "accepts an event with no signature", every(200, "2026-10-28.endive"), EDGE),
}


@pytest.mark.parametrize(("outcome", "summary", "seen", "edge"), ALL_REFUSED.values(), ids=ALL_REFUSED)
def test_what_refusals_prove(outcome: Outcome, summary: str, seen: SignatureAnswers, edge: Callbacks) -> None:
    judged = signature_enforced(API, seen, edge)
    assert judged.outcome is outcome
    assert summary in judged.summary


VERSIONS = {
    "the endpoint's": (places(ONE), Origin("https://api.x.test"), "2026-05-27.dahlia"),
    "another host's endpoint": (places(at("https://other.test/webhooks/stripe")), Origin("https://api.x.test"), "mine"),
    "a disabled endpoint": (places(OFF), Origin("https://api.x.test"), "mine"),
    "not seen": (GAP, Origin("https://api.x.test"), "mine"),
    "no origin": (places(ONE), GAP, "mine"),
}


@pytest.mark.parametrize(("seen", "origin", "version"), VERSIONS.values(), ids=VERSIONS)
def test_whose_version_golive_s_events_bear(
    seen: StripeDestinations | Unavailable, origin: Origin | Unavailable, version: str
) -> None:
    assert version_of(seen, origin, ASK.model_copy(update={"api_version": "mine"})) == version


TRAINS = {
    "the same": ("2026-05-27.dahlia", "release train", PASS),
    "another day of the train": ("2026-04-22.dahlia", "release train", PASS),
    "exactly": ("2026-04-22.dahlia", "exact", FAIL),
    "another train": ("2026-10-28.endive", "release train", FAIL),
    "without a train": ("2024-06-20", "release train", FAIL),
}


@pytest.mark.parametrize(("version", "match", "outcome"), TRAINS.values(), ids=TRAINS)
def test_versions_of_one_release_train_fit(version: str, match: str, outcome: Outcome) -> None:
    ask = ASK.model_copy(update={"api_version": version, "version_match": match})
    assert version_pinned(STAGING, IN_USE, places(ONE), HOSTS, ask).outcome is outcome


def test_thin_events_are_in_no_version_and_go_by_their_own_names() -> None:
    thin = replace(ONE, thin=True, api_version="", events=tuple(f"v1.{event}" for event in EVENTS))
    assert version_pinned(STAGING, IN_USE, places(thin), HOSTS, ASK).outcome is NA
    assert events_subscribed(STAGING, IN_USE, places(thin), HOSTS, ASK).outcome is PASS


def test_an_app_that_books_by_checkout_or_invoices_needs_other_events() -> None:
    for books_by, event in (("checkout", "checkout.session.completed"), ("invoices", "invoice.paid")):
        judged = events_subscribed(STAGING, IN_USE, places(ONE), HOSTS, ASK.model_copy(update={"books_by": books_by}))
        assert judged.outcome is FAIL
        assert event in judged.summary


def test_what_a_star_may_leave_out_is_a_warning() -> None:
    star = places(replace(ONE, events=("*",)))
    ask = ASK.model_copy(update={"wanted_events": ("issuing_authorization.request",)})
    judged = events_subscribed(STAGING, IN_USE, star, HOSTS, ask)
    assert judged.outcome is WARN
    assert "must be selected by name" in judged.summary
