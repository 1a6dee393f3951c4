"""Both sides of the payments of the last days: the rows of the application's database, and what the gateways say."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar, cast, get_args

from golive import Environment, Fact, Now, Unavailable, probe
from golive_checks.subjects import Database
from golive_checks.systems.gateways.gateways import Gateway, Gateways
from golive_checks.systems.gateways.ledger_rows import BOOKED, KEY, Ledger, LedgerRow, row_of
from golive_checks.systems.gateways.mtn import Mtn
from golive_checks.systems.gateways.orange import Orange
from golive_checks.systems.gateways.payment_rows import PaymentRows, PaymentsPlace, database_of
from golive_checks.systems.gateways.payment_status import AtGateway, Found, Sought, of_mtn, of_orange, of_paypal
from golive_checks.systems.gateways.paypal import PayPal
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.stripe_account import StripeAccess, demand
from golive_checks.systems.gateways.stripe_charges import Charge, charges, of_stripe_by_id
from golive_checks.systems.vendors.client.client import Vendor

T = TypeVar("T")

SETTLED = dt.timedelta(minutes=15)
"""What is younger may still be on its way from the gateway."""
MARGIN = dt.timedelta(hours=1)
"""How far beyond the window the other side of a payment is looked for."""
MOST = 50
"""Payments of one gateway that are asked for one by one."""


@dataclass(frozen=True)
class GatewayGap:
    """Why a gateway could not be asked."""

    reason: str
    fix: str


@dataclass(frozen=True)
class Books(Fact):
    """Both sides. The window is from `since` to `until`; rows and charges reach somewhat beyond it."""

    since: dt.datetime
    until: dt.datetime
    limit: dt.datetime
    """What has been pending since before it, waits too long."""
    rows: tuple[LedgerRow, ...] = ()
    charges: tuple[Charge, ...] = ()
    """What Stripe has taken."""
    asked: Mapping[str, AtGateway] = field(default_factory=dict)
    """What the gateways say of single rows, by the row's key."""
    unasked: Mapping[Gateway, int] = field(default_factory=dict)
    """How many more rows there are of a gateway than are asked for, by its name."""
    gaps: Mapping[Gateway, GatewayGap] = field(default_factory=dict)
    """By the gateway's name."""

    def in_window(self, at: dt.datetime) -> bool:
        """Return whether a time is one of the window's."""
        return self.since <= at <= self.until


def indirect(row: LedgerRow) -> bool:
    """Return whether Stripe's list of charges does not have a row's id, so that it may be about any of them."""
    return row.gateway == "stripe" and not row.reference.startswith(("pi_", "ch_", "py_"))


def by_id(charges: Iterable[Charge]) -> dict[str, Charge]:
    """Return charges by each id that a row may know them by: their own, or the PaymentIntent's."""
    return {key: charge for charge in charges for key in (charge.id, charge.payment_intent) if key}


@probe("gateways.books")
async def books(
    env: Environment,
    gateways: Gateways,
    places: Mapping[Database, PaymentsPlace] | Unavailable,
    seen: StripeAccess | Unavailable,
    ask: Ledger,
    stripe: Stripe,
    paypal: PayPal,
    mtn: Mtn,
    orange: Orange,
    reader: PaymentRows,
    vendor: Vendor,
    now: Now,
) -> Books:
    """Read the payments that the application has booked, and ask the gateways for them."""
    if not ask.query:
        raise Unavailable("the profile does not say how the application's payments are read", fix=f"set {KEY}")
    until = now.at - SETTLED
    since = until - dt.timedelta(hours=ask.window_h)
    limit = now.at - dt.timedelta(hours=ask.stuck_after_h)
    marks = {"since": since - MARGIN, "until": now.at}
    [read] = await reader.read(database_of(places), {KEY: ask.query}, marks)
    pairs = [row_of(row) for row in read]
    rows = tuple(row for row, _ in pairs if row.gateway in gateways.enabled)
    taken: tuple[Charge, ...] | GatewayGap = ()
    if "stripe" in gateways.enabled:
        taken = await _or_gap(_charges(seen, stripe, vendor, (marks["since"], now.at), ask.stripe_metadata))
    gaps: dict[Gateway, GatewayGap] = {"stripe": taken} if isinstance(taken, GatewayGap) else {}
    listed = () if isinstance(taken, GatewayGap) else taken
    found = Books(since, until, limit, rows, listed)
    asks: Mapping[Gateway, Callable[[Sequence[Sought]], Awaitable[Found]]] = {
        "stripe": partial(of_stripe_by_id, stripe, vendor),
        "paypal": partial(of_paypal, env, paypal, vendor),
        "mtn": partial(of_mtn, env, mtn, vendor),
        "orange": partial(of_orange, gateways, orange, vendor),
    }
    sought, unasked = _sought(found, dict(pairs))
    asking = {gateway: asks[gateway](those) for gateway, those in sought.items() if gateway not in gaps}
    asked, unanswered = await _asked(asking)
    return Books(since, until, limit, rows, listed, asked, unasked, gaps | unanswered)


async def _asked(asking: Mapping[Gateway, Awaitable[Found]]) -> tuple[dict[str, AtGateway], dict[Gateway, GatewayGap]]:
    """Return what the gateways have of the payments, by gateway and reference, and which of them did not answer."""
    asked, gaps = dict[str, AtGateway](), dict[Gateway, GatewayGap]()
    answers = await asyncio.gather(*(_or_gap(each) for each in asking.values()))
    for gateway, answer in zip(asking, answers, strict=True):
        if isinstance(answer, GatewayGap):
            gaps[gateway] = answer
        else:
            asked |= {f"{gateway} {reference}": there for reference, there in answer.items()}
    return asked, gaps


async def _or_gap(asking: Awaitable[T]) -> T | GatewayGap:
    """Let what one gateway does not tell be no reason to tell nothing of the others."""
    try:
        return await asking
    except Unavailable as gap:
        return GatewayGap(gap.reason, gap.fix)


async def _charges(
    seen: StripeAccess | Unavailable,
    ask: Stripe,
    vendor: Vendor,
    window: tuple[dt.datetime, dt.datetime],
    metadata: Mapping[str, str],
) -> tuple[Charge, ...]:
    if isinstance(seen, Unavailable):
        raise seen
    demand(seen)
    return await charges(ask, vendor, *window, metadata)


def _sought(found: Books, tokens: Mapping[LedgerRow, str]) -> tuple[dict[Gateway, list[Sought]], dict[Gateway, int]]:
    """Choose what to ask each gateway: rows that wait past the limit, and booked ones in no list; newest first.

    Of each of the two no more than the bound is asked for.
    """
    sought: dict[Gateway, list[Sought]] = {}
    unasked: dict[Gateway, int] = {}
    newest = sorted(found.rows, key=lambda row: row.at, reverse=True)
    waiting = [row for row in newest if row.status == "pending" and row.at <= found.limit and row.reference]
    listed = by_id(found.charges)
    booked = [row for row in newest if row.status in BOOKED and (found.in_window(row.at) or indirect(row))]
    booked = [row for row in booked if row.gateway != "stripe" or row.reference not in listed]
    for gateway in cast("Sequence[Gateway]", get_args(Gateway)):
        for rows in (waiting, booked):
            those = {row.key: row for row in rows if row.gateway == gateway}
            chosen = list(those.values())[:MOST]
            if chosen:
                of = [Sought(row.reference, row.amount, tokens[row]) for row in chosen]
                sought.setdefault(gateway, []).extend(of)
            if len(those) > len(chosen):
                unasked[gateway] = unasked.get(gateway, 0) + len(those) - len(chosen)
    return sought, unasked
