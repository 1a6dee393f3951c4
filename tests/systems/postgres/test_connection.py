"""The database's probes against a real server."""

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from golive import Now, Outcome, RunInfo, Unavailable, Verdict
from golive_checks.database.archiving import Archiving, archiving_works
from golive_checks.database.server import Limits, headroom
from golive_checks.subjects import Database
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.postgres.archiving import Archiver, Receiver, archiver
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.postgres.connection import AppLogin, app_login, app_role
from golive_checks.systems.postgres.demo import DemoRows, DemoTenant, demo_rows
from golive_checks.systems.postgres.server import AppPool, app_pool, connections, database_state, server_state
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.certificates import ca_file
from golive_lab.parts.ports import StackPlace
from golive_lab.parts.ports import standing as at_a_place
from golive_lab.parts.postgres.cluster import SUPERUSER_PASSWORD, cluster
from golive_lab.parts.postgres.parts import folder, standing
from golive_lab.parts.postgres.programs import debian
from golive_lab.world.postgres import APP, APP_PASSWORD, AUDIT, AUDIT_PASSWORD, MASTER, SUPERUSER, ClusterSetup

LIMITS = PostgresLimits()


def client(place: StackPlace) -> Postgres:
    return Postgres(LIMITS, NetworkRoutes(Vantage()), Trust(ca_file=str(ca_file(place))), RunInfo("0123abcd", "9.9"))


def database(place: StackPlace, query: str = "sslmode=require&sslaccept=strict", **parts: object) -> Database:
    def url(user: str, password: str) -> SecretStr:
        given = {"user": user, "password": password, "port": place.ports.postgres, "database": MASTER, **parts}
        return SecretStr("postgresql://{user}:{password}@127.0.0.1:{port}/{database}?".format(**given) + query)

    return Database("master", url=url(APP, APP_PASSWORD), audit_url=url(AUDIT, AUDIT_PASSWORD))


@contextmanager
def having(place: StackPlace, *statements: str, after: str) -> Iterator[None]:
    """Let statements have been run in the master, and undo them."""
    with standing("real", place).connect(MASTER) as connection:
        for statement in statements:
            connection.execute(statement.encode())
        try:
            yield
        finally:
            connection.execute(after.encode())


async def test_a_login_that_works_tells_how(database_lab: StackPlace) -> None:
    pg = client(database_lab)
    assert await app_login(database(database_lab), pg, LIMITS) == AppLogin("verified", secure=True, verified=True)
    unverified = await app_login(database(database_lab, "schema=public"), pg, LIMITS)
    assert unverified == AppLogin("optional", secure=True, verified=False)


async def test_a_refusal_is_a_fact_and_no_answer_is_a_gap(database_lab: StackPlace) -> None:
    refused = await app_login(database(database_lab, port=database_lab.ports.dead), client(database_lab), LIMITS)
    assert (refused.kind, refused.refusal.endswith("refuses connections")) == ("closed", True)
    unknown = replace(database(database_lab), url=SecretStr("postgresql://a:b@db.golive.invalid/x"))
    with pytest.raises(Unavailable, match="does not resolve"):
        await app_login(unknown, client(database_lab), LIMITS)


async def test_the_role_is_seen_as_it_is(database_lab: StackPlace) -> None:
    pg = client(database_lab)
    role = await app_role(database(database_lab, "sslmode=require&options=-c%20statement_timeout%3D5s"), pg)
    assert (role.name, role.superuser, role.member_of) == (APP, False, ())
    assert role.timeouts_ms["statement_timeout"] == 5_000  # the session that the application has
    assert role.url_timeouts == {"statement_timeout": "5s"}
    with having(
        database_lab,
        "CREATE ROLE rds_superuser",
        f"GRANT rds_superuser TO {APP}",
        f"ALTER ROLE {APP} BYPASSRLS CREATEDB",
        after=f"DROP ROLE rds_superuser; ALTER ROLE {APP} NOBYPASSRLS NOCREATEDB",
    ):
        role = await app_role(database(database_lab), client(database_lab))
        assert (role.member_of, role.bypasses_rls, role.creates_databases) == (("rds_superuser",), True, True)


async def test_a_standby_and_a_crowded_server_are_seen() -> None:
    settings = {"superuser_reserved_connections": "90"}
    with at_a_place() as place:
        at = place.folder / "postgres"
        server = ClusterSetup(certificate=None, takes_plain=True, standby=True, archive="off", settings=settings)
        with cluster(server, at, place.ports.postgres, debian(), tls=False) as made:
            login = {"user": SUPERUSER, "password": SUPERUSER_PASSWORD, "database": "postgres"}
            there = database(place, "sslmode=disable", **login)
            seen = await app_login(there, client(place), LIMITS)
            assert (seen.standby, seen.refusal) == (True, "")
            with ExitStack() as crowd:
                for _ in range(8):
                    crowd.enter_context(made.connect())
                held = await connections(there, client(place))
            assert (held.usable, held.kept_off) == (10, True)
            assert held.used >= 8
            verdict = headroom(there, held, Unavailable("crowded"), Unavailable("crowded"), Limits())
            assert verdict.outcome is Outcome.FAIL


async def test_the_server_and_the_database_are_seen_as_they_are(database_lab: StackPlace) -> None:
    pg, at = client(database_lab), database(database_lab)
    state = await server_state(at, pg)
    assert (state.version // 10_000, state.usable) == (15, 97)
    assert 1 <= state.used < 20
    assert MASTER in {age.database for age in state.ages}
    assert await app_pool(database(database_lab, "connection_limit=7&pgbouncer=true")) == AppPool(
        7, through_pooler=True
    )
    with having(
        database_lab,
        f"CREATE SCHEMA odd; GRANT ALL ON SCHEMA odd TO {APP}; SET search_path = odd",
        "CREATE SEQUENCE wide; CREATE TABLE narrow (id int DEFAULT nextval('wide'))",
        "ALTER SEQUENCE wide OWNED BY narrow.id; CREATE TABLE small (id smallint GENERATED ALWAYS AS IDENTITY)",
        "CREATE SEQUENCE hidden; CREATE SEQUENCE round CYCLE",
        "SELECT setval('wide', 2147483000), setval('small_id_seq', 30000), setval('hidden', 5)",
        "CREATE SEQUENCE shared; CREATE DOMAIN cents AS int; CREATE DOMAIN pence AS cents CHECK (value > 0)",
        "CREATE TABLE borrows (id pence DEFAULT nextval('shared'))",
        "CREATE SEQUENCE down INCREMENT -1 MINVALUE -100",
        "SELECT setval('shared', 2147483100), setval('down', -90)",
        "CREATE TABLE parted (id int) PARTITION BY RANGE (id); CREATE TABLE part PARTITION OF parted DEFAULT",
        "CREATE INDEX of_parted ON ONLY parted (id)",
        f"GRANT ALL ON ALL SEQUENCES IN SCHEMA odd TO {APP}; REVOKE ALL ON SEQUENCE hidden FROM {APP}",
        "CREATE TABLE twice AS SELECT 1 AS id FROM generate_series(1, 2)",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'public.tenants_schema_name_key'::regclass",
        after="DROP SCHEMA odd CASCADE; "
        "UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'public.tenants_schema_name_key'::regclass",
    ):
        seen = await database_state(at, pg)
    worst = [(s.name, s.last, s.limit) for s in seen.sequences[:4]]
    assert worst == [
        ("odd.shared", 2_147_483_100, 2_147_483_647),
        ("odd.wide", 2_147_483_000, 2_147_483_647),
        ("odd.small_id_seq", 30_000, 32_767),
        ("odd.down", -90, -100),
    ]
    assert round(seen.sequences[3].share, 2) == 0.9
    assert seen.sequences_unseen == 1
    assert "odd.round" not in {s.name for s in seen.sequences}
    assert seen.invalid_indexes == ("odd.of_parted", "public.tenants_schema_name_key")


async def test_the_archiver_is_seen_as_it_is(database_lab: StackPlace) -> None:
    seen = await archiver(database(database_lab), client(database_lab))
    assert (seen.mode, seen.has_command, seen.timeout_s, seen.failed_at) == ("on", True, 60, None)
    assert seen.archived_at is not None
    assert (seen.behind, seen.receivers, seen.slots) == (0, (), ())


async def test_a_receiver_of_the_log_is_an_archive_and_its_unread_slot_is_none(
    database_lab: StackPlace, tmp_path: Path
) -> None:
    cluster = standing("real", database_lab)
    with having(
        database_lab,
        "SELECT pg_create_physical_replication_slot('barman', true)",
        after="SELECT pg_drop_replication_slot('barman')",
    ):
        at, pg, now = database(database_lab), client(database_lab), Now(dt.datetime.now(dt.UTC))
        unread = await archiver(at, pg)
        assert unread.slots == (("barman", False),)
        off = replace(unread, mode="off")
        assert judged(off, now).outcome is Outcome.FAIL
        argv = [str(cluster.programs / "pg_receivewal"), "-D", str(tmp_path), "-S", "barman", "-w"]
        where = ["-h", str(folder(database_lab)), "-p", str(cluster.port), "-U", SUPERUSER]
        environ = {"PGPASSWORD": SUPERUSER_PASSWORD}
        receiving = await asyncio.create_subprocess_exec(*argv, *where, env=environ, stderr=asyncio.subprocess.DEVNULL)
        try:
            seen = await comes_to(at, pg, lambda seen: any(r.state == "streaming" for r in seen.receivers))
            assert seen.receivers == (Receiver("pg_receivewal", "streaming", "barman"),)
            assert judged(replace(seen, mode="off"), now).outcome is Outcome.PASS
        finally:
            receiving.terminate()
            await receiving.wait()
            await comes_to(at, pg, lambda seen: not seen.slots[0][1])


async def comes_to(at: Database, pg: Postgres, so: Callable[[Archiver], bool]) -> Archiver:
    """Look until it is so, for as long as a slow machine may take."""
    for _ in range(200):
        seen = await archiver(at, pg)
        if so(seen):
            break
        await asyncio.sleep(0.05)
    return seen


def judged(seen: Archiver, now: Now) -> Verdict:
    gap = Unavailable("none")
    return archiving_works(Database("m"), seen, gap, gap, Archiving(), now)


async def test_the_demo_tenants_query_is_asked(database_lab: StackPlace) -> None:
    at, pg = database(database_lab), client(database_lab)

    async def ask(query: str) -> DemoRows:
        return await demo_rows(at, pg, DemoTenant(query=query))

    assert await ask("SELECT 1 FROM tenant_demo.products") == DemoRows(found=True)
    assert await ask("SELECT 1 FROM tenant_demo.products WHERE false") == DemoRows(found=False)
    assert await ask("") == DemoRows(found=None)
    assert "undefined table" in (await ask("SELECT 1 FROM tenant_gone.products")).broken
    assert "read only" in (await ask("INSERT INTO tenants VALUES ('a', 'b', 'c') RETURNING 1")).broken
    with pytest.raises(Unavailable, match="more than"):
        await ask("SELECT generate_series(1, 1000000)")
