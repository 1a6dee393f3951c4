"""What restic and Borg print, real ones; what WAL-G and Velero print, as their sources write it; and anything else."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from golive import Unavailable
from golive_checks.subjects.backup_places import same_place
from golive_checks.subjects.backups import BackupSource, InBucket, InCommand
from golive_checks.subjects.buckets import BucketPlace
from golive_checks.systems.aws.client.aws import AwsSettings
from golive_checks.systems.backups.contents import ReadLimits, contents
from golive_checks.systems.backups.facts import Backups, backups
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner

if TYPE_CHECKING:
    from pathlib import Path

JANUARY_5 = dt.datetime(2026, 1, 5, 2, 0, tzinfo=dt.UTC)


async def ask(where: InCommand, timezone: str = "UTC") -> Backups:
    source = BackupSource("b", where=where, timezone=timezone)
    return await backups(source, None, CommandRunner(CommandLimits()), None, AwsSettings())


def printing(what: Any, prints: Any = "json", **more: Any) -> InCommand:
    text = what if isinstance(what, str) else json.dumps(what)
    return InCommand((sys.executable, "-c", f"print({text!r})"), prints, **more)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {
        "HOME": str(tmp_path),
        "TZ": "Africa/Nairobi",
        "RESTIC_PASSWORD": "not-a-real-one",
        "RESTIC_REPOSITORY": str(tmp_path / "restic"),
        "BORG_PASSPHRASE": "not-a-real-one",
        "BORG_REPO": str(tmp_path / "borg"),
    }.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "main.dump").write_text("data")
    return tmp_path


def run(*argv: str | Path) -> None:
    subprocess.run([str(word) for word in argv], check=True, capture_output=True, env=dict(os.environ))


async def test_a_real_restic(home: Path) -> None:
    run("restic", "init")
    where = InCommand(("restic", "snapshots", "--json"), "restic")
    assert (await ask(where)).count == 0
    run("restic", "backup", "--time", "2026-01-04 05:00:00", home / "main.dump")
    run("restic", "backup", "--time", "2026-01-05 05:00:00", home / "main.dump")
    seen = await ask(where)
    assert [(b.taken_at, b.encrypted, len(b.name)) for b in seen.newest] == [
        (JANUARY_5, "restic", 8),
        (JANUARY_5 - dt.timedelta(days=1), "restic", 8),
    ]
    assert seen.days == (dt.date(2026, 1, 5), dt.date(2026, 1, 4))
    inside = await contents(BackupSource("b", where=where), seen, None, None, ReadLimits())
    assert inside.unseen == "its contents: there is only the word of the tool that keeps it"


async def test_snapshots_of_a_restic_in_groups(home: Path) -> None:
    run("restic", "init")
    run("restic", "backup", "--time", "2026-01-05 05:00:00", home / "main.dump")
    found = await ask(InCommand(("restic", "snapshots", "--json", "--group-by", "host"), "restic"))
    assert [each.taken_at for each in found.newest] == [JANUARY_5]


async def test_a_restic_that_cannot_read_its_repository(home: Path) -> None:
    with pytest.raises(Unavailable, match="`restic` ended with 1"):
        await ask(InCommand(("restic", "snapshots", "--json"), "restic"))


@pytest.mark.parametrize(("mode", "encrypted"), [("repokey", "borg, repokey"), ("none", "")])
async def test_a_real_borg(mode: str, encrypted: str, home: Path) -> None:
    run("borg", "init", "--encryption", mode)
    where = InCommand(("borg", "list", "--json", "--consider-checkpoints"), "borg")
    assert (await ask(where)).count == 0
    for day in (4, 5):
        stamp = f"2026-01-0{day}T02:00:00"  # which Borg reads as UTC, and prints in the machine's zone
        run("borg", "create", "--timestamp", stamp, f"::main-{day}", home / "main.dump")
    run("borg", "create", "--timestamp", "2026-01-06T02:00:00", "::main-6.checkpoint", home / "main.dump")
    seen = await ask(where, "Africa/Nairobi")
    assert [(b.name, b.taken_at, b.encrypted) for b in seen.newest] == [
        ("main-5", JANUARY_5, encrypted),
        ("main-4", JANUARY_5 - dt.timedelta(days=1), encrypted),
    ]
    assert [b.name for b in seen.unfinished] == ["main-6.checkpoint"]


async def test_wal_g() -> None:
    full = {"backup_name": "base_00000001000000000000000A", "time": "2026-01-05T02:10:00Z", "compressed_size": 900}
    full |= {"start_time": "2026-01-05T01:50:00Z", "finish_time": "2026-01-05T02:00:00.5Z", "is_permanent": False}
    delta = {**full, "backup_name": "base_0B_D_0A", "finish_time": "2026-01-06T02:00:00Z", "compressed_size": 0}
    seen = await ask(printing([full, delta], "wal-g"))
    assert [(b.kind, b.size, b.taken_at.day) for b in seen.newest] == [("delta", None, 6), ("full", 900, 5)]
    assert (await ask(printing("null", "wal-g"))).count == 0


async def test_wal_g_as_it_printed_before() -> None:
    old = [{"name": "base_00000001000000000000000A", "last_modified": "2026-01-05T02:00:00Z", "wal_segment": "0A"}]
    (seen,) = (await ask(printing(old, "wal-g"))).newest
    assert (seen.name, seen.taken_at, seen.size) == ("base_00000001000000000000000A", JANUARY_5, None)


@pytest.mark.parametrize("time", ["2026-01-05T05:00:00.000000", "2026-01-05T02:00:00.000000+00:00"])
async def test_borg_as_it_printed_before_and_prints_next(time: str) -> None:
    old = {"archives": [{"name": "main-5", "time": time, "id": "0a"}], "encryption": {"mode": "repokey"}}
    (seen,) = (await ask(printing(old, "borg"), "Africa/Nairobi")).newest
    assert (seen.name, seen.taken_at, seen.encrypted) == ("main-5", JANUARY_5, "borg, repokey")


def snapshot(name: str, word: str, encrypted: str, **more: Any) -> dict[str, Any]:
    times = {"SnapshotCreateTime": "2026-01-05T02:00:00.123000+00:00", "Status": "available", encrypted: True}
    return {f"{word}Identifier": name, "SnapshotType": "automated", **times, **more}


@pytest.mark.parametrize(
    ("prints", "word", "items", "encrypted"),
    [
        ("rds", "DBSnapshot", "DBSnapshots", "Encrypted"),
        ("aurora", "DBClusterSnapshot", "DBClusterSnapshots", "StorageEncrypted"),
    ],
)
async def test_snapshots_of_amazons(prints: str, word: str, items: str, encrypted: str) -> None:
    rows = [
        snapshot("whole", word, encrypted),
        snapshot("bare", word, encrypted, **{encrypted: False, "SnapshotType": "manual"}),
        snapshot("bad", word, encrypted, Status="failed"),
        snapshot("going", word, encrypted, Status="creating"),
        {f"{word}Identifier": "waits", "Status": "creating"},
    ]
    seen = await ask(printing({items: rows}, prints))
    assert {b.name: (b.encrypted, b.kind, b.error) for b in seen.newest} == {
        "whole": ("RDS", "automated", ""),
        "bare": ("", "manual", ""),
        "bad": ("RDS", "automated", "RDS says that it is failed"),
    }
    assert [b.name for b in seen.unfinished] == ["going"]
    with pytest.raises(Unavailable, match="only the first snapshots"):
        await ask(printing({items: rows, "NextToken": "eyJ="}, prints))


async def test_cloud_sql() -> None:
    runs = [
        {"id": "1767578400000", "endTime": "2026-01-05T02:00:00.5Z", "status": "SUCCESSFUL", "type": "AUTOMATED"},
        {"id": "2", "startTime": "2026-01-05T01:00:00Z", "status": "FAILED", "error": {"code": "x"}},
        {"id": "3", "startTime": "2026-01-05T01:00:00Z", "status": "RUNNING"},
        {"id": "4", "status": "ENQUEUED", "enqueuedTime": "2026-01-05T01:00:00Z"},
        {
            "name": "projects/shop/backups/5",
            "backupInterval": {"startTime": "2026-01-04T01:00:00Z", "endTime": "2026-01-04T02:00:00Z"},
            "state": "SUCCESSFUL",
            "type": "ON_DEMAND",
            "kmsKey": "projects/shop/locations/eu/keyRings/r/cryptoKeys/k",
        },
    ]
    seen = await ask(printing(runs, "cloud-sql"))
    assert {b.name: (b.kind, b.error, b.encrypted) for b in seen.newest} == {
        "1767578400000": ("automated", "", "Google"),
        "2": ("", "Cloud SQL says that it is FAILED", "Google"),
        "5": ("on_demand", "", "a key of the customer's in Cloud KMS"),
    }
    assert [b.name for b in seen.unfinished] == ["3"]
    assert (await ask(printing([], "cloud-sql"))).count == 0


async def test_rclone() -> None:
    at = "2026-01-05T03:00:00.000000000+01:00"
    rows = [
        {"Path": "x", "Name": "x", "Size": -1, "ModTime": at, "IsDir": True},
        {"Path": "x/a.dump", "Size": 12, "ModTime": at, "IsDir": False, "EncryptedPath": "k2/s9"},
        {"Path": "x/b.dump", "Size": -1, "ModTime": at, "IsDir": False},
        {"Path": "x/c.dump", "Size": 0, "ModTime": at, "IsDir": False},
    ]
    seen = await ask(printing(rows, "rclone"))
    assert [(b.name, b.size, b.encrypted) for b in seen.newest] == [
        ("x/b.dump", None, ""),
        ("x/a.dump", 12, "rclone crypt"),
    ]
    assert (seen.newest[0].taken_at, [b.name for b in seen.unfinished]) == (JANUARY_5, ["x/c.dump"])


def velero(name: str, phase: str, **status: Any) -> dict[str, Any]:
    created = {"name": name, "creationTimestamp": "2026-01-05T02:00:00Z"}
    return {"kind": "Backup", "metadata": created, "status": {"phase": phase, **status}}


async def test_velero() -> None:
    items = [
        velero("a", "Completed", completionTimestamp="2026-01-05T02:03:00Z"),
        velero("b", "PartiallyFailed", errors=3),
        velero("c", "InProgress"),
        velero("d", "FinalizingPartiallyFailed"),
        velero("e", "FailedValidation"),
    ]
    seen = await ask(printing({"kind": "BackupList", "items": items}, "velero"))
    assert {b.name: b.error for b in seen.newest} == {
        "a": "",
        "b": "Velero says that it is PartiallyFailed, with 3 errors",
        "e": "Velero says that it is FailedValidation",
    }
    assert {b.name for b in seen.unfinished} == {"c", "d"}
    assert (await ask(printing(items[0], "velero"))).sound.taken_at == JANUARY_5 + dt.timedelta(minutes=3)


async def test_anything_that_prints_json() -> None:
    own = [{"time": "2026-01-05T02:00:00Z", "id": 7, "size": 9, "repository": "eu", "encrypted": True}]
    (seen,) = (await ask(printing(own))).newest
    assert (seen.name, seen.taken_at, seen.size, seen.encrypted) == ("eu/7", JANUARY_5, 9, "its server")
    cloud = {"items": [{"startTime": "2026-01-05T02:00:00Z", "id": "1", "status": {"message": "disk\x1b full"}}]}
    fields = (("time", "startTime"), ("error", "status.message"))
    (seen,) = (await ask(printing(cloud, items="items", fields=fields, encrypted_by="Google"))).newest
    assert (seen.taken_at, seen.error, seen.encrypted) == (JANUARY_5, "disk  full", "Google")
    rclone = [{"Path": "x/main.dump", "Size": 12, "ModTime": "2026-01-05T03:00:00+01:00", "IsDir": False}]
    fields = (("time", "ModTime"), ("id", "Path"), ("size", "Size"))
    (seen,) = (await ask(printing(rclone, fields=fields))).newest
    assert (seen.name, seen.taken_at, seen.size) == ("x/main.dump", JANUARY_5, 12)


@pytest.mark.parametrize(
    "text", ["", "{}", "nonsense", "[1]", '[{"id": "1"}]', '[{"id": "1", "time": "soon"}]', "null"]
)
@pytest.mark.parametrize("prints", ["json", "borg", "velero", "restic", "wal-g", "rds", "cloud-sql", "rclone"])
async def test_something_else_is_a_gap(text: str, prints: str) -> None:
    if text == "null" and prints in {"restic", "wal-g", "cloud-sql"}:
        return  # what they print of an empty repository
    with pytest.raises(Unavailable, match="printed something else than"):
        await ask(printing(text, prints))


def test_one_command_is_one_place() -> None:
    one = InCommand(("restic", "-r", "a", "snapshots"), "restic")
    assert same_place(one, InCommand(("restic", "-r", "a", "snapshots"))) == "repository"
    assert same_place(one, InCommand(("restic", "-r", "b", "snapshots"), "restic")) == ""


SAME = [
    (("restic", "-r", "/srv/r", "snapshots", "--json"), ("/usr/bin/restic", "snapshots", "--json", "--repo=/srv/r/")),
    (("restic", "snapshots", "--json"), ("restic", "snapshots", "--json", "--tag", "nightly")),
    (("borg", "list", "--json", "/srv/b"), ("borg", "list", "/srv/b::", "--json", "--last", "3")),
    (("borg", "-r", "/srv/b", "list", "--json"), ("borg", "list", "--json", "/srv/b")),
    (("ssh", "db1", "borg", "list", "--json"), ("ssh", "db1", "borg", "list", "--json", "--consider-checkpoints")),
]
APART = [
    (("restic", "-r", "/srv/r", "snapshots"), ("restic", "-r", "s3:https://s3.example.com/r", "snapshots")),
    (("restic", "snapshots", "--json"), ("restic", "-r", "/srv/r", "snapshots", "--json")),
    (("restic", "-r", "/srv/r", "snapshots"), ("ssh", "db2", "restic", "-r", "/srv/r", "snapshots")),
    (("borg", "list", "--json", "/srv/b"), ("borg", "list", "--json", "ssh://u@far/srv/b")),
    (("restic", "-r", "/srv/r", "snapshots"), ("borg", "list", "/srv/r")),
    (("velero", "backup", "get", "-l", "x=1"), ("velero", "backup", "get", "-l", "x=2")),
]


@pytest.mark.parametrize(("one", "other", "same"), [(*p, True) for p in SAME] + [(*p, False) for p in APART])
def test_a_repository_is_one_place_however_it_is_asked_for(one, other, same) -> None:
    assert bool(same_place(InCommand(one), InCommand(other))) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("", "https://s3.amazonaws.com", True),
        ("https://s3.eu-west-3.amazonaws.com/", "https://s3.dualstack.eu-west-3.amazonaws.com", True),
        ("https://S3.example.com:443", "https://s3.example.com/", True),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9001", False),
        ("", "https://s3.example.com", False),
        ("https://s3.gra.io.cloud.ovh.net", "https://s3.sbg.io.cloud.ovh.net", False),
    ],
)
def test_a_bucket_is_one_place_by_whatever_endpoint(one, other, same) -> None:
    first, second = (InBucket(BucketPlace("b", endpoint_url=url), prefix) for url, prefix in ((one, "a/"), (other, "")))
    assert bool(same_place(first, second)) is same


@pytest.mark.parametrize("error", [False, 0, "", [], None])
async def test_a_list_that_says_there_is_no_error(error: Any) -> None:
    seen = await ask(printing([{"time": "2026-01-05T02:00:00Z", "id": "a", "error": error, "size": 0}]))
    assert [(each.error, each.size) for each in seen.newest] == [("", 0)]


@pytest.mark.parametrize("time", ["20260105", "202601050200", "20260105020000", 20260105, "0001-01-01T00:00:00Z"])
async def test_a_time_that_reads_as_another_one_is_a_gap(time: Any) -> None:
    with pytest.raises(Unavailable, match="printed something else"):
        await ask(printing([{"time": time, "id": "a"}]))


UNREADABLE: dict[str, tuple[Any, Any, str]] = {
    "folders alone": (
        "rclone",
        [{"Path": "2026-01-05", "Size": -1, "ModTime": "2026-01-05T02:00:00Z", "IsDir": True}],
        "listed folders alone",
    ),
    "a snapshot without a status": (
        "rds",
        {"DBSnapshots": [{"DBSnapshotIdentifier": "s", "SnapshotCreateTime": "2026-01-05T02:00:00Z"}]},
        "printed something else",
    ),
    "a snapshot without a time": (
        "rds",
        {"DBSnapshots": [{"DBSnapshotIdentifier": "s", "Status": "available"}]},
        "without its time",
    ),
    "a snapshot without a zone": (
        "rds",
        {
            "DBSnapshots": [
                {"DBSnapshotIdentifier": "s", "Status": "available", "SnapshotCreateTime": "2026-01-05T02:00:00"}
            ]
        },
        "printed something else",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_does_not_say_enough_is_a_gap(name: str) -> None:
    prints, what, words = UNREADABLE[name]
    with pytest.raises(Unavailable, match=words) as caught:
        await ask(printing(what, prints))
    assert caught.value.fix
