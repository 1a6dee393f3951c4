"""What a policy's conditions come to for one kind of requester: they hold for sure, never, or as the requester likes.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from golive_checks.storage.policy_patterns import VARIABLE, has_variable, matches

WIDEST = {4: 8, 6: 32}
"""The prefix length below which a network is so wide that it is public: "IPv4 ranges broader than /8" in
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"""
ACCOUNT_DIGITS, ARN_PARTS = 12, 6
"""arn:partition:service:region:account:resource"""
UNIQUE_ID = 21
"""Letters of an IAM identifier such as AROA…: four of its kind and seventeen that nobody chooses."""
OWNERS = {"${aws:resourceaccount}": "0" * 12, "${s3:resourceaccount}": "0" * 12, "${aws:resourceorgid}": "o-owner"}
"""Variables that hold the bucket owner's account or organization, and a value in the form of those."""
REQUESTER_VARIABLES = {"${aws:principalaccount}", "${aws:principalorgid}"}
EVERYBODYS = {"sts.amazonaws.com", "https://signin.aws.amazon.com/saml"}
"""Audiences of tokens that are the same in every account."""


class Holds(Enum):
    """Whether a condition is met: whatever the requester does, never, or by choice."""

    ALWAYS = 1
    NEVER = 2
    EITHER = 3


class KeyValue(Enum):
    """What a key of a request holds, where it is no text that golive knows."""

    ABSENT = 1
    OWN = 2
    """A value of the requester's own, such as an account: none of those that the policy names."""
    ANY = 3
    """Whatever the requester chooses."""
    IPV4 = 4
    IPV6 = 6
    OF_OWNER = 5
    """A value of the bucket's owner, which golive does not know."""
    OF_OWNER_UNSIGNED = 7
    """The same in a request without credentials, in which no variable of the requester's holds anything."""


Value = KeyValue | str | datetime
FREE = (KeyValue.ABSENT, KeyValue.ANY)


@dataclass(frozen=True)
class Condition:
    """One key of a condition, which holds where any of its values does. The key is in lower case."""

    operator: str
    key: str
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        """The operator without ForAnyValue:, ForAllValues: and IfExists, in lower case."""
        return self.operator.lower().rpartition(":")[2].removesuffix("ifexists")

    @property
    def negated(self) -> bool:
        """True for StringNotEquals, NotIpAddress and their like."""
        return "not" in self.name

    @property
    def holds_without_key(self) -> bool:
        """True where a request that has no such key satisfies it."""
        lowered = self.operator.lower()
        if lowered.endswith("ifexists") or lowered.startswith("forallvalues:"):
            return True
        return self.negated and not lowered.startswith("foranyvalue:")


def holds(condition: Condition, possible: Iterable[Value]) -> Holds:
    """Return whether a condition holds where its key has any of the possible values."""
    return either_of(_for_one(condition, value) for value in possible)


def either_of(found: Iterable[Holds]) -> Holds:
    """Return what all agree on, else that it may be either."""
    outcomes = set(found)
    return outcomes.pop() if len(outcomes) == 1 else Holds.EITHER


def _for_one(condition: Condition, value: Value) -> Holds:
    absent = value is KeyValue.ABSENT
    if condition.name == "null":
        wanted = "true" if absent else "false"
        return Holds.ALWAYS if wanted in {v.lower() for v in condition.values} else Holds.NEVER
    if absent:
        return Holds.ALWAYS if condition.holds_without_key else Holds.NEVER
    if value is KeyValue.OF_OWNER_UNSIGNED and condition.negated:
        return Holds.EITHER  # what a variable without a value is unequal to is not documented
    if value in {KeyValue.IPV4, KeyValue.IPV6} and "ipaddress" in condition.name:
        found = _by_address(condition.values, 4 if value is KeyValue.IPV4 else 6)
    else:
        found = _any_of(_equals(condition, value, each) for each in condition.values)
    return _opposite(found) if condition.negated else found


def _any_of(found: Iterable[Holds]) -> Holds:
    outcomes = set(found)
    if Holds.ALWAYS in outcomes:
        return Holds.ALWAYS
    return Holds.EITHER if Holds.EITHER in outcomes else Holds.NEVER


def _opposite(found: Holds) -> Holds:
    return {Holds.ALWAYS: Holds.NEVER, Holds.NEVER: Holds.ALWAYS}.get(found, Holds.EITHER)


def _equals(condition: Condition, value: Value, wanted: str) -> Holds:
    """Return whether a key's value is the wanted one."""
    if isinstance(value, datetime):
        return _by_date(condition.name, value, wanted)
    if isinstance(value, str):
        return _by_text(condition.name, value, wanted)
    if wanted == "*" and ("like" in condition.name or "arn" in condition.name):
        return Holds.ALWAYS
    if value in {KeyValue.OF_OWNER, KeyValue.OF_OWNER_UNSIGNED}:
        return Holds.NEVER if wanted.lower() in REQUESTER_VARIABLES else Holds.EITHER
    if value is KeyValue.ANY:
        return Holds.EITHER
    return Holds.NEVER if _is_fixed(condition.key, wanted) else Holds.EITHER


def _by_text(name: str, value: str, wanted: str) -> Holds:
    if has_variable(wanted):
        return Holds.EITHER
    if "like" in name:
        same = matches(wanted, value)
    elif name.startswith("bool") or name.endswith("ignorecase"):
        same = wanted.lower() == value.lower()
    elif name.startswith("string"):
        same = wanted == value
    else:
        return Holds.EITHER
    return Holds.ALWAYS if same else Holds.NEVER


def _by_date(name: str, now: datetime, wanted: str) -> Holds:
    """Hold a date, or seconds since 1970, against the hour."""
    try:
        then = _date(wanted)
    except (ValueError, OverflowError, OSError):
        return Holds.EITHER
    if "lessthan" in name:
        met = now < then
    elif "greaterthan" in name:
        met = now > then
    else:
        met = now == then
    return Holds.ALWAYS if met else Holds.NEVER


def _date(text: str) -> datetime:
    if text.replace(".", "", 1).isdigit():
        return datetime.fromtimestamp(float(text), UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _by_address(values: tuple[str, ...], version: int) -> Holds:
    """Return whether an outsider's address is in the networks: few have one in a narrow network."""
    ranges = []
    for value in values:
        try:
            network = ipaddress.ip_network(value.strip(), strict=False)
        except ValueError:
            return Holds.EITHER
        if network.version == version:
            ranges.append((int(network[0]), int(network[-1])))
    bits = 32 if version == 4 else 128  # noqa: PLR2004 - IP's versions
    inside, outside = _joined(ranges, 1 << bits)
    wide = 1 << (bits - WIDEST[version])
    if all(size <= wide for size in inside):
        return Holds.NEVER
    return Holds.ALWAYS if all(size <= wide for size in outside) else Holds.EITHER


def _joined(ranges: list[tuple[int, int]], end: int) -> tuple[list[int], list[int]]:
    """Return the sizes of the stretches that the ranges make together, and of those between them."""
    inside: list[int] = []
    outside: list[int] = []
    after = 0
    for first, last in sorted(ranges):
        if first > after:
            outside.append(first - after)
        if not inside or first > after:
            inside.append(0)
        inside[-1] += max(0, last + 1 - max(first, after))
        after = max(after, last + 1)
    return inside, [*outside, *([end - after] if after < end else [])]


def _is_fixed(key: str, value: str) -> bool:
    """Return whether few have a value: it has no variable, and no wildcard that another account's could match."""
    value = VARIABLE.sub(lambda found: OWNERS.get(found[0].lower(), found[0]), value)
    if has_variable(value) or value in EVERYBODYS:
        return False
    if value.count(":") >= ARN_PARTS - 1 and value.startswith("arn:"):
        account = value.split(":", ARN_PARTS - 1)[4]
        return not _is_pattern(value) or (len(account) == ACCOUNT_DIGITS and account.isdigit())
    if key == "aws:userid":
        known = value.replace("?", "*").partition("*")[0]
        return not _is_pattern(value) or ":" in known or len(known) >= UNIQUE_ID
    if key.endswith("orgpaths"):
        value = value.partition("/")[0]
    return not _is_pattern(value)


def _is_pattern(value: str) -> bool:
    return "*" in value or "?" in value
