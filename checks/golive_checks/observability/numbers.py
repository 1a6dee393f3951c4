"""What the checks of payments' and messaging's numbers say in the same words. Pure."""

from golive import Verdict, not_applicable, unknown
from golive_checks.systems.monitoring.numbers import QueryNumber

INITIALISE = "Count from 0 on: a counter with labels has no series before its first event. Or correct the query in {}."


def too_few(number: QueryNumber, least: int, what: str, place: str) -> Verdict | None:
    """Say that there is nothing to judge by: unknown where nothing was seen, n/a where it is little."""
    if number.value is None:
        return unseen(number, place)
    if number.value < least:
        return not_applicable(f"{number.value:.0f} {what}, fewer than {least}: too few to judge by")
    return None


def unseen(number: QueryNumber, place: str) -> Verdict:
    """Say that a query gave no number."""
    return unknown(f"{number.gap} for {number.query}", fix=INITIALISE.format(place))
