"""Workflows as facts, read from the lab's own."""

from __future__ import annotations

from golive import Environment
from golive_checks.systems.ci.github import read_github
from golive_checks.systems.ci.gitlab import read_gitlab
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.repository import Package, RepositoryFiles
from golive_checks.systems.ci.suites import Suite, SuiteReports
from golive_checks.systems.test_reports.results import InFile, Results
from golive_lab.world.project_texts import GITLAB, WORKFLOW

COMMIT = "9f1c2ab47d5e3680c1b2a3948576d0e1f2a3b4c5"
ENV = Environment("demo", commit=COMMIT)
MOMO, MESSAGING = "e2e/tests/ecommerce-momo-callbacks.spec.ts", "e2e/tests/messaging.spec.ts"
PACKAGES = (
    Package("", scripts={"e2e": "npm --workspace e2e test --"}),
    Package("e2e", "e2e", {"@playwright/test": "1.56.0"}, {"test": "playwright test"}),
)
SPECS = frozenset({MOMO, MESSAGING})
REPORT = Results("e2e.json", COMMIT, (InFile(MOMO.removeprefix("e2e/tests/"), passed=2), InFile(MESSAGING, passed=1)))
REPORTS = SuiteReports((REPORT,))


def github(*changes: tuple[str, str], packages: tuple[Package, ...] = PACKAGES) -> Pipelines:
    """Return the lab's workflow with parts of its text changed."""
    return Pipelines(
        "/repo", (read_github("ci.yml", changed(WORKFLOW, changes), RepositoryFiles(packages)),), packages, files=SPECS
    )


def gitlab(*changes: tuple[str, str]) -> Pipelines:
    """Return the lab's pipeline for GitLab with parts of its text changed."""
    read = read_gitlab(".gitlab-ci.yml", changed(GITLAB, changes), RepositoryFiles(PACKAGES))
    return Pipelines("/repo", (read,), PACKAGES, files=SPECS)


def changed(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


GATING, OTHER = Suite("momo", spec=MOMO), Suite("messaging", spec=MESSAGING, gates=False)
