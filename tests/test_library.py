"""golive as a library: a report from a program, within an event loop and without."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from golive import Outcome, check_environment, check_environment_async
from golive.profile import ProfileError
from golive.report import render
from golive.select import UsageError

PROFILE = """
environment: x
checklist: { only: [custom] }
custom:
  notes: { title: The notes are there, request: { file: notes.md }, expect: { matches: ["${WORD}"] } }
variables: { secrets: {} }
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "x.yaml").write_text(PROFILE)
    (tmp_path / "notes.md").write_text("ready")
    return tmp_path


def test_a_report_comes_back(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = check_environment(place / "x.yaml", only=["custom.*"], cwd=place, environ={"WORD": "ready"})
    assert (report.decision, report.exit_code) == ("GO", 0)
    assert [f.outcome for f in report.findings if f.check.id == "custom.notes"] == [Outcome.PASS]
    assert "custom.notes" in render("json", report)
    assert capsys.readouterr().out == ""


async def test_within_an_event_loop(place: Path) -> None:
    turned = 0

    async def turn() -> None:
        nonlocal turned
        while True:
            turned += 1
            await asyncio.sleep(0.001)

    beside = asyncio.create_task(turn())
    report = await check_environment_async(place / "x.yaml", only=["custom.*"], cwd=place, environ={"WORD": "done"})
    beside.cancel()
    assert (report.decision, report.exit_code) == ("NO-GO", 1)
    assert turned > 1


def test_what_cannot_be_asked_raises(place: Path) -> None:
    with pytest.raises(ProfileError):
        check_environment(place / "none.yaml", cwd=place, environ={})
    with pytest.raises(UsageError):
        check_environment(place / "x.yaml", only=["nothing"], cwd=place, environ={"WORD": "ready"})
