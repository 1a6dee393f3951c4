"""The S3 client, against a real server, against what no server here says of itself, and against what misbehaves."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from contextlib import ExitStack
from dataclasses import replace

import hostile_servers as hostile
import pytest
from clocks import not_waiting
from pydantic import SecretStr
from s3_servers import Asked, Seaweed, s3_client, s3_error, scripted, use_daemon_threads

from golive import Unavailable
from golive_checks.subjects import BucketPlace, Key
from golive_checks.systems.s3.client.client import S3, S3Refusal
from golive_checks.systems.s3.client.transport import MAX_ANSWER_BYTES
from golive_lab.world.storage import APPLICATION, AUDITOR

SECRET = APPLICATION.secret_access_key
KEY = "invoices/2026/0001.txt"
TEXT = b"Invoice 1 of the reference stack.\n"
EMPTY_LIST = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"


async def refused(s3: S3, place: BucketPlace, operation: str = "ListObjectsV2", **parameters: object) -> S3Refusal:
    with pytest.raises(S3Refusal) as caught:
        await s3.call(place, operation, **parameters)
    assert SECRET not in str(caught.value)
    return caught.value


async def gap(s3: S3, place: BucketPlace, operation: str = "ListObjectsV2") -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        await s3.call(place, operation)
    assert not isinstance(caught.value, S3Refusal)
    assert SECRET not in caught.value.reason
    return caught.value


# --- a real server ------------------------------------------------------------------------------------------------


async def test_a_call(s3: S3, seaweed: Seaweed):
    found = await s3.call(seaweed.place(), "ListObjectsV2")
    assert [each["Key"] for each in found["Contents"]] == [KEY]


async def test_refusals_of_a_real_server(s3: S3, seaweed: Seaweed):
    missing = await refused(s3, seaweed.place(name="nowhere-to-be-found"))
    assert (missing.code, missing.status, missing.denied) == ("NoSuchBucket", 404, False)
    strange = replace(seaweed.place(), key=Key(SecretStr("NOBODY"), SecretStr("x" * 20)))
    assert (await refused(s3, strange)).wrong_credentials
    wrong = replace(seaweed.place(), key=Key(seaweed.place().key.access_key_id, SecretStr("y" * 20)))
    assert (await refused(s3, wrong)).code == "SignatureDoesNotMatch"
    denied = await refused(s3, seaweed.place(), "GetBucketPolicy", unsigned=True)
    assert (denied.denied, denied.fix) == (True, "Allow golive's credentials s3:GetBucketPolicy.")
    assert (await refused(s3, seaweed.place(AUDITOR), "GetPublicAccessBlock")).unsupported


async def test_a_listing_page_by_page(s3: S3, seaweed: Seaweed):
    operator = seaweed.operator()
    operator.create_bucket(Bucket="many-objects")
    names = sorted(f"p/{number:02} é+&.txt" for number in range(25))
    for name in names:
        operator.put_object(Bucket="many-objects", Key=name, Body=b"x")
    place = seaweed.place(name="many-objects")
    pages = [page async for page in s3.list_objects(place, "p/", page_size=10)]
    assert [len(page) for page in pages] == [10, 10, 5]
    assert [each.key for page in pages for each in page] == names
    assert {(each.size, each.modified.tzinfo is not None, len(each.etag)) for page in pages for each in page} == {
        (1, True, 32)
    }
    assert [page async for page in s3.list_objects(place, "nothing/")] == []
    with pytest.raises(Unavailable, match="more than 20 objects below p/"):
        [page async for page in s3.list_objects(place, "p/", page_size=10, most=20)]


@pytest.mark.parametrize(("start", "end"), [(0, 7), (8, 9), (20, 10_000), (0, 10_000), (500, 600), (3, 3)])
async def test_a_range_is_a_slice(start: int, end: int, s3: S3, seaweed: Seaweed):
    assert await s3.read_range(seaweed.place(), KEY, start, end) == TEXT[start:end]


async def test_a_range_of_nothing(s3: S3, seaweed: Seaweed):
    with pytest.raises(S3Refusal, match="NoSuchKey"):
        await s3.read_range(seaweed.place(), "gone", 0, 5)
    with pytest.raises(S3Refusal, match="AccessDenied"):
        await s3.read_range(seaweed.place(), KEY, 0, 5, unsigned=True)


@pytest.mark.parametrize(("life", "age", "status"), [(60, 0, 200), (7200, 3600, 200), (60, 3600, 403)])
async def test_a_presigned_url(life: int, age: int, status: int, s3: S3, seaweed: Seaweed):
    url = await s3.presigned(seaweed.place(), "GetObject", expires_s=life, age_s=age, Key=KEY)
    got = await s3.send(seaweed.place(), "GET", url)
    assert (got.status, got.body == TEXT, bool(got.code)) == (status, status == 200, status != 200)
    assert SECRET not in url.get_secret_value()
    assert "X-Amz" not in repr(url)


@pytest.mark.parametrize("age", [0, 3600])
async def test_a_presigned_type_is_bound(age: int, s3: S3, seaweed: Seaweed):
    put = await s3.presigned(
        seaweed.place(), "PutObject", expires_s=7200, age_s=age, Key="golive/a b+é.txt", ContentType="text/plain"
    )
    other = await s3.send(seaweed.place(), "PUT", put, headers={"Content-Type": "text/html"}, body=b"x")
    assert (other.status, other.code) == (403, "SignatureDoesNotMatch")
    right = await s3.send(seaweed.place(), "PUT", put, headers={"Content-Type": "text/plain"}, body=b"x")
    assert right.status == 200
    await s3.call(seaweed.place(), "DeleteObject", Key="golive/a b+é.txt")


async def test_a_certificate_that_is_not_trusted(s3: S3, seaweed: Seaweed):
    found = await gap(s3, replace(seaweed.place(), ca_file=""))
    assert "TLS failed" in found.reason
    assert "ca_file" in found.fix


# --- credentials --------------------------------------------------------------------------------------------------


async def test_a_wrong_key_is_tried_once(s3: S3):
    with scripted(lambda _: (403, {}, s3_error("InvalidAccessKeyId"))) as server:
        found = await asyncio.gather(
            *(s3.call(server.place(), "ListObjectsV2") for _ in range(5)), return_exceptions=True
        )
        assert {each.code for each in found} == {"InvalidAccessKeyId"}
        assert (await refused(s3, server.place("another"))).wrong_credentials
        assert len(server.asked) == 1


async def test_a_server_that_is_away_is_asked_again(s3: S3):
    answers = iter([(500, {}, s3_error("InternalError"))])
    with scripted(lambda _: next(answers, (200, {}, EMPTY_LIST))) as server:
        found = await asyncio.gather(
            *(s3.call(server.place(), "ListObjectsV2") for _ in range(3)), return_exceptions=True
        )
        assert [each.transient for each in found] == [True] * 3
        assert len(server.asked) == 1
        await s3.call(server.place(), "ListObjectsV2")


async def test_the_usual_chain(s3: S3, monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with scripted(lambda _: (200, {}, EMPTY_LIST)) as server:
        nobody = replace(server.place(), key=None)
        found = await gap(s3, nobody)
        assert "NoCredentialsError" in found.reason
        assert "aws.named_profile" in found.fix
        assert server.asked == []
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "FROMTHECHAIN")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        await s3_client().call(nobody, "ListObjectsV2")
        assert "FROMTHECHAIN/" in server.asked[0].headers["authorization"]


async def test_who_asks_and_what_is_sent(s3: S3):
    with scripted(lambda _: (200, {}, EMPTY_LIST)) as server:
        await s3.call(server.place(), "ListObjectsV2")
        await s3.call(server.place(), "ListObjectsV2", unsigned=True)
        await s3.send(server.place(), "GET", SecretStr(f"http://127.0.0.1:{server.port}/x"))
    assert [each.headers["user-agent"] for each in server.asked] == ["golive/9.9 (+readiness check; run 0123abcd)"] * 3
    assert ["authorization" in each.headers for each in server.asked] == [True, False, False]


async def test_a_proxy_of_the_environment_is_not_used(s3: S3, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with scripted(lambda _: (200, {}, EMPTY_LIST)) as server:
        await s3.call(server.place(), "ListObjectsV2")


async def test_an_account_of_a_compatible_server_has_no_host_of_its_own(s3: S3):
    block = b"<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>"
    with scripted(lambda _: (200, {}, block)) as server:
        found = await s3.call(server.place(), "s3control:GetPublicAccessBlock", AccountId="123456789012")
        assert found["PublicAccessBlockConfiguration"]["BlockPublicAcls"] is True
        assert server.asked[0].headers["x-amz-account-id"] == "123456789012"


async def test_connections_are_closed_at_the_end():
    """Also where something still refers to one: a server that ends would wait for it."""
    s3 = s3_client()
    gc.disable()
    try:
        with scripted(lambda _: (200, {}, EMPTY_LIST)) as server:
            await s3.call(server.place(), "ListObjectsV2")
            await asyncio.gather(*(s3.call(server.place(), "ListObjectsV2") for _ in range(4)))
            kept = [
                door.transport._session._manager.connection_from_url(server.place().endpoint_url)
                for door in s3._doors.values()
            ]
            assert server.open >= 1
            await s3.aclose()
            for _ in range(100):
                if not server.open:
                    break
                await asyncio.sleep(0.02)
            assert (server.open, len(kept)) == (0, 1)
    finally:
        gc.enable()


# --- answers that refuse ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "AccessDenied", "denied"),
        (403, "AllAccessDisabled", "denied"),
        (403, "SignatureDoesNotMatch", "wrong_credentials"),
        (400, "ExpiredToken", "wrong_credentials"),
        (501, "NotImplemented", "unsupported"),
        (405, "MethodNotAllowed", "unsupported"),
        (400, "XNotImplemented", "unsupported"),
    ],
)
async def test_kinds_of_refusal(status: int, code: str, kind: str, s3: S3):
    with scripted(lambda _: (status, {}, s3_error(code))) as server:
        found = await refused(s3, server.place(), "GetBucketAcl")
    assert (found.code, found.status) == (code, status)
    kinds = {"denied", "wrong_credentials", "unsupported"}
    assert {each for each in kinds if getattr(found, each)} == {kind}


async def test_a_wrong_clock_is_no_denial(s3: S3):
    with scripted(lambda _: (403, {}, s3_error("RequestTimeTooSkewed"))) as server:
        found = await refused(s3, server.place())
    assert not found.denied
    assert "clock" in found.fix


@pytest.mark.parametrize(("status", "code"), [(503, "SlowDown"), (429, "TooManyRequests"), (429, "Whatever")])
async def test_a_server_that_asks_for_fewer_is_left_alone(status: int, code: str, s3: S3):
    with scripted(lambda _: (status, {}, s3_error(code))) as server:
        assert "too many requests" in (await gap(s3, server.place())).reason
        assert "left alone" in (await gap(s3, server.place())).reason
        assert len(server.asked) == 1


async def test_another_region_is_told_and_followed(s3: S3):
    def script(asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if "/eu-north-1/" in asked.headers["authorization"]:
            return 200, {"x-amz-bucket-region": "eu-north-1"}, EMPTY_LIST
        return 301, {"x-amz-bucket-region": "eu-north-1"}, s3_error("PermanentRedirect")

    with scripted(script) as server:
        found = await s3.call(server.place(), "ListObjectsV2")
        assert found["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == "eu-north-1"
    with scripted(lambda _: (301, {"x-amz-bucket-region": "eu-north-1"}, s3_error("PermanentRedirect"))) as server:
        assert (await refused(s3, server.place())).region == "eu-north-1"
        assert len(server.asked) <= 3


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_other_redirect_is_followed(status: int, s3: S3):
    with scripted(lambda _: (200, {}, EMPTY_LIST)) as other:
        to = {"location": f"http://127.0.0.1:{other.port}/stolen"}
        with scripted(lambda _: (status, to, b"")) as server:
            await refused(s3, server.place())
            url = SecretStr(f"http://127.0.0.1:{server.port}/x")
            assert (await s3.send(server.place(), "GET", url)).status == status
        assert other.asked == []


# --- answers that are none ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>login</html>",
        EMPTY_LIST,
        b"<VersioningConfiguration",
        b"\x00\xff",
        b"<!DOCTYPE x>",
        b"{}",
        b"x" * 100,
    ],
)
async def test_an_answer_to_something_else(body: bytes, s3: S3):
    with scripted(lambda _: (200, {}, body)) as server:
        found = await gap(s3, server.place(), "GetBucketVersioning")
    words = ("it does not understand it", "not S3's", "is answered 500")  # botocore's word for XML that is cut off
    assert any(word in found.reason for word in words)


async def test_a_listing_without_an_end(s3: S3):
    item = "<Contents><Key>k</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>"
    body = (
        f"<ListBucketResult><IsTruncated>true</IsTruncated>{item}"
        "<NextContinuationToken>t</NextContinuationToken></ListBucketResult>"
    )
    with scripted(lambda _: (200, {}, body.encode())) as server:
        with pytest.raises(Unavailable, match="without an end"):
            [page async for page in s3.list_objects(server.place())]
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"<ListBucketResult><Contents><Size>x</Size></Contents></ListBucketResult>",
        b"<ListBucketResult><Contents><LastModified>?</LastModified></Contents></ListBucketResult>",
    ],
)
async def test_nonsense_in_a_listing(body: bytes, s3: S3):
    with scripted(lambda _: (200, {}, body)) as server:
        assert "not S3's" in (await gap(s3, server.place())).reason


async def test_a_range_that_is_ignored(s3: S3):
    with scripted(lambda _: (200, {}, b"0123456789" * 1000)) as server:
        assert await s3.read_range(server.place(), "k", 0, 5) == b"01234"
        with pytest.raises(Unavailable, match="does not read ranges"):
            await s3.read_range(server.place(), "k", 5, 9)


async def test_an_answer_that_is_too_large(s3: S3):
    with scripted(lambda _: (200, {}, b"<" * (MAX_ANSWER_BYTES + 1))) as server:
        assert "answers with more than" in (await gap(s3, server.place())).reason


async def test_what_sends_one_byte_at_a_time_is_given_up():
    use_daemon_threads(asyncio.get_running_loop())
    with hostile.serving(hostile.endless_chunks, None) as port, not_waiting():
        place = BucketPlace("b", f"http://127.0.0.1:{port}", path_style=True, key=Key(SecretStr("K"), SecretStr("s")))
        found = await gap(s3_client(timeout_s=30.0), place, "GetBucketAcl")
    assert found.reason == f"127.0.0.1:{port} sends more than 65.5 kB that are no answer"


TALKS = {
    **hostile.HTTP,
    **hostile.FLOODS,
    "nothing": hostile.nothing,
    "garbage": hostile.garbage,
    "reset": hostile.reset,
}


@pytest.mark.parametrize("kind", TALKS)
async def test_servers_that_misbehave(kind: str):
    use_daemon_threads(asyncio.get_running_loop())
    s3 = s3_client(timeout_s=1.0)
    tracemalloc.start()
    with ExitStack() as held:
        port = held.enter_context(hostile.serving(TALKS[kind], None))
        place = BucketPlace(
            "shop-files", f"http://127.0.0.1:{port}", path_style=True, key=Key(SecretStr("K"), SecretStr("s"))
        )
        with not_waiting(), pytest.raises(Unavailable) as caught:
            await s3.call(place, "GetBucketAcl")
        _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * MAX_ANSWER_BYTES
    assert len(caught.value.reason) < 200


async def test_nobody_there(s3: S3):
    assert (await gap(s3, BucketPlace("x", "http://127.0.0.1:9", key=Key(SecretStr("K"), SecretStr("s"))))).reason == (
        "127.0.0.1:9 refuses connections"
    )
    nowhere = BucketPlace("x", "https://nowhere.invalid", key=Key(SecretStr("K"), SecretStr("s")))
    assert "does not resolve" in (await gap(s3, nowhere)).reason
