"""Whole clusters are restored and started: base backups by golive, pgBackRest's by pgBackRest; real programs all."""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from drill_bench import CANARY, GOOD

from golive import Unavailable
from golive_checks.subjects import BackupSource, Query
from golive_checks.subjects.backups import InPgBackRest
from golive_checks.subjects.recovery import ClusterPlan
from golive_checks.systems.postgres.client.cluster_settings import settings_file, tablespace_map, unlinked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from drill_bench import Bench, Cluster

SHORT = Path("/tmp")  # noqa: S108 - a socket's path may have 107 characters
PLAN = ClusterPlan("shop", run_as="nobody")


@pytest.fixture(scope="session")
def base_backups(production: Cluster) -> Mapping[str, Path]:
    """The cluster as pg_basebackup writes it, in both formats, the latter with a tablespace's archive."""
    place = production.folder / "elsewhere"
    production.run("mkdir", place)
    into = {name: production.folder / name for name in ("plain", "tar")}
    production.run("pg_basebackup", "-D", into["plain"], "-c", "fast", "--no-sync")
    production.sql(f"create tablespace far location '{place}'")
    production.sql("create table of_far tablespace far as select 7 as n", "shop")
    production.run("pg_basebackup", "-D", into["tar"], "-Ft", "-z", "-c", "fast", "--no-sync")
    production.sql("drop table of_far", "shop")
    production.sql("drop tablespace far")
    return into


async def whole(bench: Bench, **more: Any) -> Any:
    """Drill a cluster, and see that nothing is left of it."""
    temp = SHORT / f"golive-drills-{os.getpid()}"
    temp.mkdir(exist_ok=True)
    try:
        return await bench.drill(**{"cluster": PLAN, "temp_dir": str(temp), **more})
    finally:
        assert [*temp.iterdir()] == []
        temp.rmdir()


async def test_a_base_backup_is_started_asked_and_removed(
    base_backups: Mapping[str, Path], bench: Bench, production: Cluster
) -> None:
    bench.put(base_backups["plain"])
    (bench.folder / "main" / "standby.signal").touch()
    with (bench.folder / "main" / "postgresql.auto.conf").open("a") as conf:
        conf.write(f"primary_conninfo = 'host=127.0.0.1 port={production.port} user=postgres password={CANARY}'\n")
        conf.write(f"archive_command = 'touch {production.folder}/harmed'\nshared_preload_libraries = 'gone'\n")
    seen = await whole(bench)
    assert bench.shortfalls(seen) == []
    assert [(a.rows, a.value) for a in seen.record.answers] == [(1, "500")]
    assert seen.record.format == "base backup"
    assert seen.record.server.startswith("15.")
    assert 9 * 3600 <= seen.record.rpo_s < 9 * 3600 + 60
    assert not (production.folder / "harmed").exists()
    assert production.sql("select count(*) from pg_stat_replication") == "0"
    told = json.loads(bench.evidence.read_text())
    assert (told["passed"], told["backup"]["format"]) == (True, "base backup")


async def test_archives_with_a_tablespace_are_unpacked(base_backups: Mapping[str, Path], bench: Bench) -> None:
    bench.put(base_backups["tar"])
    asked = (GOOD, Query("select n from of_far", value="7"))
    seen = await whole(bench, queries=asked)
    assert bench.shortfalls(seen) == []
    assert seen.record.format == "base backup, tar, gzip"
    assert "scratch cluster" in "".join(bench.steps)


def cut(folder: Path) -> None:
    base = folder / "base.tar.gz"
    base.write_bytes(base.read_bytes()[: base.stat().st_size * 2 // 3])


def without_wal(folder: Path) -> None:
    segments = sorted(path for path in (folder / "pg_wal").iterdir() if path.is_file())
    segments[0].rename(folder / "pg_wal" / f"{segments[0].name[:-1]}F")


def without_a_file(folder: Path) -> None:
    max((folder / "base").glob("*/[0-9]*"), key=lambda path: path.stat().st_size).unlink()


def without_control(folder: Path) -> None:
    (folder / "global" / "pg_control").unlink()


def with_long_name(folder: Path) -> None:
    with tarfile.open(folder / "base.tar", "w") as archive:
        archive.add(folder / "base.tar.gz", "../../evil/PG_VERSION")
    (folder / "base.tar.gz").unlink()


AT_FAULT: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "tar, cut": ("tar", cut, "it is cut off"),
    "plain, without its WAL": ("plain", without_wal, "could not locate"),
    "plain, without a file": ("plain", without_a_file, "pg_verifybackup"),
    "plain, without its control file": ("plain", without_control, "pg_verifybackup"),
    "a name that leads out": ("tar", with_long_name, "a file in it is named '../../evil/PG_VERSION'"),
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.long if n != "plain, without its WAL" else ()) for n in AT_FAULT]
)
async def test_a_base_backup_that_is_at_fault_fails(name: str, base_backups: Mapping[str, Path], bench: Bench) -> None:
    of, change, words = AT_FAULT[name]
    bench.put(base_backups[of])
    change(bench.folder / "main")
    (shortfall,) = bench.shortfalls(await whole(bench))
    assert shortfall.startswith("main cannot be restored: ")
    assert words in shortfall
    assert not bench.evidence.exists()


@pytest.mark.long
async def test_a_database_that_is_not_in_it_fails(base_backups: Mapping[str, Path], bench: Bench) -> None:
    bench.put(base_backups["plain"])
    (shortfall,) = bench.shortfalls(await whole(bench, cluster=replace(PLAN, database="shopp")))
    assert shortfall == "main cannot be restored: there is no database shopp in it"


async def gap(bench: Bench, **more: Any) -> str:
    with pytest.raises(Unavailable) as caught:
        await whole(bench, **more)
    assert caught.value.fix
    assert not bench.evidence.exists()
    return caught.value.reason


@pytest.mark.long
async def test_what_is_missing_around_a_base_backup_is_a_gap(base_backups: Mapping[str, Path], bench: Bench) -> None:
    bench.put(base_backups["plain"])
    assert "drill.cluster" in await gap(bench, cluster=None)
    assert "too long for a server's socket" in await gap(bench, temp_dir=f"{SHORT}/{'x' * 90}")
    lacks = replace(PLAN, settings=(("shared_preload_libraries", "of_nowhere"),))
    assert "lacks the library of_nowhere" in await gap(bench, cluster=lacks)
    wrong = replace(PLAN, settings=(("work_memory", "1"),))
    assert "drill.cluster.settings holds work_memory" in await gap(bench, cluster=wrong)
    (bench.folder / "main" / "PG_VERSION").write_text("16\n")
    assert "is of PostgreSQL 16, and the server on this machine is 15" in await gap(bench)
    (bench.folder / "main" / "PG_VERSION").write_text("15\n")
    (bench.folder / "main" / "tablespace_map").write_text("16999 /var/lib/real\n")
    assert "part of the backup is elsewhere" in await gap(bench)
    (bench.folder / "main" / "tablespace_map").unlink()
    shutil.rmtree(bench.folder / "main" / "pg_wal")
    (bench.folder / "main" / "backup_manifest").unlink()
    assert "holds no WAL" in await gap(bench)


@pytest.mark.long
async def test_wal_comes_from_where_the_profile_says(base_backups: Mapping[str, Path], bench: Bench) -> None:
    bench.put(base_backups["plain"])
    archive = base_backups["plain"].parent / "wal"
    shutil.copytree(base_backups["plain"] / "pg_wal", archive)
    archive.chmod(0o755)
    for each in archive.rglob("*"):
        each.chmod(0o755)
    shutil.rmtree(bench.folder / "main" / "pg_wal")
    (bench.folder / "main" / "backup_manifest").unlink()
    plan = replace(PLAN, restore_command=f'cp {archive}/%f "%p"')
    assert bench.shortfalls(await whole(bench, cluster=plan)) == []


@pytest.mark.long
async def test_what_golive_could_not_fetch_or_follow_is_no_fault_of_the_backup(
    base_backups: Mapping[str, Path], bench: Bench
) -> None:
    bench.put(base_backups["plain"])
    main = bench.folder / "main"
    (main / "pg_tblspc" / "16999").symlink_to(base_backups["plain"])
    assert "part of the backup is elsewhere, which golive cannot restore: pg_tblspc/16999" in await gap(bench)
    (main / "pg_tblspc" / "16999").unlink()
    shutil.rmtree(main / "pg_wal")
    (main / "backup_manifest").unlink()
    plan = replace(PLAN, restore_command='cp /not/mounted/here/%f "%p"')
    assert "restore_command fetched none" in await gap(bench, cluster=plan)


@pytest.mark.long
async def test_the_real_servers_slots_are_not_the_copys(
    base_backups: Mapping[str, Path], production: Cluster, bench: Bench
) -> None:
    bench.put(base_backups["plain"])
    production.sql("select pg_create_physical_replication_slot('kept')")
    try:
        for number in range(12):
            slot = bench.folder / "main" / "pg_replslot" / f"kept_{number}"
            shutil.copytree(production.folder / "data" / "pg_replslot" / "kept", slot)
    finally:
        production.sql("select pg_drop_replication_slot('kept')")
    (bench.folder / "main" / "backup_manifest").unlink()
    assert bench.shortfalls(await whole(bench)) == []


@pytest.mark.long
async def test_nobody_else_reads_what_the_server_is_set_up_with(
    base_backups: Mapping[str, Path], production: Cluster, bench: Bench
) -> None:
    bench.put(base_backups["plain"])
    seen = production.folder / "mode"
    plan = replace(PLAN, restore_command=f"stat -c %a ../postgresql.conf > {seen}; false")
    assert bench.shortfalls(await whole(bench, cluster=plan)) == []
    assert seen.read_text().strip() == "600"


@pytest.mark.long
async def test_a_copys_foreign_tables_lead_nowhere(production: Cluster, bench: Bench) -> None:
    into = production.folder / "with-foreign"
    production.sql(
        "create extension postgres_fdw; create server far foreign data wrapper postgres_fdw options"
        f" (host '127.0.0.1', port '{production.port}', dbname 'shop');"
        f" create user mapping for public server far options (user 'postgres', password '{CANARY}');"
        " create foreign table orders_there (id bigint) server far options (table_name 'Order')",
        "shop",
    )
    try:
        assert production.sql("select count(*) from orders_there", "shop") == "500"
        production.run("pg_basebackup", "-D", into, "-c", "fast", "--no-sync")
    finally:
        production.sql("drop extension postgres_fdw cascade", "shop")
    bench.put(into)
    seen = await whole(bench, queries=(GOOD, Query("select count(*) from orders_there", value="500")))
    assert [(a.value, a.sqlstate) for a in seen.record.answers] == [("500", ""), (None, "42704")]
    assert "may not drop the copy's user mappings" in await gap(bench, cluster=replace(PLAN, role="drill"))


@pytest.mark.long
async def test_one_archive_of_a_folder_is_a_base_backup(base_backups: Mapping[str, Path], bench: Bench) -> None:
    bench.name = "2026-01-05.tar.gz"
    with tarfile.open(bench.folder / bench.name, "w:gz") as archive:
        archive.add(base_backups["plain"], "2026-01-05")
    seen = await whole(bench)
    assert bench.shortfalls(seen) == []
    assert seen.record.format == "base backup, tar, gzip"


@pytest.mark.long
async def test_what_a_killed_drill_left_is_removed(base_backups: Mapping[str, Path], bench: Bench) -> None:
    bench.put(base_backups["plain"])
    temp = SHORT / f"golive-drills-{os.getpid()}"
    left, other = temp / "golive_drill_00000000", temp / "golive_drill_mine"
    for folder in (left / "data", other):
        folder.mkdir(parents=True)
    (left / "alive").touch()
    seen = await bench.drill(cluster=PLAN, temp_dir=str(temp))
    assert seen.record.removed == (str(left),)
    assert [*temp.iterdir()] == [other]
    shutil.rmtree(temp)


def caught_up(primary: Cluster) -> None:
    """Wait until a standby has replayed what there is."""
    behind = "select coalesce(max(pg_current_wal_lsn() - replay_lsn), 1) from pg_stat_replication"
    while primary.sql(behind) != "0":
        time.sleep(0.05)


@pytest.mark.long
async def test_a_base_backup_of_a_standby_is_started(production: Cluster, bench: Bench) -> None:
    standby, into = production.folder / "standby", production.folder / "of-standby"
    port = production.port + 1
    options = f"-p {port} -k {production.folder} -c listen_addresses=127.0.0.1 -c hot_standby=on"
    production.run("pg_basebackup", "-D", standby, "-R", "-c", "fast", "--no-sync")
    production.run("pg_ctl", "-D", standby, "-l", production.folder / "standby.log", "-o", options, "-w", "start")
    try:
        production.sql("create table seen_by_standby as select 1 as n", "shop")
        production.sql("checkpoint")
        caught_up(production)
        production.run("env", f"PGPORT={port}", "pg_basebackup", "-D", into, "-c", "fast", "--no-sync")
    finally:
        production.run("pg_ctl", "-D", standby, "-m", "immediate", "stop")
    bench.put(into)
    asked = (GOOD, Query("select n from seen_by_standby", value="1"))
    assert bench.shortfalls(await whole(bench, queries=asked)) == []


@pytest.mark.long
async def test_a_newer_server_starts_no_code_at_a_login_and_refuses_half_a_backup(
    eighteen: Cluster, bench: Bench
) -> None:
    eighteen.sql("alter system set summarize_wal = on")
    eighteen.sql("select pg_reload_conf()")
    eighteen.sql(
        "create function at_login() returns event_trigger language plpgsql as 'begin raise ''no''; end'", "shop"
    )
    full, half = eighteen.folder / "full", eighteen.folder / "half"
    eighteen.sql("create event trigger barred on login execute function at_login()", "shop")
    take = ("pg_basebackup", "-c", "fast", "--no-sync", "-D")
    eighteen.run(*take, full)
    eighteen.run(*take, half, "-i", full / "backup_manifest")
    bench.put(full)
    asked = {"bin_dir": str(eighteen.bin), "queries": (Query('select count(*) from "Order"', value="0"),)}
    assert bench.shortfalls(await whole(bench, **asked)) == []
    bench.evidence.unlink()
    bench.put(half)
    assert "incremental" in await gap(bench, **asked)


@pytest.fixture(scope="session")
def stanza(production: Cluster) -> Iterator[tuple[str, ...]]:
    """A repository of pgBackRest with a backup, and a row that came after it and is in the archive alone."""
    folder = production.folder
    conf = folder / "pgbackrest.conf"
    production.run("mkdir", folder / "repo", folder / "lock", folder / "spool", folder / "spool" / "kept")
    text = f"""[global]
repo1-path={folder}/repo
repo1-retention-full=2
log-level-file=off
log-level-console=off
lock-path={folder}/lock
spool-path={folder}/spool
archive-async=n
[main]
pg1-path={folder}/data
pg1-socket-path={folder}
pg1-port={production.port}
pg1-user=postgres
"""
    production.run("sh", "-c", f"cat > {conf}", stdin=text.encode())
    command = ("pgbackrest", f"--config={conf}", "--stanza=main")
    production.run(*command, "stanza-create")
    production.sql(f"alter system set archive_command = '{' '.join(command)} archive-push %p'")
    production.sql("select pg_reload_conf()")
    production.run(*command, "--start-fast", "--no-resume", "backup")
    production.sql("create table later as select 1 as n", "shop")
    segment = production.sql("select pg_walfile_name(pg_switch_wal())")
    while production.sql("select coalesce(last_archived_wal, '') from pg_stat_archiver") < segment:
        time.sleep(0.05)
    yield ("pgbackrest", f"--config={conf}", "info", "--output=json")
    production.sql("alter system reset archive_command")
    production.sql("select pg_reload_conf()")


def label_of(production: Cluster, command: tuple[str, ...]) -> str:
    listed = json.loads(production.run(*command).stdout)
    return str(listed[0]["backup"][-1]["label"])


def files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


async def test_pgbackrest_restores_into_the_scratch_cluster_and_nowhere_else(
    stanza: tuple[str, ...], production: Cluster, bench: Bench
) -> None:
    bench.name = label_of(production, stanza)
    source = BackupSource("nightly", where=InPgBackRest(stanza, "main"))
    before = files(production.folder / "repo")
    asked = (GOOD, Query("select n from later", value="1"))
    seen = await whole(bench, source=source, queries=asked, max_rpo_s=3600.0)
    assert bench.shortfalls(seen) == []
    assert seen.record.format == "pgBackRest"
    assert seen.record.sha256 == ""
    assert 0 <= seen.record.rpo_s < 3600  # the backup is nine hours old, what was replayed is not
    assert files(production.folder / "repo") == before
    assert (production.folder / "spool" / "kept").exists()
    assert production.sql("select count(*) from later", "shop") == "1"


@pytest.mark.long
async def test_what_pgbackrest_is_set_up_for_leads_no_restore_out_of_the_folder(
    stanza: tuple[str, ...], production: Cluster, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.name = label_of(production, stanza)
    source = BackupSource("nightly", where=InPgBackRest(stanza, "main"))
    away = production.folder / "away"
    monkeypatch.setenv("PGBACKREST_LINK_ALL", "y")
    monkeypatch.setenv("PGBACKREST_DELTA", "y")
    monkeypatch.setenv("PGBACKREST_LINK_MAP", f"pg_xact={away}")
    monkeypatch.setenv("PGBACKREST_TABLESPACE_MAP", f"far={away}")
    monkeypatch.setenv("PGBACKREST_DB_INCLUDE", "postgres")
    assert bench.shortfalls(await whole(bench, source=source)) == []
    assert not away.exists()


@pytest.mark.long
async def test_a_repository_that_is_at_fault_fails(stanza: tuple[str, ...], production: Cluster, bench: Bench) -> None:
    bench.name = label_of(production, stanza)
    source = BackupSource("nightly", where=InPgBackRest(stanza, "main"))
    gone = next(path for path in (production.folder / "repo").rglob("*/base/*/*.gz"))
    kept = gone.with_suffix(".kept")
    gone.rename(kept)
    try:
        (shortfall,) = bench.shortfalls(await whole(bench, source=source))
    finally:
        kept.rename(gone)
    assert "pgbackrest restore: " in shortfall
    assert "missing file" in shortfall
    remote = replace(source, where=InPgBackRest(("ssh", "db1", *stanza), "main"))
    assert "the profile runs pgBackRest by `ssh`" in await gap(bench, source=remote)
    other = replace(source, where=InPgBackRest(stanza, "other"))
    assert "`pgbackrest restore` ended with " in await gap(bench, source=other)


def test_the_profiles_settings_open_no_way_out() -> None:
    own = {"archive_mode": "on", "listen_addresses": "*", "shared_buffers": "16MB", "primary_conninfo": "host=db"}
    lines = settings_file(own, "/s", major=15, restore_command="cp '/a b/%f' \"%p\"", prepared=3).splitlines()
    last = dict(line.split(" = ", 1) for line in lines)
    assert (last["archive_mode"], last["listen_addresses"], last["primary_conninfo"]) == ("'off'", "''", "''")
    assert last["max_logical_replication_workers"] == "'0'"
    assert last["shared_buffers"] == "'16MB'"
    assert last["restore_command"] == "'cp ''/a b/%f'' \"%p\"'"
    assert "event_triggers" not in last
    assert "event_triggers = 'off'" in settings_file({}, "/s", major=17, restore_command="", prepared=0)


def test_a_tablespace_is_led_to_the_copy() -> None:
    links = {"16400": "/s/tablespaces/16400"}
    assert tablespace_map(links) == "16400 /s/tablespaces/16400\n"
    assert unlinked(["16400 /real", "16401 /real"], links) == ["16401"]
