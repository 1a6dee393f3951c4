"""What a bucket's policy lets anybody do, and what it denies: evaluated, statement by statement, as the server would.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html: an explicit Deny stands over
every Allow. What narrows a statement, so that it is not public, is from "The meaning of public" in
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from re import IGNORECASE, Pattern
from re import compile as compiled
from typing import Any

from golive_checks.storage.policy_conditions import Condition, may_hold, must_hold, must_hold_in_clear

READ, WRITE, LIST = "read objects", "write objects", "list"
REACHES = (
    ("s3:ListBucket", False, LIST),
    ("s3:ListBucketVersions", False, LIST),
    ("s3:GetObject", True, READ),
    ("s3:GetObjectVersion", True, READ),
    ("s3:PutObject", True, WRITE),
    ("s3:DeleteObject", True, WRITE),
    ("s3:DeleteObjectVersion", True, WRITE),
    ("s3:PutObjectAcl", True, "change who may read objects"),
    ("s3:GetBucketPolicy", False, "read the policy"),
    ("s3:PutBucketPolicy", False, "change the policy"),
    ("s3:PutBucketAcl", False, "change the ACL"),
    ("s3:DeleteBucket", False, "delete the bucket"),
)
"""What is looked at: an action, whether it is of objects or of the bucket, and what it comes to."""
IN_CLEAR = ("s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:DeleteObject")
"""What moves names and contents over the wire: what a Deny of clear http must cover at the least."""

CLOUDFRONT = "Service:cloudfront.amazonaws.com"
OF_ACCOUNT = compiled(r"arn:[\w-]+:(iam|sts)::\d{12}:")
SAMPLES = ("a", "Zz/9 .\N{BULLET}x", "~tmp/q-_=+.PDF")
"""Keys that no pattern matches all of, unless it matches every key."""


@dataclass(frozen=True)
class Statement:
    """One statement of a policy. `principals` holds "*" where it is for everyone."""

    sid: str
    allows: bool
    principals: tuple[str, ...]
    not_principals: tuple[str, ...]
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    conditions: tuple[Condition, ...]

    @property
    def of_anybody(self) -> bool:
        """True where it may be about someone whom the policy does not name."""
        return bool(self.not_principals) or any(_is_open(p) for p in self.principals)

    @property
    def of_everyone(self) -> bool:
        """True where it is about each and every one."""
        return "*" in self.principals

    def acts(self, action: str) -> bool:
        """Tell whether it is about an action."""
        if self.not_actions:
            return not any(_matches(pattern, action, ignore_case=True) for pattern in self.not_actions)
        return any(_matches(pattern, action, ignore_case=True) for pattern in self.actions)

    def touches(self, bucket: str, *, objects: bool) -> bool:
        """Tell whether it is about the bucket itself, or about any of its objects."""
        if not objects:
            return self.covers(bucket, objects=False)
        if self.not_resources:
            names = _objects(bucket)
            return not any(all(_matches(_in_aws(p), n) for n in names) for p in self.not_resources)
        return any(_overlaps(pattern, bucket) for pattern in self.resources)

    def covers(self, bucket: str, *, objects: bool) -> bool:
        """Tell whether it is about the bucket itself, or about each and every one of its objects."""
        names = _objects(bucket) if objects else [f"arn:aws:s3:::{bucket}"]
        if self.not_resources:
            return not any(_matches(_in_aws(p), n) for p in self.not_resources for n in names)
        return any(all(_matches(_in_aws(p), n) for n in names) for p in self.resources)

    @property
    def label(self) -> str:
        """Name it in a message."""
        return f"statement {self.sid}" if self.sid else "a statement without a Sid"


def statements(document: str) -> tuple[Statement, ...]:
    """Read a policy; an empty document has no statements.

    Raises:
        ValueError: it is no policy.
    """
    if not document:
        return ()
    try:
        found = json.loads(document)
        listed = found["Statement"]
        return tuple(_statement(each) for each in (listed if isinstance(listed, list) else [listed]))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("is no policy") from error


def open_to_anybody(policy: tuple[Statement, ...], bucket: str) -> dict[str, str]:
    """Return what anybody on the internet may do, and the statement that allows it."""
    found: dict[str, str] = {}
    for action, objects, means in REACHES:
        for each in policy:
            if (
                each.allows
                and each.of_anybody
                and each.acts(action)
                and each.touches(bucket, objects=objects)
                and all(may_hold(c) for c in each.conditions)
                and not _denied_to_strangers(policy, bucket, action, objects=objects)
            ):
                found.setdefault(means, each.label)
    return found


def lent_to_cloudfront(policy: tuple[Statement, ...]) -> list[str]:
    """Name the statements that let CloudFront in for whosever distribution asks it."""
    return [
        each.label
        for each in policy
        if each.allows and CLOUDFRONT in each.principals and all(may_hold(c) for c in each.conditions)
    ]


def _denied_to_strangers(policy: tuple[Statement, ...], bucket: str, action: str, *, objects: bool) -> bool:
    return any(
        not each.allows
        and (each.of_everyone or bool(each.not_principals))
        and each.acts(action)
        and each.covers(bucket, objects=objects)
        and all(must_hold(c) for c in each.conditions)
        for each in policy
    )


def allowed_in_clear(policy: tuple[Statement, ...], bucket: str) -> list[str]:
    """Return the actions that some user may still be granted over clear http."""
    wanted = [(action, objects) for action, objects, _ in REACHES if action in IN_CLEAR]
    return [
        action
        for action, objects in wanted
        if not any(
            not each.allows
            and each.of_everyone
            and each.acts(action)
            and each.covers(bucket, objects=objects)
            and all(must_hold_in_clear(c) for c in each.conditions)
            for each in policy
        )
    ]


def falls_short(policy: tuple[Statement, ...], bucket: str) -> Iterator[str]:
    """Say of each statement that speaks of clear http why it does not deny it all."""
    for each in policy:
        if not any(c.key == "aws:securetransport" for c in each.conditions):
            continue
        if each.allows:
            yield f"{each.label} allows over TLS, which denies nothing to those whom another statement allows"
            continue
        if not each.of_everyone:
            who = "everyone but some" if each.not_principals else ", ".join(each.principals)[:120] or "nobody"
            yield f"{each.label} is for {who}, not for everyone"
        for condition in each.conditions:
            if not must_hold_in_clear(condition):
                said = f"{condition.operator} {condition.key} {', '.join(condition.values)}"
                yield f"{each.label} denies only where {said[:160]}"
        left_out = [action for action in IN_CLEAR if not each.acts(action)]
        if left_out:
            yield f"{each.label} leaves out {', '.join(left_out)}"
        if not each.covers(bucket, objects=True):
            yield f"{each.label} leaves out the bucket's objects (arn:aws:s3:::{bucket}/*)"
        if not each.covers(bucket, objects=False):
            yield f"{each.label} leaves out the bucket itself (arn:aws:s3:::{bucket})"


def _statement(raw: Mapping[str, Any]) -> Statement:
    effect = raw["Effect"]
    if effect not in {"Allow", "Deny"}:
        raise ValueError("a statement neither allows nor denies")
    return Statement(
        sid=str(raw.get("Sid", ""))[:80],
        allows=effect == "Allow",
        principals=tuple(_principals(raw.get("Principal", ()))),
        not_principals=tuple(_principals(raw.get("NotPrincipal", ()))),
        actions=_texts(raw.get("Action", ())),
        not_actions=_texts(raw.get("NotAction", ())),
        resources=_texts(raw.get("Resource", ())),
        not_resources=_texts(raw.get("NotResource", ())),
        conditions=tuple(
            Condition(operator, key.lower(), _texts(values))
            for operator, keys in raw.get("Condition", {}).items()
            for key, values in keys.items()
        ),
    )


def _principals(raw: Any) -> Iterator[str]:
    """Yield each principal; a service or a federation bears its kind, so that its wildcard is not everyone's."""
    if isinstance(raw, Mapping):
        for kind, values in raw.items():
            yield from (v if kind in {"AWS", "CanonicalUser"} else f"{kind}:{v}" for v in _texts(values))
    else:
        yield from _texts(raw)


def _texts(raw: Any) -> tuple[str, ...]:
    """Return one value or a list of them as texts; true and false as policies write them."""
    listed = raw if isinstance(raw, (list, tuple)) else [raw]
    return tuple(str(v).lower() if isinstance(v, bool) else str(v) for v in listed)


def _is_open(principal: str) -> bool:
    """Tell whether a principal is no fixed one: everyone, every account (arn:aws:iam::*:root), every service."""
    return "*" in principal and OF_ACCOUNT.match(principal) is None


def _objects(bucket: str) -> list[str]:
    return [f"arn:aws:s3:::{bucket}/{key}" for key in SAMPLES]


def _in_aws(pattern: str) -> str:
    """Write an ARN of another partition, such as arn:aws-cn:s3:::x, as one of the usual."""
    parts = pattern.split(":", 2)
    return f"arn:aws:{parts[2]}" if pattern.startswith("arn:aws-") and len(parts) > 2 else pattern  # noqa: PLR2004 - its third part


def _overlaps(pattern: str, bucket: str) -> bool:
    """Tell whether a pattern may match some object: what is fixed of it begins an object's ARN, or is one's."""
    top = f"arn:aws:s3:::{bucket}/"
    fixed = _in_aws(pattern).split("*", 1)[0].split("?", 1)[0]
    return fixed.startswith(top) or (fixed != _in_aws(pattern) and (top.startswith(fixed)))


@cache
def _pattern(pattern: str, *, ignore_case: bool) -> Pattern[str]:
    # In a policy [ is a letter like any other; fnmatch would read a set of them.
    return compiled(translate(pattern.replace("[", "[[]")), IGNORECASE if ignore_case else 0)


def _matches(pattern: str, text: str, *, ignore_case: bool = False) -> bool:
    return _pattern(pattern, ignore_case=ignore_case).match(text) is not None
