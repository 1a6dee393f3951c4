"""Policies of every kind that AWS documents, each with the right answer: may somebody outside use the bucket?

The answers are by https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
reference_policies_condition-keys.html, reference_policies_elements_principal.html, and "The meaning of public" in
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from golive_checks.storage.policy import statements
from golive_checks.storage.policy_clear import allowed_in_clear
from golive_checks.storage.policy_strangers import lent_to_cloudfront, open_to_anybody

NAME = "media-of-acme"
BUCKET, OBJECTS = f"arn:aws:s3:::{NAME}", f"arn:aws:s3:::{NAME}/*"
OWNER = "111122223333"
NOW = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
OPEN, SHUT = True, False
CANONICAL = "9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d0a1b2c3d4e5f60718293a4b5c6d7e8f9"


def allow(*conditions: tuple[str, str, Any], **changes: Any) -> dict[str, Any]:
    given = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": OBJECTS, **changes}
    found: dict[str, dict[str, Any]] = {}
    for operator, key, value in conditions:
        found.setdefault(operator, {})[key] = value
    if found:
        given["Condition"] = found
    return {name: value for name, value in given.items() if value is not None}


def deny(*conditions: tuple[str, str, Any], **changes: Any) -> dict[str, Any]:
    return allow(*conditions, **{"Effect": "Deny", "Action": "s3:*", "Resource": [BUCKET, OBJECTS], **changes})


def read(*given: dict[str, Any]):
    return statements(json.dumps({"Version": "2012-10-17", "Statement": list(given)}))


OF_ROLES = f"arn:aws:iam::{OWNER}:role/*"
CONDITIONS: list[tuple[str, str, Any, bool]] = [
    # who asks
    ("StringEquals", "aws:PrincipalAccount", OWNER, SHUT),
    ("StringEquals", "aws:PrincipalAccount", [OWNER, "444455556666"], SHUT),
    ("StringEquals", "aws:PrincipalAccount", "${aws:ResourceAccount}", SHUT),
    ("StringLike", "aws:PrincipalAccount", "1111*", OPEN),
    ("StringEqualsIfExists", "aws:PrincipalAccount", OWNER, OPEN),
    ("StringNotEquals", "aws:PrincipalAccount", OWNER, OPEN),
    ("StringNotEqualsIfExists", "aws:PrincipalAccount", OWNER, OPEN),
    ("ForAllValues:StringEquals", "aws:PrincipalAccount", OWNER, OPEN),
    ("ForAnyValue:StringEquals", "aws:PrincipalAccount", OWNER, SHUT),
    ("Null", "aws:PrincipalAccount", "false", OPEN),
    ("Null", "aws:PrincipalAccount", "true", OPEN),
    ("StringEquals", "aws:PrincipalOrgID", ["o-a1b2c3d4e5", "o-f6g7h8i9j0"], SHUT),
    ("StringEqualsIgnoreCase", "aws:PrincipalOrgID", "O-A1B2C3D4E5", SHUT),
    ("StringEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}", SHUT),
    ("StringEqualsIfExists", "aws:PrincipalOrgID", "o-a1b2c3d4e5", OPEN),
    ("StringNotEquals", "aws:PrincipalOrgID", "o-a1b2c3d4e5", OPEN),
    ("StringEquals", "aws:PrincipalOrgMasterAccountID", OWNER, SHUT),
    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*", SHUT),
    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "*/ou-ab12-11111111/*", OPEN),
    ("ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/r-ab12/*", OPEN),
    ("ForAnyValue:StringNotLike", "aws:PrincipalOrgPaths", "o-a1b2c3d4e5/*", OPEN),
    ("ArnEquals", "aws:PrincipalArn", f"arn:aws:iam::{OWNER}:role/reader", SHUT),
    ("ArnEquals", "aws:PrincipalArn", OF_ROLES, SHUT),
    ("StringLike", "aws:PrincipalArn", [OF_ROLES, f"arn:aws:sts::{OWNER}:assumed-role/*"], SHUT),
    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:ResourceAccount}:role/*", SHUT),
    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/*", OPEN),
    ("ArnLikeIfExists", "aws:PrincipalArn", OF_ROLES, OPEN),
    ("ArnNotLike", "aws:PrincipalArn", OF_ROLES, OPEN),
    ("ArnNotEquals", "aws:PrincipalArn", f"arn:aws:iam::{OWNER}:role/reader", OPEN),
    ("ArnLike", "aws:PrincipalArn", "arn:aws:sts::*:assumed-role/deploy/*", OPEN),
    ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::11112222333?:role/*", OPEN),
    ("StringLike", "aws:PrincipalArn", "*:role/reader", OPEN),
    ("StringEquals", "aws:PrincipalType", "Anonymous", OPEN),
    ("StringEquals", "aws:PrincipalType", ["User", "AssumedRole"], OPEN),
    ("StringEquals", "aws:PrincipalTag/team", "media", OPEN),
    ("StringEquals", "aws:username", "deploy", OPEN),
    ("StringEquals", "aws:userid", OWNER, SHUT),
    ("StringEquals", "aws:userid", "AIDAEXAMPLEEXAMPLE123", SHUT),
    ("StringLike", "aws:userid", "*:deploy", OPEN),
    ("StringLike", "aws:userid", "AROA*:deploy", OPEN),
    ("StringEquals", "aws:userid", "anonymous", OPEN),
    ("StringEquals", "aws:SourceIdentity", "alice", OPEN),
    ("Bool", "aws:MultiFactorAuthPresent", "true", OPEN),
    ("NumericLessThan", "aws:MultiFactorAuthAge", "300", OPEN),
    ("DateGreaterThan", "aws:TokenIssueTime", "2026-01-01T00:00:00Z", OPEN),
    ("StringEquals", "SAML:aud", "https://signin.aws.amazon.com/saml", OPEN),
    ("StringEquals", "token.actions.githubusercontent.com:aud", "sts.amazonaws.com", OPEN),
    # by which way
    ("StringEquals", "aws:SourceVpc", ["vpc-0a1b2c3d", "vpc-4e5f6a7b"], SHUT),
    ("ForAnyValue:StringEquals", "aws:SourceVpc", ["vpc-0a1b2c3d"], SHUT),
    ("StringLike", "aws:SourceVpc", "vpc-0a*", OPEN),
    ("StringEqualsIgnoreCase", "aws:SourceVpce", "VPCE-0A1B2C3D", SHUT),
    ("StringEquals", "aws:SourceVpce", "${aws:SourceVpce}", OPEN),
    ("ForAllValues:StringEquals", "aws:SourceVpce", "vpce-0a1b2c3d", OPEN),
    ("Null", "aws:SourceVpce", "false", OPEN),
    ("StringEquals", "aws:VpceOrgID", "o-a1b2c3d4e5", SHUT),
    ("ForAnyValue:StringLike", "aws:VpceOrgPaths", "o-a1b2c3d4e5/r-ab12/*", SHUT),
    ("StringNotEquals", "aws:VpceAccount", OWNER, OPEN),
    ("StringEquals", "aws:Ec2InstanceSourceVpc", "vpc-0a1b2c3d", SHUT),
    ("StringEquals", "aws:Ec2InstanceSourceVpc", "${aws:SourceVpc}", OPEN),
    ("ArnLike", "ec2:SourceInstanceArn", f"arn:aws:ec2:*:{OWNER}:instance/*", SHUT),
    ("ArnLike", "ec2:SourceInstanceArn", "arn:aws:ec2:*:*:instance/*", OPEN),
    ("ArnLike", "lambda:SourceFunctionArn", f"arn:aws:lambda:eu-west-3:{OWNER}:function:resize", SHUT),
    ("IpAddress", "aws:SourceIp", ["198.51.100.0/24", "2001:db8:1234::/48"], SHUT),
    ("IpAddress", "aws:SourceIp", "198.51.100.7", SHUT),
    ("IpAddress", "aws:SourceIp", "2000::/3", OPEN),
    ("IpAddress", "aws:SourceIp", "128.0.0.0/2", OPEN),
    ("IpAddressIfExists", "aws:SourceIp", "198.51.100.0/24", OPEN),
    ("NotIpAddressIfExists", "aws:SourceIp", "198.51.100.0/24", OPEN),
    ("StringEquals", "aws:SourceIp", "198.51.100.7", SHUT),
    ("IpAddress", "aws:VpcSourceIp", "192.168.0.0/16", OPEN),
    ("Bool", "aws:SecureTransport", "true", OPEN),
    ("BoolIfExists", "aws:SecureTransport", "false", OPEN),
    ("NumericGreaterThanEquals", "s3:TlsVersion", "1.3", OPEN),
    ("Bool", "aws:ViaAWSService", "true", OPEN),
    ("StringEquals", "aws:RequestedRegion", "eu-west-3", OPEN),
    ("StringNotLike", "aws:Referer", "https://evil.example/*", OPEN),
    ("StringLike", "aws:UserAgent", "*secret-of-ours*", OPEN),
    # for which service
    ("Bool", "aws:PrincipalIsAWSService", "true", SHUT),
    ("BoolIfExists", "aws:PrincipalIsAWSService", "true", OPEN),
    ("StringEquals", "aws:PrincipalServiceName", "cloudtrail.amazonaws.com", SHUT),
    ("ForAnyValue:StringLike", "aws:PrincipalServiceNamesList", "*.amazonaws.com", SHUT),
    ("StringEquals", "aws:SourceAccount", OWNER, SHUT),
    ("StringLike", "aws:SourceAccount", "*", OPEN),
    ("StringEqualsIfExists", "aws:SourceAccount", OWNER, OPEN),
    ("StringEquals", "aws:SourceOwner", OWNER, SHUT),
    ("StringEquals", "aws:SourceOrgID", "${aws:ResourceOrgID}", SHUT),
    ("ForAnyValue:StringLike", "aws:SourceOrgPaths", "o-a1b2c3d4e5/*", SHUT),
    ("ArnEquals", "aws:SourceArn", "arn:aws:s3:::logs-of-acme", SHUT),
    ("ArnLike", "aws:SourceArn", "arn:aws:s3:::logs-of-*", OPEN),
    ("ArnLike", "aws:SourceArn", "arn:aws:sns:eu-west-3:*:news", OPEN),
    ("ArnLike", "aws:SourceArn", f"arn:aws:*:*:{OWNER}:*", SHUT),
    ("StringLike", "aws:SourceArn", f"arn:aws:cloudfront::{OWNER}:distribution/*", SHUT),
    # what is asked for
    ("StringEquals", "s3:prefix", "public/", OPEN),
    ("StringEquals", "s3:ResourceAccount", OWNER, OPEN),
    ("StringEquals", "aws:ResourceAccount", OWNER, OPEN),
    ("StringEquals", "aws:ResourceAccount", "${aws:PrincipalAccount}", SHUT),
    ("StringEquals", "s3:ExistingObjectTag/state", "published", OPEN),
    ("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control", OPEN),
    ("StringEquals", "s3:x-amz-server-side-encryption", "aws:kms", OPEN),
    ("StringEquals", "s3:authType", "REST-QUERY-STRING", OPEN),
    ("StringEquals", "s3:DataAccessPointAccount", OWNER, SHUT),
    ("ArnLike", "s3:DataAccessPointArn", "arn:aws:s3:*:*:accesspoint/media", OPEN),
    ("StringEquals", "s3:AccessPointNetworkOrigin", "VPC", OPEN),
    # when
    ("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", OPEN),
    ("DateGreaterThanEquals", "aws:CurrentTime", "2027-01-01T00:00:00Z", SHUT),
    ("DateLessThanEquals", "aws:CurrentTime", "2026-11-29T09:00:00+00:00", SHUT),
    ("DateLessThan", "aws:CurrentTime", "2026-11-29T12:00:00Z", OPEN),
    ("DateNotEquals", "aws:CurrentTime", "2026-11-29T09:00:00Z", OPEN),
    ("DateEquals", "aws:CurrentTime", "2026-11-29T09:00:00Z", SHUT),
    ("NumericGreaterThan", "aws:EpochTime", "4102444800", SHUT),
]


@pytest.mark.parametrize(("operator", "key", "value", "answer"), CONDITIONS)
def test_an_allow_for_everyone_under_one_condition(operator, key, value, answer):
    assert bool(open_to_anybody(read(allow((operator, key, value))), NAME, NOW)) is answer


PRINCIPALS: list[tuple[dict[str, Any], bool]] = [
    ({"Principal": {"AWS": OWNER}}, SHUT),
    ({"Principal": {"AWS": "arn:aws:sts::444455556666:assumed-role/ci/build"}}, SHUT),
    ({"Principal": {"AWS": "AIDAEXAMPLEEXAMPLE123"}}, SHUT),
    ({"Principal": {"AWS": ["arn:aws:iam::444455556666:root", "*"]}}, OPEN),
    ({"Principal": {"CanonicalUser": CANONICAL}}, SHUT),
    ({"Principal": {"CanonicalUser": CANONICAL, "AWS": "*"}}, OPEN),
    ({"Principal": {"Service": "cloudtrail.amazonaws.com"}}, SHUT),
    ({"Principal": {"Service": ["logging.s3.amazonaws.com"], "AWS": "*"}}, OPEN),
    ({"Principal": {"Federated": f"arn:aws:iam::{OWNER}:oidc-provider/token.actions.githubusercontent.com"}}, SHUT),
    ({"Principal": {"Federated": "cognito-identity.amazonaws.com"}}, OPEN),
    ({"Principal": {"Federated": ["www.amazon.com", "graph.facebook.com"]}}, OPEN),
    ({"Principal": None, "NotPrincipal": {"Service": "cloudfront.amazonaws.com"}}, OPEN),
    ({"Principal": None, "NotPrincipal": {"AWS": [f"arn:aws:iam::{OWNER}:root", "444455556666"]}}, OPEN),
    ({"Principal": None, "NotPrincipal": {"CanonicalUser": CANONICAL}}, OPEN),
    ({"Action": None, "NotAction": ["s3:Delete*", "s3:Put*"]}, OPEN),
    ({"Action": None, "NotAction": "s3:*"}, SHUT),
    ({"Action": None, "NotAction": "*"}, SHUT),
    ({"Action": None, "NotAction": "s3:Get*", "Resource": BUCKET}, OPEN),
    ({"Action": "S3:getobjectVERSION"}, OPEN),
    ({"Action": ["s3:*Tagging"]}, OPEN),
    ({"Action": "sts:AssumeRole"}, SHUT),
    ({"Action": "s3:CreateBucket", "Resource": BUCKET}, SHUT),
    ({"Resource": None, "NotResource": [BUCKET, OBJECTS]}, SHUT),
    ({"Resource": None, "NotResource": "arn:aws:s3:::other/*"}, OPEN),
    ({"Resource": None, "NotResource": [f"{BUCKET}/a*", f"{BUCKET}/[!a]*"]}, OPEN),
    ({"Resource": "arn:aws:s3:*:*:media-of-acme/*"}, OPEN),
    ({"Resource": "arn:*:s3:::media-of-acme/*"}, OPEN),
    ({"Resource": "arn:aws:s3:::media-of-????/press/*.jpg"}, OPEN),
    ({"Resource": "arn:aws:s3:::media-of-acme-old/*"}, SHUT),
    ({"Resource": f"arn:aws:s3:eu-west-3:{OWNER}:accesspoint/media/object/*"}, SHUT),
]


@pytest.mark.parametrize(("changes", "answer"), PRINCIPALS)
def test_an_allow_of_another_principal_action_or_resource(changes, answer):
    assert bool(open_to_anybody(read(allow(**changes)), NAME, NOW)) is answer


TOGETHER: list[tuple[list[dict[str, Any]], bool]] = [
    ([allow(("StringEquals", "cognito-identity.amazonaws.com:aud", "eu-west-3:1-2-3"),
            Principal={"Federated": "cognito-identity.amazonaws.com"})], SHUT),
    ([allow(("ForAnyValue:StringLike", "cognito-identity.amazonaws.com:amr", "authenticated"),
            Principal={"Federated": "cognito-identity.amazonaws.com"})], OPEN),
    ([allow(("StringEquals", "aws:SourceVpce", "vpce-1"), ("IpAddress", "aws:SourceIp", "0.0.0.0/0"))], SHUT),
    ([allow(("StringEquals", "aws:SourceVpce", "vpce-1")), allow(("StringLike", "aws:Referer", "x"))], OPEN),
    ([allow(("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"),
            ("DateLessThan", "aws:CurrentTime", "2026-02-01T00:00:00Z"))], SHUT),
    ([allow(), deny(("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-a1b2c3d4e5"))], SHUT),
    ([allow(), deny(("StringNotEquals", "aws:PrincipalOrgID", "o-*"))], OPEN),
    ([allow(), deny(("StringNotEquals", "aws:PrincipalOrgID", "${aws:ResourceOrgID}"))], SHUT),
    ([allow(), deny(("StringNotEquals", "aws:ResourceAccount", "${aws:PrincipalAccount}"))], OPEN),  # the unsigned
    ([allow(), deny(("ArnNotLike", "aws:PrincipalArn", OF_ROLES))], SHUT),
    ([allow(), deny(("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*"))], OPEN),
    ([allow(), deny(("ArnNotLikeIfExists", "aws:PrincipalArn", OF_ROLES))], SHUT),
    ([allow(), deny(("ForAnyValue:ArnNotLike", "aws:PrincipalArn", OF_ROLES))], OPEN),  # not of the unsigned
    ([allow(), deny(("StringNotEquals", "aws:PrincipalType", "AssumedRole"))], OPEN),
    ([allow(), deny(("StringEquals", "aws:PrincipalType", "Anonymous"))], OPEN),
    ([allow(), deny(("BoolIfExists", "aws:MultiFactorAuthPresent", "false"))], OPEN),
    ([allow(), deny(("Null", "aws:SourceVpce", "true"))], OPEN),
    ([allow(), deny(("Null", "aws:SourceVpce", "true")), deny(("StringNotEquals", "aws:SourceVpce", "vpce-1"))], SHUT),
    ([allow(), deny(("StringNotEquals", "aws:SourceVpc", ["vpc-1", "vpc-2"]))], SHUT),
    ([allow(), deny(("StringNotLike", "aws:SourceVpc", "vpc-*"))], OPEN),
    ([allow(), deny(("NotIpAddress", "aws:SourceIp", ["198.51.100.0/24", "2001:db8:1::/48"]))], SHUT),
    ([allow(), deny(("NotIpAddress", "aws:SourceIp", "198.51.100.0/24"),
                    ("StringNotEquals", "aws:SourceVpc", "vpc-1"))], SHUT),
    ([allow(), deny(("NotIpAddress", "aws:SourceIp", "198.51.100.0/24"), ("Bool", "aws:ViaAWSService", "false"))],
     OPEN),
    ([allow(), deny(("NotIpAddress", "aws:SourceIp", "198.51.100.0/24"), ("Null", "aws:SourceVpc", "true"))], OPEN),
    ([allow(), deny(("IpAddress", "aws:SourceIp", ["0.0.0.0/0", "::/0"]))], OPEN),  # through an endpoint of a VPC
    ([allow(), deny(("IpAddressIfExists", "aws:SourceIp", ["0.0.0.0/0", "::/0"]))], SHUT),
    ([allow(), deny(Principal=None, NotPrincipal={"AWS": [f"arn:aws:iam::{OWNER}:root"]})], SHUT),
    ([allow(), deny(Principal=None, NotPrincipal={"Federated": "accounts.google.com"})], OPEN),
    ([allow(), deny(Principal={"AWS": "arn:aws:iam::444455556666:root"})], OPEN),
    ([allow(), deny(Action=None, NotAction="s3:GetObject")], OPEN),
    ([allow(), deny(Action=None, NotAction="s3:ListBucket")], SHUT),
    ([allow(), deny(Resource=None, NotResource=f"{BUCKET}/public/*")], OPEN),
    ([allow(), deny(Resource=None, NotResource="arn:aws:s3:::other/*")], SHUT),
    ([allow(), deny(Resource=BUCKET)], OPEN),
    ([allow(Resource=f"{BUCKET}/a/*"), deny(Resource=f"{BUCKET}/a/*")], SHUT),
    ([allow(Resource=f"{BUCKET}/a/*"), deny(Resource=f"{BUCKET}/*/*")], SHUT),
    ([allow(Resource=f"{BUCKET}/*"), deny(Resource=f"{BUCKET}/*/*")], OPEN),
    ([allow(Resource=f"{BUCKET}/${{aws:userid}}/*"), deny(Resource=f"{BUCKET}/${{aws:userid}}/*")], OPEN),
    ([allow(), deny(("DateGreaterThan", "aws:CurrentTime", "2026-06-01T00:00:00Z"))], SHUT),
    ([allow(), deny(("DateGreaterThan", "aws:CurrentTime", "2027-06-01T00:00:00Z"))], OPEN),
    ([allow(), deny(("BoolIfExists", "aws:PrincipalIsAWSService", "false"),
                    ("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-a1b2c3d4e5"))], SHUT),
    ([allow(), deny(("Bool", "aws:SecureTransport", "false")), deny(("NumericLessThan", "s3:TlsVersion", "1.2"))],
     OPEN),
    ([allow(("Bool", "aws:SecureTransport", "false")), deny(("Bool", "aws:SecureTransport", "false"))], SHUT),
]  # fmt: skip


@pytest.mark.parametrize(("given", "answer"), TOGETHER)
def test_statements_together(given, answer):
    assert bool(open_to_anybody(read(*given), NAME, NOW)) is answer


CLEAR = ("Bool", "aws:SecureTransport", "false")
IN_CLEAR: list[tuple[list[dict[str, Any]], bool]] = [
    ([deny(CLEAR)], SHUT),
    ([deny(("Bool", "AWS:SecureTransport", ["false"]))], SHUT),
    ([deny(("bool", "aws:SecureTransport", "FALSE"))], SHUT),
    ([deny(("BoolIfExists", "aws:SecureTransport", "false"))], SHUT),
    ([deny(("Bool", "aws:SecureTransport", ["true", "false"]))], SHUT),
    ([deny(("StringNotEqualsIfExists", "aws:SecureTransport", "true"))], SHUT),
    ([deny(("StringLike", "aws:SecureTransport", "f*"))], SHUT),
    ([deny(("StringEquals", "aws:SecureTransport", "False"))], OPEN),
    ([deny(("Bool", "aws:SecureTransport", "true"))], OPEN),
    ([deny(("Null", "aws:SecureTransport", "true"))], OPEN),
    ([deny(("NumericLessThanIfExists", "s3:TlsVersion", "1.2"))], SHUT),
    ([deny(("Null", "s3:TlsVersion", "true"))], SHUT),
    ([deny(("NumericLessThan", "s3:TlsVersion", "1.2"))], OPEN),  # a request in clear has no version
    ([deny(CLEAR, ("NumericLessThan", "s3:TlsVersion", "1.2"))], OPEN),
    ([deny(CLEAR), deny(("NumericLessThan", "s3:TlsVersion", "1.2"))], SHUT),
    ([deny(CLEAR, Resource=BUCKET), deny(CLEAR, Resource=OBJECTS)], SHUT),
    ([deny(CLEAR, Resource=f"{BUCKET}*")], SHUT),
    ([deny(CLEAR, Resource=[BUCKET, f"{BUCKET}/private/*"])], OPEN),
    ([deny(CLEAR, Resource=None, NotResource=f"{BUCKET}/public/*")], OPEN),
    ([deny(CLEAR, Resource=None, NotResource=f"{BUCKET}/public/*"), deny(CLEAR, Resource=f"{BUCKET}/public/*")], SHUT),
    ([deny(CLEAR, Action=["s3:GetObject", "s3:PutObject"])], OPEN),
    ([deny(CLEAR, Action=None, NotAction="iam:*")], SHUT),
    ([deny(CLEAR, Action=None, NotAction=["s3:GetObject"]), deny(CLEAR, Action="s3:GetObject*")], SHUT),
    ([deny(CLEAR, Principal={"AWS": "*"})], SHUT),
    ([deny(CLEAR, Principal={"AWS": [OWNER, "*"]})], SHUT),
    ([deny(CLEAR, Principal={"AWS": f"arn:aws:iam::{OWNER}:root"})], OPEN),
    ([deny(CLEAR, Principal=None, NotPrincipal={"AWS": f"arn:aws:iam::{OWNER}:role/old"})], OPEN),
    ([deny(CLEAR, ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"))], OPEN),
    ([deny(CLEAR, ("StringNotEquals", "aws:PrincipalAccount", OWNER))], OPEN),
    ([deny(CLEAR, ("Bool", "aws:PrincipalIsAWSService", "false"))], OPEN),  # the unsigned have no such key
    ([deny(CLEAR, ("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"))], SHUT),
    ([deny(CLEAR, ("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z"))], OPEN),
    ([allow(("Bool", "aws:SecureTransport", "true"), Principal={"AWS": OWNER}, Action="s3:*")], OPEN),
    ([deny()], SHUT),
]


@pytest.mark.parametrize(("given", "answer"), IN_CLEAR)
def test_what_is_left_open_over_clear_http(given, answer):
    assert bool(allowed_in_clear(read(*given), NAME, NOW)) is answer


@pytest.mark.parametrize(
    ("conditions", "lent"),
    [
        ([], True),
        ([("StringEquals", "AWS:SourceArn", f"arn:aws:cloudfront::{OWNER}:distribution/E1")], False),
        ([("ArnLike", "aws:SourceArn", f"arn:aws:cloudfront::{OWNER}:distribution/*")], False),
        ([("ArnLike", "aws:SourceArn", "arn:aws:cloudfront::*:distribution/*")], True),
        ([("StringEquals", "aws:SourceAccount", OWNER)], False),
        ([("StringEqualsIfExists", "aws:SourceAccount", OWNER)], False),
        ([("StringEquals", "aws:SourceOrgID", "${aws:ResourceOrgID}")], False),
    ],
)
def test_cloudfront_for_whose_distribution(conditions, lent):
    policy = read(allow(*conditions, Principal={"Service": "cloudfront.amazonaws.com"}))
    assert bool(lent_to_cloudfront(policy)) is lent
    assert open_to_anybody(policy, NAME, NOW) == {}
