"""Does the release that was meant answer, on every side?"""

from collections.abc import Mapping

from golive import (
    Environment,
    Phase,
    Severity,
    Unavailable,
    Verdict,
    check,
    not_applicable,
    not_configured,
    unknown,
    verdict,
)
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.release.deployed import TWO_SIDED, Deployed, ReleaseShown, Sides, SideSeen, Strategy
from golive_checks.systems.release.health import Service

OK = 200
SHORTEST_COMMIT = 7
"""Digits that git abbreviates a commit to."""


@check("health.version-expected", severity=Severity.CRITICAL, phase=Phase.AFTER)
def version_expected(
    host: Host,
    env: Environment,
    service: Service,
    seen: Mapping[Address, Deployed],
    sides: Sides | Unavailable,
    ask: ReleaseShown,
    strategy: Strategy,
) -> Verdict:
    """The deployed release is the one that answers, at every address.

    Why: A deploy that reports success may have left old instances running, or rolled back: what was tested is then not
    what people use.

    Fix: Deploy again and wait until every instance is replaced; find out what the instance with another version runs.

    Source: the profile's release, and rollout.version
    """
    if not ask.path:
        return not_configured("the profile does not say where it shows its release", "rollout.version.path")
    if not service.here:
        return not_applicable("it serves no API, and another host does")
    wanted = env.commit if ask.compare == "commit" else env.release
    if not wanted:
        return unknown(f"the profile names no {ask.compare} of the release", fix=f"Set release.{ask.compare}.")
    two_sided = strategy.kind in TWO_SIDED
    allowed = (wanted, *(other for other in ask.others if other and two_sided))
    fails = [f"{a.ip}: {_why_unversioned(ask, each.status)}" for a, each in seen.items() if not each.says]
    fails += [
        f"{a.ip} runs {each.says}, not {' or '.join(allowed)}"
        for a, each in seen.items()
        if each.says and not any(_is(each.says, one, ask.compare) for one in allowed)
    ]
    if two_sided and not fails:
        found = [each.says for each in (*seen.values(), *(sides.seen.values() if isinstance(sides, Sides) else ()))]
        if not any(_is(says, wanted, ask.compare) for says in found):
            if isinstance(sides, Unavailable):
                return unknown(f"the other side could not be looked at: {sides.reason}", fix=sides.fix)
            fails = [f"no side runs {wanted}; they run {', '.join(sorted(set(found)))}"]
    return verdict(fails, ok=f"{wanted} answers" if not two_sided else f"{wanted} answers on one side at least")


@check("rollout.strategy-sound", severity=Severity.MEDIUM)
def strategy_sound(env: Environment, sides: Sides, strategy: Strategy, ask: ReleaseShown) -> Verdict:
    """Both sides of a blue/green or canary deployment exist, differ, and are ready.

    Why: The other side is the way back. If it is down, or is the same side under another name, there is no way back
    from a bad release.

    Fix: Bring up the side that is not ready, and make sure that the header or host of each leads to it:
    rollout.strategy.sides.

    Source: https://martinfowler.com/bliki/BlueGreenDeployment.html
    """
    if strategy.kind not in TWO_SIDED:
        return not_configured("the profile declares neither blue/green nor a canary", "rollout.strategy.kind")
    if len(sides.seen) < 2:  # noqa: PLR2004 - sides
        return unknown(f"{strategy.kind} has two sides; the profile names {len(sides.seen)}", fix="Name both.")
    fails = [f"{name}: {seen.path} answers {seen.status}" for name, seen in sides.seen.items() if seen.status != OK]
    silent = [] if fails else [(name, side) for name, side in sides.seen.items() if side.shown and not side.says]
    fails += [f"{name}: {_why_unversioned(ask, side.shown or OK)}" for name, side in silent]
    if not fails:
        fails = _mixed_up(sides.seen, strategy)
    same = len({seen.says for seen in sides.seen.values()}) == 1 and not strategy.field
    warns = ["the sides look the same: both say the same; name a field in rollout.strategy.field"] if same else []
    text = ", ".join(f"{name} runs {seen.says}" if seen.says else name for name, seen in sides.seen.items())
    return verdict(fails, warns, ok=f"both sides are ready: {text}")


def _why_unversioned(ask: ReleaseShown, status: int) -> str:
    """Say why an answer does not tell which release it is of."""
    if status != OK:
        return f"{ask.path} answers {status}"
    return f"{ask.path} sends no header {ask.header}" if ask.header else f"{ask.path} has no field {ask.field} in JSON"


def _mixed_up(seen: Mapping[str, SideSeen], strategy: Strategy) -> list[str]:
    """Say where a side calls itself by another's name."""
    if not strategy.field:
        return []
    return [
        f"what leads to {name} comes to {side.calls_itself or f'one without {strategy.field}'}"
        for name, side in seen.items()
        if side.calls_itself.lower() != name.lower()
    ]


def _is(says: str, wanted: str, compare: str) -> bool:
    """Compare versions without their v, and commits by what either gives of them."""
    one, other = (text.strip().lower().removeprefix("v") for text in (says, wanted))
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    is_hex = len(shorter) >= SHORTEST_COMMIT and all(c in "0123456789abcdef" for c in longer)
    return compare == "commit" and is_hex and longer.startswith(shorter)
