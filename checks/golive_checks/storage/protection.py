"""Are a bucket's objects safe in transit, at rest, and from being overwritten, and is waste removed?"""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from golive import Now, Settings, Severity, Unavailable, Verdict, check, failed, passed, unknown, verdict
from golive.wording import listed
from golive_checks.storage.policy_clear import allowed_in_clear, falls_short
from golive_checks.storage.policy_patterns import TooManyPatterns
from golive_checks.storage.wording import asked_as, evaluated, lacking
from golive_checks.subjects import Bucket
from golive_checks.systems.s3.bucket_settings import BucketPolicy, Encryption, Lifecycle, LifecycleRule, Versioning

BEST_KNOWN = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket")
SHOWN = 4


class LifecycleLimits(Settings):
    """How long data that nobody needs may stay."""

    home: ClassVar[str] = "storage.lifecycle"

    max_abort_days: int = Field(default=7, ge=1)
    """Days after which the parts of an upload that was never completed must be removed."""


@check("s3.tls-only", severity=Severity.HIGH)
def tls_only(bucket: Bucket, policy: BucketPolicy, now: Now) -> Verdict:
    """The bucket's policy denies everyone every request over plain http, for the bucket and its objects.

    Why: S3 answers on port 80 too. A client with an http URL sends names and contents in clear, and a presigned URL is
    as good as a password. A Deny for one principal, for some actions, for the bucket without its objects or for all but
    a folder, or only where another condition holds as well, leaves the rest open.

    Fix: Add a statement: Effect Deny, Principal "*", Action "s3:*", Resource both arn:aws:s3:::NAME and
    arn:aws:s3:::NAME/*, Condition {"Bool": {"aws:SecureTransport": "false"}}.

    Source: https://repost.aws/knowledge-center/s3-bucket-policy-for-config-rule
    """
    if policy.unsupported:
        return lacking(policy)
    found = evaluated(policy)
    if isinstance(found, Unavailable):
        return unknown(found.reason)
    try:
        allowed = allowed_in_clear(found, bucket.audit.bucket, now.at)
    except TooManyPatterns:
        return unknown("the wildcards of the policy's resources are too complex to see what they leave out")
    if allowed:
        whole = f"clear http is not denied: {_some(allowed)}" if found else "there is no policy"
        return failed(whole, *falls_short(found, now.at), asked_as(bucket))
    return passed("clear http is denied to everyone, for the bucket and its objects", asked_as(bucket))


def _some(allowed: Mapping[str, str]) -> str:
    """Name a few actions that are left open, the best known first, and how many more there are."""
    ordered = sorted(allowed, key=lambda action: action not in BEST_KNOWN)
    return listed([f"{action} of {allowed[action]}" for action in ordered], SHOWN)


@check("s3.encrypted", severity=Severity.HIGH)
def encrypted(bucket: Bucket, seen: Encryption) -> Verdict:
    """New objects are encrypted at rest by default.

    Why: Disks are sold, snapshots copied and backups mislaid; encrypted objects are of no use to whoever finds them.

    Fix: `aws s3api put-bucket-encryption` with AES256, or aws:kms and a key of your own.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html
    """
    if seen.unsupported:
        return lacking(seen)
    if not any(seen.algorithms):
        return failed("no default encryption is set", asked_as(bucket))
    return passed(f"encrypted by default with {', '.join(seen.algorithms)}", asked_as(bucket))


@check("s3.versioned", severity=Severity.HIGH)
def versioned(bucket: Bucket, seen: Versioning) -> Verdict:
    """The bucket keeps earlier versions of what is overwritten or deleted.

    Why: A wrong deployment or a stolen key can overwrite every file in minutes. Versions bring them back. While
    versioning is suspended, each write destroys the one before it.

    Fix: `aws s3api put-bucket-versioning --bucket NAME --versioning-configuration Status=Enabled`, and let a lifecycle
    rule expire noncurrent versions.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
    """
    if seen.unsupported:
        return lacking(seen)
    if seen.status != "Enabled":
        return failed("versioning is suspended" if seen.status else "versioning was never turned on", asked_as(bucket))
    return passed("versioning is on", asked_as(bucket))


@check("s3.lifecycle-set", severity=Severity.MEDIUM)
def lifecycle_set(bucket: Bucket, seen: Lifecycle, versions: Versioning | Unavailable, ask: LifecycleLimits) -> Verdict:
    """Enabled lifecycle rules remove incomplete uploads and noncurrent versions.

    Why: Both are invisible in a listing and cost money until somebody looks at the bill, and personal data that a user
    had deleted stays in a noncurrent version forever.

    Fix: Add a rule for the whole bucket with AbortIncompleteMultipartUpload after 7 days and
    NoncurrentVersionExpiration after as long as you want to be able to go back.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html
    """
    if seen.unsupported:
        return lacking(seen)
    aborts = [rule for rule in seen.rules if rule.abort_days]
    expires = [rule for rule in seen.rules if rule.noncurrent_days]
    days = min((rule.abort_days for rule in aborts if rule.enabled and rule.whole), default=0)
    fails = []
    if not days:
        fails.append(f"uploads that were never completed stay forever{_because(aborts)}")
    elif days > ask.max_abort_days:
        fails.append(f"uploads that were never completed stay for {days} days, more than {ask.max_abort_days}")
    kept = isinstance(versions, Unavailable) or bool(versions.status)
    noncurrent = min((rule.noncurrent_days for rule in expires if rule.enabled and rule.whole), default=0)
    if kept and not noncurrent:
        fails.append(f"noncurrent versions stay forever{_because(expires)}")
    then = f"noncurrent versions expire after {noncurrent}" if kept else "it keeps no versions"
    return verdict(fails, ok=f"uploads are aborted after {days} days, {then}", evidence=(asked_as(bucket),))


def _because(rules: list[LifecycleRule]) -> str:
    """Say why the rules there are do not count."""
    lines = [
        f"the rule {rule.id or 'without an id'} is {'disabled' if not rule.enabled else 'for some objects only'}"
        for rule in rules
    ]
    return f": {', '.join(lines)}" if lines else ""
