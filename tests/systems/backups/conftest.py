"""A real PostgreSQL with a little in it, that is dumped and backed up with its real tools; never as root."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from golive_checks.subjects.backups import BackupSource, InFolder
from golive_checks.systems.aws.client.aws import AwsSettings
from golive_checks.systems.backups.contents import Contents, ReadLimits, contents
from golive_checks.systems.backups.facts import Backups, backups
from golive_checks.systems.backups.store import BackupStore
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.folders import Folders

NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}
FILL = """
create table sales (id int primary key, note text);
insert into sales select g, md5(g::text) from generate_series(1, 20000) g;
create table stocks (id int);
insert into stocks select generate_series(1, 1000);
select lo_from_bytea(0, 'a large object'::bytea);
create database bare;
"""


@dataclass(frozen=True)
class Cluster:
    """A running server, in a folder that its user may write to."""

    folder: Path
    port: int
    bin: Path

    def run(
        self, *argv: str | Path, check: bool = True, as_ourselves: bool = False, **more: object
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a program, usually as the server's own user, with what psql and pg_dump need to find it.

        `pg_dump -Ft` runs as ourselves: it writes to /tmp, whatever TMPDIR says, and not every machine lets the
        server's user do that.
        """
        known = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "postgres", "PGDATABASE": "postgres"}
        path = f"{self.bin}:{os.environ['PATH']}"
        environ = {**os.environ, **known, "PATH": path, "HOME": str(self.folder), "LC_ALL": "C.UTF-8"}
        user = NOBODY if os.geteuid() == 0 and not as_ourselves else {}
        ran = subprocess.run(
            [str(arg) for arg in argv], check=False, capture_output=True, timeout=120, env=environ, **user, **more
        )
        assert not check or ran.returncode == 0, ran.stderr.decode()
        return ran

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.folder,
            "fsync": "off",
            "archive_mode": "on",
            "archive_command": f"sh {self.folder}/pgbackrest-or-not.sh %p",
        }
        with (self.data / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self.archive_with("exit 0")
        self.run("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "start")

    def archive_with(self, command: str) -> None:
        """Let WAL be archived by a command, in which $1 is the file. pgBackRest looks for its name in the setting."""
        (self.folder / "pgbackrest-or-not.sh").write_text(command)

    def stop(self) -> None:
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop", check=False)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "PostgreSQL's programs are not installed; on Debian: apt install postgresql"
    folder = Path(tempfile.mkdtemp(prefix="golive-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
    cluster = Cluster(folder, free_port(), found[-1].parent)
    try:
        cluster.run("initdb", "-D", cluster.data, "-U", "postgres", "-A", "trust", "--no-sync")
        cluster.start()
        cluster.run("psql", "-q", "-v", "ON_ERROR_STOP=1", input=FILL.encode())
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def dumps(postgres: Cluster) -> Mapping[str, Path]:
    """The database in every format that pg_dump has, and as a base backup."""
    into = postgres.folder / "dumps"
    postgres.run("mkdir", into)
    made = {
        "custom": "pg_dump -Fc -f {}",
        "piped": "pg_dump -Fc | cat > {}",
        "uncompressed": "pg_dump -Fc -Z0 -f {}",
        "schema": "pg_dump -Fc --schema-only -f {}",
        "bare": "pg_dump -Fc -f {} bare",
        "directory": "pg_dump -Fd -f {}",
        "tar": "pg_dump -Ft -f {}",
        "plain": "pg_dump -Fp -f {}",
        "cluster": "pg_dumpall -f {}",
        "gzip": "pg_dump -Fp | gzip > {}",
        "gzip-twice": "pg_dump -Fp > one; (head -c 100000 one | gzip; tail -c +100001 one | gzip) > {}; rm one",
        "gzip-custom": "pg_dump -Fc | gzip > {}",
        "gzip-nothing": "gzip < /dev/null > {}",
        "gzip-broken-pipe": "pg_dump -Fp | head -c 100000 | gzip > {}",
        "zstd": "pg_dump -Fp | zstd -q > {}",
        "age": "pg_dump -Fc | age -r $(age-keygen -o key 2>&1 | sed 's/.*: //') > {}",
        "gpg": "pg_dump -Fc | gpg --batch --pinentry-mode loopback --passphrase x -c > {}",
        "base": "pg_basebackup -c fast -D {}",
        "base-tar": "pg_basebackup -c fast -Ft -z -D {}",
    }
    for name, command in made.items():
        postgres.run("sh", "-c", command.format(into / name), cwd=into, as_ourselves=name == "tar")
    return {name: into / name for name in made}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


Look = Callable[..., object]


async def see(source: BackupSource, max_bytes: int = 16_000_000) -> tuple[Backups, Contents]:
    """List a folder, and look into its newest backup."""
    store, command = BackupStore(Folders(), None), CommandRunner(CommandLimits())
    seen = await backups(source, store, command, None, AwsSettings())
    limits = ReadLimits(max_bytes=max_bytes, max_local_bytes=max_bytes)
    return seen, await contents(source, seen, store, command, limits)


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Put something where backups are, and look at it."""

    def put(what: Path | bytes, there: Path) -> None:
        if isinstance(what, bytes):
            there.write_bytes(what)
        elif what.is_dir():
            shutil.copytree(what, there)
        else:
            shutil.copy(what, there)

    async def looked(what: Path | bytes, max_bytes: int = 16_000_000) -> Contents:
        here = tmp_path / "nightly"
        here.mkdir(exist_ok=True)
        for old in here.iterdir():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        put(what, here / "main-2026-01-05")
        _, found = await see(BackupSource("nightly", where=InFolder(str(here)), pattern="main-{date}"), max_bytes)
        return found

    return looked
