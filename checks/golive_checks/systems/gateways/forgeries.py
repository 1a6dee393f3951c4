"""Forged successes for a pending test order, and whether the order's rows changed after them."""

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ClassVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from golive import Client, Effect, Fact, Now, RunInfo, Settings, Unavailable, probe
from golive_checks.subjects import Database
from golive_checks.systems.gateways.forging import Attempt, Forger, absent_of
from golive_checks.systems.gateways.gateways import Currency, Gateway
from golive_checks.systems.gateways.marks import filled
from golive_checks.systems.gateways.notices import Notice, Paid, notices
from golive_checks.systems.gateways.payment_rows import PaymentRows, PaymentsPlace, database_of
from golive_checks.systems.gateways.webhooks import METHODS, Webhook, demand_path
from golive_checks.systems.http.client.message import HeaderName, HeaderValue, OneLine
from golive_checks.systems.http.front import HostDoor
from golive_checks.systems.machine.client.command import CommandRunner

LOOKS = 5
"""How often the rows are read while they are watched."""


class PendingOrder(BaseModel):
    """An order of a test customer that waits for its payment."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    reference: str = Field(min_length=1, max_length=100)
    """What the app sent to the gateway for it: the order's id, or MTN's externalId."""
    gateway_reference: str = Field(default="", max_length=300)
    """What the gateway calls it, where the app looks it up by that: PayPal's order, MTN's X-Reference-Id, Orange's
    pay_token. Empty: the reference."""
    absent: str = Field(default="", max_length=100)
    """A reference of the same form that no order has; empty: golive makes one up."""
    amount: str = Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?$")
    """What is to be paid, in the currency's own unit: "12.50"."""
    currency: Currency
    """Its currency, such as XOF."""


class RequestForm(BaseModel):
    """A gateway's call as the app reads it. {reference}, {gateway_reference}, {amount} and {currency} are filled in."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    headers: dict[HeaderName, HeaderValue] = Field(default={}, max_length=20)
    """Sent with every form of the notice."""
    query: dict[str, OneLine] = Field(default={}, max_length=20)
    """Likewise, after the path."""
    body: JsonValue = None
    """One more form of the notice, sent as JSON."""


class Forgery(Settings):
    """The pending test orders for which a success is forged, and how their rows are read."""

    home: ClassVar[str] = "payments.forgery"

    orders: dict[Gateway, PendingOrder] = Field(default_factory=dict)
    """One for each gateway. golive changes nothing of it; a webhook that is taken in by a forgery does."""
    requests: dict[Gateway, RequestForm] = Field(default_factory=dict)
    """How a gateway's call must be for the app to find the order by it, where that is not as the gateway documents."""
    events_query: str = Field(default="", max_length=10_000)
    """A query for the rows that the app keeps of calls about the order: one more shows that a forgery came to it."""
    rows_command: tuple[str, ...] = ()
    """A command that prints the order's and the payment's rows; `{reference}` in it stands for the order's."""
    rows_query: str = Field(default="", max_length=10_000)
    """Or: a query on the payments' database (payments.data) that brings them; `{reference}` is a value there."""
    pending: tuple[str, ...] = Field(default=("pending",), min_length=1)
    """Words by which the rows say that the order still waits for its payment; one of them must be there."""
    watch_s: float = Field(default=10.0, ge=0, le=120)
    """How long the rows must stay as they are."""

    @model_validator(mode="after")
    def _one_way(self) -> "Forgery":
        if self.rows_command and self.rows_query:
            raise ValueError("needs either rows_query or rows_command")
        return self


class OrderRows(Client):
    """Reads the rows of an order and of its payment, each time."""

    def __init__(self, command: CommandRunner, rows: PaymentRows) -> None:
        self._command = command
        self._rows = rows
        self._looks = 0

    async def read(
        self, order: PendingOrder, ask: Forgery, places: Mapping[Database, PaymentsPlace] | Unavailable
    ) -> bytes:
        """Return the rows as they are now."""
        if ask.rows_query:
            return await self._queried(order, ask, database_of(places))
        if not ask.rows_command:
            raise Unavailable(
                "the profile does not say how the order's rows are read",
                fix="set payments.forgery.rows_query, or rows_command to a command that prints them",
            )
        self._looks += 1
        argv = tuple(part.replace("{reference}", order.reference) for part in ask.rows_command)
        ran = await self._command.run(argv, again=self._looks)
        if ran.code != 0 or not ran.stdout.strip():
            raise Unavailable(
                f"the rows of the test order could not be read: the command ended with {ran.code}",
                fix="run payments.forgery.rows_command by hand; the test order must be there, and pending",
            )
        return ran.stdout

    async def events(
        self, order: PendingOrder, ask: Forgery, places: Mapping[Database, PaymentsPlace] | Unavailable
    ) -> int:
        """Return how many rows the app keeps of calls about the order; none where the profile names no query."""
        if not ask.events_query:
            return 0
        wanted = {"payments.forgery.events_query": ask.events_query}
        [rows] = await self._rows.read(database_of(places), wanted, {"reference": order.reference})
        return len(rows)

    async def _queried(self, order: PendingOrder, ask: Forgery, database: Database) -> bytes:
        key = "payments.forgery.rows_query"
        [rows] = await self._rows.read(database, {key: ask.rows_query}, {"reference": order.reference})
        if not rows:
            raise Unavailable(
                f"{key} brings no row for the test order {order.reference}",
                fix="the test order must be there, and pending",
            )
        return repr(sorted(map(repr, rows))).encode()


@dataclass(frozen=True)
class Forged(Fact):
    """What the forged successes got, and whether the rows were others afterwards."""

    attempts: tuple[Attempt, ...] = ()
    changed: bool = False
    changed_after_s: float = 0.0
    watched_s: float = 0.0
    kept: int = 0
    """Rows that came to the events of the order, by payments.forgery.events_query."""


@probe(
    "gateways.forged",
    effect=Effect.ACTIVE,
    leaves="what the app stores of calls that it rejects; a test order that it accepts as paid stays paid",
)
async def forged(
    webhook: Webhook,
    door: HostDoor,
    ask: Forgery,
    rows: OrderRows,
    places: Mapping[Database, PaymentsPlace] | Unavailable,
    now: Now,
    run: RunInfo,
) -> Forged:
    """Forge a success for the pending test order, in every form, and watch its rows."""
    if webhook.gateway == "stripe":
        return Forged()  # its events are signed: stripe.signature-enforced sends it what is forged
    demand_path(webhook)
    order = ask.orders.get(webhook.gateway)
    if order is None:
        raise Unavailable(
            f"the profile names no pending test order for {webhook.gateway}",
            fix=f"set payments.forgery.orders.{webhook.gateway}",
        )
    there = await rows.read(order, ask, places)
    demand_pending(there, order, ask)
    before, events = _digest(there), await rows.events(order, ask, places)
    paid = Paid(order.reference, order.gateway_reference or order.reference, order.amount, order.currency)
    own = ask.requests.get(webhook.gateway, RequestForm())
    forger = Forger(door, _path(webhook.path, own), own.headers)
    attempts: list[Attempt] = []
    for method in METHODS.get(webhook.gateway, ("POST",)):
        attempts += await forger.attempt(
            method, paid, partial(absent_of, paid, order.absent), partial(_forms, webhook.gateway, own, now, run)
        )
    seen = partial(Forged, tuple(attempts), watched_s=ask.watch_s)
    changed_after = await _watched(lambda: rows.read(order, ask, places), before, ask.watch_s)
    kept = await rows.events(order, ask, places) - events
    if changed_after is None:
        return seen(kept=kept)
    return seen(changed=True, changed_after_s=changed_after, kept=kept)


async def _watched(read: Callable[[], Awaitable[bytes]], before: str, watch_s: float) -> float | None:
    """Return after how many seconds the rows were others; None where they stayed as they were."""
    clock = asyncio.get_running_loop().time
    began = clock()
    for look in range(1, LOOKS + 1):
        await asyncio.sleep(max(0.0, began + watch_s * look / LOOKS - clock()))
        if _digest(await read()) != before:
            return round(clock() - began, 1)
    return None


def _path(path: str, own: RequestForm) -> str:
    """Return the path with the query that the app wants; {marks} in it stay."""
    if not own.query:
        return path
    return (
        path
        + ("&" if "?" in path else "?")
        + urlencode({name: value.get_secret_value() for name, value in own.query.items()}, safe="{}")
    )


def _forms(gateway: Gateway, own: RequestForm, now: Now, run: RunInfo, paid: Paid) -> dict[str, Notice]:
    """Return every form of the notice, by its name: the gateway's, and the profile's own."""
    forms = {notice.form: notice for notice in notices(gateway, paid, now, run)}
    if own.body is not None:
        body = json.dumps(filled(own.body, paid.filled)).encode()
        forms["the profile's"] = Notice("the profile's", body)
    return forms


def demand_pending(rows: bytes, order: PendingOrder, ask: Forgery) -> None:
    """See that the order waits for its payment: one that is paid already stays as it is, whoever is believed.

    Raises:
        Unavailable: nothing in its rows says so.
    """
    text = rows.decode("utf-8", "replace")
    if not any(re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", text, re.IGNORECASE) for word in ask.pending):
        raise Unavailable(
            f"the test order {order.reference} waits for no payment: none of its rows says {' or '.join(ask.pending)}",
            fix="if an earlier run has paid it, a forgery was believed. Make it pending again, and name the rows' word "
            "for that in payments.forgery.pending.",
        )


def _digest(rows: bytes) -> str:
    return hashlib.sha256(rows).hexdigest()
