"""Every regular expression takes time that grows with its input and no faster, whatever the input is.

Patterns are found by reading the source, so that a new one is covered as it is written. Each is tried on inputs
made of it (what its repetitions take, again and again, with an end that does not match) and on a list of usual
suspects: on 20 kB, where a pattern of quadratic cost already takes half a second (a part of them, and all with
GOLIVE_ALL=1), and with GOLIVE_ALL=1 a tenth of them on 1 MB.
"""

import ast
import importlib
import os
import random
import re
import signal
import string
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import _constants as op  # the parser of re itself: it knows best what a pattern repeats
from re import _parser as parser
from typing import Any

import pytest

from golive_checks.domains.nginx_ways import MAX_PATTERN
from golive_checks.shapes import SECRET_PATTERNS, VALUE_PATTERNS
from golive_checks.systems.documents.recovery_document import AMOUNT
from golive_checks.systems.drill.cluster_words import AROUND
from golive_checks.systems.drill.restoring import FAULTS, MISSING
from golive_checks.systems.http.exposed_signs import SIGNS
from golive_checks.systems.logs.shapes import FORMS
from golive_checks.systems.logs.shapes import LONGEST as LONGEST_LINE
from golive_checks.systems.logs.wrapping import MAX_LINE, PREFIXES
from golive_checks.systems.postgres.client.trouble import SAID

ROOT = Path(__file__).parents[1]
PLACES = ("src/golive", "checks/golive_checks")
ALL = frozenset({"fullmatch", "finditer"})
"""How a pattern may be used of which it is not known."""
CALLS = {"compile", "search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split"}
ALL_INPUTS = bool(os.environ.get("GOLIVE_ALL"))
SMALL, LARGE = 20_000, 1_000_000
SMALL_S, LARGE_S = 0.3, 3.0
"""Of the process's own time. A linear pattern takes a tenth of it, also on a slow machine."""
SEED = 13
SUSPECTS = (
    *string.ascii_letters[:3], "A", "0", "1", " ", "\n", "\t", "é", "\0", *".-_/\\\"'<>{}()[]$#:;,=@&%*+?!|~`^",
    "a ", "a.", "a-", "a_", "a/", "a:", "a@", "a=", "A1", "aA", "Aa", "0.", "0 ", "-a", " \n", "${", "{{", "((", "$(",
    "<a", "<a ", '"a"', "'a'", "\\\\", "\\n", "//", "/*", "--",
)  # fmt: skip

SHORT = {
    "systems/env/readers/python_dotenv.py": 256_000,  # machine.client.files.MAX_BYTES
    # names of files and paths (PATH_MAX)
    "init/signs.py": 4096,
    "systems/env/guess.py": 4096,
    "systems/migrations/scripts.py": 4096,
    "systems/postgres/base_backup.py": 4096,
    "domains/nginx_ways.py": MAX_PATTERN,
    "systems/logs/shapes.py pattern": LONGEST_LINE,
    "systems/logs/wrapping.py pattern": MAX_LINE,
}
"""Where the code itself looks at no longer texts: how long they can be."""
TABLES: dict[str, tuple[str, Callable[[], Iterable[str | bytes | re.Pattern[Any]]]]] = {
    "shapes.py pattern": ("search", SECRET_PATTERNS.values),
    "shapes.py value": ("fullmatch", VALUE_PATTERNS.values),
    "systems/drill/cluster_words.py pattern": ("search", lambda: [pattern for pattern, *_ in AROUND]),
    "systems/drill/restoring.py pattern": ("search", lambda: [*(p for p, *_ in MISSING), *(p for p, _ in FAULTS)]),
    "systems/http/exposed.py sign.pattern": (
        "search",
        lambda: [re.compile(sign.pattern, re.MULTILINE) for sign in SIGNS],
    ),
    "systems/logs/shapes.py pattern": ("match", lambda: [pattern for _, pattern in FORMS]),
    "systems/logs/wrapping.py pattern": ("match", lambda: PREFIXES),
    "systems/postgres/client/trouble.py pattern": ("search", lambda: [pattern for pattern, _ in SAID]),
    "systems/documents/recovery_document.py f'\\\\b{re.escape(word)}\\\\b[^.;\\\\n]{{0,60}}?({AMOUNT})'": (
        "search",
        lambda: [rf"\brto\b[^.;\n]{{0,60}}?({AMOUNT})"],
    ),
}
"""Patterns that are written in a table, by the place that compiles them."""
OF_INIT = "golive's own, on names of files and values of variables"
WORDS = {
    "systems/migrations/scripts.py word": "words of golive's own",
    "report/redact.py '|'.join(map(re.escape, sorted(self._begin)))": "of literal texts",
    "report/redact.py '|'.join(map(re.escape, forms))": "of literal texts",
    "backups/document.py '|'.join((f'\\\\b{re.escape(word)}' for word in words)) or '(?!)'": "of literal words",
    "compare/traits.py '|'.join((f'\\\\b{re.escape(name)}(?::\\\\d+)?' for name in names)) or '(?!)'": "of literals",
    "runbooks/documents.py '|'.join((f'\\\\b{re.escape(word)}' for word in words)) or '(?!)'": "of literal words",
    "systems/documents/release_notes.py f'(?<![\\\\w.])v?{version}(?!\\\\w|\\\\.\\\\w|-\\\\w)'": "a literal version",
    "systems/ci/aftermath.py f'\\\\$\\\\{{?{name}\\\\b'": "the literal name of a variable",
    "systems/ci/aftermath.py f'\\\\$\\\\{{?{name}\\\\b|\\\\(\\\\([^)]*\\\\b{name}\\\\b'": "likewise",
    "systems/ci/looked_after.py f'\\\\b{re.escape(name)}\\\\b'": "a literal name",
    "systems/gateways/order_rows.py f'(?<![^\\\\W_])(?:{words})(?![^\\\\W_])'": "one of several literal words",
    "init/compose.py pattern": OF_INIT,
    "init/databases.py migration": OF_INIT,
    "init/databases.py own": OF_INIT,
    "init/databases.py SCRIPTS[tool.what]": OF_INIT,
    "init/health.py pattern": OF_INIT,
    "init/packages.py f'(?:.*/)?(?:{pattern})'": OF_INIT,
    "init/signs.py pattern": OF_INIT,
    "init/signs.py shape": OF_INIT,
    "init/tree.py pattern": OF_INIT,
    "storage/policy_patterns.py translate(escaped)": "fnmatch makes its groups atomic",
    "subjects/backup_names.py found": "the profile's own, for names of files",
    "systems/nginx/patterns.py there": "those that RE2 cannot read, on 200 characters",
}
"""Patterns that are made as golive runs, and why they cannot run away."""


@dataclass(frozen=True)
class Pattern:
    """A regular expression in the source. `calls` are the functions of `re` that it is called by."""

    place: str
    text: str | bytes
    flags: int
    calls: frozenset[str]


@cache
def patterns() -> tuple[tuple[Pattern, ...], tuple[str, ...]]:
    """Return every pattern that the source writes out, and the places of those that are made as golive runs."""
    found, made = [], []
    trees = {file: ast.parse(file.read_text()) for place in PLACES for file in sorted((ROOT / place).rglob("*.py"))}
    used = methods(trees.values())
    for place in PLACES:
        for file in (each for each in trees if each.is_relative_to(ROOT / place)):
            tree = trees[file]
            here = called(tree)
            kept = {id(n.value): n.targets[0].id for n in ast.walk(tree) if is_named(n)}
            within = file.relative_to(ROOT / place.partition("/")[0]).with_suffix("")
            names = vars(importlib.import_module(".".join(within.parts))) if "re." in file.read_text() else {}
            short = file.relative_to(ROOT / place).as_posix()
            for node in ast.walk(tree):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                    continue
                of = node.func.value
                if not (isinstance(of, ast.Name) and of.id == "re" and node.func.attr in CALLS):
                    continue
                more = [*node.args[1:], *(k.value for k in node.keywords)]
                flags = next((v for a in more if isinstance(v := constant(a, names), (re.RegexFlag,))), re.NOFLAG)
                text = constant(node.args[0], names)
                if isinstance(text, (str, bytes)):
                    name = kept.get(id(node), "")
                    calls = (
                        here.get(name, set()) | used.get(name, set()) or ALL
                        if node.func.attr == "compile"
                        else {node.func.attr}
                    )
                    found.append(Pattern(f"{short}:{node.lineno}", text, int(flags), frozenset(calls)))
                else:
                    made.append(f"{short} {ast.unparse(node.args[0])}")
    return tuple(found), tuple(made)


def is_named(node: ast.AST) -> bool:
    """Return whether a node gives a value a name."""
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)


def methods(trees: Iterable[ast.AST]) -> dict[str, set[str]]:
    """Return what is called on each name that a module imports from another."""
    found: dict[str, set[str]] = {}
    for tree in trees:
        taken = {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
        for name, calls in called(tree).items():
            if name in taken:
                found.setdefault(name, set()).update(calls)
    return found


def called(tree: ast.AST) -> dict[str, set[str]]:
    """Return what a module calls on each name: the ways in which a compiled pattern of that name is used."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in CALLS:
            found.setdefault(node.value.id, set()).add(node.attr)
    return found


def constant(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Work out an expression of a module's own names; None where it holds others, which only a call gives."""
    try:
        return eval(compile(ast.Expression(node), "<pattern>", "eval"), dict(names))  # noqa: S307 - golive's own source
    except Exception:  # noqa: BLE001 - no constant
        return None


# --- inputs of a pattern's own ---------------------------------------------------------------------------------------


def sample(tree: Any, groups: dict[int, str]) -> str:
    """Return a short text that a parsed pattern takes."""
    return "".join(sample_of(kind, given, groups) for kind, given in tree)


def sample_of(kind: Any, given: Any, groups: dict[int, str]) -> str:  # noqa: PLR0911 - a kind each
    if kind is op.LITERAL:
        return chr(given)
    if kind is op.NOT_LITERAL:
        return "b" if given == ord("a") else "a"
    if kind is op.ANY:
        return "a"
    if kind is op.IN:
        return next(char for char in CANDIDATES if taken(char, given))
    if kind in {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}:
        return sample(given[2], groups) * max(1, given[0])
    if kind is op.SUBPATTERN:
        groups[given[0] or 0] = text = sample(given[3], groups)
        return text
    if kind is op.BRANCH:
        return sample(given[1][0], groups)
    if kind is op.GROUPREF:
        return groups.get(given, "")
    if kind is op.ATOMIC_GROUP:
        return sample(given, groups)
    return ""


CANDIDATES = [*"a0A-_. /:=\"'", *map(chr, range(256)), "é", "λ", "\u2028", "…", "\ud800", "\ufffe"]


def taken(char: str, among: Any) -> bool:
    negated = among and among[0][0] is op.NEGATE
    held = any(held_by(char, kind, given) for kind, given in among if kind is not op.NEGATE)
    return held != bool(negated)


CATEGORIES = {
    op.CATEGORY_DIGIT: str.isdigit,
    op.CATEGORY_NOT_DIGIT: lambda c: not c.isdigit(),
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_NOT_SPACE: lambda c: not c.isspace(),
    op.CATEGORY_WORD: lambda c: c.isalnum() or c == "_",
    op.CATEGORY_NOT_WORD: lambda c: not (c.isalnum() or c == "_"),
}


def held_by(char: str, kind: Any, given: Any) -> bool:
    if kind is op.LITERAL:
        return ord(char) == given
    if kind is op.RANGE:
        return bool(given[0] <= ord(char) <= given[1])
    return bool(kind is op.CATEGORY and CATEGORIES[given](char))


def pumps(tree: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """Yield what leads to each unbounded repetition, and what it takes once; several where it has branches."""
    for kind, given in tree:
        if kind in {op.MAX_REPEAT, op.MIN_REPEAT}:
            if given[1] is op.MAXREPEAT or given[1] > 100:
                yield before, sample(given[2], {})
                for k, g in given[2]:
                    if k is op.IN:
                        yield from ((before, char) for char in CANDIDATES[:12] if taken(char, g))
            yield from pumps(given[2], before)
        elif kind is op.SUBPATTERN:
            yield from pumps(given[3], before)
        elif kind is op.BRANCH:
            for branch in given[1]:
                yield from pumps(branch, before)
        elif kind in {op.ASSERT, op.ASSERT_NOT}:
            yield from pumps(given[1], before)
        before += sample_of(kind, given, {})


def inputs(pattern: Pattern, size: int) -> Iterator[str]:
    """Make hostile texts for a pattern."""
    text = pattern.text if isinstance(pattern.text, str) else pattern.text.decode("latin-1")
    tree = parser.parse(text, pattern.flags & ~re.DEBUG)
    own = {(before, once) for before, once in pumps(tree) if once}
    for before, once in sorted(own):
        for end in ("", "\0", "\n!"):
            yield before + once * (size // len(once)) + end
            yield (before + once) * (size // len(before + once)) + end
            yield (once + "\n") * (size // (len(once) + 1)) + end
    for each in SUSPECTS:
        yield each * (size // len(each)) + "\0"


# --- the time each takes ---------------------------------------------------------------------------------------------


class TooSlowError(Exception):
    """A pattern has taken its time."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def uses(pattern: Pattern) -> list[Callable[[Any], object]]:
    """Return the ways in which a pattern is used; one that is only compiled may be used in any."""
    made = re.compile(pattern.text, pattern.flags)
    ways: dict[str, Callable[[Any], object]] = {
        "match": made.match,
        "fullmatch": made.fullmatch,
        "search": made.search,
        "all": lambda text: sum(1 for _ in made.finditer(text)),
    }
    return [ways[way] for way in sorted({call if call in ways else "all" for call in pattern.calls})]


def slowest(pattern: Pattern, size: int, limit_s: float, part: int) -> str:
    """Return which of one in `part` of a pattern's inputs takes it longer than `limit_s`; empty for none."""
    chosen = random.Random(f"{SEED} {pattern.text!r}")  # noqa: S311 - not for secrets
    for text in inputs(pattern, size):
        if part > 1 and chosen.random() * part > 1:
            continue
        given = text if isinstance(pattern.text, str) else text.encode("utf-8", "replace")
        for use in uses(pattern):
            began = time.process_time()
            try:
                with at_most(limit_s):
                    use(given)
            except TooSlowError:
                return f"over {limit_s} s for {text[:40]!r}… of {len(text):,} characters"
            spent = time.process_time() - began
            if spent > limit_s:
                return f"{spent:.2f} s for {text[:40]!r}… of {len(text):,} characters"
    return ""


def tables() -> Iterator[Pattern]:
    for place, (call, table) in TABLES.items():
        for number, each in enumerate(table()):
            made = each if isinstance(each, re.Pattern) else re.compile(each)
            yield Pattern(f"{place}:{number}", made.pattern, made.flags & ~re.UNICODE, frozenset({call}))


def longest(pattern: Pattern, size: int) -> int:
    return min(size, SHORT.get(pattern.place.partition(":")[0], size))


@pytest.mark.parametrize(
    ("size", "limit_s", "part"), [(SMALL, SMALL_S, 1 if ALL_INPUTS else 30), *([(LARGE, LARGE_S, 10)] * ALL_INPUTS)]
)
def test_a_pattern_takes_no_more_time_than_its_input_is_long(size: int, limit_s: float, part: int) -> None:
    slow = {
        p.place: found for p in (*patterns()[0], *tables()) if (found := slowest(p, longest(p, size), limit_s, part))
    }
    assert slow == {}, f"seed {SEED}"


def test_every_pattern_that_is_made_as_golive_runs_is_known() -> None:
    assert set(patterns()[1]) == {*TABLES, *WORDS}


@pytest.mark.parametrize(
    "text", [r"[^ @]+@[^ ]+", r"^\s*url\s*=", r"(?:[A-Z]{0,3}[a-z]{3,})+[0-9]", r"<!--\s*([^>]*?)\s*-->"]
)
def test_a_pattern_that_runs_away_is_found(text: str) -> None:
    flags = re.MULTILINE if text.startswith("^") else re.NOFLAG
    assert slowest(Pattern("here", text, int(flags), frozenset({"finditer"})), SMALL, 0.1, 1)
