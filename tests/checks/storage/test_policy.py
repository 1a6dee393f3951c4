"""Policies are evaluated as the server would: what each lets strangers do, and what it denies in clear."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from golive_checks.storage.policy import statements
from golive_checks.storage.policy_actions import LIST, READ, WRITE
from golive_checks.storage.policy_clear import allowed_in_clear as in_clear_at
from golive_checks.storage.policy_patterns import TooManyPatterns
from golive_checks.storage.policy_strangers import lent_to_cloudfront
from golive_checks.storage.policy_strangers import open_to_anybody as open_at

NAME = "shop-files"
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ALL = {"s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject"}
BUCKET, OBJECTS = f"arn:aws:s3:::{NAME}", f"arn:aws:s3:::{NAME}/*"


def policy(*given: dict[str, Any]):
    kept = [{name: value for name, value in each.items() if value is not None} for each in given]
    return statements(json.dumps({"Version": "2012-10-17", "Statement": kept}))


def open_to_anybody(found: Any, name: str) -> dict[str, Any]:
    return open_at(found, name, NOW)


def allowed_in_clear(found: Any, name: str) -> dict[str, str]:
    return in_clear_at(found, name, NOW)


def allow(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": OBJECTS, **changes}


def deny(**changes: Any) -> dict[str, Any]:
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [BUCKET, OBJECTS],
        "Condition": insecure,
    } | changes


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("statement", "may"),
    [
        (allow(), {READ}),
        (allow(Principal={"AWS": "*"}), {READ}),
        (allow(Principal={"AWS": ["arn:aws:iam::123456789012:root", "*"]}), {READ}),
        (allow(Principal={"AWS": "arn:aws:iam::*:root"}), {READ}),
        (allow(Principal={"CanonicalUser": "*"}), {READ}),
        (allow(Action=["s3:getobject"]), {READ}),
        (allow(Action="s3:Get*"), {READ}),
        (allow(Action="*"), {READ, WRITE, "change who may read objects"}),
        (allow(Action="s3:Put?bject"), {WRITE}),
        (allow(Action="s3:List*", Resource=BUCKET), {LIST}),
        (allow(Resource="*", Action="s3:ListBucket"), {LIST}),
        (allow(Resource=f"{BUCKET}*", Action=["s3:ListBucket", "s3:GetObject"]), {LIST, READ}),
        (allow(Resource="arn:aws:s3:::shop-*/public/*"), {READ}),
        (allow(Resource=f"{BUCKET}/one.txt"), {READ}),
        (allow(Resource=f"arn:aws-cn:s3:::{NAME}/*"), {READ}),
        (allow(Action=None, NotAction="s3:ListBucket"), {READ, WRITE, "change who may read objects"}),
        (allow(Resource=None, NotResource=f"{BUCKET}/private/*"), {READ}),
        ({**allow(), "Principal": [], "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:user/x"}}, {READ}),
        (allow(**when("IpAddress", "aws:SourceIp", "0.0.0.0/0")), {READ}),
        (allow(**when("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "::/0"])), {READ}),
        (allow(**when("IpAddress", "aws:SourceIp", "0.0.0.0/1")), {READ}),
        (allow(**when("IpAddress", "aws:SourceIp", "not a network")), {READ}),
        (allow(**when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24")), {READ}),
        (allow(**when("Bool", "aws:SecureTransport", "true")), {READ}),
        (allow(**when("StringLike", "aws:Referer", "https://shop.example.com/*")), {READ}),
        (allow(**when("StringEquals", "aws:UserAgent", "secret")), {READ}),
        (allow(**when("StringLike", "aws:SourceVpce", "vpce-*")), {READ}),
        (allow(**when("StringNotEquals", "aws:SourceVpce", "vpce-1")), {READ}),
        (allow(**when("StringEqualsIfExists", "aws:SourceVpce", "vpce-1")), {READ}),
        (allow(**when("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-1")), {READ}),
        (allow(**when("Null", "aws:SourceVpce", "false")), {READ}),
        (allow(**when("ArnLike", "aws:SourceArn", "arn:aws:s3:::*")), {READ}),
        (allow(**when("ArnLike", "aws:SourceArn", "arn:aws:cloudfront::*:distribution/*")), {READ}),
        (allow(**when("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z")), {READ}),
    ],
)
def test_what_is_public(statement, may):
    statement = {key: value for key, value in statement.items() if value is not None}
    assert set(open_to_anybody(policy(statement), NAME)) & {READ, WRITE, LIST, "change who may read objects"} == may


@pytest.mark.parametrize(
    "statement",
    [
        allow(Principal={"AWS": "arn:aws:iam::123456789012:root"}),
        allow(Principal={"AWS": "arn:aws:iam::123456789012:role/app*"}),
        allow(Principal={"Service": "cloudfront.amazonaws.com"}),
        allow(Effect="Deny"),
        allow(Action="iam:*"),
        allow(Action="s3:ListAllMyBuckets"),
        allow(Resource=BUCKET),
        allow(Resource="arn:aws:s3:::other/*"),
        allow(Resource=f"{BUCKET}-old/*"),
        allow(**when("IpAddress", "aws:SourceIp", "203.0.113.0/24")),
        allow(**when("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "2001:db8::/32"])),
        allow(**when("StringEquals", "aws:SourceVpc", "vpc-1")),
        allow(**when("StringEquals", "aws:sourceVPCE", ["vpce-1", "vpce-2"])),
        allow(**when("ForAnyValue:StringEquals", "aws:PrincipalOrgID", "o-1")),
        allow(**when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-1/r-1/*")),
        allow(**when("StringEquals", "aws:PrincipalAccount", "123456789012")),
        allow(**when("ArnLike", "aws:SourceArn", "arn:aws:cloudfront::123456789012:distribution/*")),
        allow(**when("StringLike", "aws:userid", "AROAEXAMPLE:*")),
        allow(Condition={"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceVpce": "vpce-1"}}),
    ],
)
def test_what_is_not_public(statement):
    assert open_to_anybody(policy(statement), NAME) == {}


@pytest.mark.parametrize(
    ("other", "still"),
    [
        (deny(Condition={}), False),
        (deny(Condition={}, Action="s3:GetObject*", Resource=OBJECTS), False),
        (deny(**when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24")), False),
        (deny(**when("StringNotEquals", "aws:SourceVpce", "vpce-1")), False),
        (deny(**when("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-1")), False),
        (deny(Principal=None, NotPrincipal={"AWS": "arn:aws:iam::123456789012:root"}, Condition={}), False),
        (deny(), True),
        (deny(Condition={}, Action="s3:PutObject"), True),
        (deny(Condition={}, Resource=f"{BUCKET}/private/*"), True),
        (deny(Condition={}, Principal={"AWS": "arn:aws:iam::123456789012:user/x"}), True),
        (deny(**when("IpAddress", "aws:SourceIp", "203.0.113.0/24")), True),
        (deny(**when("NotIpAddress", "aws:SourceIp", "0.0.0.0/0")), True),
        (deny(**when("Null", "aws:PrincipalOrgID", "true")), True),
        (deny(**when("ForAnyValue:StringNotEquals", "aws:PrincipalOrgID", "o-1")), True),
        (
            deny(
                Condition={
                    "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
                    "Bool": {"aws:SecureTransport": "false"},
                }
            ),
            True,
        ),
    ],
)
def test_a_deny_stands_over_an_allow(other, still):
    other = {key: value for key, value in other.items() if value is not None}
    found = policy(allow(Action="s3:GetObject"), other)
    assert (READ in open_to_anybody(found, NAME)) is still


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        (deny(), set()),
        (deny(Principal={"AWS": "*"}), set()),
        (deny(Action="*"), set()),
        (deny(Resource="*"), set()),
        (deny(Resource=f"{BUCKET}*"), set()),
        (deny(Resource=[BUCKET, f"{BUCKET}/?*"]), set()),
        (deny(Resource=[BUCKET, f"{BUCKET}/?", f"{BUCKET}/??*"]), set()),
        (deny(Resource=None, NotResource="arn:aws:s3:::another*"), set()),
        (deny(Resource=[f"arn:aws-us-gov:s3:::{NAME}", f"arn:aws-us-gov:s3:::{NAME}/*"]), set()),
        (deny(Condition={"Bool": {"aws:SecureTransport": False}}), set()),
        (deny(**when("BoolIfExists", "AWS:securetransport", "False")), set()),
        (deny(**when("StringEquals", "aws:SecureTransport", "false")), set()),
        (deny(**when("StringNotEquals", "aws:SecureTransport", "true")), set()),
        (deny(Condition={}), set()),
        (deny(Action=["s3:Get*", "s3:List*", "s3:Put*", "s3:Delete*"]), {"s3:AbortMultipartUpload"}),
        (deny(Action=None, NotAction="s3:GetBucketLocation"), {"s3:GetBucketLocation"}),
        (deny(Principal={"AWS": "arn:aws:iam::123456789012:root"}), ALL),
        (deny(Principal=None, NotPrincipal={"AWS": "arn:aws:iam::123456789012:root"}), ALL),
        (deny(Resource=BUCKET), {"s3:GetObject", "s3:PutObject"}),
        (deny(Resource=OBJECTS), {"s3:ListBucket"}),
        (deny(Resource=[BUCKET, f"{BUCKET}/private/*"]), {"s3:GetObject"}),
        (deny(Resource=[BUCKET, f"{BUCKET}/*.pdf"]), {"s3:GetObject"}),
        (deny(Resource=[BUCKET, f"{BUCKET}/??*"]), {"s3:GetObject"}),
        (deny(Resource=[BUCKET, f"{BUCKET}/${{aws:username}}/*", f"{BUCKET}/*a"]), {"s3:GetObject"}),
        (deny(Resource=None, NotResource=f"{BUCKET}/invoices/*"), {"s3:GetObject"}),
        (deny(Resource=["arn:aws:s3:::other", "arn:aws:s3:::other/*"]), ALL),
        (deny(Action="s3:GetObject"), {"s3:ListBucket", "s3:PutObject"}),
        (deny(Action=None, NotAction="s3:PutObject"), {"s3:PutObject"}),
        (deny(**when("Bool", "aws:SecureTransport", "true")), ALL),
        (deny(Condition={"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}}), ALL),
        (deny(**when("NumericLessThan", "s3:TlsVersion", "1.2")), ALL),
        (deny(Effect="Allow", **when("Bool", "aws:SecureTransport", "true")), ALL),
        (deny(Effect="Allow"), ALL),
    ],
)
def test_what_is_left_open_in_clear(statement, left):
    found = policy({key: value for key, value in statement.items() if value is not None})
    allowed = allowed_in_clear(found, NAME)
    assert left <= set(allowed)
    assert bool(left) is bool(allowed)


def test_the_reach_of_what_is_left_open_is_named():
    found = policy(deny(Resource=[BUCKET, f"{BUCKET}/invoices/*"]))
    assert allowed_in_clear(found, NAME)["s3:GetObject"] == f"{BUCKET}/x"
    assert "s3:ListBucket" not in allowed_in_clear(found, NAME)


def test_two_statements_may_share_it():
    assert allowed_in_clear(policy(deny(Resource=BUCKET), deny(Resource=OBJECTS)), NAME) == {}


def test_cloudfront_for_anybody():
    lent = allow(Sid="Cdn", Principal={"Service": "cloudfront.amazonaws.com"})
    own = {**lent, **when("StringEquals", "AWS:SourceArn", "arn:aws:cloudfront::123456789012:distribution/E1")}
    assert lent_to_cloudfront(policy(lent)) == ["statement Cdn"]
    assert lent_to_cloudfront(policy(own)) == []


@pytest.mark.parametrize(
    "document",
    [
        "{}",
        "[]",
        "1",
        '"x"',
        "{",
        '{"Statement": [1]}',
        '{"Statement": [{}]}',
        '{"Statement": [{"Effect": "?"}]}',
        '{"Statement": [{"Effect": "Deny", "Condition": []}]}',
        '{"Statement": ' + "[" * 100_000,
    ],
)
def test_what_is_no_policy(document):
    with pytest.raises(ValueError):  # noqa: PT011 - json's own too
        statements(document)


def test_no_policy_has_no_statements_and_a_single_one_needs_no_list():
    assert statements("") == ()
    assert len(statements(json.dumps({"Statement": allow()}))) == 1


def test_many_wildcards_take_no_time():
    found = policy(allow(Resource=f"{BUCKET}/" + "*a" * 200, Action="s3:" + "*t" * 200))
    assert open_to_anybody(found, NAME)


def test_a_bound_that_is_reached_is_no_answer():
    tangled = f"{BUCKET}/*a" + "?" * 30
    with pytest.raises(TooManyPatterns):
        open_to_anybody(policy(allow(Resource=tangled), deny(Condition={}, Resource=tangled)), NAME)
    with pytest.raises(TooManyPatterns):
        allowed_in_clear(policy(deny(Resource=tangled), deny(Resource=None, NotResource=tangled)), NAME)


@pytest.mark.parametrize(
    ("statement", "may"),
    [
        (allow(Action="s3:PutLifecycleConfiguration", Resource=BUCKET), {"s3:PutLifecycleConfiguration"}),
        (allow(Action="s3:ReplicateObject"), {"s3:ReplicateObject"}),
        (allow(Action="s3:FrobnicateObject"), {"s3:frobnicateobject"}),
        (allow(**when("StringEquals", "aws:PrincipalAccount", "${aws:PrincipalAccount}")), {READ}),
        (allow(**when("StringEquals", "aws:ResourceOrgID", "${aws:PrincipalOrgID}")), set()),
        (allow(**when("StringEquals", "aws:SourceAccount", "${aws:ResourceAccount}")), set()),
        (allow(**when("StringLike", "aws:userid", "A*")), {READ}),
        (allow(**when("StringLike", "aws:userid", "AROAEXAMPLEEXAMPLE123*")), set()),
        (allow(**when("IpAddress", "aws:VpcSourceIp", "10.1.0.0/16")), {READ}),
        (allow(**when("IpAddressIfExists", "aws:SourceIp", "203.0.113.0/24")), {READ}),  # an endpoint of a VPC hides it
        (allow(**when("IpAddress", "aws:SourceIp", ["0.0.0.0/1", "128.0.0.0/1"])), {READ}),
        (allow(**when("IpAddress", "aws:SourceIp", [f"{n}.0.0.0/8" for n in range(256)])), {READ}),
        (allow(**when("IpAddress", "aws:SourceIp", ["::/1", "8000::/1"])), {READ}),
        (allow(**when("StringLike", "aws:SourceIp", "203.*")), {READ}),
        (allow(**when("StringEquals", "aws:VpceOrgID", "o-1")), set()),
        (allow(**when("Bool", "aws:PrincipalIsAWSService", "true")), set()),
        (allow(**when("Bool", "aws:PrincipalIsAWSService", "false")), {READ}),
        (allow(**when("StringEquals", "aws:PrincipalServiceName", "logging.s3.amazonaws.com")), set()),
        (allow(**when("StringEquals", "aws:SourceOrgID", "o-1")), set()),
        (allow(**when("StringEqualsIfExists", "aws:SourceOrgID", "o-1")), {READ}),
        (allow(**when("ForAnyValue:StringNotEquals", "aws:PrincipalOrgPaths", "o-1/*")), {READ}),
        (allow(**when("Null", "aws:PrincipalAccount", "true")), {READ}),
        (allow(**when("DateLessThan", "aws:CurrentTime", "2026-11-01T00:00:00Z")), set()),
        (allow(**when("DateLessThan", "aws:EpochTime", "1600000000")), set()),
        (allow(**when("DateGreaterThan", "aws:CurrentTime", "2026-11-01")), {READ}),
        (allow(**when("DateGreaterThan", "aws:CurrentTime", "soon")), {READ}),
        (allow(Principal={"Federated": "accounts.google.com"}), {READ}),
        (
            allow(
                Principal={"Federated": "accounts.google.com"},
                **when("StringEquals", "accounts.google.com:aud", "66677788899900pro0"),
            ),
            set(),
        ),
        (allow(Principal={"Federated": "arn:aws:iam::123456789012:saml-provider/adfs"}), set()),
        (allow(Principal={"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}), set()),
        ({**allow(), "Principal": [], "NotPrincipal": "*"}, set()),
    ],
)
def test_any_action_and_any_key_of_a_request(statement, may):
    assert set(open_to_anybody(policy(statement), NAME)) == may


@pytest.mark.parametrize(
    ("other", "still"),
    [
        (deny(Condition={}, Resource=None, NotResource=f"{BUCKET}/public/*"), True),
        (deny(Condition={}, Resource=[f"{BUCKET}/a*", f"{BUCKET}/?"]), True),
        (deny(Condition={}, Resource=[f"{BUCKET}/?", f"{BUCKET}/??*"]), False),
        (deny(Condition={}, Principal=None, NotPrincipal="*"), True),
        (deny(**when("NotIpAddress", "aws:VpcSourceIp", "10.0.0.0/16")), True),
        (deny(**when("StringNotEquals", "aws:PrincipalOrgID", "${aws:PrincipalOrgID}")), True),
        (deny(**when("StringNotEquals", "aws:VpceOrgID", "o-1")), False),
        (deny(**when("IpAddress", "aws:SourceIp", ["0.0.0.0/0"])), True),
        (deny(**when("DateGreaterThan", "aws:CurrentTime", "2026-11-01T00:00:00Z")), False),
        (deny(**when("DateLessThan", "aws:CurrentTime", "2026-11-01T00:00:00Z")), True),
        (deny(**when("Bool", "aws:PrincipalIsAWSService", "false")), True),
        (deny(**when("BoolIfExists", "aws:PrincipalIsAWSService", "false")), False),
        (deny(**when("StringNotLike", "aws:userid", ["AROAEXAMPLEEXAMPLE123:*", "123456789012"])), False),
        (deny(**when("StringNotEquals", "aws:Referer", "secret")), True),
        (deny(**when("StringNotEquals", "aws:PrincipalTag/team", "billing")), True),
    ],
)
def test_a_deny_denies_what_it_says(other, still):
    found = policy(allow(), {key: value for key, value in other.items() if value is not None})
    assert (READ in open_to_anybody(found, NAME)) is still


def test_two_denies_may_share_it():
    http, https = deny(), deny(**when("Bool", "aws:SecureTransport", "true"))
    assert open_to_anybody(policy(allow(), http, https), NAME) == {}
    by_action = [deny(Condition={}, Action="s3:Get*"), deny(Condition={}, Action="s3:P*")]
    assert open_to_anybody(policy(allow(Action=["s3:GetObject", "s3:PutObject"]), *by_action), NAME) == {}
