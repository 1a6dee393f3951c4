"""Runs the profile's own statements on a database, in one transaction: the only place where golive stores a row."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress

from pydantic import SecretStr

from golive import Client, RunInfo
from golive_checks.systems.machine.client.guard import Undo
from golive_checks.systems.machine.client.route import NetworkRoutes
from golive_checks.systems.machine.client.worker import worker
from golive_checks.systems.postgres.client.connect import Connector, PostgresLimits
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind, refusal
from golive_checks.systems.postgres.client.url import read
from golive_checks.systems.tls.client.trust import Trust

WORKER = worker("golive_checks.systems.postgres.client.writes_worker")
GRACE_S = 1.0
"""How much longer than a statement's timeout a transaction may take: what the way to the server and back takes."""


class PostgresWriter(Client):
    """Writes to the databases of a run, for probes whose effect is WRITE, which ask for it through Writes.do."""

    def __init__(self, limits: PostgresLimits, routes: NetworkRoutes, trust: Trust, run: RunInfo) -> None:
        self._limits, self._trust, self._run = limits, trust, run
        self._connector = Connector(limits, routes, trust, name=f"golive/{run.id}")

    def undo(self, url: SecretStr, what: str, statements: Sequence[tuple[str, Sequence[object]]]) -> Undo:
        """Return how a process beside golive runs statements that undo what was stored; `what` names its kind."""
        to = read(url)
        question = {
            "url": url.get_secret_value(),
            "statements": statements,
            "limits": self._limits.model_dump(exclude_defaults=True),
            "trust": self._trust.model_dump(exclude_defaults=True),
            "run": [self._run.id, self._run.version],
        }
        return Undo(f"{what} in {to.server}, database {to.database}", WORKER, json.dumps(question))

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
