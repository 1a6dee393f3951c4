"""Whether Stripe is asked for what an order costs."""

from collections.abc import Mapping

import pytest

from golive import Outcome
from golive_checks.payments.amounts import amount_asked
from golive_checks.subjects import Host
from golive_checks.systems.gateways.asked_amounts import MADE, AskedAmount, AskedAmounts, PaymentRequest
from golive_checks.systems.gateways.stripe import Stripe

PASS, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
API, STRIPE = Host("api.x.test", role="api"), Stripe(webhook_path="/stripe")
ASK = PaymentRequest(request="POST /pay/{reference}")

ASKED: Mapping[str, tuple[Outcome, str, tuple[str, str, int, str]]] = {
    "whole units": (PASS, "2500 XOF as 2500", ("2500", "XOF", 2500, "XOF")),
    "a hundredfold": (FAIL, "250000 XOF for an order of 2500 XOF, 100 times as much", ("2500", "XOF", 250000, "XOF")),
    "hundredths": (PASS, "4.90 EUR as 490", ("4.90", "EUR", 490, "EUR")),
    "a hundredth": (FAIL, "0.04 EUR for an order of 4.00 EUR", ("4.00", "EUR", 4, "EUR")),
    "thousandths": (PASS, "1.500 TND as 1500", ("1.500", "TND", 1500, "TND")),
    "thousandths as hundredths": (FAIL, "0.15 TND for an order of 1.500 TND", ("1.500", "TND", 150, "TND")),
    "UGX in hundredths": (PASS, "25000 UGX as 2500000", ("25000", "UGX", 2500000, "UGX")),
    "UGX in whole units": (FAIL, "250 UGX for an order of 25000 UGX", ("25000", "UGX", 25000, "UGX")),
    "with a fee": (FAIL, "2550 XOF for an order of 2500 XOF", ("2500", "XOF", 2550, "XOF")),
    "converted": (UNKNOWN, "asks Stripe for EUR for an order in XOF", ("2500", "XOF", 381, "EUR")),
}


@pytest.mark.parametrize(("outcome", "summary", "asked"), ASKED.values(), ids=ASKED)
def test_amounts(outcome: Outcome, summary: str, asked: tuple[str, str, int, str]) -> None:
    judged = amount_asked(API, AskedAmounts((AskedAmount(*asked),)), STRIPE, ASK)
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_a_wrong_amount_beside_one_that_is_converted_is_wrong() -> None:
    both = (AskedAmount("2500", "XOF", 381, "EUR"), AskedAmount("2500", "GNF", 250000, "GNF"))
    assert amount_asked(API, AskedAmounts(both), STRIPE, ASK).outcome is FAIL


def test_what_is_not_asked() -> None:
    nothing = AskedAmounts()
    assert amount_asked(API, nothing, STRIPE, PaymentRequest()).lacks == ("payments.asked.request",)
    assert amount_asked(API, nothing, Stripe(), ASK).outcome is NA
    assert amount_asked(Host("app.x.test", role="app"), nothing, STRIPE, ASK).outcome is NA


IDS = {
    '{"clientSecret":"pi_3GoliveMade01_secret_abc"}': "pi_3GoliveMade01",
    '{"url":"https://checkout.stripe.com/c/pay/cs_test_a1B2c3D4e5#fid"}': "cs_test_a1B2c3D4e5",
    '{"url":"https://checkout.stripe.com/c/pay/cs_live_a1B2c3D4e5"}': "",
    '{"api_key":"x","id":"capi_12345678"}': "",
    '{"pi_":"pi_short"}': "",
}


@pytest.mark.parametrize(("text", "id_"), IDS.items())
def test_ids_in_an_answer(text: str, id_: str) -> None:
    found = MADE.search(text)
    assert (found[0] if found else "") == id_
