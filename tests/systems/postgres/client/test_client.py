"""The client against a real server and its pooler: what it reads, how failures show, how few connections it takes."""

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from clocks import HANGS_S, not_waiting
from psycopg import sql
from pydantic import SecretStr

from golive import RunInfo
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.postgres.client.slots import LOOK_AGAIN_S
from golive_checks.systems.postgres.client.trouble import PostgresTrouble, TroubleKind
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.certificates import ca_file, issue
from golive_lab.parts.ports import StackPlace
from golive_lab.parts.postgres.cluster import Cluster
from golive_lab.parts.postgres.parts import folder, standing
from golive_lab.parts.postgres.pgbouncer import _accepts
from golive_lab.parts.postgres.programs import runs_as
from golive_lab.parts.process import running
from golive_lab.world.postgres import APP, APP_PASSWORD, AUDIT, AUDIT_PASSWORD, HOST
from golive_lab.world.tls import Chain


def client(place: StackPlace | None = None, **limits: float) -> Postgres:
    settings = PostgresLimits.model_validate({"connect_timeout_s": 3, "statement_timeout_s": 2, **limits})
    trust = Trust(ca_file=str(ca_file(place))) if place else Trust()
    return Postgres(settings, NetworkRoutes(Vantage()), trust, RunInfo("0123abcd", "9.9"))


def url(place: StackPlace, query: str = "sslmode=verify-full", **parts: object) -> SecretStr:
    given = {"user": AUDIT, "password": AUDIT_PASSWORD, "port": place.ports.postgres, "database": "master", **parts}
    return SecretStr("postgresql://{user}:{password}@127.0.0.1:{port}/{database}?".format(**given) + query)


async def refused(pg: Postgres, at: SecretStr, query: str = "SELECT 1") -> PostgresTrouble:
    with pytest.raises(PostgresTrouble) as trouble:
        await pg.rows(at, query)
    told = f"{trouble.value.reason} {trouble.value.fix}"
    assert "postgresql://" not in told
    assert AUDIT_PASSWORD not in told
    return trouble.value


async def test_it_reads_over_tls_in_a_read_only_transaction(database_lab: StackPlace) -> None:
    names = "transaction_read_only", "statement_timeout", "lock_timeout", "application_name"
    query = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
    async with client(database_lab).reading(url(database_lab)) as reading:
        assert (reading.secure, reading.verified) == (True, True)
        assert reading.server_version >= 150_000
        assert await reading.rows(query) == [("on", "2s", "1s", "golive/0123abcd")]
        assert await reading.rows("SELECT %s || 'é', 5 %% 3", ["ç"]) == [("çé", 2)]
        assert await reading.rows("SELECT 5 % 3") == [(2,)]
    assert await client(database_lab).rows(url(database_lab), "SELECT current_database()", database="postgres") == [
        ("postgres",)
    ]


async def test_nothing_of_whoever_runs_it_is_used(
    database_lab: StackPlace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".pgpass").write_text(f"*:*:*:*:{AUDIT_PASSWORD}\n")
    (tmp_path / ".pgpass").chmod(0o600)
    (tmp_path / ".pg_service.conf").write_text("[x]\nhost=192.0.2.1\noptions=-c statement_timeout=1\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PGSERVICE", "x")
    for name, value in {
        "PGHOST": "192.0.2.1",
        "PGHOSTADDR": "192.0.2.1",
        "PGPORT": "1",
        "PGUSER": "nobody",
        "PGDATABASE": "gone",
        "PGOPTIONS": "-c statement_timeout=1",
        "PGSSLMODE": "disable",
        "PGSSLROOTCERT": "/gone",
        "PGSSLCERT": "/gone",
        "PGCHANNELBINDING": "disable",
        "PGREQUIREAUTH": "none",
        "PGTARGETSESSIONATTRS": "standby",
        "PGAPPNAME": "other",
        "PGGSSENCMODE": "require",
        "PGCONNECT_TIMEOUT": "x",
        "PGPASSFILE": str(tmp_path / ".pgpass"),
    }.items():
        monkeypatch.setenv(name, value)
    assert await client(database_lab).rows(url(database_lab), "SELECT current_user::text") == [(AUDIT,)]
    monkeypatch.setenv("PGPASSWORD", AUDIT_PASSWORD)
    assert (await refused(client(database_lab), url(database_lab, password=""))).kind is TroubleKind.PASSWORD


async def test_queries_that_fail_say_how(database_lab: StackPlace) -> None:
    pg = client(database_lab, max_rows=10)
    assert (await refused(pg, url(database_lab), "SELECT * FROM gone")).sqlstate == "42P01"
    assert (await refused(pg, url(database_lab), "SELEC")).kind is TroubleKind.QUERY
    assert (await refused(pg, url(database_lab), "SELECT 1; COMMIT; CREATE TABLE x ()")).sqlstate == "42601"
    assert (await refused(pg, url(database_lab), "CREATE TABLE x ()")).sqlstate in {"25006", "42501"}
    assert (await refused(pg, url(database_lab), "SELECT * FROM pg_authid")).kind is TroubleKind.DENIED
    assert (await refused(pg, url(database_lab), "SELECT generate_series(1, 1000000)")).kind is TroubleKind.TOO_MUCH
    secret = await refused(pg, url(database_lab), "SELECT 'cAnArY7'::int")
    assert "cAnArY7" not in secret.reason
    with not_waiting():
        impatient = client(database_lab, statement_timeout_s=0.3)
        assert (await refused(impatient, url(database_lab), "SELECT pg_sleep(240)")).kind is TroubleKind.TIMED_OUT


@contextmanager
def superuser(place: StackPlace, *statements: str, after: tuple[str, ...] = ()) -> Iterator[Cluster]:
    cluster = standing("real", place)
    with cluster.connect() as connection:
        for statement in statements:
            connection.execute(statement.encode())
    try:
        yield cluster
    finally:
        with cluster.connect() as connection:
            for statement in after:
                connection.execute(statement.encode())


async def test_logins_that_fail_say_how(database_lab: StackPlace) -> None:
    made = [f"CREATE ROLE {name} PASSWORD 'x'" for name in ("sleeper", "banned", "crowd", "shut_out")]
    made += ["ALTER ROLE banned LOGIN", "ALTER ROLE crowd LOGIN CONNECTION LIMIT 0", "ALTER ROLE shut_out LOGIN"]
    made += ["CREATE DATABASE shut", "REVOKE CONNECT ON DATABASE shut FROM PUBLIC"]
    gone = ("DROP DATABASE shut", "DROP ROLE sleeper, banned, crowd, shut_out")
    with superuser(database_lab, *made, after=gone) as cluster:
        rules = cluster.folder / "data" / "pg_hba.conf"
        text = rules.read_text()
        rules.write_text("hostssl all banned 127.0.0.1/32 reject\n" + text)
        with superuser(database_lab, "SELECT pg_reload_conf()"):
            pass
        for user, database, kind in (
            ("banned", "master", TroubleKind.NO_ENTRY),
            ("crowd", "master", TroubleKind.FULL),
            ("sleeper", "master", TroubleKind.NO_ROLE),
            ("shut_out", "shut", TroubleKind.DENIED),
            ("shut_out", "gone", TroubleKind.NO_DATABASE),
        ):
            seen = await refused(client(database_lab), url(database_lab, user=user, password="x", database=database))  # noqa: S106 - made up
            assert seen.kind is kind, (user, seen.reason)
        rules.write_text(text)
    assert (await refused(client(database_lab), url(database_lab, "sslmode=disable"))).kind is TroubleKind.TLS_DEMANDED
    assert (
        await refused(client(database_lab), url(database_lab, port=database_lab.ports.dead))
    ).kind is TroubleKind.CLOSED
    name = SecretStr("postgresql://a:b@db.golive.invalid/x")
    assert (await refused(client(database_lab), name)).kind is TroubleKind.NO_NAME
    odd = url(database_lab, "sslmode=verify-full&sslrootcert=/gone/ca.pem")
    assert (await refused(client(database_lab), odd)).kind is TroubleKind.SETUP
    assert (
        await refused(client(database_lab), url(database_lab, "sslmode=require&channel_binding=odd"))
    ).kind is TroubleKind.SETUP
    assert (
        await refused(client(database_lab), url(database_lab, "target_session_attrs=standby"))
    ).kind is TroubleKind.STANDBY


async def test_a_password_may_hold_anything(database_lab: StackPlace) -> None:
    odd = "p' \\ é\"@:/?#%&=+"
    made = sql.SQL("CREATE ROLE odd LOGIN PASSWORD {}").format(odd)
    with standing("real", database_lab).connect() as connection:
        connection.execute(made)
        try:
            at = url(database_lab, user="odd", password=quote(odd, safe=""))
            assert await client(database_lab).rows(at, "SELECT current_user::text") == [("odd",)]
        finally:
            connection.execute("DROP ROLE odd")


async def test_a_wrong_password_is_tried_once(database_lab: StackPlace) -> None:
    pg, wrong = client(database_lab), url(database_lab, "sslmode=prefer", password="cAnArY7")  # noqa: S106 - a wrong one
    before = attempts(database_lab)
    troubles = await asyncio.gather(*(refused(pg, wrong) for _ in range(20)))
    assert {t.kind for t in troubles} == {TroubleKind.PASSWORD}
    assert "cAnArY7" not in troubles[0].reason
    assert attempts(database_lab) == before + 1
    assert await pg.rows(url(database_lab), "SELECT 1") == [(1,)]  # the right one of the same role is another matter


def attempts(place: StackPlace) -> int:
    log = (folder(place).parent / "postgres.log").read_text()
    return len(re.findall("password authentication failed", log))


async def test_certificates_that_are_not_to_be_trusted_say_why(database_lab: StackPlace) -> None:
    cluster = standing("real", database_lab)
    chain, key = cluster.folder / "server.pem", cluster.folder / "server.key"
    good = chain.read_bytes(), key.read_bytes()
    names = (HOST, "127.0.0.1")
    cases = {
        TroubleKind.UNTRUSTED: Chain(names, issuer="stranger"),
        TroubleKind.WRONG_NAME: Chain((HOST,)),
        TroubleKind.EXPIRED: Chain(names, age_days=91),
    }
    for kind, described in cases.items():
        await shown(database_lab, issue(described, HOST))
        assert (await refused(client(database_lab), url(database_lab))).kind is kind
        assert await client(database_lab).rows(url(database_lab, "sslmode=require"), "SELECT 1") == [(1,)]
    await shown(database_lab, good)
    assert await client(database_lab).rows(url(database_lab), "SELECT 1") == [(1,)]


async def shown(place: StackPlace, texts: tuple[bytes, bytes]) -> None:
    """Let the server show another certificate to who connects from now on."""
    cluster = standing("real", place)
    for name, text in zip(("server.pem", "server.key"), texts, strict=True):
        (cluster.folder / name).write_bytes(text)
    with cluster.connect() as connection:
        connection.execute("SELECT pg_reload_conf()")
    await asyncio.sleep(0.3)


async def test_few_connections_at_a_time_and_timeouts_begin_with_them(database_lab: StackPlace) -> None:
    pg = client(database_lab, concurrency=3, connect_timeout_s=1, statement_timeout_s=1)
    count = (
        "SELECT count(*)::int, pg_sleep(0.15)::text FROM pg_stat_activity WHERE application_name = 'golive/0123abcd'"
    )
    found = await asyncio.gather(*(pg.rows(url(database_lab), count) for _ in range(24)))
    assert max(rows[0][0] for rows in found) == 3  # 24 x 0.15 s by three: longer than any of the timeouts


async def test_it_keeps_off_a_server_with_few_free_connections(database_lab: StackPlace) -> None:
    cluster = standing("real", database_lab)
    with ExitStack() as crowd:
        for _ in range(30):
            crowd.enter_context(cluster.connect())
        trouble = await refused(client(database_lab, min_free_share=0.8), url(database_lab))
    assert trouble.kind is TroubleKind.CROWDED
    assert re.search(r"has \d+ of 97 connections free: golive leaves 80% free", trouble.reason)
    assert trouble.slots is not None
    assert trouble.slots[0] == 97
    assert trouble.slots[1] > 30
    await asyncio.sleep(0.2)
    assert await client(database_lab, min_free_share=0.8).rows(url(database_lab), "SELECT 1") == [(1,)]


async def test_it_looks_again_and_again_how_many_are_free(database_lab: StackPlace) -> None:
    cluster, pg = standing("real", database_lab), client(database_lab, min_free_share=0.8)
    assert await pg.rows(url(database_lab), "SELECT 1") == [(1,)]
    with ExitStack() as crowd:
        for _ in range(30):
            crowd.enter_context(cluster.connect())
        await asyncio.sleep(LOOK_AGAIN_S)
        assert (await refused(pg, url(database_lab))).kind is TroubleKind.CROWDED
        assert (await refused(pg, url(database_lab))).kind is TroubleKind.CROWDED
    await asyncio.sleep(LOOK_AGAIN_S)
    assert await pg.rows(url(database_lab), "SELECT 1") == [(1,)]


async def test_a_run_that_is_cancelled_lets_go_at_once(database_lab: StackPlace) -> None:
    task = asyncio.ensure_future(
        client(database_lab, statement_timeout_s=HANGS_S).rows(url(database_lab), "SELECT pg_sleep(240)")
    )
    await asyncio.sleep(0.5)
    task.cancel()
    with not_waiting(), pytest.raises(asyncio.CancelledError):
        await task


async def test_another_host_of_the_url_is_tried(database_lab: StackPlace) -> None:
    text = (
        url(database_lab).get_secret_value().replace("@127.0.0.1:", f"@127.0.0.1:{database_lab.ports.dead},127.0.0.1:")
    )
    assert await client(database_lab).rows(SecretStr(text), "SELECT 1") == [(1,)]


async def test_a_socket_needs_no_tls(database_lab: StackPlace) -> None:
    at = url(database_lab, f"host={folder(database_lab)}&port={database_lab.ports.postgres}&sslmode=require")
    async with client(database_lab).reading(at) as reading:
        assert (reading.secure, await reading.rows("SELECT 1")) == (False, [(1,)])


# --- pgBouncer ----------------------------------------------------------------------------------------------------


async def test_it_reads_through_a_pooler_and_leaves_nothing_behind(database_lab: StackPlace) -> None:
    pooled = url(database_lab, "sslmode=verify-full&pgbouncer=true&connection_limit=1", port=database_lab.ports.pooler)
    async with client(database_lab).reading(pooled) as reading:
        assert reading.verified
        assert await reading.rows("SELECT current_setting('statement_timeout'), %s::int", [3]) == [("2s", 3)]
    pg = client(database_lab, statement_timeout_s=7)
    await asyncio.gather(*(pg.rows(pooled, "SELECT 1") for _ in range(20)))
    with superuser(database_lab) as cluster, cluster.connect() as connection:
        mine = "SELECT state FROM pg_stat_activity WHERE usename = %s AND query NOT LIKE '%%pg_sleep(240)%%'"
        rows = connection.execute(mine, [AUDIT]).fetchall()
    assert {state for (state,) in rows} == {"idle"}  # the pooler's own connections, none in a transaction
    query = "SELECT reset_val, setting FROM pg_settings WHERE name = 'statement_timeout'"
    assert await client(database_lab, statement_timeout_s=5).rows(pooled, query) == [("0", "5000")]


async def test_a_poolers_refusals_say_how(database_lab: StackPlace) -> None:
    port = database_lab.ports.pooler
    pg = client(database_lab)
    assert (await refused(pg, url(database_lab, port=port, password="x"))).kind is TroubleKind.PASSWORD  # noqa: S106 - a wrong one
    assert (await refused(client(database_lab), url(database_lab, port=port, user="gone"))).kind in {
        TroubleKind.PASSWORD,
        TroubleKind.NO_ROLE,
    }
    assert (
        await refused(client(database_lab), url(database_lab, port=port, database="gone"))
    ).kind is TroubleKind.NO_DATABASE
    assert (
        await refused(client(database_lab), url(database_lab, "sslmode=disable", port=port))
    ).kind is TroubleKind.TLS_DEMANDED


async def test_a_pooler_in_statement_mode_is_named(database_lab: StackPlace, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    here = f"host=127.0.0.1 port={database_lab.ports.postgres} user={AUDIT} password={AUDIT_PASSWORD}"
    (tmp_path / "pgbouncer.ini").write_text(
        f"[databases]\n* = {here}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n"
        f"unix_socket_dir =\npool_mode = statement\nserver_tls_sslmode = prefer\n"
    )
    for part in (tmp_path, *tmp_path.parents[:3]):
        part.chmod(0o755)
    argv = ["pgbouncer", str(tmp_path / "pgbouncer.ini")]
    with running(argv, log=tmp_path / "log", ready=lambda: _accepts(port), stop_s=1, user=runs_as()):
        trouble = await refused(client(database_lab), url(database_lab, "sslmode=disable", port=port))
    assert trouble.kind is TroubleKind.STATEMENT_MODE
    assert trouble.reason.endswith("is a pgBouncer in statement mode, through which no transaction can be run")
    assert "pool_mode" in trouble.fix


async def test_the_applications_role_has_its_timeouts_through_both(database_lab: StackPlace) -> None:
    query = "SELECT reset_val FROM pg_settings WHERE name = 'statement_timeout'"
    for port in (database_lab.ports.postgres, database_lab.ports.pooler):
        app = url(database_lab, "sslmode=require", user=APP, password=APP_PASSWORD, port=port)
        assert await client(database_lab).rows(app, query) == [("30000",)]
