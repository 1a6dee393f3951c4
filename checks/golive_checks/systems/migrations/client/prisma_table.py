"""Prisma's table of the migrations that were applied to a schema, read for many schemas at once."""

import asyncio
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from pydantic import SecretStr

from golive import Client, Unavailable
from golive_checks.systems.postgres.client.client import Postgres, Reading
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind

TABLE = "_prisma_migrations"
MAX_ROWS = 5_000
"""Of one schema: nobody has written that many migrations, and what else it may be is not read whole."""
TOGETHER = 100
"""Schemas that one transaction reads: each keeps a lock or two until its end, of which a server has some thousands."""

COLUMNS = {
    "migration_name": "left(migration_name::text, 255)",
    "checksum": "left(checksum::text, 64)",
    "started_at": "CASE WHEN finished_at IS NULL THEN extract(epoch FROM started_at) END",
    "finished_at": "finished_at IS NOT NULL",
    "rolled_back_at": "rolled_back_at IS NOT NULL",
    "applied_steps_count": "applied_steps_count > 0",
    "logs": "logs IS NOT NULL",
}
"""Prisma's columns, and what is read of each; texts are cut where Prisma's own end (varchar(255), varchar(64)).

The logs stay where they are: an error of Postgres quotes the data that it stumbled over.
"""
NEEDED = ("migration_name", "finished_at")
ORDER = ("started_at", "finished_at", "migration_name")

SCHEMAS = """\
SELECT n.nspname::text, has_schema_privilege(n.oid, 'USAGE'), c.oid IS NOT NULL,
       coalesce(has_table_privilege(c.oid, 'SELECT'), false),
       ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
       c.oid IS NULL AND EXISTS (SELECT FROM pg_class AS o WHERE o.relnamespace = n.oid AND o.relkind IN ('r', 'p'))
FROM pg_namespace AS n
LEFT JOIN pg_class AS c
       ON c.relnamespace = n.oid AND c.relname = '_prisma_migrations' AND c.relkind IN ('r', 'p', 'v', 'm')
WHERE n.nspname::text = ANY (%s::text[])"""

OF_QUERY = {TroubleKind.QUERY, TroubleKind.DENIED, TroubleKind.LOCKED, TroubleKind.TIMED_OUT, TroubleKind.TOO_MUCH}
"""What one schema's table can be at fault for: the others of its transaction are then read without it."""


class MigrationStep(StrEnum):
    """How far a row says that its migration came."""

    APPLIED = "applied"
    MARKED = "marked as applied"
    """By `prisma migrate resolve --applied`: none of its steps was run."""
    FAILED = "failed"
    UNFINISHED = "unfinished"
    """Running at this moment, or cut off: nothing was logged."""
    ROLLED_BACK = "rolled back"


FINISHED = {MigrationStep.APPLIED, MigrationStep.MARKED}


@dataclass(frozen=True, slots=True)
class MigrationRow:
    """A row of Prisma's table. `began` is kept of those that did not finish: all tenants then share the others."""

    name: str
    checksum: str
    step: MigrationStep
    began: dt.datetime | None = None


@dataclass(frozen=True)
class PrismaTable:
    """What a schema holds of Prisma's table, in the order in which the migrations began.

    `lacks` are columns that an older Prisma did not yet make.
    """

    found: Literal["table", "no table", "no schema"] = "table"
    rows: tuple[MigrationRow, ...] = ()
    lacks: tuple[str, ...] = ()
    peopled: bool = False
    """There is no such table, and others are there: `prisma migrate deploy` stops (P3005)."""


Answer = PrismaTable | Exception
Asked = list[tuple[str, asyncio.Future[PrismaTable]]]


class PrismaTables(Client):
    """Reads Prisma's table. Those of one database that are asked for at the same time share a few transactions."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._waiting: dict[tuple[str, str], Asked] = {}
        self._readers: set[asyncio.Task[None]] = set()
        self._known: dict[tuple[str | None, tuple[str, ...]], Answer] = {}

    async def table(self, url: SecretStr, schema: str, *, database: str = "") -> PrismaTable:
        """Return what a schema holds of Prisma's table; `database`: another than the URL's on that server.

        Raises:
            Unavailable: it could not be read.
        """
        key = (url.get_secret_value(), database)
        future: asyncio.Future[PrismaTable] = asyncio.get_running_loop().create_future()
        if key not in self._waiting:
            self._waiting[key] = []
            self._begin(self._read_waiting(url, database))
        self._waiting[key].append((schema, future))
        return await future

    async def aclose(self) -> None:
        """Let go of what is still being read."""
        for reader in self._readers:
            reader.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)

    def _begin(self, reading: Any) -> None:
        task = asyncio.create_task(reading)
        self._readers.add(task)
        task.add_done_callback(self._readers.discard)

    async def _read_waiting(self, url: SecretStr, database: str) -> None:
        """Read all that was asked for by now: whoever asks in the same turn of the loop is with them."""
        asked = self._waiting.pop((url.get_secret_value(), database))
        for first in range(0, len(asked), TOGETHER):
            self._begin(self._answer(url, database, asked[first : first + TOGETHER]))

    async def _answer(self, url: SecretStr, database: str, asked: Asked) -> None:
        waiting = [(schema, future) for schema, future in asked if not future.done()]
        try:
            found = await self._read(url, database, list(dict.fromkeys(schema for schema, _ in waiting)))
        except Exception as problem:  # noqa: BLE001 - passed on to whoever asked, a defect too
            found = dict.fromkeys((schema for schema, _ in waiting), problem)
        for schema, future in waiting:
            answer = found[schema]
            if future.done():
                continue  # whoever asked was cancelled
            if isinstance(answer, PrismaTable):
                future.set_result(answer)
            else:
                future.set_exception(answer)

    async def _read(self, url: SecretStr, database: str, schemas: Sequence[str]) -> dict[str, Answer]:
        """Read schemas in one transaction; where a table breaks it, halve them until it stands alone."""
        try:
            async with self._postgres.reading(url, database=database) as reading:
                return await self._look(reading, schemas)
        except PostgresTrouble as trouble:
            if trouble.kind not in OF_QUERY or len(schemas) == 1:
                raise
        middle = len(schemas) // 2
        found: dict[str, Answer] = {}
        for half in (schemas[:middle], schemas[middle:]):
            try:
                found |= await self._read(url, database, half)
            except Unavailable as gap:
                found |= dict.fromkeys(half, gap)
        return found

    async def _look(self, reading: Reading, schemas: Sequence[str]) -> dict[str, Answer]:
        found: dict[str, Answer] = dict.fromkeys(schemas, PrismaTable("no schema"))
        columns: dict[str, tuple[str, ...]] = {}
        for schema, usable, there, readable, has, peopled in await reading.rows(SCHEMAS, [list(schemas)]):
            if not there:
                found[schema] = PrismaTable("no table", peopled=peopled)
            elif not usable or not readable:
                found[schema] = denied(schema)
            elif any(name not in has for name in NEEDED):
                found[schema] = Unavailable(f"{TABLE} in the schema {schema} has not Prisma's columns")
            else:
                columns[schema] = tuple(has)
        for schema, text in await reading.rows(_union(columns)) if columns else ():
            lacks = tuple(column for column in COLUMNS if column not in columns[schema])
            # Most of a thousand tenants say the same, word for word: it is read once.
            key = (text, lacks)
            if key not in self._known:
                self._known[key] = _table(schema, text, lacks)
            found[schema] = self._known[key]
        return found


def _table(schema: str, text: str | None, lacks: tuple[str, ...]) -> Answer:
    """Make a table of the JSON that the server sent of it."""
    rows = json.loads(text or "[]")
    if len(rows) > MAX_ROWS:
        return Unavailable(f"{TABLE} in the schema {schema} has more than {MAX_ROWS:,} rows")
    return PrismaTable(rows=rows_of(rows), lacks=lacks)


def rows_of(flags: Iterable[Sequence[Any]]) -> tuple[MigrationRow, ...]:
    """Read rows as they came, a value for each of COLUMNS."""
    return tuple(_row(*each) for each in flags)


def _row(name: str | None, checksum: str | None, began: float | None, *flags: bool | None) -> MigrationRow:
    """Read a row by what Prisma leaves unset; None stands for a column that is not there, too."""
    finished, rolled_back, ran, logged = flags
    if rolled_back:
        step = MigrationStep.ROLLED_BACK
    elif finished:
        step = MigrationStep.MARKED if ran is False else MigrationStep.APPLIED
    else:
        step = MigrationStep.FAILED if logged else MigrationStep.UNFINISHED
    return MigrationRow(name or "", checksum or "", step, None if finished or rolled_back else _time(began))


def denied(schema: str) -> Unavailable:
    """Say what is lacking."""
    fix = f"GRANT USAGE ON SCHEMA {schema} and SELECT ON {schema}.{TABLE} to the role in the URL; it needs no more."
    return Unavailable(f"the role in the URL may not read {TABLE} in the schema {schema}", fix=fix)


def _union(columns: Mapping[str, tuple[str, ...]]) -> str:
    """Write one query for the tables of many schemas: a row for each, with its own rows as JSON, as they began."""
    from psycopg import sql

    kinds = set(columns.values())  # one as a rule, of a thousand tenants
    values = {has: ", ".join(read if name in has else "NULL" for name, read in COLUMNS.items()) for has in kinds}
    order = {has: ", ".join(name for name in ORDER if name in has) for has in kinds}
    return " UNION ALL ".join(
        f"(SELECT {sql.Literal(schema).as_string()}, json_agg(json_build_array({values[has]}))::text FROM"  # noqa: S608 - quoted
        f" (SELECT * FROM {sql.Identifier(schema, TABLE).as_string()} ORDER BY {order[has]} LIMIT {MAX_ROWS + 1}) AS r)"
        for schema, has in columns.items()
    )


def _time(epoch: float | None) -> dt.datetime | None:
    with suppress(ValueError, OverflowError, OSError, TypeError):  # infinity, and years that Python does not know
        return dt.datetime.fromtimestamp(epoch, dt.UTC) if epoch is not None else None
    return None
