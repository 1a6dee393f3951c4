"""One name, one meaning: whoever greps for a class finds the one that was meant."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("src/golive", "checks/golive_checks", "lab/golive_lab")


def _public_classes(source: str) -> list[str]:
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    ]


def test_no_public_class_name_is_defined_twice() -> None:
    places = defaultdict(list)
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for name in _public_classes(path.read_text(encoding="utf-8")):
                places[name].append(str(path.relative_to(ROOT)))
    assert len(places) > 800, "the packages are not where this test looks for them"
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_a_second_class_of_a_name_would_be_seen() -> None:
    assert _public_classes("class A:\n    class B: ...\nclass A: ...\nclass _C: ...") == ["A", "A", "B"]
