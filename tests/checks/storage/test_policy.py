"""Policies are evaluated as the server would: what each lets strangers do, and what it denies in clear."""

from __future__ import annotations

import json
from typing import Any

import pytest

from golive_checks.storage.policy import (
    IN_CLEAR,
    LIST,
    READ,
    WRITE,
    allowed_in_clear,
    falls_short,
    lent_to_cloudfront,
    open_to_anybody,
    statements,
)

NAME = "shop-files"
BUCKET, OBJECTS = f"arn:aws:s3:::{NAME}", f"arn:aws:s3:::{NAME}/*"


def policy(*given: dict[str, Any]):
    return statements(json.dumps({"Version": "2012-10-17", "Statement": list(given)}))


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
        allow(**when("IpAddressIfExists", "aws:SourceIp", ["10.0.0.0/8", "2001:db8::/32"])),
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
    ("statement", "allowed"),
    [
        (deny(), []),
        (deny(Principal={"AWS": "*"}), []),
        (deny(Action="*"), []),
        (deny(Action=["s3:Get*", "s3:List*", "s3:Put*", "s3:Delete*"]), []),
        (deny(Resource="*"), []),
        (deny(Resource=f"{BUCKET}*"), []),
        (deny(Resource=[f"arn:aws-us-gov:s3:::{NAME}", f"arn:aws-us-gov:s3:::{NAME}/*"]), []),
        (deny(Condition={"Bool": {"aws:SecureTransport": False}}), []),
        (deny(**when("BoolIfExists", "AWS:securetransport", "False")), []),
        (deny(**when("StringEquals", "aws:SecureTransport", "false")), []),
        (deny(Condition={}), []),
        (deny(Action=None, NotAction="s3:GetBucketLocation"), []),
        (deny(Principal={"AWS": "arn:aws:iam::123456789012:root"}), list(IN_CLEAR)),
        (deny(Principal=None, NotPrincipal={"AWS": "arn:aws:iam::123456789012:root"}), list(IN_CLEAR)),
        (deny(Resource=BUCKET), ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
        (deny(Resource=OBJECTS), ["s3:ListBucket"]),
        (deny(Resource=[BUCKET, f"{BUCKET}/private/*"]), ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
        (deny(Resource=[BUCKET, f"{BUCKET}/*.pdf"]), ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]),
        (deny(Resource=["arn:aws:s3:::other", "arn:aws:s3:::other/*"]), list(IN_CLEAR)),
        (deny(Action="s3:GetObject"), ["s3:ListBucket", "s3:PutObject", "s3:DeleteObject"]),
        (deny(Action=None, NotAction="s3:PutObject"), ["s3:PutObject"]),
        (deny(**when("Bool", "aws:SecureTransport", "true")), list(IN_CLEAR)),
        (deny(Condition={"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}}), list(IN_CLEAR)),
        (deny(**when("NumericLessThan", "s3:TlsVersion", "1.2")), list(IN_CLEAR)),
        (deny(Effect="Allow", **when("Bool", "aws:SecureTransport", "true")), list(IN_CLEAR)),
        (deny(Effect="Allow"), list(IN_CLEAR)),
    ],
)
def test_what_is_denied_in_clear(statement, allowed):
    found = policy({key: value for key, value in statement.items() if value is not None})
    assert allowed_in_clear(found, NAME) == allowed
    spoken_of = "SecureTransport" in json.dumps(statement, default=str)
    assert bool(list(falls_short(found, NAME))) is (bool(allowed) and spoken_of)


def test_two_statements_may_share_it():
    assert allowed_in_clear(policy(deny(Resource=BUCKET), deny(Resource=OBJECTS)), NAME) == []


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
    assert open_to_anybody(found, NAME) == {}
