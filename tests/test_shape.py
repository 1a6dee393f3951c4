"""Functions stay short, and what looks does not judge: read from the code itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
MAX_LINES = 40
"""From `def` to the last line, the docstring included."""
JUDGING = {"defect", "defects", "fix", "lacks", "problem", "problems", "remedy", "shortfall", "shortfalls", "verdict"}
"""Names of fields that hold a judgement. What a peer itself answered goes under other names."""
ALLOWED = {
    "AppLogin.fix": "how PostgreSQL's refusal is fixed is known where its error codes are read",
    "MigrationRows.lacks": "names of columns that a table has not",
}


def trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}: {length} lines"
        for path, tree in trees("src", "checks", "lab")
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if (length := (node.end_lineno or 0) - node.lineno + 1) > MAX_LINES
    ]
    assert long == []


def fields(folder: str) -> Iterator[tuple[str, str]]:
    """Yield the facts of a folder with each of their fields."""
    for _, tree in trees(folder):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id == "Fact" for b in node.bases):
                for each in node.body:
                    if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                        yield node.name, each.target.id


def test_facts_carry_no_judgement() -> None:
    found = {f"{fact}.{field}" for fact, field in fields("checks/golive_checks/systems") if field in JUDGING}
    assert found == set(ALLOWED), "a fact carries what was seen: move the sentence into the section that judges it"


GAPS = ("Unavailable", "Error", "Trouble")
"""What says why something could not be looked at, or read."""
OTHER_TEXT = ("compile", "probe", "subjects", "Field", "StringConstraints", "tell")
"""Calls whose texts are patterns, documentation, or what the terminal shows meanwhile."""
NO_PROSE = re.compile(r"\\|\(\?|\[\{|^\s*(?:SELECT|WITH|UPDATE|ALTER)\b|://")
"""Patterns, queries and URLs."""


def sentences(tree: ast.Module) -> Iterator[str]:
    """Yield the texts of four words or more that are no documentation, no pattern, and no reason of a gap."""
    above = {below: node for node in ast.walk(tree) for below in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if sum(any(c.isalpha() for c in word) for word in text.split()) < 4 or NO_PROSE.search(text):
            continue
        around, over = [], node
        while over in above:
            over = above[over]
            around.append(over)
        if isinstance(around[0], ast.Expr | ast.JoinedStr) or any(isinstance(each, ast.Raise) for each in around):
            continue
        names = [ast.unparse(each.func).rpartition(".")[2] for each in around if isinstance(each, ast.Call)]
        if not any(name.endswith(GAPS) or name in OTHER_TEXT for name in names):
            yield text


def test_what_looks_writes_no_sentences_that_judge() -> None:
    """What a probe writes beside the reasons of gaps is counted, by module, in tests/sentences.txt, with what it is."""
    lines = (ROOT / "tests" / "sentences.txt").read_text().splitlines()
    listed = {path: int(count) for path, count, _ in (line.split(" | ") for line in lines if not line.startswith("#"))}
    there = {}
    for path, tree in trees("checks/golive_checks/systems"):
        if "/client/" not in path and (found := list(sentences(tree))):
            there[path.removeprefix("checks/golive_checks/systems/")] = found
    more = {path: found for path, found in there.items() if len(found) > listed.get(path, 0)}
    assert more == {}, "a fact carries kinds, names and numbers: let the section write the sentence that judges"


def test_a_sentence_in_a_probe_would_be_seen() -> None:
    judging = 'def look():\n    return Look(f"{name} has no end and is cut off")\n'
    gap = 'def look():\n    """Look at all of it, once."""\n    raise Unavailable(f"{name} could not be read here")\n'
    assert list(sentences(ast.parse(judging))) == ["… has no end and is cut off"]
    assert list(sentences(ast.parse(gap))) == []
