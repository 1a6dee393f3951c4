"""What a profile brings, plugins and checks without code, is listed, explained and selected as golive's own."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from warm_golive import golive

from golive import live, session

if TYPE_CHECKING:
    from pathlib import Path

PROFILE = """
environment: x
checklist: { only: [custom] }
custom:
  notes: { title: The notes are there, severity: low, request: { file: notes.md } }
  gone: { title: The old file is gone, request: { file: old.md }, expect: { exists: false } }
"""


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    file = tmp_path / "x.yaml"
    file.write_text(PROFILE)
    (tmp_path / "notes.md").write_text("written")
    return file


def test_they_are_checks_like_any_other(profile: Path) -> None:
    loaded = session.load(str(profile), cwd=profile.parent, environ=os.environ)
    found = live.check(loaded, session.Options()).report.findings
    assert [(f.check.id, f.outcome.value) for f in found if f.check.section == "custom"] == [
        ("custom.notes", "pass"),
        ("custom.gone", "pass"),
    ]
    loaded = session.load(str(profile), cwd=profile.parent, environ=os.environ, only=("custom.gone",))
    found = live.check(loaded, session.Options(only=("custom.gone",))).report.findings
    assert [(f.check.id, f.check.title) for f in found] == [("custom.gone", "The old file is gone")]


def test_the_plan_and_a_checklist_of_ones_own_know_them(profile: Path, tmp_path: Path) -> None:
    def said(*words: str) -> str:
        done = golive(*words, cwd=tmp_path, env=dict(os.environ))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    planned = json.loads(said("plan", str(profile), "--json"))
    assert {"custom.notes", "custom.gone"} <= {check for each in planned for check in each["checks"]}
    one = json.loads(said("plan", str(profile), "--json", "--only", "custom.gone"))
    assert {check for each in one for check in each["checks"]} == {"custom.gone"}
    mine, ticked = tmp_path / "mine.md", tmp_path / "ticked.md"
    mine.write_text("- [ ] Notes are written <!-- golive: custom.notes -->\n- [ ] Cake is ordered\n")
    said("check", str(profile), "--checklist", str(mine), "-o", f"checklist:{ticked}")
    first, *others = ticked.read_text().splitlines()
    assert first.startswith("- [x] Notes are written")
    assert "- [ ] Cake is ordered" in others
