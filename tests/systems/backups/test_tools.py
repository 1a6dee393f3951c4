"""What pgBackRest and Barman print: the real ones of a cluster of our own, old ones, and nonsense."""

from __future__ import annotations

import datetime as dt
import json
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from golive import Unavailable
from golive_checks.backups.damage import sentences
from golive_checks.subjects.backups import BackupSource, InBarman, InPgBackRest
from golive_checks.systems.aws.client.aws import AwsSettings
from golive_checks.systems.backups import repository
from golive_checks.systems.backups.facts import Backups, backups
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner

if TYPE_CHECKING:
    from pathlib import Path

    from tests.probes.backups.conftest import Cluster


async def ask(where: InPgBackRest | InBarman) -> Backups:
    return await backups(BackupSource("b", where=where), None, CommandRunner(CommandLimits()), None, AwsSettings())


def printing(what: Any, code: int = 0) -> tuple[str, ...]:
    """Return a command that prints this, as JSON unless it is text."""
    data = what if isinstance(what, bytes) else what.encode() if isinstance(what, str) else json.dumps(what).encode()
    return (sys.executable, "-c", f"import sys; sys.stdout.buffer.write({data!r}); sys.exit({code})")


@pytest.fixture(scope="module")
def pgbackrest(postgres: Cluster) -> Path:
    """A stanza of a real pgBackRest, with a full backup and an incremental one; returns its configuration."""
    top = postgres.folder / "pgbackrest"
    for name in ("repo", "log", "lock", "spool"):
        postgres.run("mkdir", "-p", top / name)
    config = top / "pgbackrest.conf"
    config.write_text(
        f"[global]\nrepo1-path={top}/repo\nrepo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=hunter2\n"
        f"repo1-retention-full=2\nlog-path={top}/log\nlock-path={top}/lock\nspool-path={top}/spool\n"
        "start-fast=y\ncompress-level=1\n"
        f"[main]\npg1-path={postgres.data}\npg1-port={postgres.port}\npg1-socket-path={postgres.folder}\n"
        "pg1-user=postgres\n"
    )
    tool = ("pgbackrest", f"--config={config}", "--stanza=main")
    postgres.run(*tool, "stanza-create")
    postgres.archive_with(f"pgbackrest --config={config} --stanza=main archive-push $1")
    try:
        postgres.run(*tool, "backup", "--type=full")
        postgres.run(*tool, "backup", "--type=incr")
    finally:
        postgres.archive_with("exit 0")
    return config


def info(postgres: Cluster, config: Path, *more: str) -> bytes:
    return postgres.run("pgbackrest", f"--config={config}", "info", "--output=json", *more).stdout


async def test_a_real_pgbackrest(postgres: Cluster, pgbackrest: Path) -> None:
    before = dt.datetime.now(dt.UTC)
    seen = await ask(InPgBackRest(printing(info(postgres, pgbackrest)), "main"))
    assert [b.kind for b in seen.newest] == ["incr", "full"]
    assert {b.encrypted for b in seen.newest} == {"aes-256-cbc"}
    assert {b.error for b in seen.newest} == {""}
    assert all(b.size and b.size > 10_000_000 for b in seen.newest)
    assert seen.newest[1].name.endswith("F")
    assert dt.timedelta() <= before - seen.newest[0].taken_at < dt.timedelta(minutes=5)
    assert (seen.count, seen.complaints, seen.others) == (2, (), 0)
    only = await ask(InPgBackRest(printing(info(postgres, pgbackrest)), "main", repo=1))
    assert only == seen


async def test_a_real_pgbackrest_that_has_none(postgres: Cluster, pgbackrest: Path) -> None:
    seen = await ask(InPgBackRest(printing(info(postgres, pgbackrest, "--stanza=other")), "other"))
    assert (seen.newest, seen.complaints) == ((), ("pgBackRest says status 1: missing stanza path",))
    seen = await ask(InPgBackRest(printing(info(postgres, pgbackrest)), "other"))
    assert seen.complaints == ("pgBackRest knows no stanza 'other'",)
    seen = await ask(InPgBackRest(printing(info(postgres, pgbackrest)), "main", repo=2))
    assert seen.complaints == ("pgBackRest has no repository 2 for 'main'",)


async def test_a_real_pgbackrest_with_a_wrong_passphrase(postgres: Cluster, pgbackrest: Path) -> None:
    wrong = pgbackrest.with_name("wrong.conf")
    postgres.run("sh", "-c", f"sed s/hunter2/hunter3/ {pgbackrest} > {wrong}")
    with pytest.raises(Unavailable, match="could not read its repository") as caught:
        await ask(InPgBackRest(printing(info(postgres, wrong)), "main"))
    assert "FormatError" in caught.value.reason
    assert "hunter" not in caught.value.reason
    assert caught.value.reason.isprintable()


async def test_the_command_is_run_as_the_profile_says(postgres: Cluster, pgbackrest: Path) -> None:
    command = ("pgbackrest", f"--config={pgbackrest}", "info", "--output=json", f"--lock-path={postgres.folder}")
    seen = await ask(InPgBackRest(command, "main"))
    assert seen.count == 2


OLD = [
    {  # 2.0 names no repository, no cipher, no error and no type
        "name": "main",
        "status": {"code": 0, "message": "ok"},
        "backup": [{"label": "20260105-020000F", "timestamp": {"start": 1767578400, "stop": 1767578700}}],
    }
]


def with_backup(**more: Any) -> list[dict[str, Any]]:
    return [{**OLD[0], "backup": [{**OLD[0]["backup"][0], **more}]}]


async def test_an_old_pgbackrest() -> None:
    seen = await ask(InPgBackRest(printing(OLD), "main", repo=1))
    (backup,) = seen.newest
    assert (backup.name, backup.size, backup.kind, backup.encrypted) == ("20260105-020000F", None, "", "")
    assert backup.taken_at == dt.datetime(2026, 1, 5, 2, 5, tzinfo=dt.UTC)


async def test_page_checksum_errors_are_told() -> None:
    seen = await ask(InPgBackRest(printing(with_backup(error=True)), "main"))
    assert seen.sound is None
    assert seen.newest[0].error == "pgBackRest found page checksum errors in it"
    assert seen.days == ()


async def test_two_repositories() -> None:
    newer = {"label": "B", "timestamp": {"stop": 1767665100}, "database": {"repo-key": 2}}
    older = {"label": "A", "timestamp": {"stop": 1767578700}, "database": {"repo-key": 1}}
    repos = [
        {"key": 1, "cipher": "none", "status": {"code": 0, "message": "ok"}},
        {"key": 2, "cipher": "aes-256-cbc", "status": {"code": 5, "message": "database mismatch"}},
    ]
    stanza = [{"name": "main", "status": {"code": 4}, "repo": repos, "backup": [newer, older]}]
    both = await ask(InPgBackRest(printing(stanza), "main"))
    assert [(b.name, b.encrypted) for b in both.newest] == [("B", "aes-256-cbc"), ("A", "")]
    assert both.complaints == ("pgBackRest says status 5: database mismatch",)
    first = await ask(InPgBackRest(printing(stanza), "main", repo=1))
    assert ([b.name for b in first.newest], first.complaints) == (["A"], ())


@pytest.mark.parametrize(
    "printed",
    ["", "[", "nonsense", "{}", "[1]", '[{"name": 1}]', '[{"name": "main", "backup": [{}]}]', "[" * 100_000],
)
async def test_nonsense_is_a_gap(printed: str) -> None:
    with pytest.raises(Unavailable, match="something else than `pgbackrest info --output=json` prints"):
        await ask(InPgBackRest(printing(printed), "main"))


@pytest.mark.parametrize("printed", ["", "[]", '{"main": 1}', '{"main": [{}]}', '{"main": [{"backup_id": "x"}]}'])
async def test_nonsense_of_barmans_is_a_gap(printed: str) -> None:
    with pytest.raises(Unavailable, match="something else than `barman -f json list-backups all` prints"):
        await ask(InBarman(printing(printed), "main"))


async def test_a_time_that_is_none_is_a_gap() -> None:
    with pytest.raises(Unavailable, match="is no time"):
        await ask(InPgBackRest(printing(with_backup(timestamp={"stop": 10**15})), "main"))


async def test_a_command_that_fails_is_a_gap() -> None:
    with pytest.raises(Unavailable, match="ended with 3: it printed nothing"):
        await ask(InPgBackRest(printing(OLD, code=3), "main"))
    with pytest.raises(Unavailable, match="is not on this machine"):
        await ask(InBarman(("no-such-barman",), "main"))


@pytest.fixture(scope="module")
def barman(postgres: Cluster) -> tuple[str, ...]:
    """A real Barman that streams from the cluster, with one backup of it; returns how to call it."""
    top = postgres.folder / "barman"
    for name in ("home", "conf.d"):
        postgres.run("mkdir", "-p", top / name)
    user = postgres.run("id", "-un").stdout.decode().strip()
    server = f"host=127.0.0.1 port={postgres.port} user=postgres"
    config = top / "barman.conf"
    config.write_text(
        f"[barman]\nbarman_user = {user}\nbarman_home = {top}/home\n"
        f"configuration_files_directory = {top}/conf.d\nlog_file = {top}/log\n"
        f"[main]\ndescription = main\nconninfo = {server} dbname=postgres\nstreaming_conninfo = {server}\n"
        "backup_method = postgres\nstreaming_archiver = on\nslot_name = barman\ncreate_slot = auto\n"
        f"path_prefix = {postgres.bin}\n"
    )
    tool = ("barman", "-c", str(config))
    postgres.run(*tool, "cron")
    for _ in range(200):  # cron starts receive-wal, without which no backup is begun
        if list((top / "home" / "main" / "streaming").glob("*.partial")):
            break
        time.sleep(0.1)
    postgres.run(*tool, "switch-wal", "--force", "--archive", "main")
    postgres.run(*tool, "backup", "main")
    return tool


async def test_a_real_barman(postgres: Cluster, barman: tuple[str, ...]) -> None:
    printed = postgres.run(*barman, "-f", "json", "list-backups", "all").stdout.decode()
    try:
        seen = await ask(InBarman(printing(printed), "main"))
        backup = (*seen.newest, *seen.unfinished)[0]
        assert (backup.size or 0) > 10_000_000
        assert dt.timedelta() <= dt.datetime.now(dt.UTC) - backup.taken_at < dt.timedelta(minutes=5)
        assert bool(seen.newest) is ('"DONE"' in printed)
        assert (await ask(InBarman(printing(printed), "other"))).complaints == ("Barman knows no server 'other'",)
        wrong = postgres.run(*barman, "-f", "json", "list-backups", "other", check=False).stdout.decode()
        with pytest.raises(Unavailable, match=r"Barman says: .*Unknown server 'other'"):
            await ask(InBarman(printing(wrong), "other"))
    finally:
        postgres.run(*barman, "receive-wal", "--stop", "main", check=False)


async def test_barmans_states() -> None:
    printed = {
        "main": [
            {"backup_id": "20260105T020000", "end_time_timestamp": "1767578700", "size_bytes": 5, "status": "DONE"},
            {"backup_id": "20260106T020000", "status": "FAILED"},
            {"backup_id": "20260107T020000", "status": "STARTED"},
            {"backup_id": "20260104T020000", "end_time_timestamp": "1767492300", "size_bytes": 4},
        ]
    }
    seen = await ask(InBarman(printing(printed), "main"))
    assert [(b.name, b.error) for b in seen.newest] == [
        ("20260106T020000", "Barman says that it is FAILED"),
        ("20260105T020000", ""),
        ("20260104T020000", ""),
    ]
    assert [b.name for b in seen.unfinished] == ["20260107T020000"]
    assert seen.sound is not None
    assert seen.sound.size == 5
    assert len(seen.days) == 2


async def look_into(config: Path, label: str = "", most: int = 500_000_000) -> Any:
    """Look into the repository as the profile's command would."""
    where = InPgBackRest(("pgbackrest", f"--config={config}", "info", "--output=json"), "main")
    label = label or (await ask(where)).sound.name
    return await repository.look_into(CommandRunner(CommandLimits()), where, label, most)


async def test_the_files_of_a_repository(postgres: Cluster, pgbackrest: Path) -> None:
    whole = await look_into(pgbackrest)
    assert (whole.damages, whole.doubts, whole.unseen) == ([], [], [])
    assert whole.says == ["`pgbackrest verify` has read its files"]
    large = await look_into(pgbackrest, most=1000)
    assert large.unseen[0].endswith("`pgbackrest verify` reads them all")
    repo = pgbackrest.parent / "repo"
    kept = pgbackrest.parent / "kept"
    postgres.run("cp", "-a", repo, kept)
    full = next(p for p in (repo / "backup/main").iterdir() if p.name.endswith("F"))
    files = sorted(p for p in full.rglob("*") if p.is_file() and "pg_data" in str(p) and p.stat().st_size > 3000)
    data = files[0].read_bytes()
    files[0].write_bytes(data[:1000] + bytes(9) + data[1009:])
    (flipped,) = sentences((await look_into(pgbackrest)).damages)
    assert "`pgbackrest verify` finds" in flipped
    assert "1 of its" in flipped
    files[0].write_bytes(data[:1000])
    cut = await look_into(pgbackrest, most=0)
    assert sentences(cut.damages)[0].endswith(f"bytes of {full.name} are in the repository")
    for file in files:
        file.unlink()
    assert len((await look_into(pgbackrest)).damages) == 2
    postgres.run("sh", "-c", f"rm -r {repo} && mv {kept} {repo}")
    for segment in (repo / "archive").rglob("*-*.gz"):
        segment.unlink()
    (lost, *_) = sentences((await look_into(pgbackrest)).damages)
    assert lost.startswith("the WAL segment 0000000100000000")
    script = InPgBackRest(("show-backups",), "main")
    assert (await repository.look_into(CommandRunner(CommandLimits()), script, "x", 0)).unseen
