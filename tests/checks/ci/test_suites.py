from __future__ import annotations

from dataclasses import replace

import pytest
from tests.checks.ci.conftest import COMMIT, ENV, MESSAGING, MOMO, REPORT, REPORTS, github, gitlab

from golive import Environment, Outcome, Unavailable
from golive_checks.ci.suites import messaging_suite_runs, momo_suite_gates
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.suites import SuiteReports, Suites
from golive_checks.systems.test_reports.results import InFile

RUN = "npm run e2e -- tests/ecommerce-momo-callbacks.spec.ts | tee momo.log"
STEP = "      - name: MoMo callbacks\n"
DEPLOY = "if: github.ref == 'refs/heads/main'"
NEEDS = "needs: [unit, e2e]"
E2E = "  e2e:\n"
FRONT = "  deploy-front:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: ./scripts/deploy-front.sh\n"
ASK = Suites()


def step(text: str) -> Pipelines:
    return github((STEP, f"{STEP}        {text}\n"))


def job(text: str) -> Pipelines:
    return github(("  e2e:\n", f"  e2e:\n    {text}\n"))


def run(text: str) -> Pipelines:
    return github((RUN, text))


@pytest.mark.parametrize(
    ("ci", "outcome", "word"),
    [
        (github(), Outcome.PASS, "runs in e2e, which gates the release"),
        (run("npx playwright test"), Outcome.PASS, ""),
        (run("npx playwright test momo-callbacks"), Outcome.PASS, ""),
        (run("npx playwright test --project chromium tests/ecommerce"), Outcome.PASS, ""),
        (run("cd e2e && yarn test"), Outcome.PASS, ""),
        (run("pnpm --filter e2e test"), Outcome.PASS, ""),
        (run("npx playwright test orders"), Outcome.FAIL, "no job runs"),
        (run("npx playwright test --list"), Outcome.FAIL, "no job runs"),
        (run("echo npx"), Outcome.FAIL, "no job runs"),
        (run("echo npx playwright test"), Outcome.FAIL, "no job runs"),
        (run("npx playwright test --grep @smoke"), Outcome.WARN, "not run as a whole: --grep takes some of its tests"),
        (run("npx playwright test --only-changed=main"), Outcome.WARN, "--only-changed takes some"),
        (run("npx playwright test || npx playwright test --last-failed"), Outcome.PASS, ""),
        (run("npx playwright test --pass-with-no-tests"), Outcome.FAIL, "--pass-with-no-tests"),
        (run("npx playwright test || true"), Outcome.FAIL, "a failure does not count: `|| true`"),
        (step("continue-on-error: true"), Outcome.FAIL, "the step may fail (continue-on-error: true, line"),
        (step("continue-on-error: false"), Outcome.PASS, ""),
        (step("continue-on-error: ${{ matrix.soft }}"), Outcome.FAIL, "the step may fail"),
        (step("shell: sh"), Outcome.FAIL, "without pipefail"),
        (step("shell: bash {0}"), Outcome.FAIL, "without pipefail"),
        (step("shell: bash -eo pipefail {0}"), Outcome.PASS, ""),
        (step("if: ${{ false }}"), Outcome.FAIL, "it never runs"),
        (step("if: always()"), Outcome.PASS, ""),
        (step("if: github.event_name == 'push'"), Outcome.PASS, ""),
        (job("continue-on-error: true"), Outcome.FAIL, "the job e2e may fail"),
        (job("if: github.actor != 'bot'"), Outcome.PASS, ""),
        (github((NEEDS, "needs: [unit]")), Outcome.UNKNOWN, "deploy does not wait for e2e"),
        (github((NEEDS, "needs: bench"), ("  bench:\n", "  bench:\n    needs: e2e\n")), Outcome.PASS, ""),
        (
            github(("  deploy:\n", f"{FRONT}  deploy:\n")),
            Outcome.UNKNOWN,
            "deploy-front does not wait for e2e, and the profile names no required check",
        ),
        (github(("  deploy:\n", f"{FRONT}  deploy:\n"), (E2E, f"{E2E}    needs: deploy-front\n")), Outcome.PASS, ""),
        (github((DEPLOY, "if: always()")), Outcome.FAIL, "deploy starts although e2e has failed (if: always())"),
        (github((DEPLOY, "if: '!cancelled()'")), Outcome.FAIL, "deploy starts although"),
        (github((DEPLOY, "if: always() && needs.e2e.result == 'success'")), Outcome.PASS, ""),
        (
            github((DEPLOY, "if: always() && needs.unit.result == 'success'")),
            Outcome.FAIL,
            "deploy starts although e2e",
        ),
        (github((DEPLOY, "if: ${{ !failure() && !cancelled() }}")), Outcome.PASS, ""),
        (
            github((DEPLOY, "if: always() && !contains(judged(needs.*.result), 'failure')")),
            Outcome.UNKNOWN,
            "whether deploy waits for e2e to have passed is not clear (if: always() && !contains(judged(",
        ),
        (github(("  deploy:", "  other:"), ("    environment: production\n", "")), Outcome.UNKNOWN, "nothing tells"),
        (gitlab(), Outcome.PASS, "runs in e2e"),
        (gitlab(("    - npm run e2e", "    - npm run e2e | tee log")), Outcome.PASS, ""),
        (gitlab(("    - npm run e2e", "    - npm run e2e || echo no")), Outcome.FAIL, "`|| echo no`"),
        (gitlab(("  stage: test\n", "  stage: test\n  allow_failure: true\n")), Outcome.FAIL, "allow_failure: true"),
        (gitlab(("  stage: test\n", "  stage: test\n  when: manual\n")), Outcome.FAIL, "when: manual"),
        (gitlab(("  stage: deploy\n", "  stage: deploy\n  needs: []\n")), Outcome.UNKNOWN, "does not wait"),
        (gitlab(("  stage: deploy\n", "  stage: deploy\n  needs: [e2e]\n")), Outcome.PASS, ""),
        (gitlab(("  stage: deploy\n", "  stage: deploy\n  when: always\n")), Outcome.FAIL, "(when: always)"),
        (replace(github(), files=frozenset()), Outcome.FAIL, f"{MOMO} does not exist"),
        (replace(github(), pipelines=()), Outcome.FAIL, "neither .github/workflows nor"),
        (Pipelines(""), Outcome.NA, "names no repository"),
    ],
)
def test_momo(ci: Pipelines, outcome: Outcome, word: str) -> None:
    verdict = momo_suite_gates(ENV, ci, REPORTS, ASK)
    assert word in verdict.summary
    assert verdict.outcome is outcome


def test_what_was_not_looked_at_may_run_it() -> None:
    pipeline = replace(run("true").pipelines[0], unseen=("the workflow x",))
    assert momo_suite_gates(ENV, replace(run("true"), pipelines=(pipeline,)), REPORTS, ASK).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("counts", "outcome", "word"),
    [
        (InFile(MOMO, passed=2), Outcome.PASS, ""),
        (InFile(MOMO, passed=2, flaky=1), Outcome.PASS, ""),
        (InFile(MOMO, passed=2, failed=1), Outcome.FAIL, "1 of its tests failed"),
        (InFile(MOMO, passed=2, skipped=1), Outcome.FAIL, "1 of its tests were skipped"),
        (InFile(MOMO), Outcome.FAIL, "none of its tests was run"),
        (InFile("tests/other.spec.ts", passed=2), Outcome.FAIL, "no report lists"),
        (InFile("callbacks.spec.ts", passed=2), Outcome.FAIL, "no report lists"),
        (InFile(f"/home/runner/{MOMO}", passed=2), Outcome.PASS, ""),
    ],
)
def test_its_last_run(counts: InFile, outcome: Outcome, word: str) -> None:
    verdict = momo_suite_gates(ENV, github(), SuiteReports((replace(REPORT, files=(counts,)),)), ASK)
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_a_report_that_is_not_of_the_release() -> None:
    other, none = replace(REPORT, commit=COMMIT[::-1]), replace(REPORT, commit="")
    assert momo_suite_gates(ENV, github(), SuiteReports((other,)), ASK).outcome is Outcome.FAIL
    assert momo_suite_gates(ENV, github(), SuiteReports((none,)), ASK).outcome is Outcome.UNKNOWN
    assert momo_suite_gates(Environment("x"), github(), REPORTS, ASK).outcome is Outcome.UNKNOWN
    assert momo_suite_gates(ENV, github(), SuiteReports(), ASK).outcome is Outcome.UNKNOWN
    assert momo_suite_gates(ENV, github(), Unavailable("gone"), ASK).summary == "gone"


def test_required_checks() -> None:
    loose = github((NEEDS, "needs: [unit]"))
    assert momo_suite_gates(ENV, loose, REPORTS, Suites(required_checks=("e2e",))).outcome is Outcome.PASS
    verdict = momo_suite_gates(ENV, loose, REPORTS, Suites(required_checks=("unit",)))
    assert (verdict.outcome, verdict.summary) == (
        Outcome.FAIL,
        "deploy does not wait for e2e, nor is it among the required checks",
    )
    named = github((NEEDS, "needs: [unit]"), ("  e2e:\n", "  e2e:\n    name: End to end\n"))
    assert momo_suite_gates(ENV, named, REPORTS, Suites(required_checks=("End to end",))).outcome is Outcome.PASS


def test_commands_of_ones_own() -> None:
    ask = Suites(runs=("./scripts/e2e.sh",))
    assert momo_suite_gates(ENV, run("./scripts/e2e.sh --all"), REPORTS, ask).outcome is Outcome.PASS
    assert momo_suite_gates(ENV, run("./scripts/e2e.sh || true"), REPORTS, ask).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("ci", "reports", "outcome", "word"),
    [
        (github(), REPORTS, Outcome.PASS, f"{MESSAGING} runs in e2e"),
        (github(), SuiteReports(), Outcome.PASS, ""),
        (replace(github(), files=frozenset({MOMO})), REPORTS, Outcome.WARN, "does not exist"),
        (replace(github(), pipelines=()), REPORTS, Outcome.WARN, "no job runs"),
        (
            github(),
            SuiteReports((replace(REPORT, files=(InFile(MESSAGING, failed=1),)),)),
            Outcome.WARN,
            "1 of its tests failed",
        ),
        (Pipelines(""), REPORTS, Outcome.NA, ""),
    ],
)
def test_messaging(ci: Pipelines, reports: SuiteReports, outcome: Outcome, word: str) -> None:
    verdict = messaging_suite_runs(ENV, ci, reports, ASK)
    assert verdict.outcome is outcome
    assert word in verdict.summary
    assert messaging_suite_runs(ENV, ci, reports, Suites(messaging="")).outcome is Outcome.NA
