"""Which jobs of a workflow run, and may the suite be skipped while the deploy runs? golive, and GitHub's own evaluator.

`@actions/workflow-parser` reads each generated workflow and `@actions/expressions` works out its conditions; how
results travel from job to job is GitHub's documented rule, written once more in tests/helpers/github_runs.mjs.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from env_readers import NODE, PACKAGES

from golive import Environment, Outcome
from golive_checks.ci.suites import suite_gates
from golive_checks.systems.ci.github import read_github
from golive_checks.systems.ci.outcomes import Mishap, outcomes
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.repository import RepositoryFiles
from golive_checks.systems.ci.suites import Suite, SuiteReports, Suites
from golive_checks.systems.ci.worlds import PipelineWorld
from golive_checks.systems.test_reports.results import InFile, Results

SEED = 20261129
ALL = 1000
COMMIT = "0c4f6a1be2d37985c6f1a0b3d4e5f60718293a4b"
SPEC = "e2e/refunds.spec.ts"
REPORTS = SuiteReports((Results("e2e.json", COMMIT, (InFile("refunds.spec.ts", passed=3),)),))

EVENTS = [
    "push",
    "[push, pull_request]",
    "{push: {branches: [main]}}",
    "{push: {branches: [main]}, pull_request: {}}",
    "{push: {branches: [main, release]}}",
    "{push: {tags: ['v*']}}",
    "[push, workflow_dispatch]",
    "{workflow_dispatch: {inputs: {skip: {type: boolean}, target: {type: string}}}}",
    "[release, pull_request]",
    "[schedule_here, push]",
]
FACTS = [
    "github.ref == 'refs/heads/main'",
    "github.ref != 'refs/heads/main'",
    "github.ref_name == 'Main'",
    "github['ref'] == 'refs/heads/main'",
    "github.event_name == 'push'",
    "github.event_name != 'pull_request'",
    "startsWith(github.ref, 'refs/tags/')",
    "contains(github.ref, 'release')",
    "endsWith(github.ref, '/main')",
    "github.ref_type == 'tag'",
    "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)",
    'contains(fromJSON(\'["push", "release"]\'), github.event_name)',
    "github.repository == 'acme/shop'",
    "github.event.pull_request.draft == false",
    "!github.event.pull_request.draft",
    "inputs.skip != true",
    "!inputs.skip",
    "inputs.skip == 'true'",
    "inputs.target == 'production'",
    "github.event.inputs.target == 'production'",
    "vars.RUN_E2E == 'true'",
    "vars.RUN_E2E == true",
    "vars.RUN_E2E",
    "true",
    "1 == 1",
]
OF_NEEDS = [
    "needs.{0}.result == 'success'",
    "needs.{0}.result != 'failure'",
    "needs.{0}.result == 'skipped'",
    "needs.{0}.result != 'cancelled'",
    "contains(needs.*.result, 'cancelled')",
    "contains(needs.*.result, 'failure')",
    "!contains(needs.*.result, 'failure')",
    "!(contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled'))",
    'contains(fromJSON(\'["success", "skipped"]\'), needs.{0}.result)',
    "needs.changes.outputs.web == 'true'",
    "needs.changes.outputs.web != 'false'",
]
STATUS = [
    "always()",
    "!failure()",
    "!cancelled()",
    "cancelled()",
    "success()",
    "failure()",
    "!failure() && !cancelled()",
]


def condition(chance: random.Random, needs: list[str]) -> str:
    """Make up a condition of one to three parts."""
    parts = []
    for _ in range(chance.choice([1, 1, 2, 3])):
        pool = FACTS * 2 + (OF_NEEDS * 3 + STATUS * 6 if needs else ["always()"])
        part = chance.choice(pool)
        part = part if "format(" in part else part.replace("{0}", chance.choice(needs or ["e2e"]))
        if "changes.outputs" in part and "changes" not in needs:
            part = "always()"
        parts.append(f"({part})" if chance.random() < 0.2 else part)
    text = parts[0]
    for part in parts[1:]:
        text += chance.choice([" && ", " && ", " || "]) + part
    return text


def line_if(chance: random.Random, needs: list[str], odds: float, indent: str) -> str:
    if chance.random() > odds:
        return ""
    text = condition(chance, needs).replace("'", "''")
    return f"{indent}if: '{'${{ ' + text + ' }}' if chance.random() < 0.4 or text.startswith('!') else text}'\n"


def workflow(chance: random.Random) -> str:
    """Make up a workflow of two to five jobs, one of which is the suite and one the deploy."""
    on = chance.choice(EVENTS).replace("schedule_here", "workflow_dispatch")
    text, there = f"on: {on}\njobs:\n", list[str]()
    if chance.random() < 0.4:
        text += "  changes:\n    runs-on: x\n" + line_if(chance, [], 0.2, "    ")
        text += "    outputs: { web: '${{ steps.a.outputs.b }}' }\n    steps: [{ run: ./which }]\n"
        there.append("changes")
    needs = [key for key in there if chance.random() < 0.8]
    text += f"  e2e:\n    runs-on: x\n    needs: [{', '.join(needs)}]\n" + line_if(chance, needs, 0.4, "    ")
    text += "    continue-on-error: true\n" if chance.random() < 0.05 else ""
    text += "    steps:\n      - run: npm ci\n      - run: npx playwright test\n" + line_if(chance, needs, 0.1, " " * 8)
    there.append("e2e")
    if chance.random() < 0.4:
        needs = [key for key in there if key == "e2e" or chance.random() < 0.5]
        text += f"  gate:\n    runs-on: x\n    needs: [{', '.join(needs)}]\n" + line_if(chance, needs, 0.8, "    ")
        text += "    steps:\n      - run: exit 1\n" + line_if(chance, needs, 1, " " * 8) + "      - run: echo fine\n"
        there.append("gate")
    needs = [key for key in there if chance.random() < 0.7]
    text += f"  deploy:\n    runs-on: x\n    environment: production\n    needs: [{', '.join(needs)}]\n"
    return text + line_if(chance, needs, 0.6, "    ") + "    steps: [{ run: ./ship }]\n"


def runs_of(text: str) -> list[dict[str, Any]]:
    """Return the runs that such a workflow may have, written down without golive's help."""
    on = text.partition("\n")[0]
    starts = list[tuple[str, str, bool]]()
    heads = ["main", "release"] if "[main, release]" in on else ["main"] if "[main]" in on else ["main", "release", "x"]
    if "push" in on and "tags" not in on:
        starts += [("push", f"refs/heads/{name}", False) for name in heads]
    if "push" in on and "branches" not in on:
        starts += [("push", "refs/tags/v1.0.0", False)]
    if "{push: {tags: ['v*']}}" in on:
        starts += [("push", f"refs/tags/{name}", False) for name in ("v1.0.0", "v2-release", "v2/main")]
    if "pull_request" in on:
        starts += [("pull_request", "refs/pull/1/merge", True)]
    if "release" in on.replace("[main, release]", ""):
        starts += [("release", "refs/tags/v1.0.0", False)]
    if "workflow_dispatch" in on:
        starts += [("workflow_dispatch", f"refs/heads/{name}", False) for name in ("main", "release", "x")]
        starts += [("workflow_dispatch", "refs/tags/v1.0.0", False)]
    found = []
    for event, ref, pr in starts:
        github = {
            "event_name": event,
            "ref": ref,
            "ref_name": ref.split("/", 2)[2],
            "ref_type": "tag" if "/tags/" in ref else "branch",
            "repository": "acme/shop",
            "event": {"repository": {"default_branch": "main"}} | ({"pull_request": {"draft": False}} if pr else {}),
        }
        forms = list[dict[str, Any]]([{}])
        if event == "workflow_dispatch":
            forms = [{"skip": s, "target": t} for s in (False, True) for t in ("", "production")]
        flags = ({}, {"RUN_E2E": "true"}) if "RUN_E2E" in text else ({},)
        for form, flag, web in itertools.product(forms, flags, ("true", "false") if "outputs.web" in text else ("",)):
            own = {**github, "event": {**github["event"], "inputs": {k: str(v).lower() for k, v in form.items()}}}
            found.append({"github": own, "inputs": form, "vars": flag, "outputs": {"changes": {"web": web}}})
    return found


def all_runs(text: str) -> list[dict[str, Any]]:
    keys = [key for key in ("changes", "e2e", "gate") if f"\n  {key}:" in text]
    failing = [list(some) for n in range(len(keys) + 1) for some in itertools.combinations(keys, n)]
    soft = ["e2e"] if "continue-on-error" in text else []  # what the parser reads and does not hand on
    wrong = [(some, []) for some in failing] + [([], ["e2e"])]
    return [
        {**run, "failing": some, "cancelled": stopped, "soft": soft} for run in runs_of(text) for some, stopped in wrong
    ]


def github_says(texts: list[str]) -> list[Any]:
    asked = json.dumps([{"text": text, "runs": all_runs(text)} for text in texts])
    script = Path(__file__).parents[1] / "helpers/github_runs.mjs"
    ran = subprocess.run(
        [NODE, "--disable-warning=DEP0205", script, PACKAGES], input=asked.encode(), capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stderr.decode()[-3000:]
    found: list[Any] = json.loads(ran.stdout)
    return found


def leaks(answers: list[dict[str, str]], runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the runs in which the deploy goes out and the suite was not run and passed."""
    return [
        run
        for run, results in zip(runs, answers, strict=True)
        if results["deploy"].endswith("success") and (results["e2e"] != "success" or "e2e" in run["failing"])
    ]


def judged(text: str) -> Outcome:
    read = read_github("ci.yml", text, RepositoryFiles())
    ci = Pipelines("/repo", (read,), files=frozenset({SPEC}))
    env = Environment("production", commit=COMMIT)
    return suite_gates(Suite("refunds", spec=SPEC), env, ci, REPORTS, Suites()).outcome


@pytest.fixture(scope="module")
def asked() -> list[tuple[str, list[dict[str, str]]]]:
    """Return generated workflows, each with what GitHub's programs say of every run of it."""
    chance = random.Random(SEED)
    texts = [workflow(chance) for _ in range(ALL if os.environ.get("GOLIVE_ALL") else ALL // 10)]
    answers = github_says(texts)
    refused = [(text, answer["refused"]) for text, answer in zip(texts, answers, strict=True) if "refused" in answer]
    assert not refused, refused[0]
    print(f"seed {SEED}, {len(texts)} workflows")
    return list(zip(texts, answers, strict=True))


def test_a_way_past_the_suite_is_found_where_there_is_one(asked: list[tuple[str, list[dict[str, str]]]]) -> None:
    counted, wrong = Counter[str](), []
    for text, answer in asked:
        outcome, ways = judged(text), leaks(answer, all_runs(text))
        counted[f"{outcome.name} {'leak' if ways else 'tight'}"] += 1
        # A suite that may fail is red by itself, whatever the deploy waits for.
        soft = "continue-on-error" in text
        if (ways and outcome is Outcome.PASS) or (not ways and not soft and outcome is Outcome.FAIL):
            wrong.append(f"{outcome.name}, but {ways[:1] or 'no way past it'}\n{text}")
    assert not wrong, f"{len(wrong)} of {len(asked)}, {counted}\n" + "\n".join(wrong[:4])
    assert counted["UNKNOWN leak"] + counted["UNKNOWN tight"] < len(asked) / 4, counted


def test_what_becomes_of_each_job(asked: list[tuple[str, list[dict[str, str]]]]) -> None:
    wrong = list[str]()
    for text, answer in asked:
        if "outputs.web" in text:  # for golive an output is a guess
            continue
        pipeline = read_github("ci.yml", text, RepositoryFiles())
        for run, theirs in zip(all_runs(text), answer, strict=True):
            wrong_here = Mishap(frozenset(run["failing"]), frozenset(run["cancelled"]))
            ours = outcomes(pipeline, PipelineWorld(flat(run), {}), wrong_here)
            if ours != {key: result.removeprefix("ungated:") for key, result in theirs.items()}:
                wrong.append(f"{ours}, GitHub: {theirs}, run {run}\n{text}")
                break
    assert not wrong, f"{len(wrong)} of {len(asked)}\n" + "\n".join(wrong[:3])


def flat(run: dict[str, Any]) -> dict[str, str]:
    """Return the names of a run as golive keeps them."""
    found = dict[str, str]()

    def put(path: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                put(f"{path}.{key}", each)
        else:
            found[path] = str(value).lower() if isinstance(value, bool) else value

    for name in ("github", "inputs", "vars"):
        put(name, run[name])
    return found
