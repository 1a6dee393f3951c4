"""Reads from Postgres: read-only transactions, few connections, bounded in rows and time; also through pgBouncer."""

import asyncio
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import SecretStr

from golive import Client, RunInfo, Stopwatch
from golive.wording import duration
from golive_checks.systems.machine.client.route import NetworkRoutes
from golive_checks.systems.postgres.client.connect import Connector, PostgresLimits
from golive_checks.systems.postgres.client.slots import SLOTS, ServerSlots
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind, refusal
from golive_checks.systems.postgres.client.url import VERIFYING, PostgresUrl, read
from golive_checks.systems.tls.client.trust import Trust

if TYPE_CHECKING:
    from psycopg import AsyncConnection

T = TypeVar("T")
Row = tuple[Any, ...]

CHUNK_ROWS = 500
"""Rows that are taken from libpq at a time: one by one takes twice as long."""
GRACE_S = 1.0
"""How much longer than its statement timeout a query may take: what the way to the server and back takes."""


class Reading:
    """One read-only transaction. `secure`: libpq's own word that the connection is encrypted; `verified`: to whom."""

    def __init__(
        self, connection: "AsyncConnection[Row]", mode: str, limits: PostgresLimits, where: str, server: ServerSlots
    ) -> None:
        self._connection = connection
        self._limits = limits
        self._where = where
        self._server = server
        self.secure = bool(connection.pgconn.ssl_in_use)
        self.verified = self.secure and mode in VERIFYING
        self.server_version = connection.info.server_version
        """As `server_version_num`: 150018. A pooler tells that of its servers."""

    async def rows(self, query: str, params: Sequence[object] = ()) -> list[Row]:
        """Return the rows of one query, of one statement; `params` for its %s.

        Raises:
            PostgresTrouble: the server refused it (`sqlstate`), or did not answer in time, or with too many rows.
        """
        return await self._bounded(self._rows(query, params))

    async def begin(self) -> None:
        """Begin the transaction, and ask in the same breath how many slots are free where that is not known."""
        wait, lock = (int(s * 1000) for s in (self._limits.statement_timeout_s, self._limits.lock_timeout_s))
        begin = f"BEGIN READ ONLY; SET LOCAL statement_timeout = {wait}; SET LOCAL lock_timeout = {lock}"
        asks = self._server.asks_now()
        await self._bounded(self._begin(f"{begin}; {SLOTS}" if asks else begin, asks=asks))

    async def end(self) -> None:
        """End the transaction, for a pooler to have its connection back."""
        with suppress(PostgresTrouble):
            await self._bounded(self._execute("ROLLBACK"))

    async def _begin(self, begin: str, *, asks: bool) -> None:
        cursor = await self._execute(begin)
        if asks:
            while cursor.nextset():
                pass
            usable, used = (await cursor.fetchall())[0]
            self._server.saw(usable, used)

    async def _execute(self, query: str) -> Any:
        return await self._connection.execute(query.encode())

    async def _rows(self, query: str, params: Sequence[object]) -> list[Row]:
        """Stream them: that is one statement only, whatever the query's text holds, and no more rows than are kept."""
        from psycopg import capabilities

        found: list[Row] = []
        size = CHUNK_ROWS if capabilities.has_stream_chunked() else 1  # since libpq 17
        # psycopg declares an iterator; it is a generator, and must be closed for the connection to be free again
        streamed = cast(
            "AsyncGenerator[Row]", self._connection.cursor().stream(query.encode(), params or None, size=size)
        )
        async with aclosing(streamed) as rows:
            async for row in rows:
                found.append(row)
                if len(found) > self._limits.max_rows:
                    self._connection.pgconn.finish()
                    reason = f"{self._where}: a query brings more than {self._limits.max_rows} rows"
                    raise PostgresTrouble(TroubleKind.TOO_MUCH, reason)
        return found

    async def _bounded(self, work: Coroutine[Any, Any, T]) -> T:
        """Await work on the connection; where it takes too long, cut the line: psycopg would ask the server to stop."""
        import psycopg

        wait, watch = self._limits.statement_timeout_s + GRACE_S, Stopwatch()
        task = asyncio.ensure_future(work)
        try:
            done, _ = await asyncio.wait({task}, timeout=wait)
        except asyncio.CancelledError:
            await self._cut(task)
            raise
        if not done:
            await self._cut(task)
            if not watch.were_others_late(wait):
                raise PostgresTrouble(
                    TroubleKind.BUSY, f"golive was too busy to read in time what {self._where} answers"
                )
            raise PostgresTrouble(
                TroubleKind.STALLED, f"{self._where} stopped answering: nothing came for {duration(wait)}"
            )
        try:
            return task.result()
        except psycopg.Error as error:
            raise refusal(error, self._where) from None

    async def _cut(self, task: "asyncio.Task[Any]") -> None:
        """Shut the connection's socket under the task, which then ends by itself."""
        import socket

        with suppress(OSError), socket.socket(fileno=os.dup(self._connection.pgconn.socket)) as line:
            line.shutdown(socket.SHUT_RDWR)
        await asyncio.wait({task}, timeout=0.2)
        if not task.done():
            task.cancel()
        elif not task.cancelled():
            task.exception()  # has been looked at: asyncio would complain otherwise


class Postgres(Client):
    """Reads from the databases of a run. What a server refused once, golive does not ask it again.

    libpq gets every setting that it has: no PG… variable, ~/.pgpass, service or client certificate of whoever runs
    golive is used, so that what is looked at is what the URL says.
    """

    def __init__(self, limits: PostgresLimits, routes: NetworkRoutes, trust: Trust, run: RunInfo) -> None:
        # psycopg logs lines that were cut; without a handler Python would print that among the findings.
        logging.getLogger("psycopg").addHandler(logging.NullHandler())
        self._limits = limits
        self._connector = Connector(limits, routes, trust, name=f"golive/{run.id}")
        self._servers: dict[str, ServerSlots] = {}

    async def rows(self, url: SecretStr, query: str, params: Sequence[object] = (), *, database: str = "") -> list[Row]:
        """Return the rows of one query, in a read-only transaction of its own; `database`: another on that server."""
        async with self.reading(url, database=database) as reading:
            return await reading.rows(query, params)

    @asynccontextmanager
    async def reading(self, url: SecretStr, *, database: str = "") -> AsyncIterator[Reading]:
        """Hold a read-only transaction for the length of the block; timeouts begin once a slot is had.

        Raises:
            PostgresTrouble: there is no connection; its `kind` says why.
            Unavailable: the URL cannot be read.
        """
        to = read(url)
        to = to.of(database) if database else to
        server = self._servers.setdefault(
            to.server, ServerSlots(to.server, self._limits.concurrency, self._limits.min_free_share)
        )
        async with server.slot():
            async with server.login(to.user, to.password):
                reading = await self._begun(to, server)
            try:
                yield reading
            finally:
                try:
                    await reading.end()
                finally:  # also where the run is cut off just then
                    reading._connection.pgconn.finish()  # noqa: SLF001 - its own client's

    async def _begun(self, to: PostgresUrl, server: ServerSlots) -> Reading:
        """Connect and begin the transaction, or leave nothing open."""
        try:
            connection, mode = await self._connector.connect(to)
        except PostgresTrouble as problem:
            if problem.kind is TroubleKind.FULL:
                server.was_full(problem)
            raise
        try:
            reading = Reading(connection, mode, self._limits, f"{to.server}, database {to.database}", server)
            await reading.begin()
        except BaseException:
            connection.pgconn.finish()
            raise
        return reading
