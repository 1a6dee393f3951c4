"""A schema in a scratch database: made, filled by migrations, and read."""

from typing import TYPE_CHECKING, Any

from golive import Unavailable
from golive_checks.systems.postgres.client.catalogue import Catalogue, Rows, catalogue
from golive_checks.systems.postgres.client.sql_statements import statements
from golive_checks.systems.postgres.client.trouble import refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import AsyncConnection

MAKE = "SELECT format('CREATE SCHEMA IF NOT EXISTS %%I', %s::text)"
IN_IT = "SELECT set_config('search_path', quote_ident(%s), false)"
OTHERS = """
SELECT nspname::text FROM pg_namespace n
 WHERE nspname <> %s AND nspname <> 'information_schema' AND nspname !~ '^pg_'
   AND EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm')
                  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'))
 ORDER BY 1"""


class ScratchSchema:
    """A schema of a connection's database, by its name."""

    def __init__(self, connection: "AsyncConnection[Any]", schema: str) -> None:
        self._connection = connection
        self._schema = schema

    async def make(self) -> None:
        """Make it where it is not there."""
        [(command,)] = await self._rows(MAKE, [self._schema])
        await self._rows(command, [])

    async def run(self, name: str, script: str) -> None:
        """Run a script as Prisma does, with the schema alone in the search_path.

        Raises:
            Unavailable: Postgres refuses one of its statements.
        """
        import psycopg

        await self._rows(IN_IT, [self._schema])
        for number, statement in enumerate(statements(script), 1):
            try:
                await self._connection.execute(statement.encode())
            except psycopg.Error as error:
                reason = refusal(error, f"statement {number} of {name}: the scratch database").reason
                raise Unavailable(
                    f"the migrations do not run on an empty database: {reason}",
                    fix="Make what they need there: extensions, and roles without LOGIN.",
                ) from None

    async def others(self) -> tuple[str, ...]:
        """Name the schemas that were made beside it."""
        return tuple(name for (name,) in await self._rows(OTHERS, [self._schema]))

    async def read(self, without: "Sequence[str]", others: "Sequence[str]") -> Catalogue:
        """Read it as it is now."""
        async with self._connection.transaction():
            rows: Rows = self._rows
            return await catalogue(rows, self._schema, without, others)

    async def _rows(self, query: str, parameters: "Sequence[object]") -> "list[Any]":
        import psycopg

        try:
            cursor = await self._connection.execute(query.encode(), list(parameters) or None)
            return await cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            raise refusal(error, "the scratch database") from None
