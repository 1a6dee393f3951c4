"""Fills a cluster with what the world describes: roles, the master and its tenants, as Prisma leaves them."""

from __future__ import annotations

import time
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, LiteralString

import psycopg
from psycopg import sql

from golive_lab.parts.postgres.cluster import FULL
from golive_lab.world.postgres import APP, AUDIT, MASTER, SUPERUSER, Schema
from golive_lab.world.postgres_texts import AUDIT as AUDIT_SQL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.postgres.cluster import Cluster
    from golive_lab.world.postgres import Audited, ClusterSetup, Content, Role

    Connection = psycopg.Connection[tuple[object, ...]]

AUDIT_SCHEMA = "shop"
ARCHIVED_S = 3.0
BEHIND = 20
"""Segments that wait for an archiver that hangs."""


@contextmanager
def filled(cluster: Cluster, content: Content, server: ClusterSetup) -> Iterator[None]:
    """Let the content be in the cluster for the length of the block."""
    with cluster.connect() as connection:
        for name, role in content.roles.items():
            _make_role(connection, name, role)
        for name in (MASTER, *content.databases):
            _do(connection, "CREATE DATABASE {} OWNER {} TEMPLATE template0", name, APP)
    with cluster.connect(MASTER) as connection:
        _fill(connection, "public", content.master)
        for name, schema in content.tenants.items():
            _fill(connection, name, schema)
        _audit(connection, content.audited)
        connection.execute(content.sql.encode())
        for statement in content.statements:
            with suppress(psycopg.errors.UniqueViolation):
                connection.execute(statement.encode())
    for name, schema in content.databases.items():
        with cluster.connect(name) as connection:
            _fill(connection, "public", schema)
    with cluster.connect() as connection:
        _archive(cluster, connection, server)
    try:
        yield
    finally:
        # Where the server stops at the same time, all of it goes anyway.
        with suppress(psycopg.OperationalError), cluster.connect() as connection:
            _empty(connection, content)


def _make_role(connection: Connection, name: str, role: Role) -> None:
    attributes = sql.SQL(role.attributes)
    made = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} {}")
    connection.execute(made.format(sql.Identifier(name), sql.Literal(role.password), attributes))
    for group in role.member_of:
        _do(connection, "GRANT {} TO {}", group, name)
    for setting, value in role.settings.items():
        command = sql.SQL("ALTER ROLE {} SET {} = {}")
        connection.execute(command.format(sql.Identifier(name), sql.Identifier(setting), sql.Literal(value)))


def _fill(connection: Connection, name: str, schema: Schema) -> None:
    """Make a schema's tables as the application's role, which then owns them, and let the auditor read them."""
    _do(connection, "CREATE SCHEMA IF NOT EXISTS {}", name)
    _do(connection, "ALTER SCHEMA {} OWNER TO {}", name, APP)
    _do(connection, "SET search_path = {}", name)
    _do(connection, "SET ROLE {}", APP)
    if schema.sql:
        connection.execute(schema.sql.encode())
    if schema.rows is not None:
        connection.execute(f"CREATE TABLE _prisma_migrations ({', '.join(schema.columns)})".encode())
        _note(connection, schema)
    _do(connection, "GRANT USAGE ON SCHEMA {} TO {}", name, AUDIT)
    _do(connection, "GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}", name, AUDIT)
    _do(connection, "RESET ROLE")
    _do(connection, "RESET search_path")


def _audit(connection: Connection, audited: Audited) -> None:
    """Let the application have done something, and note who did it."""
    _fill(connection, AUDIT_SCHEMA, Schema(AUDIT_SQL, rows=None))
    _do(connection, "SET search_path = {}", AUDIT_SCHEMA)
    connection.execute("DELETE FROM audit_log WHERE domain = ANY(%s)", [list(audited.silent)])
    connection.execute("UPDATE audit_log SET actor = NULL WHERE domain = ANY(%s)", [list(audited.anonymous)])
    _do(connection, "RESET search_path")


def _note(connection: Connection, schema: Schema) -> None:
    """Store what Prisma has noted, in the columns that its table has."""
    there = [column.split()[0].strip('"') for column in schema.columns]
    for row in schema.rows or ():
        values = {"id": str(uuid.uuid4()), **vars(row)}
        names = [name for name in there if name in values]
        marks = ", ".join("%s" for _ in names)
        insert = f"INSERT INTO _prisma_migrations ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - the lab's own
        connection.execute(insert.encode(), [values[name] for name in names])


def _archive(cluster: Cluster, connection: Connection, server: ClusterSetup) -> None:
    """Let the archiver have something to do, and wait until it has shown what it does with it."""
    if server.archive == "off":
        return
    _switch(connection)
    shown = "failed_count > 0" if server.archive == "fails" else "archived_count > 0"
    end = time.monotonic() + ARCHIVED_S
    while time.monotonic() < end:
        if connection.execute(f"SELECT {shown} FROM pg_stat_archiver".encode()).fetchall()[0][0]:  # noqa: S608 - as above
            break
        time.sleep(0.01)
    if server.archive == "hangs":
        (cluster.archive / FULL).touch()
        for _ in range(BEHIND):
            _switch(connection)


def _switch(connection: Connection) -> None:
    """Begin a new segment, which an untouched one would not need."""
    connection.execute("SELECT pg_logical_emit_message(false, 'golive', 'lab')")
    connection.execute("SELECT pg_switch_wal()")


def _empty(connection: Connection, content: Content) -> None:
    """Remove what was made, and what others have left lying: databases of restore drills."""
    found = connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> %s", [SUPERUSER])
    for (name,) in found.fetchall():
        _do(connection, "DROP DATABASE {} WITH (FORCE)", str(name))
    for name in content.roles:
        _do(connection, "DROP ROLE {}", name)


def _do(connection: Connection, statement: LiteralString, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))
