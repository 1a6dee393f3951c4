"""Test orders of golive's own that signed events pay, and what the application's database holds after each event."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from golive import Effect, Environment, Fact, Now, RunInfo, Unavailable, Writes, probe
from golive_checks.subjects import Database, Host
from golive_checks.systems.gateways.money import to_stripe
from golive_checks.systems.gateways.payment_rows import PaymentRows, PaymentsPlace, database_of
from golive_checks.systems.gateways.stripe import KEY, ORGANIZATION, Stripe
from golive_checks.systems.gateways.stripe_deliveries import StripeDestinations, version_of
from golive_checks.systems.gateways.stripe_events import payment_event, signature
from golive_checks.systems.gateways.stripe_sending import Sender, sender, takes_events
from golive_checks.systems.gateways.trial_orders import HOME, Reconciliation, TrialOrder, reference_of
from golive_checks.systems.http.front import HostDoor
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.machine.client.guard import LeftoverGuard
from golive_checks.systems.postgres.client.writes import PostgresWriter

EARLIER_S = 120
"""How much before the success the failure happened that comes after it: a first try with another card."""
BETWEEN_LOOKS_S = 0.1


@dataclass(frozen=True)
class EventStep:
    """What an event, or two at once, was answered, and how the order then stood."""

    statuses: tuple[int, ...]
    order: str
    paid: bool
    payments: int
    seconds: float


@dataclass(frozen=True)
class Reconciled(Fact):
    """How the test orders stood after each event; a step that was not come to is None."""

    path: str
    first: EventStep | None = None
    """After the genuine event of the first order."""
    replayed: EventStep | None = None
    """After the same event once more."""
    late: EventStep | None = None
    """After a failure of before the success that came after it."""
    at_once: EventStep | None = None
    """Of the second order: after its event was delivered twice at the same time."""
    api_version: str = ""
    """The version of the API that the events bore; empty: none, which typed libraries refuse."""
    earlier: tuple[str, ...] = ()
    """What runs that were killed had stored, and what became of it."""


def _requests(host: Host, ask: Stripe) -> int:
    return 5 if takes_events(host, ask) else 0


@probe("gateways.reconciled", requests=_requests, effect=Effect.WRITE)
async def reconciled(
    host: Host,
    env: Environment,
    door: HostDoor,
    places: Mapping[Database, PaymentsPlace] | Unavailable,
    ask: Stripe,
    how: Reconciliation,
    reader: PaymentRows,
    writer: PostgresWriter,
    command: CommandRunner,
    guard: LeftoverGuard,
    writes: Writes,
    now: Now,
    run: RunInfo,
    destinations: StripeDestinations | Unavailable,
    origin: Origin | Unavailable,
) -> Reconciled:
    """Pay two test orders by signed events, also repeated, late and twice at once; and remove them again."""
    if not takes_events(host, ask):
        return Reconciled("")
    keep_off_real_money(env, ask)
    if not how.order_query:
        raise Unavailable("the profile does not say how a test order is made", fix=f"set {HOME}.create and the others")
    to = sender(host, door, ask)
    database, at, version = database_of(places), int(now.at.timestamp()), version_of(destinations, origin, ask)

    def order(number: int) -> TrialOrder:
        return TrialOrder(reference_of(how, run, number), how, database, reader, writer, command)

    def event(kind: str, of: TrialOrder, number: int, created: int) -> bytes:
        metadata = {name: of.filled(value) for name, value in how.metadata.items()}
        cost = partial(payment_event, amount=to_stripe(how.amount, how.currency), currency=how.currency)
        return cost(kind, run.id, number, created, metadata=metadata, version=version)

    earlier = await asyncio.to_thread(guard.earlier, order(1).removal().about)
    seen = Reconciled(ask.webhook_path, api_version=version, earlier=earlier)
    return await _delivered(seen, lambda number: placed(order(number), guard, writes), event, to, at, how)


async def placed(order: TrialOrder, guard: LeftoverGuard, writes: Writes) -> TrialOrder:
    """Store an order that waits for its payment, to be removed whatever happens."""
    what = f"the test order {order.reference} in {order.database.name}"
    # A guard tries again when the application has had its time to store a payment for it.
    again_s = order.how.wait_s + order.how.settle_s
    await guard.do(writes, what, order.create, order.remove, beside=order.removal(), again_s=again_s)
    status, paid, payments = await order.look()
    if paid or payments or status == "not there":
        raise Unavailable(
            f"the test order that {HOME}.create has made is {status}, with {payments} payments",
            fix="let it store an order that waits for its payment, and order_query find it",
        )
    return order


async def _delivered(
    seen: Reconciled,
    order: Callable[[int], Awaitable[TrialOrder]],
    event: Callable[[str, TrialOrder, int, int], bytes],
    to: Sender,
    at: int,
    how: Reconciliation,
) -> Reconciled:
    """Deliver the events one after the other; where the first does not pay its order, the others would say nothing."""
    first = await order(1)
    success = event("succeeded", first, 1, at)
    step = await _until(first, to, [success], at, how.wait_s, lambda paid, payments: paid and payments > 0)
    seen = replace(seen, first=step)
    if not (step.paid and step.payments == 1):
        return seen
    replayed = await _until(first, to, [success], at, how.settle_s, lambda paid, payments: not paid or payments != 1)
    failure = event("payment_failed", first, 1, at - EARLIER_S)
    late = await _until(first, to, [failure], at, how.settle_s, lambda paid, payments: not paid or payments != 1)
    second = await order(2)
    twice = [event("succeeded", second, 2, at)] * 2
    at_once = await _until(second, to, twice, at, how.wait_s, lambda paid, payments: paid and payments > 0)
    if at_once.payments == 1 and how.settle_s:
        at_once = await _until(second, to, [], at, how.settle_s, lambda _, payments: payments != 1, at_once.statuses)
    return replace(seen, replayed=replayed, late=late, at_once=at_once)


def keep_off_real_money(env: Environment, ask: Stripe) -> None:
    """Raise where events would meet the books of real payments.

    Raises:
        Unavailable: the key is a live one, or there is none and the environment is one of production.
    """
    key = KEY.match(ask.secret_key.get_secret_value())
    unclear = not key and (env.production or ask.secret_key.get_secret_value().startswith(ORGANIZATION))
    if (key and key["mode"] == "live") or unclear:
        raise Unavailable("golive pays no test order with a live key", not_permitted=True)


async def _until(
    order: TrialOrder,
    to: Sender,
    events: Sequence[bytes],
    at: int,
    patience_s: float,
    done: Callable[[bool, int], bool],
    statuses: tuple[int, ...] = (),
) -> EventStep:
    """Send events at the same time, and look at the order until it is as awaited, or patience is over."""
    clock = asyncio.get_running_loop().time
    began = clock()
    sending: list[Awaitable[int]] = [to.send(body, signature(to.secret, body, at)) for body in events]
    statuses = (*statuses, *await asyncio.gather(*sending))
    while True:
        status, paid, payments = await order.look()
        if done(paid, payments) or clock() - began >= patience_s:
            return EventStep(statuses, status, paid, payments, round(clock() - began, 1))
        await asyncio.sleep(BETWEEN_LOOKS_S)
