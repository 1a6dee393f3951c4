"""How long listing 100,000 objects takes, against a bare boto3 paginator, and in how much memory."""

from __future__ import annotations

import http
import http.client
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from measure import Result, in_turn, peak, run

from golive_lab.parts.certificates import CERTIFICATES
from golive_lab.parts.ports import standing
from golive_lab.parts.s3.content import client
from golive_lab.parts.s3.server import HOST, SEAWEED, ports
from golive_lab.stack import Stack
from golive_lab.world import healthy
from golive_lab.world.storage import OPERATOR, REGION

OBJECTS, FOLDERS = 100_000, 8
RATIO, PEAK_MB = 1.3, 150
BUCKET = "bench-listing"

OURS = """
import asyncio, os
from pydantic import SecretStr
from golive import Environment, RunInfo
from golive_checks.systems.aws.client.aws import AwsSettings, Sessions
from golive_checks.systems.machine.client.pace import RateLimit, Pace
from golive_checks.systems.s3.client.client import S3
from golive_checks.subjects.buckets import BucketPlace, Key

async def main():
    info = RunInfo("0123abcd", "0")
    s3 = S3(AwsSettings(), Sessions(info), Pace(RateLimit(), Environment("bench")), info)
    key = Key(SecretStr(os.environ["KEY"]), SecretStr(os.environ["SECRET"]))
    place = BucketPlace(os.environ["BUCKET"], os.environ["ENDPOINT"], os.environ["REGION"], path_style=True, key=key)
    count = 0
    async for page in s3.list_objects(place):
        count += len(page)
    assert count == int(os.environ["OBJECTS"]), count

asyncio.run(main())
"""
BARE = """
import boto3, os
from botocore.config import Config
s3 = boto3.client(
    "s3", endpoint_url=os.environ["ENDPOINT"], region_name=os.environ["REGION"],
    aws_access_key_id=os.environ["KEY"], aws_secret_access_key=os.environ["SECRET"],
    config=Config(s3={"addressing_style": "path"}),
)
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=os.environ["BUCKET"])
count = sum(len(page.get("Contents", ())) for page in pages)
assert count == int(os.environ["OBJECTS"]), count
"""


def results() -> list[Result]:
    """Measure."""
    with standing() as place:
        stack = Stack([(CERTIFICATES,), (SEAWEED,)], place)
        try:
            stack.become(healthy())
            at = ports(place)
            endpoint = f"http://{HOST}:{at.s3}"
            client("s3", endpoint).create_bucket(Bucket=BUCKET)
            with ThreadPoolExecutor(FOLDERS) as threads:
                list(threads.map(lambda folder: fill(at.filer, folder), range(FOLDERS)))
            env = {**os.environ, "ENDPOINT": endpoint, "BUCKET": BUCKET, "REGION": REGION, "OBJECTS": str(OBJECTS)}
            env |= {"KEY": OPERATOR.access_key_id, "SECRET": OPERATOR.secret_access_key}
            ours, bare = [sys.executable, "-c", OURS], [sys.executable, "-c", BARE]
            mine, other = in_turn(ours, bare, 2, env)
            took, code = peak(ours, env)
            if code or run(bare, env).code:
                raise OSError("a listing did not find every object")
        finally:
            stack.close()
    what = f"listing {OBJECTS:,} objects"
    return [
        Result(
            f"{what} against a bare boto3 paginator", mine / other, RATIO, detail=f"{mine:.1f} s against {other:.1f} s"
        ),
        Result(f"peak memory of {what}", took, PEAK_MB, "MB", f"exit {code}"),
    ]


def fill(filer: int, folder: int) -> None:
    """Store a share of the objects by SeaweedFS' own way in, which takes a tenth of the time that S3 does."""
    link = http.client.HTTPConnection(HOST, filer)
    for number in range(folder, OBJECTS, FOLDERS):
        link.request("PUT", f"/buckets/{BUCKET}/{folder}/{number:06}.dump", body=b"x")
        answer = link.getresponse()
        answer.read()
        if answer.status >= http.HTTPStatus.BAD_REQUEST:
            raise OSError(f"SeaweedFS stores no object: it answers {answer.status}")


if __name__ == "__main__":
    for result in results():
        print(result.row())
