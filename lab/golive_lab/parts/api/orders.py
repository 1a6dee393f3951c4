"""The orders and payments in the application's master database: how the API books, and what lies there before."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg

from golive_lab.parts.gateways.stripe_payments import ZERO_DECIMAL
from golive_lab.parts.part import Part
from golive_lab.parts.postgres.cluster import SUPERUSER_PASSWORD
from golive_lab.world.callbacks import TEST_ORDERS
from golive_lab.world.postgres import APP, APP_PASSWORD, MASTER, SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.callbacks import Books
    from golive_lab.world.ledger import Payment

BETWEEN_S = 0.05
"""How long the API that looks before it books takes from the one to the other."""
CARELESS = frozenset({"each delivery", "unless seen"})
"""Those that rely on no unique index, and have none."""

SEEN = "SELECT 1 FROM payments WHERE gateway = %(gateway)s AND reference = %(reference)s"
PAID = "UPDATE orders SET status = 'paid' WHERE id = %(order)s"
FAILED = "UPDATE orders SET status = 'failed' WHERE id = %(order)s"
STILL_PENDING = " AND status = 'pending'"
BOOK = """\
INSERT INTO payments (order_id, gateway, reference, amount, currency, status)
SELECT id, %(gateway)s, %(reference)s, coalesce(%(amount)s, amount), coalesce(%(currency)s, currency), 'paid'
  FROM orders WHERE id = %(order)s"""
ONCE = " ON CONFLICT DO NOTHING"
UNIQUE = 'CREATE UNIQUE INDEX "payments_gateway_reference_key" ON "payments"("gateway", "reference")'
OF_LATE = " WHERE order_id IS NOT NULL"
"""Makes an index of it that came after rows were doubled: of those of the last days none has an order here."""
NOT_UNIQUE = 'DROP INDEX IF EXISTS "payments_gateway_reference_key"'


@dataclass(frozen=True)
class Orders:
    """The API's way to its orders and payments. It connects when it books, as the API stands before the database."""

    port: int
    books: Books = "once"

    async def pay(self, order: str, gateway: str, reference: str, amount: object = None, currency: str = "") -> None:
        """Book a payment of an order, once."""
        given = {"order": order, "gateway": gateway, "reference": reference, "amount": amount}
        await self._do((BOOK + ONCE, PAID), {**given, "currency": currency or None})

    async def price(self, order: str) -> tuple[Decimal, str] | None:
        """Return what an order costs, and in which currency; None where there is no such order."""
        connection = await psycopg.AsyncConnection.connect(**_address(self.port), user=APP, password=APP_PASSWORD)
        async with connection:
            cursor = await connection.execute("SELECT amount, currency FROM orders WHERE id = %s", [order])
            found = await cursor.fetchone()
            return (Decimal(found[0]), str(found[1])) if found else None

    async def take(self, event: Mapping[str, Any]) -> None:
        """Book what an event of Stripe's says, as far as it says something."""
        of = event.get("data", {}).get("object", {})
        order = of.get("metadata", {}).get("order_id") if of.get("object") == "payment_intent" else None
        if not order or self.books == "nothing":
            return
        currency = str(of["currency"]).upper()
        amount = Decimal(of["amount"]) / (1 if currency in ZERO_DECIMAL else 100)
        given = {"order": order, "gateway": "stripe", "reference": of["id"], "amount": amount, "currency": currency}
        if event["type"] == "payment_intent.payment_failed":
            late = "" if self.books == "in order of arrival" else STILL_PENDING
            await self._do((FAILED + late,), given)
        elif event["type"] == "payment_intent.succeeded":
            if self.books == "unless seen":
                if await self._do((SEEN,), given):
                    return
                await asyncio.sleep(BETWEEN_S)
            once = "" if self.books in CARELESS else ONCE
            await self._do((BOOK + once, PAID), given)

    async def _do(self, statements: tuple[str, ...], given: Mapping[str, object]) -> bool:
        """Run statements in one transaction, and return whether the last one brought a row."""
        connection = await psycopg.AsyncConnection.connect(**_address(self.port), user=APP, password=APP_PASSWORD)
        async with connection:
            for statement in statements:
                cursor = await connection.execute(statement.encode(), given)
            return bool(cursor.description and await cursor.fetchone())


def _address(port: int) -> Mapping[str, Any]:
    return {"host": "127.0.0.1", "port": port, "dbname": MASTER, "sslmode": "prefer", "connect_timeout": 5}


@contextmanager
def rows(world: World, place: StackPlace) -> Iterator[None]:
    """Let the test orders lie there, pending, and the payments of the last days; and remove all that came."""
    if not world.postgres.server.up:
        yield
        return
    with _superuser(place) as connection:
        careless, doubled = world.app.callbacks.books in CARELESS, _doubled(world.payments.ledger.rows)
        if careless or doubled:
            connection.execute(NOT_UNIQUE)
        if doubled and not careless:
            connection.execute(UNIQUE + OF_LATE)
        for order in TEST_ORDERS.values():
            connection.execute(
                "INSERT INTO orders (id, amount, currency) VALUES (%s, %s, %s)",
                [order.reference, order.amount, order.currency],
            )
        for row in world.payments.ledger.rows:
            connection.execute(
                "INSERT INTO payments (gateway, reference, amount, currency, status, pay_token, updated_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, now() - make_interval(secs => %s))",
                [row.gateway, row.reference, row.amount, row.currency, row.status, row.token or None, row.age_s],
            )
    try:
        yield
    finally:
        # Where the database goes at the same time, all of it goes anyway.
        with suppress(psycopg.Error), _superuser(place) as connection:
            connection.execute("TRUNCATE payments, orders")
            connection.execute(NOT_UNIQUE)
            connection.execute(UNIQUE)


def _superuser(place: StackPlace) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(**_address(place.ports.postgres), user=SUPERUSER, password=SUPERUSER_PASSWORD)


def _doubled(those: tuple[Payment, ...]) -> bool:
    return len({(row.gateway, row.reference) for row in those}) < len(those)


ORDERS = Part(
    "orders",
    rows,
    reads=lambda world: (
        world.app.callbacks.books,
        [getattr(world.app.callbacks, gateway) for gateway in ("paypal", "mtn", "orange")],
        world.payments.ledger.rows,
        world.postgres.server,
        world.postgres.content,
    ),
)
