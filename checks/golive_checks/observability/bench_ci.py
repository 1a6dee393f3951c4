"""Is the speed measured in CI, without a noisy machine's holding up a release?"""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from golive import (
    Environment,
    Location,
    Settings,
    Severity,
    Verdict,
    check,
    failed,
    not_configured,
    passed,
    unknown,
    warned,
)
from golive_checks.systems.ci.client.shell import ShellCommand
from golive_checks.systems.ci.model import Job, JobStep
from golive_checks.systems.ci.pipelines import Pipelines

ACTIONS = ("grafana/run-k6-action", "grafana/k6-action", "treosh/lighthouse-ci-action")


class BenchInCi(Settings):
    """How the bench is run in CI."""

    home: ClassVar[str] = "observability.bench_in_ci"

    tools: tuple[str, ...] = Field(default=("autocannon", "k6", "wrk", "oha", "artillery", "lhci"), max_length=50)
    """Words of a command by which it is known for a bench."""
    commands: tuple[str, ...] = Field(default=(), max_length=50)
    """Beginnings of more commands that run it, such as `npm run bench`."""


NAME_IT = "Name how its command begins under observability.bench_in_ci.commands, or run the bench in a job of its own."


@check("bench.in-ci", severity=Severity.LOW)
def in_ci(env: Environment, ci: Pipelines, ask: BenchInCi) -> Verdict:
    """CI runs a benchmark in a step whose failure does not stop the release.

    Why: A benchmark that only its author runs stops when the author leaves. One that blocks the release is switched off
    the first time that CI's machine is busy.

    Fix: Run autocannon or k6 in a job of its own with `continue-on-error: true` (GitLab: `allow_failure: true`), and
    keep its result as an artifact: golive reads it (`benches`).

    Source: the checklist, section 6
    """
    if not ci.folder:
        return not_configured("the profile names no repository", "ci.workflows.folder")
    found = list(_benches(ci, ask))
    free = [each for each in found if each[3]]
    if free:
        job, name, line, why = free[0]
        text = f"{name} runs in {job.title or job.key}, and may fail ({why})"
        return replace(passed(text), at=Location(job.file, line))
    if found:
        job, name, line, _ = found[0]
        text = f"{name} runs in {job.title or job.key}, where its failure stops the release"
        return warned(text, at=Location(job.file, line))
    unseen = [f"not looked at: {each}" for each in ci.not_looked_at()]
    if unseen:
        return unknown("no job that was looked at measures the speed", *unseen, fix=NAME_IT)
    return failed("no job of CI measures the speed")


def _benches(ci: Pipelines, ask: BenchInCi) -> Iterator[tuple[Job, str, int, str]]:
    """Yield what measures: its job, name, line, and what lets it fail; empty where nothing does."""
    for _, job in ci.jobs():
        for step in job.steps:
            if step.uses.partition("@")[0] in ACTIONS:
                yield job, step.uses, step.line, _may_fail(step, job)
            for command in step.commands:
                if name := _name(command, ask):
                    yield job, name, command.line, command.swallowed or _may_fail(step, job)


def _may_fail(step: JobStep, job: Job) -> str:
    return step.may_fail or job.may_fail


def _name(command: ShellCommand, ask: BenchInCi) -> str:
    own = next((own for own in ask.commands if command.text.startswith(own)), "")
    words = command.loads or command.words[:4]  # a script of JavaScript's measures by what it loads
    return own or next((word for word in words if word.partition("@")[0] in ask.tools), "")
