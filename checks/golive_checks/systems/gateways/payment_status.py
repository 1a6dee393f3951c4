"""What PayPal, MTN and Orange say of payments that the application's database has, asked one by one."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from golive import Environment, Unavailable
from golive_checks.systems.gateways.gateways import Gateways
from golive_checks.systems.gateways.money import exact
from golive_checks.systems.gateways.mtn import Mtn, subscription
from golive_checks.systems.gateways.mtn import log_in as log_in_to_mtn
from golive_checks.systems.gateways.orange import Orange
from golive_checks.systems.gateways.orange import log_in as log_in_to_orange
from golive_checks.systems.gateways.paypal import PayPal
from golive_checks.systems.gateways.paypal import log_in as log_in_to_paypal
from golive_checks.systems.vendors.client.answer import VendorAnswer, failed_at
from golive_checks.systems.vendors.client.client import Vendor

State = Literal["succeeded", "pending", "failed", "absent", "unknown kind"]
"""`unknown kind`: an id that golive does not know how to ask for."""
ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
"""What an id can look like that goes into a URL; no gateway knows any other."""
NOT_FOUND = 404

PAYPAL: Mapping[str, State] = {
    "COMPLETED": "succeeded",
    "REFUNDED": "succeeded",
    "PARTIALLY_REFUNDED": "succeeded",
    "PENDING": "pending",
    "DECLINED": "failed",
    "FAILED": "failed",
}
"""https://developer.paypal.com/docs/api/payments/v2/#definition-capture_status; what was refunded had been taken."""
MTN: Mapping[str, State] = {"SUCCESSFUL": "succeeded", "PENDING": "pending", "FAILED": "failed"}
"""https://momodeveloper.mtn.com/API-collections: RequestToPayResult."""
ORANGE: Mapping[str, State] = {
    "SUCCESS": "succeeded",
    "INITIATED": "pending",
    "PENDING": "pending",
    "EXPIRED": "failed",
    "FAILED": "failed",
}
"""https://developer.orange.com/apis/om-webpay: transactionstatus."""


@dataclass(frozen=True)
class AtGateway:
    """A payment as its gateway reports it; `amount` and `currency` are empty if it does not."""

    state: State
    amount: str = ""
    currency: str = ""
    charged_as: str = ""
    """The charge or the PaymentIntent behind it, where it is another object."""


@dataclass(frozen=True)
class Sought:
    """How to ask about a payment: by its gateway's own id for it, and by what Orange needs besides that."""

    reference: str
    amount: str = ""
    token: str = ""


Found = Mapping[str, AtGateway]
"""By reference."""


async def of_paypal(env: Environment, ask: PayPal, vendor: Vendor, sought: Iterable[Sought]) -> Found:
    """Ask PayPal for captures (https://developer.paypal.com/docs/api/payments/v2/#captures_get)."""
    headers = {"authorization": f"Bearer {_token(await log_in_to_paypal(env, ask, vendor), 'PayPal')}"}

    async def one(payment: Sought) -> AtGateway:
        got = await vendor.get(ask.api(env), f"/v2/payments/captures/{payment.reference}", headers=headers)
        amount = got.body.part("amount") if got.ok else got.body
        return _status_in(got, "PayPal", PAYPAL, exact(amount.text("value")), amount.text("currency_code"))

    return await _each(sought, one)


async def of_mtn(env: Environment, ask: Mtn, vendor: Vendor, sought: Iterable[Sought]) -> Found:
    """Ask MTN for requests to pay (https://momodeveloper.mtn.com/API-collections)."""
    if not ask.target_environment:
        raise Unavailable("golive does not know which environment of MTN's to ask", fix="set mtn.target_environment")
    token = _token(await log_in_to_mtn(env, ask, vendor), "MTN")
    headers = {
        "authorization": f"Bearer {token}",
        "x-target-environment": ask.target_environment,
        **subscription(ask),
    }

    async def one(payment: Sought) -> AtGateway:
        path = f"/collection/v1_0/requesttopay/{payment.reference}"
        got = await vendor.get(ask.api(env), path, headers=headers)
        return _status_in(got, "MTN", MTN, exact(got.body.text("amount")), got.body.text("currency"))

    return await _each(sought, one)


async def of_orange(gateways: Gateways, ask: Orange, vendor: Vendor, sought: Iterable[Sought]) -> Found:
    """Ask Orange for transactions by order, amount and pay_token; it tells their status, and no amount."""
    if gateways.orange_api != "webpay" or not ask.country:
        raise Unavailable(
            "golive can ask Orange's WebPay alone for a payment, and for that must know its country",
            fix="set orange.country; for another API of Orange's, leave its rows out of payments.ledger.query",
        )
    headers = {"authorization": f"Bearer {_token(await log_in_to_orange(gateways, ask, vendor), 'Orange')}"}
    path = f"/orange-money-webpay/{ask.country}/v1/transactionstatus"

    async def one(payment: Sought) -> AtGateway:
        if not payment.token:
            raise Unavailable(
                "Orange reports a payment only by its pay_token, and payments.ledger.query returns none",
                fix="let the query return the pay_token as its seventh column",
            )
        question = {"order_id": payment.reference, "amount": payment.amount, "pay_token": payment.token}
        got = await vendor.post(ask.api(gateways), path, headers=headers, question=question)
        return _status_in(got, "Orange", ORANGE)

    return await _each(sought, one, any_reference=True)


def _token(got: VendorAnswer, vendor: str) -> str:
    token = got.body.secret("access_token") if got.ok else ""
    if not token:
        raise Unavailable(f"{vendor} gives golive no token", fix=f"see {vendor.lower()}.credentials-work")
    return token


async def _each(
    sought: Iterable[Sought], one: Callable[[Sought], Awaitable[AtGateway]], *, any_reference: bool = False
) -> Found:
    """Ask for each, side by side as the pace allows."""

    async def asked(payment: Sought) -> AtGateway:
        return await one(payment) if any_reference or ID.fullmatch(payment.reference) else AtGateway("absent")

    those = {payment.reference: payment for payment in sought}
    found = await asyncio.gather(*(asked(payment) for payment in those.values()))
    return dict(zip(those, found, strict=True))


def _status_in(
    got: VendorAnswer, vendor: str, states: Mapping[str, State], amount: str = "", currency: str = ""
) -> AtGateway:
    if got.status == NOT_FOUND:
        return AtGateway("absent")
    if not got.ok:
        raise failed_at(got, "a payment", vendor)
    state = states.get(got.body.text("status"))
    if state is None:
        raise Unavailable(f"{vendor} reports a payment with a status that golive does not know")
    return AtGateway(state, amount, currency.upper())
