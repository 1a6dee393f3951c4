"""Brings the S3 servers to the state that the world describes; without a restart, so that a fault costs little."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from golive_lab.parts.certificates import ca_file
from golive_lab.parts.part import Part
from golive_lab.parts.s3.server import HOST, NAME, ports
from golive_lab.world.backups import BUCKET as BACKUPS
from golive_lab.world.storage import ACCOUNT, OPERATOR, REGION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.part import Start
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.storage import Blocks, BucketState, Storage, StoredLifecycle

BLOCK_NAMES = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def client(service: str, endpoint: str, verify: str | None = None) -> Any:
    """Make a client of the operator's."""
    import botocore.session  # noqa: PLC0415 - it takes long to import, and only this part wants it
    from botocore.config import Config  # noqa: PLC0415 - likewise

    return botocore.session.Session().create_client(
        service,
        region_name=REGION,
        endpoint_url=endpoint,
        verify=verify,
        aws_access_key_id=OPERATOR.access_key_id,
        aws_secret_access_key=OPERATOR.secret_access_key,
        config=Config(s3={"addressing_style": "path"}, proxies={}, retries={"total_max_attempts": 3}),
    )


def operator(place: StackPlace) -> Any:
    """Make the operator's client of the server that enforces, over TLS: policies deny clear http to him too."""
    return client("s3", f"https://{NAME}:{ports(place).s3_https}", str(ca_file(place)))


def _content(*, with_settings: bool) -> Start:
    @contextmanager
    def content(world: World, place: StackPlace) -> Iterator[None]:
        s3 = operator(place)
        known = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        for name in known - {*world.storage.buckets, BACKUPS}:
            s3.delete_bucket(Bucket=name)
        https = str(place.ports.https)
        with ThreadPoolExecutor(8) as threads:
            for name, state in world.storage.buckets.items():
                threads.submit(fill, s3, name, state, https).result()
        if with_settings:
            _block(world.storage, place)
        yield

    return content


def fill(s3: Any, name: str, state: BucketState, https: str) -> None:
    """Make one bucket what it should be, whatever it was."""
    with suppress(s3.exceptions.NoSuchBucket):
        if not state.versioning and s3.get_bucket_versioning(Bucket=name).get("Status"):
            s3.delete_bucket(Bucket=name)  # versioning that was once on can only be suspended
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou, s3.exceptions.BucketAlreadyExists):
        s3.create_bucket(Bucket=name)
    _unset(s3, s3.delete_bucket_policy, name)  # which may deny what follows
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": state.ownership}]})
    s3.put_bucket_acl(Bucket=name, ACL=state.acl)
    if state.versioning:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": state.versioning})
    _encryption(s3, name, state)
    _cors(s3, name, state, https)
    _lifecycle(s3, name, state)
    objects(s3, name, state)
    if state.statements:
        document = {"Version": "2012-10-17", "Statement": list(state.statements)}
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(document))


def _encryption(s3: Any, name: str, state: BucketState) -> None:
    if state.encryption:
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": state.encryption}}
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    else:
        _unset(s3, s3.delete_bucket_encryption, name)


def _cors(s3: Any, name: str, state: BucketState, https: str) -> None:
    if state.cors:
        origins = [origin.replace("{https}", https) for origin in state.cors.origins]
        rule = {"AllowedOrigins": origins, "AllowedMethods": list(state.cors.methods), "AllowedHeaders": ["*"]}
        s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": [rule]})
    else:
        _unset(s3, s3.delete_bucket_cors, name)


def _lifecycle(s3: Any, name: str, state: BucketState) -> None:
    if state.lifecycle:
        rules = [_rule(f"rule-{number}", rule) for number, rule in enumerate(state.lifecycle)]
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    else:
        _unset(s3, s3.delete_bucket_lifecycle, name)


def _rule(identity: str, rule: StoredLifecycle) -> dict[str, Any]:
    made: dict[str, Any] = {"ID": identity, "Status": "Enabled" if rule.enabled else "Disabled"}
    made["Filter"] = {"Prefix": rule.prefix}
    if rule.abort_days:
        made["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": rule.abort_days}
    if rule.noncurrent_days:
        made["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule.noncurrent_days}
    return made


def objects(s3: Any, name: str, state: BucketState) -> None:
    """Leave exactly the described objects, one version of each."""
    page = s3.list_object_versions(Bucket=name)
    there = [(each["Key"], each["VersionId"]) for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))]
    if sorted(key for key, _ in there) == sorted(state.objects):
        return
    for key, version in there:
        s3.delete_object(Bucket=name, Key=key, VersionId=version)
    for key, body in state.objects.items():
        s3.put_object(Bucket=name, Key=key, Body=body)


def _unset(s3: Any, delete: Any, name: str) -> None:
    with suppress(s3.exceptions.ClientError):  # SeaweedFS refuses to delete what is not there
        delete(Bucket=name)


def _block(storage: Storage, place: StackPlace) -> None:
    """Set the blocks of public access, of each bucket and of the account, where there is a server that knows them."""
    s3 = client("s3", f"http://{HOST}:{place.ports.s3_settings}")
    for name, state in storage.buckets.items():
        with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if state.block:
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=_flags(state.block))
        else:
            s3.delete_public_access_block(Bucket=name)
    control = client("s3control", f"http://{HOST}:{place.ports.s3_settings}")
    control.meta.events.register("before-sign.s3-control", _one_name)
    if storage.account_block:
        flags = _flags(storage.account_block)
        control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=flags)
    else:
        control.delete_public_access_block(AccountId=ACCOUNT)


def _flags(block: Blocks) -> dict[str, bool]:
    return dict(zip(BLOCK_NAMES, block, strict=True))


def _one_name(request: Any, **_: object) -> None:
    """Leave out the account's id that the host's name would begin with."""
    request.url = request.url.replace(f"//{ACCOUNT}.", "//", 1)


def _part(*, with_settings: bool) -> Part:
    return Part(
        "s3 content",
        _content(with_settings=with_settings),
        reads=lambda world: (world.storage.buckets, world.storage.account_block if with_settings else None),
    )


CONTENT = _part(with_settings=False)
CONTENT_WITH_SETTINGS = _part(with_settings=True)
