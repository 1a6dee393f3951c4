"""The conditions of GitHub's and GitLab's jobs, worked out for what is so in one run. Pure.

A condition is brought into Python's words and parsed by Python's own parser, never run. What golive does not know, such
as the output of a step, is a guess: the caller tries it both ways.

https://docs.github.com/actions/reference/workflows-and-actions/expressions; https://docs.gitlab.com/ci/jobs/job_rules/
"""

import ast
import functools
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from golive import shortened
from golive_checks import linear

LONGEST = 4000
TEXT = r"'(?:[^']|'')*'"
GITHUB = re.compile(
    rf"(?P<text>{TEXT})"
    r"|\bneeds\.(?P<result>[\w-]+)\.result\b"
    rf"|\bneeds\[\s*(?P<quoted>{TEXT})\s*\]\.result\b"
    r"|(?P<results>\bneeds\.\*\.result\b)"
    r"|\b(?P<needs>needs)(?![\w.\[-])"
    r"|\b(?P<status>always|success|failure|cancelled)\(\s*\)"
    r"|\b(?P<call>[A-Za-z]\w*)\("
    r"|\b(?P<truth>true|false|null)\b"
    r"|(?P<path>[A-Za-z_][\w-]*(?:\.(?:[\w-]+|\*)|\[[^\]]*\])*)"
    r"|(?P<operator>&&|\|\||!=|!)"
)
GITLAB = re.compile(
    r"(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<match>[=!]~)\s*(?P<pattern>/(?:[^/\\]|\\.)*/[a-z]*)"
    r"|\$\{?(?P<variable>\w+)\}?"
    r"|\b(?P<truth>null)\b"
    r"|(?P<operator>&&|\|\||!=|!)"
)
OPERATORS = {"&&": " and ", "||": " or ", "!=": "!=", "!": " not "}
WORDS = {"true": "True", "false": "False", "null": "None"}
STATUS = re.compile(r"\b(?:always|success|failure|cancelled)\(\s*\)")
KNOWN = frozenset(
    {"VALUE", "RESULT", "STATUS", "contains", "startsWith", "endsWith", "join", "toJSON", "fromJSON", "MATCH"}
    | {"format"}
)
TYPED = re.compile(r"(?:inputs|github\.event)\.(?!inputs\.)")
"""Names whose `true` and `false` are truth values and no texts; a form's own (github.event.inputs) are texts."""

Values = Mapping[str, str]


@dataclass(frozen=True)
class Moment:
    """What is so when a condition is looked at."""

    values: Values
    """What the platform's names say; a name that is not there is empty."""
    guesses: Mapping[str, bool] = field(default_factory=dict)
    """What is taken for the parts that are not known, by their text."""
    needs: Values = field(default_factory=dict)
    """The results of what a job needs: success, failure, skipped, cancelled."""
    before: tuple[str, ...] = ()
    """The results that success() and failure() look at."""
    cancelled: bool = False
    """Whether the run has been cancelled."""
    in_step: bool = False
    """Whether it is a step's condition: its success() looks at the job alone, in which nothing has failed."""


def asks_status(condition: str) -> bool:
    """Return whether a condition of GitHub's has a status function; without one, success() stands before it."""
    return bool(STATUS.search(condition))


@functools.lru_cache(maxsize=4096)
def read(condition: str, *, gitlab: bool = False) -> ast.expr:
    """Parse a condition; one that is not understood is a single guess."""
    text = re.sub(r"^\s*\$\{\{(.*)\}\}\s*$", r"\1", condition, flags=re.DOTALL)
    unread = ast.Call(ast.Name("GUESS"), [ast.Constant(shortened(text, 200))], [])
    if len(text) > LONGEST:
        return unread
    try:
        worded = GITLAB.sub(_of_gitlab, text) if gitlab else GITHUB.sub(_of_github, text)
        return ast.parse(" ".join(worded.split()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return unread


def _of_github(found: re.Match[str]) -> str:
    piece, kind = found[0], found.lastgroup or ""
    words: dict[str, Callable[[], str]] = {
        "text": lambda: repr(_unquoted(piece)),
        "result": lambda: f"RESULT({found['result']!r})",
        "quoted": lambda: f"RESULT({_unquoted(found['quoted'])!r})",
        "results": lambda: "RESULTS",
        "needs": lambda: "NEEDS",
        "status": lambda: f"STATUS({found['status']!r})",
        "call": lambda: f"{found['call']}(",
        "truth": lambda: WORDS[piece],
        "operator": lambda: OPERATORS[piece],
        "path": lambda: f"VALUE({_dotted(piece)!r})",
    }
    return words[kind]()


def _of_gitlab(found: re.Match[str]) -> str:
    piece = found[0]
    if found["text"]:
        return repr(piece[1:-1])
    if found["match"]:
        return f" {'is' if found['match'] == '=~' else 'is not'} {found['pattern']!r}"
    if found["variable"]:
        return f"VALUE({'$' + found['variable']!r})"
    return OPERATORS[piece] if found["operator"] else WORDS[piece]


def _dotted(path: str) -> str:
    """Return github['ref'] as github.ref."""
    return re.sub(r"\[\s*'([\w-]+)'\s*\]", r".\1", path)


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")


def holds(tree: ast.expr, now: Moment) -> bool:
    """Work a condition out."""
    return _true(_value(tree, now))


def _true(value: Any) -> bool:
    return value not in (None, "", False, 0)


def _value(node: ast.expr, now: Moment) -> Any:  # noqa: PLR0911 - one for each kind of node
    """Work out a node."""
    if not _is_known(node):
        text, denied = _guess(node)
        return now.guesses.get(text, False) is not denied
    match node:
        case ast.Constant():
            return node.value
        case ast.UnaryOp(op=ast.Not()):
            return not _true(_value(node.operand, now))
        case ast.BoolOp():
            return _joined(node, now)
        case ast.Compare(ops=[how], comparators=[right]):
            return _compared(how, _value(node.left, now), _value(right, now))
        case ast.Call(func=ast.Name(id=name)):
            return _called(name, [_value(each, now) for each in node.args], now)
    if isinstance(node, ast.Name) and node.id == "RESULTS":
        return list(now.needs.values())
    return {name: {"result": result, "outputs": {}} for name, result in now.needs.items()}


def _compared(how: ast.cmpop, a: Any, b: Any) -> bool:
    if isinstance(how, ast.Is | ast.IsNot):
        return _matches(str(a or ""), str(b)) == isinstance(how, ast.Is)
    return _same(a, b) == isinstance(how, ast.Eq)


def _same(a: Any, b: Any) -> bool:
    """Compare as GitHub does: what is of two types becomes numbers, so that null equals false and 'true' not true."""
    if isinstance(a, str) and isinstance(b, str):
        return a.lower() == b.lower()
    if isinstance(a, list | dict) or isinstance(b, list | dict):
        return a is b
    return _number(a) == _number(b)


def _number(value: Any) -> float:
    try:
        return float(value or 0)
    except ValueError:
        return math.nan


def _joined(node: ast.BoolOp, now: Moment) -> Any:
    """Work out `&&` and `||`, which give the part that settles them."""
    stops = isinstance(node.op, ast.Or)
    value: Any = None
    for each in node.values:
        value = _value(each, now)
        if _true(value) is stops:
            return value
    return value


def _plain(value: Any) -> str:
    """Bring a value to what contains() and startsWith() compare: null is empty, and upper case is lower case."""
    return "" if value is None else str(value).lower()


def _named(path: str, values: Values) -> Any:
    """Return what a name says, by its type."""
    text = values.get(path, "")
    return text == "true" if text in {"true", "false"} and TYPED.match(path) else text


def _format(pattern: Any, *parts: Any) -> str:
    """Fill {0} and {1} in; a doubled brace stands for itself."""
    lines = ["" if part is None else str(part).lower() if isinstance(part, bool) else str(part) for part in parts]

    def filled(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0][0]
        number = int(found[1])
        return lines[number] if number < len(lines) else ""

    return re.sub(r"\{\{|\}\}|\{(\d{1,3})\}", filled, str(pattern))


def _matches(text: str, pattern: str) -> bool:
    """Return whether a pattern of GitLab's, `/x/i`, is in a text. RE2, as in GitLab itself: linear in time."""
    body, _, flags = pattern[1:].rpartition("/")
    try:
        return linear.search(f"(?i){body}" if "i" in flags else body, text)
    except linear.PatternError:
        return False


def _called(name: str, args: list[Any], now: Moment) -> Any:
    first, second = (*args, None, None)[:2]
    functions: dict[str, Callable[[], Any]] = {
        "VALUE": lambda: _named(first, now.values),
        "RESULT": lambda: now.needs.get(first, ""),
        "STATUS": lambda: _status(first, now),
        "contains": lambda: _contains(first, second),
        "startsWith": lambda: _plain(first).startswith(_plain(second)),
        "endsWith": lambda: _plain(first).endswith(_plain(second)),
        "join": lambda: ("," if second is None else str(second)).join(map(str, first or ())),
        "toJSON": lambda: json.dumps(first),
        "fromJSON": lambda: _from_json(first),
        "format": lambda: _format(*args),
    }
    return functions[name]()


def _status(name: str, now: Moment) -> bool:
    """Say what a status function says."""
    match name:
        case "always":
            return True
        case "failure":
            return "failure" in now.before
        case "success":
            return now.in_step or (not now.cancelled and all(result == "success" for result in now.before))
    return now.cancelled


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return _plain(what) in map(_plain, where)
    return _plain(what) in _plain(where)


def _from_json(text: Any) -> Any:
    try:
        return json.loads(str(text))
    except (ValueError, RecursionError):
        return None


@functools.lru_cache(maxsize=8192)
def _is_known(node: ast.expr) -> bool:
    """Return whether a node can be worked out; what stands below && and || is looked at on its own."""
    match node:
        case ast.Constant() | ast.BoolOp():
            return True
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Name():
            return node.id in {"RESULTS", "NEEDS"}
        case ast.Compare(ops=[ast.Eq() | ast.NotEq() | ast.Is() | ast.IsNot()], comparators=[right]):
            return _is_known(node.left) and _is_known(right)
        case ast.Call(func=ast.Name(id=name)):
            return name in KNOWN and all(_is_known(each) for each in node.args) and not _is_output(node)
    return False


def _is_output(node: ast.Call) -> bool:
    """Return whether it is what another job or a step found out."""
    match node:
        case ast.Call(func=ast.Name(id="VALUE"), args=[ast.Constant(value=str() as path)]):
            return path.startswith(("needs.", "needs[", "steps."))
    return False


def _guess(node: ast.expr) -> tuple[str, bool]:
    """Name a part that is not known by its text, and say whether it denies that: a != b denies a == b."""
    match node:
        case ast.Compare(left=left, ops=[ast.NotEq()], comparators=[right]):
            return ast.unparse(ast.Compare(left, [ast.Eq()], [right])), True
    return ast.unparse(node), False


def guesses(tree: ast.expr) -> frozenset[str]:
    """Return the parts that are not known."""
    return frozenset(_guess(node)[0] for node in _parts(tree) if not _is_known(node))


def compared(tree: ast.expr) -> Iterator[tuple[str, str]]:
    """Yield the names that a condition looks at, each with a value that would settle something there; empty: none."""
    for node in _parts(tree):
        if not _is_known(node):
            continue
        for inner in ast.walk(node):
            match inner:
                case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
                    yield from _pairs(left, right, "{}")
                case ast.Call(func=ast.Name(id="startsWith"), args=[left, right]):
                    yield from _pairs(left, right, "{}1")
                case ast.Call(func=ast.Name(id="endsWith"), args=[left, right]):
                    yield from _pairs(left, right, "a{}")
                case ast.Call(func=ast.Name(id="contains"), args=[left, right]):
                    yield from _pairs(left, right, "a{}z")
                case ast.Call(func=ast.Name(id="VALUE"), args=[ast.Constant(value=str() as path)]):
                    yield path, ""


def _pairs(left: ast.expr, right: ast.expr, form: str) -> Iterator[tuple[str, str]]:
    for one, other in ((left, right), (right, left)):
        match one, other:
            case ast.Call(func=ast.Name(id="VALUE"), args=[ast.Constant(value=str() as path)]), ast.Constant():
                yield path, form.format(_plain(other.value) if other.value in (True, False, None) else other.value)
            case ast.Call(func=ast.Name(id="VALUE"), args=[ast.Constant(value=str() as path)]), ast.Call(
                func=ast.Name(id="fromJSON"), args=[ast.Constant(value=listed)]
            ):
                found = _from_json(listed)
                yield from ((path, str(each)) for each in found if isinstance(found, list))
            case ast.Call(func=ast.Name(id="VALUE"), args=[ast.Constant(value=str() as path)]), ast.Call(
                func=ast.Name(id="format")
            ):
                yield path, form.format(_value(other, Moment({})))


def _parts(tree: ast.expr) -> Iterator[ast.expr]:
    """Yield what && and || and ! join."""
    match tree:
        case ast.BoolOp():
            for each in tree.values:
                yield from _parts(each)
        case ast.UnaryOp(op=ast.Not()):
            yield from _parts(tree.operand)
        case _:
            yield tree
