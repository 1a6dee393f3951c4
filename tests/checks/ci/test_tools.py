from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from tests.checks.ci.conftest import ENV, MOMO, PACKAGES, github, gitlab

from golive import Now, Outcome
from golive_checks.ci.tools import browsers_ready, playwright_installed, runtime_supported
from golive_checks.systems.ci.github import read_github
from golive_checks.systems.ci.lifetimes import AS_OF, Runtimes, node_major
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.repository import Package, RepositoryFiles
from golive_checks.systems.ci.suites import Suites

ASK = Suites.model_validate({"momo": {"spec": MOMO}})
NOW = Now(dt.datetime(2026, 11, 27, tzinfo=dt.UTC))
MISS = "        if: steps.browsers.outputs.cache-hit != 'true'\n"
HIT = "        if: steps.browsers.outputs.cache-hit == 'true'\n"
CACHE = "path: ~/.cache/ms-playwright"
DEPS = "run: npx playwright install-deps chromium"
BOTH = "npx playwright install --with-deps chromium"


SHA = "0c45773b623bea8c8e75f6c82b208c3cf94ea4f9"


@pytest.mark.parametrize(
    ("ci", "outcome", "word"),
    [
        (github(), Outcome.PASS, "@playwright/test 1.56.0, installed in e2e"),
        (gitlab(), Outcome.PASS, "installed in e2e"),
        (replace(github(), packages=()), Outcome.FAIL, "no package.json has @playwright/test"),
        (github(("npm ci", "true")), Outcome.FAIL, "the job e2e runs Playwright and installs no dependencies"),
        (github(("npm ci", "corepack yarn install --immutable")), Outcome.PASS, ""),
        (gitlab(("v1.56.0", "v1.55.0")), Outcome.FAIL, "the image of e2e has the browsers of 1.55.0, not of 1.56.0"),
        (Pipelines(""), Outcome.NA, "names no repository"),
    ],
)
def test_playwright(ci: Pipelines, outcome: Outcome, word: str) -> None:
    verdict = playwright_installed(ENV, ci, ASK)
    assert verdict.outcome is outcome
    assert word in verdict.summary


@pytest.mark.parametrize(
    ("ci", "outcome", "word"),
    [
        (github(), Outcome.PASS, "e2e: from an image or a cache"),
        (gitlab(), Outcome.PASS, ""),
        (github((MISS, ""), (HIT, ""), (DEPS, "run: true")), Outcome.PASS, ""),
        (github((DEPS, "run: true")), Outcome.WARN, "on a cache hit nothing installs the libraries"),
        (github((MISS, ""), (DEPS, "run: true"), (BOTH, "npx playwright install")), Outcome.WARN, "on a cache hit"),
        (github((CACHE, "path: ~/.npm")), Outcome.WARN, "the browsers are fetched in each run"),
        (github((BOTH, "true"), (DEPS, "run: true")), Outcome.WARN, "nothing installs the browsers"),
        (github((CACHE, "path: x"), (BOTH, "true"), (DEPS, "run: true")), Outcome.FAIL, "and no image or cache has"),
        (gitlab(("mcr.microsoft.com/playwright:v1.56.0-noble", "node:26")), Outcome.FAIL, "nothing installs"),
        (replace(github(), pipelines=()), Outcome.FAIL, "neither .github/workflows nor"),
        (github(packages=PACKAGES[:1]), Outcome.FAIL, "no job runs Playwright"),
        (Pipelines(""), Outcome.NA, ""),
    ],
)
def test_browsers(ci: Pipelines, outcome: Outcome, word: str) -> None:
    verdict = browsers_ready(ENV, ci, ASK)
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_runners_that_have_them() -> None:
    ci = gitlab(("mcr.microsoft.com/playwright:v1.56.0-noble", "node:26"))
    assert browsers_ready(ENV, ci, ASK.model_copy(update={"preinstalled": True})).outcome is Outcome.PASS


def node(version: str) -> Pipelines:
    return github(("node-version: 26", f"node-version: {version}"))


@pytest.mark.parametrize(
    ("ci", "outcome", "word"),
    [
        (github(), Outcome.PASS, "Node 26"),
        (node("20.x"), Outcome.FAIL, "ci.yml:13: Node 20 has ended on 2026-04-30"),
        (node("'14'"), Outcome.FAIL, "Node 14 has ended"),
        (node("lts/iron"), Outcome.FAIL, "Node 20 has ended"),
        (node("lts/*"), Outcome.PASS, "Node of the day"),
        (node("31"), Outcome.PASS, "Node 31"),
        (node("'${{ matrix.node }}'"), Outcome.WARN, "no workflow says which version"),
        (
            github(
                ("node-version: 26", "node-version: '${{ matrix.node }}'"),
                ("  e2e:\n", "  e2e:\n    strategy: { matrix: { node: [24, 18] } }\n"),
            ),
            Outcome.FAIL,
            "Node 18 has ended",
        ),
        (gitlab(("node:26", "node:18-alpine")), Outcome.FAIL, ".gitlab-ci.yml:14: Node 18 has ended"),
        (github(("actions/checkout@v5", "actions/checkout@v3")), Outcome.PASS, ""),
        (github(("actions/cache@v4", "actions/cache@v3")), Outcome.PASS, ""),
        (github(("actions/cache@v4", "actions/cache@v4.1.0")), Outcome.FAIL, "actions/cache@v4.1.0 is refused"),
        (github(("actions/cache@v4", "actions/cache@v4.2.3")), Outcome.PASS, ""),
        (github(("actions/cache@v4", f"actions/cache@{SHA} # v4.2.3")), Outcome.PASS, ""),
        (github(("actions/cache@v4", f"actions/cache@{SHA} # v3.2.1")), Outcome.FAIL, "(v3.2.1) is refused"),
        (github(("actions/cache@v4", f"actions/upload-artifact@{SHA} # tag=v3.1.0")), Outcome.FAIL, "since 2025-01-30"),
        (github(("ubuntu-24.04", "macos-14-xlarge")), Outcome.FAIL, "macos-14-xlarge was removed on 2026-11-02"),
        (github(("ubuntu-24.04", "windows-2016")), Outcome.FAIL, "the runner windows-2016 was removed"),
        (
            github(
                ("  e2e:\n    runs-on: ubuntu-24.04\n", "  e2e:\n    runs-on: ${{ matrix.os }}\n"),
                ("  e2e:\n", "  e2e:\n    strategy: { matrix: { os: [ubuntu-24.04, macos-13] } }\n"),
            ),
            Outcome.FAIL,
            "the runner macos-13 was removed",
        ),
        (github(("actions/cache@v4", "actions/cache@v3.3.1")), Outcome.FAIL, "actions/cache@v3.3.1 is refused"),
        (github(("actions/cache@v4", f"actions/cache@{SHA}")), Outcome.UNKNOWN, "nothing says"),
        (github(("ubuntu-24.04", "ubuntu-20.04")), Outcome.FAIL, "the runner ubuntu-20.04 was removed"),
        (github(("ubuntu-24.04", "ubuntu-22.04-arm")), Outcome.WARN, "ubuntu-22.04-arm is removed on 2027-04-17"),
        (replace(github(), node_files=((".nvmrc", "v18.2.0"),)), Outcome.FAIL, ".nvmrc: Node 18"),
        (replace(github(), node_files=((".tool-versions", "ruby 3\nnodejs 18.1.0"),)), Outcome.FAIL, "Node 18"),
        (replace(github(), pipelines=()), Outcome.FAIL, "neither .github/workflows nor"),
        (Pipelines(""), Outcome.NA, ""),
    ],
)
def test_runtimes(ci: Pipelines, outcome: Outcome, word: str) -> None:
    verdict = runtime_supported(ENV, ci, NOW, Runtimes())
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_what_ends_soon_and_a_table_that_is_old() -> None:
    late = Now(dt.datetime(2029, 2, 1, tzinfo=dt.UTC))
    verdict = runtime_supported(ENV, github(), late, Runtimes(table_max_age_days=36500))
    assert (verdict.outcome, verdict.summary) == (Outcome.WARN, "ci.yml:13: Node 26 ends on 2029-04-30 (and 1 more)")
    day = dt.datetime.combine(AS_OF, dt.time(), dt.UTC)
    for days, outcome in ((365, Outcome.PASS), (366, Outcome.WARN)):
        now = Now(day + dt.timedelta(days=days))
        assert runtime_supported(ENV, github(), now, Runtimes()).outcome is outcome


@pytest.mark.parametrize(
    ("text", "major"),
    [
        ("24", 24),
        ("v24.1.0", 24),
        ("24.x", 24),
        ("lts/krypton", 24),
        ("20-alpine", 20),
        ("lts/*", None),
        (">=20", None),
        ("^20", 20),
        ("~22.4", 22),
        ("node", None),
        ("2026", None),
        ("", None),
    ],
)
def test_versions_of_node(text: str, major: int | None) -> None:
    assert node_major(text) == major


WORKSPACES = (
    Package("", "shop", {}, {"e2e": "npm run e2e -w apps/e2e"}, workspaces=("apps/*",)),
    Package(
        "apps/e2e",
        "e2e",
        {"@playwright/test": "1.56.0"},
        {"e2e": "playwright test", "postinstall": "playwright install --with-deps chromium"},
    ),
)
BROWSERS = """
on: push
jobs:
  e2e:
    runs-on: ubuntu-24.04
    steps:
      - run: npm ci
      - {uses: actions/cache@v4, with: {path: CACHED}}
      - run: npm run e2e
"""


@pytest.mark.parametrize(
    ("cached", "own", "outcome"),
    [
        ("~/.cache/ms-playwright", (), Outcome.PASS),
        ("~/.cache/", (), Outcome.PASS),  # the folder that Playwright's is in
        ("~/.cache/pip", (), Outcome.WARN),
        ("~/.npm", (), Outcome.WARN),
    ],
)
def test_browsers_that_an_installation_of_a_workspace_brings(
    cached: str, own: tuple[str, ...], outcome: Outcome
) -> None:
    read = read_github("ci.yml", BROWSERS.replace("CACHED", cached), RepositoryFiles(WORKSPACES))
    assert browsers_ready(ENV, Pipelines("/repo", (read,), WORKSPACES), Suites()).outcome is outcome


def test_a_browser_of_the_machine_is_no_missing_one() -> None:
    plain = tuple(replace(p, scripts={n: s for n, s in p.scripts.items() if n != "postinstall"}) for p in WORKSPACES)
    read = read_github("ci.yml", BROWSERS.replace("CACHED", "~/.npm"), RepositoryFiles(plain))
    here = Pipelines("/repo", (read,), plain)
    assert browsers_ready(ENV, here, Suites()).outcome is Outcome.FAIL
    channel = replace(here, own_browsers=("playwright.config.ts",))
    assert browsers_ready(ENV, channel, Suites()).outcome is Outcome.UNKNOWN


def test_another_ci_system_is_none_that_runs_nothing() -> None:
    here = Pipelines("/repo", (), WORKSPACES)
    elsewhere = replace(here, other_systems=(".circleci/config.yml",))
    assert browsers_ready(ENV, here, Suites()).outcome is Outcome.FAIL
    assert runtime_supported(ENV, here, NOW, Runtimes()).outcome is Outcome.FAIL
    for found in (browsers_ready(ENV, elsewhere, Suites()), runtime_supported(ENV, elsewhere, NOW, Runtimes())):
        assert (found.outcome, ".circleci/config.yml" in found.summary) == (Outcome.UNKNOWN, True)


def test_nothing_is_asked_of_a_repository_that_has_nothing_of_it() -> None:
    bare = replace(github(("npx playwright", "npx cypress"), ("npm run e2e", "true")), packages=())
    own = Suites.model_validate({"momo": {"spec": MOMO, "runs": ["./e2e.sh"]}})
    for judge in (playwright_installed, browsers_ready):
        assert judge(ENV, bare, own).outcome is Outcome.NA
        assert judge(ENV, bare, ASK).outcome is Outcome.FAIL
    java = Pipelines(
        "/repo", (read_github("ci.yml", "on: push\njobs: { a: { steps: [{ run: mvn } ] } }", RepositoryFiles()),)
    )
    verdict = runtime_supported(ENV, java, NOW, Runtimes())
    assert (verdict.outcome, verdict.summary[:23]) == (Outcome.PASS, "nothing runs on Node; a")


def test_a_version_that_a_step_works_out() -> None:
    step = "{ uses: actions/setup-node@v6, with: { node-version: '${{ steps.v.outputs.n }}' } }"
    text = f"on: push\njobs: {{ a: {{ steps: [{step}] }} }}"
    ci = Pipelines("/repo", (read_github("ci.yml", text, RepositoryFiles()),), PACKAGES)
    verdict = runtime_supported(ENV, ci, NOW, Runtimes())
    assert (verdict.outcome, "at run time" in verdict.summary) == (Outcome.WARN, True)


ON_24 = "steps: [{ uses: actions/setup-node@v4, with: { node-version: 24 } }, { %s }]"


@pytest.mark.parametrize(
    ("job", "outcome"),
    [
        (
            "strategy: { matrix: { include: [{ os: macos-13 }] } }\n    runs-on: ${{ matrix.os }}\n    " + ON_24,
            Outcome.FAIL,
        ),
        (
            "strategy: { matrix: { on: [{ os: windows-2019 }] } }\n    runs-on: ${{ matrix.on.os }}\n    " + ON_24,
            Outcome.FAIL,
        ),
        ("runs-on: { group: big, labels: [ubuntu-20.04] }\n    " + ON_24, Outcome.FAIL),
        ("runs-on: { group: big }\n    " + ON_24, Outcome.PASS),
        ("runs-on: x\n    " + ON_24 % "uses: actions/cache/restore@v3.2.1", Outcome.FAIL),
        ("runs-on: x\n    " + ON_24 % "uses: actions/cache/restore@v4", Outcome.PASS),
        ("runs-on: x\n    " + ON_24 % "uses: actions/upload-artifact/merge@v4", Outcome.PASS),
        ("runs-on: x\n    " + ON_24 % "uses: actions/upload-pages-artifact@v2", Outcome.FAIL),
        ("runs-on: x\n    " + ON_24 % "uses: actions/upload-pages-artifact@v3", Outcome.PASS),
        (
            "strategy: { matrix: { n: [16] } }\n    container: node:${{ matrix.n }}-slim\n    steps: [{ run: x }]",
            Outcome.FAIL,
        ),
        ("steps: [{ uses: actions/setup-node@v4, with: { node-version: '${{ env.NODE }}' } }]", Outcome.FAIL),
    ],
)
def test_what_runs_where_a_matrix_a_group_or_a_variable_says_it(job: str, outcome: Outcome) -> None:
    text = f"on: push\nenv: {{ NODE: '16' }}\njobs:\n  a:\n    {job.replace('%s', 'run: x')}\n"
    ci = Pipelines("/repo", (read_github("ci.yml", text, RepositoryFiles()),), (Package("", "shop"),))
    assert runtime_supported(ENV, ci, NOW, Runtimes()).outcome is outcome
