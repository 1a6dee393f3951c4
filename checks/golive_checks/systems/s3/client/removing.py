"""Removes objects that golive has stored, with all that a bucket keeps of them; also by a process that outlives it."""

import asyncio
import datetime as dt
import json
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any

from pydantic import SecretStr

from golive import Environment, RunInfo, Unavailable
from golive_checks.subjects import BucketPlace, Key
from golive_checks.systems.aws.client.aws import AwsSettings, Sessions
from golive_checks.systems.machine.client.guard import Undo
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.worker import worker
from golive_checks.systems.s3.client.client import S3, S3Refusal

WORKER = worker("golive_checks.systems.s3.client.removing")


async def remove(place: BucketPlace, key: str, s3: S3, stored: Sequence[str] = ()) -> None:
    """Remove an object: where the bucket keeps versions, each of them and the marks of deletion too.

    Where versions may not be listed, those are removed that are known to be `stored`.

    Raises:
        S3Refusal: it could not be removed, or may have left a version behind.
    """
    gap: S3Refusal | None = None
    try:
        found = [version async for name, version, _ in versions(place, key, s3) if name == key]
    except S3Refusal as no:
        found = list(stored) or [""]
        gap = no if not (stored or no.unsupported) else None
    for version in found:
        which: Any = {"VersionId": version} if version else {}
        await s3.call(place, "DeleteObject", Key=key, **which)
    if gap:
        raise gap


async def versions(place: BucketPlace, prefix: str, s3: S3) -> AsyncIterator[tuple[str, str, dt.datetime]]:
    """Yield key, version and time of each version and mark of deletion below a prefix: of one page, the first."""
    page = await s3.call(place, "ListObjectVersions", Prefix=prefix, MaxKeys=1000)
    for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
        if "Key" in each and "LastModified" in each:
            yield str(each["Key"]), str(each.get("VersionId", "")), each["LastModified"]


def removal(place: BucketPlace, prefix: str, key: str, ask: AwsSettings, run: RunInfo) -> Undo:
    """Return how a process beside golive removes an object."""
    own = place.key
    secrets = (own.access_key_id, own.secret_access_key, own.session_token) if own else ()
    where = {
        "bucket": place.bucket,
        "endpoint_url": place.endpoint_url,
        "region": place.region,
        "path_style": place.path_style,
        "ca_file": place.ca_file,
    }
    question = {
        "place": where,
        "user": [secret.get_secret_value() for secret in secrets],
        "object": key,
        "aws": ask.model_dump(exclude_defaults=True),
        "run": [run.id, run.version],
    }
    return Undo(f"objects of golive in {place.endpoint_url} {place.bucket} {prefix}", WORKER, json.dumps(question))


async def _removed(asked: dict[str, Any]) -> bool:
    run = RunInfo(*asked["run"])
    s3 = S3(AwsSettings(**asked["aws"]), Sessions(run), Pace(RateLimit(), Environment("staging")), run)
    user = Key(*map(SecretStr, asked["user"])) if asked["user"] else None
    try:
        await remove(BucketPlace(**asked["place"], key=user), asked["object"], s3)
    except Unavailable:
        return False
    finally:
        await s3.aclose()
    return True


if __name__ == "__main__":
    sys.exit(not asyncio.run(_removed(json.load(sys.stdin))))
