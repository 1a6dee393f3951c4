"""The walls that import-linter has no contract for."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

import golive_lab

HEAVY = {
    "boto3",
    "botocore",
    "crossplane",
    "cryptography",
    "dns",
    "dotenv",
    "gixy",
    "h2",
    "httpcore",
    "httpx",
    "rich",
    "tlslite",
}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("golive", "golive_checks", "golive_lab")


def test_clients_know_no_probe(graph):
    systems = {m for m in graph.modules if m.startswith("golive_checks.systems.")}
    clients = {m for m in systems if ".client." in f"{m}."}
    above = systems - clients
    found = [f"{c} -> {m}" for c in sorted(clients) for m in graph.find_modules_directly_imported_by(c) & above]
    assert found == []


def loaded_by(code: str) -> set[str]:
    show = "import json, sys; print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", f"{code}\n{show}"], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_loading_every_section_imports_no_library_of_a_protocol():
    code = "from golive import plugins; from golive.engine.resolve import resolve; assert not plugins.load().broken"
    assert loaded_by(code) & HEAVY == set()


def test_the_version_is_told_before_typer_is_imported():
    code = "import sys; sys.argv = ['golive', '--version']; from golive.cli.main import main; main()"
    assert loaded_by(code) & {"typer", "pydantic", "click", *HEAVY} == set()


def test_a_name_means_one_class_in_the_lab():
    defined: dict[str, list[str]] = {}
    for file in Path(golive_lab.__file__).parent.rglob("*.py"):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                defined.setdefault(node.name, []).append(file.name)
    assert {name: files for name, files in defined.items() if len(files) > 1} == {}
