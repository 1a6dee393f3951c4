"""The presigned round trip on a real server, and that nothing of it stays behind, however it ends."""

from __future__ import annotations

import datetime as dt
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from s3_servers import Asked, Scripted, Seaweed, s3_error, scripted

from golive import Now, Outcome, RunInfo, Unavailable, Writes
from golive_checks.storage.use import presigned_work
from golive_checks.subjects import Bucket
from golive_checks.systems.machine.client.guard import LeftoverGuard
from golive_checks.systems.s3.bucket import BucketReached, ForStrangers, S3Reply, for_strangers, reached
from golive_checks.systems.s3.client.client import S3
from golive_checks.systems.s3.presigned import PresignedTrip, presigned_trip
from golive_lab.faults import find
from golive_lab.parts.s3.server import ports
from golive_lab.world import healthy
from golive_lab.world.storage import APPLICATION, UPLOADS

RUN = RunInfo("0123abcd", "9.9")
THERE = BucketReached(S3Reply(200))
INVOICE = "invoices/2026/0001.txt"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def now(**later: float) -> Now:
    return Now(dt.datetime.now(dt.UTC) + dt.timedelta(**later))


async def trip(bucket: Bucket, s3: S3, at: Now | None = None) -> tuple[PresignedTrip, tuple[str, ...]]:
    writes, guard = Writes(), LeftoverGuard()
    try:
        seen = await presigned_trip(bucket, THERE, s3, guard, writes, RUN, at or now())
    finally:
        left = await writes.undo_all()
        await guard.aclose()
    return seen, left


def everything(operator: Any, bucket: str = UPLOADS) -> list[str]:
    page = operator.list_object_versions(Bucket=bucket)
    return sorted(each["Key"] for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())))


@pytest.mark.parametrize("versioning", ["Enabled", "Suspended", None])
async def test_a_round_trip_leaves_nothing(versioning: str | None, s3: S3, seaweed: Seaweed):
    world = healthy()
    state = replace(world.storage.buckets[UPLOADS], versioning=versioning)
    seaweed.become(replace(world, storage=replace(world.storage, buckets={UPLOADS: state})))
    seen, left = await trip(seaweed.bucket(), s3)
    assert presigned_work(seaweed.bucket(), seen).outcome is Outcome.PASS, seen
    assert seen.key == "golive/golive-0123abcd.txt"
    assert left == ()
    assert everything(seaweed.operator()) == [INVOICE]


@pytest.mark.parametrize("prefix", ["", "deep/er/", "né w+&%/"])
async def test_any_prefix(prefix: str, s3: S3, seaweed: Seaweed):
    bucket = seaweed.bucket(prefix=prefix)
    seen, left = await trip(bucket, s3)
    assert presigned_work(bucket, seen).outcome is Outcome.PASS, seen
    assert (seen.key.startswith(prefix), left, everything(seaweed.operator())) == (True, (), [INVOICE])


async def test_what_a_killed_run_left_is_found_and_removed(s3: S3, seaweed: Seaweed):
    operator = seaweed.operator()
    ours, others = "golive/golive-deadbeef.txt", ("golive/golive-report.txt", "golive/mine.txt", "golive-deadbeef.txt")
    for key in (ours, ours, *others):
        operator.put_object(Bucket=UPLOADS, Key=key, Body=b"x")
    operator.delete_object(Bucket=UPLOADS, Key=ours)
    seen, _ = await trip(seaweed.bucket(), s3)
    assert seen.removed == ()
    assert everything(operator).count(ours) == 3
    seen, _ = await trip(seaweed.bucket(), s3, now(hours=2))
    assert seen.removed == (ours,)
    assert everything(operator) == sorted([INVOICE, *others])
    for key in others:
        for each in operator.list_object_versions(Bucket=UPLOADS, Prefix=key)["Versions"]:
            operator.delete_object(Bucket=UPLOADS, Key=key, VersionId=each["VersionId"])


async def test_what_cannot_be_removed_is_named(s3: S3):
    def script(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if asked.method == "DELETE" or "versions" in asked.path:
            return 403, {}, s3_error("AccessDenied")
        return 200, {}, b""

    with scripted(script) as server:
        place = server.place()
        _, left = await trip(Bucket("files", app=place, audit=place), s3)
    assert [each.partition(" in ")[0] for each in left] == ["the object golive/golive-0123abcd.txt"] * 2


async def test_who_may_not_list_versions_removes_the_one_that_was_stored(s3: S3):
    def script(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if "versions" in asked.path:
            return 403, {}, s3_error("AccessDenied")
        if asked.method == "DELETE":
            return 204, {}, b""
        return 200, {"x-amz-version-id": "v7"}, b""

    with scripted(script) as server:
        place = server.place()
        _, left = await trip(Bucket("files", app=place, audit=place), s3)
        removed = {asked.path for asked in server.asked if asked.method == "DELETE"}
    assert left == ()
    assert removed == {"/shop-files/golive/golive-0123abcd.txt?versionId=v7"}


async def test_a_wrong_key_is_not_tried_again(s3: S3, seaweed: Seaweed):
    refused = BucketReached(S3Reply(403, "InvalidAccessKeyId"), wrong_credentials=True)
    with pytest.raises(Unavailable, match="key is refused: 403 InvalidAccessKeyId"):
        await presigned_trip(seaweed.bucket(), refused, s3, LeftoverGuard(), Writes(), RUN, now())


@pytest.mark.parametrize("fault", ["s3.expiry-ignored", "s3.serves-anyone", "s3.uploads-denied"])
async def test_the_lab_breaks_it(fault: str, s3: S3, seaweed: Seaweed):
    seaweed.become(find(fault).change(healthy()))
    seen, left = await trip(seaweed.bucket(), s3)
    assert presigned_work(seaweed.bucket(), seen).outcome is Outcome.FAIL
    assert (left, everything(seaweed.operator())) == ((), [INVOICE])


async def test_what_strangers_get(s3: S3, seaweed: Seaweed):
    bucket = seaweed.bucket()
    found = await for_strangers(bucket, await reached(bucket, s3), s3)
    denied = S3Reply(403, "AccessDenied")
    assert found == ForStrangers(denied, denied, INVOICE)
    seaweed.operator().create_bucket(Bucket="nothing-in-it")
    empty = seaweed.bucket("nothing-in-it")
    assert await for_strangers(empty, await reached(empty, s3), s3) == ForStrangers(denied)
    unlisted = await for_strangers(bucket, BucketReached(denied), s3)
    assert unlisted.key == INVOICE


PROFILE = """
environment: staging
allow: [write]
buckets:
  uploads:
    bucket: afrigest-uploads
    endpoint_url: http://127.0.0.1:{port}
    region: eu-west-3
    path_style: true
    key: {{access_key_id: "${{LAB_KEY}}", secret_access_key: "${{LAB_SECRET}}"}}
"""
SECRETS = {"LAB_KEY": APPLICATION.access_key_id, "LAB_SECRET": APPLICATION.secret_access_key}


def handed_on(asked: Asked, port: int) -> tuple[int, Mapping[str, str], bytes]:
    """Hand a request on, with the host that it was signed for."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    link.putrequest(asked.method, asked.path, skip_host=True, skip_accept_encoding=True)
    for name, value in asked.headers.items():
        link.putheader(name, value)
    link.endheaders(asked.body)
    got = link.getresponse()
    body = got.read()
    kept = {name: value for name, value in got.getheaders() if name.lower() not in {"transfer-encoding", "connection"}}
    link.close()
    return got.status, kept, body


@contextmanager
def between(seaweed: Seaweed, *, stored: bool) -> Iterator[tuple[Scripted, threading.Event]]:
    """Stand between golive and the server; tell where the upload is about to be stored, or has been."""
    world = healthy()
    state = replace(world.storage.buckets[UPLOADS], statements=())  # the relay speaks clear http
    seaweed.become(replace(world, storage=replace(world.storage, buckets={UPLOADS: state})))
    uploading = threading.Event()

    def relay(asked: Asked) -> tuple[int, Mapping[str, str], bytes]:
        port = ports(seaweed.stack.place).s3
        if asked.method != "PUT" or asked.headers.get("content-type") != "text/plain" or uploading.is_set():
            return handed_on(asked, port)
        if not stored:
            uploading.set()
            time.sleep(0.7)
        answer = handed_on(asked, port)
        if stored:
            uploading.set()
            time.sleep(0.7)
        return answer

    with scripted(relay) as server:
        yield server, uploading


def started(tmp_path: Path, port: int) -> subprocess.Popen[str]:
    profile = tmp_path / "staging.yaml"
    profile.write_text(PROFILE.format(port=port))
    return subprocess.Popen(
        [sys.executable, "-m", "golive", "check", str(profile), "--only", "s3.presigned-work", "--verbose"],
        env=os.environ | SECRETS,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize(
    ("stored", "number"),
    [
        pytest.param(True, signal.SIGTERM, id="once it is stored, SIGTERM"),
        pytest.param(True, signal.SIGINT, id="once it is stored, SIGINT", marks=pytest.mark.long),
        pytest.param(False, signal.SIGTERM, id="before it is stored, SIGTERM", marks=pytest.mark.long),
        pytest.param(False, signal.SIGINT, id="before it is stored, SIGINT", marks=pytest.mark.long),
    ],
)
def test_an_interrupted_run_removes_it(number: int, stored: bool, seaweed: Seaweed, tmp_path: Path):  # noqa: FBT001 - a case
    with between(seaweed, stored=stored) as (server, uploading):
        run = started(tmp_path, server.port)
        assert uploading.wait(30)
        run.send_signal(number)
        said, _ = run.communicate(timeout=30)
    assert run.returncode == 130, said
    assert "Traceback" not in said
    assert APPLICATION.secret_access_key not in said
    assert any(asked.method == "DELETE" for asked in server.asked)
    assert everything(seaweed.operator()) == [INVOICE]


def test_of_a_run_that_is_killed_nothing_stays_and_the_next_names_it(seaweed: Seaweed, tmp_path: Path):
    with between(seaweed, stored=True) as (server, uploading):
        run = started(tmp_path, server.port)
        assert uploading.wait(30)
        assert len(everything(seaweed.operator())) > 1
        run.kill()
        run.communicate(timeout=30)
        until = time.monotonic() + 60
        while everything(seaweed.operator()) != [INVOICE] and time.monotonic() < until:
            time.sleep(0.05)
        while not any('"undone"' in note.read_text() for note in (tmp_path / "cache").rglob("*.json")):
            assert time.monotonic() < until, "it was never undone"
            time.sleep(0.05)
        said, _ = started(tmp_path, server.port).communicate(timeout=60)
    assert everything(seaweed.operator()) == [INVOICE]
    assert "a run that was killed had started it, and its guard has undone it" in " ".join(said.split())
