"""Which jobs are in a GitLab pipeline, how do they start, and what do they run? golive, and gitlab-ci-local."""

from __future__ import annotations

import json
import os
import random
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

from env_readers import NODE, PACKAGES

from golive_checks.systems.ci.gitlab import read_gitlab
from golive_checks.systems.ci.gitlab_rules import BRANCHES_AND_TAGS
from golive_checks.systems.ci.model import Job, Pipeline
from golive_checks.systems.ci.outcomes import outcomes
from golive_checks.systems.ci.repository import RepositoryFiles
from golive_checks.systems.ci.worlds import PipelineWorld
from golive_checks.systems.machine.client import yamlnodes as y

SEED = 20261130
ALL = 30
PROGRAM = PACKAGES / "node_modules/gitlab-ci-local/dist/index.js"
RUN = {
    "CI_PIPELINE_SOURCE": ["push", "schedule", "web"],
    "DEPLOY": ["", "true", "no"],
    "CHANNEL": ["", "beta", "Stable-1"],
}
REFS = [
    {"CI_COMMIT_BRANCH": "main", "CI_COMMIT_TAG": ""},
    {"CI_COMMIT_BRANCH": "feature/refunds", "CI_COMMIT_TAG": ""},
    {"CI_COMMIT_BRANCH": "release/2.1", "CI_COMMIT_TAG": ""},
    {"CI_COMMIT_BRANCH": "", "CI_COMMIT_TAG": "v2.0.0"},
    {"CI_COMMIT_BRANCH": "", "CI_COMMIT_TAG": "", "CI_PIPELINE_SOURCE": "merge_request_event"},
]
GOLIVE_IS_RIGHT = ("the pipeline of a merge request", "a manual job without rules")
"""Jobs without rules are in no merge request's pipeline (https://docs.gitlab.com/ci/jobs/job_rules/); a manual job
without rules may fail unless it says otherwise (https://docs.gitlab.com/ci/yaml/#allow_failure)."""
CONDITIONS = [
    "$CI_COMMIT_BRANCH",
    '$CI_COMMIT_BRANCH == "main"',
    "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH",
    '$CI_COMMIT_BRANCH != "main"',
    "$CI_COMMIT_TAG",
    "$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+\\.\\d+$/",
    "$CI_COMMIT_BRANCH =~ /^release\\//",
    "$CI_COMMIT_BRANCH !~ /^feature/",
    '$CI_PIPELINE_SOURCE == "merge_request_event"',
    '$CI_PIPELINE_SOURCE == "schedule" || $CI_PIPELINE_SOURCE == "web"',
    '$DEPLOY == "true" && $CI_COMMIT_BRANCH == "main"',
    "$DEPLOY",
    "$DEPLOY == null",
    '($DEPLOY == "true" || $CI_COMMIT_TAG) && $CHANNEL',
    "$CHANNEL =~ /stable/i",
    "$CHANNEL !~ /^(beta|alpha)$/",
    '$CHANNEL == "" || $CHANNEL == null',
    "$NOWHERE_SET",
    "$NOWHERE_SET == $CHANNEL",
]


def rules(chance: random.Random, indent: str) -> str:
    text = f"{indent}rules:\n"
    for _ in range(chance.choice([1, 1, 2, 3])):
        entry = f"if: '{chance.choice(CONDITIONS)}'"
        if chance.random() < 0.4:
            entry += f", when: {chance.choice(['never', 'always', 'manual', 'on_failure', 'on_success'])}"
        entry += ", allow_failure: true" if chance.random() < 0.2 else ""
        text += f"{indent}  - {{ {entry} }}\n"
    if chance.random() < 0.3:
        text += f"{indent}  - when: {chance.choice(['never', 'always', 'manual', 'on_success'])}\n"
    return text


def pipeline(chance: random.Random, groups: int = 8) -> str:
    """Make up a pipeline: groups of jobs with templates, references, stages and needs, so that one run asks much."""
    text = "stages: [build, test, deploy]\n"
    text += "default: { image: 'node:24', before_script: [npm ci] }\n" if chance.random() < 0.5 else ""
    return text + "".join(group(chance, n) for n in range(groups))


def group(chance: random.Random, n: int) -> str:
    text = f".steps{n}:\n  script: [npm run build, npm run check]\n" + rules(chance, "  ")
    text += f".base{n}:\n  before_script: [corepack enable]\n  image: node:22\n  stage: test\n" + rules(chance, "  ")
    more = [f"  extends: .base{n}\n  allow_failure: true\n", "  stage: test\n"]
    text += f".more{n}:\n" + chance.choice(more)
    before = list[str]()
    for name, stage in ((f"build{n}", "build"), (f"unit{n}", "test"), (f"e2e{n}", "test"), (f"ship{n}", "deploy")):
        text += f"{name}:\n"
        text += f"  stage: {stage}\n" if stage != "test" or chance.random() < 0.5 else ""
        text += chance.choice(["", "", f"  extends: .base{n}\n", f"  extends: [.more{n}]\n"])
        reference = f"[!reference [.steps{n}, script]]"
        text += f"  script: {chance.choice([f'[./{name}.sh]', f'[./{name}.sh, [make a, make b]]', reference])}\n"
        kind = chance.random()
        if kind < 0.4:
            text += rules(chance, "  ")
        elif kind < 0.5:
            text += f"  rules:\n    - !reference [.steps{n}, rules]\n    - when: never\n"
        elif kind < 0.6:
            text += f"  when: {chance.choice(['manual', 'always', 'on_failure'])}\n"
        text += "  allow_failure: true\n" if chance.random() < 0.1 else ""
        if before and chance.random() < 0.5:
            named = [each for each in before if chance.random() < 0.6]
            text += "  needs: [" + ", ".join(f"{{ job: {each}, optional: true }}" for each in named) + "]\n"
        before.append(name)
    return text


def asked(folder: Path, *options: str) -> str:
    ran = subprocess.run(
        [NODE, "--no-warnings", PROGRAM, "--evaluate-rule-changes=false", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            "GCL_IGNORE_PREDEFINED_VARS": ",".join([*RUN, *REFS[0]]),
            "HOME": str(folder),
            "NO_COLOR": "1",
        },
    )
    assert ran.returncode == 0, ran.stderr[-1500:]
    return ran.stdout


def repository(folder: Path) -> Path:
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["remote", "add", "origin", "git@gitlab.example:acme/shop.git"],
        ["-c", "user.name=a", "-c", "user.email=a@shop.example", "commit", "-q", "--allow-empty", "-m", "Begin"],
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


def starts(job: Job, world: PipelineWorld, file: Pipeline) -> str:
    """Say how golive takes a job to start: what becomes of it where all before it passed, and where one failed."""
    alone = Pipeline(file.file, file.system, jobs=(replace(job, needs=()),))
    found = outcomes(alone, world)[job.key]
    return {"absent": "never", "unpressed": "manual"}.get(found, "starts")


def test_which_jobs_are_in_a_pipeline(tmp_path: Path) -> None:
    chance, folder, wrong = random.Random(SEED), repository(tmp_path), list[str]()
    count = ALL if os.environ.get("GOLIVE_ALL") else 2
    print(f"seed {SEED}, {count} pipelines of 32 jobs")
    for _ in range(count):
        text = pipeline(chance)
        (folder / ".gitlab-ci.yml").write_text(text)
        values = {name: chance.choice(given) for name, given in RUN.items()} | chance.choice(REFS)
        # What is not set is not there: GitLab's null, which the program has no other way to be given.
        given = [f"--variable={name}={value}" for name, value in values.items() if value]
        lacking = [f"--unset-variable={name}" for name, value in values.items() if not value]
        theirs = json.loads(asked(folder, "--list-json", *given, *lacking))
        file = read_gitlab(".gitlab-ci.yml", text, RepositoryFiles())
        world = PipelineWorld({f"${name}": v for name, v in {**values, "CI_DEFAULT_BRANCH": "main"}.items()}, {})
        for entry in theirs:
            job = file.job(entry["name"])
            assert job is not None
            wrong += [f"{each}, with {values}\n{text}" for each in differences(job, entry, world, file)]
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:4])


def differences(job: Job, theirs: dict[str, Any], world: PipelineWorld, file: Pipeline) -> list[str]:
    """Say in what golive and gitlab-ci-local differ about a job."""
    when = {"on_success": "starts", "always": "starts", "on_failure": "starts"}.get(theirs["when"], theirs["when"])
    ours = starts(job, world, file)
    ruled = any(rule.condition != BRANCHES_AND_TAGS for rule in job.rules)
    if when == "manual" and ruled and not theirs["allow_failure"]:
        when = "starts"  # what others wait for, and so for golive
    if not ruled and not world.values["$CI_COMMIT_BRANCH"] and not world.values["$CI_COMMIT_TAG"]:
        when = "never"
    found = [f"{job.key}: golive {ours}, gitlab-ci-local {theirs['when']}"] if ours != when else []
    if "needs" in theirs and {n["job"] for n in theirs["needs"]} != set(job.needs):
        found.append(f"{job.key} needs {job.needs}, gitlab-ci-local {theirs['needs']}")
    return found


def test_what_the_jobs_run(tmp_path: Path) -> None:
    chance, folder, wrong = random.Random(SEED + 1), repository(tmp_path), list[str]()
    for _ in range(ALL if os.environ.get("GOLIVE_ALL") else 1):
        text = pipeline(chance)
        (folder / ".gitlab-ci.yml").write_text(text)
        preview = asked(folder, "--preview")
        top = y.pairs(y.documents(preview[preview.index("---") :], "preview")[0])
        for job in read_gitlab(".gitlab-ci.yml", text, RepositoryFiles()).jobs:
            fields = y.pairs(top[job.key])
            theirs = [y.scalar(e) for key in ("before_script", "script") for e in y.items(fields.get(key))]
            image = y.scalar(fields.get("image")) or y.scalar(y.pairs(fields.get("image")).get("name")) or ""
            ours = [command.text for _, command in job.commands]
            if ours != theirs or job.image != image:
                wrong.append(f"{job.key}: {ours} {job.image}, gitlab-ci-local: {theirs} {image}\n{text}")
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong[:4])
