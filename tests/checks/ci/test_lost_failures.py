"""A failure that does not end its job at once: is it lost, looked at later, or not to be told?"""

from __future__ import annotations

import json

import pytest
from tests.checks.ci.conftest import COMMIT, GATING, MOMO, REPORTS, SPECS
from tests.checks.ci.test_trees import OUT, ROOT, RUNS, TEST, judged, workflow

from golive import Environment, Outcome
from golive_checks.ci.suites import suite_gates
from golive_checks.systems.ci.gitlab import read_gitlab
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.repository import RepositoryFiles, included
from golive_checks.systems.ci.suites import Suites

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
NOTED = f"{TEST} || echo failed=1 >> $GITHUB_OUTPUT"
CODE = f'set +e\n{TEST}\necho "code=$?" >> "$GITHUB_OUTPUT"'
BRANCHES = (
    f"set +e\n{TEST}\nif [ $? -ne 0 ]; then echo bad=yes >> $GITHUB_OUTPUT; else echo bad=no >> $GITHUB_OUTPUT; fi"
)
SOFT = {"id": "t", "run": TEST, "continue-on-error": True}


def steps(*each: dict[str, object]) -> str:
    return json.dumps(each)


def ran(script: str) -> dict[str, object]:
    return {"id": "t", "run": script}


STEPS = [
    ((ran(NOTED),), FAIL),
    ((ran(NOTED), {"run": "exit 1", "if": "steps.t.outputs.failed == '1'"}), PASS),
    ((ran(NOTED), {"run": "exit 1", "if": "steps.t.outputs.other == '1'"}), FAIL),
    ((ran(NOTED), {"run": "exit 1", "if": "github.ref == 'refs/heads/main' && steps.t.outputs.failed"}), UNKNOWN),
    ((ran(NOTED), {"run": 'if [ "${{ steps.t.outputs.failed }}" = 1 ]; then exit 1; fi'}), PASS),
    ((ran(NOTED), {"run": 'echo "${{ steps.t.outputs.failed }}" >> $GITHUB_STEP_SUMMARY'}), FAIL),
    ((ran(NOTED), {"run": "./judge ${{ steps.t.outputs.failed }}"}), UNKNOWN),
    ((ran(CODE), {"run": "exit ${{ steps.t.outputs.code }}"}), PASS),
    ((ran(CODE), {"run": "exit 1", "if": "steps.t.outputs.code != 0"}), PASS),
    ((ran(CODE), {"run": "exit 1", "if": "steps.t.outputs.code == 0"}), FAIL),
    ((ran(CODE), {"run": "./report"}), FAIL),
    ((ran(BRANCHES), {"run": "exit 1", "if": "steps.t.outputs.bad == 'yes'"}), PASS),
    ((ran(BRANCHES), {"run": "exit 1", "if": "steps.t.outputs.bad == 'no'"}), FAIL),
    ((ran(f"{TEST} || echo E2E=bad >> $GITHUB_ENV"), {"run": "exit 1", "if": "env.E2E == 'bad'"}), PASS),
    ((ran(f"{TEST} || echo E2E=1 >> $GITHUB_ENV"), {"run": "exit $E2E"}), PASS),
    ((ran(f"{TEST} || echo E2E=1 | tee -a $GITHUB_ENV"), {"run": "exit $E2E"}), PASS),
    ((ran(f"{TEST} || echo E2E=1 >> $GITHUB_ENV"), {"run": "./report"}), FAIL),
    ((SOFT, {"run": 'if [ "${{ steps.t.outcome }}" == "failure" ]; then exit 1; fi'}), PASS),
    ((SOFT, {"run": '[ "$HOW" = success ] || exit 1', "env": {"HOW": "${{ steps.t.outcome }}"}}), PASS),
    ((SOFT, {"run": "exit 1", "if": "steps.t.conclusion == 'failure'"}), FAIL),  # the conclusion is success
    ((SOFT, {"run": "exit 1", "if": "failure() && steps.t.outcome == 'failure'"}), FAIL),  # nothing has failed
    ((SOFT, {"run": "./celebrate", "if": "steps.t.outcome == 'success'"}), FAIL),
    ((SOFT, {"run": "echo ${{ steps.t.outcome }}"}), FAIL),
    (
        (
            SOFT,
            {
                "uses": "actions/github-script@v8",
                "if": "steps.t.outcome == 'failure'",
                "with": {"script": "core.setFailed('e2e')"},
            },
        ),
        PASS,
    ),
    (
        (
            SOFT,
            {
                "uses": "actions/github-script@v8",
                "if": "steps.t.outcome == 'failure'",
                "with": {"script": "core.warning('e2e')"},
            },
        ),
        FAIL,
    ),
    ((ran(TEST) | {"continue-on-error": "${{ github.event_name == 'push' }}"},), FAIL),
    ((ran(TEST) | {"continue-on-error": "${{ github.event_name == 'schedule' }}"},), PASS),
    ((ran(TEST) | {"continue-on-error": "${{ github.ref != 'refs/heads/main' }}"},), PASS),
    ((ran(TEST) | {"continue-on-error": "${{ github.ref_name == 'master' }}"},), FAIL),
    ((ran(TEST) | {"continue-on-error": "${{ vars.SOFT == 'yes' }}"},), UNKNOWN),
]


@pytest.mark.parametrize(("given", "outcome"), STEPS)
def test_what_later_steps_look_at(given: tuple[dict[str, object], ...], outcome: Outcome) -> None:
    assert judged(workflow(steps(*given))) is outcome


@pytest.mark.parametrize(
    ("deploy", "outcome"),
    [
        ("needs: e2e\n    if: needs.e2e.outputs.how == 'success'", UNKNOWN),
        ("needs: e2e", FAIL),
    ],
)
def test_an_output_of_the_job(deploy: str, outcome: Outcome) -> None:
    given = "outputs: { how: '${{ steps.t.outcome }}' }"
    assert judged(workflow(steps(SOFT), given, deploy)) is outcome


@pytest.mark.parametrize(
    ("matrix", "soft", "outcome"),
    [
        ("{ include: [{ b: chromium, soft: false }] }", "matrix.soft", PASS),
        ("{ include: [{ b: chromium, soft: true }] }", "matrix.soft", FAIL),
        ("{ include: [{ b: chromium, soft: false }, { b: webkit, soft: true }] }", "matrix.soft", PASS),
        ("{ b: [chromium, webkit] }", "matrix.b == 'webkit'", PASS),
        ("{ b: [webkit] }", "matrix.b == 'webkit'", FAIL),
        ("{ b: [chromium] }", "matrix.soft || false", PASS),
        ("{ b: '${{ fromJSON(vars.ALL) }}' }", "matrix.b == 'webkit'", UNKNOWN),
    ],
)
def test_a_combination_that_may_fail(matrix: str, soft: str, outcome: Outcome) -> None:
    job = f"strategy: {{ matrix: {matrix} }}\n    continue-on-error: ${{{{ {soft} }}}}"
    assert judged(workflow(TEST, job)) is outcome


@pytest.mark.parametrize(
    ("command", "job", "outcome"),
    [
        ("npm run ${{ matrix.s }}", "strategy: { matrix: { s: [unit, e2e] } }", PASS),
        ("npm run ${{ matrix.s }}", "strategy: { matrix: { s: [unit, build] } }", FAIL),
        ("npm run ${{ matrix.s }}", "strategy: { matrix: { s: '${{ fromJSON(vars.ALL) }}' } }", UNKNOWN),
        ("${{ matrix.run }}", f"strategy: {{ matrix: {{ run: [make, {TEST}] }} }}", PASS),
        ("${{ matrix.run }}", f"strategy: {{ matrix: {{ run: [make, {TEST} || true] }} }}", FAIL),
        ("$RUN_TESTS", f"env: {{ RUN_TESTS: {TEST} }}", PASS),
        ("$RUN_TESTS", "env: { OTHER: x }", UNKNOWN),
        ("${{ vars.E2E }}", "env: { OTHER: x }", UNKNOWN),
    ],
)
def test_a_command_that_a_run_fills_in(command: str, job: str, outcome: Outcome) -> None:
    assert judged(workflow(steps({"run": command}), job)) is outcome


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        (f"if git diff --name-only HEAD~1 | grep -q '^web/'; then {TEST}; fi", UNKNOWN),
        (f'if [ -n "$SHARD" ]; then {TEST} --shard $SHARD; else {TEST}; fi', PASS),
        (f'if [ -n "$CI" ]; then {TEST}; fi', PASS),
        (f'[ -n "$WITH_E2E" ] && {TEST}', UNKNOWN),
        (f'[ -z "$WITH_E2E" ] && exit 0\n{TEST}', UNKNOWN),
        (f"case $1 in -h) exit 0;; esac\n{TEST}", PASS),
        (f"npx concurrently --kill-others --success last '{TEST}' 'npm start'", UNKNOWN),
        (f"npx concurrently -k -s first '{TEST}' 'npm start'", PASS),
        (f"bash -eo pipefail -c '{TEST} | tee log'", PASS),
        (f"script -qc '{TEST}' log", UNKNOWN),
    ],
)
def test_a_suite_that_may_be_left_out(command: str, outcome: Outcome) -> None:
    assert judged(workflow(steps({"run": command}))) is outcome


COMPOSE = """
services:
  web: { image: shop }
  e2e:
    image: mcr.microsoft.com/playwright:v1.55.0
    command: ["npx", "playwright", "test"]
"""


@pytest.mark.parametrize(
    ("command", "file", "outcome"),
    [
        ("docker compose run --rm -e CI=1 e2e", COMPOSE, PASS),
        ("docker-compose run e2e", COMPOSE.replace('["npx", "playwright", "test"]', "npm run e2e"), PASS),
        ("docker compose run e2e", COMPOSE.replace('["npx", "playwright", "test"]', f"sh -c '{TEST} || true'"), FAIL),
        ("docker compose run --rm e2e npm run e2e", COMPOSE.replace('"npx", ', '"sleep", '), PASS),
        ("docker compose up --exit-code-from e2e", COMPOSE, PASS),
        ("docker compose up -d", COMPOSE, FAIL),
        ("docker compose up -d web && docker compose wait e2e", COMPOSE, PASS),
        ("docker compose up --abort-on-container-exit", COMPOSE, UNKNOWN),
        ("docker compose run --rm web", COMPOSE, UNKNOWN),
        ("docker compose -f ci/other.yml run e2e", COMPOSE, UNKNOWN),
    ],
)
def test_services_of_compose(command: str, file: str, outcome: Outcome) -> None:
    assert judged(workflow(command), **{"compose.yml": file}) is outcome


def test_an_image_whose_building_runs_tests() -> None:
    image = {"Dockerfile": f"FROM node AS e2e\nRUN {TEST}\n"}
    assert judged(workflow("docker build --target e2e ."), **image) is UNKNOWN
    assert judged(workflow("docker build ."), Dockerfile="FROM node\nRUN npm ci\n") is FAIL


CHILD = (
    f"stages: [build, check]\nbuild:\n  stage: build\n  script: [make]\nbrowser:\n  stage: check\n  script: [{TEST}]\n"
)
TRIGGER = "stages: [test, deploy]\nchild:\n  stage: test\n  trigger:\n    include: ci/e2e.yml\n    strategy: depend\n"


def of_gitlab(text: str, child: str) -> Outcome:
    repo = RepositoryFiles((ROOT,), {"ci/e2e.yml": child}, frozenset({MOMO}))
    ci = Pipelines("/repo", (read_gitlab(".gitlab-ci.yml", text, repo),), (ROOT,), files=SPECS)
    return suite_gates(GATING, Environment("production", commit=COMMIT), ci, REPORTS, Suites()).outcome


@pytest.mark.parametrize(
    ("parent", "child", "outcome"),
    [
        ("", "", PASS),
        ("  rules: [{ changes: [web/**] }]\n", "", FAIL),
        ("  allow_failure: true\n", "", FAIL),
        ("  when: manual\n", "", FAIL),
        ("", "  allow_failure: true\n", FAIL),
        ("", "  when: manual\n", FAIL),
        ("", "  rules: [{ if: '$CI_PIPELINE_SOURCE == \"parent_pipeline\"' }]\n", PASS),
        ("", "  rules: [{ if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"' }]\n", FAIL),
        ("", "  allow_failure: { exit_codes: [137] }\n", PASS),
        ("", "  allow_failure: { exit_codes: [1, 137] }\n", FAIL),
    ],
)
def test_a_child_pipeline(parent: str, child: str, outcome: Outcome) -> None:
    assert of_gitlab(TRIGGER + parent + OUT, CHILD + child) is outcome


def test_children_that_cannot_be_seen_or_are_not_waited_for() -> None:
    assert of_gitlab(TRIGGER.replace("    strategy: depend\n", "") + OUT, CHILD) is UNKNOWN
    assert of_gitlab(TRIGGER.replace("ci/e2e.yml", "[{ artifact: made.yml, job: make }]") + OUT, CHILD) is UNKNOWN
    assert of_gitlab(TRIGGER.replace("include: ci/e2e.yml", "project: acme/e2e") + OUT, CHILD) is UNKNOWN
    started = RUNS + "out:\n  stage: deploy\n  trigger: { include: ci/e2e.yml }\n"
    assert of_gitlab(started, "ship:\n  environment: production\n  script: [./ship]\n") is PASS


def test_values_of_a_parallel_matrix() -> None:
    parallel = "stages: [test, deploy]\ne2e:\n  stage: test\n  parallel: { matrix: [{ SUITE: [unit, e2e] }] }\n"
    assert of_gitlab(parallel + "  script: [npm run $SUITE]\n" + OUT, "") is PASS
    assert of_gitlab(parallel.replace("unit, e2e", "unit") + "  script: [npm run $SUITE]\n" + OUT, "") is FAIL


def test_files_that_gitlab_includes() -> None:
    there = ["ci/e2e.yml", "ci/jobs/a.yml", "ci/jobs/b.yaml", "README.md", "other.yml"]
    assert included(["include: [{ local: /ci/e2e.yml }]"], there) == ["ci/e2e.yml"]
    assert included(["include: 'ci/jobs/*.yml'"], there) == ["ci/jobs/a.yml"]
