"""The `if:` of a GitHub job: would it start although one that it needs has failed? Pure.

The expression is brought into Python's words, parsed by Python's own parser, and worked out in three values: what is
known of such a run, and None for all else.

https://docs.github.com/actions/reference/workflows-and-actions/expressions
"""

import ast
import re
from typing import Any, Literal

Answer = Literal["held", "starts", "unclear"]

LONGEST = 2000
TEXT = r"'(?:[^']|'')*'"
PIECES = re.compile(
    rf"(?P<text>{TEXT})"
    r"|\bneeds\.(?P<result>[\w-]+)\.result\b"
    rf"|\bneeds\[\s*(?P<quoted>{TEXT})\s*\]\.result\b"
    r"|\b(?P<all>needs(?:\.\*(?:\.result)?)?)(?![\w.\[-])"
    r"|\b(?P<status>always|success|failure|cancelled)\(\s*\)"
    r"|\b(?P<contains>contains)\("
    r"|(?P<call>\w+)\("
    r"|(?P<truth>true|false)\b"
    r"|(?P<path>[A-Za-z_][\w-]*(?:\.(?:[\w-]+|\*)|\[[^\]]*\])*)"
    r"|(?P<operator>&&|\|\||!=|!)"
)
OPERATORS = {"&&": " and ", "||": " or ", "!=": "!=", "!": " not "}
STATUS = {"always": True, "success": False, "failure": True, "cancelled": False}
"""What these say where one that is needed has failed."""


class _UnclearError(Exception):
    """It looks at results in a way that is not understood."""


def although_failed(condition: str, failed: str, needs: tuple[str, ...]) -> Answer:
    """Say what becomes of a job where `failed`, which it needs, has failed, and the others of `needs` have not.

    Without one of the four status functions GitHub puts `success() &&` before the condition.
    """
    text = re.sub(r"^\s*\$\{\{(.*)\}\}\s*$", r"\1", condition, flags=re.DOTALL)
    if not re.search(r"\b(?:always|success|failure|cancelled)\(\s*\)", text):
        return "held"
    try:
        tree = ast.parse(" ".join(PIECES.sub(_worded, text[:LONGEST]).split()), mode="eval").body
        value = _value(tree, failed, needs)
    except (_UnclearError, SyntaxError, ValueError, RecursionError):
        return "unclear"
    return "held" if value is False else "starts"


def _worded(found: re.Match[str]) -> str:
    """Bring a piece of the expression into Python's words."""
    piece, kind = found[0], found.lastgroup or ""
    words = {"all": "RESULTS", "contains": "CONTAINS(", "call": "CALL(", "truth": piece.title(), "path": "None"}
    match kind:
        case "text":
            return repr(_unquoted(piece))
        case "result":
            return f"RESULT({found[kind]!r})"
        case "quoted":
            return f"RESULT({_unquoted(found[kind])!r})"
        case "status":
            return f"STATUS({found[kind]!r})"
    return OPERATORS[piece] if kind == "operator" else words[kind]


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _value(node: ast.expr, failed: str, needs: tuple[str, ...]) -> Any:
    """Work out a node: a value, or None where it hangs on what is not known."""
    match node:
        case ast.Constant():
            return node.value
        case ast.UnaryOp(op=ast.Not()):
            value = _value(node.operand, failed, needs)
            return None if value is None else not value
        case ast.BoolOp():
            return _joined(node, failed, needs)
        case ast.Compare(ops=[ast.Eq() | ast.NotEq() as how], comparators=[right]):
            a, b = _value(node.left, failed, needs), _value(right, failed, needs)
            same = str(a).lower() == str(b).lower()  # as GitHub compares
            return None if a is None or b is None else same == isinstance(how, ast.Eq)
    return _called(node, failed, needs)


def _called(node: ast.expr, failed: str, needs: tuple[str, ...]) -> str | bool | None:
    """Work out what a function says; one that is not known may say anything, but of results it must be understood."""
    match node:
        case ast.Call(func=ast.Name(id="RESULT"), args=[ast.Constant() as name]):
            return "failure" if name.value == failed else "success"
        case ast.Call(func=ast.Name(id="STATUS"), args=[ast.Constant() as name]):
            return STATUS[str(name.value)]
        case ast.Call(func=ast.Name(id="CONTAINS"), args=[ast.Name(id="RESULTS"), ast.Constant() as wanted]):
            return wanted.value in {"failure", *(["success"] if len(needs) > 1 else [])}
    if "RESULT" in ast.unparse(node):
        raise _UnclearError
    return None


def _joined(node: ast.BoolOp, failed: str, needs: tuple[str, ...]) -> bool | None:
    """Work out `&&` and `||`: one part may settle it, whatever the others are."""
    ends = isinstance(node.op, ast.Or)
    values, unclear = list[Any](), False
    for each in node.values:
        try:
            values.append(_value(each, failed, needs))
        except _UnclearError:
            unclear = True
    if any(value is not None and bool(value) is ends for value in values):
        return ends
    if unclear:
        raise _UnclearError
    return None if None in values else not ends
