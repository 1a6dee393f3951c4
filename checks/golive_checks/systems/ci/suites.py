"""The suites that CI must run before a release: where their specs are, what runs them, and the reports of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import ClassVar

from pydantic import Field

from golive import Environment, Fact, Settings, probe
from golive.profile.types import FilePath
from golive_checks import linear
from golive_checks.systems.ci.client.shell import Command
from golive_checks.systems.ci.model import Job, Pipeline, Step
from golive_checks.systems.git.client.checkout import Checkout
from golive_checks.systems.machine.client.files import Files
from golive_checks.systems.test_reports.results import InFile, Results, results

WITH_VALUE = frozenset(
    {
        "--config",
        "-c",
        "--grep",
        "-g",
        "--grep-invert",
        "-gv",
        "--project",
        "--workers",
        "-j",
        "--retries",
        "--reporter",
    }
    | {
        "--shard",
        "--timeout",
        "--output",
        "--repeat-each",
        "--max-failures",
        "--tsconfig",
        "--trace",
        "--global-timeout",
    }
)
"""Options of `playwright test` whose value is a word of its own (https://playwright.dev/docs/test-cli)."""

SOME = frozenset({"--grep", "-g", "--grep-invert", "-gv", "--only-changed"})
"""Options that leave tests out. --last-failed leaves out only those that have passed before."""


SHARD = re.compile(r"--shard[= ](?P<part>MATRIX\.[\w-]+|[^\s/]+)/(?P<of>[^\s]+)")
MAX_SHARDS = 1000


class Suites(Settings):
    """The suites of the end-to-end tests, and what CI keeps of their runs."""

    home: ClassVar[str] = "ci.suites"

    momo: str = Field(default="e2e/tests/ecommerce-momo-callbacks.spec.ts", min_length=1, max_length=500)
    """The spec of the mobile money callbacks, from the repository's folder on. It must gate the release."""
    messaging: str = Field(default="e2e/tests/messaging.spec.ts", max_length=500)
    """The spec of messaging over REST, of which it is enough that it is tried; empty: there is none."""
    runs: tuple[str, ...] = Field(default=(), max_length=20)
    """Beginnings of commands that run both, where they are none of Playwright's own, such as ./scripts/e2e.sh."""
    results: tuple[FilePath, ...] = Field(default=(), max_length=20)
    """Reports of their runs (Playwright's JSON, JUnit's XML), each of which tells its commit as in rollout.tests."""
    required_checks: tuple[str, ...] = Field(default=(), max_length=100)
    """The checks that the platform requires before it merges or deploys, by their names there: a protected branch's."""
    deploy_jobs: tuple[str, ...] = ("deploy*", "release*", "publish*", "promote*")
    """Patterns of the names of jobs that bring a release out."""
    preinstalled: bool = False
    """Whether the runners have Playwright's browsers already."""


@dataclass(frozen=True)
class SuiteReports(Fact):
    """The reports, none where the profile names none."""

    found: tuple[Results, ...] = ()


@probe("ci.suite-reports")
async def suite_reports(env: Environment, checkout: Checkout, files: Files, ask: Suites) -> SuiteReports:
    """Read the reports of the suites' runs."""
    return SuiteReports(await results(ask.results, env, checkout, files))


@dataclass(frozen=True)
class Runs:
    """A command that runs a spec, and where it stands."""

    pipeline: Pipeline
    job: Job
    step: Step
    command: Command


def runs_of(spec: str, pipelines: tuple[Pipeline, ...], ask: Suites) -> Iterator[Runs]:
    """Yield every command that runs a spec."""
    for pipeline in pipelines:
        for job in pipeline.jobs:
            for step, command in job.commands:
                if runs_it(command, spec) or any(command.text.startswith(own) for own in ask.runs):
                    yield Runs(pipeline, job, step, command)


def runs_playwright(command: Command) -> bool:
    """Tell whether it is `playwright test`, whatever starts it."""
    return _arguments(command) is not None


def runs_it(command: Command, spec: str) -> bool:
    """Tell whether a command runs a spec: Playwright takes its arguments for patterns of a file's path."""
    given = _arguments(command)
    if given is None or "--list" in given:
        return False
    patterns, skip = list[str](), False
    for word in given:
        if not skip and not word.startswith("-"):
            patterns.append(word)
        skip = word in WITH_VALUE
    path = f"/{spec}"
    return not patterns or any(_matches(pattern, path) for pattern in patterns)


def _matches(pattern: str, path: str) -> bool:
    pattern = re.sub(r":\d+(?::\d+)?$", "", pattern)  # a line in the file
    try:
        return linear.search(pattern.removeprefix("./"), path)
    except linear.PatternError:
        return pattern in path


def only_some(command: Command) -> str:
    """Return the option by which a command runs only some of a file's tests; empty where it has none."""
    options = (word.partition("=")[0] for word in _arguments(command) or ())
    return next((option for option in options if option in SOME), "")


def missing_shards(runs: list[Runs]) -> str:
    """Say which parts of the suite no command runs; empty where all are run, or golive cannot tell."""
    found: dict[int, set[int]] = {}
    for run in runs:
        given = SHARD.search(run.command.text)
        if given is None or not given["of"].isdigit():
            return ""
        whole, part = int(given["of"]), given["part"]
        there = run.job.matrix.get(part.removeprefix("MATRIX."), ()) if part.startswith("MATRIX.") else (part,)
        if not there or not all(each.isdigit() for each in there):
            return ""
        found.setdefault(whole, set()).update(map(int, there))
    lacking = {whole: sorted(set(range(1, whole + 1)) - parts) for whole, parts in found.items() if whole <= MAX_SHARDS}
    if not lacking or not all(lacking.values()):
        return ""
    whole, parts = next(iter(lacking.items()))
    return f"shard {', '.join(map(str, parts[:10]))} of {whole} is run nowhere"


def _arguments(command: Command) -> tuple[str, ...] | None:
    words = command.words
    if words[:1] in {("echo",), ("printf",)}:
        return None
    for n in range(len(words) - 1):
        if PurePosixPath(words[n].partition("@")[0] or words[n]).name == "playwright" and words[n + 1] == "test":
            return words[n + 2 :]
    return None


def in_report(found: Results, spec: str) -> InFile | None:
    """Find a spec in a report, which may name it from a folder further down, or in full."""
    for each in found.files:
        if each.file and (f"/{spec}".endswith(f"/{each.file}") or f"/{each.file}".endswith(f"/{spec}")):
            return each
    return None
