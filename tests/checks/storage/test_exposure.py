from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from golive import Now, Outcome, Unavailable
from golive_checks.storage.exposure import anonymous_refused, not_public, owner_enforced
from golive_checks.subjects import Bucket, BucketPlace
from golive_checks.systems.s3.bucket import ForStrangers, S3Reply
from golive_checks.systems.s3.bucket_settings import (
    AccountBlock,
    Acl,
    BucketBlock,
    BucketPolicy,
    Grant,
    Ownership,
    PolicyStatus,
    PublicAccessBlock,
)

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA

BUCKET = Bucket("files", app=BucketPlace("shop-files"), audit=BucketPlace("shop-files"))
OPEN = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop-files/*"}
NARROW = {**OPEN, "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}
KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"
WITH_KEY = {
    **OPEN,
    "Action": "s3:PutObject",
    "Condition": {"StringEquals": {KEY: "arn:aws:kms:eu-west-3:123456789012:key/1"}},
}
CDN = {**OPEN, "Principal": {"Service": "cloudfront.amazonaws.com"}}
EVERYONE = "http://acs.amazonaws.com/groups/global/AllUsers"
ACCOUNTS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
DENIED = Unavailable("GetBucketPolicy of x is answered AccessDenied", fix="Allow s3:GetBucketPolicy.")
NONE = "the server has no such thing: it answers NotImplemented"
ON = PublicAccessBlock(new_acls=True, acls=True, new_policies=True, policies=True)


def policy(*statements: dict[str, object]) -> BucketPolicy:
    return BucketPolicy(json.dumps({"Statement": list(statements)}) if statements else "")


PRIVATE = {
    "policy": policy(),
    "status": PolicyStatus(),
    "acl": Acl((Grant("", "FULL_CONTROL"),)),
    "block": BucketBlock(),
    "account": AccountBlock(unsupported="the profile names no account_id"),
    "now": Now(datetime(2026, 11, 28, tzinfo=UTC)),
}


@pytest.mark.parametrize(
    ("given", "outcome", "said"),
    [
        ({}, PASS, "no policy and no ACL opens it"),
        ({"policy": policy(OPEN)}, FAIL, "a statement without a Sid lets anybody read objects"),
        ({"policy": policy({**OPEN, "Sid": "Logos"})}, FAIL, "statement Logos lets anybody read objects"),
        ({"policy": policy(OPEN), "status": PolicyStatus(public=False)}, FAIL, "lets anybody"),
        ({"status": PolicyStatus(public=True)}, FAIL, "the server holds its policy for public"),
        ({"policy": policy(CDN)}, WARN, "lets CloudFront read for anybody's distribution"),
        ({"acl": Acl((Grant(EVERYONE, "READ"),))}, FAIL, "its ACL grants READ to everyone"),
        ({"acl": Acl((Grant(ACCOUNTS, "WRITE"),))}, FAIL, "grants WRITE to anyone with an AWS account"),
        ({"acl": Acl((Grant("http://acs.amazonaws.com/groups/s3/LogDelivery", "WRITE"),))}, PASS, "no policy"),
        ({"policy": policy(OPEN), "block": BucketBlock(ON)}, PASS, "blocked at the bucket, over a statement"),
        ({"policy": policy(OPEN), "account": AccountBlock(ON)}, PASS, "blocked at the account, over a statement"),
        (
            {"policy": policy(WITH_KEY), "status": PolicyStatus(public=False), "block": BucketBlock(ON)},
            FAIL,  # the block is only over what S3 calls public, and a fixed key is not
            "lets anybody write objects",
        ),
        ({"acl": Acl((Grant(EVERYONE, "READ"),)), "account": AccountBlock(ON)}, PASS, "over its ACL grants READ"),
        (
            {"policy": policy(OPEN), "block": BucketBlock(PublicAccessBlock(policies=True))},
            PASS,
            "no policy and no ACL opens it",
        ),
        (
            {"policy": policy(OPEN), "block": BucketBlock(PublicAccessBlock(new_policies=True, acls=True))},
            FAIL,
            "lets anybody",
        ),
        (
            {"acl": Acl((Grant(EVERYONE, "READ"),)), "block": BucketBlock(PublicAccessBlock(acls=True))},
            PASS,
            "opens it",
        ),
        (
            {"acl": Acl((Grant(EVERYONE, "READ"),)), "block": BucketBlock(PublicAccessBlock(new_acls=True))},
            FAIL,
            "its ACL",
        ),
        ({"policy": DENIED}, UNKNOWN, "AccessDenied"),
        ({"acl": DENIED}, UNKNOWN, "AccessDenied"),
        ({"status": DENIED}, PASS, "opens it"),
        ({"policy": policy(NARROW), "status": PolicyStatus(public=False)}, PASS, "opens it"),
        ({"policy": policy(NARROW), "status": PolicyStatus(unsupported=NONE)}, PASS, "opens it"),
        ({"policy": policy(NARROW), "status": DENIED}, UNKNOWN, "AccessDenied"),
        ({"policy": policy(NARROW), "status": DENIED, "block": BucketBlock(ON)}, PASS, "blocked at the bucket"),
        ({"policy": policy(OPEN), "status": DENIED}, FAIL, "lets anybody"),
        ({"policy": policy({**OPEN, "Action": "s3:*"})}, FAIL, "read objects"),
        ({"block": DENIED}, PASS, "opens it"),
        ({"policy": policy(OPEN), "account": DENIED}, UNKNOWN, "unless Block Public Access overrides it"),
        ({"policy": policy(OPEN), "block": DENIED}, UNKNOWN, "unless Block Public Access overrides it"),
        ({"policy": DENIED, "acl": DENIED, "block": BucketBlock(ON)}, PASS, "blocked at the bucket"),
        ({"policy": DENIED, "acl": Acl((Grant(EVERYONE, "READ"),))}, FAIL, "its ACL"),
        ({"policy": BucketPolicy(unsupported=NONE)}, PASS, "opens it"),
        ({"policy": BucketPolicy(unsupported=NONE), "acl": Acl(unsupported=NONE)}, NA, "neither policies nor ACLs"),
        ({"policy": BucketPolicy('{"Statement": [{}]}')}, UNKNOWN, "none that could be evaluated"),
    ],
)
def test_not_public(given, outcome, said):
    found = not_public(BUCKET, **{**PRIVATE, **given})
    assert (found.outcome, said in found.summary) == (outcome, True), found


@pytest.mark.parametrize(
    ("listed", "read", "outcome", "said"),
    [
        (403, 403, PASS, "listing is refused (403 AccessDenied), reading too"),
        (401, 401, PASS, "listing is refused"),
        (403, None, PASS, "listing is refused"),
        (200, 403, FAIL, "anybody may list the bucket"),
        (403, 200, FAIL, "anybody may read a.txt"),
        (403, 206, FAIL, "anybody may read a.txt"),
        (404, 403, UNKNOWN, "a request to list the bucket is answered 404"),
        (403, 404, UNKNOWN, "a request to read a.txt is answered 404"),
        (400, 200, FAIL, "anybody may read"),
        (301, None, UNKNOWN, "neither serves nor refuses"),
    ],
)
def test_anonymous_refused(listed, read, outcome, said):
    def reply(status: int) -> S3Reply:
        return S3Reply(status, "" if status < 300 else "AccessDenied")

    found = anonymous_refused(
        BUCKET, ForStrangers(reply(listed), reply(read) if read else None, "a.txt" if read else "")
    )
    assert (found.outcome, said in found.summary) == (outcome, True), found
    if read is None and outcome is PASS:
        assert "no object was known" in found.evidence[0]


@pytest.mark.parametrize(
    ("seen", "outcome", "said"),
    [
        (Ownership("BucketOwnerEnforced"), PASS, "BucketOwnerEnforced"),
        (Ownership("BucketOwnerPreferred"), FAIL, "it is BucketOwnerPreferred"),
        (Ownership("ObjectWriter"), FAIL, "it is ObjectWriter"),
        (Ownership(), FAIL, "no ownership is set"),
        (Ownership(unsupported=NONE), NA, NONE),
    ],
)
def test_owner_enforced(seen, outcome, said):
    found = owner_enforced(BUCKET, seen)
    assert (found.outcome, said in found.summary) == (outcome, True), found
