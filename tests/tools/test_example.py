"""CONTRIBUTING's example, as it stands there: a plugin file, a check of golive's own, its test, its fault."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from golive import Outcome, live, session
from golive_lab import PROFILE
from golive_lab.run import Served, served

PROJECT = Path(__file__).parents[2]
BLOCK = re.compile(r"<!-- example: (?P<path>\S+) -->\n```python\n(?P<text>.*?)```\n", re.DOTALL)
EXAMPLE = {found["path"]: found["text"] for found in BLOCK.finditer((PROJECT / "CONTRIBUTING.md").read_text())}
PLUGIN, TEST, FAULT = "referrer.py", "tests/checks/security/test_referrer.py", "lab/golive_lab/faults/referrer.py"
SECTION = 'section = Section("mine", title="Mine")\n'
CHECK = "headers.front-keeps-path"

LOOK = """
import sys
from golive import live, session
from golive_lab import PROFILE
loaded = session.load(str(PROFILE), cwd=PROFILE.parent, environ=dict(__import__("os").environ), only=[sys.argv[1]])
report = live.check(loaded, session.Options(only=(sys.argv[1],), timeout_s=60)).report
print(*sorted({str(finding.outcome) for finding in report.findings if finding.check.id == sys.argv[1]}))
"""


@dataclass(frozen=True)
class Tree:
    """A copy of golive's sources with the example in it, and a demo stack that was started from there."""

    folder: Path
    environ: dict[str, str]
    stack: Served

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", *argv]
        environ = {**self.environ, **self.stack.variables}
        return subprocess.run(command, cwd=self.folder, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    folder = tmp_path_factory.mktemp("tree")
    for part in ("checks", "lab", "tests/checks/conftest.py", "pyproject.toml"):
        copy = shutil.copytree if (PROJECT / part).is_dir() else shutil.copy
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        copy(PROJECT / part, folder / part)
    for path in (TEST, FAULT):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(EXAMPLE[path])
    security = folder / "checks" / "golive_checks" / "security"
    text = (
        EXAMPLE[PLUGIN].replace("import Section, ", "import ").replace('section = Section("mine", title="Mine")\n', "")
    )
    (security / PLUGIN).write_text(text)
    listed = (security / "__init__.py").read_text()
    listed = listed.replace("    privacy,\n", "    privacy,\n    referrer,\n", 1).replace(
        "modules=(", "modules=(referrer, "
    )
    (security / "__init__.py").write_text(listed)
    sources = f"{PROJECT / 'src'}:{folder / 'checks'}:{folder / 'lab'}"
    environ = {**os.environ, "PYTHONPATH": sources, "XDG_CACHE_HOME": str(folder)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", sources)
        with served("demo") as stack:
            yield Tree(folder, environ, stack)


def write(file: Path, text: str, changes: Mapping[str, str]) -> None:
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text)


def test_all_of_it_is_there() -> None:
    assert set(EXAMPLE) == {PLUGIN, TEST, FAULT}


def test_the_plugin_works_as_it_stands(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / PLUGIN).write_text(EXAMPLE[PLUGIN])
    (tmp_path / "mine.yaml").write_text(f"extends: {PROFILE}\nplugins: [{PLUGIN}]\n")
    tree.stack.become()
    loaded = session.load("./mine.yaml", cwd=tmp_path, environ=tree.stack.variables)
    report = live.check(loaded, session.Options(only=("mine",), timeout_s=60)).report
    found = [finding for finding in report.findings if finding.check.id == CHECK]
    assert {finding.outcome for finding in found} == {Outcome.PASS}


def test_its_cases_pass(tree: Tree) -> None:
    ran = tree.run("-m", "pytest", "-q", "-p", "no:cacheprovider", TEST)
    assert "3 passed" in ran.stdout, ran.stdout + ran.stderr


@pytest.mark.parametrize(("fault", "outcome"), [((), "pass"), (("headers.front-tells-path",), "fail")])
def test_its_fault_turns_it_red(tree: Tree, fault: tuple[str, ...], outcome: str) -> None:
    tree.stack.become(*fault)
    ran = tree.run("-c", LOOK, CHECK)
    assert ran.stdout.split() == [outcome], ran.stderr
