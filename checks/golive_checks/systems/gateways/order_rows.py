"""The rows of a pending test order, how they are read, and what it means when they are others."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from golive import Client, Settings, Unavailable
from golive_checks.subjects import Database
from golive_checks.systems.gateways.gateways import Currency, Gateway
from golive_checks.systems.gateways.order_status import StatusRequest
from golive_checks.systems.gateways.payment_rows import PaymentRows, PaymentsPlace, database_of
from golive_checks.systems.http.client.message import HeaderName, HeaderValue, OneLine
from golive_checks.systems.machine.client.command import CommandRunner, Ran

TIME = re.compile(
    rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?))?", re.ASCII
)
"""A time of day as databases print it. That a column such as updated_at moves on books nothing."""

BOOKED = re.compile(
    rb"(?<![^\W_])(?:paid|success\w{0,9}|succeeded|completed?|captured|settled|approved|encaiss\w{1,9}|bezahlt|pagad[ao])"
    rb"(?![^\W_])",
    re.IGNORECASE,
)
"""Words by which rows say that money came."""


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
    """One more form of the notice, sent as JSON; `"{amount:number}"` is sent as a number."""


class Forgery(Settings):
    """The pending test orders for which a success is forged, and how their rows are read."""

    home: ClassVar[str] = "payments.forgery"

    orders: dict[Gateway, PendingOrder] = Field(default_factory=dict)
    """One for each gateway. golive changes nothing of it; a webhook that is taken in by a forgery does."""
    requests: dict[Gateway, RequestForm] = Field(default_factory=dict)
    """How a gateway's call must be for the app to find the order by it, where that is not as the gateway documents."""
    events_query: str = Field(default="", max_length=10_000)
    """A query for the rows that the app keeps of calls about the order: one more shows that a forgery came to it."""
    events_command: tuple[str, ...] = ()
    """Or a command that prints a line for each."""
    rows_command: tuple[str, ...] = ()
    """A command that prints the order's and the payment's rows; `{reference}` in it stands for the order's."""
    rows_query: str = Field(default="", max_length=10_000)
    """Or: a query on the payments' database (payments.data) that brings them; `{reference}` is a value there."""
    rows_request: StatusRequest = StatusRequest()
    """Or: a request that the app answers with how the order stands."""
    pending: tuple[str, ...] = Field(default=("pending",), min_length=1)
    """Words by which the rows say that the order still waits for its payment; one of them must be there."""
    watch_s: float = Field(default=10.0, ge=0, le=120)
    """How long the rows must stay as they are."""

    @model_validator(mode="after")
    def _one_way(self) -> "Forgery":
        if sum(map(bool, (self.rows_command, self.rows_query, self.rows_request.path))) > 1:
            raise ValueError("needs one of rows_query, rows_command and rows_request")
        if self.events_command and self.events_query:
            raise ValueError("needs either events_query or events_command")
        return self


def _cell(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.datetime) else value


@dataclass(frozen=True)
class Rows:
    """An order's rows as they were at a moment, the times in them aside."""

    lines: int
    pending: int
    """How often they say that the order waits for its payment."""
    content: bytes

    def still_wait(self, before: "Rows") -> bool:
        """Return whether these, which are others, say as before that the order waits.

        There may be more of them where each says so, as of attempts that were rejected, and none that it is booked.
        """
        if self.lines <= before.lines:
            return self.pending >= before.pending
        booked = len(BOOKED.findall(self.content)) > len(BOOKED.findall(before.content))
        return self.pending >= self.lines and not booked


def rows_of(text: bytes, ask: Forgery) -> Rows:
    """Read an order's rows."""
    summary = text.decode("utf-8", "replace")
    words = "|".join(map(re.escape, ask.pending))
    found = re.findall(rf"(?<![^\W_])(?:{words})(?![^\W_])", summary, re.IGNORECASE)
    return Rows(len(text.splitlines()), len(found), TIME.sub(b"<time>", text))


def demand_pending(rows: Rows, order: PendingOrder, ask: Forgery) -> None:
    """See that the order waits for its payment: one that is paid already stays as it is, whoever is believed.

    Raises:
        Unavailable: nothing in its rows says so.
    """
    if not rows.pending:
        raise Unavailable(
            f"the test order {order.reference} waits for no payment: none of its rows says {' or '.join(ask.pending)}",
            fix="if an earlier run has paid it, a forgery was believed. Make it pending again, and name the rows' word "
            "for that in payments.forgery.pending.",
        )


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
                fix="set payments.forgery.rows_query, rows_command to a command that prints them, or rows_request",
            )
        ran = await self._run(ask.rows_command, order)
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
        if ask.events_command:
            ran = await self._run(ask.events_command, order)
            if ran.code != 0:
                raise Unavailable(
                    f"the command that shows the calls about the order ended with {ran.code}",
                    fix="run payments.forgery.events_command by hand",
                )
            return len(ran.stdout.splitlines())
        if not ask.events_query:
            return 0
        wanted = {"payments.forgery.events_query": ask.events_query}
        [rows] = await self._rows.read(database_of(places), wanted, {"reference": order.reference})
        return len(rows)

    async def _run(self, command: tuple[str, ...], order: PendingOrder) -> Ran:
        self._looks += 1
        argv = tuple(part.replace("{reference}", order.reference) for part in command)
        return await self._command.run(argv, again=self._looks)

    async def _queried(self, order: PendingOrder, ask: Forgery, database: Database) -> bytes:
        key = "payments.forgery.rows_query"
        [rows] = await self._rows.read(database, {key: ask.rows_query}, {"reference": order.reference})
        if not rows:
            raise Unavailable(
                f"{key} brings no row for the test order {order.reference}",
                fix="the test order must be there, and pending",
            )
        # A row in a line of its own, so that both ways of reading them show how many there are.
        return "\n".join(sorted(repr([_cell(each) for each in row]) for row in rows)).encode()
