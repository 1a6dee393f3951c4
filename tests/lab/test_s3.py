"""The lab's S3 server: it enforces, it becomes another without a restart, and nothing of it stays behind."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from golive_lab.faults.storage import bucket, unblocked
from golive_lab.parts.certificates import CERTIFICATES
from golive_lab.parts.ports import standing
from golive_lab.parts.s3.content import CONTENT_WITH_SETTINGS, client, operator
from golive_lab.parts.s3.front import FRONT_WITH_SETTINGS
from golive_lab.parts.s3.server import HOST, SEAWEED, SETTINGS, SOCKETS, ports
from golive_lab.stack import Stack
from golive_lab.world import healthy
from golive_lab.world.storage import OPEN, UPLOADS, BucketCors, BucketState, StoredLifecycle

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with standing() as place:
        found = Stack([(CERTIFICATES,), (SEAWEED, SETTINGS), (FRONT_WITH_SETTINGS, CONTENT_WITH_SETTINGS)], place)
        try:
            found.become(healthy())
            yield found
        finally:
            found.close()
        at = ports(place)
        left = [str(p) for port in vars(at).values() for p in Path(SOCKETS).glob(f"seaweedfs-*{port}.sock")]
        assert left == []


def state(s3: Any) -> dict[str, Any]:
    """All that is described of the bucket, as the server has it."""
    asked = {
        "policy": s3.get_bucket_policy,
        "ownership": s3.get_bucket_ownership_controls,
        "versioning": s3.get_bucket_versioning,
        "encryption": s3.get_bucket_encryption,
        "cors": s3.get_bucket_cors,
        "lifecycle": s3.get_bucket_lifecycle_configuration,
        "acl": s3.get_bucket_acl,
    }
    found: dict[str, Any] = {}
    for name, ask in asked.items():
        try:
            answer = ask(Bucket=UPLOADS)
            answer.pop("ResponseMetadata")
            found[name] = json.dumps(answer, sort_keys=True)
        except ClientError as error:
            found[name] = error.response["Error"]["Code"]
    page = s3.list_object_versions(Bucket=UPLOADS)
    found["objects"] = sorted(each["Key"] for each in page.get("Versions", ()))
    return found


OTHER = BucketState(
    objects={"a.txt": b"a", "b/c.txt": b"c"},
    acl="public-read",
    ownership="ObjectWriter",
    versioning=None,
    encryption=None,
    cors=BucketCors(origins=("*",)),
    lifecycle=(StoredLifecycle(enabled=False),),
    block=OPEN,
)


def test_it_becomes_another_and_what_it_was(stack: Stack):
    s3 = operator(stack.place)
    before = state(s3)
    stack.become(bucket(**vars(OTHER))(healthy()))
    after = state(s3)
    assert [name for name in before if before[name] == after[name]] == []
    stack.become(healthy())
    assert state(s3) == before


def test_the_servers_stay_as_they_are(stack: Stack):
    servers = [stack._standing[name].context for name in ("s3 server", "s3 settings", "s3 front")]
    stack.become(bucket(encryption=None)(healthy()))
    assert [stack._standing[name].context for name in ("s3 server", "s3 settings", "s3 front")] == servers
    stack.become(healthy())


def test_clear_http_is_denied_to_everyone(stack: Stack):
    clear = client("s3", f"http://{HOST}:{ports(stack.place).s3}")
    with pytest.raises(ClientError, match="AccessDenied"):
        clear.list_objects_v2(Bucket=UPLOADS)


def test_a_bucket_that_is_gone_comes_back(stack: Stack):
    world = healthy()
    stack.become(replace(world, storage=replace(world.storage, buckets={})))
    assert UPLOADS not in {each["Name"] for each in operator(stack.place).list_buckets()["Buckets"]}
    stack.become(healthy())
    assert state(operator(stack.place))["objects"] == ["invoices/2026/0001.txt"]


def test_blocks_of_public_access(stack: Stack):
    s3 = client("s3", f"http://{HOST}:{stack.place.ports.s3_settings}")
    blocked = s3.get_public_access_block(Bucket=UPLOADS)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    stack.become(unblocked(bucket())(healthy()))
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlockConfiguration"):
        s3.get_public_access_block(Bucket=UPLOADS)
    stack.become(healthy())
