"""Backups in a bucket, over HTTP from moto's server, and a hundred thousand of them."""

from __future__ import annotations

import datetime as dt
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from golive import Environment, RunInfo, Unavailable
from golive_checks.backups.damage import sentences
from golive_checks.subjects.backups import BackupSource, InBucket
from golive_checks.subjects.buckets import BucketPlace, Key
from golive_checks.systems.aws.client.aws import AwsSettings, Sessions
from golive_checks.systems.backups.contents import ReadLimits, contents
from golive_checks.systems.backups.facts import backups
from golive_checks.systems.backups.listing import MAX_DAYS, MAX_NEWEST, Listing
from golive_checks.systems.backups.store import BackupStore
from golive_checks.systems.machine.client.command import CommandLimits, CommandRunner
from golive_checks.systems.machine.client.folders import File, Folders
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.s3.client.client import S3

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

BUCKET, REGION = "afrigest-backups", "eu-west-3"
MANY = 30_000
KEY = Key(SecretStr("testing"), SecretStr("testing"))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A moto server of this process, so that its buckets can be filled without a request for each object."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server: str) -> Iterator[Any]:
    backend = s3_backends["123456789012"]["aws"]
    backend.create_bucket(BUCKET, REGION)
    yield backend
    backend.reset()


def source(server: str, pattern: str = "main-{date}.dump", **more: Any) -> BackupSource:
    place = BucketPlace(more.pop("bucket", BUCKET), server, REGION, path_style=True, key=KEY)
    return BackupSource("offsite", where=InBucket(place, "pg/"), pattern=pattern, **more)


async def look(of: BackupSource) -> tuple[Any, Any]:
    s3 = S3(AwsSettings(), Sessions(RunInfo("1", "1")), Pace(RateLimit(), Environment("test")), RunInfo("1", "1"))
    store = BackupStore(Folders(), s3)
    try:
        seen = await backups(of, store, CommandRunner(CommandLimits()), None, AwsSettings())
        return seen, await contents(of, seen, store, CommandRunner(CommandLimits()), ReadLimits())
    finally:
        await s3.aclose()


async def test_objects_by_their_names(server: str, bucket: Any, dumps: Mapping[str, Path]) -> None:
    for day in (4, 5):
        bucket.put_object(BUCKET, f"pg/main-2026-01-0{day}.dump", dumps["custom"].read_bytes())
    for other in ("pg/", "pg/main-2026-01-06.dump.part", "pg/notes.txt", "elsewhere/main-2026-01-07.dump"):
        bucket.put_object(BUCKET, other, b"x" if other[-1] != "/" else b"")
    bucket.put_object(BUCKET, "pg/main-2026-01-08.dump", b"")
    seen, inside = await look(source(server))
    assert [b.name for b in seen.newest] == ["main-2026-01-05.dump", "main-2026-01-04.dump"]
    assert [b.name for b in seen.unfinished] == ["main-2026-01-08.dump", "main-2026-01-06.dump.part"]
    assert seen.newest[0].origin == "day in the name"
    assert inside.format == "a custom archive of pg_dump"
    assert (inside.damages, inside.unseen, inside.encrypted) == ((), "", "")


async def test_the_time_of_the_object_counts_where_its_name_has_none(server: str, bucket: Any) -> None:
    bucket.put_object(BUCKET, "pg/latest.dump", b"-- PostgreSQL database dump\n")
    seen, inside = await look(source(server, "*.dump"))
    assert seen.newest[0].origin == "time of the file"
    assert dt.datetime.now(dt.UTC) - seen.newest[0].taken_at < dt.timedelta(minutes=1)
    assert sentences(inside.damages) == ["it is cut off: it does not end in `-- PostgreSQL database dump complete`"]


async def test_a_folder_of_objects_is_one(server: str, bucket: Any, dumps: Mapping[str, Path]) -> None:
    for file in dumps["directory"].iterdir():
        bucket.put_object(BUCKET, f"pg/main-2026-01-05/{file.name}", file.read_bytes())
    bucket.put_object(BUCKET, "pg/main-2026-01-04-x/toc.dat", b"x")
    seen, inside = await look(source(server, "main-{date}"))
    assert [(b.name, b.directory) for b in seen.newest] == [("main-2026-01-05", True)]
    assert (inside.format, inside.damages) == ("a directory archive of pg_dump", ())


async def test_a_large_one_is_read_at_its_ends(server: str, bucket: Any, dumps: Mapping[str, Path]) -> None:
    whole = dumps["uncompressed"].read_bytes()
    bucket.put_object(BUCKET, "pg/main-2026-01-05.dump", whole)
    assert (await look(source(server)))[1].damages == ()
    bucket.put_object(BUCKET, "pg/main-2026-01-05.dump", whole[:-100])
    assert sentences((await look(source(server)))[1].damages)[0].startswith("it is cut off: ")


async def test_what_the_server_encrypts_with(server: str, bucket: Any) -> None:
    tail = b"-- PostgreSQL database dump\n-- PostgreSQL database dump complete\n"
    bucket.put_object(BUCKET, "pg/main-2026-01-05.dump", tail, encryption="AES256")
    _, inside = await look(source(server, must_be_encrypted=True))
    assert (inside.encrypted, inside.bare) == ("AES256", ())
    bucket.put_object(BUCKET, "pg/main-2026-01-04.dump", tail)
    bucket.put_object(BUCKET, "pg/main-2026-01-03.dump", b"age-encryption.org/v1\n-> X25519 x")
    _, inside = await look(source(server, must_be_encrypted=True))
    assert (inside.encrypted, inside.bare) == ("AES256", ("main-2026-01-04.dump",))
    bucket.put_object(BUCKET, "pg/main-2026-01-05.dump", tail)
    _, inside = await look(source(server, must_be_encrypted=True))
    assert inside.encrypted == ""


async def test_a_bucket_that_is_not_there_is_a_gap(server: str, bucket: Any) -> None:
    with pytest.raises(Unavailable, match="NoSuchBucket"):
        await look(source(server, bucket="gone-backups"))
    with pytest.raises(Unavailable, match="there is no backup to look into"):
        await look(source(server))


async def test_several_pages(server: str, bucket: Any) -> None:
    start = dt.datetime(2014, 1, 1, tzinfo=dt.UTC)
    for number in range(2500):
        bucket.put_object(BUCKET, f"pg/main-{start + number * dt.timedelta(days=1):%Y-%m-%dT%H%M}.dump", b"x")
    seen, _ = await look(source(server, "main-{date}T{time}.dump"))
    assert (seen.count, seen.others) == (2500, 0)
    assert (len(seen.newest), len(seen.days)) == (MAX_NEWEST, MAX_DAYS)
    last = start + 2499 * dt.timedelta(days=1)
    assert (seen.newest[0].taken_at, seen.days[0]) == (last, last.date())


def test_however_many_take_little_memory() -> None:
    """Of however many, first the even ones from the oldest on, then the odd ones from the newest on."""
    start, step = dt.datetime(1990, 1, 1, tzinfo=dt.UTC), dt.timedelta(hours=2)
    now = dt.datetime.now(dt.UTC)
    listing = Listing("main-{date}T{time}.dump", "UTC")
    tracemalloc.start()
    for number in (*range(0, MANY, 2), *range(MANY - 1, 0, -2)):
        listing.add(File(f"main-{start + number * step:%Y%m%dT%H%M}.dump", number + 1, now))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    listed = listing.done()
    assert listed.count == MANY
    assert [b.size for b in listed.newest] == list(range(MANY, MANY - MAX_NEWEST, -1))
    assert peak < 8_000_000
