"""One section of the reference stack: the findings of a whole run, and the same again from its facts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from golive.installed import SECTIONS, named
from golive_lab import run
from golive_lab.run import stack_for

GOLIVE = str(Path(sys.executable).parent / "golive")


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """A demo stack of our own, whatever else is up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("GOLIVE_LAB_DIR", raising=False)
        patch.setattr(run, "state_folder", lambda: tmp_path_factory.mktemp("state"))
        with stack_for("demo") as variables:
            yield {**os.environ, **variables}


def golive(env: Mapping[str, str], report: Path, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [GOLIVE, *arguments, "-o", f"json:{report}"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(report.read_text())
    return told


@pytest.fixture(scope="module")
def whole(there: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("whole")
    return outcomes(golive(there, folder / "all.json", "check", "demo"))


def outcomes(report: Mapping[str, Any]) -> dict[str, str]:
    return {finding["id"]: finding["outcome"] for finding in report["findings"]}


@pytest.mark.parametrize("section", sorted(named(SECTIONS)))
def test_a_section(section: str, there: Mapping[str, str], whole: dict[str, str], tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    asked = golive(there, tmp_path / "one.json", "check", "demo", "--only", section, "--facts", str(facts))
    found = outcomes(asked)
    assert found
    assert found == {finding: whole[finding] for finding in found}
    assert golive(os.environ, tmp_path / "again.json", "judge", str(facts)) == asked


def test_what_was_not_asked_is_not_judged(there: Mapping[str, str], tmp_path: Path) -> None:
    facts = tmp_path / "facts.json"
    golive(
        there,
        tmp_path / "one.json",
        "check",
        "demo",
        "--only",
        "storage",
        "--skip",
        "s3.presigned-work",
        "--facts",
        str(facts),
    )
    assert golive(os.environ, tmp_path / "two.json", "judge", str(facts), "--only", "s3.not-public")["decision"] == "GO"
    for other in ("payments", "s3.*"):
        command = [GOLIVE, "judge", str(facts), "--only", other, "--skip", "env"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "was not asked when" in done.stderr
