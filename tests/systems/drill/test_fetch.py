"""A dump is fetched from a bucket, into a file without a name, and no more of it than there is room for."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import pytest
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from golive import Environment, RunInfo, Unavailable
from golive_checks.subjects.backups import BackupSource, InBucket
from golive_checks.subjects.buckets import BucketPlace, Key
from golive_checks.systems.aws.client.aws import AwsSettings, Sessions
from golive_checks.systems.backups.facts import Backup, Backups
from golive_checks.systems.drill.walls import newest_of
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.postgres.client.dumps import Dumps
from golive_checks.systems.s3.client.client import S3

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from drill_bench import Bench

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


def dumps_client() -> Dumps:
    info = RunInfo("1", "1")
    return Dumps(S3(AwsSettings(), Sessions(info), Pace(RateLimit(), Environment("test")), info))


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


def test_a_folder_of_objects_is_not_fetched(source: BackupSource) -> None:
    many: Any = Backup("main", None, 10, files=3)
    with pytest.raises(Unavailable, match="is many objects of a bucket"):
        newest_of(source, {source: Backups((many,), (), 1)})
