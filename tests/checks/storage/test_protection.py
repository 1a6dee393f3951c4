from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from golive import Now, Outcome, Unavailable
from golive_checks.storage.protection import LifecycleLimits, encrypted, lifecycle_set, tls_only, versioned
from golive_checks.subjects import Bucket, BucketPlace
from golive_checks.systems.s3.bucket_settings import BucketPolicy, Encryption, Lifecycle, LifecycleRule, Versioning

PASS, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA

BUCKET = Bucket("files", app=BucketPlace("shop-files"), audit=BucketPlace("shop-files"))
ARN = "arn:aws:s3:::shop-files"
NOW = Now(datetime(2026, 11, 28, tzinfo=UTC))
DENY = {
    "Sid": "Tls",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [ARN, f"{ARN}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
NONE = "the server has no such thing: it answers NotImplemented"


@pytest.mark.parametrize(
    ("statement", "outcome", "evidence"),
    [
        ({}, PASS, ""),
        ({"Principal": {"AWS": "arn:aws:iam::1:user/x"}}, FAIL, "is for arn:aws:iam::1:user/x, not for everyone"),
        ({"Resource": ARN}, FAIL, "s3:GetObject of arn:aws:s3:::shop-files/x"),
        ({"Resource": f"{ARN}/*"}, FAIL, "s3:ListBucket of arn:aws:s3:::shop-files"),
        ({"Action": "s3:PutObject"}, FAIL, "s3:GetObject of arn:aws:s3:::shop-files/a, s3:DeleteObject"),
        ({"Resource": [ARN, f"{ARN}/*"[:-1] + "??*"]}, FAIL, "s3:GetObject of arn:aws:s3:::shop-files/x"),
        ({"Effect": "Allow"}, FAIL, "which denies nothing that another statement allows"),
    ],
)
def test_tls_only(statement, outcome, evidence):
    found = tls_only(BUCKET, BucketPolicy(json.dumps({"Statement": [DENY | statement]})), NOW)
    assert found.outcome is outcome
    assert evidence in "\n".join([found.summary, *found.evidence])


def test_tls_only_without_a_policy_or_with_none_that_can_be_read():
    assert tls_only(BUCKET, BucketPolicy(), NOW).summary == "there is no policy"
    assert tls_only(BUCKET, BucketPolicy(unsupported=NONE), NOW).outcome is NA
    assert tls_only(BUCKET, BucketPolicy('{"Statement": [{}]}'), NOW).outcome is UNKNOWN
    tangled = f"{ARN}/*a" + "?" * 30
    most, rest = DENY | {"Resource": tangled}, {k: v for k, v in DENY.items() if k != "Resource"}
    both = BucketPolicy(json.dumps({"Statement": [most, rest | {"NotResource": tangled}]}))
    assert "too complex" in tls_only(BUCKET, both, NOW).summary


@pytest.mark.parametrize(
    ("check", "seen", "outcome", "said"),
    [
        (encrypted, Encryption(("AES256",)), PASS, "AES256"),
        (encrypted, Encryption(("aws:kms",)), PASS, "aws:kms"),
        (encrypted, Encryption(), FAIL, "no default encryption"),
        (encrypted, Encryption(("",)), FAIL, "no default encryption"),
        (encrypted, Encryption(unsupported=NONE), NA, NONE),
        (versioned, Versioning("Enabled"), PASS, "versioning is on"),
        (versioned, Versioning("Suspended"), FAIL, "versioning is suspended"),
        (versioned, Versioning(), FAIL, "never turned on"),
        (versioned, Versioning(unsupported=NONE), NA, NONE),
    ],
)
def test_encrypted_and_versioned(check, seen, outcome, said):
    found = check(BUCKET, seen)
    assert (found.outcome, said in found.summary) == (outcome, True), found


def rule(abort: int = 0, noncurrent: int = 0, *, enabled: bool = True, whole: bool = True) -> LifecycleRule:
    return LifecycleRule("r", enabled=enabled, whole=whole, abort_days=abort, noncurrent_days=noncurrent)


ON, NEVER = Versioning("Enabled"), Versioning()


@pytest.mark.parametrize(
    ("rules", "versions", "outcome", "said"),
    [
        ((rule(7, 30),), ON, PASS, "aborted after 7 days, noncurrent versions expire after 30"),
        ((rule(7), rule(0, 365)), ON, PASS, "aborted after 7 days"),
        ((rule(30), rule(2, 30)), ON, PASS, "aborted after 2 days"),
        ((rule(7),), NEVER, PASS, "it keeps no versions"),
        ((), ON, FAIL, "uploads that were never completed stay forever (and 1 more)"),
        ((), NEVER, FAIL, "uploads that were never completed stay forever"),
        ((rule(8, 30),), ON, FAIL, "stay for 8 days, more than 7"),
        ((rule(7),), ON, FAIL, "noncurrent versions stay forever"),
        ((rule(7),), Versioning("Suspended"), FAIL, "noncurrent versions stay forever"),
        ((rule(7),), Unavailable("denied"), FAIL, "noncurrent versions stay forever"),
        ((rule(7), rule(0, 30, enabled=False)), ON, FAIL, "stay forever: the rule r is disabled"),
        ((rule(7, 30, whole=False),), ON, FAIL, "stay forever: the rule r is for some objects only"),
    ],
)
def test_lifecycle_set(rules, versions, outcome, said):
    found = lifecycle_set(BUCKET, Lifecycle(rules), versions, LifecycleLimits())
    assert (found.outcome, said in found.summary) == (outcome, True), found


def test_lifecycle_of_a_server_without_one():
    assert lifecycle_set(BUCKET, Lifecycle(unsupported=NONE), ON, LifecycleLimits()).outcome is NA


def test_it_is_said_with_whose_credentials():
    of_its_own = replace(BUCKET, by_auditor=True)
    assert versioned(BUCKET, ON).evidence == ("seen with the application's own credentials",)
    assert versioned(of_its_own, ON).evidence == ("seen with the auditor's credentials",)
