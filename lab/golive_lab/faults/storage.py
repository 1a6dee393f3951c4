"""What can be wrong with buckets, and with the server that holds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.world.names import APP, SHOP
from golive_lab.world.storage import APPLICATION, AUDITOR, UPLOADS, BucketCors, StoredLifecycle, deny_in_clear

if TYPE_CHECKING:
    from golive_lab.world import World

REACHABLE, PRESIGNED, CORS = "s3.bucket-reachable", "s3.presigned-work", "s3.cors-exact"
PUBLIC, ANONYMOUS, OWNER = "s3.not-public", "s3.anonymous-refused", "s3.owner-enforced"
TLS, ENCRYPTED, VERSIONED, LIFECYCLE = "s3.tls-only", "s3.encrypted", "s3.versioned", "s3.lifecycle-set"
ALL = "s3.*"

BUCKET, OBJECTS = f"arn:aws:s3:::{UPLOADS}", f"arn:aws:s3:::{UPLOADS}/*"
APP_ORIGIN, SHOP_ORIGIN = f"https://{APP}:{{https}}", f"https://{SHOP}:{{https}}"


def bucket(**changes: Any) -> Callable[[World], World]:
    """Set the uploads' bucket up in another way."""

    def change(world: World) -> World:
        state = replace(world.storage.buckets[UPLOADS], **changes)
        buckets = {**world.storage.buckets, UPLOADS: state}
        return replace(world, storage=replace(world.storage, buckets=buckets))

    return change


def front(**changes: Any) -> Callable[[World], World]:
    """Let what stands before the server misbehave."""
    return lambda world: replace(world, storage=replace(world.storage, front=replace(world.storage.front, **changes)))


def unblocked(change: Callable[[World], World]) -> Callable[[World], World]:
    """Lift the blocks of public access as well, without which nothing becomes public."""

    def changed(world: World) -> World:
        world = bucket(block=None)(change(world))
        return replace(world, storage=replace(world.storage, account_block=None))

    return changed


def policy(*more: dict[str, Any], deny: dict[str, Any] | None = None) -> Callable[[World], World]:
    """Add statements to the policy, with the usual Deny or another one."""
    return bucket(statements=(deny or deny_in_clear(UPLOADS), *more))


def without(world: World) -> World:
    """Remove the bucket."""
    others = {name: state for name, state in world.storage.buckets.items() if name != UPLOADS}
    return replace(world, storage=replace(world.storage, buckets=others))


def allow(**changes: Any) -> dict[str, Any]:
    """Write a statement that lets everyone read."""
    return {
        "Sid": "Read",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [BUCKET, OBJECTS],
        **changes,
    }


def deny(**changes: Any) -> Callable[[World], World]:
    """Replace parts of the statement that denies clear http."""
    return policy(deny=deny_in_clear(UPLOADS, **changes))


FAULTS = (
    Fault("s3.missing", turns_red=REACHABLE, title="The bucket does not exist", change=without, also=(ALL,)),
    Fault(
        "s3.denied",
        turns_red=REACHABLE,
        title="The application's key may do nothing with the bucket",
        change=front(denies=(APPLICATION.access_key_id,)),
        also=(PRESIGNED,),
    ),
    Fault(
        "s3.other-region",
        turns_red=REACHABLE,
        title="The bucket is in another region than is configured",
        change=front(region="eu-central-1"),
        also=(ALL,),
    ),
    Fault(
        "s3.auditor-denied",
        turns_red=ENCRYPTED,
        title="The auditor's key may read no settings: that is not seen, neither good nor bad",
        change=front(denies=(AUDITOR.access_key_id,)),
        also=(PUBLIC, OWNER, TLS, VERSIONED, CORS, LIFECYCLE),
        outcome="unknown",
    ),
    Fault(
        "s3.public-policy",
        turns_red=PUBLIC,
        title="The policy lets everyone list and read, and nothing blocks it",
        change=unblocked(policy(allow())),
        also=(ANONYMOUS, PRESIGNED),
    ),
    Fault(
        "s3.public-principal-in-list",
        turns_red=PUBLIC,
        title='The policy lets {"AWS": ["*"]} list, by the action s3:List*',
        change=unblocked(policy(allow(Principal={"AWS": ["*"]}, Action="s3:List*", Resource=BUCKET))),
        also=(ANONYMOUS,),
    ),
    Fault(
        "s3.public-to-every-network",
        turns_red=PUBLIC,
        title="The policy lets 0.0.0.0/0 read, a condition that narrows nothing",
        change=unblocked(policy(allow(Condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}))),
        also=(ANONYMOUS, PRESIGNED),
    ),
    Fault(
        "s3.public-settings",
        turns_red=PUBLIC,
        title="The policy lets everyone replace the lifecycle rules, which may delete every object",
        change=unblocked(policy(allow(Action="s3:PutLifecycleConfiguration", Resource=BUCKET))),
    ),
    Fault(
        "s3.public-but-for-a-header",
        turns_red=PUBLIC,
        title="The policy lets anyone with the right Referer read",
        change=unblocked(policy(allow(Condition={"StringLike": {"aws:Referer": "https://shop.demo.test/*"}}))),
        also=(ANONYMOUS, PRESIGNED),
    ),
    Fault(
        "s3.public-upload",
        turns_red=PUBLIC,
        title="The policy lets everyone upload",
        change=unblocked(policy(allow(Action="s3:PutObject", Resource=OBJECTS))),
        also=(PRESIGNED,),
    ),
    Fault(
        "s3.acl-public",
        turns_red=PUBLIC,
        title="The bucket's ACL lets everyone list",
        change=unblocked(bucket(acl="public-read")),
        also=(ANONYMOUS, PRESIGNED),
    ),
    Fault(
        "s3.acl-authenticated",
        turns_red=PUBLIC,
        title="The bucket's ACL lets anyone with an AWS account list",
        change=unblocked(bucket(acl="authenticated-read")),
    ),
    Fault(
        "s3.status-lies",
        turns_red=PUBLIC,
        title="The policy is public, and the server says that it is not",
        change=lambda world: front(says_private=True)(unblocked(policy(allow()))(world)),
        also=(ANONYMOUS, PRESIGNED),
    ),
    Fault(
        "s3.blocked-for-new-alone",
        turns_red=PUBLIC,
        title="A public policy, and of the four blocks only those for new policies and ACLs are on",
        change=lambda world: bucket(block=(True, False, True, False))(unblocked(policy(allow()))(world)),
        also=(ANONYMOUS, PRESIGNED),
        stacks=("real",),
    ),
    Fault(
        "s3.serves-anyone",
        turns_red=ANONYMOUS,
        title="A proxy in front of the server signs for everyone, and no policy or ACL shows it",
        change=front(serves_anyone=True),
        also=(PRESIGNED,),
    ),
    Fault(
        "s3.acls-on",
        turns_red=OWNER,
        title="Whoever uploads an object owns it, and may make it public",
        change=bucket(ownership="ObjectWriter"),
    ),
    Fault("s3.no-policy", turns_red=TLS, title="The bucket has no policy", change=bucket(statements=())),
    Fault(
        "s3.deny-for-one",
        turns_red=TLS,
        title="Clear http is denied to one user alone",
        change=deny(Principal={"AWS": "arn:aws:iam::123456789012:user/old"}),
    ),
    Fault(
        "s3.deny-without-objects",
        turns_red=TLS,
        title="Clear http is denied for the bucket and not for its objects",
        change=deny(Resource=BUCKET),
    ),
    Fault(
        "s3.deny-without-bucket",
        turns_red=TLS,
        title="Clear http is denied for the objects and not for the bucket",
        change=deny(Resource=OBJECTS),
    ),
    Fault(
        "s3.deny-but-for-invoices",
        turns_red=TLS,
        title="Clear http is denied for everything but one folder",
        change=policy(
            deny={k: v for k, v in deny_in_clear(UPLOADS).items() if k != "Resource"}
            | {"NotResource": f"{BUCKET}/invoices/*"}
        ),
    ),
    Fault(
        "s3.deny-without-reading",
        turns_red=TLS,
        title="Clear http is denied for uploads alone",
        change=deny(Action=["s3:PutObject", "s3:ListBucket"]),
    ),
    Fault(
        "s3.deny-from-one-network",
        turns_red=TLS,
        title="Clear http is denied only to those who come from one network",
        change=deny(
            Condition={"Bool": {"aws:SecureTransport": "false"}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
        ),
    ),
    Fault("s3.unencrypted", turns_red=ENCRYPTED, title="No default encryption is set", change=bucket(encryption=None)),
    Fault(
        "s3.versioning-suspended",
        turns_red=VERSIONED,
        title="Versioning was turned on once, and is suspended",
        change=bucket(versioning="Suspended"),
    ),
    Fault("s3.never-versioned", turns_red=VERSIONED, title="Versioning was never on", change=bucket(versioning=None)),
    Fault(
        "s3.cors-any",
        turns_red=CORS,
        title="Every page may upload from a browser",
        change=bucket(cors=BucketCors(origins=("*",))),
    ),
    Fault(
        "s3.cors-any-subdomain",
        turns_red=CORS,
        title="Every page of the domain may upload from a browser",
        change=bucket(cors=BucketCors(origins=(APP_ORIGIN, SHOP_ORIGIN, "https://*.demo.test"))),
    ),
    Fault(
        "s3.cors-stranger",
        turns_red=CORS,
        title="The page of an old host may upload as well",
        change=bucket(cors=BucketCors(origins=(APP_ORIGIN, SHOP_ORIGIN, "https://old.demo.test"))),
    ),
    Fault(
        "s3.cors-without-shop",
        turns_red=CORS,
        title="The shop's page may not upload",
        change=bucket(cors=BucketCors(origins=(APP_ORIGIN,))),
    ),
    Fault("s3.cors-none", turns_red=CORS, title="There are no CORS rules", change=bucket(cors=None)),
    Fault("s3.no-lifecycle", turns_red=LIFECYCLE, title="There are no lifecycle rules", change=bucket(lifecycle=())),
    Fault(
        "s3.lifecycle-disabled",
        turns_red=LIFECYCLE,
        title="The lifecycle rule is disabled",
        change=bucket(lifecycle=(StoredLifecycle(enabled=False),)),
    ),
    Fault(
        "s3.lifecycle-late",
        turns_red=LIFECYCLE,
        title="Uploads that were never completed stay for 30 days",
        change=bucket(lifecycle=(StoredLifecycle(abort_days=30),)),
    ),
    Fault(
        "s3.lifecycle-of-a-folder",
        turns_red=LIFECYCLE,
        title="The lifecycle rule is for one folder alone",
        change=bucket(lifecycle=(StoredLifecycle(prefix="invoices/"),)),
    ),
    Fault(
        "s3.lifecycle-keeps-versions",
        turns_red=LIFECYCLE,
        title="Noncurrent versions stay forever",
        change=bucket(lifecycle=(StoredLifecycle(noncurrent_days=0),)),
    ),
    Fault(
        "s3.expiry-ignored",
        turns_red=PRESIGNED,
        title="The server takes presigned URLs that have expired",
        change=front(ignores_expiry=True),
    ),
    Fault(
        "s3.uploads-denied",
        turns_red=PRESIGNED,
        title="The policy denies uploads to everyone",
        change=policy(
            {
                "Sid": "Frozen",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:PutObject",
                "Resource": OBJECTS,
            }
        ),
    ),
)
