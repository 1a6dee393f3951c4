"""What can be wrong with the gates of CI: workflows, suites, their reports, and what they run on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from golive_lab.fault import Fault
from golive_lab.faults.rollout import project
from golive_lab.world.health import COMMIT
from golive_lab.world.project_texts import E2E_PACKAGE, GITLAB, WORKFLOW, playwright

if TYPE_CHECKING:
    from collections.abc import Callable

    from golive_lab.world import World

INSTALLED, BROWSERS, MOMO = "ci.playwright-installed", "ci.browsers-ready", "ci.suite-gates"
MESSAGING, RUNTIME, LOCKED = "ci.suite-runs", "ci.runtime-supported", "ci.installs-locked"
SUITE = "npm run e2e -- tests/ecommerce-momo-callbacks.spec.ts | tee momo.log"
STEP = "      - name: MoMo callbacks\n"
MISS = "        if: steps.browsers.outputs.cache-hit != 'true'\n"
CACHE = WORKFLOW[WORKFLOW.index("      - id: browsers") : WORKFLOW.index("      - name: Install the browsers")]
LIBRARIES = WORKFLOW[WORKFLOW.index("      - name: Install what") : WORKFLOW.index(STEP)]
INSTALL = WORKFLOW[WORKFLOW.index("      - name: Install the browsers") : WORKFLOW.index("      - name: Install what")]
MESSAGING_STEP = WORKFLOW[WORKFLOW.index("      - name: Messaging") : WORKFLOW.index("  bench:")]


def workflow(*changes: tuple[str, str]) -> Callable[[World], World]:
    """Change parts of the workflow's text, each of which must be there."""
    text = WORKFLOW
    for old, new in changes:
        if old not in text:
            raise ValueError(f"the workflow has no {old!r}")
        text = text.replace(old, new)
    return project(workflow=text)


def gitlab(*changes: tuple[str, str]) -> Callable[[World], World]:
    """Let the repository have GitLab's pipeline in place of GitHub's, with parts of it changed."""
    text = GITLAB
    for old, new in changes:
        text = text.replace(old, new)
    return project(workflow="", gitlab=text)


gates = partial(Fault, turns_red=MOMO)

FAULTS = (
    gates(
        "ci.or-true", title="The suite's failure is swallowed by || true", change=workflow((SUITE, f"{SUITE} || true"))
    ),
    gates(
        "ci.no-pipefail",
        title="The suite's output goes through tee in a shell without pipefail",
        change=workflow(("    defaults:\n      run: { shell: bash }\n", "")),
    ),
    gates(
        "ci.set-plus-e",
        title="set +e comes before the suite, and another command after it",
        change=workflow((f"run: {SUITE}", f"run: |\n          set +e\n          {SUITE}\n          echo done")),
    ),
    gates(
        "ci.step-may-fail",
        title="The suite's step has continue-on-error",
        change=workflow((STEP, f"{STEP}        continue-on-error: true\n")),
    ),
    gates(
        "ci.job-may-fail",
        title="The suite's job has continue-on-error by an expression",
        change=workflow(("  e2e:\n", "  e2e:\n    continue-on-error: ${{ github.ref != 'refs/heads/next' }}\n")),
    ),
    gates(
        "ci.deploy-anyway",
        title="The deploy runs whatever became of the jobs before it",
        change=workflow(("if: github.ref == 'refs/heads/main'", "if: always() && github.ref == 'refs/heads/main'")),
    ),
    gates(
        "ci.deploy-does-not-wait",
        title="The deploy does not wait for the suite, and no required check is known",
        change=workflow(("needs: [unit, e2e]", "needs: [unit]")),
        outcome="unknown",
    ),
    gates(
        "ci.skipped-suite-passes",
        title="The suite runs on pull requests alone, and the deploy starts where it was skipped",
        change=workflow(
            ("  e2e:\n", "  e2e:\n    if: github.event_name == 'pull_request'\n"),
            ("if: github.ref == 'refs/heads/main'", "if: '!failure() && !cancelled()'"),
        ),
    ),
    gates(
        "ci.one-shard",
        title="One shard of four is all that runs of the suite",
        change=workflow((SUITE, f"{SUITE.partition(' |')[0]} --shard=1/4")),
    ),
    gates("ci.suite-not-run", title="No job runs the suite", change=workflow((SUITE, "echo skipped for now"))),
    gates("ci.no-spec", title="The suite's spec is not in the repository", change=project(momo_spec="")),
    gates(
        "ci.suite-failed",
        title="A test of the suite failed",
        change=project(e2e_results=playwright(momo="unexpected")),
    ),
    gates(
        "ci.suite-skipped",
        title="The suite's tests were skipped, and the run is green",
        change=project(e2e_results=playwright(momo="skipped")),
    ),
    gates(
        "ci.suite-not-reported",
        title="The report does not list the suite",
        change=project(e2e_results=playwright(without="ecommerce-momo-callbacks.spec.ts")),
    ),
    gates(
        "ci.report-of-another-commit",
        title="The report is for another commit",
        change=project(e2e_results=playwright(COMMIT[::-1])),
        also=(MESSAGING,),
    ),
    gates(
        "ci.no-report",
        title="CI has kept no report of the suites",
        change=project(e2e_results=""),
        outcome="unknown",
    ),
    gates(
        "ci.gitlab-allow-failure",
        title="On GitLab the suite's job has allow_failure",
        change=gitlab(("  stage: test\n", "  stage: test\n  allow_failure: true\n")),
    ),
    gates(
        "ci.gitlab-needs-nothing",
        title="On GitLab the deploy starts at once, by an empty needs",
        change=gitlab(("  stage: deploy\n", "  stage: deploy\n  needs: []\n")),
        outcome="unknown",
    ),
    Fault(
        "ci.messaging-not-run",
        turns_red=MESSAGING,
        title="No job runs the messaging suite",
        change=workflow((MESSAGING_STEP, "\n")),
        outcome="warn",
    ),
    Fault(
        "ci.messaging-failed",
        turns_red=MESSAGING,
        title="The messaging suite failed",
        change=project(e2e_results=playwright(messaging="unexpected")),
        outcome="warn",
    ),
    Fault(
        "ci.playwright-missing",
        turns_red=INSTALLED,
        title="No package depends on Playwright",
        change=project(e2e_package=E2E_PACKAGE.replace("@playwright/test", "vitest")),
    ),
    Fault(
        "ci.dependencies-not-installed",
        turns_red=INSTALLED,
        title="The suites' job installs no dependencies",
        change=workflow(("      - run: npm ci\n", "")),
        also=(LOCKED,),
    ),
    Fault(
        "ci.installs-loosely",
        turns_red=LOCKED,
        title="CI installs whatever is newest: npm install",
        change=workflow(("npm ci", "npm install")),
    ),
    Fault("ci.no-lock-file", turns_red=LOCKED, title="No lock file is committed", change=project(lock="")),
    Fault(
        "ci.image-of-another-version",
        turns_red=INSTALLED,
        title="GitLab's image has the browsers of another Playwright",
        change=gitlab(("v1.56.0", "v1.50.1")),
    ),
    Fault(
        "ci.no-browsers",
        turns_red=BROWSERS,
        title="Nothing installs the browsers",
        change=workflow((CACHE, ""), (INSTALL, ""), (LIBRARIES, "")),
    ),
    Fault(
        "ci.browsers-not-cached",
        turns_red=BROWSERS,
        title="The browsers are fetched in each run",
        change=workflow((CACHE, ""), (MISS, ""), (LIBRARIES, "")),
        outcome="warn",
    ),
    Fault(
        "ci.no-libraries-on-a-hit",
        turns_red=BROWSERS,
        title="On a cache hit the browsers' libraries are not installed",
        change=workflow((LIBRARIES, "")),
        outcome="warn",
    ),
    Fault(
        "ci.node-ended",
        turns_red=RUNTIME,
        title="CI builds with Node 18",
        change=workflow(("node-version: 26", "node-version: 18")),
    ),
    Fault(
        "ci.action-removed",
        turns_red=RUNTIME,
        title="The browsers are cached by an action that GitHub refuses",
        change=workflow(("actions/cache@v4", "actions/cache@v2")),
    ),
    Fault(
        "ci.runner-removed",
        turns_red=RUNTIME,
        title="The suites run on an image of a runner that is gone",
        change=workflow(("ubuntu-24.04", "ubuntu-20.04")),
    ),
)
