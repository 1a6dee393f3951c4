"""golive's own trouble is no verdict: what catches every exception is listed here, with what becomes of it."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("src/golive", "checks/golive_checks", "lab/golive_lab")
BROAD = {"", "Exception", "BaseException"}

HANDLED = {
    "src/golive/profile/profile.py": "a validator of a plugin, which may raise anything: a problem of the profile",
    "src/golive/engine/provide.py": "closing clients when all findings are made",
    "src/golive/engine/writes.py": "an undo that failed: what is left behind is named",
    "src/golive/report/__init__.py": "a format of another package, which may raise anything: an error of the command",
    "src/golive/cli/lab.py": "the reference stack does not start: an error of the command",
    "src/golive/cli/completion.py": "completion offers less",
    "src/golive/cli/main.py": "an error of the command, without a traceback",
    "src/golive/cli/show.py": "standard output is gone",
    "src/golive/profile/secrets.py": "raised again in the thread that waits",
    "src/golive/engine/threads.py": "raised again in the task that waits",
    "checks/golive_checks/systems/migrations/client/prisma_table.py": "raised again in every task that waits",
    "lab/golive_lab/parts/edge/tls_old.py": "a client of the lab's edge that broke off",
    "lab/golive_lab/parts/part.py": "raised again in the thread that waits",
    "checks/golive_checks/systems/nginx/client/gixy_worker.py": "golive could not look: Unavailable in gixy.py",
    "checks/golive_checks/systems/page/client/images.py": "a size that is not known, which pictures count as unread",
    "checks/golive_checks/systems/s3/client/client.py": "`trouble` raises again what is not an answer of S3's",
}
"""By file, what becomes of an exception that is caught and not raised again at once."""


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Return whether it catches everything, and does not raise it again as its last or only way out."""
    kinds = ast.unparse(handler.type) if handler.type else ""
    return kinds in BROAD and not any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))


def _suppresses(node: ast.Call) -> bool:
    return ast.unparse(node.func).endswith("suppress") and any(ast.unparse(a) in BROAD for a in node.args)


def _handlers(source: str) -> list[ast.AST]:
    return [
        node
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.ExceptHandler) and _swallows(node))
        or (isinstance(node, ast.Call) and _suppresses(node))
    ]


def test_what_catches_everything_is_listed_with_what_becomes_of_it() -> None:
    there = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if _handlers(path.read_text(encoding="utf-8"))
    }
    assert there == set(HANDLED)


def test_no_judge_catches_everything() -> None:
    checks = ROOT / "checks/golive_checks"
    sections = [p for p in checks.rglob("*.py") if "systems" not in p.relative_to(checks).parts]
    assert len(sections) > 100, "the sections are not where this test looks for them"
    assert [str(p) for p in sections if "except Exception" in p.read_text(encoding="utf-8")] == []


def test_a_new_one_would_be_seen() -> None:
    swallowed = "try: f()\nexcept Exception: g()"
    assert len(_handlers(swallowed)) == 1
    assert _handlers("try: f()\nexcept BaseException:\n  g()\n  raise") == []
    assert _handlers("try: f()\nexcept ValueError: g()") == []
    assert len(_handlers("with contextlib.suppress(Exception): f()")) == 1
