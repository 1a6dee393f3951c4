"""What Stripe has taken: its charges of a time, as a list; and single payments by their id."""

import asyncio
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from golive_checks.systems.gateways.money import of_stripe
from golive_checks.systems.gateways.payment_status import ID, NOT_FOUND, AtGateway, Found, Sought, State
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_api import FORBIDDEN, api_of, headers_of, pages, withheld
from golive_checks.systems.vendors.client.answer import Part, failed_at
from golive_checks.systems.vendors.client.client import Vendor

CHARGE, INTENT = ("ch_", "py_"), ("pi_",)
"""How the ids of charges (those that are not of a card, `py_`) and of PaymentIntents begin."""
STATES: dict[str, State] = {"succeeded": "succeeded", "canceled": "failed", "failed": "failed"}
"""What is final; a PaymentIntent whose attempt has failed may be tried again (requires_payment_method).

Source: https://docs.stripe.com/payments/paymentintents/lifecycle
"""


@dataclass(frozen=True)
class Charge:
    """Money that Stripe has taken."""

    id: str
    payment_intent: str
    amount: str
    currency: str
    at: dt.datetime


async def charges(
    ask: Stripe, vendor: Vendor, since: dt.datetime, until: dt.datetime, metadata: Mapping[str, str]
) -> tuple[Charge, ...]:
    """List the charges that succeeded and were captured (https://docs.stripe.com/api/charges/list).

    Those whose metadata hold something else than `metadata` are another system's.
    """
    created = (("created[gte]", str(int(since.timestamp()))), ("created[lte]", str(int(until.timestamp()))))
    headers = headers_of(ask.secret_key)
    return tuple(
        [
            _charge(each)
            async for each in pages(vendor, api_of(ask), "/v1/charges", headers, "charges", created)
            if each.text("status") == "succeeded"
            and each.flag("captured")
            and all(each.part("metadata").text(name) == value for name, value in metadata.items())
        ]
    )


def _charge(of: Part) -> Charge:
    currency = of.text("currency").upper()
    taken = of_stripe(of.whole("amount_captured"), currency)
    at = dt.datetime.fromtimestamp(of.whole("created"), dt.UTC)
    return Charge(of.text("id"), of.text("payment_intent"), taken, currency, at)


async def of_stripe_by_id(ask: Stripe, vendor: Vendor, sought: Iterable[Sought]) -> Found:
    """Ask for single payments, by the id of the charge or of the PaymentIntent."""

    async def one(reference: str) -> AtGateway:
        if not ID.fullmatch(reference) or not reference.startswith((*CHARGE, *INTENT)):
            return AtGateway("absent")
        kind = "payment_intents" if reference.startswith(INTENT) else "charges"
        got = await vendor.get(api_of(ask), f"/v1/{kind}/{reference}", headers=headers_of(ask.secret_key))
        if got.status == NOT_FOUND:
            return AtGateway("absent")
        if got.status == FORBIDDEN:
            raise withheld(got, "payments")
        if not got.ok:
            raise failed_at(got, "a payment", "Stripe")
        currency = got.body.text("currency").upper()
        amount = got.body.whole("amount_received" if kind == "payment_intents" else "amount_captured")
        return AtGateway(STATES.get(got.body.text("status"), "pending"), of_stripe(amount, currency), currency)

    references = list(dict.fromkeys(payment.reference for payment in sought))
    return dict(zip(references, await asyncio.gather(*map(one, references)), strict=True))
