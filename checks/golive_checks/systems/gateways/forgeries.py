"""Forged successes for a pending test order, and whether the order's rows changed after them."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlencode

from golive import Effect, Fact, Now, RunInfo, Unavailable, probe
from golive_checks.subjects import Database, Host
from golive_checks.systems.gateways.forging import Attempt, Forger, absent_of
from golive_checks.systems.gateways.gateways import Gateway
from golive_checks.systems.gateways.marks import filled
from golive_checks.systems.gateways.notices import Notice, Paid, in_form, notices
from golive_checks.systems.gateways.order_rows import (
    Forgery,
    OrderRows,
    PendingOrder,
    RequestForm,
    Rows,
    demand_pending,
    rows_of,
)
from golive_checks.systems.gateways.order_status import answered
from golive_checks.systems.gateways.payment_rows import PaymentsPlace
from golive_checks.systems.gateways.webhooks import METHODS, Webhook, demand_path
from golive_checks.systems.http.door import Door
from golive_checks.systems.http.front import HostDoor

LOOKS = 5
"""How often the rows are read while they are watched."""


@dataclass(frozen=True)
class Forged(Fact):
    """What the forged successes got, and whether the rows were others afterwards."""

    attempts: tuple[Attempt, ...] = ()
    changed: bool = False
    waits: bool = False
    """The rows that are others say all the same that the order waits for its payment."""
    changed_after_s: float = 0.0
    watched_s: float = 0.0
    kept: int = 0
    """Rows that came to the events of the order, by payments.forgery.events_query."""


def _requests(host: Host) -> int:
    return 12 if host.serves_api else 0


@probe(
    "gateways.forged",
    requests=_requests,
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
    order = _order_of(webhook.gateway, ask)
    read = _reader(rows, order, ask, places, door)
    before = rows_of(await read(), ask)
    demand_pending(before, order, ask)
    events = await rows.events(order, ask, places)
    paid = Paid(order.reference, order.gateway_reference or order.reference, order.amount, order.currency)
    own = ask.requests.get(webhook.gateway, RequestForm())
    forger = Forger(door, _path(webhook.path, own), own.headers, absent_of(paid, order.absent))
    gap = None
    try:
        for method in METHODS.get(webhook.gateway, ("POST",)):
            await forger.attempt(method, paid, partial(_forms, webhook.gateway, own, now, run))
    except Unavailable as stopped:
        gap = stopped
    if gap and not forger.sent:
        raise gap
    seen = Forged(tuple(forger.attempts), watched_s=ask.watch_s)
    after, after_s = await _watched(read, before, ask)
    if gap and after is None:
        raise gap
    kept = await rows.events(order, ask, places) - events
    if after is None:
        return replace(seen, kept=kept)
    return replace(seen, changed=True, waits=after.still_wait(before), changed_after_s=after_s, kept=kept)


def _order_of(gateway: Gateway, ask: Forgery) -> PendingOrder:
    order = ask.orders.get(gateway)
    if order is None:
        raise Unavailable(
            f"the profile names no pending test order for {gateway}", fix=f"set payments.forgery.orders.{gateway}"
        )
    return order


def _reader(
    rows: OrderRows,
    order: PendingOrder,
    ask: Forgery,
    places: Mapping[Database, PaymentsPlace] | Unavailable,
    door: Door,
) -> Callable[[], Awaitable[bytes]]:
    """Return what reads the order's rows, in the way that the profile names."""
    if ask.rows_request.path:
        return partial(answered, order.reference, ask.rows_request, door)
    return partial(rows.read, order, ask, places)


async def _watched(read: Callable[[], Awaitable[bytes]], before: Rows, ask: Forgery) -> tuple[Rows | None, float]:
    """Watch the rows until they are others; return them, and after how many seconds. None: they stayed as they were.

    Rows that say still that the order waits are watched on: a booking may follow.
    """
    clock = asyncio.get_running_loop().time
    began, found, found_s = clock(), None, 0.0
    for look in range(1, LOOKS + 1):
        await asyncio.sleep(max(0.0, began + ask.watch_s * look / LOOKS - clock()))
        now = rows_of(await read(), ask)
        if now.content == before.content:
            continue
        found, found_s = now, found_s or round(clock() - began, 1)
        if not now.still_wait(before):
            break
    return found, found_s


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
        made = in_form(gateway, "the profile's", filled(own.body, paid.filled), now, run)
        forms |= {notice.form: notice for notice in made}
    return forms
