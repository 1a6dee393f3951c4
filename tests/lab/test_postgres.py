"""The lab's database server: as the demo and the real stack have it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import psycopg
import pytest

from golive_lab.parts.certificates import CERTIFICATES, ca_file
from golive_lab.parts.env import MIGRATIONS, PART, REPOSITORY
from golive_lab.parts.part import Kind
from golive_lab.parts.ports import standing
from golive_lab.parts.postgres import programs as postgres_programs
from golive_lab.parts.postgres.cluster import SUPERUSER_PASSWORD
from golive_lab.parts.postgres.parts import drill_port, folder, parts
from golive_lab.parts.postgres.parts import standing as cluster_of
from golive_lab.stack import Stack
from golive_lab.world import healthy
from golive_lab.world.postgres import (
    APP,
    APP_PASSWORD,
    AUDIT,
    AUDIT_PASSWORD,
    MASTER,
    MASTER_MIGRATIONS,
    TENANT_MIGRATIONS,
    TENANTS,
    ClusterSetup,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World


class Database:
    """A stack of its database alone."""

    def __init__(self, kind: Kind, place: StackPlace) -> None:
        self.kind, self.place = kind, place
        self.stack = Stack(((CERTIFICATES,), *parts(kind)), place)

    def ask(self, query: str, user: str = AUDIT, password: str = AUDIT_PASSWORD, **more: Any) -> list[Any]:
        given = {"host": "127.0.0.1", "port": self.place.ports.postgres, "dbname": MASTER, **more}
        tls = {"sslmode": "verify-full", "sslrootcert": str(ca_file(self.place))}
        with psycopg.connect(user=user, password=password, connect_timeout=5, **{**tls, **given}) as connection:
            return connection.execute(query.encode()).fetchall()


@pytest.fixture(scope="module", params=["demo", "real"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with standing() as place:
        it = Database(cast("Kind", request.param), place)
        try:
            it.stack.become(healthy())
            yield it
        finally:
            it.stack.close()
        assert not folder(place).exists()


def test_it_has_a_master_with_its_tenants(database: Database) -> None:
    assert database.ask("SELECT schema_name FROM tenants ORDER BY id") == [(name,) for name in TENANTS]
    many = {"public": len(MASTER_MIGRATIONS), **dict.fromkeys(TENANTS, len(TENANT_MIGRATIONS))}
    for schema, count in many.items():
        counts = f"SELECT count(*), count(finished_at) FROM {schema}._prisma_migrations"  # noqa: S608 - the lab's names
        assert database.ask(counts) == [(count, count)]
    assert database.ask("SELECT count(*) FROM tenant_demo.products", APP, APP_PASSWORD) == [(2,)]


def test_its_checksums_are_those_of_the_repositorys_files(database: Database) -> None:
    with PART.start(healthy(), database.place):
        top = database.place.folder / REPOSITORY / MIGRATIONS
        files = sorted(top.glob("*/migration.sql"))
        names = [file.parent.name for file in files]
        assert database.ask("SELECT migration_name FROM _prisma_migrations ORDER BY 1") == [(name,) for name in names]
        ran = subprocess.run(["sha256sum", *files], check=True, capture_output=True, text=True)
        sums = [(line.split()[0],) for line in ran.stdout.splitlines()]
        assert database.ask("SELECT checksum FROM _prisma_migrations ORDER BY migration_name") == sums


def test_it_lets_nobody_in_without_tls_or_with_another_password(database: Database) -> None:
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        database.ask("SELECT 1", sslmode="disable")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        database.ask("SELECT 1", password="x")  # noqa: S106 - a wrong one


def test_the_auditor_reads_and_does_no_more(database: Database) -> None:
    for query in ("DELETE FROM tenants", "CREATE TABLE x ()", "SELECT * FROM pg_authid"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            database.ask(query)
    ((archived,),) = database.ask("SELECT archived_count > 0 FROM pg_stat_archiver")
    assert archived


def test_it_does_not_run_as_root(database: Database) -> None:
    pid = int((folder(database.place) / "data" / "postmaster.pid").read_text().split()[0])
    uid = subprocess.run(["ps", "-o", "uid=", "-p", str(pid)], check=True, capture_output=True, text=True).stdout
    assert int(uid) == (postgres_programs.runs_as() or os.getuid()) != 0


def test_content_changes_without_a_new_server(database: Database) -> None:
    def with_plan(world: World) -> World:
        content = replace(world.postgres.content, sql="UPDATE tenants SET plan = 'changed'")
        return replace(world, postgres=replace(world.postgres, content=content))

    started = "SELECT pg_postmaster_start_time()"
    before = database.ask(started)
    database.stack.become(with_plan(healthy()))
    assert database.ask("SELECT DISTINCT plan FROM tenants") == [("changed",)]
    database.stack.become(healthy())
    assert database.ask("SELECT DISTINCT plan FROM tenants ORDER BY 1") == [("pro",), ("trial",)]
    assert database.ask(started) == before


def test_its_programs_dump_it(database: Database) -> None:
    cluster = cluster_of(database.kind, database.place)
    where = ["-h", str(cluster.folder), "-p", str(cluster.port), "-U", "postgres", "-Fc", MASTER]
    environ = {"PGPASSWORD": SUPERUSER_PASSWORD}
    dump = subprocess.run([cluster.programs / "pg_dump", *where], env=environ, check=True, capture_output=True).stdout
    listed = subprocess.run([cluster.programs / "pg_restore", "--list"], input=dump, check=True, capture_output=True)
    assert b"TABLE DATA tenant_conakry products afrigest" in listed.stdout


def test_a_second_cluster_is_another_one(database: Database) -> None:
    database.stack.become(replace(healthy(), postgres=replace(healthy().postgres, drill=ClusterSetup())))
    identifier = "SELECT system_identifier FROM pg_control_system()"
    first = cluster_of(database.kind, database.place)
    login = {"user": "postgres", "password": SUPERUSER_PASSWORD, "dbname": "postgres"}
    with first.connect() as connection:
        (own,) = connection.execute(identifier).fetchall()
    (other,) = database.ask(identifier, **login, port=drill_port(database.place))
    assert own != other
    database.stack.become(healthy())


def test_a_home_that_nobody_may_enter_is_not_reachable(tmp_path_factory: pytest.TempPathFactory) -> None:
    closed = tmp_path_factory.mktemp("closed")
    closed.chmod(0o700)
    assert not postgres_programs.reachable(closed / ".")
    assert postgres_programs.reachable(postgres_programs.debian())
