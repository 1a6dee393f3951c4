"""What a PromQL expression looks at, by the maintained parser."""

from dataclasses import dataclass

MAX_LENGTH = 10_000
MAX_BRACKETS = 100
"""The parser's time grows with the square of how deep they are nested."""
MAX_SELECTORS = 200


@dataclass(frozen=True)
class Matcher:
    """A condition on a label: `=`, `!=`, `=~`, `!~`. Of PromQL and of Alertmanager alike."""

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


def selectors(expression: str) -> tuple[Selector, ...] | None:
    """Return what an expression reads; None where the parser does not understand it."""
    import promql_parser as promql

    if len(expression) > MAX_LENGTH or expression.count("(") > MAX_BRACKETS:
        return None
    found: list[Selector] = []

    def visit(node: promql.Expr) -> bool:
        if isinstance(node, promql.MatrixSelector):
            node = node.vector_selector
        if isinstance(node, promql.VectorSelector):
            matchers = tuple(
                Matcher(m.name, _op(m.op), m.value) for m in node.matchers.matchers if m.name != "__name__"
            )
            named = [m for m in node.matchers.matchers if m.name == "__name__"]
            by_name = tuple(Matcher("__name__", _op(m.op), m.value) for m in named)
            found.append(Selector(node.name or "", (*by_name, *matchers)))
        return len(found) < MAX_SELECTORS

    try:
        promql.walk(promql.parse(expression), visit)
    except (ValueError, RecursionError):
        return None
    return tuple(dict.fromkeys(found))


def _op(op: object) -> str:
    return {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}[str(op).rpartition(".")[2].partition("(")[0]]
