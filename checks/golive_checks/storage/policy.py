"""A bucket's policy, read into statements: who each is about, which actions, and which of the bucket's resources.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from golive import shortened
from golive_checks.storage.policy_actions import ELSEWHERE, ON_BUCKET, ON_OBJECTS
from golive_checks.storage.policy_conditions import Condition
from golive_checks.storage.policy_patterns import Matching, matches

OF_ACCOUNT = re.compile(r"arn:[\w-]+:(iam|sts)::\d{12}:")


@dataclass(frozen=True)
class Statement:
    """One statement of a policy. `principals` holds "*" where it is for everyone."""

    sid: str
    allows: bool
    principals: tuple[str, ...]
    not_principals: tuple[str, ...]
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: Matching
    conditions: tuple[Condition, ...]

    @property
    def of_everyone(self) -> bool:
        """True where it is about each and every one."""
        return "*" in self.principals

    def acts(self, action: str) -> bool:
        """Return whether it is about an action."""
        if self.not_actions:
            return not any(matches(pattern, action, ignore_case=True) for pattern in self.not_actions)
        return any(matches(pattern, action, ignore_case=True) for pattern in self.actions)

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


def actions_of(policy: tuple[Statement, ...]) -> Iterator[tuple[str, bool]]:
    """Yield each action of S3, and what the policy names beside them; and whether it is of objects."""
    yield from ((action, False) for action in ON_BUCKET)
    yield from ((action, True) for action in ON_OBJECTS)
    known = [*ON_BUCKET, *ON_OBJECTS]
    for pattern in {pattern.lower() for each in policy if each.allows for pattern in each.actions}:
        newer = pattern.replace("*", "").replace("?", "x")
        if (
            newer.startswith("s3:")
            and not any(matches(pattern, action, ignore_case=True) for action in known)
            and not any(matches(other, newer) for other in ELSEWHERE)
        ):
            yield from ((newer, False), (newer, True))


def is_open(principal: str) -> bool:
    """Return whether a principal is no fixed one: every account, every service, or who signed in with Google, say."""
    if principal.startswith("Federated:"):
        return not OF_ACCOUNT.match(principal.removeprefix("Federated:"))
    return "*" in principal and OF_ACCOUNT.match(principal) is None


def _statement(raw: Mapping[str, Any]) -> Statement:
    effect = raw["Effect"]
    if effect not in {"Allow", "Deny"}:
        raise ValueError("a statement neither allows nor denies")
    resources = [_in_aws(p) for p in _texts(raw.get("Resource", ()))]
    others = [_in_aws(p) for p in _texts(raw.get("NotResource", ()))]
    return Statement(
        sid=shortened(str(raw.get("Sid", "")), 80),
        allows=effect == "Allow",
        principals=tuple(_principals(raw.get("Principal", ()))),
        not_principals=tuple(_principals(raw.get("NotPrincipal", ()))),
        actions=_texts(raw.get("Action", ())),
        not_actions=_texts(raw.get("NotAction", ())),
        resources=Matching(tuple(others or resources), negated=bool(others)),
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


def _in_aws(pattern: str) -> str:
    """Write an ARN of another partition, such as arn:aws-cn:s3:::x, as one of the usual."""
    parts = pattern.split(":", 2)
    return f"arn:aws:{parts[2]}" if pattern.startswith("arn:aws-") and len(parts) > 2 else pattern  # noqa: PLR2004 - its third part
