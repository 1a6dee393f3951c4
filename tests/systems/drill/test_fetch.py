"""A dump is fetched from a bucket, into a file without a name, and no more of it than there is room for."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from typing import TYPE_CHECKING

import pytest
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from golive import Environment, RunInfo, Unavailable
from golive_checks.subjects.backups import BackupSource, InBucket
from golive_checks.subjects.buckets import BucketPlace, Key
from golive_checks.subjects.recovery import ClusterPlan
from golive_checks.systems.aws.client.aws import AwsSettings, Sessions
from golive_checks.systems.backups.facts import Backup
from golive_checks.systems.drill.walls import refuse_what_cannot_be_fetched
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.postgres.client.dumps import Dumps
from golive_checks.systems.s3.client.client import S3

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from drill_bench import Bench, Cluster

NOW = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
BUCKET, REGION = "afrigest-backups", "eu-west-3"


@pytest.fixture
def source() -> Iterator[BackupSource]:
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    s3_backends["123456789012"]["aws"].create_bucket(BUCKET, REGION)
    key = Key(SecretStr("testing"), SecretStr("testing"))
    place = BucketPlace(BUCKET, f"http://{host}:{port}", REGION, path_style=True, key=key)
    yield BackupSource("nightly", where=InBucket(place, "pg/"), pattern="*")
    s3_backends["123456789012"]["aws"].reset()
    running.stop()


def put(data: bytes) -> None:
    s3_backends["123456789012"]["aws"].put_object(BUCKET, "pg/main", data)


def s3() -> S3:
    info = RunInfo("1", "1")
    return S3(AwsSettings(), Sessions(info), Pace(RateLimit(), Environment("test")), info)


def dumps_client() -> Dumps:
    return Dumps(s3())


@pytest.mark.parametrize("name", ["custom", "plain", "gzip", "zstd", "tar"])
async def test_a_fetched_dump_is_restored(
    name: str, source: BackupSource, dumps: Mapping[str, Path], bench: Bench
) -> None:
    put(dumps[name].read_bytes())
    seen = await bench.drill(source=source, dumps=dumps_client(), jobs=2)
    assert bench.shortfalls(seen) == []
    assert seen.record.sha256 == hashlib.sha256(dumps[name].read_bytes()).hexdigest()
    assert any(step.startswith("fetching main: 100% of") for step in bench.steps)


async def test_it_has_no_name(source: BackupSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = os.urandom(3000)
    put(data)
    monkeypatch.setattr("golive_checks.systems.postgres.client.dumps.FETCHED_AT_ONCE", 1000)
    told: list[str] = []
    at_hand = dumps_client().at_hand(source, "main", most=3000, temp_dir=str(tmp_path), tell=told.append)
    async with at_hand as dump:
        assert os.listdir(tmp_path) == []  # noqa: PTH208 - in a coroutine
        assert b"".join([piece async for piece in dump.unpacked("")]) == data
        assert (dump.size, dump.head) == (3000, data)
    assert [step.split()[2] for step in told] == ["33%", "66%", "100%"]


async def test_what_keeps_it_from_being_fetched(
    source: BackupSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bytes(3000))

    async def had(name: str = "main", most: int = 3000, temp_dir: str = "") -> None:
        async with dumps_client().at_hand(source, name, most=most, temp_dir=temp_dir, tell=print):
            pass

    with pytest.raises(Unavailable):
        await had("another")
    with pytest.raises(Unavailable, match="larger than 3 kB"):
        await had(most=2999)
    with pytest.raises(Unavailable, match="cannot see how much is free"):
        await had(temp_dir=str(tmp_path / "nowhere"))
    monkeypatch.setattr("golive_checks.systems.postgres.client.dumps._free", lambda _: 5999)
    with pytest.raises(Unavailable, match="5,999 bytes free, and the dump needs 6,000"):
        await had()


def test_a_folder_of_objects_is_not_fetched(source: BackupSource, bench: Bench) -> None:
    with pytest.raises(Unavailable, match="is many objects of a bucket"):
        refuse_what_cannot_be_fetched(bench.to, source, Backup("main", NOW, 10, files=3))


async def test_a_base_backup_is_fetched_out_of_a_bucket(
    source: BackupSource, production: Cluster, bench: Bench
) -> None:
    folder = production.folder / "for-a-bucket"
    production.run("pg_basebackup", "-D", folder, "-Ft", "-z", "-c", "fast", "--no-sync")
    store = s3_backends["123456789012"]["aws"]
    files = sorted(folder.iterdir())
    for path in files:
        store.put_object(BUCKET, f"pg/main/{path.name}", path.read_bytes())
    bench.s3, bench.in_bucket = s3(), (len(files), sum(path.stat().st_size for path in files))
    plan = ClusterPlan("shop", run_as="nobody")
    seen = await bench.drill(source=source, dumps=dumps_client(), cluster=plan, temp_dir=str(production.folder))
    assert bench.shortfalls(seen) == []
    assert seen.record.format == "base backup, tar, gzip"
    assert not [*production.folder.glob("golive_drill_*")]


async def test_a_dump_in_a_bucket_is_no_base_backup(
    source: BackupSource, dumps: Mapping[str, Path], bench: Bench
) -> None:
    put(dumps["tar"].read_bytes())
    bench.s3, bench.in_bucket = s3(), (0, dumps["tar"].stat().st_size)
    assert bench.shortfalls(await bench.drill(source=source, dumps=dumps_client())) == []
