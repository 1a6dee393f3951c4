"""Can anybody on the internet get at the bucket?"""

from collections.abc import Iterator

from golive import Now, Severity, Unavailable, Verdict, check, failed, not_applicable, passed, unknown, verdict
from golive.wording import listed
from golive_checks.storage.policy import Statement
from golive_checks.storage.policy_patterns import TooManyPatterns
from golive_checks.storage.policy_strangers import Opening, lent_to_cloudfront, open_to_anybody
from golive_checks.storage.wording import asked_as, evaluated, lacking
from golive_checks.subjects import Bucket
from golive_checks.systems.s3.bucket import ForStrangers, S3Reply
from golive_checks.systems.s3.bucket_settings import (
    AccountBlock,
    Acl,
    BucketBlock,
    BucketPolicy,
    Ownership,
    PolicyStatus,
    PublicAccessBlock,
)

GROUPS = {
    "http://acs.amazonaws.com/groups/global/AllUsers": "everyone",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": "anyone with an AWS account",
}
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#specifying-grantee-predefined-groups"""
ENFORCED = "BucketOwnerEnforced"
NO_SETTINGS = "the server has neither policies nor ACLs; see s3.anonymous-refused for what it allows"
SHOWN = 6
"""What one statement lets anybody do, named; the rest is counted."""


@check("s3.not-public", severity=Severity.CRITICAL)
def not_public(
    bucket: Bucket,
    policy: BucketPolicy | Unavailable,
    status: PolicyStatus | Unavailable,
    acl: Acl | Unavailable,
    block: BucketBlock | Unavailable,
    account: AccountBlock | Unavailable,
    now: Now,
) -> Verdict:
    """No policy or ACL opens the bucket to the public, or Block Public Access overrides them.

    Why: Whoever may list a bucket finds every invoice and backup in it, and most S3 leaks are a policy with a wildcard
    that was meant for one file. A condition helps only if an outsider cannot satisfy it.

    Fix: Turn on all four settings of S3 Block Public Access, on the account too, and give users presigned URLs or a CDN
    with its own principal. Otherwise remove `*` from the policy's principals and the groups from the ACL.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
    """
    found = evaluated(policy)
    opened = _opened(found, bucket, now)
    blocks = [b for b in (block, account) if isinstance(b, (BucketBlock, AccountBlock)) and not b.unsupported]
    over_policies = "" if _not_covered(opened, status) else next((_level(b) for b in blocks if b.block.policies), "")
    over_acls = next((_level(b) for b in blocks if b.block.acls), "")
    if over_policies and over_acls:
        over = next((f", over {way}" for way in (*_by_policy(opened, status), *_by_acl(acl))), "")
        return passed(f"public access is blocked at the {over_policies}{over}", asked_as(bucket))
    open_ways = [] if over_policies else list(_by_policy(opened, status))
    open_ways += [] if over_acls else list(_by_acl(acl))
    evidence = (_block_said(blocks), asked_as(bucket))
    if open_ways:
        return _unless_blocked(open_ways, [b for b in (block, account) if isinstance(b, Unavailable)], evidence)
    word = status if found else None
    seen = [*(() if over_policies else (opened, word)), *(() if over_acls else (acl,))]
    if gap := next((s for s in seen if isinstance(s, Unavailable)), None):
        return unknown(gap.reason, fix=gap.fix)
    if all(setting.unsupported for setting in (policy, acl) if not isinstance(setting, Unavailable)):
        return not_applicable(NO_SETTINGS)
    return verdict(warns=_lent(found), ok="no policy and no ACL opens it", evidence=evidence)


def _not_covered(opened: dict[str, Opening] | Unavailable, status: PolicyStatus | Unavailable) -> bool:
    """Return whether a policy opens the bucket although the server calls it not public: no block covers such a one."""
    return isinstance(opened, dict) and bool(opened) and isinstance(status, PolicyStatus) and status.public is False


def _unless_blocked(ways: list[str], unseen: list[Unavailable], evidence: tuple[str, str]) -> Verdict:
    """Fail by the ways in, unless a block of public access that could not be read may stand over them."""
    if unseen:
        gap = unseen[0]
        return unknown(f"{ways[0]}, unless Block Public Access overrides it: {gap.reason}", fix=gap.fix)
    return verdict(ways, ok="", evidence=evidence)


def _lent(policy: tuple[Statement, ...] | Unavailable) -> list[str]:
    lent = () if isinstance(policy, Unavailable) else lent_to_cloudfront(policy)
    return [f"{label} lets CloudFront read for anybody's distribution: it has no aws:SourceArn" for label in lent]


def _opened(policy: tuple[Statement, ...] | Unavailable, bucket: Bucket, now: Now) -> dict[str, Opening] | Unavailable:
    """Return what the policy lets anybody do, by the statement that does."""
    if isinstance(policy, Unavailable):
        return policy
    try:
        return open_to_anybody(policy, bucket.audit.bucket, now.at)
    except TooManyPatterns:
        return Unavailable("the wildcards of the policy's resources are too complex to see what they open")


def _by_policy(opened: dict[str, Opening] | Unavailable, status: PolicyStatus | Unavailable) -> Iterator[str]:
    """Yield what the policy lets anybody do; the server's own word counts where it says public, and never else."""
    found = {} if isinstance(opened, Unavailable) else opened
    for label in dict.fromkeys(opening.by for opening in found.values()):
        may = [means for means, opening in found.items() if opening.by == label]
        yield f"{label} lets anybody {listed(may, SHOWN)} ({found[may[0]].arn})"
    if not found and isinstance(status, PolicyStatus) and status.public:
        yield "the server holds its policy for public (GetBucketPolicyStatus)"


def _by_acl(acl: Acl | Unavailable) -> Iterator[str]:
    if isinstance(acl, Acl):
        for grant in acl.grants:
            if grant.group in GROUPS:
                yield f"its ACL grants {grant.permission} to {GROUPS[grant.group]}"


def _level(setting: BucketBlock | AccountBlock) -> str:
    return "bucket" if isinstance(setting, BucketBlock) else "account"


def _block_said(blocks: list[BucketBlock | AccountBlock]) -> str:
    """Say which blocks of public access are on."""
    on = [f"{name} at the {_level(b)}" for b in blocks for name in _names(b.block)]
    return f"blocked: {', '.join(on)}" if on else "no block of public access is on"


def _names(block: PublicAccessBlock) -> list[str]:
    """Name the settings that are on, as S3 does."""
    fields = {
        "BlockPublicAcls": block.new_acls,
        "IgnorePublicAcls": block.acls,
        "BlockPublicPolicy": block.new_policies,
        "RestrictPublicBuckets": block.policies,
    }
    return [name for name, on in fields.items() if on]


@check("s3.anonymous-refused", severity=Severity.CRITICAL)
def anonymous_refused(bucket: Bucket, seen: ForStrangers) -> Verdict:
    """Requests without credentials are refused: to list the bucket, and to read an object that is there.

    Why: It is what the public really gets, whatever policies, ACLs and the server's own report of them say. Compatible
    servers have public modes of their own, and some report a public bucket as private.

    Fix: Look for a public policy, ACL or access mode of the bucket, or a CDN or proxy in front that signs for everyone.
    On MinIO: `mc anonymous set none ALIAS/BUCKET`.
    """
    replies = {"list the bucket": seen.listed} | ({f"read {seen.key}": seen.read} if seen.read else {})
    served = [f"anybody may {what}" for what, reply in replies.items() if reply.served]
    if served:
        return failed(served[0], *served[1:])
    odd = [f"a request to {what} is answered {reply}" for what, reply in replies.items() if not _refused(reply)]
    if odd:
        return unknown(f"{odd[0]}, which neither serves nor refuses it", *odd[1:])
    if not seen.read:
        return passed(f"listing is refused ({seen.listed})", "no object was known to request")
    return passed(f"listing is refused ({seen.listed}), reading too ({seen.read})", f"requested {seen.key}")


def _refused(reply: S3Reply) -> bool:
    """Tell a refusal for want of credentials from other errors."""
    return reply.status in {401, 403}


@check("s3.owner-enforced", severity=Severity.MEDIUM)
def owner_enforced(bucket: Bucket, seen: Ownership) -> Verdict:
    """The bucket's owner owns every object, and ACLs are off (BucketOwnerEnforced).

    Why: With ACLs on, whoever uploads an object may make it public, and nothing in the bucket's settings shows that.

    Fix: `aws s3api put-bucket-ownership-controls --bucket NAME --ownership-controls
    'Rules=[{ObjectOwnership=BucketOwnerEnforced}]'`; move what ACLs allow to the policy first.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    if seen.unsupported:
        return lacking(seen)
    if seen.rule != ENFORCED:
        text = f"it is {seen.rule}" if seen.rule else "no ownership is set, as in buckets from before April 2023"
        return failed(f"ACLs are on: {text}", asked_as(bucket))
    return passed(ENFORCED, asked_as(bucket))
