"""What stands in the files of the reference stack's repository: its workflow, its suites, its runbooks."""

from __future__ import annotations

import json

from golive_lab.world.health import COMMIT, RELEASE

WORKFLOW = """\
name: CI

on:
  push:
    branches: [main]
  pull_request:

jobs:
  unit:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with: { node-version: 26, cache: npm }
      - run: npm ci
      - run: npm test --workspace apps/api

  e2e:
    runs-on: ubuntu-24.04
    defaults:
      run: { shell: bash }
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-node@v5
        with: { node-version: 26, cache: npm }
      - run: npm ci
      - id: browsers
        uses: actions/cache@v4
        with:
          path: ~/.cache/ms-playwright
          key: playwright-${{ hashFiles('package-lock.json') }}
      - name: Install the browsers
        if: steps.browsers.outputs.cache-hit != 'true'
        run: npx playwright install --with-deps chromium
      - name: Install what the browsers need
        if: steps.browsers.outputs.cache-hit == 'true'
        run: npx playwright install-deps chromium
      - name: MoMo callbacks
        run: npm run e2e -- tests/ecommerce-momo-callbacks.spec.ts | tee momo.log
      - name: Messaging, as far as it goes
        run: npm run e2e -- tests/messaging.spec.ts

  bench:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - name: Bench
        continue-on-error: true
        run: npx autocannon --json --duration 10 http://127.0.0.1:4000/health > bench.json

  deploy:
    needs: [unit, e2e]
    if: github.ref == 'refs/heads/main'
    runs-on: ubuntu-24.04
    environment: production
    steps:
      - uses: actions/checkout@v5
      - run: ./scripts/deploy.sh
"""

GITLAB = """\
stages: [test, deploy]

.playwright:
  image: mcr.microsoft.com/playwright:v1.56.0-noble
  before_script:
    - npm ci

e2e:
  extends: .playwright
  stage: test
  script:
    - npm run e2e

bench:
  stage: test
  image: node:26
  allow_failure: true
  script:
    - npx autocannon --json --duration 10 http://127.0.0.1:4000/health > bench.json

deploy:
  stage: deploy
  image: node:26
  environment: production
  script:
    - ./scripts/deploy.sh
"""

ROOT_PACKAGE = """\
{
  "private": true,
  "workspaces": ["apps/*", "e2e"],
  "engines": { "node": ">=26" },
  "scripts": { "e2e": "npm --workspace e2e test --" }
}
"""

LOCK = """\
{ "name": "afrigest", "lockfileVersion": 3, "requires": true, "packages": {} }
"""

E2E_PACKAGE = """\
{
  "name": "e2e",
  "private": true,
  "scripts": { "test": "playwright test" },
  "devDependencies": { "@playwright/test": "1.56.0" }
}
"""

MOMO_SPEC = """\
import { expect, test } from "@playwright/test";

for (const status of ["SUCCESSFUL", "FAILED"]) {
  test(`a callback that says ${status} is looked up at MTN before it is booked`, async ({ request }) => {
    const answer = await request.post("/webhooks/mtn", { data: { status, externalId: "T-0002" } });
    expect(answer.status()).toBe(202);
  });
}
"""

MESSAGING_SPEC = """\
import { expect, test } from "@playwright/test";

test("a message is sent and read", async ({ request }) => {
  expect((await request.get("/api/v1/messages")).ok()).toBe(true);
});
"""


def junit(commit: str = COMMIT, cases: str = "") -> str:
    """Write a report of the API's unit tests."""
    given = cases or "\n".join(
        f'    <testcase classname="src/{name}.spec.ts" name="{name} {n}" time="0.01"/>'
        for name in ("orders", "stocks", "payments")
        for n in range(4)
    )
    text = f'    <properties><property name="commit" value="{commit}"/></properties>\n' if commit else ""
    skipped = '    <testcase classname="src/legacy.spec.ts" name="the old import"><skipped/></testcase>'
    suite = f'  <testsuite name="api">\n{text}{given}\n{skipped}\n  </testsuite>'
    return f'<?xml version="1.0"?>\n<testsuites>\n{suite}\n</testsuites>\n'


def playwright(commit: str = COMMIT, *, momo: str = "expected", messaging: str = "expected", without: str = "") -> str:
    """Write a report as Playwright's JSON reporter does."""
    statuses = {"ecommerce-momo-callbacks.spec.ts": momo, "messaging.spec.ts": messaging}
    suites = [
        {
            "title": file,
            "file": file,
            "specs": [
                {
                    "title": f"{file} {n}",
                    "file": file,
                    "ok": status in {"expected", "flaky"},
                    "tests": [
                        {
                            "expectedStatus": "skipped" if status == "skipped" else "passed",
                            "status": status,
                            "projectName": "chromium",
                            "results": [{"status": "passed"}],
                        }
                    ],
                }
                for n in range(2)
            ],
        }
        for file, status in statuses.items()
        if file != without
    ]
    config = {"rootDir": "/home/runner/work/afrigest/e2e/tests", "metadata": {"gitCommit": {"hash": commit}}}
    return json.dumps({"config": config, "suites": suites, "errors": [], "stats": {"expected": 4}}, indent=1) + "\n"


UNIT_RESULTS, E2E_RESULTS = junit(), playwright()

INCIDENT = """\
---
title: Incident response
last_reviewed: {reviewed}
---

# Incident response

## Who

- Incident lead: whoever is [on call](astreinte.md#niveaux); hands over in writing.
- Communication: the product owner writes to shops and answers them.
- Scribe: the second on call keeps the timeline.

## What

1. Say in the channel what is seen, since when, and who is affected: SEV1 where nobody can pay, SEV2 where some cannot.
2. Look at the dashboard of payments first, then at the API's logs by request id.
3. Where the last release is to blame, [roll back](rollback.md) before looking further.
4. Write down what was done, and hold the review within three days.

## Where

- Channel: #incident in the team's chat, with the bridge pinned at its top.
- Dashboards: the boards “Payments” and “API” in Grafana.
- Status page: one line within fifteen minutes, and each half hour from then on.
"""

ON_CALL = """\
# Astreinte

Relu le : {reviewed}

## Niveaux

| niveau | qui | téléphone | courriel |
| --- | --- | --- | --- |
| 1 | Équipe API, à tour de rôle | +33 1 99 00 12 34 | astreinte@afrigest.example |
| 2 | Moussa Camara, plateforme | +33 1 99 00 56 78 | moussa.camara@afrigest.example |
| 3 | Awa Diallo, direction technique | +33 1 99 00 90 12 | awa.diallo@afrigest.example |

## Escalade

Sans réponse au bout de 15 minutes, appeler le niveau suivant ; un incident SEV1 appelle les niveaux 1 et 2 ensemble.
Le prestataire de paiement est appelé par le niveau 2.
"""

CHANGE = """\
# Change management

Last reviewed: {reviewed}

## Procedure

1. Every change is a pull request that somebody else approves, with an entry in the [release notes](../../CHANGELOG.md).
2. A release is announced a day ahead, and goes out on Tuesday or Wednesday morning.

## Approval

The product owner releases; a migration that locks a table is also approved by the platform team.

## Rollback plan

Each release names what is to be done when it has to go: see [the rollback](rollback.md#steps).
"""

ROLLBACK = """\
# Rollback

Last reviewed: {reviewed}

## When

The error rate stays above 2% for five minutes, or payments fail: whoever is on call decides, nobody else is asked.

## Steps

1. Lead everybody to the other side: `./scripts/switch.sh green`
2. See that it answers: `curl -fsS https://api.demo.test/ready`
3. Migrations stay: each is readable by the release before it.
4. Say so in the channel, and stop the queue of deploys.

## Who

Whoever is on call; the platform team is called where the switch itself fails.
"""

NOTES = f"""\
# Changelog

## [Unreleased]

## [{RELEASE}] - 2026-01-05

### Added

- Orders are paid with Orange Money.

### Changed

- Stocks are counted per shop.

## [2.3.0] - 2025-12-01

- Invoices in two languages.
"""
