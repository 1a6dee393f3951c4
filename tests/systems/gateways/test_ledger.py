"""How both sides of the payments are read: the rows by their contract, the gateways by their stand-ins."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from gateway_bench import There, there

from golive import Now, Unavailable
from golive_checks.subjects import Database
from golive_checks.systems.gateways import ledger as under_test
from golive_checks.systems.gateways.gateways import EVERY, Gateways
from golive_checks.systems.gateways.ledger import Books, books
from golive_checks.systems.gateways.ledger_rows import Ledger, LedgerRow, row_of
from golive_checks.systems.gateways.money import exact, of_stripe
from golive_checks.systems.gateways.payment_rows import PaymentsPlace
from golive_checks.systems.gateways.stripe_account import StripeAccess
from golive_checks.systems.gateways.stripe_charges import Charge
from golive_lab.world.gateways.mtn import MtnSide
from golive_lab.world.gateways.orange import OrangeSide
from golive_lab.world.gateways.paypal import PayPalSide
from golive_lab.world.gateways.stripe import StripeSide
from golive_lab.world.ledger import EUR, FAILED, MTN, MTN_PENDING, ORANGE, PAYPAL, TAKEN, UGX, XOF, Payment
from golive_lab.world.ledger import LedgerSides as Both

NOW = dt.datetime.now(dt.UTC)
AMOUNTS: dict[str, tuple[object, str]] = {
    "decimal": (Decimal("12.50"), "12.5"),
    "whole": (5000, "5000"),
    "zeros that count": (Decimal(500), "500"),
    "zeros that do not": (Decimal("500.00"), "500"),
    "text": ("0.10", "0.1"),
    "float": (12.5, "12.5"),
    "many digits": (Decimal("123456789012345.67"), "123456789012345.67"),
    "none": (None, ""),
    "not a number": (Decimal("NaN"), ""),
    "endless": ("1e999999", ""),
    "true": (True, ""),
    "words": ("12,50", ""),
}


@pytest.mark.parametrize(("value", "text"), AMOUNTS.values(), ids=AMOUNTS)
def test_an_amount_is_exact_or_none(value: object, text: str) -> None:
    assert exact(value) == text


STRIPE = {
    "EUR": (1250, "12.5"),
    "XOF": (5000, "5000"),
    "GNF": (150000, "150000"),
    "UGX": (500, "5"),
    "ISK": (500, "5"),
    "JPY": (1, "1"),
    "TND": (1234, "1.234"),
}


@pytest.mark.parametrize(("currency", "smallest", "amount"), [(c, *v) for c, v in STRIPE.items()])
def test_stripes_smallest_units(currency: str, smallest: int, amount: str) -> None:
    assert of_stripe(smallest, currency) == amount


ROW = ("pi_1", Decimal("12.50"), "eur", "paid", "stripe", NOW)


def test_a_row_by_the_contract() -> None:
    assert row_of(ROW) == (LedgerRow("stripe", "pi_1", "12.5", "EUR", "paid", NOW), "")
    assert row_of((*ROW, "token"))[1] == "token"
    naive = NOW.replace(tzinfo=None)
    assert row_of((*ROW[:5], naive))[0].at == NOW
    assert row_of((None, *ROW[1:]))[0].reference == ""


ODD: dict[str, tuple[tuple[object, ...], str]] = {
    "too few columns": (ROW[:5], "brings 5 columns"),
    "no amount": (("pi_1", None, *ROW[2:]), "an amount that is no number"),
    "a status of its own": ((*ROW[:3], "PAID", *ROW[4:]), "a status of the application's own"),
    "an unknown gateway": ((*ROW[:4], "wave", NOW), "a gateway that golive does not know"),
    "no time": ((*ROW[:5], "yesterday"), "a time that is none"),
}


@pytest.mark.parametrize(("row", "reason"), ODD.values(), ids=ODD)
def test_a_row_that_breaks_the_contract_is_a_gap_and_says_how(row: tuple[object, ...], reason: str) -> None:
    with pytest.raises(Unavailable, match=reason) as gap:
        row_of(row)
    assert gap.value.fix


class Reader:
    """Brings rows as the query would."""

    def __init__(self, rows: Sequence[Payment]) -> None:
        self.rows = rows
        self.marks: dict[str, Any] = {}

    async def read(self, _: Database, queries: dict[str, str], marks: dict[str, Any]) -> list[list[tuple[object, ...]]]:
        assert list(queries) == ["payments.ledger.query"]
        self.marks = marks
        return [
            [
                (r.reference, r.amount, r.currency, r.status, r.gateway, NOW - dt.timedelta(seconds=r.age_s), r.token)
                for r in self.rows
            ]
        ]


async def look(rows: Sequence[Payment] = TAKEN, taken: Sequence[Payment] = TAKEN, **given: Any) -> tuple[Books, There]:
    sides = {name: given.pop(name) for name in ("stripe", "paypal", "mtn", "orange") if name in given}
    async with there(ledger=Both(taken=tuple(taken)), **sides) as at:
        whole: dict[str, Any] = {
            **at.given,
            "ask": Ledger(query="SELECT 1"),
            "places": {Database("master"): PaymentsPlace(here=True)},
            "seen": StripeAccess(mode="test"),
            "stripe": at.stripe,
            "paypal": at.paypal,
            "mtn": at.mtn,
            "orange": at.orange.model_copy(update={"country": "dev"}),
            "reader": Reader(rows),
            "now": Now(NOW),
            **given,
        }
        names = books.__code__.co_varnames[: books.__code__.co_argcount]
        return await books(**{name: whole[name] for name in names}), at


async def test_both_sides_are_read_as_they_are() -> None:
    seen, at = await look()
    assert {charge.payment_intent: (charge.amount, charge.currency) for charge in seen.charges} == {
        "pi_3GoliveLab0001": ("12.5", "EUR"),
        "pi_3GoliveLab0002": ("5000", "XOF"),
        "pi_3GoliveLab0003": ("25000", "UGX"),
        "pi_3GoliveLab0004": ("7.9", "EUR"),
    }
    told = {key: (said.state, said.amount, said.currency) for key, said in seen.asked.items()}
    assert told == {
        f"paypal {PAYPAL.reference}": ("succeeded", "18.4", "EUR"),
        f"mtn {MTN.reference}": ("succeeded", "500", "EUR"),
        f"mtn {MTN_PENDING.reference}": ("pending", "250", "EUR"),
        f"orange {ORANGE.reference}": ("succeeded", "", ""),
    }
    assert (dict(seen.gaps), dict(seen.unasked)) == ({}, {})
    assert ORANGE.token not in repr(seen)
    assert not [asked for asked in at.apis.stripe.asked if asked.path.startswith("/v1/payment_intents/")]


@pytest.mark.parametrize(("metadata", "count"), [({"app": "afrigest"}, 4), ({"app": "other"}, 0), ({"till": "3"}, 0)])
async def test_the_charges_of_another_system_are_left_out(metadata: dict[str, str], count: int) -> None:
    seen, _ = await look((), ask=Ledger(query="SELECT 1", stripe_metadata=metadata))
    assert len(seen.charges) == count


async def test_what_the_list_does_not_show_is_asked_for_by_its_id() -> None:
    old = replace(EUR, age_s=80 * 3600)
    rows = [replace(old, age_s=3600), replace(XOF, reference="pi_none"), replace(UGX, reference="tx_1"), FAILED]
    seen, _ = await look(rows, [old, FAILED])
    states = {key: said.state for key, said in seen.asked.items()}
    assert states == {
        "stripe pi_3GoliveLab0001": "succeeded",
        "stripe pi_none": "absent",
        "stripe tx_1": "unknown kind",
    }


PENDING: dict[str, tuple[Payment, str]] = {
    "an intent that succeeded": (EUR, "succeeded"),
    "an intent that was cancelled": (FAILED, "failed"),
    "a charge": (replace(EUR, reference="ch_3GoliveLab0001"), "succeeded"),
    "a failed charge": (replace(FAILED, reference="ch_3GoliveLab0005"), "failed"),
}


@pytest.mark.parametrize(("row", "state"), PENDING.values(), ids=PENDING)
async def test_what_waits_at_stripe_is_asked_for(row: Payment, state: str) -> None:
    seen, _ = await look([replace(row, status="pending")])
    assert seen.asked[f"stripe {row.reference}"].state == state


async def test_no_more_are_asked_for_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "MOST", 3)
    rows = [replace(MTN, reference=f"00000000-0000-4000-8000-00000000000{n}", age_s=7200 + n) for n in range(5)]
    seen, _ = await look(rows)
    assert (list(seen.asked), dict(seen.unasked)) == ([f"mtn {row.reference}" for row in rows[:3]], {"mtn": 2})


@pytest.mark.parametrize("reference", ["", "../../v1_0/apiuser", "a b", "x" * 101])
async def test_what_can_be_no_id_is_never_put_into_a_url(reference: str) -> None:
    seen, at = await look([replace(MTN, reference=reference)])
    assert [said.state for said in seen.asked.values()] == ["absent"]
    assert {asked.path for asked in at.apis.mtn.asked} == {"/collection/token/"}


async def test_rows_of_a_gateway_that_is_not_in_use_are_left_out() -> None:
    seen, at = await look(gateways=Gateways(enabled=("mtn",)))
    assert {row.gateway for row in seen.rows} == {"mtn"}
    assert at.apis.stripe.asked == []


GAPS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a restricted key": (
        {"stripe": StripeSide(restricted_from=("charge_read",))},
        "stripe",
        "it lacks rak_charge_read",
    ),
    "a refused key": ({"seen": StripeAccess(refused="expired")}, "stripe", "Stripe refuses the key"),
    "no key": ({"seen": Unavailable("golive has no key")}, "stripe", "golive has no key"),
    "a list without an end": ({"stripe": StripeSide(mood="endless")}, "stripe", "does not end"),
    "PayPal refuses": ({"paypal": PayPalSide(credentials_good=False)}, "paypal", "PayPal gives golive no token"),
    "PayPal forgets": ({"paypal": PayPalSide(mood="expired token")}, "paypal", "PayPal answers 401"),
    "MTN's target": ({"mtn": MtnSide(targets=())}, "mtn", "MTN answers 500 when asked for a payment"),
    "Orange forgets": ({"orange": OrangeSide(mood="expired token")}, "orange", "Orange answers 401"),
    "odd JSON": ({"mtn": MtnSide(mood="odd JSON")}, "mtn", "not as documented"),
    "Orange's other API": ({"gateways": Gateways(enabled=EVERY, orange_api="sonatel")}, "orange", "WebPay alone"),
}


@pytest.mark.parametrize(("given", "gateway", "reason"), GAPS.values(), ids=GAPS)
async def test_one_gateway_that_does_not_tell_keeps_nobody_else_from_it(
    given: dict[str, Any], gateway: Any, reason: str
) -> None:
    seen, _ = await look(**given)
    assert list(seen.gaps) == [gateway]
    assert reason in seen.gaps[gateway].reason
    others = {"paypal", "mtn", "orange"} - {gateway}
    assert others <= {key.partition(" ")[0] for key in seen.asked}


async def test_without_orange_s_token_orange_is_a_gap() -> None:
    seen, _ = await look([replace(ORANGE, token="")])
    assert "returns none" in seen.gaps["orange"].reason


async def test_the_window_ends_a_quarter_of_an_hour_ago_and_its_rows_are_read_beyond() -> None:
    reader = Reader(())
    seen, _ = await look(reader=reader, ask=Ledger(query="SELECT 1", window_h=10))
    assert (seen.since, seen.until) == (NOW - dt.timedelta(hours=10, minutes=15), NOW - dt.timedelta(minutes=15))
    assert reader.marks == {"since": seen.since - dt.timedelta(hours=1), "until": NOW}


async def test_without_a_query_it_says_which_setting_to_set() -> None:
    with pytest.raises(Unavailable, match="does not say how") as gap:
        await look(ask=Ledger())
    assert gap.value.fix == "set payments.ledger.query"


def test_a_charge_is_known_by_both_its_ids() -> None:
    charge = Charge("ch_1", "", "1", "EUR", NOW)
    assert list(under_test.by_id([charge, replace(charge, payment_intent="pi_1")])) == ["ch_1", "pi_1"]
