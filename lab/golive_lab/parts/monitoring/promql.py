"""Answers PromQL over the described series, as far as the reference stack's own profile asks: for the demo alone."""

from __future__ import annotations

import operator
import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import promql_parser as promql

from golive_lab.world.monitoring import BUCKETS

if TYPE_CHECKING:
    from golive_lab.world.monitoring import ApiSeries

Sample = tuple[dict[str, str], float]
"""Labels, the metric's name among them, and the value."""
ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda a, b: a / b if b else float("nan"),
}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


class CannotError(Exception):
    """The expression is one that this does not answer."""


def samples(series: Iterable[ApiSeries]) -> list[Sample]:
    """Write series as they are scraped: a histogram as its buckets, its count and its sum."""
    found: list[Sample] = []
    for each in series:
        labels = dict(each.labels)
        if each.kind != "histogram":
            found.append(({"__name__": each.name, **labels}, each.value))
            continue
        for bound in (*BUCKETS, float("inf")):
            count = each.value if each.observed <= bound else 0
            le = "+Inf" if bound == float("inf") else f"{bound:g}"
            found.append(({"__name__": f"{each.name}_bucket", **labels, "le": le}, count))
        found.append(({"__name__": f"{each.name}_sum", **labels}, each.value * each.observed))
        found.append(({"__name__": f"{each.name}_count", **labels}, each.value))
    return found


def answer(expression: str, known: list[Sample]) -> list[Sample]:
    """Evaluate an expression to a vector."""
    try:
        found = _value(promql.parse(expression), known)
    except ValueError as error:
        raise CannotError(str(error)) from None
    return [({}, found)] if isinstance(found, float) else found


def _value(node: Any, known: list[Sample]) -> list[Sample] | float:  # noqa: PLR0911 - one for each kind of node
    if isinstance(node, promql.ParenExpr):
        return _value(node.expr, known)
    if isinstance(node, promql.NumberLiteral):
        return float(node.val)
    if isinstance(node, promql.MatrixSelector):
        return _value(node.vector_selector, known)
    if isinstance(node, promql.VectorSelector):
        return [s for s in known if _selected(node, s[0])]
    if isinstance(node, promql.Call):
        return _call(node, known)
    if isinstance(node, promql.AggregateExpr) and str(node.op) == "sum":
        return _sum(node, known)
    if isinstance(node, promql.BinaryExpr):
        on = node.modifier.matching.labels if node.modifier and node.modifier.matching else None
        return _binary(str(node.op), _value(node.lhs, known), _value(node.rhs, known), on)
    raise CannotError(f"the recorded Prometheus has no answer to {node.prettify()}")


def _selected(node: Any, labels: dict[str, str]) -> bool:
    if node.name and labels["__name__"] != node.name:
        return False
    return all(_matches(str(m.op), m.value, labels.get(m.name, "")) for m in node.matchers.matchers)


def _matches(op: str, value: str, label: str) -> bool:
    word = op.rpartition(".")[2]
    hit = bool(re.fullmatch(value, label)) if word.endswith("Re") else value == label
    return not hit if word.startswith("Not") else hit


def _call(node: Any, known: list[Sample]) -> list[Sample] | float:
    name = node.func.name
    arguments = [_value(argument, known) for argument in node.args]
    if name == "time":
        return time.time()
    if name == "vector":
        return [({}, float(arguments[0]))]  # type: ignore[arg-type]
    if name in {"increase", "rate"}:  # everything counted was counted within the window, from 0 on
        seconds = node.args[0].range.total_seconds() if name == "rate" else 1
        return [(_nameless(labels), value / seconds) for labels, value in arguments[0]]  # type: ignore[union-attr]
    if name == "histogram_quantile":
        return _quantile(*arguments)  # type: ignore[arg-type]
    raise CannotError(f"the recorded Prometheus does not know {name}()")


def _quantile(share: float, buckets: list[Sample]) -> list[Sample]:
    groups: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    for labels, value in buckets:
        rest = tuple((n, v) for n, v in labels.items() if n != "le")
        groups.setdefault(rest, []).append((float(labels["le"].replace("+Inf", "inf")), value))
    return [(dict(rest), _within(share, sorted(pairs))) for rest, pairs in groups.items()]


def _within(share: float, pairs: list[tuple[float, float]]) -> float:
    """Interpolate as Prometheus does."""
    total = pairs[-1][1]
    low = under = 0.0
    for bound, count in pairs:
        if total and count >= share * total:
            return low if bound == float("inf") else low + (bound - low) * (share * total - under) / (count - under)
        low, under = bound, count
    return float("nan")


def _sum(node: Any, known: list[Sample]) -> list[Sample]:
    keep = node.modifier.labels if node.modifier else []
    groups: dict[tuple[tuple[str, str], ...], float] = {}
    of: Any = _value(node.expr, known)
    for labels, value in of:
        key = tuple((name, labels[name]) for name in keep if name in labels)
        groups[key] = groups.get(key, 0.0) + value
    return [(dict(key), value) for key, value in groups.items()]


def _binary(
    op: str, left: list[Sample] | float, right: list[Sample] | float, on: list[str] | None
) -> list[Sample] | float:
    if isinstance(left, float) and isinstance(right, float):
        return ARITHMETIC[op](left, right)
    if isinstance(left, float):
        return [(_nameless(labels), ARITHMETIC[op](left, value)) for labels, value in right]  # type: ignore[union-attr]
    if isinstance(right, float):
        if op in COMPARISONS:
            return [(labels, value) for labels, value in left if COMPARISONS[op](value, right)]
        return [(_nameless(labels), ARITHMETIC[op](value, right)) for labels, value in left]
    if op not in ARITHMETIC:
        raise CannotError(f"the recorded Prometheus does not know {op} between two vectors")
    others: dict[tuple[tuple[str, str], ...], float] = {}
    for labels, value in right:
        key = _key(labels, on)
        if key in others:
            raise CannotError(f"found duplicate series for the match group {dict(key)}")
        others[key] = value
    pairs = [(_nameless(labels), value, others.get(_key(labels, on))) for labels, value in left]
    return [(labels, ARITHMETIC[op](value, other)) for labels, value, other in pairs if other is not None]


def _key(labels: dict[str, str], on: list[str] | None) -> tuple[tuple[str, str], ...]:
    found = _nameless(labels) if on is None else {name: labels[name] for name in on if name in labels}
    return tuple(sorted(found.items()))


def _nameless(labels: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in labels.items() if name != "__name__"}
