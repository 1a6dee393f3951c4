from __future__ import annotations

from collections.abc import Mapping

import pytest

from golive import Environment, Outcome
from golive_checks.observability.bench_ci import BenchInCi, in_ci
from golive_checks.systems.ci.github import read_github
from golive_checks.systems.ci.gitlab import read_gitlab
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.repository import RepositoryFiles
from golive_lab.world.project_texts import GITLAB, WORKFLOW

PASS, WARN, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
RUN = "npx autocannon --json --duration 10 http://127.0.0.1:4000/health > bench.json"
FREE = "        continue-on-error: true\n"


def github(text: str) -> Pipelines:
    return Pipelines("/repo", (read_github("ci.yml", text, RepositoryFiles()),))


def gitlab(text: str) -> Pipelines:
    return Pipelines("/repo", (read_gitlab(".gitlab-ci.yml", text, RepositoryFiles()),))


CASES: Mapping[str, tuple[Outcome, str, Pipelines]] = {
    "may fail": (PASS, "autocannon runs in bench, and may fail", github(WORKFLOW)),
    "GitLab": (PASS, "autocannon runs in bench, and may fail", gitlab(GITLAB)),
    "swallowed": (PASS, "k6 runs in bench", github(WORKFLOW.replace(RUN, "k6 run a.js || true").replace(FREE, ""))),
    "a version": (PASS, "autocannon@8", github(WORKFLOW.replace("autocannon", "autocannon@8"))),
    "blocks": (WARN, "its failure stops the release", github(WORKFLOW.replace(FREE, ""))),
    "GitLab, blocks": (WARN, "stops the release", gitlab(GITLAB.replace("  allow_failure: true\n", ""))),
    "none": (FAIL, "no job of CI measures the speed", github(WORKFLOW.replace(RUN, "npm run bench"))),
    "only named": (FAIL, "no job", github(WORKFLOW.replace(RUN, "echo we will run k6 later k6"))),
    "an action": (
        PASS,
        "grafana/run-k6-action@v1",
        github(WORKFLOW.replace(f"run: {RUN}", "uses: grafana/run-k6-action@v1")),
    ),
    "no CI": (FAIL, "no job", Pipelines("/repo")),
    "no repository": (NA, "names no repository", Pipelines("")),
}


@pytest.mark.parametrize(("outcome", "summary", "ci"), CASES.values(), ids=CASES)
def test_a_bench_in_ci(outcome: Outcome, summary: str, ci: Pipelines) -> None:
    judged = in_ci(Environment("demo"), ci, BenchInCi())
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_a_command_of_ones_own() -> None:
    ci = github(WORKFLOW.replace(RUN, "npm run bench -- --fast"))
    assert in_ci(Environment("demo"), ci, BenchInCi(commands=("npm run bench",))).outcome is PASS
