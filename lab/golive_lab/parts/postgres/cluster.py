"""Runs a Postgres cluster, made from a template that is kept between runs; it ends with its starter."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from golive_lab.parts.certificates import issue
from golive_lab.parts.ports import state_folder
from golive_lab.parts.postgres.programs import give, runs_as
from golive_lab.parts.process import running
from golive_lab.world.env_texts import made_up
from golive_lab.world.postgres import HOST, SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from golive_lab.world.postgres import ClusterSetup

SUPERUSER_PASSWORD = made_up("demo database superuser", 32)

INITDB = ("-U", SUPERUSER, "-A", "scram-sha-256", "-E", "UTF8", "--no-locale", "-N", "--wal-segsize=1")
"""The smallest segments: a switch to the next one costs a megabyte and no more."""

SETTINGS = {
    "archive_timeout": "60s",
    "fsync": "off",
    "jit": "off",
    "listen_addresses": "'127.0.0.1'",
    "max_connections": "100",
    "max_wal_size": "64MB",
    "min_wal_size": "2MB",
    "shared_buffers": "16MB",
    "synchronous_commit": "off",
    "timezone": "'UTC'",
    "wal_level": "replica",
}

FULL = "full"
"""A file in the archive's folder that makes the command that `hangs` do so."""
ARCHIVE = {
    "works": "test ! -f {archive}/%f && cp %p {archive}/%f",
    "fails": "echo no space left >&2; false",
    "hangs": "while test -e {archive}/full; do sleep 0.2; done; test ! -f {archive}/%f && cp %p {archive}/%f",
}


@dataclass(frozen=True)
class Cluster:
    """A running cluster: its folder, its port, and where its programs lie."""

    folder: Path
    port: int
    programs: Path

    @property
    def archive(self) -> Path:
        """The folder that the write-ahead log is copied to."""
        return self.folder / "archive"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Connect as the superuser, through the socket, each statement a transaction of its own."""
        return psycopg.connect(
            host=str(self.folder),
            port=self.port,
            user=SUPERUSER,
            password=SUPERUSER_PASSWORD,
            dbname=database,
            connect_timeout=10,
            autocommit=True,
        )


@contextmanager
def cluster(server: ClusterSetup, folder: Path, port: int, programs: Path, *, tls: bool) -> Iterator[Cluster]:
    """Run a cluster in `folder`, new in every run. `tls`: it can speak it by itself."""
    user = runs_as()
    shutil.rmtree(folder, ignore_errors=True)
    made = Cluster(folder, port, programs)
    made.archive.mkdir(parents=True)
    if user is not None:
        folder.parent.chmod(0o711)  # for nobody to come to its own folder; it can read nothing on the way
    shutil.copytree(_template(programs, folder.name), folder / "data", symlinks=True)
    _configure(server, made, tls=tls)
    give(folder)
    folder.chmod(0o700)
    log = folder.parent / f"{folder.name}.log"
    argv = [str(programs / "postgres"), "-D", str(folder / "data"), "-k", str(folder), "-p", str(port)]
    try:
        # Nothing in it is to last: it is asked to drop everything, and killed where that takes long.
        with running(argv, log=log, ready=lambda: _answers(made), stop="QUIT", stop_s=1.0, user=user):
            if server.slot:
                with made.connect() as connection:
                    connection.execute("SELECT pg_create_physical_replication_slot(%s, true)", [server.slot])
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _configure(server: ClusterSetup, made: Cluster, *, tls: bool) -> None:
    settings = SETTINGS | {"archive_mode": "off" if server.archive == "off" else "on"}
    if server.archive != "off":
        command = ARCHIVE[server.archive].format(archive=made.archive)
        settings["archive_command"] = f"'{command}'"
    speaks_tls = tls and server.certificate is not None
    if speaks_tls:
        certify(server, made.folder)
        settings |= {
            "ssl": "on",
            "ssl_cert_file": f"'{made.folder}/server.pem'",
            "ssl_key_file": f"'{made.folder}/server.key'",
        }
    _append(made.folder / "data" / "postgresql.conf", settings | dict(server.settings))
    kind = "hostssl" if speaks_tls and not server.takes_plain else "host"
    rules = ["local all all scram-sha-256", f"{kind} all all 127.0.0.1/32 scram-sha-256"]
    rules += [f"{kind} replication all 127.0.0.1/32 scram-sha-256", "local replication all scram-sha-256"]
    if server.standby:
        (made.folder / "data" / "standby.signal").touch()
    (made.folder / "data" / "pg_hba.conf").write_text("\n".join([*rules, ""]))


def _append(file: Path, settings: Mapping[str, str]) -> None:
    with file.open("a") as config:
        config.writelines(f"{name} = {value}\n" for name, value in settings.items())


def certify(server: ClusterSetup, folder: Path) -> tuple[Path, Path]:
    """Write the server's certificate and its key, and name the files."""
    chain, key = folder / "server.pem", folder / "server.key"
    if server.certificate is None:
        raise ValueError("this server has no certificate")
    texts = issue(server.certificate, HOST)
    for path, text in zip((chain, key), texts, strict=True):
        path.touch(mode=0o600)
        path.write_bytes(text)
    return chain, key


def _answers(made: Cluster) -> bool:
    try:
        made.connect().close()
    except psycopg.OperationalError:
        return False
    return True


def _template(programs: Path, name: str) -> Path:
    """Return a data folder as initdb makes it, of this version and these options; made once for each user.

    Clusters of one name have one system identifier, those of another have another.
    """
    version = subprocess.run([str(programs / "initdb"), "--version"], check=True, capture_output=True)  # noqa: S603 - Postgres' own
    digest = hashlib.sha256(repr((name, version.stdout, INITDB)).encode()).hexdigest()[:16]
    kept = state_folder() / f"postgres-{digest}"
    if kept.exists():
        return kept
    user = runs_as()
    with tempfile.TemporaryDirectory(prefix="golive-lab-", dir="/tmp", ignore_cleanup_errors=True) as made_at:
        scratch = Path(made_at)
        (scratch / "password").write_text(SUPERUSER_PASSWORD)
        give(scratch)
        argv = [str(programs / "initdb"), "-D", f"{scratch}/data", f"--pwfile={scratch}/password", *INITDB]
        made = subprocess.run(  # noqa: S603 - Postgres' own
            argv,
            cwd="/",
            check=False,
            capture_output=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
        if made.returncode:
            raise OSError(f"initdb failed: {made.stderr.decode(errors='replace')[-2000:]}")
        new = kept.with_name(f"{kept.name}-{os.getpid()}")
        shutil.copytree(scratch / "data", new, symlinks=True)
    try:
        new.rename(kept)
    except OSError:  # another stack was quicker
        shutil.rmtree(new)
    return kept
