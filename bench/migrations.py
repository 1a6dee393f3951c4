"""The migrations of a thousand tenants, against psql for each, the Prisma CLI for each, and the bare queries.

golive's run is measured from its beginning to its report, the bare queries from the import of psycopg, which golive's
run imports too, to the last row: both without the start of Python. psql and the Prisma CLI are started for each tenant
anew, as a script would; of the latter a few are measured and taken for all.
"""

from __future__ import annotations

import datetime as dt
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from bare import CONNECTIONS, ROWS
from measure import GOLIVE, PROJECT, Result
from psycopg import sql

from golive_lab.parts.ports import standing
from golive_lab.parts.postgres.cluster import SUPERUSER_PASSWORD, Cluster, cluster
from golive_lab.parts.postgres.programs import debian
from golive_lab.parts.prisma import Prisma
from golive_lab.world.postgres import SUPERUSER, ClusterSetup
from golive_lab.world.postgres_texts import PRISMA_COLUMNS

TENANTS, MIGRATIONS = 1000, 20
TURNS, SAMPLE = 5, 10
SCRIPTS = {f"2026{n:04}_step_{n}": f"CREATE TABLE step_{n} (id INT);\n" for n in range(MIGRATIONS)}
FAST_TO_FILL = {
    "full_page_writes": "off",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "shared_buffers": "256MB",
    "wal_level": "minimal",
}
LIMIT_BARE, LIMIT_PRISMA = 2.0, 1 / 20


def results() -> list[Result]:
    """Measure tenants in schemas, and tenants in databases."""
    with tempfile.TemporaryDirectory() as name, standing() as place:
        server = ClusterSetup(certificate=None, archive="off", settings=FAST_TO_FILL)
        at = place.folder / "postgres"
        with cluster(server, at, place.ports.postgres, debian(), tls=False) as made:
            project = Prisma(Path(name) / "project", url(made, "master"))
            project.write(SCRIPTS)
            fill(made, project)
            prisma_s = statistics.median(timed(project, "status") for _ in range(SAMPLE)) * TENANTS
            return [
                result for kept_as in ("schema", "database") for result in compared(made, project, kept_as, prisma_s)
            ]


def url(server: Cluster, database: str) -> str:
    """Return the URL of a database."""
    return f"postgresql://{SUPERUSER}:{SUPERUSER_PASSWORD}@127.0.0.1:{server.port}/{database}"


def fill(server: Cluster, project: Prisma) -> None:
    """Migrate a master with the real CLI, and give its tenants the rows that it has then."""
    with server.connect() as connection:
        connection.execute("CREATE DATABASE master TEMPLATE template0")
    said = project.run("deploy")
    if said.code:
        sys.exit(f"prisma migrate deploy: {said.text}")
    with server.connect() as connection:
        connection.execute("CREATE DATABASE shop TEMPLATE template0")
    with server.connect("shop") as connection, server.connect("master") as master:
        make = sql.SQL("CREATE TABLE _prisma_migrations ({})").format(sql.SQL(", ".join(PRISMA_COLUMNS)))
        connection.execute(make)
        rows = master.execute("SELECT * FROM public._prisma_migrations").fetchall()
        names = [column.name for column in master.execute("SELECT * FROM public._prisma_migrations").description or ()]
        insert = sql.SQL("INSERT INTO _prisma_migrations ({}) VALUES ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(", ").join([sql.Placeholder()] * len(names))
        )
        with connection.cursor() as cursor:
            cursor.executemany(insert, rows)
        for number in range(TENANTS):
            schema = sql.Identifier(f"tenant_{number:04}")
            copy = (
                "CREATE SCHEMA {0}; CREATE TABLE {0}._prisma_migrations (LIKE public._prisma_migrations INCLUDING ALL);"
            )
            copy += " INSERT INTO {0}._prisma_migrations SELECT * FROM public._prisma_migrations"
            master.execute(sql.SQL(cast("Any", copy)).format(schema))
    with server.connect() as connection:
        for number in range(TENANTS):
            clone = sql.SQL("CREATE DATABASE {} TEMPLATE shop STRATEGY = file_copy")
            connection.execute(clone.format(sql.Identifier(f"shop_{number:04}")))


def compared(server: Cluster, project: Prisma, kept_as: str, prisma_s: float) -> Iterator[Result]:
    """Let golive, the bare queries and psql take turns."""
    ours, theirs, psql = [], [], []
    with profile(server, project, kept_as) as file:
        for turn in range(TURNS + 1):
            spent = golive(file), bare(server, kept_as)
            if turn:  # the first does not count
                ours.append(spent[0])
                theirs.append(spent[1])
        psql.append(one_psql_each(server, kept_as))
    mine = statistics.median(ours)
    what = f"migrations of {TENANTS:,} tenant {kept_as}s"
    for of, seconds, limit in (
        (f"the bare queries over {CONNECTIONS} connections", statistics.median(theirs), LIMIT_BARE),
        ("one psql each", psql[0], 1.0),
        (f"one `prisma migrate status` each (by {SAMPLE} of them)", prisma_s, LIMIT_PRISMA),
    ):
        yield Result(f"{what} against {of}", mine / seconds, limit, detail=f"{mine:.2f} s against {seconds:.2f} s")


@contextmanager
def profile(server: Cluster, project: Prisma, kept_as: str) -> Iterator[Path]:
    """Write a profile of these tenants."""
    pattern = {"schema": "tenant_*", "database": "shop_*"}[kept_as]
    database = {
        "url": url(server, "master"),
        "migrations": str(project.migrations),
        "tenants": {"kept_as": kept_as, "pattern": pattern},
    }
    file = project.folder / f"{kept_as}.yaml"
    file.write_text(json.dumps({"environment": "bench", "databases": {"master": database}}))
    yield file


def golive(file: Path) -> float:
    """Run golive's checks of migrations, and return how long it looked."""
    report = file.with_suffix(".json")
    command = [GOLIVE, "check", str(file), "--only", "db.migrations-*", "-o", f"json:{report}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT)
    if done.returncode:
        sys.exit(f"all tenants are healthy, but golive says: {done.stdout}{done.stderr}")
    run = json.loads(report.read_text())["run"]
    return (dt.datetime.fromisoformat(run["ended"]) - dt.datetime.fromisoformat(run["started"])).total_seconds()


def bare(server: Cluster, kept_as: str) -> float:
    """Let the bare queries be asked, and return how long that takes from the import of psycopg on."""
    command = [sys.executable, str(Path(__file__).with_name("bare.py")), url(server, "master"), kept_as]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
    rows, seconds = done.stdout.split()
    if int(rows) != TENANTS * MIGRATIONS:
        sys.exit(f"the bare queries brought {rows} rows")
    return float(seconds)


def one_psql_each(server: Cluster, kept_as: str) -> float:
    """Start psql for a share of the tenants, one after the other, and return what all would take."""
    share = TENANTS // 10
    began = time.perf_counter()
    for number in range(share):
        database, schema = ("master", f"tenant_{number:04}") if kept_as == "schema" else (f"shop_{number:04}", "public")
        command = [str(server.programs / "psql"), "-qAtX", url(server, database), "-c", ROWS.format(schema)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        if len(done.stdout.splitlines()) != MIGRATIONS:
            sys.exit(f"psql brought other rows: {done.stdout}")
    return (time.perf_counter() - began) * TENANTS / share


def timed(project: Prisma, *arguments: str) -> float:
    """Return how long the CLI takes."""
    began = time.perf_counter()
    said = project.run(*arguments)
    if said.code:
        sys.exit(f"prisma migrate {' '.join(arguments)}: {said.text}")
    return time.perf_counter() - began
