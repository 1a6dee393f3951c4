"""Does a bucket's policy deny every request over clear http: of everybody, each action, each object?"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from golive import shortened
from golive_checks.storage.policy import Statement, actions_of
from golive_checks.storage.policy_conditions import FREE, Condition, Holds, KeyValue, Value, holds
from golive_checks.storage.policy_patterns import Matching, left_over

TLS, TLS_VERSION = "aws:securetransport", "s3:tlsversion"
EVERYTHING = Matching((), negated=True)


def allowed_in_clear(policy: tuple[Statement, ...], bucket: str, now: datetime) -> dict[str, str]:
    """Return the actions that some user may still be granted over clear http, and the ARN of something they reach.

    Raises:
        TooManyPatterns: it could not be decided.
    """
    denies = [each for each in policy if not each.allows and each.of_everyone and _always(each, now)]
    found = {}
    known: dict[tuple[Matching, ...], str | None] = {}
    for action, objects in actions_of(policy):
        taken = tuple(dict.fromkeys(each.resources.narrowest() for each in denies if each.acts(action)))
        arn = f"arn:aws:s3:::{bucket}"
        if not objects:
            if not any(each.has(arn) for each in taken):
                found[action] = arn
            continue
        if taken not in known:
            known[taken] = left_over(f"{arn}/", EVERYTHING, taken)
        left = known[taken]
        if left is not None:
            found[action] = f"{arn}/{left}"
    return found


def falls_short(policy: tuple[Statement, ...], now: datetime) -> Iterator[str]:
    """Describe what a statement about clear http leaves out besides resources and actions: principals, conditions."""
    for each in policy:
        if not any(c.key in {TLS, TLS_VERSION} for c in each.conditions):
            continue
        if each.allows:
            yield f"{each.label} allows over TLS, which denies nothing that another statement allows"
            continue
        if not each.of_everyone:
            who = "everyone but some" if each.not_principals else shortened(", ".join(each.principals), 120) or "nobody"
            yield f"{each.label} is for {who}, not for everyone"
        for condition in each.conditions:
            if not _holds_in_clear(condition, now):
                text = f"{condition.operator} {condition.key} {', '.join(condition.values)}"
                yield f"{each.label} denies only where {shortened(text, 160)}"


def _always(deny: Statement, now: datetime) -> bool:
    return all(_holds_in_clear(c, now) for c in deny.conditions)


def _holds_in_clear(condition: Condition, now: datetime) -> bool:
    """Return whether every request over clear http satisfies it, whoever sends it."""
    known: Mapping[str, Value] = {
        TLS: "false",
        TLS_VERSION: KeyValue.ABSENT,
        "aws:currenttime": now,
        "aws:epochtime": now,
    }
    possible = (known[condition.key],) if condition.key in known else FREE
    return holds(condition, possible) is Holds.ALWAYS
