"""What the app asks of Stripe for a test order: the amount of the PaymentIntent or Checkout session that it makes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from golive import Effect, Environment, Fact, RunInfo, Settings, Unavailable, Writes, probe
from golive_checks.subjects import Database, Host
from golive_checks.systems.gateways.gateways import Currency
from golive_checks.systems.gateways.marks import filled
from golive_checks.systems.gateways.payment_rows import PaymentRows, PaymentsPlace, database_of
from golive_checks.systems.gateways.reconciliation import keep_off_real_money, placed
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_api import FORBIDDEN, api_of, headers_of, no_access
from golive_checks.systems.gateways.stripe_sending import takes_events
from golive_checks.systems.gateways.trial_orders import HOME, Reconciliation, TrialOrder, reference_of
from golive_checks.systems.http.client.message import HeaderName, HeaderValue
from golive_checks.systems.http.door import Door
from golive_checks.systems.http.front import HostDoor
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.machine.client.guard import LeftoverGuard
from golive_checks.systems.postgres.client.writes import PostgresWriter
from golive_checks.systems.vendors.client.answer import failed_at
from golive_checks.systems.vendors.client.client import Vendor

MADE = re.compile(r"(?<![A-Za-z0-9_])(?:cs_test_[A-Za-z0-9]{8,120}|pi_[A-Za-z0-9]{8,64})")
"""What an answer tells the browser of a payment: a PaymentIntent's client secret begins with its id, and a Checkout
session's id is in its URL (https://docs.stripe.com/api/payment_intents/object, and checkout/sessions/object)."""
NOT_FOUND = 404
FIRST = 11
"""The number of the first order; those that are paid have others."""


class OrderOf(BaseModel):
    """What a test order costs."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    amount: str = Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,3})?$")
    """In the currency's own unit."""
    currency: Currency
    """Such as XOF."""


class PaymentRequest(Settings):
    """How the app is asked to begin a payment by Stripe, of orders that payments.reconciliation makes and removes.

    {reference} is the order's id, {amount} and {currency} what it costs.
    """

    home: ClassVar[str] = "payments.asked"

    request: Annotated[str, StringConstraints(pattern=r"^((POST|PUT|GET) /[!-~]*)?$", max_length=1000)] = ""
    """A method and a path of the API, such as `POST /api/v1/orders/{reference}/pay`. The answer must name the
    PaymentIntent, by its id or client secret, or the Checkout session, by its id or URL."""
    headers: dict[HeaderName, HeaderValue] = Field(default={}, max_length=20)
    """What lets a test customer in, such as an Authorization header."""
    body: JsonValue = None
    """Sent as JSON."""
    orders: tuple[OrderOf, ...] = Field(default=(OrderOf(amount="2500", currency="XOF"),), min_length=1, max_length=5)
    """What the test orders cost: one in each currency that is counted otherwise than in hundredths."""


@dataclass(frozen=True)
class BegunPayment:
    """An order, and the id of what the app made of it at Stripe."""

    amount: str
    currency: str
    id: str

    @property
    def is_session(self) -> bool:
        """True for a Checkout session, false for a PaymentIntent."""
        return self.id.startswith("cs_")


@dataclass(frozen=True)
class BegunPayments(Fact):
    """What the app began; nothing where the host takes no events of Stripe's, or the profile names no request."""

    begun: tuple[BegunPayment, ...] = ()


@dataclass(frozen=True)
class AskedAmount:
    """An order, and what Stripe was asked for it: `smallest` in the currency's smallest unit there."""

    amount: str
    currency: str
    smallest: int
    asked_currency: str


@dataclass(frozen=True)
class AskedAmounts(Fact):
    """What Stripe was asked for each order."""

    asked: tuple[AskedAmount, ...] = ()


def _requests(host: Host, ask: PaymentRequest, stripe: Stripe) -> int:
    return 2 if takes_events(host, stripe) and ask.request else 0


@probe(
    "gateways.begun-payments",
    requests=_requests,
    effect=Effect.WRITE,
    leaves="a payment that nobody confirms in Stripe's test mode, for each test order",
)
async def begun_payments(
    host: Host,
    env: Environment,
    door: HostDoor,
    places: Mapping[Database, PaymentsPlace] | Unavailable,
    ask: PaymentRequest,
    stripe: Stripe,
    how: Reconciliation,
    reader: PaymentRows,
    writer: PostgresWriter,
    command: CommandRunner,
    guard: LeftoverGuard,
    writes: Writes,
    run: RunInfo,
) -> BegunPayments:
    """Make test orders, and let the app begin their payments."""
    if not takes_events(host, stripe) or not ask.request:
        return BegunPayments()
    keep_off_real_money(env, stripe)
    if not how.order_query:
        raise Unavailable("the profile does not say how a test order is made", fix=f"set {HOME}.create and the others")
    pinned, database = door.pinned(), database_of(places)
    found = []
    for number, cost in enumerate(ask.orders, FIRST):
        costing = how.model_copy(update={"amount": cost.amount, "currency": cost.currency})
        order = TrialOrder(reference_of(how, run, number), costing, database, reader, writer, command)
        id_ = await _begin(pinned, await placed(order, guard, writes), ask)
        found.append(BegunPayment(cost.amount, cost.currency, id_))
    return BegunPayments(tuple(found))


async def _begin(door: Door, order: TrialOrder, ask: PaymentRequest) -> str:
    """Ask the app to begin an order's payment, and return the id of what it made at Stripe."""
    method, _, path = ask.request.partition(" ")
    headers = {name.lower(): order.filled(value.get_secret_value()) for name, value in ask.headers.items()}
    body = b"" if ask.body is None else json.dumps(filled(ask.body, order.filled)).encode()
    if body:
        headers = {"content-type": "application/json", **headers}
    got = await door.knock(method, order.filled(path), body, headers)
    id_ = MADE.search(f"{got.header('location')} {got.body.decode('utf-8', 'replace')}")
    if id_ is None:
        raise Unavailable(
            f"{ask.request} answers {got.status} and names no payment of Stripe's test mode",
            fix="see payments.asked: the answer must hold a PaymentIntent's client secret, or a Checkout session's URL",
        )
    return id_[0]


@probe("gateways.asked-amounts")
async def asked_amounts(host: Host, seen: BegunPayments, stripe: Stripe, vendor: Vendor) -> AskedAmounts:
    """Ask Stripe what it was asked for."""
    return AskedAmounts(tuple([await _asked(each, stripe, vendor) for each in seen.begun]))


async def _asked(of: BegunPayment, stripe: Stripe, vendor: Vendor) -> AskedAmount:
    path = f"/v1/{'checkout/sessions' if of.is_session else 'payment_intents'}/{of.id}"
    got = await vendor.get(api_of(stripe), path, headers=headers_of(stripe.secret_key, stripe.context))
    if got.status == FORBIDDEN:
        raise no_access(got, "payments")
    if got.status == NOT_FOUND:
        raise Unavailable(
            "Stripe does not know the payment that the app began: golive's key is another account's",
            fix="let stripe.secret_key be a key of the account that the app uses",
        )
    if not got.ok:
        raise failed_at(got, "a payment", "Stripe")
    smallest = got.body.whole("amount_total" if of.is_session else "amount")
    return AskedAmount(of.amount, of.currency, smallest, got.body.text("currency").upper())
