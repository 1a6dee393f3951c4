"""Does a bucket's policy deny every request over clear http: of everybody, each action, each object?"""

from collections.abc import Iterator

from golive import shortened
from golive_checks.storage.policy import Statement, actions_of
from golive_checks.storage.policy_conditions import FREE, Condition, Holds, holds
from golive_checks.storage.policy_patterns import Matching, left_over

TLS = "aws:securetransport"
EVERYTHING = Matching((), negated=True)


def allowed_in_clear(policy: tuple[Statement, ...], bucket: str) -> dict[str, str]:
    """Return the actions that some user may still be granted over clear http, and the ARN of something they reach.

    Raises:
        TooManyPatterns: it could not be decided.
    """
    denies = [each for each in policy if not each.allows and each.of_everyone and _always(each)]
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


def falls_short(policy: tuple[Statement, ...]) -> Iterator[str]:
    """Describe what a statement about clear http leaves out besides resources and actions: principals, conditions."""
    for each in policy:
        if not any(c.key == TLS for c in each.conditions):
            continue
        if each.allows:
            yield f"{each.label} allows over TLS, which denies nothing that another statement allows"
            continue
        if not each.of_everyone:
            who = "everyone but some" if each.not_principals else shortened(", ".join(each.principals), 120) or "nobody"
            yield f"{each.label} is for {who}, not for everyone"
        for condition in each.conditions:
            if not _holds_in_clear(condition):
                said = f"{condition.operator} {condition.key} {', '.join(condition.values)}"
                yield f"{each.label} denies only where {shortened(said, 160)}"


def _always(deny: Statement) -> bool:
    return all(_holds_in_clear(c) for c in deny.conditions)


def _holds_in_clear(condition: Condition) -> bool:
    """Tell whether every request over clear http satisfies it, whoever sends it."""
    return holds(condition, ("false",) if condition.key == TLS else FREE) is Holds.ALWAYS
