"""The whole of `golive check` on untouched drafts of fifteen stacks: what is red is so, and no defect is missed."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from stack_trees import TREES

from golive import live, session
from golive.model import Outcome
from golive_checks.init.draft import Draft
from golive_checks.init.survey import survey

if TYPE_CHECKING:
    from pathlib import Path

    from golive.model import Finding

OFTEN = {"next", "dotnet", "nuxt"}
GIT = ("git", "-c", "user.name=t", "-c", "user.email=t@t.test")
NOBODY_THERE = (
    "no resolver answers",
    "does not resolve to an address",
    "could not be asked: NoCredentialsError",
    "the profile says nothing about it (databases)",
    "what the web app shows could not all be read",
)
"""Why golive may not know, where no network, no credentials and, of a Postgres that files name, no address is given."""


def findings(folder: Path, files: dict[str, str], environment: str) -> tuple[Finding, ...]:
    """Write a repository and its first profile, change nothing, and look at it with a resolver that is not there."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o600)
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "first")):
        subprocess.run([*GIT, *words], cwd=folder, check=True)
    (folder / "profiles").mkdir()
    text = Draft(survey(folder, environment), environment, folder / "profiles").text()
    (folder / f"profiles/{environment}.yaml").write_text(text + 'dns: {resolvers: ["127.0.0.1:9"]}\n')
    made = session.load(environment, cwd=folder, environ={})
    return live.check(made, session.Options(timeout_s=20)).report.findings


@pytest.mark.parametrize(
    "stack", [pytest.param(name, marks=() if name in OFTEN else pytest.mark.long) for name in TREES]
)
def test_every_red_finding_is_true_and_every_defect_is_found(
    stack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    tree = TREES[stack]
    found = findings(tmp_path, tree.files, tree.environment)
    red = {f.check.id: f.verdict.summary for f in found if f.outcome in {Outcome.FAIL, Outcome.WARN}}
    assert set(red) == set(tree.red), red
    unknown = [f.verdict.summary for f in found if f.outcome is Outcome.UNKNOWN]
    assert [text for text in unknown if not any(reason in text for reason in NOBODY_THERE)] == []
