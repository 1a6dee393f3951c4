"""Where the payments are, how the profile's queries are put to that database, and how a forgery is seen there."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import psycopg
import pytest
from pydantic import SecretStr, ValidationError

from golive import RunInfo, Unavailable
from golive_checks.subjects import Database
from golive_checks.systems.gateways.order_rows import Forgery, OrderRows, PendingOrder
from golive_checks.systems.gateways.payment_rows import (
    PaymentRows,
    PaymentsData,
    PaymentsPlace,
    bound,
    database_of,
    payments_place,
)
from golive_checks.systems.machine.client.command import CommandRunner
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.postgres.cluster import SUPERUSER_PASSWORD, Cluster

BOUND: dict[str, tuple[str, dict[str, object], str, list[object]]] = {
    "a mark": ("SELECT 1 WHERE id = {reference}", {"reference": "x"}, "SELECT 1 WHERE id = %s", ["x"]),
    "twice": ("{a} {b} {a}", {"a": 1, "b": 2}, "%s %s %s", [1, 2, 1]),
    "a percent sign": ("x LIKE 'a%' AND y = {a}", {"a": 1}, "x LIKE 'a%%' AND y = %s", [1]),
    "no mark": ("x LIKE 'a%'", {"a": 1}, "x LIKE 'a%'", []),
    "no mark of ours": ("'{other}' = {a}", {"a": 1}, "'{other}' = %s", [1]),
}


@pytest.mark.parametrize(("query", "values", "text", "given"), BOUND.values(), ids=BOUND)
def test_a_mark_is_a_value_and_never_a_part_of_the_text(
    query: str, values: dict[str, object], text: str, given: list[object]
) -> None:
    assert bound(query, values) == (text, given)


MASTER, OTHER = Database("master"), Database("other")
PLACES: dict[str, tuple[str, tuple[Database, ...], str]] = {
    "the only one": ("", (MASTER,), "master"),
    "named": ("other", (MASTER, OTHER), "other"),
}


@pytest.mark.parametrize(("named", "there", "found"), PLACES.values(), ids=PLACES)
async def test_the_database_is_the_one_that_is_named_or_the_only_one(
    named: str, there: tuple[Database, ...], found: str
) -> None:
    assert database_of(await places(named, *there)).name == found


LACKING: dict[str, tuple[str, tuple[Database, ...], str]] = {
    "several": ("", (MASTER, OTHER), r"does not say which of its databases \(master, other\)"),
    "another": ("wrong", (MASTER,), "does not say which"),
}


@pytest.mark.parametrize(("named", "there", "reason"), LACKING.values(), ids=LACKING)
async def test_no_database_is_guessed(named: str, there: tuple[Database, ...], reason: str) -> None:
    with pytest.raises(Unavailable, match=reason):
        database_of(await places(named, *there))


def test_without_a_database_it_says_so() -> None:
    with pytest.raises(Unavailable, match="names no database"):
        database_of(Unavailable("the profile declares no database"))


async def places(named: str, *there: Database) -> Mapping[Database, PaymentsPlace]:
    return {database: await payments_place(database, PaymentsData(database=named)) for database in there}


def url(at: Cluster) -> str:
    return f"postgresql://postgres:{SUPERUSER_PASSWORD}@127.0.0.1:{at.port}/postgres?sslmode=disable"


@pytest.fixture
async def rows(postgres_server: Cluster) -> AsyncIterator[tuple[OrderRows, psycopg.Connection[Any]]]:
    client = Postgres(PostgresLimits(), NetworkRoutes(Vantage()), Trust(), RunInfo("0123abcd", "9.9"))
    with postgres_server.connect() as connection:
        connection.execute("CREATE TABLE orders (id text, status text)")
        connection.execute("INSERT INTO orders VALUES ('T-1', 'pending'), ('T-2', 'pending')")
        yield OrderRows(cast("CommandRunner", None), PaymentRows(client)), connection
        connection.execute("DROP TABLE orders")


QUERY = "SELECT * FROM orders WHERE id = {reference}"


def forgery(query: str = QUERY) -> Forgery:
    return Forgery(rows_query=query)


def order(reference: str = "T-1") -> PendingOrder:
    return PendingOrder(reference=reference, amount="5", currency="EUR")


async def test_only_a_change_of_the_orders_own_rows_shows(
    rows: tuple[OrderRows, psycopg.Connection[Any]], postgres_server: Cluster
) -> None:
    reader, connection = rows
    there = await places("", Database("master", audit_url=SecretStr(url(postgres_server))))
    before = await reader.read(order(), forgery(), there)
    connection.execute("UPDATE orders SET status = 'paid' WHERE id = 'T-2'")
    assert await reader.read(order(), forgery(), there) == before
    connection.execute("UPDATE orders SET status = 'paid' WHERE id = 'T-1'")
    assert await reader.read(order(), forgery(), there) != before


GAPS = {
    "no such order": ("T-9", QUERY, "brings no row for the test order T-9"),
    "a value, not a statement": ("T-1' OR true --", QUERY, "brings no row"),
    "a query that is wrong": ("T-1", "SELECT nothing FROM nowhere", "payments.forgery.rows_query: .* refuses a query"),
    "a write": ("T-1", "DELETE FROM orders WHERE id = {reference} RETURNING *", "refuses a query"),
}


@pytest.mark.parametrize(("reference", "query", "reason"), GAPS.values(), ids=GAPS)
async def test_what_brings_no_row_is_a_gap(
    rows: tuple[OrderRows, psycopg.Connection[Any]], postgres_server: Cluster, reference: str, query: str, reason: str
) -> None:
    there = await places("", Database("master", audit_url=SecretStr(url(postgres_server))))
    with pytest.raises(Unavailable, match=reason) as gap:
        await rows[0].read(order(reference), forgery(query), there)
    assert gap.value.fix


async def test_a_role_that_may_not_read_is_told_what_to_be_granted(
    rows: tuple[OrderRows, psycopg.Connection[Any]], postgres_server: Cluster
) -> None:
    rows[1].execute("CREATE ROLE auditor LOGIN PASSWORD 'golive'")
    auditor = f"postgresql://auditor:golive@127.0.0.1:{postgres_server.port}/postgres?sslmode=disable"
    there = await places("", Database("master", audit_url=SecretStr(auditor)))
    with pytest.raises(Unavailable, match=r"rows_query: .* denies") as gap:
        await rows[0].read(order(), forgery(), there)
    rows[1].execute("DROP ROLE auditor")
    assert gap.value.fix == (
        "grant the role of databases.master.audit_url SELECT on what payments.forgery.rows_query reads"
    )


def test_rows_are_read_in_one_way() -> None:
    with pytest.raises(ValidationError, match="one of rows_query, rows_command and rows_request"):
        Forgery(rows_query=QUERY, rows_command=("cat",))
