"""Currencies, simulators and forgeries."""

from collections.abc import Mapping
from typing import Any

import pytest

from golive import Environment, Outcome, Unavailable
from golive_checks.payments import forgeries
from golive_checks.payments.currencies import STRIPE, currency_supported
from golive_checks.payments.simulators import simulators_closed
from golive_checks.subjects import Host
from golive_checks.systems.gateways.forgeries import Forged
from golive_checks.systems.gateways.forging import Attempt, Reach
from golive_checks.systems.gateways.gateways import EVERY, Gateways
from golive_checks.systems.gateways.money import THREE_DECIMAL, ZERO_DECIMAL
from golive_checks.systems.gateways.mtn import Mtn
from golive_checks.systems.gateways.orange import Orange
from golive_checks.systems.gateways.paypal import PayPal
from golive_checks.systems.gateways.simulators import SimulatorAnswers
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.webhooks import Webhook

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
ENV, API = Environment("x"), Host("api.x.test", role="api")


def charged(**by: Any) -> tuple[Stripe, PayPal, Mtn, Orange]:
    given = {name: by.get(name, {}) for name in ("stripe", "paypal", "mtn", "orange")}
    return Stripe(**given["stripe"]), PayPal(**given["paypal"]), Mtn(**given["mtn"]), Orange(**given["orange"])


def mtn(target: str, *currencies: str) -> dict[str, Any]:
    return {"mtn": {"target_environment": target, "currencies": currencies}}


def orange(country: str, *currencies: str) -> dict[str, Any]:
    return {"orange": {"country": country, "currencies": currencies}}


CHARGED: Mapping[str, tuple[Outcome, str, dict[str, Any]]] = {
    "all taken": (
        PASS,
        "stripe XOF, paypal EUR",
        {"stripe": {"currencies": ("XOF",)}, "paypal": {"currencies": ("EUR",)}},
    ),
    "GNF on Stripe": (PASS, "stripe GNF", {"stripe": {"currencies": ("GNF",)}}),
    "a currency of nobody": (FAIL, "stripe does not take KPW", {"stripe": {"currencies": ("KPW",)}}),
    "XOF on PayPal": (FAIL, "paypal does not take XOF", {"paypal": {"currencies": ("EUR", "XOF")}}),
    "GNF on PayPal": (FAIL, "paypal does not take GNF", {"paypal": {"currencies": ("GNF",)}}),
    "XAF on PayPal": (FAIL, "paypal does not take XAF", {"paypal": {"currencies": ("XAF",)}}),
    "the country's": (PASS, "mtn GNF", mtn("mtnguineaconakry", "GNF")),
    "another country's": (FAIL, "mtn does not take XOF", mtn("mtnguineaconakry", "XOF")),
    "euros in the sandbox": (PASS, "mtn EUR", mtn("sandbox", "EUR")),
    "the country's in the sandbox": (FAIL, "mtn does not take GNF", mtn("sandbox", "GNF")),
    "dollars in Liberia": (PASS, "mtn USD", mtn("mtnliberia", "LRD", "USD")),
    "no target": (WARN, "mtn may not take GNF: its country is not known", mtn("", "GNF")),
    "Orange's": (PASS, "orange XOF", orange("ci", "XOF")),
    "OUV in a country": (FAIL, "orange does not take OUV", orange("ci", "OUV")),
    "francs in dev": (FAIL, "orange does not take XOF", orange("dev", "XOF")),
    "a country not confirmed": (WARN, "orange may not take BWP", orange("bw", "BWP")),
    "none named": (NA, "names no currency", {}),
}


@pytest.mark.parametrize(("outcome", "summary", "asks"), CHARGED.values(), ids=CHARGED)
def test_currencies(outcome: Outcome, summary: str, asks: dict[str, Any]) -> None:
    judged = currency_supported(ENV, Gateways(enabled=EVERY), *charged(**asks))
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_the_currency_of_a_gateway_that_is_not_in_use_does_not_matter() -> None:
    asks = charged(paypal={"currencies": ("XOF",)})
    assert currency_supported(ENV, Gateways(enabled=("stripe",)), *asks).outcome is NA


ROUTES: Mapping[str, tuple[Outcome, str, SimulatorAnswers]] = {
    "absent": (PASS, "/sim: 404", SimulatorAnswers({"/sim": 404}, 404)),
    "forbidden": (PASS, "/sim: 403", SimulatorAnswers({"/sim": 403}, 404)),
    "open": (FAIL, "POST /sim is answered 200", SimulatorAnswers({"/other": 404, "/sim": 200}, 404)),
    "wants more": (FAIL, "POST /sim is answered 422", SimulatorAnswers({"/sim": 422}, 404)),
    "wants a login": (FAIL, "POST /sim is answered 401", SimulatorAnswers({"/sim": 401}, 404)),
    "crashes": (FAIL, "POST /sim is answered 500", SimulatorAnswers({"/sim": 500}, 404)),
    "another method": (FAIL, "POST /sim is answered 405", SimulatorAnswers({"/sim": 405}, 404)),
    "everything wants a login": (UNKNOWN, "every path answers 401", SimulatorAnswers({"/sim": 401}, 401)),
    "open where everything wants a login": (FAIL, "200", SimulatorAnswers({"/sim": 200}, 401)),
    "everything is answered": (
        UNKNOWN,
        "a path that does not exist is answered 200",
        SimulatorAnswers({"/sim": 200}, 200),
    ),
    "none named": (NA, "names no simulator", SimulatorAnswers()),
}


@pytest.mark.parametrize(("outcome", "summary", "got"), ROUTES.values(), ids=ROUTES)
def test_simulators(outcome: Outcome, summary: str, got: SimulatorAnswers) -> None:
    judged = simulators_closed(API, got)
    assert judged.outcome is outcome
    assert summary in judged.summary


def forged(status: int, reach: Reach = "differs", *more: Attempt, **changes: Any) -> Forged:
    first = Attempt("POST", "unsigned", status, reach)
    return Forged((first, *more), **{"changed_after_s": 2.0, "watched_s": 10.0, **changes})


PUT_ALIKE, PUT_MISSED = Attempt("PUT", "unsigned", 200, "same"), Attempt("PUT", "unsigned", 405, "missed")
ANOTHER = Attempt("POST", "another", 200, "same")
ROWS: Mapping[str, tuple[Outcome, str, Forged | Unavailable]] = {
    "another answer to an unknown order": (PASS, "the order's rows are as they were, 10 s after", forged(200)),
    "refused": (PASS, "as they were", forged(401, "refused")),
    "one form of several reached it": (PASS, "as they were", forged(200, "differs", ANOTHER)),
    "a method that is not taken": (PASS, "as they were", forged(200, "differs", PUT_MISSED)),
    "an event was kept": (PASS, "as they were", forged(200, "same", kept=2)),
    "the same answer to any order": (
        UNKNOWN,
        "may not have reached the order: POST /x answers 200 to any reference",
        forged(200, "same"),
    ),
    "one method of two": (UNKNOWN, "PUT /x answers 200 to any reference", forged(200, "differs", PUT_ALIKE)),
    "alike and paid": (FAIL, "are others 2 s after a forged success", forged(200, "same", changed=True)),
    "refused and paid": (FAIL, "the order's rows are others", forged(401, "refused", changed=True)),
    "missed": (UNKNOWN, "did not reach the app", forged(404, "missed")),
    "a made-up reference's form": (UNKNOWN, "may depend on the reference's form alone", forged(200, "form")),
    "others, and still pending": (UNKNOWN, "say still that it waits", forged(200, changed=True, waits=True)),
    "missed and paid": (FAIL, "the order's rows are others", forged(404, "missed", changed=True)),
    "not allowed": (NA, "needs the effect active", Unavailable("needs the effect active", not_permitted=True)),
    "no query": (
        UNKNOWN,
        "does not say how the order's rows are read",
        Unavailable("the profile does not say how the order's rows are read"),
    ),
}


@pytest.mark.parametrize("gateway", ["paypal", "mtn", "orange"])
@pytest.mark.parametrize(("outcome", "summary", "got"), ROWS.values(), ids=ROWS)
def test_forgeries_are_judged_by_the_rows(
    gateway: Any, outcome: Outcome, summary: str, got: Forged | Unavailable
) -> None:
    judge = getattr(forgeries, gateway)
    mine, others = Webhook(gateway, API, gateway, "/x"), Webhook("stripe", API, "stripe", "/y")
    judged = judge(ENV, {mine: got, others: forged(200, changed=True)})
    assert judged.outcome is outcome
    assert summary in judged.summary
    assert judge(ENV, {others: forged(200)}).outcome is NA


def test_a_change_at_one_host_is_not_hidden_by_a_gap_at_another() -> None:
    one, two = (Webhook(name, API, "mtn", f"/{name}") for name in ("a", "b"))
    assert forgeries.mtn(ENV, {one: Unavailable("x"), two: forged(200, changed=True)}).outcome is FAIL
    assert forgeries.mtn(ENV, {one: Unavailable("x"), two: forged(200)}).outcome is UNKNOWN


def test_what_is_asked_for_and_what_stays_is_named() -> None:
    webhook = Webhook("mtn", API, "mtn", "/x")
    unknown = forgeries.mtn(ENV, {webhook: forged(200, "same", ANOTHER)})
    assert "payments.forgery.requests.mtn" in unknown.fix
    assert "tenancy" in unknown.fix
    assert unknown.evidence == ("POST /x: 200 (as to a reference that does not exist) to unsigned; another",)
    kept = forgeries.mtn(ENV, {webhook: forged(200, "same", kept=3)})
    assert "3 rows of these calls stay" in kept.evidence[-1]


SIGNED_OR_NOT = {
    "each is refused": (PASS, ("refused", "refused")),
    "the unsigned alone": (UNKNOWN, ("refused", "same")),
    "the signed alone": (UNKNOWN, ("same", "refused")),
    "an unsigned one is looked up": (PASS, ("differs", "refused")),
}


@pytest.mark.parametrize(("outcome", "reached"), SIGNED_OR_NOT.values(), ids=SIGNED_OR_NOT)
def test_paypal_s_events_must_be_refused_without_a_signature_and_with_a_false_one(
    outcome: Outcome, reached: tuple[Reach, Reach]
) -> None:
    attempts = tuple(
        Attempt("POST", "x", 200, each, marked) for each, marked in zip(reached, (False, True), strict=True)
    )
    judged = forgeries.paypal(ENV, {Webhook("w", API, "paypal", "/x"): Forged(attempts, watched_s=1)})
    assert judged.outcome is outcome


def test_a_notice_of_orange_s_that_lacks_the_token_is_refused_for_that() -> None:
    webhook = Webhook("w", API, "orange", "/x")
    for marked, outcome in ((False, UNKNOWN), (True, PASS)):
        attempts = (Attempt("POST", "Sonatel", 400, "refused", marked), Attempt("POST", "WebPay", 200, "same"))
        assert forgeries.orange(ENV, {webhook: Forged(attempts, watched_s=1)}).outcome is outcome


def test_stripe_takes_what_it_counts_otherwise_than_in_hundredths() -> None:
    """The table of what it takes lacked those of three decimals, so that dinars failed."""
    assert ZERO_DECIMAL <= STRIPE
    assert THREE_DECIMAL <= STRIPE
