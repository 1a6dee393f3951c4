"""Test orders at the lab's own API and its database: made, paid by signed events, looked at, and removed."""

import asyncio
import datetime as dt
import inspect
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr, ValidationError

from golive import Environment, Now, RunInfo, Unavailable, Writes
from golive_checks.subjects import Database, Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.gateways.asked_amounts import (
    AskedAmount,
    AskedAmounts,
    PaymentRequest,
    asked_amounts,
    begun_payments,
)
from golive_checks.systems.gateways.payment_rows import PaymentRows, PaymentsPlace
from golive_checks.systems.gateways.reconciliation import Reconciled, keep_off_real_money, reconciled
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.gateways.trial_orders import Reconciliation, reference_of
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import Access, HttpSettings
from golive_checks.systems.http.door import AddressDoor
from golive_checks.systems.http.front import HostDoor, front
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.guard import LeftoverGuard
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.postgres.client.trouble import PostgresTrouble
from golive_checks.systems.postgres.client.writes import PostgresWriter
from golive_checks.systems.tls.client.trust import Trust
from golive_checks.systems.vendors.client.client import Vendor, VendorLimits
from golive_lab.parts.api.api import DemoApi
from golive_lab.parts.api.orders import CARELESS, NOT_UNIQUE, ORDERS, UNIQUE
from golive_lab.parts.asgi import Listener, serving
from golive_lab.parts.certificates import CERTIFICATES, ca_file
from golive_lab.parts.edge.contexts import server_context
from golive_lab.parts.gateways.part import GatewayServers
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.parts.postgres.cluster import SUPERUSER_PASSWORD
from golive_lab.parts.postgres.parts import parts
from golive_lab.stack import Stack
from golive_lab.world import healthy
from golive_lab.world.app import WEBHOOK_SECRET, App
from golive_lab.world.callbacks import PAY_PATH, CallbackHandling
from golive_lab.world.gateways import Payments
from golive_lab.world.gateways.stripe import KEY, StripeSide
from golive_lab.world.names import API
from golive_lab.world.postgres import APP, APP_PASSWORD, MASTER, SUPERUSER
from golive_lab.world.tls import EdgeTls

RUN, ENV = RunInfo("0123abcd", "9.9"), Environment("staging")
OURS = [reference_of(Reconciliation(), RUN, number) for number in (1, 2)]
STATEMENTS: dict[str, Any] = {
    "create": ("INSERT INTO orders (id, amount, currency) VALUES ({reference}, {amount}, {currency})",),
    "remove": ("DELETE FROM payments WHERE order_id = {reference}", "DELETE FROM orders WHERE id = {reference}"),
    "order_query": "SELECT status FROM orders WHERE id = {reference}",
    "payments_query": "SELECT id FROM payments WHERE order_id = {reference}",
    "wait_s": 0.5,
    "settle_s": 0,
}


@pytest.fixture(scope="module")
def shop() -> Iterator[StackPlace]:
    servers, content = parts("real")
    with standing() as place:
        stack = Stack(((CERTIFICATES,), servers, content, (ORDERS,)), place)
        try:
            stack.become(healthy())
            yield place
        finally:
            stack.close()


@dataclass
class There:
    """The API, golive's way to it, and the superuser's to its rows."""

    given: dict[str, Any]
    rows: psycopg.Connection[Any]

    async def look(self, how: dict[str, Any] | None = None, **given: Any) -> Reconciled:
        ask = Reconciliation.model_validate({**STATEMENTS, **(how or {})})
        writes = Writes()
        try:
            return await reconciled(**{**self.given, "how": ask, "writes": writes, **given})
        finally:
            self.left = await writes.undo_all()

    async def asked(self, vendor: Vendor, stripe: Stripe, **ask: Any) -> AskedAmounts:
        """Let the API begin payments, as `ask` says."""
        given = {**self.given, "how": Reconciliation.model_validate(STATEMENTS), "vendor": vendor, "stripe": stripe}
        given |= {"writes": Writes(), "ask": PaymentRequest.model_validate({"request": f"POST {PAY_PATH}", **ask})}
        wants = inspect.signature(begun_payments).parameters
        try:
            begun = await begun_payments(**{name: given[name] for name in wants})
            return await asked_amounts(given["host"], begun, stripe, vendor)
        finally:
            self.left = await given["writes"].undo_all()

    def ours(self) -> list[Any]:
        return self.rows.execute("SELECT id FROM orders WHERE id NOT LIKE 'golive-test-%'").fetchall()


@asynccontextmanager
async def api(place: StackPlace, **callbacks: Any) -> AsyncIterator[There]:
    served = DemoApi(App(callbacks=CallbackHandling(**callbacks)), place)
    context = server_context(EdgeTls(), place, place.addresses[0], ("http/1.1",))
    host = Host(API, role="api", port=place.ports.https)
    address = Address(f"{API}@{place.addresses[0]}", host, place.addresses[0])
    http = Http(HttpSettings(timeout_s=3), Pace(RateLimit(), ENV), NetworkRoutes(Vantage()), RUN)
    limits, trust = PostgresLimits(), Trust(ca_file=str(ca_file(place)))
    command, guard = CommandRunner(CommandLimits()), LeftoverGuard()
    where = (limits, NetworkRoutes(Vantage()), trust, RUN)
    url = f"postgresql://{APP}:{APP_PASSWORD}@127.0.0.1:{place.ports.postgres}/{MASTER}?sslmode=require"
    database = Database("master", url=SecretStr(url), audit_url=SecretStr(url))
    superuser = {"host": "127.0.0.1", "port": place.ports.postgres, "user": SUPERUSER, "password": SUPERUSER_PASSWORD}
    async with serving([(Listener(place.addresses[0], place.ports.https, context), served)]):
        with psycopg.connect(**superuser, dbname=MASTER, autocommit=True) as rows:
            given = {
                "host": address.host,
                "env": ENV,
                "door": HostDoor(
                    http, Access(), trust, {address: await front(address, AddressDoor(http, Access(), trust, address))}
                ),
                "places": {database: PaymentsPlace(here=True)},
                "ask": Stripe(webhook_path="/webhooks/stripe", webhook_secret=SecretStr(WEBHOOK_SECRET)),
                "reader": PaymentRows(Postgres(*where)),
                "writer": PostgresWriter(*where),
                "command": command,
                "guard": guard,
                "now": Now(dt.datetime.now(dt.UTC)),
                "run": RUN,
                "destinations": Unavailable("not seen"),
                "origin": Unavailable("not seen"),
            }
            try:
                yield There(given, rows)
            finally:
                await http.aclose()
                await command.aclose()
                await guard.aclose()


async def test_a_sound_webhook_stores_one_payment_whatever_comes(shop: StackPlace) -> None:
    async with api(shop) as there:
        seen = await there.look()
        assert (there.left, there.ours()) == ((), [])
    steps = (seen.first, seen.replayed, seen.late, seen.at_once)
    assert [(s.paid, s.payments, len(s.statuses)) for s in steps if s] == [(True, 1, 1)] * 3 + [(True, 1, 2)]
    assert WEBHOOK_SECRET not in repr(seen)


BROKEN: dict[str, tuple[str, tuple[int | None, ...]]] = {
    "nothing": ("nothing", (0, None, None, None)),
    "each delivery": ("each delivery", (1, 2, 2, 2)),
    "unless seen": ("unless seen", (1, 1, 1, 2)),
    "in order of arrival": ("in order of arrival", (1, 1, 1, 1)),
}


@pytest.mark.parametrize(("books", "payments"), BROKEN.values(), ids=BROKEN)
async def test_what_each_broken_one_stores(shop: StackPlace, books: Any, payments: tuple[int | None, ...]) -> None:
    async with api(shop, books=books) as there:
        if books in CARELESS:
            there.rows.execute(NOT_UNIQUE)
        try:
            seen = await there.look()
        finally:
            there.rows.execute(NOT_UNIQUE)
            there.rows.execute(UNIQUE)
        assert (there.left, there.ours()) == ((), [])
    steps = (seen.first, seen.replayed, seen.late, seen.at_once)
    assert tuple(step.payments if step else None for step in steps) == payments
    if books == "in order of arrival":
        assert seen.late
        assert (seen.late.order, seen.late.paid) == ("failed", False)


async def test_what_was_made_is_removed_where_the_run_is_cut_off(shop: StackPlace) -> None:
    async with api(shop, books="nothing") as there:
        running = asyncio.ensure_future(there.look({"wait_s": 30}))
        async with asyncio.timeout(5):
            while not there.ours():  # noqa: ASYNC110 - the database tells of it to who looks
                await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert (there.left, there.ours()) == ((), [])


async def test_what_is_left_behind_is_named(shop: StackPlace) -> None:
    async with api(shop) as there:
        await there.look({"remove": ("SELECT {reference}",)})
        assert [line.partition(" in ")[0] for line in there.left] == [f"the test order {id_}" for id_ in reversed(OURS)]
        for id_ in OURS:
            there.rows.execute("DELETE FROM payments WHERE order_id = %s", [id_])
            there.rows.execute("DELETE FROM orders WHERE id = %s", [id_])


async def test_ids_that_are_uuids(shop: StackPlace) -> None:
    assert uuid.UUID(reference_of(Reconciliation(uuids=True), RUN, 1)) != reference_of(
        Reconciliation(uuids=True), RUN, 2
    )
    async with api(shop) as there:
        seen = await there.look({"uuids": True})
    assert seen.first
    assert seen.first.payments == 1


async def test_commands_in_place_of_statements(shop: StackPlace) -> None:
    psql = ("env", f"PGPASSWORD={SUPERUSER_PASSWORD}", "PGSSLMODE=require", "psql", "-qX", "-h", "127.0.0.1")
    psql = (*psql, "-p", str(shop.ports.postgres), "-U", SUPERUSER, "-d", MASTER, "-c")
    how = {
        "create": (),
        "create_command": (*psql, "INSERT INTO orders VALUES ('{reference}', {amount}, '{currency}')"),
        "remove": (),
        "remove_command": (
            *psql,
            "DELETE FROM payments WHERE order_id = '{reference}'; DELETE FROM orders WHERE id = '{reference}'",
        ),
    }
    async with api(shop) as there:
        seen = await there.look(how)
        assert (there.left, there.ours()) == ((), [])
    assert seen.at_once
    assert seen.at_once.payments == 1


GAPS: dict[str, tuple[dict[str, Any], str]] = {
    "a statement is wrong": ({"create": ("INSERT INTO nowhere VALUES ({reference})",)}, "create: .* refuses a query"),
    "it makes no order": ({"create": ("SELECT {reference}",)}, "is not there, with 0 payments"),
    "it makes a paid one": (
        {"create": ("INSERT INTO orders VALUES ({reference}, 1, 'EUR', 'paid')",)},
        "is paid, with 0 payments",
    ),
    "the query is wrong": ({"payments_query": "SELECT FROM"}, "payments_query: .* refuses a query"),
    "a command fails": ({"create": (), "create_command": ("false",)}, "create_command ended with 1"),
}


@pytest.mark.parametrize(("how", "reason"), GAPS.values(), ids=GAPS)
async def test_an_order_that_cannot_be_made_is_a_gap(shop: StackPlace, how: dict[str, Any], reason: str) -> None:
    async with api(shop) as there:
        with pytest.raises(Unavailable, match=reason) as gap:
            await there.look(how)
        assert gap.value.fix
        assert there.ours() == []


async def test_without_statements_it_says_so_and_without_a_webhook_nothing_is_made(shop: StackPlace) -> None:
    async with api(shop) as there:
        with pytest.raises(Unavailable, match="does not say how a test order is made"):
            await reconciled(**{**there.given, "how": Reconciliation(), "writes": Writes()})
        assert await there.look(ask=Stripe()) == Reconciled("")
        assert await there.look(host=Host(API, role="app")) == Reconciled("")


MONEY: dict[str, tuple[bool, str, bool]] = {
    "a test key": (False, "sk_test_1", True),
    "no key": (False, "", True),
    "a test key in production": (True, "rk_test_1", True),
    "no key in production": (True, "", False),
    "a live key in production": (True, "sk_live_1", False),
    "a restricted live key": (True, "rk_live_1", False),
}


@pytest.mark.parametrize(("production", "key", "allowed"), MONEY.values(), ids=MONEY)
def test_no_test_order_meets_real_money(*, production: bool, key: str, allowed: bool) -> None:
    ask, env = Stripe(secret_key=SecretStr(key)), Environment("x", production=production)
    if allowed:
        keep_off_real_money(env, ask)
        return
    with pytest.raises(Unavailable, match="live key") as gap:
        keep_off_real_money(env, ask)
    assert gap.value.not_permitted


async def test_statements_are_stored_all_or_none(shop: StackPlace) -> None:
    async with api(shop) as there:
        writer: PostgresWriter = there.given["writer"]
        [database] = there.given["places"]
        store = ("INSERT INTO orders (id, amount, currency) VALUES (%s, 1, 'EUR')", ["x"])
        with pytest.raises(PostgresTrouble):
            await writer.run(database.url, [store, ("SELECT 1/0", [])])
        assert there.ours() == []


HALF: dict[str, tuple[dict[str, Any], str]] = {
    "no remove": ({"remove": ()}, "needs all of create, remove, order_query and payments_query"),
    "no query": ({"payments_query": ""}, "needs all of"),
    "two ways": ({"create_command": ("true",)}, "either create or create_command"),
    "no amount": ({"amount": "5,00"}, "amount"),
}


@pytest.mark.parametrize(("changes", "reason"), HALF.values(), ids=HALF)
def test_half_of_it_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Reconciliation.model_validate({**STATEMENTS, **changes})


@asynccontextmanager
async def stripe_of(place: StackPlace, **side: Any) -> AsyncIterator[tuple[GatewayServers, Vendor, Stripe]]:
    """Stripe's API, golive's client before it, and the profile's words of it."""
    apis = GatewayServers(Payments(stripe=StripeSide(**side)), 443)
    vendor = Vendor(VendorLimits(timeout_s=2, patience_s=2), Pace(RateLimit(), ENV), RUN)
    base = f"http://127.0.0.1:{place.ports.gateways}"
    ask = Stripe(webhook_path="/webhooks/stripe", secret_key=SecretStr(KEY), api_base=base)
    async with serving([(Listener("127.0.0.1", place.ports.gateways), apis)]):
        try:
            yield apis, vendor, ask
        finally:
            await vendor.aclose()


ORDERS_OF = [{"amount": "2500", "currency": "XOF"}, {"amount": "4.90", "currency": "EUR"}]


async def test_what_the_app_asks_of_stripe_is_seen(shop: StackPlace) -> None:
    async with api(shop) as there, stripe_of(shop) as (apis, vendor, ask):
        seen = await there.asked(vendor, ask, orders=ORDERS_OF)
        assert (there.left, there.ours()) == ((), [])
        assert len([each for each in apis.stripe.intents if "Made" in each["id"]]) == 2
    assert seen.asked == (AskedAmount("2500", "XOF", 2500, "XOF"), AskedAmount("4.90", "EUR", 490, "EUR"))


async def test_a_hundredfold_is_seen_before_money_flows(shop: StackPlace) -> None:
    async with api(shop, asks="a hundred times the price") as there, stripe_of(shop) as (_, vendor, ask):
        seen = await there.asked(vendor, ask)
    assert seen.asked == (AskedAmount("2500", "XOF", 250000, "XOF"),)


async def test_what_cannot_be_asked_is_a_gap_and_what_stays_is_named(shop: StackPlace) -> None:
    async with api(shop) as there:
        async with stripe_of(shop) as (_, vendor, ask):
            with pytest.raises(Unavailable, match="names no payment of Stripe's test mode"):
                await there.asked(vendor, ask, request="POST /api/v1/orders/none/pay")
            live = ask.model_copy(update={"secret_key": SecretStr("sk_live_" + "x" * 24)})
            with pytest.raises(Unavailable, match="live key"):
                await there.asked(vendor, live)
        async with stripe_of(shop, restricted_from=("payment_intent_read",)) as (_, vendor, ask):
            with pytest.raises(Unavailable, match="lacks"):
                await there.asked(vendor, ask)
        assert (there.left, there.ours()) == ((), [])
