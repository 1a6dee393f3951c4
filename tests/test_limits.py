"""Every bound that is compared with is a gap where it is reached: it raises, or tests/limits.txt says what it does.

tests/test_bounds.py holds the same of what is sliced.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACES = ("src/golive", "checks/golive_checks")
BOUND = re.compile(r"MAX(?:_\w+)?|MOST(?:_\w+)?|LONGEST(?:_\w+)?|LARGEST|FEW|(?!RATE_)\w*LIMIT(?:_\w+)?|IGNORED_BYTES")
"""How the constants are called that bound what others send."""
NOT_REACHED = 53
"""How many bounds above which golive raises no test names beside its module. Whoever writes one lowers it."""
TEST = re.compile(r"(tests/[\w/]+\.py)::(\w+)")


def _bounds(node: ast.expr) -> bool:
    name = ast.unparse(node).split(".")[-1].lstrip("_")
    return isinstance(node, ast.Name | ast.Attribute) and BOUND.fullmatch(name) is not None


def _raises(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and any(isinstance(each, ast.Raise) for each in statement.body)


def silent() -> Iterator[str]:
    """Yield the comparisons with a bound after which the code goes on."""
    for place in PLACES:
        for file in (ROOT / place).rglob("*.py"):
            tree = ast.parse(file.read_text())
            loud = {id(each) for node in ast.walk(tree) if _raises(node) for each in ast.walk(node.test)}
            for node in ast.walk(tree):
                ranged = isinstance(node, ast.Call) and ast.unparse(node.func) == "range"
                compared = isinstance(node, ast.Compare) and id(node) not in loud
                if (ranged or compared) and any(_bounds(each) for each in ast.walk(node)):
                    yield f"{file.relative_to(ROOT / place)} | {ast.unparse(node)}"


def listed() -> dict[str, str]:
    lines = (Path(__file__).parent / "limits.txt").read_text().splitlines()
    entries = [line.rpartition(" -> ") for line in lines if line and not line.startswith("#")]
    return {where: why for where, _, why in entries}


def test_every_bound_that_does_not_raise_is_listed_with_what_it_does() -> None:
    there = set(silent())
    assert sorted(there - set(listed())) == [], "what happens where it is reached? say so in tests/limits.txt"
    assert sorted(set(listed()) - there) == [], "no longer there: take it out of tests/limits.txt"


def test_the_tests_that_are_named_are_there() -> None:
    for named in TEST.finditer("\n".join(listed().values())):
        assert f"def {named[2]}(" in (ROOT / named[1]).read_text(), named[0]


def raising() -> set[tuple[str, str]]:
    """Return the file and name of each bound above which golive raises."""
    found = set()
    for place in PLACES:
        for file in (ROOT / place).rglob("*.py"):
            for node in filter(_raises, filter(lambda n: isinstance(n, ast.If), ast.walk(ast.parse(file.read_text())))):
                for part in ast.walk(node.test):
                    if isinstance(part, ast.Name | ast.Attribute) and _bounds(part):
                        found.add((str(file.relative_to(ROOT / place)), ast.unparse(part).split(".")[-1]))
    return found


def test_no_bound_is_added_without_a_test_that_reaches_it() -> None:
    words = [set(re.findall(r"\w+", file.read_text())) for file in (ROOT / "tests").rglob("*.py")]
    bounds = raising()
    left = {(file, name) for file, name in bounds if not any({name, Path(file).stem} <= each for each in words)}
    assert len(bounds) > 80
    assert len(left) <= NOT_REACHED, sorted(left)
