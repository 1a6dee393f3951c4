"""Is this backup good? Damage of every kind, judged by golive and by the programs that would restore it."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.systems.backups.conftest import Cluster, postgres, see

from golive import Unavailable
from golive_checks.subjects.backups import BackupSource, InFolder

if TYPE_CHECKING:
    from pathlib import Path


__all__ = ["postgres"]

SEED = 20261129
ALL = 300
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 30
TABLES = """
create database small;
\\connect small
create table sales (id int primary key, note text);
insert into sales select g, md5(g::text) from generate_series(1, 1500) g;
create table empty (id int);
create table stocks (id int, note text);
insert into stocks select g, repeat(md5(g::text), 20) from generate_series(1, 300) g;
select lo_from_bytea(0, 'a large object'::bytea), lo_from_bytea(0, ''::bytea);
"""
MADE = {
    "custom": "pg_dump -Fc -f {} small",
    "piped": "pg_dump -Fc small | cat > {}",
    "custom-0": "pg_dump -Fc -Z0 -f {} small",
    "inserts": "pg_dump -Fc --inserts -f {} small",
    "directory": "pg_dump -Fd -f {} small",
    "directory-0": "pg_dump -Fd -Z0 -f {} small",
    "directory-inserts": "pg_dump -Fd -Z0 --inserts -f {} small",
    "tar": "pg_dump -Ft -f {} small",
    "plain": "pg_dump -Fp -f {} small",
    "cluster": "pg_dumpall -f {}",
    "base": "pg_basebackup -c fast -D {}",
    "base-sha": "pg_basebackup -c fast --manifest-checksums=sha256 -D {}",
    "base-tar": "pg_basebackup -c fast -Ft -D {}",
    "base-tar-gz": "pg_basebackup -c fast -Ft -z -D {}",
}
PACKERS = {"gzip": "gzip", "zstd": "zstd -q", "xz": "xz -1", "bzip2": "bzip2", "lz4": "lz4 -q"}
DAMAGE = ["none", "cut", "flip", "garbage", "zeros", "twice", "empty", "wrong", "missing", "swap"]
GOLIVE_IS_RIGHT = {
    ("plain", "zeros"): "psql passes over zero bytes, and what they stood for is lost",
    ("cluster", "zeros"): "the same",
    ("plain", "cut"): "pg_dump writes `database dump complete` last; psql takes what is there for all of it",
    ("cluster", "cut"): "the same",
    ("plain", "wrong"): "psql runs any SQL, and nothing but errors comes of this",
    ("cluster", "wrong"): "the same",
    ("plain", "empty"): "psql is content with nothing",
    ("cluster", "empty"): "the same",
    ("directory-0", "cut"): "pg_restore copies what is there; pg_dump ends each table's data with `\\.`",
    ("directory-inserts", "cut"): "the same, with an empty line",
    ("directory-0", "empty"): "the same",
    ("directory-inserts", "empty"): "the same",
    ("directory-0", "wrong"): "the same",
    ("directory-inserts", "wrong"): "the same",
    ("directory-0", "garbage"): "the same",
    ("directory-0", "zeros"): "the same",
    ("directory-inserts", "garbage"): "the same",
    ("directory-inserts", "zeros"): "the same",
    (
        "directory",
        "garbage",
    ): "gzip(1) warns of what follows its end, and ends with 2; zlib, in pg_restore, passes over it",
    ("directory", "wrong"): "zlib takes what does not begin as gzip does for what was never packed",
    ("directory", "empty"): "the same",
    ("tar", "cut"): "two blocks of zeros end a tar archive (POSIX.1-2017, pax)",
    ("base-tar", "cut"): "the same, of pg_wal.tar",
    ("base-tar", "empty"): "an empty file is no tar archive (POSIX.1-2017, pax)",
}
"""What a program takes, and golive does not, and why."""


def generated() -> list[tuple[str, str, str, int]]:
    """Return formats, what they are packed with, the damage, and a number that says where."""
    of, made = random.Random(SEED), list[tuple[str, str, str, int]]()
    while len(made) < ALL:
        name = of.choice(list(MADE))
        folder = name.startswith(("directory", "base"))
        packed = "" if folder else of.choice(["", *PACKERS])
        damage = of.choice(DAMAGE if folder else DAMAGE[:-2])
        made.append((name, packed, damage, of.randrange(1 << 30)))
    return made[:: ALL // COUNT]


def damaged(data: bytes, damage: str, where: int) -> bytes:  # noqa: PLR0911 - one for each kind
    of = random.Random(where)
    match damage:
        case "cut":
            return data[: of.choice([of.randrange(1, len(data)), len(data) - of.randrange(1, min(700, len(data)))])]
        case "flip":
            at = of.randrange(len(data))
            return data[:at] + bytes([data[at] ^ 1 << of.randrange(8)]) + data[at + 1 :]
        case "garbage":
            return data + of.randbytes(of.randrange(1, 3000))
        case "zeros":
            at = of.randrange(len(data) // 2, len(data))
            return data[:at] + bytes(len(data) - at)
        case "twice":
            return data + data
        case "empty":
            return b""
        case "wrong":
            return of.choice(
                [b"<html>\n<h1>504 Gateway Time-out</h1>\n", of.randbytes(5000), b"PGDMP", b"\x1f\x8b" * 40]
            )
    return data


def spoil(target: Path, damage: str, where: int) -> None:
    """Damage a file, or one of those in a folder."""
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "65534", target.parent], check=True)  # the programs run as the server's user
    if target.is_file():
        target.write_bytes(damaged(target.read_bytes(), damage, where))
        return
    of = random.Random(where)
    files = sorted(p for p in target.rglob("*") if p.is_file() and "pg_wal" not in str(p) and p.name != "restore.sql")
    large = [p for p in files if p.stat().st_size > 200]
    one, other = of.sample(large, 2) if len(large) > 1 else (large[0], large[0])
    if damage == "missing":
        one.unlink()
    elif damage == "swap":
        content = one.read_bytes()
        one.write_bytes(other.read_bytes())
        other.write_bytes(content)
    elif damage != "none":
        one.write_bytes(damaged(one.read_bytes(), damage, where))


def restorable(postgres: Cluster, name: str, packed: str, target: Path) -> bool:
    """Ask the programs that a person would restore it with."""

    def runs(*argv: str | Path) -> bool:
        return postgres.run(*argv, check=False).returncode == 0

    if packed:
        plain = target.with_name("unpacked")
        quiet = [] if packed == "bzip2" else ["-q"]
        with plain.open("wb") as out:
            argv = [packed, "-dc", *quiet, target]
            ran = subprocess.run(argv, check=False, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE)
        target = plain
        if ran.returncode:
            return False
    if name.startswith("base"):
        there = _untarred(postgres, target) if name.startswith("base-tar") else target
        return there is not None and runs("pg_verifybackup", "-n", there)
    if name in {"plain", "cluster"}:
        return _psql_takes(postgres, target.read_bytes(), name)
    return runs("pg_restore", "-f", "/dev/null", target)


def _untarred(postgres: Cluster, target: Path) -> Path | None:
    """Unpack a base backup; None where tar will not."""
    folder = target.with_name("untarred")
    shutil.rmtree(folder, ignore_errors=True)
    postgres.run("mkdir", "-p", "-m", "700", folder / "pg_wal")
    if (target / "backup_manifest").exists():
        postgres.run("cp", target / "backup_manifest", folder)
    for file in target.glob("*.tar*"):
        into = folder / "pg_wal" if file.name.startswith("pg_wal") else folder
        if postgres.run("tar", "-xf", file, "-C", into, check=False).returncode:
            return None
    return folder


def _psql_takes(postgres: Cluster, text: bytes, name: str) -> bool:
    if name == "cluster":  # it would be loaded into this very server
        return b"\0" not in text and text.startswith(b"--")
    postgres.run("psql", "-qc", "drop database if exists trial", "-c", "create database trial", "template1")
    return postgres.run("psql", "-qX1", "-v", "ON_ERROR_STOP=1", "trial", check=False, input=text).returncode == 0


def unseen_by_anybody(name: str, packed: str, damage: str) -> bool:
    """Tell where a byte that changed leaves no trace but in the data: nothing is summed up there."""
    uncompressed = {"plain", "cluster", "tar", "custom-0", "directory-0", "directory-inserts"}
    without_manifest = damage == "missing" and name.startswith("base")  # pg_verifybackup does nothing without one
    return without_manifest or (damage in {"flip", "swap"} and not packed and name in uncompressed)


async def test_golive_sees_what_the_restoring_programs_see(postgres: Cluster) -> None:
    print(f"seed {SEED}, {COUNT} of {ALL} backups")
    postgres.run("psql", "-q", "-v", "ON_ERROR_STOP=1", input=TABLES.encode())
    whole = postgres.folder / "oracle"
    postgres.run("mkdir", whole)
    cases, wrong = generated(), []
    for name, packed, damage, where in cases:
        made = whole / f"{name}{packed}"
        if not made.exists():
            if not (whole / name).exists():
                postgres.run("sh", "-c", MADE[name].format(whole / name), as_ourselves=name == "tar")
            if packed:
                postgres.run("sh", "-c", f"{PACKERS[packed]} -c {whole / name} > {made}")
        place = postgres.folder / "nightly"
        shutil.rmtree(place, ignore_errors=True)
        target = place / "main-2026-01-05"
        place.mkdir()
        shutil.copytree(made, target) if made.is_dir() else shutil.copy(made, target)
        spoil(target, damage, where)
        theirs = restorable(postgres, name, packed, target)
        source = BackupSource("nightly", where=InFolder(str(place)), pattern="main-{date}")
        try:
            _, seen = await see(source, 300_000_000)
        except Unavailable as gap:
            ours, seen = False, repr(gap)
        else:
            ours = not seen.damages and not seen.strange and " of a format that golive does not know" not in seen.unseen
        if not isinstance(seen, str) and seen.doubts:
            continue  # a warning, which is neither
        if (
            ours != theirs
            and not (not ours and (name, damage) in GOLIVE_IS_RIGHT)
            and not (ours and unseen_by_anybody(name, packed, damage))
        ):
            wrong.append((name, packed, damage, where, "golive" if ours else "program", seen))
    assert not wrong, "\n".join(map(str, wrong))
