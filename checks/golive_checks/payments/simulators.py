"""Are the routes that simulate payments closed?"""

from golive import Severity, Verdict, check, not_configured, unknown, verdict
from golive_checks.subjects import Host
from golive_checks.systems.gateways.gateways import Gateways, any_in_use
from golive_checks.systems.gateways.simulators import SimulatorAnswers, Simulators

CLOSED = frozenset({403, 404})
LOCKED = 401


def _taken(gateways: Gateways, ask: Simulators) -> bool:
    return any_in_use(gateways) or bool(ask.paths)


@check("payments.simulators-closed", severity=Severity.CRITICAL, when=_taken)
def simulators_closed(host: Host, got: SimulatorAnswers) -> Verdict:
    """No route that simulates a payment answers.

    Why: A simulator marks an order as paid with a single call. It was made for tests, its path is in the front end's
    code or in the documentation, and anyone can call it.

    Fix: Do not mount these routes where real orders are taken; answer 404.
    """
    if not got.statuses:
        return not_configured("the profile names no simulator of this host", "payments.simulators.paths")
    if got.nowhere == LOCKED and set(got.statuses.values()) == {LOCKED}:
        return unknown(
            "every path answers 401, also one that does not exist: whether a simulator is there cannot be seen",
            fix="let the API answer 404 to a path that it does not have, logged in or not",
        )
    if got.nowhere not in CLOSED and got.nowhere != LOCKED:
        return unknown(
            f"a path that does not exist is answered {got.nowhere}: what a simulator's path answers proves nothing",
            fix="let the API answer 404 to a path that it does not have",
        )
    fails = [f"POST {path} is answered {status}" for path, status in got.statuses.items() if status not in CLOSED]
    return verdict(fails, ok=f"{', '.join(got.statuses)}: {', '.join(map(str, sorted(set(got.statuses.values()))))}")
