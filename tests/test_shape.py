"""Functions stay short, and what looks does not judge: read from the code itself."""

from __future__ import annotations

import ast
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
