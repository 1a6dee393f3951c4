"""Tenants and their migrations on a real server, with names and tables that nobody would wish for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from golive import RunInfo, Unavailable
from golive_checks.subjects import Database, Tenants
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.migrations import facts
from golive_checks.systems.migrations.client import prisma_table
from golive_checks.systems.migrations.client.prisma_table import MigrationRow, MigrationStep, PrismaTable, PrismaTables
from golive_checks.systems.migrations.tenants import MAX_NAME_BYTES, Tenant, tenants
from golive_checks.systems.postgres.client.client import Postgres, Reading
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.postgres.cluster import SUPERUSER_PASSWORD, Cluster
from golive_lab.world.postgres import SUPERUSER


class NoFolders:
    """Knows no folder of another tool."""

    async def scripts(self, *_: str) -> None:
        return None


FOLDERS = NoFolders()
HOSTILE = ('a "quoted" one', "it's; DROP TABLE x", "per%cent %s", "new\nline", "été", "UPPER", "x" * MAX_NAME_BYTES)
CREATE = """CREATE TABLE {}._prisma_migrations (
    id varchar(36), checksum varchar(64), finished_at timestamptz, migration_name varchar(255), logs text,
    rolled_back_at timestamptz, started_at timestamptz DEFAULT now(), applied_steps_count integer DEFAULT 1)"""
INSERT = "INSERT INTO {}._prisma_migrations (checksum, finished_at, migration_name) VALUES ('c', now(), '1_a')"
ONE = (MigrationRow("1_a", "c", MigrationStep.APPLIED),)


class Counting(Postgres):
    """Counts its transactions, and how many there are at a time."""

    begun = now = most = 0

    @asynccontextmanager
    async def reading(self, url: SecretStr, *, database: str = "") -> AsyncIterator[Reading]:
        async with super().reading(url, database=database) as reading:
            self.begun, self.now = self.begun + 1, self.now + 1
            self.most = max(self.most, self.now)
            try:
                yield reading
            finally:
                self.now -= 1


def client(**limits: float) -> Counting:
    given = PostgresLimits.model_validate(limits)
    return Counting(given, NetworkRoutes(Vantage()), Trust(), RunInfo("0123abcd", "9.9"))


def do(server: Cluster, statement: str, *names: str, database: str = "master") -> None:
    with server.connect(database) as connection:
        connection.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))


@pytest.fixture(scope="module", autouse=True)
def master(postgres_server: Cluster) -> None:
    """Make a master with tenants of all kinds."""
    do(postgres_server, "CREATE DATABASE master TEMPLATE template0", database="postgres")
    do(postgres_server, "CREATE ROLE reader LOGIN PASSWORD 'reads'")
    for name in ("public", *HOSTILE, *(f"tenant_{n:03}" for n in range(250))):
        do(postgres_server, "CREATE SCHEMA IF NOT EXISTS {}", name)
        do(postgres_server, CREATE, name)
        do(postgres_server, INSERT, name)
        do(postgres_server, "GRANT USAGE ON SCHEMA {} TO reader", name)
        do(postgres_server, "GRANT SELECT ON {}._prisma_migrations TO reader", name)


def database(server: Cluster, *, login: str = f"{SUPERUSER}:{SUPERUSER_PASSWORD}", **where: object) -> Database:
    url = SecretStr(f"postgresql://{login}@127.0.0.1:{server.port}/master?schema=public")
    return Database("master", url=url, migrations="m", tenants=Tenants(**where) if where else None)


async def listed(server: Cluster, **where: object) -> list[str]:
    return [tenant.own_name for tenant in await tenants(database(server, **where), client())]


async def table(server: Cluster, schema: str, tables: PrismaTables | None = None, **more: str) -> PrismaTable:
    of = database(server, **more)
    return await (tables or PrismaTables(client())).table(of.url, schema)


async def test_tenants_are_named_by_the_profile(postgres_server: Cluster) -> None:
    assert await listed(postgres_server, names=("b", "a", "b")) == ["b", "a"]
    assert await tenants(database(postgres_server), client()) == ()


async def test_tenants_are_found_by_a_query(postgres_server: Cluster) -> None:
    assert await listed(postgres_server, query="SELECT n, 7 FROM (VALUES ('b'), ('a'), ('b')) v (n)") == ["b", "a"]
    assert await listed(postgres_server, query="SELECT 17 -- a comment") == ["17"]
    assert await listed(postgres_server, query="SELECT 'a%s' WHERE 'x' LIKE '%';") == ["a%s"]
    assert await listed(postgres_server, query="SELECT 'a' WHERE false") == []


REFUSED = [
    ("SELECT nonsense", "refuses a query: .*42703", "Fix tenants.query"),
    ("SELECT NULL", "one of them has no name", ""),
    ("SELECT ''", "one of them has no name", ""),
    ("SELECT", "one of them has no name", ""),
    (f"SELECT repeat('x', {MAX_NAME_BYTES + 1})", "is longer than a name can be", ""),
    (f"SELECT repeat('é', {MAX_NAME_BYTES // 2 + 1})", "is longer than a name can be", ""),
    ("SELECT 'a'; SELECT 'b'", "refuses a query", "Fix tenants.query"),
    ("CREATE TABLE written (id int)", "refuses a query: read only", "Fix tenants.query"),
    ("SELECT n::text FROM generate_series(1, 10001) n", "more than 10,000 tenants", ""),
]


@pytest.mark.parametrize(("query", "reason", "fix"), REFUSED)
async def test_a_query_that_names_no_tenants_is_a_gap(
    postgres_server: Cluster, query: str, reason: str, fix: str
) -> None:
    with pytest.raises(Unavailable, match=reason) as gap:
        await listed(postgres_server, query=query)
    assert fix in gap.value.fix
    assert SUPERUSER_PASSWORD not in gap.value.reason


async def test_tenants_are_found_by_a_pattern(postgres_server: Cluster) -> None:
    found = await listed(postgres_server, pattern="tenant_00?")
    assert found == [f"tenant_{n:03}" for n in range(10)]
    everything = await listed(postgres_server, pattern="*")
    assert set(HOSTILE) <= set(everything)
    assert not {"public", "pg_catalog", "information_schema"} & set(everything)
    assert await listed(postgres_server, pattern="tenant?00*") == await listed(postgres_server, pattern="tenant_00*")
    assert await listed(postgres_server, pattern="per%cent*") == ["per%cent %s"]
    assert await listed(postgres_server, pattern="ten%") == []
    assert await listed(postgres_server, pattern="tenant\\_001") == []


async def test_names_from_a_server_are_only_names(postgres_server: Cluster) -> None:
    tables = PrismaTables(client())
    found = await asyncio.gather(*(table(postgres_server, name, tables) for name in HOSTILE))
    assert [each.rows for each in found] == [ONE] * len(HOSTILE)


async def test_many_tenants_share_few_transactions(postgres_server: Cluster) -> None:
    postgres = client()
    tables, of = PrismaTables(postgres), database(postgres_server, pattern="tenant_*")
    found = await tenants(of, postgres)
    rows = await asyncio.gather(*(facts.tenant_rows(tenant, tables, FOLDERS) for tenant in found))
    assert len(rows) == 250
    assert {each.rows for each in rows} == {ONE}
    assert len({id(each.rows) for each in rows}) == 1  # what they say alike is kept once
    assert postgres.begun == 1 + 3
    assert postgres.most <= 4


async def test_tenants_without_schema_or_table(postgres_server: Cluster) -> None:
    do(postgres_server, "CREATE SCHEMA IF NOT EXISTS bare")
    assert await table(postgres_server, "bare") == PrismaTable("no table")
    assert await table(postgres_server, "gone") == PrismaTable("no schema")


async def gaps(server: Cluster, schema: str, **limits: float) -> tuple[Unavailable, int]:
    """Read a schema in the middle of others, and return why it could not be read, and how many others were."""
    tables = PrismaTables(client(**limits))
    names = [*(f"tenant_{n:03}" for n in range(40)), schema, *(f"tenant_{n:03}" for n in range(40, 80))]
    found = await asyncio.gather(*(table(server, name, tables) for name in names), return_exceptions=True)
    gap = found.pop(40)
    assert isinstance(gap, Unavailable)
    return gap, sum(isinstance(each, PrismaTable) and each.rows == ONE for each in found)


async def test_a_table_that_breaks_its_query_costs_no_other_its_answer(postgres_server: Cluster) -> None:
    do(postgres_server, "CREATE SCHEMA trap")
    do(
        postgres_server,
        "CREATE VIEW trap._prisma_migrations AS"
        " SELECT (1 / (random() * 0)::int)::text AS migration_name, now() AS finished_at",
    )
    gap, read = await gaps(postgres_server, "trap")
    assert ("22012" in gap.reason, read) == (True, 80)


async def test_a_table_that_is_locked_costs_no_other_its_answer(postgres_server: Cluster) -> None:
    do(postgres_server, "CREATE SCHEMA busy")
    do(postgres_server, CREATE, "busy")
    with psycopg.connect(database(postgres_server).url.get_secret_value().partition("?")[0]) as holder:
        holder.execute("LOCK TABLE busy._prisma_migrations IN ACCESS EXCLUSIVE MODE")
        gap, read = await gaps(postgres_server, "busy", lock_timeout_s=0.1)
    assert ("waited too long for a lock" in gap.reason, read) == (True, 80)


async def test_a_role_that_may_not_read_is_told_what_to_grant(postgres_server: Cluster) -> None:
    do(postgres_server, "CREATE SCHEMA closed")
    do(postgres_server, CREATE, "closed")
    reader = database(postgres_server, login="reader:reads")
    for grant in ("", "GRANT USAGE ON SCHEMA closed TO reader"):
        if grant:
            do(postgres_server, grant)
        tables = PrismaTables(client())
        closed, open_ = await asyncio.gather(
            tables.table(reader.url, "closed"), tables.table(reader.url, "tenant_000"), return_exceptions=True
        )
        assert isinstance(closed, Unavailable)
        assert ("may not read" in closed.reason, "GRANT USAGE" in closed.fix) == (True, True)
        assert open_ == PrismaTable(rows=ONE)
    do(postgres_server, "GRANT SELECT ON closed._prisma_migrations TO reader")
    assert await PrismaTables(client()).table(reader.url, "closed") == PrismaTable()


STRANGE = {
    "older": (
        "migration_name text, finished_at timestamptz, checksum text",
        "'1_a', now(), 'c'",
        PrismaTable(rows=ONE, lacks=("started_at", "rolled_back_at", "applied_steps_count", "logs")),
    ),
    "no_offset": (
        "migration_name text, finished_at timestamp, started_at timestamp",
        "'1_a', NULL, 'infinity'",
        PrismaTable(
            rows=(MigrationRow("1_a", "", MigrationStep.UNFINISHED),),
            lacks=("checksum", "rolled_back_at", "applied_steps_count", "logs"),
        ),
    ),
    "other": ("name text", "'1_a'", "has not Prisma's columns"),
    "long": (
        "migration_name text, finished_at date, checksum text, logs text",
        "repeat('n', 100000), now(), repeat('c', 100000), repeat('secret', 100000)",
        PrismaTable(
            rows=(MigrationRow("n" * 255, "c" * 64, MigrationStep.APPLIED),),
            lacks=("started_at", "rolled_back_at", "applied_steps_count"),
        ),
    ),
    "wrong_types": (
        "migration_name text, finished_at timestamptz, applied_steps_count text",
        "'1_a', now(), 'x'",
        "refuses a query",
    ),
}


@pytest.mark.parametrize("name", STRANGE)
async def test_tables_that_another_prisma_or_nobody_made(postgres_server: Cluster, name: str) -> None:
    columns, values, expected = STRANGE[name]
    do(postgres_server, "CREATE SCHEMA {}", name)
    do(postgres_server, f"CREATE TABLE {{}}._prisma_migrations ({columns})", name)
    do(postgres_server, f"INSERT INTO {{}}._prisma_migrations VALUES ({values})", name)  # noqa: S608 - the table above
    if isinstance(expected, PrismaTable):
        assert await table(postgres_server, name) == expected
    else:
        with pytest.raises(Unavailable, match=expected):
            await table(postgres_server, name)


async def test_rows_are_bounded(postgres_server: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prisma_table, "MAX_ROWS", 0)
    with pytest.raises(Unavailable, match="more than 0 rows"):
        await table(postgres_server, "tenant_000")


@pytest.fixture(scope="module")
def databases(postgres_server: Cluster) -> tuple[str, ...]:
    names = ("shop_closed", "shop_a", 'shop "b"; --')
    for name in names:
        do(postgres_server, "CREATE DATABASE {} TEMPLATE template0", name, database="postgres")
        do(postgres_server, CREATE, "public", database=name)
        do(postgres_server, INSERT, "public", database=name)
    do(postgres_server, "ALTER DATABASE shop_closed ALLOW_CONNECTIONS false", database="postgres")
    return names


async def test_tenants_in_databases_of_their_own(postgres_server: Cluster, databases: tuple[str, ...]) -> None:
    assert await listed(postgres_server, kept_as="database", pattern="shop*") == sorted(databases[1:])
    assert "master" not in await listed(postgres_server, kept_as="database", pattern="*")
    of = database(postgres_server, kept_as="database", names=(*databases, "shop_gone"))
    tables, found = PrismaTables(client()), await tenants(of, client())
    rows = await asyncio.gather(*(facts.tenant_rows(t, tables, FOLDERS) for t in found), return_exceptions=True)
    assert isinstance(rows[0], Unavailable)
    assert rows[1:3] == [facts.MigrationRows("public", rows=ONE)] * 2
    assert rows[3] == facts.MigrationRows("public", "no database")


async def test_the_master_is_read_from_the_schema_in_its_url(postgres_server: Cluster) -> None:
    of = database(postgres_server)
    assert await facts.master_rows(of, PrismaTables(client()), None, FOLDERS) == facts.MasterRows("public", rows=ONE)
    elsewhere = Database("m", url=SecretStr(of.url.get_secret_value().replace("=public", "=gone")), migrations="m")
    assert (await facts.master_rows(elsewhere, PrismaTables(client()), None, FOLDERS)).found == "no schema"


async def test_a_server_that_is_not_there_is_a_gap_of_each_that_asked() -> None:
    of = Database(
        "m", url=SecretStr("postgresql://u:hunter22@127.0.0.1:1/x"), migrations="m", tenants=Tenants(names=("a",))
    )
    tables = PrismaTables(client())
    asked = [facts.tenant_rows(Tenant(f"m/{n}", of, n), tables, FOLDERS) for n in "abc"]
    for gap in await asyncio.gather(*asked, facts.master_rows(of, tables, None, FOLDERS), return_exceptions=True):
        assert isinstance(gap, Unavailable)
        assert "refuses connections" in gap.reason
        assert "hunter22" not in gap.reason


async def test_a_defect_is_told_to_whoever_asked(postgres_server: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prisma_table, "SCHEMAS", 7)
    with pytest.raises(AttributeError):
        await table(postgres_server, "tenant_000")


async def test_without_a_folder_nothing_is_asked() -> None:
    of = Database("m", url=SecretStr("postgresql://u@127.0.0.1:1/x"), tenants=Tenants(names=("a",)))
    assert await facts.migration_files(of, FOLDERS) == facts.MigrationFiles(None, None)
    tables = PrismaTables(client())
    with pytest.raises(Unavailable, match="names no folder of migrations"):
        await facts.master_rows(of, tables, None, FOLDERS)
    with pytest.raises(Unavailable, match="names no folder of migrations"):
        await facts.tenant_rows(Tenant("m/a", of, "a"), tables, FOLDERS)
