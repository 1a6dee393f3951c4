"""What a bucket's policy lets outsiders do: anybody, with an AWS account and a network of their own or without.

An explicit Deny stands over every Allow
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html), but only where it holds for
each request that an outsider could make. Which keys they cannot choose is from "The meaning of public" in
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html and from
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product

from golive_checks.storage.policy import Statement, actions_of, is_open
from golive_checks.storage.policy_actions import MEANING
from golive_checks.storage.policy_conditions import FREE, Holds, KeyValue, Value, holds
from golive_checks.storage.policy_patterns import left_over

OF_PRINCIPAL = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgmasteraccountid",
        "aws:principalorgpaths",
    }
)
OF_ENDPOINT = frozenset(
    {
        "aws:sourcevpc",
        "aws:sourcevpcarn",
        "aws:sourcevpce",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
    }
)
BY_SERVICE = frozenset(
    {
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourceowner",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)
"""What a service or an access point adds: an outsider's own, or nothing."""
OF_MACHINE = frozenset({"aws:ec2instancesourcevpc", "ec2:sourceinstancearn", "lambda:sourcefunctionarn"})
"""Where the requester's role was given its credentials: a machine or function of the outsider's own, or none."""
OF_OWNER = frozenset({"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "s3:resourceaccount"})
CALLED_VIA = frozenset({"aws:calledvia", "aws:calledviafirst", "aws:calledvialast"})
OF_SIGN_IN = (":aud", ":app_id", ":oaud", ":azp", ":sub", ":client_id")
"""Keys of Cognito, Google and their like: which application somebody signed in to."""
CLOUDFRONT = "cloudfront.amazonaws.com"
NETWORKS = (KeyValue.IPV4, KeyValue.IPV6, None)
"""How a request comes: over the internet, or through an endpoint of a VPC, which hides the address."""


@dataclass(frozen=True)
class Stranger:
    """Somebody outside: with an account of their own or none, by a network, over TLS or not, now."""

    now: datetime
    account: bool
    network: KeyValue | None
    tls: bool

    def value(self, key: str) -> tuple[Value, ...]:
        """Return what a key of such a request may hold."""
        fixed: dict[str, Value] = {
            "aws:securetransport": "true" if self.tls else "false",
            "aws:currenttime": self.now,
            "aws:epochtime": self.now,
            "aws:principalisawsservice": "false" if self.account else KeyValue.ABSENT,
            "aws:principalservicename": KeyValue.ABSENT,
            "aws:principalservicenameslist": KeyValue.ABSENT,
            "aws:sourceip": self.network or KeyValue.ABSENT,
            "aws:userid": KeyValue.OWN if self.account else "anonymous",
            "aws:viaawsservice": KeyValue.ANY if self.account else "false",
            "aws:vpcsourceip": KeyValue.ABSENT if self.network else KeyValue.ANY,
            "s3:tlsversion": KeyValue.ANY if self.tls else KeyValue.ABSENT,
        }
        if key in fixed:
            return (fixed[key],)
        if key in BY_SERVICE or key.endswith(OF_SIGN_IN):
            return (KeyValue.ABSENT, KeyValue.OWN)
        return next((values for keys, values in self._groups() if key in keys), FREE)

    def _groups(self) -> Iterator[tuple[frozenset[str], tuple[Value, ...]]]:
        """Yield keys that are filled in together, and what they hold."""
        yield OF_PRINCIPAL, (KeyValue.OWN if self.account else KeyValue.ABSENT,)
        yield OF_ENDPOINT, (KeyValue.ABSENT if self.network else KeyValue.OWN,)
        yield OF_MACHINE, (KeyValue.ABSENT, KeyValue.OWN) if self.account else (KeyValue.ABSENT,)
        yield OF_OWNER, (KeyValue.OF_OWNER if self.account else KeyValue.OF_OWNER_UNSIGNED,)
        yield CALLED_VIA, FREE if self.account else (KeyValue.ABSENT,)

    def is_meant(self, by: Statement) -> Holds:
        """Return whether a statement's principals include this outsider."""
        if by.not_principals:
            if "*" in by.not_principals:
                return Holds.NEVER
            spared = self.account and any(is_open(p) for p in by.not_principals)
            return Holds.EITHER if spared else Holds.ALWAYS
        if by.of_everyone:
            return Holds.ALWAYS
        return Holds.EITHER if self.account and any(is_open(p) for p in by.principals) else Holds.NEVER

    def met(self, by: Statement) -> Holds:
        """Return whether a statement, but for its actions and resources, is about such requests."""
        found = [self.is_meant(by), *(holds(c, self.value(c.key)) for c in by.conditions)]
        if Holds.NEVER in found:
            return Holds.NEVER
        return Holds.EITHER if Holds.EITHER in found else Holds.ALWAYS


@dataclass(frozen=True)
class Opening:
    """The statement that allows outsiders, and the ARN of something that they reach."""

    by: str
    arn: str


def open_to_anybody(policy: tuple[Statement, ...], bucket: str, now: datetime) -> dict[str, Opening]:
    """Return what somebody outside may do, and by which statement.

    Raises:
        TooManyPatterns: it could not be decided.
    """
    found: dict[str, Opening] = {}
    actions = list(actions_of(policy))
    for grants, denies in _views(policy, now):
        for (action, objects), grant in product(actions, grants):
            means = MEANING.get(action.lower(), action)
            if means in found or not grant.acts(action):
                continue
            arn = _reached(grant, [each for each in denies if each.acts(action)], bucket, objects=objects)
            if arn:
                found[means] = Opening(grant.label, arn)
    return found


def _views(policy: Sequence[Statement], now: datetime) -> Iterator[tuple[tuple[Statement, ...], tuple[Statement, ...]]]:
    """Yield what grants something to an outsider of some kind, and what certainly denies it; each pair once."""
    seen = set()
    for account, network, tls in product((False, True), NETWORKS, (True, False)):
        met = {each: Stranger(now, account, network, tls).met(each) for each in policy}
        grants = tuple(each for each in policy if each.allows and met[each] is not Holds.NEVER)
        denies = tuple(each for each in policy if not each.allows and met[each] is Holds.ALWAYS)
        if grants and (grants, denies) not in seen:
            seen.add((grants, denies))
            yield grants, denies


def _reached(grant: Statement, denies: Sequence[Statement], bucket: str, *, objects: bool) -> str:
    """Name something that a statement grants and none denies; empty where there is nothing."""
    wanted = grant.resources.widest()
    taken = list(dict.fromkeys(each.resources.narrowest() for each in denies))
    arn = f"arn:aws:s3:::{bucket}"
    if not objects:
        return arn if wanted.has(arn) and not any(each.has(arn) for each in taken) else ""
    key = left_over(f"{arn}/", wanted, taken)
    return f"{arn}/{key}" if key else ""


def lent_to_cloudfront(policy: tuple[Statement, ...]) -> list[str]:
    """Name the statements that allow CloudFront for anyone's distribution."""
    return [
        each.label
        for each in policy
        if each.allows
        and f"Service:{CLOUDFRONT}" in each.principals
        and all(holds(c, _of_cloudfront(c.key)) is not Holds.NEVER for c in each.conditions)
    ]


def _of_cloudfront(key: str) -> tuple[Value, ...]:
    """Return what a key holds when CloudFront asks on behalf of another customer's distribution."""
    known: dict[str, Value] = {"aws:principalisawsservice": "true", "aws:principalservicename": CLOUDFRONT}
    return (known[key],) if key in known else (KeyValue.OWN,) if key in BY_SERVICE else FREE
