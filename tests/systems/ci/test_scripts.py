"""What a command leads to, in the files of a repository."""

from __future__ import annotations

import pytest

from golive_checks.systems.ci.client.shell import commands
from golive_checks.systems.ci.repository import Package, RepositoryFiles
from golive_checks.systems.ci.scripts import expanded
from golive_checks.systems.ci.words import installs

MAKEFILE = """\
PW ?= npx playwright
.PHONY: e2e ci
ci: lint e2e
lint:
\teslint .
e2e:
\t@$(PW) test
soft:
\t-npx playwright test
"""
REPO = RepositoryFiles(
    packages=(
        Package(
            "",
            "root",
            scripts={
                "all": "run-s lint 'e2e:*'",
                "e2e:web": "playwright test",
                "pretest": "playwright install",
                "test": "playwright test --project web",
                "served": "start-server-and-test dev http://localhost:3000 test",
                "both": 'concurrently "npm:dev" "playwright test"',
                "bench": "node scripts/bench.mjs",
                "dev": "vite",
                "lint": "eslint .",
            },
        ),
        Package("apps/web", "@shop/web", scripts={"e2e": "playwright test web", "postinstall": "playwright install"}),
    ),
    texts={
        "Makefile": MAKEFILE,
        "turbo.json": '{"tasks": {"verify": {"dependsOn": ["e2e"]}}}',
        "scripts/e2e.sh": "#!/bin/bash -e\ncd apps/web\nnpx playwright test\n",
        "scripts/bench.mjs": "import autocannon from 'autocannon'\n",
        "scripts/drive.mjs": "const { chromium } = require('playwright')\n",
        "apps/web/project.json": '{"name": "web", "targets": {"pw": {"executor": "@nx/playwright:playwright"}}}',
    },
    names=frozenset({"scripts/opaque.sh", "tools/ci"}),
)


def led(text: str) -> list[str]:
    return [command.text for command in expanded(commands(text, errexit=True, pipefail=True), REPO)]


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("make e2e", "npx playwright test"),
        ("make ci", "npx playwright test"),
        ("npm run all", "playwright test"),
        ("npm test", "playwright test --project web"),
        ("npm run served", "playwright test --project web"),
        ("pnpm both", "playwright test"),
        ("npx turbo run e2e", "playwright test web"),
        ("npx turbo verify", "playwright test web"),
        ("pnpm --filter @shop/web... e2e", "playwright test web"),
        ("npm --prefix apps/web run e2e", "playwright test web"),
        ("npx nx pw web", "playwright test"),
        ("npx nx run web:pw:ci", "playwright test"),
        ("./scripts/e2e.sh", "npx playwright test"),
        ("bash scripts/e2e.sh", "npx playwright test"),
        ("cd apps/web && pnpm i", "playwright install"),
        ("npm run bench", "node scripts/bench.mjs autocannon"),
    ],
)
def test_followed(text: str, last: str) -> None:
    assert led(text)[-1] == last


def test_a_line_of_make_that_may_fail() -> None:
    assert expanded(commands("make soft", errexit=True, pipefail=True), REPO)[1].swallowed


@pytest.mark.parametrize(
    "text",
    [
        "make nothing",
        "turbo run nothing",
        "turbo run e2e --affected",
        "npx nx affected -t e2e",
        "just e2e",
        "docker compose up --exit-code-from tests",
        "docker run tests",
        "./scripts/opaque.sh",
        "tools/ci",
        "node scripts/drive.mjs",
        "./gradlew e2e",
    ],
)
def test_what_cannot_be_followed_is_marked(text: str) -> None:
    assert any(command.unfollowed for command in expanded(commands(text, errexit=True, pipefail=True), REPO))


@pytest.mark.parametrize(
    "text", ["echo make", "docker build .", "docker run x npx playwright test", "./gone.sh", "npm ci"]
)
def test_what_leads_nowhere_is_not_marked(text: str) -> None:
    assert not any(command.unfollowed for command in expanded(commands(text, errexit=True, pipefail=True), REPO))


INSTALLING = [
    "npm ci",
    "npm clean-install",
    "npm --prefix e2e ci",
    "npm install -D wait-on",
    "pnpm --filter shop install --frozen-lockfile",
    "pnpm -r i",
    "yarn",
    "yarn --immutable",
    "corepack yarn install",
    "yarn workspaces focus e2e",
    "bun ci",
    "ni",
]
NOT_INSTALLING = [
    "yarn playwright test",
    "npx playwright install",
    "npm install -g pnpm",
    "yarn global add x",
    "npm run ci",
    "npm --version",
    "pnpm exec playwright install",
]


def test_what_installs_the_packages() -> None:
    assert [text for text in INSTALLING + NOT_INSTALLING if installs(tuple(text.split()))] == INSTALLING


def test_a_script_that_golive_does_not_follow_is_marked() -> None:
    repo = RepositoryFiles(texts={"long.sh": "echo x\n" * 6000}, names=frozenset())
    (command,) = expanded(commands("bash long.sh", errexit=True, pipefail=True), repo)
    assert (
        command.unfollowed
        == "what bash long.sh runs: a script has 42,000 characters, and golive follows no more than 32,000"
    )
