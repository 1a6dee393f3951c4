"""Real dumps of the reference stack's database: made once by its own pg_dump, then laid out under many dates."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from golive_lab.parts.ports import state_folder
from golive_lab.parts.postgres.cluster import SUPERUSER_PASSWORD, cluster
from golive_lab.parts.postgres.content import filled
from golive_lab.world.backups import DAILIES, MONTHLIES
from golive_lab.world.postgres import MASTER, SUPERUSER, TENANTS, ClusterSetup, Content

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from golive_lab.world.backups import KeptDumps

DUMPS = {
    "full": (),
    "younger": (f"--exclude-schema={TENANTS[-1]}",),
    "shrunk": (f"--schema={TENANTS[-1]}",),
    "without data": ("--schema-only",),
}
"""What pg_dump dumps: everything, a time before the last tenant came, that tenant alone, the schema alone."""


CLUSTER = "cluster"
"""A base backup of the whole cluster, as one archive with the WAL that it needs."""


def dumps(programs: Path, port: int) -> Mapping[str, bytes]:
    """Return the dumps of the healthy database, made with a version's own programs and kept between runs."""
    version = subprocess.run([str(programs / "pg_dump"), "--version"], check=True, capture_output=True).stdout  # noqa: S603 - Postgres' own
    digest = hashlib.sha256(repr((version, DUMPS, CLUSTER, Content())).encode()).hexdigest()[:16]
    kept = state_folder() / f"dumps-{digest}"
    if not kept.exists():
        with tempfile.TemporaryDirectory(prefix="golive-lab-", dir="/tmp", ignore_cleanup_errors=True) as scratch:
            made = _made(Path(scratch), programs, port)
            try:
                made.rename(kept)
            except OSError:  # another stack was quicker, or /tmp is a file system of its own
                shutil.copytree(made, kept, dirs_exist_ok=True)
    return {name: (kept / name).read_bytes() for name in (*DUMPS, CLUSTER)}


def _made(scratch: Path, programs: Path, port: int) -> Path:
    """Run a server for a moment, with the healthy content, and dump it."""
    into = scratch / "dumps"
    into.mkdir()
    server = ClusterSetup(certificate=None, archive="off")
    with cluster(server, scratch / "server", port, programs, tls=False) as at, filled(at, Content(), server):
        environ = {**os.environ, "PGPASSWORD": SUPERUSER_PASSWORD, "PGHOST": str(at.folder), "PGPORT": str(port)}
        for name, options in DUMPS.items():
            command = [str(programs / "pg_dump"), "-U", SUPERUSER, "-Fc", *options, "-f", str(into / name), MASTER]
            subprocess.run(command, check=True, capture_output=True, env=environ)  # noqa: S603 - Postgres' own
        whole = [str(programs / "pg_basebackup"), "-U", SUPERUSER, "-Ft", "-X", "fetch", "-c", "fast", "-D", "-"]
        with (into / CLUSTER).open("wb") as file:
            subprocess.run(whole, check=True, stdout=file, stderr=subprocess.PIPE, env=environ)  # noqa: S603 - likewise
    return into


def _without_wal(archive: bytes) -> bytes:
    """Return a base backup whose WAL is nothing but zeros, as a copy leaves it that made the files and no content."""
    made = bytearray(archive)
    with tarfile.open(fileobj=io.BytesIO(archive)) as listed:
        for member in listed:
            if member.isfile() and member.name.startswith("pg_wal/"):
                made[member.offset_data : member.offset_data + member.size] = bytes(member.size)
    return bytes(made)


def laid_out(kept: KeptDumps, made: Mapping[str, bytes], now: dt.datetime) -> Mapping[str, bytes]:
    """Return what is in a place, by name, the newest first."""
    found: dict[str, bytes] = {}
    days = [now - dt.timedelta(minutes=10, days=day) for day in range(DAILIES)]
    for day, at in enumerate(days):
        whole = day % 2 == 0
        if day == kept.replaced_day:
            whole = not whole
        if day >= kept.without_newest and day not in kept.without_days:
            found[_name(at)] = made["full" if whole else "younger"]
    for at in islice(_firsts(days[-1]), kept.monthlies):
        found[_name(at)] = made["younger"]
    return _with_newest(found, kept, made)


def _name(at: dt.datetime) -> str:
    return f"afrigest-{at:%Y-%m-%dT%H%MZ}.dump"


def _firsts(before: dt.datetime) -> Iterator[dt.datetime]:
    """Yield the first of each month, back in time."""
    first = before.replace(day=1, hour=2, minute=0)
    for _ in range(MONTHLIES + 1):
        if first < before:
            yield first
        first = (first - dt.timedelta(days=1)).replace(day=1)


def _damaged(whole: bytes) -> bytes:
    """Return a dump with some bytes of its data turned over, past its table of contents and before its end."""
    at = len(whole) - 1500
    return whole[:at] + bytes(byte ^ 0xFF for byte in whole[at : at + 100]) + whole[at + 100 :]


def _with_newest(found: dict[str, bytes], kept: KeptDumps, made: Mapping[str, bytes]) -> dict[str, bytes]:
    if not found:
        return found
    newest = next(iter(found))
    whole = found[newest]
    found[newest] = {
        "whole": whole,
        "empty": b"",
        "cut off": whole[:-500],  # within the last block of data: pg_restore --list does not notice
        "shrunk": made["shrunk"],
        "without data": made["without data"],
        "damaged": _damaged(whole),
        "cluster without WAL": _without_wal(made[CLUSTER]),
        "no dump": b"<html><body>504 Gateway Time-out</body></html>\n" * (len(whole) // 47),
    }[kept.newest]
    return found
