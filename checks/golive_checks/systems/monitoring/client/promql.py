"""What a PromQL expression looks at, by the maintained parser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import promql_parser as promql

MAX_LENGTH = 5000
MAX_OPERATORS = 200
"""The parser's time grows with the square of how deep they are nested."""
OPERATORS = re.compile(r"[-+*/%^(\[]|\b(?:and|or|unless|atan2)\b|[=!<>]=?")


@dataclass(frozen=True)
class Matcher:
    """A condition on a label: `=`, `!=`, `=~`, `!~`. The same in PromQL and Alertmanager."""

    name: str
    op: str
    value: str

    def __str__(self) -> str:
        """Write it as both do."""
        return f'{self.name}{self.op}"{self.value}"'


@dataclass(frozen=True)
class Selector:
    """Which series an expression reads: a metric's name ("" where only matchers tell it), and its matchers."""

    metric: str
    matchers: tuple[Matcher, ...] = ()


TOKEN = re.compile(
    r"""(?P<raw>`[^`]*`)|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
    r"|(?P<number>(?<![\w:.])(?:0[xX]_?)?[0-9a-fA-F]*\d_[\w.]*)"
)
"""A string, or a number with underscores: the parser knows neither these nor a backslash within backticks."""


def usual(expression: str) -> str:
    """Write an expression without backticks and without underscores in numbers; it says the same."""

    def written(match: re.Match[str]) -> str:
        if match["raw"]:
            inside = match["raw"][1:-1].replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            return f'"{inside}"'
        return match[0].replace("_", "") if match["number"] else match[0]

    return TOKEN.sub(written, expression)


def selectors(expression: str) -> tuple[Selector, ...] | None:
    """Return what an expression reads; None where the parser does not understand it."""
    import promql_parser as promql

    if len(expression) > MAX_LENGTH or len(OPERATORS.findall(expression)) > MAX_OPERATORS:
        return None
    try:
        return tuple(dict.fromkeys(_read(promql.parse(usual(expression)))))
    except (ValueError, RecursionError):
        return None


def _read(node: "promql.Expr") -> Iterator[Selector]:
    """Follow an expression down to its selectors. The parser's own walk takes time by the fourth power of its depth."""
    import promql_parser as promql

    if isinstance(node, promql.VectorSelector):
        matchers = node.matchers.matchers
        by_name = [m for m in matchers if m.name == "__name__"]
        others = [m for m in matchers if m.name != "__name__"]
        yield Selector(node.name or "", tuple(Matcher(m.name, _op(m.op), m.value) for m in (*by_name, *others)))
    for name in ("lhs", "rhs", "expr", "param", "vector_selector"):
        below = getattr(node, name, None)
        if isinstance(below, promql.Expr):
            yield from _read(below)
    if isinstance(node, promql.Call):
        for argument in node.args:
            yield from _read(argument)


def _op(op: object) -> str:
    return {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}[str(op).rpartition(".")[2].partition("(")[0]]
