"""The buckets of the reference stack, as a description: what they hold, how they are set up, how they are served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from golive_lab.world.names import APP, SHOP

UPLOADS = "afrigest-uploads"
REGION = "eu-west-3"
ACCOUNT = "123456789012"
"""The one account that moto's server knows."""

Blocks = tuple[bool, bool, bool, bool]
"""BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets."""
BLOCKED: Blocks = (True, True, True, True)
OPEN: Blocks = (False, False, False, False)


@dataclass(frozen=True)
class Credentials:
    """A user of the server."""

    access_key_id: str
    secret_access_key: str


APPLICATION = Credentials("GOLIVELABAPP", "lab-secret-of-the-application")
AUDITOR = Credentials("GOLIVELABAUDITOR", "lab-secret-of-the-auditor")
OPERATOR = Credentials("GOLIVELABOPERATOR", "lab-secret-of-the-operator")
"""Who sets the lab's buckets up; no profile has it."""


def deny_in_clear(bucket: str, **changes: Any) -> dict[str, Any]:
    """Return the statement that every bucket should have, with parts of it replaced."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **changes,
    }


@dataclass(frozen=True)
class BucketCors:
    """Who may upload from a browser. `{https}` stands for the lab's port."""

    origins: tuple[str, ...] = (f"https://{APP}:{{https}}", f"https://{SHOP}:{{https}}")
    methods: tuple[str, ...] = ("GET", "PUT")


@dataclass(frozen=True)
class StoredLifecycle:
    """A lifecycle rule."""

    abort_days: int = 7
    noncurrent_days: int = 30
    prefix: str = ""
    enabled: bool = True


@dataclass(frozen=True)
class BucketState:
    """A bucket, healthy by default. None is for a setting that nobody made."""

    objects: Mapping[str, bytes] = field(default_factory=dict)
    statements: tuple[Mapping[str, Any], ...] = ()
    acl: Literal["private", "public-read", "authenticated-read"] = "private"
    ownership: Literal["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"] = "BucketOwnerEnforced"
    versioning: Literal["Enabled", "Suspended"] | None = "Enabled"
    encryption: Literal["AES256"] | None = "AES256"
    cors: BucketCors | None = field(default_factory=BucketCors)
    lifecycle: tuple[StoredLifecycle, ...] = (StoredLifecycle(),)
    block: Blocks | None = BLOCKED
    """Only where the stack has a server that knows it."""


@dataclass(frozen=True)
class StorageFront:
    """How what stands before the S3 server treats the uploads: it hands everything on, unless something is wrong."""

    region: str = ""
    """It says that the bucket is in this region."""
    denies: tuple[str, ...] = ()
    """Access key ids that may do nothing."""
    says_private: bool = False
    """It says of every policy that it is not public."""
    serves_anyone: bool = False
    """It signs for those who come without a signature."""
    ignores_expiry: bool = False
    """It takes URLs that have expired."""


def _uploads() -> BucketState:
    invoice = {"invoices/2026/0001.txt": b"Invoice 1 of the reference stack.\n"}
    return BucketState(objects=invoice, statements=(deny_in_clear(UPLOADS),))


@dataclass(frozen=True)
class Storage:
    """All buckets by name, the account's block of public access, and what stands before them."""

    buckets: Mapping[str, BucketState] = field(default_factory=lambda: {UPLOADS: _uploads()})
    account_block: Blocks | None = BLOCKED
    front: StorageFront = field(default_factory=StorageFront)
