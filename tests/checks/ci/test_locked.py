"""Does what CI installs keep to the lock file?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from tests.checks.ci.conftest import ENV, github, gitlab

from golive import Environment, Outcome
from golive_checks.ci.locked import Installs, installs_locked
from golive_checks.systems.ci.github import read_github
from golive_checks.systems.ci.gitlab import read_gitlab
from golive_checks.systems.ci.lockfiles import LOCKS, install
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.repository import Package, RepositoryFiles
from golive_checks.systems.ci.suites import Suites

PASS, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
ASK = Installs(locked=True)
EVERY_LOCK = frozenset(name for names in LOCKS.values() for name in names)

LOCKED = [
    "npm ci",
    "npm clean-install --omit=dev",
    "npm --prefix api ci",
    "sudo npm ci",
    "npm ci --ignore-scripts && npm run build",
    "npm install -g npm@11 && npm ci",
    "pnpm install",
    "pnpm i --frozen-lockfile",
    "corepack pnpm install",
    "pnpm --filter web install",
    "yarn install --immutable",
    "yarn --frozen-lockfile",
    "yarn install --frozen-lockfile --non-interactive",
    "bun ci",
    "bun install --frozen-lockfile",
    "uv sync --locked --no-dev",
    "uv sync --frozen",
    "UV_FROZEN=1 uv sync --locked",
    "poetry install --only main",
    "python -m poetry install",
    "poetry sync",
    "pipenv sync",
    "python -m pipenv install --deploy",
    "bundle install --deployment",
    "bundle config set --local deployment true && bundle install",
    "bundle config set frozen true; bundle",
    "composer install --no-dev --optimize-autoloader",
    "npm i -g npm@11 pnpm && npm ci",
    "sudo -u app npm ci",
    "npx -y pnpm@9 install --frozen-lockfile",
    "pnpm --filter add install",
    "pnpm -w install",
    "CI=false pnpm install --frozen-lockfile",
    "bun --cwd web ci",
    "UV_LOCKED=true uv sync",
    "export UV_FROZEN=1; uv sync",
    "uv -q sync --locked",
    "uv lock --check && uv run pytest",
    "uv sync --locked && uv run pytest",
    "uv run --locked pytest",
    "poetry -C api install",
    "poetry -n install",
    "poetry lock --check && poetry install",
    "bundle config deployment true && bundle install",
    "bundle config frozen 1 && bundle install",
    "BUNDLE_FROZEN=true bundle install",
    "bundle _2.5.6_ install --deployment",
    "php composer.phar install",
    "composer -d api install",
    "docker run --rm -v $PWD:/app composer:2 install",
    "git add yarn && npm ci",
    "apt-get install -y yarn && npm ci",
    "command -v yarn && npm ci",
    "which yarn; npm ci",
]
LOOSE = [
    "npm install",
    "npm i --no-audit",
    "npm ci && npm install left-pad",
    "npm install --no-package-lock",
    "pnpm install --no-frozen-lockfile",
    "pnpm install --frozen-lockfile=false",
    "pnpm add -D vite",
    "yarn install --no-immutable",
    "yarn add left-pad",
    "bun install",
    "uv sync",
    "uv sync --all-extras",
    "uv add httpx",
    "poetry update",
    "poetry add httpx",
    "pipenv install",
    "bundle install --jobs 4",
    "bundle update",
    "composer update --no-interaction",
    "composer require monolog/monolog",
    "npm ci && npm update",
    "npm up && npm ci",
    "npm ci && npm audit fix",
    "npm install ci",
    "npm in",
    "npm ci; npm uninstall left-pad",
    "npm ci || npm install",
    "CI=false pnpm install",
    "env CI=false pnpm install",
    "export CI=false; pnpm install",
    "unset CI; pnpm install",
    "docker run node:22 pnpm install",
    "pnpm install --prefer-frozen-lockfile=false",
    "pnpm install --config.frozen-lockfile=false",
    "pnpm install --frozen-lockfile false",
    "pnpm install left-pad",
    "pnpm update",
    "yarn --immutable && yarn upgrade",
    "uv lock && uv sync --locked",
    "uv --directory api sync",
    "uv run pytest",
    "uv sync --frozen && uv run pytest",
    "timeout 100 uv sync",
    "sudo -u app composer update",
    "poetry lock && poetry install",
    "pipenv lock && pipenv sync",
    "pipenv install requests --deploy",
    "bundle config set --local frozen false && bundle install",
    "bundle config set path deployment && bundle install",
    "bundle config set deployment true && bundle config unset deployment && bundle install",
    "bundle lock --update && bundle install --deployment",
    "bundle --jobs 4 --retry 3",
    "docker compose exec web composer update",
]
NOTHING = [
    "npm test",
    "npm install --global vercel",
    "npm install --dry-run",
    "npm run build",
    "yarn build",
    "yarn test --immutable",
    "pnpm dlx vercel",
    "npx playwright install",
    "uv run --no-sync pytest",
    "uv lock --check",
    "bundle config frozen",
    "yarn up",
    "uv pip install -r requirements.txt",
    "pip install -r requirements.txt",
    "poetry run pytest",
    "poetry build",
    "bundle exec rspec",
    "composer dump-autoload",
    "go build ./...",
    "echo npm install",
    "cargo build",
]


def pipeline(run: str, more: str = "", step: str = "") -> str:
    steps = f"[{{ run: {json.dumps(run)}{step} }}]"
    return f"on: push\njobs:\n  build:\n    runs-on: x\n    environment: production\n{more}    steps: {steps}\n"


def judged(text: str, files: frozenset[str] = EVERY_LOCK, manager: str = "", **more: object) -> Outcome:
    packages = (Package("", "shop", manager=manager),)
    read = read_github("ci.yml", text, RepositoryFiles(packages))
    ci = Pipelines("/repo", (read,), packages, files=files, **more)  # type: ignore[arg-type]  # the tests' own words
    return installs_locked(Environment("production"), ci, Suites(), ASK).outcome


@pytest.mark.parametrize("command", LOCKED)
def test_kept_to(command: str) -> None:
    assert judged(pipeline(command)) is PASS


@pytest.mark.parametrize("command", LOOSE)
def test_not_kept_to(command: str) -> None:
    assert judged(pipeline(command)) is FAIL


@pytest.mark.parametrize("command", NOTHING)
def test_what_installs_nothing_that_has_a_lock_file_proves_nothing(command: str) -> None:
    assert judged(pipeline(command)) is UNKNOWN


@pytest.mark.parametrize(
    ("command", "tool"),
    [("npm ci", "npm"), ("bun ci", "bun"), ("uv sync --locked", "uv"), ("composer install", "composer")],
)
def test_without_its_lock_file(command: str, tool: str) -> None:
    assert judged(pipeline(command), EVERY_LOCK - set(LOCKS[tool])) is FAIL
    assert judged(pipeline(f"cd api && {command}"), frozenset({LOCKS[tool][-1]})) is PASS
    assert judged(pipeline(command), frozenset({f"api/{LOCKS[tool][0]}"})) is FAIL


@pytest.mark.parametrize(
    ("manager", "settings", "outcome"),
    [
        ("yarn@4.9.1+sha512.abc", {}, PASS),
        ("yarn@1.22.22", {}, FAIL),
        ("", {}, UNKNOWN),
        ("", {"": True}, PASS),
        ("yarn@4.9.1", {"": False}, FAIL),
        ("", {"": None}, UNKNOWN),
        ("pnpm@10.0.0", {}, UNKNOWN),
    ],
)
def test_a_plain_yarn_does_what_its_version_does(
    manager: str, settings: dict[str, bool | None], outcome: Outcome
) -> None:
    assert judged(pipeline("yarn"), manager=manager, yarn_settings=settings) is outcome


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (pipeline("bundle install", step=", env: { BUNDLE_FROZEN: 'true' }"), PASS),
        (pipeline("bundle install", more="    env: { BUNDLE_DEPLOYMENT: 1 }\n"), PASS),
        (pipeline("bundle install", step=", env: { BUNDLE_FROZEN: 'false' }"), FAIL),
        (pipeline("uv sync", step=", env: { UV_LOCKED: '1' }"), PASS),
        (pipeline("yarn", step=", env: { YARN_ENABLE_IMMUTABLE_INSTALLS: 'false' }"), FAIL),
        (pipeline("pnpm install", step=", env: { CI: '' }"), FAIL),
        (pipeline("true").replace("[{", "[{ uses: ruby/setup-ruby@v1, with: { bundler-cache: true } }, {"), PASS),
    ],
)
def test_a_variable_does_what_an_option_does(text: str, outcome: Outcome) -> None:
    assert judged(text) is outcome


@pytest.mark.parametrize(
    "command", ["npm ci && npm $WHAT", "uv sync $FLAGS", "cd $WHERE && npm ci", "npm --prefix $D ci"]
)
def test_what_only_a_run_of_ci_knows(command: str) -> None:
    assert judged(pipeline(command)) is UNKNOWN
    assert judged(pipeline("bundle install", step=", env: { BUNDLE_FROZEN: '${{ inputs.frozen }}' }")) is UNKNOWN


@pytest.mark.parametrize(
    "command",
    [
        "npm --prefix web ci",
        "npm ci --prefix=./web",
        "cd api && npm --prefix ../web ci",
        "cd $GITHUB_WORKSPACE/web && npm ci",
        "pnpm -C web install",
        "yarn --cwd web --frozen-lockfile",
        "uv --directory web sync --locked",
        "uv sync --locked --project web",
        "poetry -C web install",
        "composer install -d web",
        "BUNDLE_GEMFILE=web/Gemfile bundle install --deployment",
    ],
)
def test_the_folder_that_a_command_names(command: str) -> None:
    assert judged(pipeline(command), frozenset(f"web/{name}" for name in EVERY_LOCK)) is PASS
    assert judged(pipeline(command), frozenset(f"app/{name}" for name in EVERY_LOCK)) is FAIL


def test_each_folder_of_a_matrix_has_its_lock_file() -> None:
    text = pipeline("cd ${{ matrix.d }} && npm ci", more="    strategy: { matrix: { d: [web, api] } }\n")
    assert judged(text, frozenset({"web/package-lock.json", "api/package-lock.json"})) is PASS
    assert judged(text, frozenset({"web/package-lock.json"})) is FAIL


def test_yarn_1_does_not_know_immutable() -> None:
    assert judged(pipeline("yarn install --immutable"), manager="yarn@1.22.22") is FAIL
    assert judged(pipeline("yarn install --frozen-lockfile"), manager="yarn@1.22.22") is PASS


@pytest.mark.parametrize(
    ("uses", "given", "outcome"),
    [
        ("cypress-io/github-action@v6", "", PASS),
        ("cypress-io/github-action@v6", "install: false", UNKNOWN),
        ("cypress-io/github-action@v6", "install-command: npm install", FAIL),
        ("pnpm/action-setup@v4", "run_install: true", PASS),
        ("pnpm/action-setup@v4", "run_install: false", UNKNOWN),
        ("pnpm/action-setup@v4", "run_install: '- args: [--no-frozen-lockfile]'", FAIL),
        ("bahmutov/npm-install@v1", "", PASS),
        ("bahmutov/npm-install@v1", "useLockFile: false", FAIL),
        ("ramsey/composer-install@v3", "", PASS),
        ("ramsey/composer-install@v3", "dependency-versions: highest", FAIL),
        ("borales/actions-yarn@v4", "cmd: install --frozen-lockfile", PASS),
        ("borales/actions-yarn@v4", "cmd: add left-pad", FAIL),
        ("ruby/setup-ruby@v1", "bundler-cache: false", UNKNOWN),
    ],
)
def test_actions_that_install(uses: str, given: str, outcome: Outcome) -> None:
    text = pipeline("true").replace("[{", f"[{{ uses: {uses}, with: {{ {given} }} }}, {{")
    assert judged(text) is outcome


def test_setup_ruby_configures_bundler_for_the_steps_behind_it() -> None:
    text = pipeline("bundle install")
    after = "[{ uses: ruby/setup-ruby@v1, with: { bundler-cache: true } }, {"
    assert judged(text.replace("[{", after)) is PASS
    assert judged(text.replace("[{", after.replace("true", "false"))) is FAIL


def test_the_workflow_that_a_release_waits_for_is_judged() -> None:
    job = "jobs:\n  go:\n    runs-on: x\n"
    after = "on: { workflow_run: { workflows: [CI], types: [completed] } }\n"
    release = f"{after}{job}    environment: production\n    steps: [{{ run: npm ci }}]\n"
    before = f"name: CI\non: push\n{job}    steps: [{{ run: npm install }}]\n"
    read = [read_github(name, text, RepositoryFiles()) for name, text in (("go.yml", release), ("ci.yml", before))]
    for pipelines, outcome in ((tuple(read), FAIL), ((read[0], replace(read[1], title="Docs")), PASS)):
        ci = Pipelines("/repo", pipelines, files=EVERY_LOCK)
        assert installs_locked(Environment("production"), ci, Suites(), ASK).outcome is outcome


def test_only_what_leads_to_a_release_is_judged() -> None:
    docs = "  docs:\n    runs-on: x\n    steps: [{ run: npm install }]\n"
    assert judged(pipeline("npm ci") + docs) is PASS
    before = pipeline("npm ci").replace("    runs-on", "    needs: docs\n    runs-on", 1)
    assert judged(before + docs) is FAIL
    assert judged(pipeline("./deploy") + docs) is FAIL  # nothing on the way installs anything: every job counts


def test_the_lab() -> None:
    suites, files = Suites(), frozenset({"package-lock.json"})
    for ci in (github(), gitlab()):
        seen = installs_locked(ENV, Pipelines("/repo", ci.pipelines, ci.packages, files=files), suites, ASK)
        assert seen.outcome is PASS, seen
    loose = installs_locked(ENV, github(("npm ci", "npm install")), suites, ASK)
    assert (loose.outcome, loose.at.line if loose.at else 0) == (FAIL, 15)
    assert loose.summary.startswith("ci.yml: the job unit may install other versions than the lock file's; npm ci")
    assert installs_locked(ENV, github(), suites, Installs()).lacks == ("ci.installs.locked",)
    assert installs_locked(ENV, Pipelines(""), suites, ASK).outcome is NA
    assert installs_locked(ENV, Pipelines("/repo"), suites, ASK).outcome is FAIL


def test_gitlab_variables_count() -> None:
    text = "variables: { BUNDLE_FROZEN: 'true' }\ndeploy:\n  environment: production\n  script: [bundle install]\n"
    read = read_gitlab(".gitlab-ci.yml", text, RepositoryFiles())
    ci = Pipelines("/repo", (read,), files=frozenset({"Gemfile.lock"}))
    assert installs_locked(Environment("production"), ci, Suites(), ASK).outcome is PASS


def test_what_images_install_is_named_as_unseen() -> None:
    text = pipeline("npm ci && docker build -t shop .")
    read = read_github("ci.yml", text, RepositoryFiles())
    ci = Pipelines("/repo", (read,), files=EVERY_LOCK)
    seen = installs_locked(Environment("production"), ci, Suites(), ASK)
    assert (seen.outcome, seen.unseen) == (PASS, ("what is installed in the images that CI builds (build)",))


def test_words_without_a_command() -> None:
    assert install((), {}) is None
    assert install(("sudo",), {}) is None
