"""The suites that CI must run before a release: where their specs are, what runs them, and the reports of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from golive import Environment, Fact, Settings, Subject, Unavailable, probe
from golive.profile.types import FilePath
from golive_checks import linear
from golive_checks.systems.ci import cypress
from golive_checks.systems.ci.client.shell import ShellCommand
from golive_checks.systems.ci.model import Job, JobStep, Pipeline
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


OPEN = re.compile(r"\$(?:[@*]|\w+|\{[^{}]*\})")
"""A variable that CI may set: without it all tests are run, with it those that it names."""
SHARD = re.compile(r"--shard[= ](?P<part>\d{1,4})/(?P<of>\d{1,4})(?!\S)")
MATRIX = re.compile(r"MATRIX\.([\w.-]+)")
MAX_SHARDS = 1000
NO_SUITE = "neither a key of ci.suites nor a suite, such as { spec: e2e/checkout.spec.ts, gates: true }"


class SuiteEntry(BaseModel):
    """A suite: its spec, and whether its failure must stop the release."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    spec: str = Field(min_length=1, max_length=500)
    """Its file, from the repository's folder on, such as e2e/tests/checkout.spec.ts."""
    gates: bool = True
    """Whether nothing may go out where it fails; false: it is enough that it runs."""
    runs: tuple[str, ...] = Field(default=(), max_length=20)
    """Beginnings of commands that run it, where they are neither Playwright's nor Cypress's own."""

    @model_validator(mode="before")
    @classmethod
    def _is_mapping(cls, value: Any) -> Any:
        """Refuse what is no suite, a slip in the name of another key among them, and show one."""
        if not isinstance(value, Mapping):
            raise ValueError(NO_SUITE)  # noqa: TRY004 - the one that pydantic takes
        return value


class Suites(Settings):
    """The suites of the end-to-end tests by names of your own, and what CI keeps of their runs.

    `{checkout: {spec: e2e/tests/checkout.spec.ts, gates: true}}`
    """

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, SuiteEntry] = Field(init=False)
    home: ClassVar[str] = "ci.suites"

    runs: tuple[str, ...] = Field(default=(), max_length=20)
    """Beginnings of commands that run all of them, such as ./scripts/e2e.sh, where they are neither Playwright's nor
    Cypress's."""
    results: tuple[FilePath, ...] = Field(default=(), max_length=20)
    """Reports of their runs (Playwright's JSON, JUnit's XML), each of which tells its commit as in rollout.tests."""
    required_checks: tuple[str, ...] = Field(default=(), max_length=100)
    """The checks that the platform requires before it merges or deploys, by their names there: a protected branch's."""
    deploy_jobs: tuple[str, ...] = ("deploy*", "release*", "publish*", "promote*")
    """Patterns of the names of jobs that bring a release out."""
    preinstalled: bool = False
    """Whether the runners have Playwright's browsers already."""


@dataclass(frozen=True)
class Suite(Subject):
    """A suite of end-to-end tests, by its name in the profile."""

    spec: str = ""
    gates: bool = True
    runs: tuple[str, ...] = ()
    """Beginnings of commands that run it."""


@probe("ci.suites")
async def named_suites(env: Environment, ask: Suites) -> tuple[Suite, ...]:
    """Name the suites of the profile."""
    if not (suites := of_profile(ask)):
        text = "name a suite: ci: { suites: { checkout: { spec: e2e/checkout.spec.ts, gates: true } } }"
        raise Unavailable("the profile names no suite of CI", fix=text, lacks=("ci.suites",))
    return suites


def of_profile(ask: Suites) -> tuple[Suite, ...]:
    """Return the suites that the profile names."""
    named = (ask.__pydantic_extra__ or {}).items()
    return tuple(Suite(name, spec=of.spec, gates=of.gates, runs=(*of.runs, *ask.runs)) for name, of in named)


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
    step: JobStep
    command: ShellCommand


def runs_of(suite: Suite, pipelines: tuple[Pipeline, ...]) -> Iterator[Runs]:
    """Yield every command that runs a suite."""
    for pipeline in pipelines:
        for job in pipeline.jobs:
            for step, command in job.commands:
                if runs_it(command, suite.spec) or any(command.text.startswith(own) for own in suite.runs):
                    yield Runs(pipeline, job, step, command)


def runs_playwright(command: ShellCommand) -> bool:
    """Return whether it is `playwright test`, whatever starts it."""
    return _arguments(command) is not None


def runs_it(command: ShellCommand, spec: str) -> bool:
    """Return whether a command runs a spec: Playwright takes its arguments for patterns of a file's path."""
    if cypress.is_spec(spec):
        return cypress.runs_it(command.words, spec)
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
    if OPEN.fullmatch(pattern):
        return True
    pattern = re.sub(r":\d+(?::\d+)?$", "", pattern)  # a line in the file
    try:
        return linear.search(pattern.removeprefix("./"), path)
    except linear.PatternError:
        return pattern in path


def only_some(command: ShellCommand) -> str:
    """Return the option by which a command runs only some of a file's tests; empty where it has none."""
    given = _arguments(command) or ()
    options = (word.partition("=")[0] for word in given)
    return next((option for option in options if option in SOME), "") or next(filter(OPEN.fullmatch, given), "")


def missing_shards(runs: list[Runs]) -> tuple[list[int], int]:
    """Return the parts of the suite that no command runs, and of how many; none where golive cannot tell."""
    found: dict[int, set[int]] = {}
    for run in runs:
        for leg in run.job.legs or ({},):
            given = SHARD.search(_of_leg(run.command.text, leg))
            if given is None:
                return [], 0
            found.setdefault(int(given["of"]), set()).add(int(given["part"]))
    lacking = {whole: sorted(set(range(1, whole + 1)) - parts) for whole, parts in found.items() if whole <= MAX_SHARDS}
    if not lacking or not all(lacking.values()):
        return [], 0
    whole, parts = next(iter(lacking.items()))
    return parts, whole


def _of_leg(text: str, leg: Mapping[str, str]) -> str:
    return MATRIX.sub(lambda value: leg.get(value[1], value[0]), text)


def _arguments(command: ShellCommand) -> tuple[str, ...] | None:
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
