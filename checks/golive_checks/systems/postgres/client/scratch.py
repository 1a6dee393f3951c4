"""The scratch server of a restore drill: databases of the drill's own, made there and removed again."""

import asyncio
import datetime as dt
import re
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from golive import Client, RunInfo, Unavailable, shortened
from golive_checks.systems.machine.client.route import NetworkRoutes
from golive_checks.systems.postgres.client.connect import Connector, PostgresLimits
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind, refusal
from golive_checks.systems.postgres.client.url import NOWHERE, VERIFYING, PostgresUrl, read
from golive_checks.systems.tls.client.trust import Trust

if TYPE_CHECKING:
    from psycopg import AsyncConnection

PREFIX = "golive_drill_"
DRIFT = "golive_drift_"
OURS = re.compile(f"(?:{PREFIX}|{DRIFT}[0-9a-f]{{8}}_)[0-9a-f]{{8}}")
"""Names of databases of ours; each ends with the id of its run."""
LOCK_SPACE = 0x676F6C76
"""The first key of the advisory lock that a living run holds, with every connection: `golv`. The second is its id."""
LOCK = "select pg_advisory_lock_shared(%s, ('x' || %s)::bit(32)::int)"
TABLE = "select to_regclass(format('%%I.%%I', %s::text, %s::text))::text"
ELSEWHERE = "select schemaname::text from pg_tables where tablename = %s"
APPLIED, ENDED = "select migration_name from", " where finished_at is not null and rolled_back_at is null"
LARGEST = """
select n.nspname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'm') and n.nspname <> %s
   and exists (select from pg_class t where t.relnamespace = n.oid and t.relname = %s and t.relkind = 'r')
 group by 1 order by sum(pg_total_relation_size(c.oid)) desc, 1"""
NO_MAPPINGS = """
do $$
declare each record;
begin
  for each in select srvname, umuser, usename from pg_user_mappings loop
    execute format('drop user mapping for %s server %I',
                   case when each.umuser = 0 then 'public' else quote_ident(each.usename) end, each.srvname);
  end loop;
end $$"""
"""Without one, no query of a foreign table gets to its server."""
SERIAL = "set max_parallel_maintenance_workers = 0"
"""What parallel workers read is counted for them and not for us. It makes a copy slower, and no verdict kinder."""
SHOWN = 100
"""How much of a query's value is kept: enough to see what was answered instead."""
MAX_ROWS = 100_000
"""More rows of a query are not counted, unless more are required."""
GRACE_S = 2.0
"""How much longer than its timeout a query may take: what the way to the server and back takes."""
DANGEROUS = ("pg_execute_server_program", "pg_write_server_files", "pg_read_server_files", "rds_superuser")
"""Roles that let SQL of a dump run programs or touch files of the server, or nearly so."""


@dataclass(frozen=True)
class ScratchServer:
    """What a server says of itself. The identifier is its cluster's, which a copy of its files shares."""

    identifier: int
    started_at: dt.datetime
    version_num: int
    version: str

    @property
    def major(self) -> int:
        """The major version."""
        return self.version_num // 10_000


@dataclass(frozen=True)
class QueryResult:
    """What a query brought: how many rows, and the first column of the first."""

    rows: int
    value: str | None


@dataclass(frozen=True)
class Leftover:
    """A database of an earlier drill, whose run is over."""

    name: str
    comment: str


class Scratch(Client):
    """Connects to the scratch server, as golive and its run."""

    def __init__(self, limits: PostgresLimits, routes: NetworkRoutes, trust: Trust, run: RunInfo) -> None:
        self._connector = Connector(limits, routes, trust, name=f"golive/{run.id}")
        self._run_id = run.id
        self.name = f"{PREFIX}{run.id}"

    def name_for(self, database: str, number: int) -> str:
        """Name a scratch database in which the migrations of one of the profile's are run."""
        return f"{DRIFT}{zlib.crc32(f'{database}/{number}'.encode()):08x}_{self._run_id}"

    @asynccontextmanager
    async def keeper(self, url: SecretStr) -> AsyncIterator["DrillConnection"]:
        """Connect, and hold the lock that shows other runs that this one lives, until the end of the context."""
        parted = read(url)
        connection, mode = await self._connector.connect(parted)
        try:
            await _execute(connection, LOCK, (LOCK_SPACE, self._run_id))
            ca_file = self._connector.ca_file(parted) if mode in VERIFYING else NOWHERE
            yield DrillConnection(connection, parted, {"sslmode": mode, "sslrootcert": ca_file})
        finally:
            connection.pgconn.finish()

    @asynccontextmanager
    async def connected(self, url: SecretStr, database: str = "") -> AsyncIterator["AsyncConnection[Any]"]:
        """Connect to a database of the server; to the one that the URL names where none is given."""
        parted = read(url)
        connection, _ = await self._connector.connect(parted.of(database) if database else parted)
        try:
            yield connection
        finally:
            connection.pgconn.finish()

    async def drop(self, url: SecretStr, name: str) -> None:
        """Remove a database of ours, and whoever is still connected to it."""
        async with self.connected(url) as connection:
            await drop(connection, name)

    async def prepare(self, connection: "AsyncConnection[Any]", schema: str) -> set[str]:
        """Make a connection ready for migrations as Prisma does, and return the names of those that are applied.

        Without a schema it is public, or the only one that has Prisma's table: a role's search_path leads there, and
        no copy has that.

        Raises:
            Unavailable: the copy has no table of Prisma's in that schema.
        """
        named, schema = schema, schema or "public"
        [(table,)] = await _execute(connection, TABLE, (schema, "_prisma_migrations"))
        if not table and not named:
            others = await _execute(connection, ELSEWHERE, ("_prisma_migrations",))
            if len(others) == 1:
                ((schema,),) = others
                [(table,)] = await _execute(connection, TABLE, (schema, "_prisma_migrations"))
        if not table:
            raise Unavailable(f"the copy has no table _prisma_migrations in the schema {schema}")
        rows = await _execute(connection, f"{APPLIED} {table}{ENDED}")
        await _execute(connection, "select set_config('search_path', quote_ident(%s), false)", (schema,))
        await _execute(connection, SERIAL)
        return {name for (name,) in rows}

    async def prepare_for(
        self, connection: "AsyncConnection[Any]", schema: str, table: str, query: str
    ) -> list[tuple[Any, ...]]:
        """Make a connection ready for another tool's migrations, and return the rows of the tool's table.

        Raises:
            Unavailable: the copy has no such table.
        """
        if schema:
            await _execute(connection, "select set_config('search_path', quote_ident(%s), false)", (schema,))
        await _execute(connection, SERIAL)
        [(there,)] = await _execute(connection, "select to_regclass(%s)::text", (table,))
        if not there:
            raise Unavailable(f"the copy has no table {table}")
        return await _execute(connection, query.format(table))

    async def schemas_with(self, connection: "AsyncConnection[Any]", table: str, *, without: str) -> list[str]:
        """Name the schemas that have a table of that name, the largest first."""
        return [name for (name,) in await _execute(connection, LARGEST, (without, table))]

    async def cut_off(self, url: SecretStr, database: str) -> None:
        """Make the foreign tables of a copy lead nowhere: it holds the passwords of the real one.

        Raises:
            PostgresTrouble: there is no such database, or the role may not.
        """
        async with self.connected(url, database) as connection:
            await _execute(connection, NO_MAPPINGS)

    async def ask(self, url: SecretStr, database: str, sql: str, timeout_s: float, *, enough: int = 0) -> QueryResult:
        """Ask a database one query, in a transaction that may only read; count `enough` rows of its answer.

        Raises:
            PostgresTrouble: it was refused, or not answered in time.
        """
        async with self.connected(url, database) as connection:
            begin = f"BEGIN READ ONLY; SET LOCAL statement_timeout = {int(timeout_s * 1000)}"
            await _execute(connection, begin)
            count, value = 0, None
            try:
                # streamed: it is one statement only, whatever the text holds, and no more rows than are counted
                rows = cast("AsyncGenerator[tuple[Any, ...]]", connection.cursor().stream(sql.encode()))
                async with aclosing(rows), asyncio.timeout(timeout_s + GRACE_S):
                    async for row in rows:
                        value = shortened(str(row[0]), SHOWN) if not count and row and row[0] is not None else value
                        count += 1
                        if count >= max(enough, MAX_ROWS):
                            break
            except TimeoutError:
                raise PostgresTrouble(TroubleKind.TIMED_OUT, "the restored copy did not answer") from None
            except _errors() as error:
                raise refusal(error, "the restored copy") from None
            return QueryResult(count, value)


def _errors() -> type[Exception]:
    from psycopg import Error

    return Error


async def _execute(connection: "AsyncConnection[Any]", query: str, parameters: tuple[Any, ...] = ()) -> list[Any]:
    """Run a query of golive's own on the scratch server."""
    try:
        cursor = await connection.execute(query.encode(), parameters or None)
        return await cursor.fetchall() if cursor.description else []
    except _errors() as error:
        raise refusal(error, "the scratch server") from None


async def drop(connection: "AsyncConnection[Any]", name: str) -> None:
    """Remove a database whose name is one of ours; nothing else ever."""
    if not OURS.fullmatch(name):
        raise ValueError(name)
    await _execute(connection, f'drop database if exists "{name}" with (force)')


def url_of(url: SecretStr, database: str) -> SecretStr:
    """Return the URL of another database on the same server."""
    return SecretStr(urlunsplit(urlsplit(url.get_secret_value().strip())._replace(path=f"/{database}")))


class DrillConnection:
    """The connection that a drill holds from beginning to end."""

    def __init__(self, connection: "AsyncConnection[Any]", url: PostgresUrl, tls: Mapping[str, str]) -> None:
        self._connection = connection
        self._url = url
        self._tls = tls

    def environment(self, database: str) -> dict[str, str]:
        """Return the variables that lead libpq to a database as we are connected; /proc shows them to no other user."""
        from psycopg.pq import Conninfo

        info = self._connection.info
        given = {
            **self._url.of(database).libpq(),
            "host": info.host,
            "hostaddr": info.hostaddr,
            "port": str(info.port),
            **self._tls,
        }
        names = ((option.keyword.decode(), option.envvar) for option in Conninfo.get_defaults())
        return {variable.decode(): given[word] for word, variable in names if variable and given.get(word)}

    async def server(self) -> ScratchServer:
        """Ask which server this is, and of what version."""
        query = (
            "select (pg_control_system()).system_identifier, pg_postmaster_start_time(),"
            " current_setting('server_version_num')::int, current_setting('server_version')"
        )
        [(identifier, started_at, number, version)] = await _execute(self._connection, query)
        return ScratchServer(identifier, started_at, number, version)

    async def danger(self) -> str:
        """Return why a dump must not be restored as this role: it could do harm beyond the copy. Empty: it cannot."""
        query = "select rolname, rolsuper, rolcreatedb from pg_roles where rolname = current_user"
        [(name, superuser, may_create)] = await _execute(self._connection, query)
        if superuser:
            return f"the role {name} is a superuser, so that code in a dump could run programs on the server"
        held = await _execute(
            self._connection,
            # 'member', not 'usage': a role that must be taken on by SET ROLE first is within a dump's reach as well.
            "select rolname from pg_roles where rolname = any(%s) and pg_has_role(current_user, oid, 'member')",
            (list(DANGEROUS),),
        )
        if held:
            return f"the role {name} is a member of {held[0][0]}, so that code in a dump could reach beyond the copy"
        if not may_create:
            return f"the role {name} may not create databases"
        others = await _execute(
            self._connection,
            "select datname from pg_database d join pg_roles r on r.oid = d.datdba"
            " where rolname = current_user and datname !~ %s order by 1",
            (f"^{OURS.pattern}$",),
        )
        return f"the role {name} owns the database {others[0][0]}, which code in a dump could drop" if others else ""

    async def leftovers(self) -> list[Leftover]:
        """Name what earlier drills of this role left behind: its databases of our name, whose run lives no more."""
        rows = await _execute(
            self._connection,
            "select datname, coalesce(shobj_description(d.oid, 'pg_database'), '') from pg_database d"
            " join pg_roles r on r.oid = d.datdba where rolname = current_user and datname ~ %s"
            " and not exists (select from pg_locks where locktype = 'advisory' and classid = %s"
            " and objid::bigint = ('x' || right(datname, 8))::bit(32)::bigint) order by 1",
            (f"^{OURS.pattern}$", LOCK_SPACE),
        )
        return [Leftover(*row) for row in rows]

    async def create(self, name: str, comment: str) -> None:
        """Make a database that nobody else may connect to."""
        literal = comment.replace("'", "''")
        await _execute(self._connection, f"create database \"{name}\" template template0 encoding 'UTF8'")
        await _execute(self._connection, f'revoke connect, temporary on database "{name}" from public')
        await _execute(self._connection, f"comment on database \"{name}\" is '{literal}'")

    async def drop(self, name: str) -> None:
        """Remove a database of ours."""
        await drop(self._connection, name)

    async def data_folder(self) -> str:
        """Return the server's data folder where the role may know it, else nothing."""
        try:
            [(folder,)] = await _execute(self._connection, "select current_setting('data_directory')")
        except Unavailable:
            return ""
        return str(folder)

    async def size(self, name: str) -> int:
        """Return how many bytes a database has."""
        [(size,)] = await _execute(self._connection, "select pg_database_size(%s)", (name,))
        return int(size)
