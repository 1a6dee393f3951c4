"""The combinations of a job's matrix, as GitHub makes them of its values, `exclude` and `include`. Pure.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax, jobs.<job_id>.strategy.matrix
"""

import itertools
import re
from collections.abc import Mapping

from golive_checks.systems.machine.client import yamlnodes as y

MAX_LEGS = 256
"""GitHub refuses more."""
MAX_COMBINATIONS = 20_000
"""Looked at for those that `exclude` leaves."""
REFERENCE = re.compile(r"\$\{\{\s*matrix\.([\w.-]+)\s*\}\}")

Leg = Mapping[str, str]


def legs_of(node: y.Node) -> tuple[Leg, ...]:
    """Return a matrix's combinations. What an expression gives as it runs is left out of them."""
    fields = y.pairs(node)
    own = {
        name: values
        for name in fields
        if name not in {"include", "exclude"} and (values := [_flat(name, each) for each in y.items(fields[name])])
    }
    left_out = [_flat("", each) for each in y.items(fields.get("exclude"))]
    made = map(_joined, itertools.islice(itertools.product(*own.values()), MAX_COMBINATIONS)) if own else iter(())
    kept = (leg for leg in made if not any(each.items() <= leg.items() for each in left_out))
    legs = list(itertools.islice(kept, MAX_LEGS))
    more: list[dict[str, str]] = []
    for each in y.items(fields.get("include")):
        entry = _flat("", each)
        # GitHub lets an include extend each combination of whose own values it changes none, and else adds one.
        fitting = [leg for leg in legs if all(leg.get(name, entry[name]) == entry[name] for name in entry.keys() & own)]
        for leg in fitting:
            leg.update(entry)
        more += [] if fitting else [entry]
    return tuple((legs + more)[:MAX_LEGS])


def _joined(parts: tuple[dict[str, str], ...]) -> dict[str, str]:
    return {name: value for part in parts for name, value in part.items()}


def _flat(name: str, node: y.Node) -> dict[str, str]:
    """Return what stands below a name: `config: {os: x}` is config.os."""
    below = y.pairs(node)
    if not below:
        return {name: y.scalar(node) or ""}
    return {path: text for key, each in below.items() for path, text in _flat(f"{name}.{key}".strip("."), each).items()}


def filled(text: str, leg: Leg) -> str:
    """Fill a combination's values into a text."""
    return REFERENCE.sub(lambda found: leg.get(found[1], found[0]), text)
