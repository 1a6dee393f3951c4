from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError
from tests.checks.ci.conftest import COMMIT, ENV, GATING, MESSAGING, MOMO, OTHER, REPORT, REPORTS, github, gitlab

from golive import Environment, Outcome, Unavailable
from golive_checks.ci.suites import suite_gates, suite_runs
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.suites import Suite, SuiteReports, Suites, of_profile
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
        (run("npx playwright test --grep @smoke"), Outcome.WARN, "not run in full: --grep selects some of its tests"),
        (run("npx playwright test --only-changed=main"), Outcome.WARN, "--only-changed selects some"),
        (run("npx playwright test || npx playwright test --last-failed"), Outcome.PASS, ""),
        (run("npx playwright test --pass-with-no-tests"), Outcome.FAIL, "--pass-with-no-tests"),
        (run("npx playwright test || true"), Outcome.FAIL, "a failure does not count: `|| true`"),
        (step("continue-on-error: true"), Outcome.FAIL, "the step may fail (continue-on-error: true, line"),
        (step("continue-on-error: false"), Outcome.PASS, ""),
        (step("continue-on-error: ${{ matrix.soft }}"), Outcome.UNKNOWN, "it may fail (continue-on-error: ${{"),
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
        (
            github(("  deploy:", "  other:"), ("    environment: production\n", "")),
            Outcome.UNKNOWN,
            "golive cannot see",
        ),
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
    verdict = suite_gates(GATING, ENV, ci, REPORTS, ASK)
    assert word in verdict.summary
    assert verdict.outcome is outcome


def test_what_was_not_looked_at_may_run_it() -> None:
    pipeline = replace(run("true").pipelines[0], unseen=("the workflow x",))
    assert (
        suite_gates(GATING, ENV, replace(run("true"), pipelines=(pipeline,)), REPORTS, ASK).outcome is Outcome.UNKNOWN
    )


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
    verdict = suite_gates(GATING, ENV, github(), SuiteReports((replace(REPORT, files=(counts,)),)), ASK)
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_a_report_that_is_not_of_the_release() -> None:
    other, none = replace(REPORT, commit=COMMIT[::-1]), replace(REPORT, commit="")
    assert suite_gates(GATING, ENV, github(), SuiteReports((other,)), ASK).outcome is Outcome.FAIL
    assert suite_gates(GATING, ENV, github(), SuiteReports((none,)), ASK).outcome is Outcome.UNKNOWN
    assert suite_gates(GATING, Environment("x"), github(), REPORTS, ASK).outcome is Outcome.UNKNOWN
    assert suite_gates(GATING, ENV, github(), SuiteReports(), ASK).outcome is Outcome.UNKNOWN
    assert suite_gates(GATING, ENV, github(), Unavailable("gone"), ASK).summary == "gone"


def test_required_checks() -> None:
    loose = github((NEEDS, "needs: [unit]"))
    assert suite_gates(GATING, ENV, loose, REPORTS, Suites(required_checks=("e2e",))).outcome is Outcome.PASS
    verdict = suite_gates(GATING, ENV, loose, REPORTS, Suites(required_checks=("unit",)))
    assert (verdict.outcome, verdict.summary) == (
        Outcome.FAIL,
        "deploy does not wait for e2e, nor is it among the required checks",
    )
    named = github((NEEDS, "needs: [unit]"), ("  e2e:\n", "  e2e:\n    name: End to end\n"))
    assert suite_gates(GATING, ENV, named, REPORTS, Suites(required_checks=("End to end",))).outcome is Outcome.PASS


def test_commands_of_ones_own() -> None:
    suite = replace(GATING, runs=("./scripts/e2e.sh",))
    assert suite_gates(suite, ENV, run("./scripts/e2e.sh --all"), REPORTS, ASK).outcome is Outcome.PASS
    assert suite_gates(suite, ENV, run("./scripts/e2e.sh || true"), REPORTS, ASK).outcome is Outcome.FAIL


def test_suites_have_the_names_of_the_profile() -> None:
    ask = Suites.model_validate(
        {
            "runs": ["make e2e"],
            "checkout": {"spec": "e2e/pay.spec.ts", "runs": ["./pay"]},
            "chat": {"spec": "c", "gates": False},
        }
    )
    assert of_profile(ask) == (
        Suite("checkout", spec="e2e/pay.spec.ts", gates=True, runs=("./pay", "make e2e")),
        Suite("chat", spec="c", gates=False, runs=("make e2e",)),
    )
    assert of_profile(Suites()) == ()


def test_each_suite_is_judged_by_one_check_alone() -> None:
    assert suite_gates(OTHER, ENV, github(), REPORTS, ASK).outcome is Outcome.NA
    assert suite_runs(GATING, ENV, github(), REPORTS).outcome is Outcome.NA


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
    verdict = suite_runs(OTHER, ENV, ci, reports)
    assert verdict.outcome is outcome
    assert word in verdict.summary


@pytest.mark.parametrize("key", ["momo", "requird_checks"])
def test_what_is_no_suite_is_refused_with_one(key: str) -> None:
    with pytest.raises(ValidationError, match="neither a key of ci"):
        Suites.model_validate({key: ["e2e"]})
