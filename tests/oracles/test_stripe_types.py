"""Are the lab's answers of Stripe, and what golive reads of them, as Stripe's library for Python has them by type?"""

from __future__ import annotations

import inspect
import json
import re
import typing
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from stripe.checkout import Session
from stripe.v2.core import EventDestination

from golive_checks.systems.gateways import stripe_account, stripe_charges, stripe_deliveries
from golive_lab.parts.gateways.moods import GatewayRequest
from golive_lab.parts.gateways.stripe import StripeApi
from golive_lab.world.gateways.stripe import KEY, StripeEndpoint, StripeSide
from golive_lab.world.ledger import EUR, TAKEN, UGX, XOF

SIDE = StripeSide(
    destinations=(StripeEndpoint("ed_1"), StripeEndpoint("ed_2", payload="thin", status="disabled")),
    undelivered=(("payment_intent.succeeded", 7200),),
)
OBJECTS: dict[str, tuple[type, str]] = {
    "an account": (stripe.Account, "/v1/account"),
    "endpoints": (stripe.WebhookEndpoint, "/v1/webhook_endpoints"),
    "destinations": (EventDestination, "/v2/core/event_destinations"),
    "events": (stripe.Event, "/v1/events"),
    "charges": (stripe.Charge, "/v1/charges"),
    "an intent": (stripe.PaymentIntent, f"/v1/payment_intents/{XOF.reference}"),
    "a session": (Session, f"/v1/checkout/sessions/{XOF.kept_as}"),
    "an invoice": (stripe.Invoice, f"/v1/invoices/{EUR.kept_as}"),
    "a subscription": (stripe.Subscription, f"/v1/subscriptions/{UGX.kept_as}"),
}
READ_BY = {
    stripe.Account: stripe_account._account,
    EventDestination: stripe_deliveries._event_destinations,
    stripe.PaymentIntent: stripe_charges._paid,
    stripe.Charge: stripe_charges._charge,
    Session: stripe_charges._session,
    stripe.Invoice: stripe_charges._invoice,
}
INSIDE = frozenset(
    {
        "data",
        "url",
        "next_page_url",
        "currently_due",
        "past_due",
        "disabled_reason",
        "payment",
        "payment_intent",
        "charge",
    }
)
"""Of objects within these, and of lists."""
FIELD = re.compile(r'\.(?:text|part|parts|whole|flag|stated_flag|texts)\("([a-z_]+)"\)')


def answered(path: str) -> list[dict[str, Any]]:
    """Return the objects that the lab answers with."""
    got = StripeApi(SIDE, 443, TAKEN).sound(
        GatewayRequest("GET", path, {}, {"authorization": f"Bearer {KEY}"}, {}, b"")
    )
    assert got is not None
    assert got.status == 200, got.body
    found = json.loads(got.body)
    return list(found["data"]) if "data" in found and found.get("object") != "event" else [found]


def allowed(hint: Any) -> Iterator[str]:
    """Yield the words that a type lists; nothing where it lists none."""
    if typing.get_origin(hint) is typing.Literal:
        yield from typing.get_args(hint)
    elif typing.get_origin(hint) is not typing.ClassVar:
        for each in typing.get_args(hint):
            yield from allowed(each)


@pytest.mark.parametrize(("kind", "path"), OBJECTS.values(), ids=OBJECTS)
def test_the_lab_answers_with_fields_and_words_that_stripe_has(kind: type, path: str) -> None:
    hints = kind.__annotations__
    found = answered(path)
    assert found
    for each in found:
        assert set(each) <= set(hints), set(each) - set(hints)
        for name, value in each.items():
            words = set(allowed(hints[name]))
            if words and isinstance(value, str) and name not in {"type", "country"}:
                assert value in words, (name, value)


@pytest.mark.parametrize(("kind", "reader"), READ_BY.items(), ids=[kind.__name__ for kind in READ_BY])
def test_golive_reads_fields_that_stripe_has(kind: type, reader: Any) -> None:
    read = set(FIELD.findall(inspect.getsource(reader)))
    assert read
    assert read - INSIDE <= set(kind.__annotations__)


@pytest.mark.parametrize(
    ("kind", "name", "known"),
    [
        (stripe.PaymentIntent, "status", stripe_charges.STATES),
        (Session, "payment_status", ("paid", "no_payment_required")),
        (Session, "status", ("expired",)),
        (stripe.Invoice, "status", ("paid", "void", "uncollectible")),
        (EventDestination, "event_payload", ("thin",)),
        (EventDestination, "status", ("enabled",)),
    ],
)
def test_the_words_that_golive_knows_are_stripes(kind: type, name: str, known: Any) -> None:
    charges = set(allowed(stripe.Charge.__annotations__["status"])) if kind is stripe.PaymentIntent else set()
    assert set(known) <= set(allowed(kind.__annotations__[name])) | charges
