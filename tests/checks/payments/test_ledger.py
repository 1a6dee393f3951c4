"""What the checks make of two sides that agree, or do not."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest

from golive import Environment
from golive.model import Outcome
from golive_checks.payments.ledger import SHOWN, ledger_agrees, none_stuck
from golive_checks.systems.gateways.ledger import Books, GatewayGap
from golive_checks.systems.gateways.ledger_rows import LedgerRow
from golive_checks.systems.gateways.payment_status import AtGateway
from golive_checks.systems.gateways.stripe_charges import Charge

ENV = Environment("staging")
NOW = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
SINCE, UNTIL = NOW - dt.timedelta(hours=72), NOW - dt.timedelta(minutes=15)
AT, YOUNG, OLD = NOW - dt.timedelta(hours=5), NOW - dt.timedelta(minutes=5), NOW - dt.timedelta(hours=72, minutes=30)

CHARGE = Charge("ch_1", "pi_1", "12.5", "EUR", AT)
ROW = LedgerRow("stripe", "pi_1", "12.5", "EUR", "paid", AT)
MTN = LedgerRow("mtn", "m-1", "500", "GNF", "paid", AT)
TOOK = AtGateway("succeeded", "500", "GNF")
WAITS = replace(MTN, status="pending")


def books(**given: Any) -> Books:
    return Books(SINCE, UNTIL, NOW - dt.timedelta(hours=1), **given)


def xof(booked: str, taken: str = "5000", currency: str = "XOF") -> Books:
    row = replace(ROW, amount=booked, currency=currency)
    return books(rows=(row,), charges=(replace(CHARGE, amount=taken, currency=currency),))


AGREES: dict[str, tuple[Books, Outcome, str]] = {
    "one each": (books(rows=(ROW,), charges=(CHARGE,)), Outcome.PASS, "1 charges of Stripe's and 1 payments"),
    "known by its charge": (books(rows=(replace(ROW, reference="ch_1"),), charges=(CHARGE,)), Outcome.PASS, "agree"),
    "a zero at the end": (xof("5000.00"), Outcome.PASS, "agree"),
    "refunded is booked": (books(rows=(replace(ROW, status="refunded"),), charges=(CHARGE,)), Outcome.PASS, "agree"),
    "another gateway's": (books(rows=(MTN,), asked={"mtn m-1": TOOK}), Outcome.PASS, "0 charges .* 1 payments"),
    "no amount is told": (
        books(rows=(replace(MTN, gateway="orange"),), asked={"orange m-1": AtGateway("succeeded")}),
        Outcome.PASS,
        "agree",
    ),
    "no traffic": (books(), Outcome.NA, "no payment from 2026-11-24 12:00"),
    "only younger": (books(charges=(replace(CHARGE, at=YOUNG),)), Outcome.NA, "no payment"),
    "a row beyond the window": (
        books(rows=(replace(ROW, at=YOUNG),), charges=(CHARGE,)),
        Outcome.PASS,
        "1 charges of Stripe's and 1 payments",
    ),
    "a refund of now, booked wrongly": (
        books(rows=(replace(ROW, at=YOUNG, status="refunded", amount="0"),), charges=(CHARGE,)),
        Outcome.FAIL,
        "is booked as 0, and Stripe took 12.5 EUR",
    ),
    "a young row of a young charge": (
        books(rows=(replace(ROW, at=YOUNG, amount="1"),), charges=(replace(CHARGE, at=YOUNG),)),
        Outcome.NA,
        "no payment",
    ),
    "a charge before the window": (books(rows=(ROW,), charges=(replace(CHARGE, at=OLD),)), Outcome.PASS, "agree"),
    "a pending row of nothing": (books(rows=(ROW, WAITS), charges=(CHARGE,)), Outcome.PASS, "agree"),
    "lost": (books(charges=(CHARGE,)), Outcome.FAIL, r"Stripe took 12.5 EUR \(pi_1\), and no row has it"),
    "lost, without an intent": (books(charges=(replace(CHARGE, payment_intent=""),)), Outcome.FAIL, r"\(ch_1\)"),
    "still pending": (
        books(rows=(replace(ROW, status="pending"),), charges=(CHARGE,)),
        Outcome.FAIL,
        r"and its row is pending",
    ),
    "twice": (books(rows=(ROW, ROW), charges=(CHARGE,)), Outcome.FAIL, "2 rows have Stripe's payment pi_1"),
    "twice, under both ids": (
        books(rows=(ROW, replace(ROW, reference="ch_1")), charges=(CHARGE,)),
        Outcome.FAIL,
        "2 rows have Stripe's",
    ),
    "twice at MTN": (books(rows=(MTN, MTN), asked={"mtn m-1": TOOK}), Outcome.FAIL, "2 rows have MTN's payment m-1"),
    "one id at two gateways": (
        books(rows=(ROW, replace(MTN, reference="pi_1")), charges=(CHARGE,), asked={"mtn pi_1": TOOK}),
        Outcome.PASS,
        "agree",
    ),
    "times 100": (xof("500000"), Outcome.FAIL, "booked as 500000, and Stripe took 5000 XOF: 100 times too much"),
    "a hundredth": (xof("50", currency="UGX"), Outcome.FAIL, "took 5000 UGX: a hundredth of that"),
    "a cent": (xof("12.51", "12.5", "EUR"), Outcome.FAIL, "booked as 12.51, and Stripe took 12.5 EUR"),
    "a tenth of a cent": (xof("12.501", "12.5", "EUR"), Outcome.FAIL, "booked as 12.501"),
    "another currency": (
        books(rows=(replace(ROW, currency="USD"),), charges=(CHARGE,)),
        Outcome.FAIL,
        "booked in USD, and Stripe took EUR",
    ),
    "invented": (
        books(rows=(ROW,), asked={"stripe pi_1": AtGateway("absent")}),
        Outcome.FAIL,
        "Stripe's payment pi_1 is paid, and Stripe knows no such payment",
    ),
    "not ended": (
        books(rows=(MTN,), asked={"mtn m-1": AtGateway("pending")}),
        Outcome.FAIL,
        "is paid, and at MTN it is pending",
    ),
    "failed": (books(rows=(MTN,), asked={"mtn m-1": AtGateway("failed")}), Outcome.FAIL, "at MTN it is failed"),
    "a paid row without an id": (
        books(rows=(replace(MTN, reference=""),), asked={"mtn ": AtGateway("absent")}),
        Outcome.FAIL,
        "MTN's payment without an id is paid",
    ),
    "Stripe unseen": (
        books(rows=(MTN,), gaps={"stripe": GatewayGap("it lacks charge_read", "grant it")}),
        Outcome.UNKNOWN,
        "it lacks",
    ),
    "MTN unseen": (
        books(rows=(ROW, MTN), charges=(CHARGE,), gaps={"mtn": GatewayGap("no token", "")}),
        Outcome.UNKNOWN,
        "no token",
    ),
    "unseen where nothing is booked": (
        books(rows=(ROW, WAITS), charges=(CHARGE,), gaps={"mtn": GatewayGap("no token", "")}),
        Outcome.PASS,
        "agree",
    ),
    "a fault is told beside a gap": (
        books(charges=(CHARGE,), gaps={"mtn": GatewayGap("no token", "")}),
        Outcome.FAIL,
        "no row has it",
    ),
}


@pytest.mark.parametrize(("seen", "outcome", "summary"), AGREES.values(), ids=AGREES)
def test_every_payment_is_booked_once_and_exactly(seen: Books, outcome: Outcome, summary: str) -> None:
    verdict = ledger_agrees(ENV, seen)
    assert verdict.outcome == outcome, verdict
    assert re.search(summary, verdict.summary), verdict.summary


STUCK: dict[str, tuple[Books, Outcome, str]] = {
    "none is pending": (books(rows=(MTN,)), Outcome.PASS, "none of 1 payments is pending for long"),
    "one that MTN waits for too": (
        books(rows=(WAITS,), asked={"mtn m-1": AtGateway("pending")}),
        Outcome.PASS,
        "of 1 payments that are pending since 2026-11-27 11:00 UTC, none has ended",
    ),
    "a young one": (
        books(rows=(replace(WAITS, at=YOUNG),), asked={"mtn m-1": TOOK}),
        Outcome.PASS,
        "none of 1 payments is pending for long",
    ),
    "no traffic": (books(), Outcome.NA, "no payment since"),
    "taken": (
        books(rows=(WAITS,), asked={"mtn m-1": TOOK}),
        Outcome.FAIL,
        "MTN's payment m-1 is pending since 2026-11-27 07:00 UTC, and MTN has taken it",
    ),
    "refused": (
        books(rows=(WAITS,), asked={"mtn m-1": AtGateway("failed")}),
        Outcome.FAIL,
        "MTN has ended it without a payment",
    ),
    "never sent": (books(rows=(WAITS,), asked={"mtn m-1": AtGateway("absent")}), Outcome.WARN, "knows no such payment"),
    "unseen": (books(rows=(WAITS,), gaps={"mtn": GatewayGap("no token", "")}), Outcome.UNKNOWN, "no token"),
    "unseen where nothing waits": (
        books(rows=(MTN,), gaps={"stripe": GatewayGap("refused", "")}),
        Outcome.PASS,
        "none of 1 payments is pending for long",
    ),
}


@pytest.mark.parametrize(("seen", "outcome", "summary"), STUCK.values(), ids=STUCK)
def test_nothing_waits_that_has_ended(seen: Books, outcome: Outcome, summary: str) -> None:
    verdict = none_stuck(ENV, seen)
    assert (verdict.outcome, summary in verdict.summary) == (outcome, True), verdict


def test_whose_row_is_pending_is_said_by_either_id_and_of_stripe_alone() -> None:
    by_charge = ledger_agrees(ENV, books(rows=(replace(ROW, status="pending", reference="ch_1"),), charges=(CHARGE,)))
    assert by_charge.summary.endswith("and its row is pending")
    another = ledger_agrees(ENV, books(rows=(replace(WAITS, reference="pi_1"),), charges=(CHARGE,)))
    assert another.summary.endswith("and no row has it")


def test_only_a_hundredth_is_called_one() -> None:
    assert "a hundredth" in ledger_agrees(ENV, xof("50")).summary
    assert "a hundredth" not in ledger_agrees(ENV, xof("60")).summary


def test_a_payment_that_waits_exactly_as_long_as_is_allowed_is_asked_for() -> None:
    at_limit = replace(WAITS, at=NOW - dt.timedelta(hours=1))
    assert none_stuck(ENV, books(rows=(at_limit,), asked={"mtn m-1": TOOK})).outcome is Outcome.FAIL


def test_of_many_the_first_are_shown_and_the_rest_counted() -> None:
    many = tuple(replace(CHARGE, id=f"ch_{n}", payment_intent=f"pi_{n}") for n in range(100))
    verdict = ledger_agrees(ENV, books(charges=many))
    assert len([line for line in verdict.evidence if "no row has it" in line]) == SHOWN
    assert f"and {100 - SHOWN} more" in verdict.evidence


def test_those_that_were_not_asked_for_are_told() -> None:
    rows = (MTN, replace(MTN, reference="m-2"))
    verdict = ledger_agrees(ENV, books(rows=rows, asked={"mtn m-1": TOOK}, unasked={"mtn": 1}))
    assert (verdict.outcome, verdict.evidence) == (Outcome.PASS, ("MTN was asked about 50 payments, not about 1 more",))
    assert "1 of 2 payments" in verdict.summary


SESSION = replace(ROW, reference="cs_1")
KINDS: dict[str, tuple[Books, Outcome]] = {
    "a session of the charge": (
        books(
            rows=(SESSION,),
            charges=(CHARGE,),
            asked={"stripe cs_1": AtGateway("succeeded", "12.5", "EUR", charged_as="pi_1")},
        ),
        Outcome.PASS,
    ),
    "a session of another charge": (
        books(
            rows=(SESSION,),
            charges=(CHARGE,),
            asked={"stripe cs_1": AtGateway("succeeded", "12.5", "EUR", charged_as="pi_2")},
        ),
        Outcome.FAIL,
    ),
    "a session and its charge, each booked": (
        books(
            rows=(SESSION, ROW),
            charges=(CHARGE,),
            asked={"stripe cs_1": AtGateway("succeeded", "12.5", "EUR", charged_as="pi_1")},
        ),
        Outcome.FAIL,
    ),
    "a session that was not asked for": (books(rows=(SESSION,), charges=(CHARGE,)), Outcome.UNKNOWN),
    "a kind that golive does not know": (
        books(
            rows=(replace(ROW, reference="tx_1"),),
            charges=(CHARGE,),
            asked={"stripe tx_1": AtGateway("unknown kind")},
        ),
        Outcome.UNKNOWN,
    ),
}


@pytest.mark.parametrize(("seen", "outcome"), KINDS.values(), ids=KINDS)
def test_what_an_app_keeps_of_stripe_s_payments(seen: Books, outcome: Outcome) -> None:
    assert ledger_agrees(ENV, seen).outcome is outcome
