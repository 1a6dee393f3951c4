"""What the application can do with its bucket, and what an outsider can."""

from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Bucket, BucketPlace
from golive_checks.systems.s3.client.client import S3, S3Refusal

FEW = 20
"""Enough keys to find one of an object among those that only stand for folders."""
REDIRECTS = frozenset({301, 307})


@dataclass(frozen=True)
class S3Reply(Fact):
    """How one request was answered: by an HTTP status, and S3's code where it is an error."""

    status: int
    code: str = ""

    @property
    def served(self) -> bool:
        """True where it did what was asked."""
        return 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, section 15.3

    @property
    def refused(self) -> bool:
        """True where it was refused for who asked, or how: neither served nor misunderstood."""
        return self.status in {400, 401, 403}

    def __str__(self) -> str:
        """Say it in a message."""
        return f"{self.status} {self.code}".strip()


@dataclass(frozen=True)
class BucketReached(Fact):
    """How the bucket answered the application's credentials."""

    reply: S3Reply
    wrong_credentials: bool = False
    region: str = ""
    """Where the bucket is, if the server says so."""
    key: str = ""
    """One of its objects; empty where there is none, or where it may not be listed."""


@dataclass(frozen=True)
class ForStrangers(Fact):
    """How requests without credentials were answered. `read` is None where there was no object to ask for."""

    listed: S3Reply
    read: S3Reply | None = None
    key: str = ""


@probe("s3.reached")
async def reached(bucket: Bucket, s3: S3) -> BucketReached:
    """List a few of the bucket's objects with the application's credentials.

    HeadBucket wants the same permission, s3:ListBucket, and does not say why it refuses.
    """
    try:
        answer = await s3.call(bucket.app, "ListObjectsV2", MaxKeys=FEW)
    except S3Refusal as no:
        return BucketReached(S3Reply(no.status, no.code), wrong_credentials=no.wrong_credentials, region=no.region)
    about = answer.get("ResponseMetadata", {})
    region = str(about.get("HTTPHeaders", {}).get("x-amz-bucket-region", ""))[:40]
    return BucketReached(S3Reply(int(about.get("HTTPStatusCode", 200))), region=region, key=_object(answer))


@probe("s3.for-strangers")
async def for_strangers(bucket: Bucket, there: BucketReached, s3: S3) -> ForStrangers:
    """List the bucket and read the first byte of an object without any credentials."""
    listed = await _as_stranger(bucket.app, s3, "")
    key = there.key or await _key_for_auditor(bucket, s3)
    return ForStrangers(listed, await _as_stranger(bucket.app, s3, key) if key else None, key)


async def _as_stranger(place: BucketPlace, s3: S3, key: str) -> S3Reply:
    try:
        if key:
            await s3.read_range(place, key, 0, 1, unsigned=True)
        else:
            await s3.call(place, "ListObjectsV2", unsigned=True, MaxKeys=1)
    except S3Refusal as no:
        return S3Reply(no.status, no.code)
    return S3Reply(200)


async def _key_for_auditor(bucket: Bucket, s3: S3) -> str:
    """Name an object where the application may not list."""
    if bucket.audit == bucket.app:
        return ""
    try:
        return _object(await s3.call(bucket.audit, "ListObjectsV2", MaxKeys=FEW))
    except Unavailable:
        return ""


def _object(answer: dict[str, object]) -> str:
    found = answer.get("Contents", ())
    keys = [str(each.get("Key", "")) for each in found] if isinstance(found, (list, tuple)) else []
    return next((key for key in keys if key and not key.endswith("/")), "")
