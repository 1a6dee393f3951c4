"""Ways past a suite: a deploy that starts where the suite failed, was skipped, or is not waited for."""

from __future__ import annotations

import textwrap

import pytest
from tests.checks.ci.conftest import COMMIT, GATING, MOMO, REPORTS, SPECS

from golive import Environment, Outcome
from golive_checks.ci.suites import suite_gates
from golive_checks.systems.ci.github import read_github
from golive_checks.systems.ci.gitlab import read_gitlab
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.repository import RepositoryFiles
from golive_checks.systems.ci.suites import Suites

PASS, WARN, FAIL, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN
ENV = Environment("production", commit=COMMIT)
RUN = "runs-on: ubuntu-24.04\n    steps: [{ run: npx playwright test }]"
OUT = "runs-on: ubuntu-24.04\n    environment: production\n    steps: [{ run: ./ship }]"
GATE = "runs-on: ubuntu-24.04\n    if: always()\n    needs: [e2e]\n    steps:"


def jobs(e2e: str = "", deploy: str = "needs: e2e", more: str = "", on: str = "push", tail: str = "") -> str:
    conditions = f"    {e2e}\n" if e2e else ""
    text = f"on: {on}\njobs:\n  e2e:\n{conditions}    {RUN}\n{more}"
    return text + (f"  deploy:\n    {deploy}\n    {OUT}\n" if deploy else "") + tail


def gate(step: str) -> str:
    return f"  gate:\n    {GATE}\n      - {step}\n"


def judged(*workflows: str, ask: Suites | None = None, gitlab: str = "") -> tuple[Outcome, str]:
    read = tuple(read_github(f"{n}.yml", text, RepositoryFiles()) for n, text in enumerate(workflows))
    read += (read_gitlab(".gitlab-ci.yml", textwrap.dedent(gitlab), RepositoryFiles()),) if gitlab else ()
    verdict = suite_gates(GATING, ENV, Pipelines("/repo", read, files=SPECS), REPORTS, ask or Suites())
    return verdict.outcome, verdict.summary


ON_PR = "if: github.event_name == 'pull_request'"
BOTH = "[push, pull_request]"
SHARDED = "'npx playwright test --shard=${{ matrix.n }}/2'"


@pytest.mark.parametrize(
    ("text", "outcome", "word"),
    [
        (jobs(), PASS, "gates the release"),
        (jobs(deploy="needs: e2e\n    if: github.ref == 'refs/heads/main'"), PASS, ""),
        (jobs("if: github.ref == 'refs/heads/main'"), PASS, ""),
        (jobs(ON_PR, on=BOTH), PASS, ""),  # a skipped need keeps the deploy from starting
        (
            jobs(ON_PR, "needs: e2e\n    if: '!failure() && !cancelled()'", on=BOTH),
            FAIL,
            "starts where e2e was not run",
        ),
        (jobs(ON_PR, "needs: e2e\n    if: always() && needs.e2e.result != 'failure'", on=BOTH), FAIL, "as on push"),
        (jobs(ON_PR, "needs: e2e\n    if: always() && needs.e2e.result == 'success'", on=BOTH), PASS, ""),
        (jobs("if: inputs.test", "needs: e2e\n    if: '!failure()'", on="workflow_dispatch"), FAIL, "was not run"),
        (
            jobs("if: needs.changes.outputs.web == 'true'\n    needs: changes", "needs: e2e\n    if: '!failure()'"),
            FAIL,
            "was not run",
        ),
        (
            jobs(
                "if: needs.a.outputs.web == 'true'",
                "needs: e2e\n    if: '!failure() && !cancelled() && needs.a.outputs.web == ''true'''",
            ),
            PASS,
            "",
        ),
        (jobs(deploy="needs: e2e\n    if: '!failure()'"), FAIL, "the run was cancelled before e2e ended"),
        (jobs(deploy="needs: e2e\n    if: '!failure() && !cancelled()'"), PASS, ""),
        (jobs(deploy="needs: e2e\n    if: always() && needs.e2e.result != 'failure'"), FAIL, "was cancelled"),
        (jobs("if: always()", "needs: e2e\n    if: always() && needs.e2e.result != 'failure'"), PASS, ""),
        (
            jobs(
                more=gate("if: contains(needs.*.result, 'failure')\n        run: exit 1"),
                deploy="needs: gate\n    if: always() && needs.gate.result == 'success'",
            ),
            FAIL,
            "was cancelled",
        ),
        (
            jobs(
                more=gate(
                    "if: contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled')\n"
                    "        run: exit 1"
                ),
                deploy="needs: gate\n    if: always() && needs.gate.result == 'success'",
            ),
            PASS,
            "",
        ),
        (
            jobs("if: needs.a.outputs.web == 'true'", "needs: e2e\n    if: '!failure() && needs.b.outputs.x == ''1'''"),
            FAIL,
            "was cancelled",
        ),
        (
            jobs(
                "if: needs.a.outputs.web == 'true'",
                "needs: e2e\n    if: '!failure() && !cancelled() && needs.b.outputs.x == ''1'''",
            ),
            UNKNOWN,
            "is not clear",
        ),
        (jobs(deploy="needs: e2e\n    if: always() && strange("), UNKNOWN, "is not clear"),
        (  # what the gate puts out may well be whether the suite has passed
            jobs(
                more=gate('run: ./tell "${{ needs.e2e.result }}" >> $GITHUB_OUTPUT'),
                deploy="needs: gate\n    if: always() && needs.gate.outputs.fine == 'true'",
            ),
            UNKNOWN,
            "is not clear",
        ),
        (jobs(deploy="if: github.event.pull_request.draft == false"), UNKNOWN, "does not wait"),  # null equals false
        (jobs("if: inputs.full == true", "needs: e2e\n    if: '!failure()'", on="workflow_dispatch"), FAIL, "not run"),
        (jobs(deploy="if: contains(github.ref, 'hotfix')"), UNKNOWN, "does not wait"),
        (jobs(deploy="if: github.ref == format('refs/heads/{0}', 'live')"), UNKNOWN, "does not wait"),
        (jobs(deploy="needs: e2e\n    if: always() && github.ref == 'refs/heads/main'"), FAIL, "e2e has failed"),
        (jobs(more=gate("if: needs.e2e.result != 'success'\n        run: exit 1"), deploy="needs: gate"), PASS, ""),
        (jobs(more=gate("run: '[ \"${{ needs.e2e.result }}\" = success ] || exit 1'"), deploy="needs: gate"), PASS, ""),
        (jobs(more=gate("run: echo fine"), deploy="needs: gate"), UNKNOWN, "is not clear"),
        (
            jobs(more=gate("if: contains(needs.*.result, 'failure')\n        run: exit 1"), deploy="needs: gate"),
            PASS,
            "",
        ),
        (
            jobs(
                more=gate("uses: re-actors/alls-green@release/v1\n        with: { jobs: '${{ toJSON(needs) }}' }"),
                deploy="needs: gate\n    if: always() && needs.gate.result == 'success'",
            ),
            PASS,
            "",
        ),
        (
            jobs(
                ON_PR,
                more=gate("if: contains(needs.*.result, 'failure')\n        run: exit 1"),
                deploy="needs: gate\n    if: always() && needs.gate.result == 'success'",
                on=BOTH,
            ),
            FAIL,
            "was not run",
        ),
        (jobs(deploy=""), UNKNOWN, "golive cannot see"),
        (jobs().replace("playwright test", "playwright test --shard=1/4"), FAIL, "shard 2, 3, 4 of 4 is run nowhere"),
        (
            jobs("strategy: { matrix: { n: [1, 2] } }").replace(
                "npx playwright test", "'npx playwright test --shard=${{ matrix.n }}/2'"
            ),
            PASS,
            "",
        ),
        (jobs(tail=f"  deploy-too:\n    {OUT}\n"), UNKNOWN, "deploy-too does not wait for e2e"),
    ],
)
def test_in_one_workflow(text: str, outcome: Outcome, word: str) -> None:
    found = judged(text)
    assert (found[0], word in found[1]) == (outcome, True), found


QUEUED = "[pull_request, merge_group]"
WHENEVER = "on: { workflow_run: { workflows: [CI] } }"
AFTER = "on: { workflow_run: { workflows: [CI], types: [completed] } }"


@pytest.mark.parametrize(
    ("other", "outcome", "word"),
    [
        (f"on: {{ push: {{ tags: ['v*'] }} }}\njobs:\n  ship:\n    {OUT}\n", UNKNOWN, "ship in 1.yml does not wait"),
        (f"{AFTER}\njobs:\n  ship:\n    {OUT}\n", FAIL, "ship starts although e2e has failed"),
        (
            f"{AFTER}\njobs:\n  ship:\n    if: github.event.workflow_run.conclusion == 'success'\n    {OUT}\n",
            PASS,
            "",
        ),
        (
            f"{AFTER}\njobs:\n  ship:\n    if: github.event.workflow_run.conclusion != 'failure'\n    {OUT}\n",
            FAIL,
            "was cancelled before e2e ended",
        ),
        (
            f"{AFTER.replace('completed', 'requested')}\njobs:\n  ship:\n    {OUT}\n",
            UNKNOWN,
            "ship in 1.yml does not wait",
        ),
        (
            f"{WHENEVER}\njobs:\n  ship:\n    if: github.event.workflow_run.conclusion == 'success'\n    {OUT}\n",
            PASS,
            "",
        ),
        (f"on: push\njobs:\n  ship:\n    if: false\n    {OUT}\n", UNKNOWN, "golive cannot see"),
    ],
)
def test_a_deploy_in_another_workflow(other: str, outcome: Outcome, word: str) -> None:
    found = judged("name: CI\n" + jobs(deploy=""), other)
    if "if: false" not in other:
        assert (found[0], word in found[1]) == (outcome, True), found


@pytest.mark.parametrize(
    ("text", "required", "outcome"),
    [
        (jobs(deploy="", on="pull_request"), "e2e", PASS),
        (jobs(deploy="", on="pull_request"), "CI / e2e (pull_request)", PASS),
        (jobs("if: github.base_ref == 'main'", deploy="", on="pull_request"), "e2e", FAIL),
        (jobs("if: '!github.event.pull_request.draft'", deploy="", on="pull_request"), "e2e", PASS),
        (jobs(deploy="", more=gate("run: '[ ${{ needs.e2e.result }} = success ]'"), on="pull_request"), "gate", PASS),
        (jobs(deploy="", more=gate("run: exit 1").replace("    if: always()\n", ""), on="pull_request"), "gate", FAIL),
        (jobs("if: github.event_name == 'merge_group'", deploy="", on=QUEUED), "e2e", PASS),
        (jobs("if: github.event_name != 'merge_group'", deploy="", on=QUEUED), "e2e", FAIL),
        (jobs("if: github.base_ref == 'main'", deploy="", on=QUEUED), "e2e", FAIL),  # a merge queue's run has no base
        (jobs("strategy: { matrix: { n: [1, 2] } }", deploy=""), "e2e (1) + e2e (2)", PASS),
        (jobs("strategy: { matrix: { n: [1, 2] } }", deploy=""), "e2e (1)", FAIL),
        (
            jobs("name: 'Part ${{ matrix.n }}'\n    strategy: { matrix: { n: [1, 2] } }", deploy=""),
            "Part 1 + Part 2",
            PASS,
        ),
    ],
)
def test_required_checks(text: str, required: str, outcome: Outcome) -> None:
    ask = Suites(required_checks=tuple(required.split(" + ")))
    assert judged("name: CI\n" + text, ask=ask)[0] is outcome


E2E = "e2e: { stage: test, script: [npx playwright test]"
SHIP = "ship: { stage: deploy, environment: production, script: [./ship]"
STAGES = "stages: [test, deploy]"
TAG = "rules: [{ if: $CI_COMMIT_TAG }]"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (f"{STAGES}\n{E2E} }}\n{SHIP} }}", PASS),
        (f"{STAGES}\n{E2E} }}\n{SHIP}, when: manual }}", PASS),
        (
            f"{STAGES}\n{E2E}, rules: [{{ changes: [web/*] }}] }}\n{SHIP}, needs: [{{ job: e2e, optional: true }}] }}",
            FAIL,
        ),
        (f"{STAGES}\n{E2E}, rules: [{{ changes: [web/*] }}] }}\n{SHIP}, needs: [e2e] }}", PASS),
        (f"{STAGES}\n{E2E}, rules: [{{ if: $CI_COMMIT_TAG }}] }}\n{SHIP} }}", FAIL),
        (
            f"{STAGES}\n{E2E}, {TAG} }}\n{SHIP}, rules: [{{ if: $CI_COMMIT_TAG =~ /^v/ }}] }}",
            PASS,
        ),
        (
            (
                f"{STAGES}\n{E2E}, rules: [{{ if: $CI_PIPELINE_SOURCE == 'merge_request_event', allow_failure: true }},"
                f" {{ if: $CI_COMMIT_BRANCH == 'main' }}] }}\n{SHIP}, rules: [{{ if: $CI_COMMIT_BRANCH == 'main' }}] }}"
            ),
            PASS,
        ),
        (f"{STAGES}\n{E2E}, only: [merge_requests] }}\n{SHIP}, only: [main] }}", FAIL),
        (f"{STAGES}\n{E2E}, except: [tags] }}\n{SHIP}, only: [main] }}", PASS),
        (
            (
                f"workflow: {{ rules: [{{ if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH }}] }}\n{STAGES}\n"
                f"{E2E}, rules: [{{ if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH }}] }}\n{SHIP} }}"
            ),
            PASS,
        ),
        (
            f".on: {{ rules: [{{ when: never }}] }}\n{STAGES}\n{E2E}, rules: [!reference [.on, rules]] }}\n{SHIP} }}",
            FAIL,
        ),
    ],
)
def test_gitlab(text: str, outcome: Outcome) -> None:
    found = judged(gitlab=text)
    assert found[0] is outcome, found


def test_the_deploy_of_another_environment_may_go_before() -> None:
    preview = "  preview:\n    runs-on: x\n    environment: { name: preview }\n    steps: [{ run: ./up }]\n"
    assert judged(jobs("needs: preview", tail=preview))[0] is PASS
    staging = f"  ship-staging:\n    {OUT.replace('production', 'staging')}\n"
    assert judged(jobs(tail=staging))[0] is PASS
    assert MOMO in SPECS
