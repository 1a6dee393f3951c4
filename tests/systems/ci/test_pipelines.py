"""What CI would do, read from the files of a repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from golive import Environment, Unavailable
from golive_checks.systems.ci.pipelines import Pipelines, Workflows, pipelines
from golive_checks.systems.ci.suites import Suites
from golive_checks.systems.git.client.checkout import Checkout
from golive_checks.systems.machine.client.files import Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def put(folder: Path, **files: str) -> None:
    names = {"ci": ".github/workflows/ci.yml", "e2e": ".github/workflows/e2e.yml", "gitlab": ".gitlab-ci.yml"}
    for name, text in files.items():
        path = folder / names.get(name, name.replace("__", "/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


async def read(folder: Path, **ask: object) -> Pipelines:
    return await pipelines(Environment("demo"), Checkout(), Files(), Workflows(folder=str(folder), **ask), Suites())


def told(found: Pipelines) -> dict[str, list[tuple[str, int, str]]]:
    return {
        job.key: [(command.text, command.line, command.swallowed) for _, command in job.commands]
        for _, job in found.jobs()
    }


async def test_what_else_says_how_ci_runs(folder: Path) -> None:
    put(
        folder,
        **{
            ".circleci__config.yml": "version: 2.1\n",
            "ops__Jenkinsfile": "pipeline {}\n",
            "docs__azure-pipelines.md": "",
            "apps__e2e__playwright.config.ts": "export default { use: { channel: 'chrome' } }\n",
            "apps__web__playwright.config.ts": "export default { use: { trace: 'on' } }\n",
            "lib__playwright.config.js": "export { config as default } from '../shared.js'\n",
            "package.json": '{"workspaces": {"packages": ["apps/*"]}}',
            "apps__e2e__package.json": '{"name": "e2e", "scripts": {"e2e": "playwright test"}}',
        },
    )
    found = await read(folder)
    assert found.other_systems == (".circleci/config.yml", "ops/Jenkinsfile")
    assert found.own_browsers == ("apps/e2e/playwright.config.ts", "lib/playwright.config.js")
    assert found.not_looked_at() == [
        ".circleci/config.yml (another CI system)",
        "ops/Jenkinsfile (another CI system)",
    ]


async def test_a_workflow_that_calls_another_and_an_action(folder: Path) -> None:
    put(
        folder,
        ci="""on: [push, pull_request]
jobs:
  tests:
    name: Tests
    uses: ./.github/workflows/e2e.yml
    continue-on-error: true
  far:
    uses: other/repo/.github/workflows/x.yml@v1
  deploy:
    needs: [tests]
    runs-on: ubuntu-24.04
    steps: [{ run: ./deploy.sh }]
""",
        e2e="""on: { workflow_call: }
jobs:
  e2e:
    steps:
      - uses: ./.github/actions/prepare
        if: always()
      - run: >-
          npx playwright
          test
""",
    )
    action = folder / ".github/actions/prepare/action.yml"
    action.parent.mkdir(parents=True)
    action.write_text("runs:\n  using: composite\n  steps:\n    - run: npm ci | cat\n      shell: bash\n")
    found = await read(folder)
    workflow = next(p for p in found.pipelines if p.file.endswith("ci.yml"))
    assert [trigger.event for trigger in workflow.triggers] == ["push", "pull_request"]
    assert [job.key for job in workflow.jobs] == ["tests / e2e", "the call of tests", "far", "deploy"]
    called = workflow.jobs[0]
    assert (called.title, called.may_fail) == ("Tests / e2e", "continue-on-error: true, line 6")
    assert [c.text for _, c in called.commands] == ["npm ci", "cat", "npx playwright test"]
    assert called.steps[0].when == "always()"
    assert set(workflow.before(workflow.jobs[3])) == {"tests / e2e", "the call of tests"}
    assert workflow.unseen == ("the workflow other/repo/.github/workflows/x.yml@v1, which the job far calls",)


async def test_a_failure_that_a_later_step_looks_at_counts(folder: Path) -> None:
    put(
        folder,
        ci="""jobs:
  e2e:
    steps:
      - id: suite
        continue-on-error: true
        run: pw
      - run: upload
        if: always()
      - if: steps.suite.outcome == 'failure'
        run: exit 1
      - id: other
        continue-on-error: true
        run: pw
""",
    )
    steps = (await read(folder)).pipelines[0].jobs[0].steps
    assert [step.may_fail for step in steps] == ["", "", "", "continue-on-error: true, line 12"]


async def test_shells_of_windows_and_of_no_shell_at_all(folder: Path) -> None:
    put(
        folder,
        ci="""jobs:
  a:
    runs-on: windows-2025
    steps: [{ run: "pw; echo x" }, { run: pw, shell: python }]
  b:
    runs-on: [self-hosted, linux]
    steps: [{ run: "pw; echo x" }]
""",
    )
    found = told(await read(folder))
    assert found["a"] == [("pw", 4, "`echo x` comes after it, and without errexit"), ("echo x", 4, "")]
    assert found["b"] == [("pw", 7, ""), ("echo x", 7, "")]


async def test_gitlab_with_includes_extends_and_stages(folder: Path) -> None:
    put(
        folder,
        gitlab="""include:
  - local: /.gitlab/base.yml
  - template: Security.gitlab-ci.yml
stages: [test, deploy]
e2e:
  extends: [.base]
  script:
    - |
      pw
      echo done
    - pw | cat
  rules:
    - if: $CI_COMMIT_BRANCH
      allow_failure: true
deploy: { stage: deploy, script: ./deploy.sh }
early: { stage: deploy, needs: [], script: ./x.sh }
""",
    )
    base = folder / ".gitlab/base.yml"
    base.parent.mkdir()
    base.write_text(".base:\n  image: node:24\n  before_script: [npm ci]\n  cache: { paths: [.cache/ms-playwright] }\n")
    found = (await read(folder)).pipelines[0]
    assert found.unseen == ("what .gitlab-ci.yml includes: template Security.gitlab-ci.yml",)
    e2e, deploy, early = found.jobs
    assert (e2e.image, e2e.cached) == ("node:24", (".cache/ms-playwright",))
    assert [(rule.starts, rule.may_fail) for rule in e2e.rules] == [("on_success", True)]
    assert [(c.text, c.line, c.swallowed) for _, c in e2e.commands] == [
        ("npm ci", 3, ""),
        ("pw", 9, ""),
        ("echo done", 10, ""),
        ("pw", 11, ""),
        ("cat", 11, ""),
    ]
    assert (deploy.needs, early.needs) == (("e2e",), ())


async def test_scripts_of_packages(folder: Path) -> None:
    put(
        folder,
        ci="jobs:\n  a:\n    steps:\n"
        + "".join(
            f"      - run: {line}\n"
            for line in (
                "npm t -w web -- --ci",
                "npm run e2e -w web",
                "yarn workspace web e2e --headed",
                "pnpm -r test",
                "cd apps/web; bun run e2e",
                "npm run loop -w web",
                "npm ci",
                "npm test",
            )
        ),
        apps__web__package_json="",
    )
    (folder / "apps/web/package_json").unlink()
    (folder / "apps/web/package.json").write_text(
        '{"name": "web", "scripts": {"test": "vitest run", "e2e": "pw || true", "loop": "npm run loop"}}'
    )
    (folder / "broken").mkdir()
    (folder / "broken/package.json").write_text("{")
    (folder / "node_modules").mkdir()
    (folder / "node_modules/package.json").write_text('{"scripts": {"test": "never"}}')
    found = told(await read(folder))["a"]
    by_line = {line: [text for text, at, _ in found if at == line] for line in range(4, 12)}
    assert by_line[4] == ["npm t -w web -- --ci", "vitest run --ci"]
    assert by_line[5] == ["npm run e2e -w web", "pw", "true"]
    assert by_line[6] == ["yarn workspace web e2e --headed", "pw", "true --headed"]
    assert by_line[7] == ["pnpm -r test", "vitest run"]
    assert by_line[8] == ["cd apps/web", "bun run e2e", "pw", "true"]
    assert len(by_line[9]) < 10
    assert by_line[10] == ["npm ci"]
    assert by_line[11] == ["npm test"]
    assert ("pw", 5, "in the script e2e: `|| true`") in found


async def test_a_shell_that_is_given_a_script_does_not_read_its_first_line(folder: Path) -> None:
    put(folder, **{"scripts/strict.sh": "#!/bin/bash -e\npw\necho done\n"})
    steps = "[{run: bash scripts/strict.sh}, {run: ./scripts/strict.sh}, {run: bash -e scripts/strict.sh}]"
    put(folder, ci=f"on: push\njobs:\n  a:\n    runs-on: x\n    steps: {steps}\n")
    found = [swallowed for words, _, swallowed in told(await read(folder))["a"] if words == "pw"]
    assert [bool(each) for each in found] == [True, False, False]


async def test_scripts_that_another_ci_runs(folder: Path) -> None:
    put(folder, ci__soft_sh="pw\necho done\n", ci__strict_sh="#!/bin/bash -e\npw\necho done\n")
    found = told(await read(folder, scripts=("ci/soft_sh", "ci/strict_sh")))
    assert found["soft_sh"][0] == ("pw", 1, "`echo done` comes after it, and without errexit")
    assert [swallowed for _, _, swallowed in found["strict_sh"]] == ["", ""]
    with pytest.raises(Unavailable, match="does not exist"):
        await read(folder, scripts=("ci/none.sh",))


async def test_what_is_wrong_with_a_file_is_told_and_no_secret_is_kept(folder: Path) -> None:
    put(folder, ci="jobs: [")
    with pytest.raises(Unavailable, match="is not YAML"):
        await read(folder)
    put(folder, ci="jobs:\n  a:\n    steps: [{ run: curl -H ghp_" + "a" * 36 + " }]\n    needs: *gone\n")
    with pytest.raises(Unavailable):
        await read(folder)
    put(folder, ci="jobs:\n  a:\n    env: { X: y }\n    steps: [{ run: curl -H ghp_" + "a" * 36 + " }]\n")
    assert told(await read(folder))["a"] == [("curl -H •••", 4, "")]
    put(folder, ci="just a text")
    assert (await read(folder)).jobs() == []
    with pytest.raises(Unavailable, match="could not be read"):
        await read(folder / "nowhere")
    assert (await pipelines(Environment("x"), Checkout(), Files(), Workflows(), Suites())).folder == ""
