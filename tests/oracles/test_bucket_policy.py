"""What a bucket's policy lets strangers do, says golive, a server that enforces, and policyuniverse."""

from __future__ import annotations

import json
import os
import random
import ssl
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from golive_checks.storage.policy import statements
from golive_checks.storage.policy_actions import LIST, READ
from golive_checks.storage.policy_strangers import open_to_anybody
from golive_lab.parts.certificates import CERTIFICATES, ca_file
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.parts.s3.content import operator
from golive_lab.parts.s3.server import SEAWEED, ports
from golive_lab.stack import Stack
from golive_lab.world import healthy

with warnings.catch_warnings():  # it reads its data from a file that it leaves open
    warnings.simplefilter("ignore", ResourceWarning)
    from policyuniverse.policy import Policy

SEED = 20261128
ALL = 600
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 20
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
NAME = "asked"
ARN = f"arn:aws:s3:::{NAME}"
OWN = "arn:aws:iam::123456789012:role/app"

KEYS = ["a.txt", "invoices/1.pdf", "invoices/2.txt", "public/logo.png", "z"]
RESOURCES = [
    "*",
    ARN,
    f"{ARN}/*",
    f"{ARN}*",
    f"{ARN}/invoices/*",
    f"{ARN}/*.pdf",
    f"{ARN}/public/*",
    f"{ARN}/invoices/?.*",
    f"{ARN}/?",
    f"{ARN}/??*",
    f"{ARN}/public/logo.png",
]
ACTIONS = ["s3:GetObject", "s3:ListBucket", "s3:*", "s3:Get*", "s3:List*", "s3:Get?bject", "s3:PutObject", "*"]
DENIED = ["s3:Get*", "s3:List*", "s3:PutObject"]
"""Not every action, for then the owner could not replace the policy; and versions are denied with what is current."""


def picked(chance: random.Random, of: list[str]) -> list[str]:
    return chance.sample(of, chance.choice([1, 1, 2, 3]))


def enforced(chance: random.Random) -> list[dict[str, Any]]:
    """Return statements of which each part is one that SeaweedFS enforces."""
    found = []
    for _ in range(chance.choice([1, 2, 2, 3])):
        effect = chance.choice(["Allow", "Allow", "Deny"])
        principal = chance.choice(["*", "*", "*", {"AWS": "*"}, {"AWS": OWN}])
        found.append(
            {
                "Effect": effect,
                "Principal": principal,
                "Action": picked(chance, ACTIONS if effect == "Allow" else DENIED),
                chance.choice(["Resource", "Resource", "Resource", "NotResource"]): picked(chance, RESOURCES),
            }
        )
    return found


@pytest.fixture(scope="module")
def seaweed() -> Iterator[StackPlace]:
    with standing() as place:
        stack = Stack([(CERTIFICATES,), (SEAWEED,)], place)
        try:
            stack.become(healthy())
            operator(place).create_bucket(Bucket=NAME)
            yield place
        finally:
            stack.close()


def served(place: StackPlace, path: str) -> bool:
    url = f"https://localhost:{ports(place).s3_https}/{NAME}{urllib.parse.quote(path)}"
    trusting = ssl.create_default_context(cafile=str(ca_file(place)))
    try:
        with urllib.request.urlopen(url, context=trusting, timeout=10):
            return True
    except urllib.error.HTTPError as error:
        if error.code in {401, 403}:
            return False
        raise


def test_what_a_server_serves_to_strangers(seaweed):
    chance = random.Random(SEED)
    s3 = operator(seaweed)
    asked = 0
    for number in range(COUNT * 10):  # it takes no policy of which an action and a resource do not go together
        if asked == COUNT:
            break
        given = enforced(chance)
        document = json.dumps({"Version": "2012-10-17", "Statement": given})
        found = open_to_anybody(statements(document), NAME, NOW)
        witness = [found[READ].arn.removeprefix(f"{ARN}/")] if READ in found else []
        for key in {*KEYS, *witness}:
            s3.put_object(Bucket=NAME, Key=key, Body=b"x")
        try:
            s3.put_bucket_policy(Bucket=NAME, Policy=document)
        except s3.exceptions.ClientError:
            continue
        asked += 1
        said = f"seed {SEED}, policy {number}: {document}"
        read, listed = any(served(seaweed, f"/{key}") for key in [*KEYS, *witness]), served(seaweed, "")
        s3.delete_bucket_policy(Bucket=NAME)
        assert (read, listed) == (READ in found, LIST in found), said
    assert asked == COUNT


CONDITIONS: list[tuple[str, str, list[str]]] = [
    ("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "0.0.0.0/0", "0.0.0.0/1", "10.0.0.0/8", "::/0", "2001:db8::/48"]),
    ("NotIpAddress", "aws:SourceIp", ["203.0.113.0/24", "0.0.0.0/0"]),
    ("StringEquals", "aws:SourceVpc", ["vpc-1", "vpc-2"]),
    ("StringLike", "aws:SourceVpce", ["vpce-1", "vpce-*", "*"]),
    ("StringEquals", "aws:PrincipalOrgID", ["o-1a2b3c4d5e", "${aws:PrincipalOrgID}"]),
    ("StringLike", "aws:PrincipalOrgID", ["o-1a2b3c4d5e", "o-*", "*"]),
    ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ["o-1a2b3c4d5e/r-1/*", "o-*/r-1/*"]),
    ("StringEquals", "aws:SourceAccount", ["123456789012"]),
    ("StringEquals", "aws:PrincipalAccount", ["123456789012", "${aws:PrincipalAccount}"]),
    ("ArnLike", "aws:PrincipalArn", ["arn:aws:iam::123456789012:role/*", "arn:aws:iam::*:role/app", "*"]),
    ("ArnLike", "aws:SourceArn", ["arn:aws:sns:*:123456789012:*", "arn:aws:sns:*:*:news", "arn:aws:s3:::*"]),
    ("StringLike", "aws:userid", ["AROAEXAMPLEEXAMPLE123:*", "AROA*", "*"]),
    ("StringLike", "aws:Referer", ["https://shop.example.com/*"]),
    ("Bool", "aws:SecureTransport", ["true"]),
]
PRINCIPALS: list[Any] = [
    "*",
    {"AWS": "*"},
    {"AWS": ["*", OWN]},
    {"AWS": OWN},
    {"AWS": "123456789012"},
    {"AWS": "arn:aws:iam::*:root"},
    {"Service": "logging.s3.amazonaws.com"},
]
GOLIVE_IS_RIGHT = {
    "every value counts": (
        "it asks whether any one value is open; conditions are joined by AND, values by OR",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html",
    ),
    "wide networks": (
        "it looks for /0 alone",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    ),
    "variables and wildcards are not fixed": (
        "it takes ${aws:PrincipalAccount}, AROA*, arn:aws:s3:::* and vpce-* for fixed, or any wildcard for open",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    ),
}


def disagreement(statement: dict[str, Any]) -> str:
    """Name the line of the table that a statement is about, if one is."""
    conditions = [(o, k, v) for o, keys in statement.get("Condition", {}).items() for k, v in keys.items()]
    values = [value for _, _, listed in conditions for value in listed]
    if len(conditions) > 1 or len(values) > 1:
        return "every value counts"
    if any(key == "aws:SourceIp" for _, key, _ in conditions):
        return "wide networks"
    return "variables and wildcards are not fixed" if any("*" in v or "$" in v for v in values) else ""


def test_what_policyuniverse_calls_open():
    chance = random.Random(SEED)
    used, agreed = set(), {True: 0, False: 0}
    for number in range(COUNT * 20):
        chosen = chance.sample(CONDITIONS, chance.choice([0, 1, 1, 1, 2]))
        condition: dict[str, dict[str, list[str]]] = {}
        for operator_, key, values in chosen:
            condition.setdefault(operator_, {})[key] = chance.sample(values, min(len(values), chance.choice([1, 1, 2])))
        statement = {
            "Effect": "Allow",
            "Principal": chance.choice(PRINCIPALS),
            "Action": picked(chance, ["s3:GetObject", "s3:ReplicateObject", "s3:PutObjectVersionAcl"]),
            "Resource": f"{ARN}/*",
            **({"Condition": condition} if condition else {}),
        }
        document = {"Version": "2012-10-17", "Statement": [statement]}
        golive = bool(open_to_anybody(statements(json.dumps(document)), NAME, NOW))
        theirs = Policy(document).is_internet_accessible()
        if golive is theirs:
            agreed[golive] += 1
            continue
        line = disagreement(statement)
        assert line in GOLIVE_IS_RIGHT, f"seed {SEED}, policy {number}: golive {golive}, {json.dumps(document)}"
        used.add(line)
    assert used == set(GOLIVE_IS_RIGHT)
    assert min(agreed.values()) > COUNT
