"""The payments that the application has booked, as the profile's query brings them, and what that query must bring."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, cast, get_args

from pydantic import Field

from golive import Settings, Unavailable
from golive_checks.systems.gateways.gateways import Gateway
from golive_checks.systems.gateways.money import exact

Status = Literal["paid", "refunded", "pending", "failed"]
BOOKED: frozenset[Status] = frozenset({"paid", "refunded"})
"""The money was taken; what was refunded had been."""
KEY = "payments.ledger.query"


class Ledger(Settings):
    """How the payments that the application has booked are read, and of which time.

    The query runs on the payments' database (payments.data), and brings a row for each payment that changed from
    {since} to {until}. Its columns, in this order: the gateway's own id of the payment (Stripe's pi_... or ch_...,
    PayPal's capture, MTN's X-Reference-Id, Orange's order_id); the amount that was taken, in the currency's own unit,
    such as 12.50, also where it was refunded since; the currency; the status, one of paid, refunded, pending, failed;
    the gateway, one of stripe, paypal, mtn, orange; when the row last changed; and, where there are payments of
    Orange's, the pay_token. Rows of a gateway that is not in use (env.gateways) are left out.
    """

    home: ClassVar[str] = "payments.ledger"

    query: str = Field(default="", max_length=10_000)
    """Such as: SELECT reference, amount, currency, status, gateway, updated_at FROM payments WHERE updated_at BETWEEN
    {since} AND {until}."""
    stripe_metadata: dict[str, str] = Field(default={}, max_length=50)
    """What the metadata of the application's own charges hold, where other systems have the same account at Stripe."""
    window_h: float = Field(default=72.0, gt=0.5, le=24 * 31)
    """How far back payments are compared. The window ends 15 minutes ago: what is younger may be on its way."""
    stuck_after_h: float = Field(default=1.0, ge=0.25, le=24 * 31)
    """How long a payment may be pending that its gateway has ended."""


@dataclass(frozen=True)
class LedgerRow:
    """A payment as the application's database has it."""

    gateway: Gateway
    reference: str
    amount: str
    currency: str
    status: Status
    at: dt.datetime

    @property
    def key(self) -> str:
        """What it is asked for by."""
        return f"{self.gateway} {self.reference}"


def row_of(row: Sequence[object]) -> tuple[LedgerRow, str]:
    """Read a row of the profile's query, and Orange's token apart.

    Raises:
        Unavailable: it is not as the query's contract says.
    """
    if len(row) not in {6, 7}:
        raise _odd(f"brings {len(row)} columns", "let it bring reference, amount, currency, status, gateway, time")
    reference, amount, currency, status, gateway, at = row[:6]
    if exact(amount) == "":
        raise _odd("brings an amount that is no number", "let its second column be a decimal such as 12.50")
    if status not in get_args(Status):
        raise _odd("brings a status of the application's own", f"let it say {', '.join(get_args(Status))} (CASE ...)")
    if gateway not in get_args(Gateway):
        known = ", ".join(get_args(Gateway))
        raise _odd("brings a gateway that golive does not know", f"let it say {known}, and leave out other payments")
    if not isinstance(at, dt.datetime):
        raise _odd("brings a time that is none", "let its sixth column be a timestamp")
    made = LedgerRow(
        cast("Gateway", gateway),
        "" if reference is None else str(reference)[:200],
        exact(amount),
        str(currency).upper()[:8],
        cast("Status", status),
        at if at.tzinfo else at.replace(tzinfo=dt.UTC),  # as Prisma stores it
    )
    token = row[6] if len(row) > 6 else None  # noqa: PLR2004 - the seventh column
    return made, "" if token is None else str(token)


def _odd(what: str, fix: str) -> Unavailable:
    return Unavailable(f"{KEY} {what}", fix=fix)
