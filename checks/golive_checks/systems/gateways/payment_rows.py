"""Where the application keeps its orders and payments, and how the profile's own queries are put to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from golive import Client, Fact, Settings, Unavailable, probe
from golive_checks.subjects import Database
from golive_checks.systems.postgres.client.client import Postgres, Reading, Row
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind

MARK = re.compile(r"\{([a-z]+)\}|%")


class PaymentsData(Settings):
    """Where the application keeps its orders and payments."""

    home: ClassVar[str] = "payments.data"

    database: str = ""
    """The name under `databases:`; empty: the only one there."""


@dataclass(frozen=True)
class PaymentsPlace(Fact):
    """Whether the profile says that the orders and payments are in this database; None: it does not say where."""

    here: bool | None


@probe("gateways.payments-place")
async def payments_place(database: Database, ask: PaymentsData) -> PaymentsPlace:
    """Read where the payments are from the profile."""
    return PaymentsPlace(database.name == ask.database if ask.database else None)


def database_of(places: Mapping[Database, PaymentsPlace] | Unavailable) -> Database:
    """Return the database that holds the payments.

    Raises:
        Unavailable: the profile names none, or does not say which of several.
    """
    if isinstance(places, Unavailable):
        raise Unavailable("the profile names no database of the application", fix="name it under databases:")
    named = [database for database, place in places.items() if place.here]
    if not named and len(places) == 1 and next(iter(places.values())).here is None:
        named = list(places)
    if not named:
        names = ", ".join(database.name for database in places)
        raise Unavailable(
            f"the profile does not say which of its databases ({names}) holds the payments",
            fix="set payments.data.database to its name",
        )
    return named[0]


def bound(query: str, values: Mapping[str, object]) -> tuple[str, list[object]]:
    """Write a query with {marks} as psycopg takes it: each mark of `values` a parameter, never a part of the text."""
    given: list[object] = []

    def put(found: re.Match[str]) -> str:
        if found[0] == "%":
            return "%%"
        if found[1] not in values:
            return found[0]
        given.append(values[found[1]])
        return "%s"

    text = MARK.sub(put, query)
    # Without parameters psycopg takes the text as it stands.
    return (text, given) if given else (query, given)


class PaymentRows(Client):
    """Runs the profile's own queries on the payments' database, as the auditor where there is one."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def read(
        self, database: Database, queries: Mapping[str, str], values: Mapping[str, object]
    ) -> list[list[Row]]:
        """Return each query's rows, read again in one transaction. Queries are known by their place in the profile."""
        async with self._postgres.reading(database.audit_url) as reading:
            return [await _rows(reading, database, key, *bound(query, values)) for key, query in queries.items()]


async def _rows(reading: Reading, database: Database, key: str, text: str, given: list[object]) -> list[Row]:
    try:
        return await reading.rows(text, given)
    except PostgresTrouble as trouble:
        fixes = {
            TroubleKind.DENIED: f"grant the role of databases.{database.name}.audit_url SELECT on what {key} reads",
            TroubleKind.QUERY: f"fix {key} in the profile: run it by hand",
            TroubleKind.TOO_MUCH: f"let {key} bring fewer rows",
        }
        fix = fixes.get(trouble.kind, trouble.fix)
        raise Unavailable(f"{key}: {trouble.reason}", transient=trouble.transient, fix=fix) from None
