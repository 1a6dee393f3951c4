"""What Stripe has taken: its charges of a time, as a list; and single payments by their id."""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from golive_checks.systems.gateways.money import of_stripe
from golive_checks.systems.gateways.payment_status import ID, NOT_FOUND, AtGateway, Found, Sought, State
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_api import FORBIDDEN, api_of, headers_of, no_access, pages
from golive_checks.systems.vendors.client.answer import JsonPart, failed_at
from golive_checks.systems.vendors.client.client import Vendor

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
    headers = headers_of(ask.secret_key, ask.context)
    return tuple(
        [
            _charge(each)
            async for each in pages(vendor, api_of(ask), "/v1/charges", headers, "charges", created)
            if each.text("status") == "succeeded"
            and each.flag("captured")
            and all(each.part("metadata").text(name) == value for name, value in metadata.items())
        ]
    )


def _charge(of: JsonPart) -> Charge:
    currency = of.text("currency").upper()
    taken = of_stripe(of.whole("amount_captured"), currency)
    at = dt.datetime.fromtimestamp(of.whole("created"), dt.UTC)
    return Charge(of.text("id"), of.text("payment_intent"), taken, currency, at)


async def of_stripe_by_id(ask: Stripe, vendor: Vendor, sought: Iterable[Sought]) -> Found:
    """Ask for single payments, by the id of what the app keeps: see `KINDS`."""

    async def one(reference: str) -> AtGateway:
        kind = next((each for prefix, each in KINDS.items() if reference.startswith(prefix)), None)
        if not ID.fullmatch(reference) or kind is None:
            return AtGateway("unknown kind")
        path, expanded, read = kind
        query = (("expand[]", expanded),) if expanded else ()
        headers = headers_of(ask.secret_key, ask.context)
        got = await vendor.get(api_of(ask), f"/v1/{path}/{reference}", headers=headers, query=query)
        if got.status == NOT_FOUND:
            return AtGateway("absent")
        if got.status == FORBIDDEN:
            raise no_access(got, "payments")
        if not got.ok:
            raise failed_at(got, "a payment", "Stripe")
        return read(got.body)

    references = list(dict.fromkeys(payment.reference for payment in sought))
    return dict(zip(references, await asyncio.gather(*map(one, references)), strict=True))


def _paid(body: JsonPart, taken: str) -> AtGateway:
    """Read a PaymentIntent or a charge."""
    currency = body.text("currency").upper()
    return AtGateway(STATES.get(body.text("status"), "pending"), of_stripe(body.whole(taken), currency), currency)


def _session(body: JsonPart) -> AtGateway:
    """Read a Checkout session (https://docs.stripe.com/api/checkout/sessions/object)."""
    currency = body.text("currency").upper()
    paid = body.text("payment_status") in {"paid", "no_payment_required"}
    state: State = "succeeded" if paid else "failed" if body.text("status") == "expired" else "pending"
    amount = of_stripe(body.whole("amount_total"), currency)
    return AtGateway(state, amount, currency, body.text("payment_intent") or body.text("invoice"))


def _invoice(body: JsonPart) -> AtGateway:
    """Read an invoice and the payment of it (https://docs.stripe.com/api/invoices/object)."""
    currency = body.text("currency").upper()
    states: dict[str, State] = {"paid": "succeeded", "void": "failed", "uncollectible": "failed"}
    payments = [each.part("payment") for each in body.part("payments").parts("data")]
    by = next((each.text("payment_intent") or each.text("charge") for each in payments), "")
    amount = of_stripe(body.whole("amount_paid"), currency)
    return AtGateway(states.get(body.text("status"), "pending"), amount, currency, by)


def _subscription(body: JsonPart) -> AtGateway:
    """Read a subscription: whether its latest invoice is paid; its amounts are those of many payments."""
    return AtGateway(_invoice(body.part("latest_invoice")).state)


KINDS: Mapping[str, tuple[str, str, Callable[[JsonPart], AtGateway]]] = {
    "pi_": ("payment_intents", "", lambda body: _paid(body, "amount_received")),
    "ch_": ("charges", "", lambda body: _paid(body, "amount_captured")),
    "py_": ("charges", "", lambda body: _paid(body, "amount_captured")),
    "cs_": ("checkout/sessions", "", _session),
    "in_": ("invoices", "payments", _invoice),
    "sub_": ("subscriptions", "latest_invoice", _subscription),
}
"""How the ids begin of what an app may keep of a payment, where it is asked for, and what is to be expanded."""
