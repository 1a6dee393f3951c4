"""What a policy's conditions come to for a stranger on the internet, and for a request over clear http."""

import ipaddress
import re
from dataclasses import dataclass

FIXED = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:userid",
        "aws:vpcsourceip",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
"""Keys that no stranger can give a value of his choice; others, as aws:Referer, anybody writes himself.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"""
WIDEST = {4: 8, 6: 32}
"""The prefix length below which a network is so wide that it is public (as above, "IPv4 ranges broader than /8")."""
ACCOUNT = re.compile(r"\d{12}")
ARN_PARTS = 6
"""arn:partition:service:region:account:resource"""


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
    def holds_without_key(self) -> bool:
        """True where a request that has no such key satisfies it."""
        lowered = self.operator.lower()
        return lowered.endswith("ifexists") or lowered.startswith("forallvalues:") or "not" in self.name

    @property
    def negated(self) -> bool:
        """True for StringNotEquals, NotIpAddress and their like."""
        return "not" in self.name

    @property
    def fixed(self) -> bool:
        """True where each of its values is one that is given to few."""
        return self.key in FIXED and bool(self.values) and all(_is_fixed(self.key, v) for v in self.values)


def may_hold(condition: Condition) -> bool:
    """Tell whether a stranger may satisfy it: not where he would need an address, account or network of few."""
    if condition.name == "null":
        return (
            True  # he may be another account's user, in a network of his own: so he has each key, or not, as he likes
        )
    if condition.key == "aws:sourceip" and not condition.negated:
        return not condition.fixed  # every request over the internet has one, so IfExists makes no difference
    return condition.holds_without_key or not condition.fixed


def must_hold(condition: Condition) -> bool:
    """Tell whether every stranger satisfies it: he has no address, account or network of those few."""
    return condition.negated and condition.fixed and not condition.operator.lower().startswith("foranyvalue:")


def must_hold_in_clear(condition: Condition) -> bool:
    """Tell whether every request over clear http satisfies it, whoever sends it."""
    by_text = condition.name in {"bool", "stringequals", "stringequalsignorecase", "stringlike"}
    return condition.key == "aws:securetransport" and by_text and "false" in [v.lower() for v in condition.values]


def _is_fixed(key: str, value: str) -> bool:
    if key in {"aws:sourceip", "aws:vpcsourceip"}:
        return _is_narrow(value)
    if key in {"aws:sourcearn", "aws:principalarn", "s3:dataaccesspointarn", "aws:sourcevpcarn"}:
        parts = value.split(":", ARN_PARTS - 1)
        return not _is_pattern(value) or (len(parts) == ARN_PARTS and ACCOUNT.fullmatch(parts[4]) is not None)
    if key == "aws:userid":
        return not value.startswith("*")
    if key.endswith("orgpaths"):
        value = value.partition("/")[0]
    return not _is_pattern(value)


def _is_pattern(value: str) -> bool:
    return "*" in value or "?" in value


def _is_narrow(value: str) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen >= WIDEST[network.version]
