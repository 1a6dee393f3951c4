"""What each setting's probe makes of every kind of answer, and of real servers that know few settings, or lie."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from s3_servers import Seaweed, s3_error, scripted

from golive import Now, Outcome, Unavailable
from golive_checks.storage.exposure import anonymous_refused, not_public
from golive_checks.subjects import Bucket, BucketPlace, Key
from golive_checks.systems.s3 import bucket_settings as probes
from golive_checks.systems.s3.bucket import for_strangers, reached
from golive_checks.systems.s3.bucket_settings import LifecycleRule, PublicAccessBlock
from golive_checks.systems.s3.client.client import S3
from golive_lab.parts.process import running
from golive_lab.world.storage import REGION

PROBES = {
    "GetBucketAcl": probes.acl,
    "GetBucketCors": probes.cors,
    "GetBucketEncryption": probes.encryption,
    "GetBucketLifecycleConfiguration": probes.lifecycle,
    "GetBucketOwnershipControls": probes.ownership,
    "GetBucketPolicy": probes.policy,
    "GetBucketPolicyStatus": probes.policy_status,
    "GetBucketVersioning": probes.versioning,
    "GetPublicAccessBlock": probes.bucket_block,
    "s3control:GetPublicAccessBlock": probes.account_block,
}
ABSENT = {
    "GetBucketCors": "NoSuchCORSConfiguration",
    "GetBucketEncryption": "ServerSideEncryptionConfigurationNotFoundError",
    "GetBucketLifecycleConfiguration": "NoSuchLifecycleConfiguration",
    "GetBucketOwnershipControls": "OwnershipControlsNotFoundError",
    "GetBucketPolicy": "NoSuchBucketPolicy",
    "GetBucketPolicyStatus": "NoSuchBucketPolicy",
    "GetPublicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
    "s3control:GetPublicAccessBlock": "NoSuchPublicAccessBlockConfiguration",
}
GRANTS = {
    "GetBucketCors": "s3:GetBucketCORS",
    "GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
}


def bucket(place: BucketPlace) -> Bucket:
    return Bucket("files", app=place, audit=place, account_id="123456789012")


@pytest.mark.parametrize("operation", PROBES)
@pytest.mark.parametrize(
    ("status", "code"), [(501, "NotImplemented"), (405, "MethodNotAllowed"), (400, "XNotImplemented"), (501, "Else")]
)
async def test_a_server_without_the_setting(operation: str, status: int, code: str, s3: S3):
    with scripted(lambda _: (status, {}, s3_error(code))) as server:
        seen = await PROBES[operation](bucket(server.place()), s3)
    assert code in seen.unsupported
    assert operation.rpartition(":")[2] in seen.unsupported


@pytest.mark.parametrize("operation", PROBES)
async def test_a_denial_is_a_gap_that_names_the_permission(operation: str, s3: S3):
    denying = scripted(lambda _: (403, {}, s3_error("AccessDenied")))
    with denying as server, pytest.raises(Unavailable, match="AccessDenied") as caught:
        await PROBES[operation](bucket(server.place()), s3)
    assert caught.value.fix == f"Allow golive's credentials {GRANTS.get(operation, f's3:{operation}')}."


@pytest.mark.parametrize("operation", ABSENT)
async def test_nothing_is_set(operation: str, s3: S3):
    with scripted(lambda _: (404, {}, s3_error(ABSENT[operation]))) as server:
        seen = await PROBES[operation](bucket(server.place()), s3)
    assert seen == type(seen)()


@pytest.mark.parametrize("operation", [o for o in PROBES if not o.startswith("s3control")])
@pytest.mark.parametrize(("status", "code"), [(404, "NoSuchBucket"), (404, "Whatever"), (500, "InternalError")])
async def test_anything_else_is_a_gap(operation: str, status: int, code: str, s3: S3):
    with scripted(lambda _: (status, {}, s3_error(code))) as server, pytest.raises(Unavailable, match=code):
        await PROBES[operation](bucket(server.place()), s3)


@pytest.mark.parametrize("operation", PROBES)
@pytest.mark.parametrize("body", [b"", b"<ListBucketResult/>", b"<html/>", b"null", b'{"a": 1}', b"[1]"])
async def test_garbage_is_a_gap(operation: str, body: bytes, s3: S3):
    with scripted(lambda _: (200, {}, body)) as server, pytest.raises(Unavailable):
        await PROBES[operation](bucket(server.place()), s3)


async def test_a_policy_without_measure(s3: S3):
    text = json.dumps({"Statement": [], "Id": "x" * 200_000}).encode()
    with scripted(lambda _: (200, {}, text)) as server, pytest.raises(Unavailable, match="more than 100,000"):
        await probes.policy(bucket(server.place()), s3)


async def test_the_account_is_looked_at_only_where_it_is_named(s3: S3):
    with scripted(lambda _: (200, {}, b"")) as server:
        place = server.place()
        seen = await probes.account_block(Bucket("files", app=place, audit=place), s3)
        assert "names no account_id" in seen.unsupported
        assert server.asked == []


async def test_blocks_by_their_names(s3: S3):
    flags = "<IgnorePublicAcls>true</IgnorePublicAcls><RestrictPublicBuckets>true</RestrictPublicBuckets>"
    body = f"<PublicAccessBlockConfiguration>{flags}</PublicAccessBlockConfiguration>".encode()
    with scripted(lambda _: (200, {}, body)) as server:
        for probe in (probes.bucket_block, probes.account_block):
            seen = await probe(bucket(server.place()), s3)
            assert seen.block == PublicAccessBlock(acls=True, policies=True)


@pytest.mark.parametrize(
    ("inside", "whole"),
    [
        ("", True),
        ("<Filter/>", True),
        ("<Filter><Prefix></Prefix></Filter>", True),
        ("<Prefix></Prefix>", True),
        ("<Prefix>a/</Prefix>", False),
        ("<Filter><Prefix>a/</Prefix></Filter>", False),
        ("<Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter>", False),
        ("<Filter><ObjectSizeGreaterThan>5</ObjectSizeGreaterThan></Filter>", False),
        ("<Filter><And><Prefix>a</Prefix></And></Filter>", False),
    ],
)
async def test_of_which_objects_a_lifecycle_rule_is(inside: str, whole: bool, s3: S3):  # noqa: FBT001 - a case's outcome
    rule = (
        f"<Rule><ID>r</ID><Status>Enabled</Status>{inside}"
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
        "</Rule>"
    )
    body = f"<LifecycleConfiguration>{rule}</LifecycleConfiguration>".encode()
    with scripted(lambda _: (200, {}, body)) as server:
        seen = await probes.lifecycle(bucket(server.place()), s3)
    assert seen.rules == (LifecycleRule("r", enabled=True, whole=whole, abort_days=3),)


async def test_a_real_server(s3: S3, seaweed: Seaweed):
    of = seaweed.bucket()
    assert "TlsOnly" in (await probes.policy(of, s3)).document
    assert (await probes.policy_status(of, s3)).public is False
    assert [grant.group for grant in (await probes.acl(of, s3)).grants] == [""]
    assert (await probes.ownership(of, s3)).rule == "BucketOwnerEnforced"
    assert (await probes.encryption(of, s3)).algorithms == ("AES256",)
    assert (await probes.versioning(of, s3)).status == "Enabled"
    assert (await probes.cors(of, s3)).rules[0].methods == ("GET", "PUT")
    assert (await probes.lifecycle(of, s3)).rules[0].noncurrent_days == 30
    assert "NotImplemented" in (await probes.bucket_block(of, s3)).unsupported


# --- other servers ------------------------------------------------------------------------------------------------


def program(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if not found:
        pytest.fail(f"{name} is not installed; the package {name}-bin brings it")
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
    except OSError:
        return False
    return True


def at(port: int, name: str, user: str, secret: str) -> BucketPlace:
    return BucketPlace(
        name, f"http://127.0.0.1:{port}", REGION, path_style=True, key=Key(SecretStr(user), SecretStr(secret))
    )


@contextmanager
def gateway(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketPlace]:
    """JuiceFS' gateway, with MinIO inside."""
    juicefs, meta, port = program("juicefs"), f"sqlite3://{folder / 'meta.db'}", free_port()
    monkeypatch.setenv("MINIO_ROOT_USER", "gatewaykey")
    monkeypatch.setenv("MINIO_ROOT_PASSWORD", "gatewaysecret")
    (folder / "data").mkdir()
    store = ["format", "--storage", "file", "--bucket", f"{folder / 'data'}/", meta, "lab-files"]
    subprocess.run([juicefs, *store], check=True, capture_output=True)
    command = [juicefs, "gateway", "--no-usage-report", "--no-banner", "--multi-buckets", "--no-bgjob"]
    command += ["--metrics", f"127.0.0.1:{free_port()}", "--cache-dir", str(folder / "cache"), meta]
    with running([*command, f"127.0.0.1:{port}"], log=folder / "gateway.log", ready=lambda: listens(port)):
        yield at(port, "public-files", "gatewaykey", "gatewaysecret")


async def test_a_server_that_calls_a_public_bucket_private(s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with gateway(tmp_path, monkeypatch) as place:
        arn = f"arn:aws:s3:::{place.bucket}"
        everyone = {"Effect": "Allow", "Principal": {"AWS": ["*"]}}
        reading = {**everyone, "Action": ["s3:GetObject"], "Resource": [f"{arn}/*"]}
        listing = {**everyone, "Action": ["s3:ListBucket"], "Resource": [arn]}
        await s3.call(place, "CreateBucket")
        await s3.call(place, "PutObject", Key="a.txt", Body=b"x")
        document = {"Version": "2012-10-17", "Statement": [reading, listing]}
        await s3.call(place, "PutBucketPolicy", Policy=json.dumps(document))
        of = bucket(place)
        status = await probes.policy_status(of, s3)
        assert status.public is False
        seen = [await probe(of, s3) for probe in (probes.policy, probes.acl, probes.bucket_block, probes.account_block)]
        found = not_public(of, seen[0], status, *seen[1:], Now(datetime.now(UTC)))
        assert found.outcome is Outcome.FAIL
        assert "lets anybody list and read objects" in found.summary
        strangers = anonymous_refused(of, await for_strangers(of, await reached(of, s3), s3))
        assert strangers.outcome is Outcome.FAIL
        for probe in (probes.ownership, probes.lifecycle, probes.versioning, probes.bucket_block):
            assert "NotImplemented" in (await probe(of, s3)).unsupported


async def test_a_server_that_answers_any_question_with_a_list(s3: S3, tmp_path: Path):
    port = free_port()
    (tmp_path / "shop-files").mkdir()
    command = [program("rclone"), "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", "rcloneuser,rclonesecret"]
    with running([*command, str(tmp_path)], log=tmp_path / "rclone.log", ready=lambda: listens(port)):
        of = bucket(at(port, "shop-files", "rcloneuser", "rclonesecret"))
        assert (await reached(of, s3)).reply.served
        for operation, probe in PROBES.items():
            if operation in {"GetBucketVersioning", "s3control:GetPublicAccessBlock"}:
                continue  # which it understands, or takes for a bucket that is not there
            with pytest.raises(Unavailable, match=r"does not understand|not S3's"):
                await probe(of, s3)
