"""Plain words: no message, help text or page says what a reader would have to read twice."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("src/golive", "checks/golive_checks", "lab/golive_lab")
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")

SAY = {
    "is/are told": r"\b(?:is|are|be|was|were|been) told\b(?! apart)",
    "tells of": r"\btell(?:s|ing)? of\b",
    "whom": r"\bwhom\b",
    "stranger": r"\bstrangers?\b",
    "alike": r"\balike\b",
    "said of": r"\bsaid of\b",
    "mend": r"\bmend(?:s|ed|ing)?\b",
    "withheld": r"\bwithheld\b",
    "kindness": r"\bkindness\b",
    "lies in": r"\blies? (?:in|at|beside)\b",
    "nobody looked": r"\bnobody looked\b",
    "speaks of": r"\bspeaks? of\b",
    "stands in": r"\bstands? (?:in|at|under|over|before|beside|there|alone)\b(?! for)",
    "anew": r"\banew\b",
    "forever": r"\bfor ever\b",
    "heed": r"\bheeds?\b",
    "yet to come": r"\byet to come\b",
    "vouch": r"\bvouch(?:es|ed)?\b",
    "is wanted": r"\b(?:is|are) wanted\b",
    "begun": r"\bbegun\b",
}
"""What reads like a translation. Plain words are: reported, says, who, outsider, the same, fix, not permitted, is in,
about, again, forever, honours, in the future, attests, required and started."""

CODE = re.compile(r"`[^`]*`|\"[^\"]*\"")


def _texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module that a user may read: messages, and the docstrings of checks and of settings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(body[0].value): getattr(node, "decorator_list", [])
        for node in ast.walk(tree)
        if isinstance(body := getattr(node, "body", None), list) and body and isinstance(body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            decorators = docs.get(id(node))
            if decorators is None or any(ast.unparse(each).startswith("check(") for each in decorators):
                yield node.lineno, node.value


def _stilted(text: str) -> list[str]:
    plain = CODE.sub("", text)
    return [name for name, pattern in SAY.items() if re.search(pattern, plain)]


def test_no_message_is_stilted() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{line}": (words, text[:80])
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for line, text in _texts(path)
        if (words := _stilted(text))
    }
    assert found == {}


def test_no_page_is_stilted() -> None:
    pages = [*(ROOT / name for name in PAGES), *sorted((ROOT / "docs").glob("*.md"))]
    assert len(pages) > len(PAGES)
    found = {
        f"{page.name}:{number}": (words, line[:80])
        for page in pages
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1)
        if (words := _stilted(line))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("errors are told to nobody", ["is/are told"]),
        ("the key `kindness` is called `rate_limit`", []),
        ("it is reported as it was", []),
        ("the record stands in the zone", ["stands in"]),
        ("a stand-in stands in for it", []),
        ("both sides are told apart", []),
    ],
)
def test_stilted_words_are_seen(text: str, words: list[str]) -> None:
    assert _stilted(text) == words
