"""Runs the profile's own statements on a database, in one transaction: the only place where golive stores a row."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from pydantic import SecretStr

from golive import Client, RunInfo
from golive_checks.systems.machine.client.route import NetworkRoutes
from golive_checks.systems.postgres.client.connect import Connector, PostgresLimits
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind, refusal
from golive_checks.systems.postgres.client.url import read
from golive_checks.systems.tls.client.trust import Trust

GRACE_S = 1.0
"""How much longer than a statement's timeout a transaction may take: what the way to the server and back takes."""


class PostgresWriter(Client):
    """Writes to the databases of a run, for probes whose effect is WRITE, which ask for it through Writes.do."""

    def __init__(self, limits: PostgresLimits, routes: NetworkRoutes, trust: Trust, run: RunInfo) -> None:
        self._limits = limits
        self._connector = Connector(limits, routes, trust, name=f"golive/{run.id}")

    async def run(self, url: SecretStr, statements: Sequence[tuple[str, Sequence[object]]]) -> None:
        """Run statements, each with its parameters, all of them or none.

        Raises:
            PostgresTrouble: there is no connection, or the server refused one of them.
        """
        import psycopg

        to = read(url)
        where = f"{to.server}, database {to.database}"
        connection, _ = await self._connector.connect(to)
        wait, lock = (int(s * 1000) for s in (self._limits.statement_timeout_s, self._limits.lock_timeout_s))
        begin = f"BEGIN; SET LOCAL statement_timeout = {wait}; SET LOCAL lock_timeout = {lock}"
        try:
            async with asyncio.timeout(self._limits.statement_timeout_s + GRACE_S):
                await connection.execute(begin.encode())
                for text, given in statements:
                    await connection.execute(text.encode(), given or None)
                await connection.execute(b"COMMIT")
        except TimeoutError:
            raise PostgresTrouble(TroubleKind.STALLED, f"{where} stopped answering") from None
        except psycopg.Error as error:
            raise refusal(error, where) from None
        finally:
            with suppress(psycopg.Error):
                connection.pgconn.finish()
