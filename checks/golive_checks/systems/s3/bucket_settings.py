"""How a bucket is set up, as its server tells an auditor: each setting is a fact, for each may be denied alone."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from golive import Fact, Unavailable, probe, shortened
from golive_checks.subjects import Bucket
from golive_checks.systems.s3.client.client import S3, S3Refusal

S = TypeVar("S", bound="Setting")

ABSENT = frozenset(
    {
        "NoSuchBucketPolicy",
        "NoSuchCORSConfiguration",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "OwnershipControlsNotFoundError",
        "ServerSideEncryptionConfigurationNotFoundError",
    }
)
"""Answers that say: nothing is set (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)."""
ACCOUNT_BLOCK = "s3control:GetPublicAccessBlock"
NO_ACCOUNTS = frozenset({"NoSuchBucket", "NoSuchKey", "InvalidBucketName"})
"""How a server without accounts answers: it takes the path of the operation for a bucket's name."""
MAX_POLICY_CHARS = 100_000
"""Amazon takes 20 kB."""


@dataclass(frozen=True)
class Setting(Fact):
    """One setting of a bucket. What it holds is empty where nothing is set."""

    unsupported: str = field(default="", kw_only=True)
    """The server's answer, where it has no such setting at all."""


@dataclass(frozen=True)
class BucketPolicy(Setting):
    """The bucket's policy, as its JSON."""

    document: str = ""


@dataclass(frozen=True)
class PolicyStatus(Setting):
    """What the server itself says of the policy: that it is public, or not; None where there is no policy."""

    public: bool | None = None


@dataclass(frozen=True)
class Grant:
    """What an ACL grants. `group` is the URI of a group; empty for a single user."""

    group: str
    permission: str


@dataclass(frozen=True)
class Acl(Setting):
    """The bucket's own ACL."""

    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True)
class PublicAccessBlock:
    """Which kinds of public access are blocked."""

    new_acls: bool = False
    acls: bool = False
    new_policies: bool = False
    policies: bool = False


@dataclass(frozen=True)
class BucketBlock(Setting):
    """The bucket's block of public access."""

    block: PublicAccessBlock = field(default_factory=PublicAccessBlock)


@dataclass(frozen=True)
class AccountBlock(Setting):
    """The account's block of public access; nothing is known of it where the profile names no account."""

    block: PublicAccessBlock = field(default_factory=PublicAccessBlock)


@dataclass(frozen=True)
class Ownership(Setting):
    """Who owns what others upload: BucketOwnerEnforced turns ACLs off."""

    rule: str = ""


@dataclass(frozen=True)
class Encryption(Setting):
    """How new objects are encrypted where the upload does not say: AES256, aws:kms, ..."""

    algorithms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Versioning(Setting):
    """Enabled, Suspended, or empty where it never was."""

    status: str = ""


@dataclass(frozen=True)
class CorsRule:
    """Which pages may send which requests from a browser, with which headers beside those that need no leave."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class CorsRules(Setting):
    """The bucket's CORS rules."""

    rules: tuple[CorsRule, ...] = ()


@dataclass(frozen=True)
class LifecycleRule:
    """What happens to old objects. `whole`: it is for all of the bucket; days are 0 where it does not say."""

    id: str
    enabled: bool
    whole: bool
    abort_days: int = 0
    noncurrent_days: int = 0


@dataclass(frozen=True)
class Lifecycle(Setting):
    """The bucket's lifecycle rules."""

    rules: tuple[LifecycleRule, ...] = ()


async def _read(
    s3: S3, bucket: Bucket, operation: str, of: type[S], read: Callable[[Mapping[str, Any]], S], **parameters: Any
) -> S:
    """Ask for a setting: what is not set is empty, what the server does not have is so named, a denial is a gap."""
    try:
        answer = await s3.call(bucket.audit, operation, **parameters)
    except S3Refusal as no:
        if no.unsupported or (operation == ACCOUNT_BLOCK and no.code in NO_ACCOUNTS):
            return of(unsupported=f"the server has no {operation.rpartition(':')[2]}: it answers {no.code}")
        if no.code in ABSENT:
            return of()
        raise
    try:
        return read(answer)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unavailable(f"{operation} of {bucket.audit.bucket} is answered with what is not S3's") from None


@probe("s3.policy")
async def policy(bucket: Bucket, s3: S3) -> BucketPolicy:
    """Ask for the bucket's policy."""

    def read(answer: Mapping[str, Any]) -> BucketPolicy:
        text = str(answer["Policy"])
        if len(text) > MAX_POLICY_CHARS:
            raise Unavailable(f"the policy of {bucket.audit.bucket} has more than {MAX_POLICY_CHARS:,} characters")
        try:
            json.loads(text)["Statement"]
        except RecursionError:
            raise ValueError(text[:10]) from None
        return BucketPolicy(text)

    return await _read(s3, bucket, "GetBucketPolicy", BucketPolicy, read)


@probe("s3.policy-status")
async def policy_status(bucket: Bucket, s3: S3) -> PolicyStatus:
    """Ask whether the server holds the bucket's policy for public."""
    return await _read(
        s3,
        bucket,
        "GetBucketPolicyStatus",
        PolicyStatus,
        lambda answer: PolicyStatus(bool(answer["PolicyStatus"]["IsPublic"])),
    )


@probe("s3.acl")
async def acl(bucket: Bucket, s3: S3) -> Acl:
    """Ask for the bucket's ACL."""

    def read(answer: Mapping[str, Any]) -> Acl:
        if not answer["Grants"]:
            raise KeyError("its owner's own is always there")
        return Acl(tuple(Grant(str(g["Grantee"].get("URI", "")), str(g["Permission"])) for g in answer["Grants"]))

    return await _read(s3, bucket, "GetBucketAcl", Acl, read)


@probe("s3.bucket-block")
async def bucket_block(bucket: Bucket, s3: S3) -> BucketBlock:
    """Ask for the bucket's block of public access."""
    return await _read(s3, bucket, "GetPublicAccessBlock", BucketBlock, lambda answer: BucketBlock(_block(answer)))


@probe("s3.account-block")
async def account_block(bucket: Bucket, s3: S3) -> AccountBlock:
    """Ask for the account's block of public access, where the profile names the account."""
    if not bucket.account_id:
        return AccountBlock(unsupported="the profile names no account_id of the bucket")
    return await _read(
        s3,
        bucket,
        ACCOUNT_BLOCK,
        AccountBlock,
        lambda answer: AccountBlock(_block(answer)),
        AccountId=bucket.account_id,
    )


def _block(answer: Mapping[str, Any]) -> PublicAccessBlock:
    block = answer["PublicAccessBlockConfiguration"]
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    return PublicAccessBlock(*(bool(block.get(name)) for name in names))


@probe("s3.ownership")
async def ownership(bucket: Bucket, s3: S3) -> Ownership:
    """Ask who owns what others upload to the bucket."""
    return await _read(
        s3,
        bucket,
        "GetBucketOwnershipControls",
        Ownership,
        lambda answer: Ownership(str(answer["OwnershipControls"]["Rules"][0]["ObjectOwnership"])),
    )


@probe("s3.encryption")
async def encryption(bucket: Bucket, s3: S3) -> Encryption:
    """Ask how new objects are encrypted."""

    def read(answer: Mapping[str, Any]) -> Encryption:
        rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
        default = "ApplyServerSideEncryptionByDefault"
        return Encryption(tuple(str(rule[default]["SSEAlgorithm"]) for rule in rules if default in rule))

    return await _read(s3, bucket, "GetBucketEncryption", Encryption, read)


@probe("s3.versioning")
async def versioning(bucket: Bucket, s3: S3) -> Versioning:
    """Ask whether the bucket keeps what is overwritten and deleted."""
    return await _read(
        s3, bucket, "GetBucketVersioning", Versioning, lambda answer: Versioning(str(answer.get("Status", "")))
    )


@probe("s3.cors")
async def cors(bucket: Bucket, s3: S3) -> CorsRules:
    """Ask for the bucket's CORS rules."""

    def read(answer: Mapping[str, Any]) -> CorsRules:
        rules = answer["CORSRules"]
        return CorsRules(tuple(_cors_rule(rule) for rule in rules))

    return await _read(s3, bucket, "GetBucketCors", CorsRules, read)


def _cors_rule(rule: Mapping[str, Any]) -> CorsRule:
    return CorsRule(
        tuple(rule["AllowedOrigins"]), tuple(rule["AllowedMethods"]), tuple(rule.get("AllowedHeaders") or ())
    )


@probe("s3.lifecycle")
async def lifecycle(bucket: Bucket, s3: S3) -> Lifecycle:
    """Ask for the bucket's lifecycle rules."""

    def read(answer: Mapping[str, Any]) -> Lifecycle:
        return Lifecycle(tuple(_lifecycle_rule(rule) for rule in answer["Rules"]))

    return await _read(s3, bucket, "GetBucketLifecycleConfiguration", Lifecycle, read)


def _lifecycle_rule(rule: Mapping[str, Any]) -> LifecycleRule:
    chosen = rule.get("Filter") or {}
    return LifecycleRule(
        id=shortened(str(rule.get("ID", "")), 80),
        enabled=rule["Status"] == "Enabled",
        whole=not rule.get("Prefix") and not any(chosen.values()),
        abort_days=int(rule.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation", 0)),
        noncurrent_days=int(rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 0)),
    )
