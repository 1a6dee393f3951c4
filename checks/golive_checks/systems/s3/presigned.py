"""What presigned URLs of a bucket allow, tried with a small object that is removed again."""

import asyncio
import datetime as dt
import re
from dataclasses import dataclass, replace
from urllib.parse import quote

from pydantic import SecretStr

from golive import Effect, Fact, Now, RunInfo, Unavailable, Writes, probe
from golive_checks.subjects import Bucket, BucketPlace
from golive_checks.systems.machine.client.guard import LeftoverGuard
from golive_checks.systems.s3.bucket import BucketReached, S3Reply
from golive_checks.systems.s3.client.client import S3, S3Answer, S3Refusal
from golive_checks.systems.s3.client.removing import removal, remove, versions

LIFE_S = 300
"""How long a URL of ours is good for."""
AGE_S, LONG_LIFE_S, SHORT_LIFE_S = 3600, 7200, 60
"""Of two URLs signed an hour ago, one is good for another hour and one has expired: no clock need be waited for, nor
agree with the server's to the minute."""
TYPE, OTHER_TYPE = "text/plain", "text/html"
MARK = "golive-"
OURS = re.compile(r"golive-[0-9a-f]{8}\.txt")
LEFT_S = 3600.0
"""After this time no run is still under way whose object it could be."""
MOST_LEFT = 200


@dataclass(frozen=True)
class PresignedTrip(Fact):
    """How each step of the round trip was answered; one that was not come to is None."""

    key: str
    other_type: S3Reply | None = None
    put: S3Reply | None = None
    get: S3Reply | None = None
    equal: bool = False
    """The bytes that came back are those that were sent."""
    other_key: S3Reply | None = None
    unsigned: S3Reply | None = None
    long_lived: S3Reply | None = None
    """By the URL of an hour ago that is still good."""
    expired: S3Reply | None = None
    removed: tuple[str, ...] = ()
    """What an earlier run had left behind, and this one has removed."""
    earlier: tuple[str, ...] = ()
    """What runs that were killed had stored, and what became of it."""


@probe("s3.presigned-trip", effect=Effect.WRITE)
async def presigned_trip(
    bucket: Bucket, there: BucketReached, s3: S3, guard: LeftoverGuard, writes: Writes, run: RunInfo, now: Now
) -> PresignedTrip:
    """Upload, read and remove an object by presigned URLs, and try the same with wrong ones."""
    if there.wrong_credentials:
        raise Unavailable(f"the application's key is refused: {there.reply}")
    place = bucket.app
    removed = await _tidied(place, bucket.prefix, s3, now.at)
    key = f"{bucket.prefix}{MARK}{run.id}.txt"
    beside = removal(place, bucket.prefix, key, s3.settings, run)
    earlier = await asyncio.to_thread(guard.earlier, beside.about)
    trip = PresignedTrip(key, removed=removed, earlier=earlier)
    body = f"Stored by golive {run.version}, run {run.id}, which removes it again.\n".encode()
    upload = await s3.presigned(place, "PutObject", expires_s=LIFE_S, Key=trip.key, ContentType=TYPE)
    what = f"the object {trip.key} in {place.bucket}"

    stored: list[str] = []

    async def put(content_type: str) -> S3Reply:
        answered = await guard.do(
            writes,
            what,
            lambda: s3.send(place, "PUT", upload, headers={"Content-Type": content_type}, body=body),
            lambda: remove(place, key, s3, stored),
            beside=beside,
            again_s=s3.settings.timeout_s,
        )
        reply = _reply(answered)
        # Where versions may not be listed, its removal needs this id: a DELETE without one only hides the object.
        if reply.served:
            stored.append(answered.headers.get("x-amz-version-id", ""))
        return reply

    trip = replace(trip, other_type=await put(OTHER_TYPE))
    trip = replace(trip, put=await put(TYPE))
    if trip.put is None or not trip.put.served:
        return trip
    return await _read_back(place, trip, body, s3)


async def _read_back(place: BucketPlace, trip: PresignedTrip, body: bytes, s3: S3) -> PresignedTrip:
    """Read the object by its URL, by that URL bent to another key, without its signature, and by older ones."""
    download = await s3.presigned(place, "GetObject", expires_s=LIFE_S, Key=trip.key)
    got = await s3.send(place, "GET", download)
    other = SecretStr(download.get_secret_value().replace(quote(trip.key), quote(f"{trip.key}.other"), 1))
    bare = SecretStr(download.get_secret_value().partition("?")[0])
    lasting = await s3.presigned(place, "GetObject", expires_s=LONG_LIFE_S, age_s=AGE_S, Key=trip.key)
    over = await s3.presigned(place, "GetObject", expires_s=SHORT_LIFE_S, age_s=AGE_S, Key=trip.key)
    return replace(
        trip,
        get=_reply(got),
        equal=got.body == body,
        other_key=_reply(await s3.send(place, "GET", other)),
        unsigned=_reply(await s3.send(place, "GET", bare)),
        long_lived=_reply(await s3.send(place, "GET", lasting)),
        expired=_reply(await s3.send(place, "GET", over)),
    )


async def _tidied(place: BucketPlace, prefix: str, s3: S3, now: dt.datetime) -> tuple[str, ...]:
    """Remove what a run that was killed has left behind: golive's own by its name, and older than any run lasts."""
    found: set[str] = set()
    try:
        async for key, _, modified in versions(place, prefix + MARK, s3):
            old = (now - modified).total_seconds() > LEFT_S
            if old and OURS.fullmatch(key.removeprefix(prefix)) and len(found) < MOST_LEFT:
                found.add(key)
        for key in found:
            await remove(place, key, s3)
    except S3Refusal:
        return ()  # who may not list or delete has another to tidy up; the round trip's own object is another matter
    return tuple(sorted(found))


def _reply(answered: S3Answer) -> S3Reply:
    return S3Reply(answered.status, answered.code)
