"""Small repositories of other shapes: is the suite that their CI runs a gate?"""

from __future__ import annotations

import json

import pytest
from tests.checks.ci.conftest import COMMIT, GATING, MOMO, REPORTS, SPECS

from golive import Environment, Outcome
from golive_checks.ci.suites import suite_gates
from golive_checks.systems.ci.github import read_github
from golive_checks.systems.ci.gitlab import read_gitlab
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.repository import Package, RepositoryFiles
from golive_checks.systems.ci.suites import Suites

PASS, WARN, FAIL, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN
ROOT = Package("", "shop", {"@playwright/test": "1.55.0"}, {"e2e": "playwright test"})
TESTS = Package("apps/e2e", "@acme/e2e", {}, {"e2e": "playwright test", "test": "playwright test"})
SHIP = "runs-on: ubuntu-24.04\n    environment: production\n    steps: [{ run: ./ship }]\n"
CALLED = "on: { workflow_call: { inputs: { environment: { type: string } } } }\njobs:\n"
SHIPS = CALLED + "  ship:\n    runs-on: x\n    environment: ${{ inputs.environment }}\n    steps: [{ run: ./ship }]\n"
DEPLOY = "    uses: ./.github/workflows/deploy.yml\n    with: { environment: production }\n"


def workflow(step: str, e2e: str = "", deploy: str = "needs: e2e", more: str = "", on: str = "push") -> str:
    """Return a workflow of a suite and a deploy; `step` is a command, or steps in YAML."""
    steps = step if step.startswith("[") else f"[{json.dumps({'run': step})}]"
    text = f"on: {on}\njobs:\n  e2e:\n    runs-on: ubuntu-24.04\n" + (f"    {e2e}\n" if e2e else "")
    text += f"    steps: {steps}\n{more}"
    return text + (f"  deploy:\n    {deploy}\n    {SHIP}" if deploy else "")


def judged(text: str, required: tuple[str, ...] = (), packages: tuple[Package, ...] = (ROOT,), **texts: str) -> Outcome:
    files = {
        {"makefile": "Makefile", "deploy": ".github/workflows/deploy.yml"}.get(name, name): held
        for name, held in texts.items()
    }
    repo = RepositoryFiles(packages, files, frozenset({*files, MOMO}))
    read = read_gitlab(".gitlab-ci.yml", text, repo) if "stages:" in text else read_github("ci.yml", text, repo)
    ci = Pipelines("/repo", (read,), packages, files=SPECS)
    env = Environment("production", commit=COMMIT)
    return suite_gates(GATING, env, ci, REPORTS, Suites(required_checks=required)).outcome


TEST = "npx playwright test"
COMMANDS = {
    f"set +e; {TEST}; code=$?; ./report; exit $code": PASS,
    f"set +e; {TEST}; ./report": FAIL,
    f"{TEST} & wait": FAIL,
    f"npm start & npx wait-on http://localhost:3000 && {TEST}": PASS,
    f"if ! {TEST}; then exit 1; fi": PASS,
    f"if {TEST}; then echo good; fi": FAIL,
    f"until {TEST}; do sleep 1; done": PASS,
    f"until {TEST}; do n=$((n+1)); [ $n -ge 3 ] && exit 1; done": PASS,
    f"until {TEST}; do break; done": FAIL,
    f"while ! {TEST}; do sleep 1; done": PASS,
    f"while {TEST}; do sleep 1; done": FAIL,
    f"run() {{ {TEST}; }}; run": PASS,
    f"run() {{ {TEST}; }}; run || true": FAIL,
    f"run() {{ {TEST}; }}": FAIL,
    f'eval "{TEST}"': PASS,
    f"bash -c '{TEST}; exit 0'": FAIL,
    f"docker run --rm -v $PWD:/w -w /w mcr.microsoft.com/playwright:v1.55.0 {TEST}": PASS,
    f"docker run -d mcr.microsoft.com/playwright:v1.55.0 {TEST}": FAIL,
    f"{TEST} --list": FAIL,
    "npx turbo run e2e --filter=@acme/e2e": PASS,
    "npx turbo run e2e --dry-run": FAIL,
    "npm run e2e --workspaces --if-present": PASS,
    "yarn workspaces foreach -A run e2e": PASS,
    "yarn workspaces run e2e": PASS,
    "pnpm recursive run e2e": PASS,
    "pnpm --filter ./apps/e2e e2e": PASS,
    "yarn --cwd apps/e2e test": PASS,
    "npx lerna run e2e": PASS,
    "node --run e2e": PASS,
    "./e2e.sh": PASS,
    "./e2e.sh --grep @smoke": WARN,
    "./e2e.sh other.spec.ts": FAIL,
}


@pytest.mark.parametrize(("command", "outcome"), COMMANDS.items())
def test_a_command(command: str, outcome: Outcome) -> None:
    script = {"e2e.sh": f'#!/bin/sh\nexec {TEST} "$@"\n'}
    assert judged(workflow(command), packages=(ROOT, TESTS), **script) is outcome


INSTALLED = Package("apps/e2e", "@acme/e2e", {}, {"e2e": "playwright test", "format": "prettier ."})
WORKSPACE = Package("", "shop", {}, {"format": "pnpm -r format"}, workspaces=("apps/*",))


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        ("pnpm --filter './apps/**' e2e", PASS),
        ("pnpm -r --filter '@acme/*' run e2e", PASS),
        ("pnpm --filter 'e2e...' e2e", PASS),
        ("pnpm -F '@acme/*' -F '!@acme/e2e' e2e", FAIL),
        ("pnpm -r --filter '!./apps/e2e' e2e", FAIL),
        ("pnpm --filter '...[origin/main]' e2e", UNKNOWN),  # which have changed is only known as CI runs
        ("pnpm --filter './services/*' e2e", UNKNOWN),
        ("npm run e2e -w apps/e2e -w apps/web", PASS),
        ("pnpm format", FAIL),  # a script of the root that runs those of the others does not run itself again
    ],
)
def test_the_packages_of_a_workspace(command: str, outcome: Outcome) -> None:
    assert judged(workflow(command), packages=(WORKSPACE, INSTALLED)) is outcome


@pytest.mark.parametrize(
    ("command", "makefile", "outcome"),
    [
        ("make e2e", f"e2e: build\n\t{TEST}\nbuild:\n\tnpm run build\n", PASS),
        ("make e2e", f"e2e:\n\t{TEST}; echo done\n", FAIL),  # make starts its shells without -e
        ("make e2e", f"e2e:\n\t-{TEST}\n", FAIL),
        ("make -i e2e", f"e2e:\n\t{TEST}\n", FAIL),
        ("make -n e2e", f"e2e:\n\t{TEST}\n", FAIL),
        ("make ci", f"ci:\n\t$(MAKE) e2e\ne2e:\n\t{TEST}\n", PASS),
    ],
)
def test_make(command: str, makefile: str, outcome: Outcome) -> None:
    assert judged(workflow(command), makefile=makefile) is outcome


SHARD = "--shard=${{ matrix.n }}/${{ matrix.of }}"


@pytest.mark.parametrize(
    ("matrix", "shard", "outcome"),
    [
        ("{ n: [1, 2, 3], of: [3] }", SHARD, PASS),
        ("{ n: [1, 3], of: [3] }", SHARD, FAIL),
        ("{ n: [1, 2, 3], of: [3], exclude: [{ n: 2 }] }", SHARD, FAIL),
        ("{ include: [{ n: 1, of: 2 }, { n: 2, of: 2 }] }", SHARD, PASS),
        ("{ include: [{ n: 1, of: 2 }] }", SHARD, FAIL),
        ("{ n: [1], of: [2], include: [{ n: 2, of: 2 }] }", SHARD, PASS),
        ("{ shard: [1/2, 2/2] }", "--shard ${{ matrix.shard }}", PASS),
        ("{ shard: [1/2] }", "--shard ${{ matrix.shard }}", FAIL),
        ("{ part: [{ n: 1, of: 2 }, { n: 2, of: 2 }] }", "--shard=${{ matrix.part.n }}/${{ matrix.part.of }}", PASS),
        ("{ n: '${{ fromJSON(needs.a.outputs.b) }}' }", "--shard=${{ matrix.n }}/4", PASS),  # worked out as it runs
    ],
)
def test_shards(matrix: str, shard: str, outcome: Outcome) -> None:
    assert judged(workflow(f"{TEST} {shard}", f"strategy: {{ matrix: {matrix} }}")) is outcome


def test_the_names_of_an_included_matrix() -> None:
    given = "strategy: { matrix: { include: [{ name: a, n: 1/2 }, { name: b, n: 2/2 }] } }"
    text = workflow(TEST + " --shard=${{ matrix.n }}", given, deploy="", on="pull_request")
    assert judged(text, ("e2e (a, 1/2)", "e2e (b, 2/2)")) is PASS
    assert judged(text, ("e2e (a, 1/2)",)) is not PASS


STEPS = {
    f"[{{ run: {TEST}, if: \"runner.os == 'Linux'\" }}]": PASS,
    f"[{{ run: {TEST}, if: \"runner.os == 'Windows'\" }}]": FAIL,
    f"[{{ run: {TEST}, if: \"env.E2E == 'yes'\" }}]": PASS,
    f"[{{ run: {TEST}, if: \"env.E2E == 'no'\" }}]": FAIL,
    f"[{{ run: {TEST}, if: \"env.E2E == 'no'\", env: {{ E2E: 'no' }} }}]": PASS,
    f"[{{ run: {TEST}, if: failure() }}]": FAIL,
    f"[{{ uses: nick-fields/retry@v3, with: {{ command: {TEST} }} }}]": PASS,
    f"[{{ uses: nick-fields/retry@v3, with: {{ command: {TEST}, continue_on_error: true }} }}]": FAIL,
    f"[{{ id: t, run: {TEST}, continue-on-error: true }}, {{ run: exit 1, if: steps.t.outcome == 'failure' }}]": PASS,
}


@pytest.mark.parametrize(("steps", "outcome"), STEPS.items())
def test_a_step(steps: str, outcome: Outcome) -> None:
    assert judged("env: { E2E: 'yes' }\n" + workflow(steps)) is outcome


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        (f"[{{ run: {TEST} }}, {{ run: ./deploy.sh }}]", PASS),
        (f"[{{ run: ./deploy.sh }}, {{ run: {TEST} }}]", FAIL),
        (f"[{{ run: ./deploy.sh staging }}, {{ run: {TEST} }}, {{ run: ./deploy.sh production }}]", PASS),
        (f"[{{ run: {TEST} }}, {{ run: ./deploy.sh, if: always() }}]", FAIL),
        (f"[{{ run: {TEST} }}, {{ run: ./deploy.sh, if: success() }}]", PASS),
        (f"[{{ run: {TEST} }}, {{ uses: actions/upload-artifact@v4, if: always() }}]", UNKNOWN),  # where is the deploy?
    ],
)
def test_a_job_that_does_both(steps: str, outcome: Outcome) -> None:
    assert judged(workflow(steps, "environment: production", deploy="")) is outcome


ALWAYS = (
    CALLED
    + "  build:\n    runs-on: x\n    steps: [{ run: make }]\n  ship:\n    needs: build\n    if: always()\n    "
    + SHIP
)


@pytest.mark.parametrize(
    ("jobs", "called", "outcome"),
    [
        (f"  to:\n    needs: e2e\n{DEPLOY}", SHIPS, PASS),
        (f"  to:\n    needs: e2e\n    if: always()\n{DEPLOY}", SHIPS, FAIL),
        (f"  to:\n    needs: e2e\n{DEPLOY}", ALWAYS, PASS),  # the call is skipped, and all that is in it
        (f"  stage:\n{DEPLOY.replace('production', 'staging')}  to:\n    needs: [e2e, stage]\n{DEPLOY}", SHIPS, PASS),
        (f"  to:\n{DEPLOY}", SHIPS, UNKNOWN),
        ("  deploy-staging:\n    steps: [{ run: ./ship }]\n  deploy:\n    needs: e2e\n    " + SHIP, "", PASS),
        ("  deploy-staging:\n    needs: e2e\n    steps: [{ run: ./ship }]\n  deploy:\n    " + SHIP, "", UNKNOWN),
    ],
)
def test_deploys_in_other_shapes(jobs: str, called: str, outcome: Outcome) -> None:
    assert judged(workflow(TEST, deploy="", more=jobs), deploy=called) is outcome


def test_a_suite_that_runs_when_all_is_out() -> None:
    assert judged(workflow(TEST, "needs: deploy", deploy="environment: production")) is FAIL
    preview = "  deploy-preview:\n    steps: [{ run: ./ship }]\n"
    assert judged(workflow(TEST, "needs: deploy-preview", more=preview)) is PASS


LOOP = "for r in ${{ join(needs.*.result, ' ') }}; do [ $r = success ] || exit 1; done"
CAREFUL = "for r in ${{ join(needs.*.result, ' ') }}; do [ $r != failure -a $r != cancelled ] || exit 1; done"
SPARING = "for r in ${{ join(needs.*.result, ' ') }}; do [ $r != failure ] || exit 1; done"


@pytest.mark.parametrize(
    ("script", "condition", "outcome"),
    [
        (LOOP, "", PASS),
        (LOOP, "if: github.base_ref == 'main'", PASS),
        (SPARING, "", FAIL),  # a run that is cancelled passes it
        (SPARING, "if: github.base_ref == 'main'", FAIL),
        (CAREFUL, "", PASS),
        (CAREFUL, "if: github.base_ref == 'main'", FAIL),
        ("./look '${{ toJSON(needs) }}'", "", UNKNOWN),
    ],
)
def test_a_required_check_that_looks_at_all_results(script: str, condition: str, outcome: Outcome) -> None:
    gate = f"  gate:\n    if: always()\n    needs: [e2e]\n    steps: [{json.dumps({'run': script})}]\n"
    text = workflow(TEST, condition, deploy="", more=gate, on="pull_request")
    assert judged(text, ("gate",)) is outcome


RUNS = "stages: [test, deploy]\ne2e:\n  stage: test\n  script: [npx playwright test]\n"
OUT = "deploy:\n  stage: deploy\n  environment: production\n  script: [./ship]\n"


@pytest.mark.parametrize(
    ("e2e", "deploy", "more", "outcome"),
    [
        ("only: [main, merge_requests]", "only: [main]", "", PASS),
        ("only: [merge_requests]", "only: [main]", "", FAIL),
        ("except: [tags]", "only: [tags]", "", FAIL),
        ("only: { changes: [web/**] }", "only: [main]", "", FAIL),
        ("only: { changes: [web/**] }", "only: { changes: [web/**] }", "", PASS),
        ("except: { variables: [$SKIP] }", "only: [main]", "", FAIL),
        ("", "needs: [{ project: acme/e2e, job: e2e, ref: main }]", "", UNKNOWN),
        ("", "", "stop:\n  needs: []\n  environment: { name: production, action: stop }\n  script: [./stop]\n", PASS),
        ("", "", "review:\n  needs: []\n  environment: { name: review/$CI_COMMIT_REF_SLUG }\n  script: [./x]\n", PASS),
    ],
)
def test_gitlab(e2e: str, deploy: str, more: str, outcome: Outcome) -> None:
    assert judged(RUNS + (f"  {e2e}\n" if e2e else "") + OUT + (f"  {deploy}\n" if deploy else "") + more) is outcome
