"""Which jobs release to the environment, and which checks of a pull request the platform requires."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from golive import Environment
from golive_checks.systems.ci.matrix import filled
from golive_checks.systems.ci.model import Job, Pipeline
from golive_checks.systems.ci.suites import Suites

SAME = (frozenset({"production", "prod", "live"}), frozenset({"staging", "stage", "preprod", "pre-production"}))
"""Names by which people mean one environment."""
PREVIEWS = re.compile(
    r"(?i)preview|review|\bpr[-/_]|pull.?request|\bdev(?:elop(?:ment)?)?\b|\btest|\bqa\b|pages|storybook|docs"
)
"""Environments that no release goes to, but the one that is checked may have such a name."""
OTHERS = frozenset().union(*SAME) | {
    "preview",
    "review",
    "dev",
    "develop",
    "development",
    "test",
    "qa",
    "uat",
    "sandbox",
}
"""Words in the name of a job that say where it releases to."""


def is_called_only(pipeline: Pipeline) -> bool:
    """Return whether nothing but another workflow starts it."""
    return bool(pipeline.triggers) and all(trigger.event == "workflow_call" for trigger in pipeline.triggers)


def deploys(pipelines: tuple[Pipeline, ...], env: Environment, ask: Suites) -> list[tuple[Pipeline, Job]]:
    """Return the jobs that release to the environment: those that name it, else those that name any but a preview."""
    own = [p for p in pipelines if not is_called_only(p)]
    meant = _names(env.name)
    there = [
        (pipeline, job)
        for pipeline in own
        for job in pipeline.jobs
        if job.environment or (_is_named(job, ask) and not _is_for_another(job, meant))
    ]
    if any(meant & _environments(job) for _, job in there):
        return [(p, j) for p, j in there if not j.environment or meant & _environments(j) or _is_open(j)]
    return [(p, j) for p, j in there if not PREVIEWS.search(j.environment)]


def _environments(job: Job) -> frozenset[str]:
    """Return the environments that a job names, one for each combination of its matrix."""
    return frozenset(filled(job.environment, leg).lower() for leg in job.legs or ({},))


def _is_open(job: Job) -> bool:
    """Return whether an environment is only known as the job runs."""
    return any("${{" in name for name in _environments(job))


def _is_for_another(job: Job, meant: frozenset[str]) -> bool:
    """Return whether a job that names no environment says by its name that it is for another one."""
    words = set(re.split(r"[^a-z\d]+", f"{job.key} {job.title}".lower()))
    return bool(words & (OTHERS - meant)) and not words & meant


def _names(name: str) -> frozenset[str]:
    return next((names for names in SAME if name.lower() in names), frozenset({name.lower()}))


def _is_named(job: Job, ask: Suites) -> bool:
    names = [job.key.lower(), job.title.lower(), job.key.lower().rpartition(" / ")[2]]
    return any(fnmatchcase(name, pattern.lower()) for name in names if name for pattern in ask.deploy_jobs)


def required_jobs(pipeline: Pipeline, ask: Suites) -> list[Job]:
    """Return the jobs of which every check is among those that the platform requires."""
    required = {_without_workflow(name, pipeline) for name in ask.required_checks}
    return [job for job in pipeline.jobs if any(set(names) <= required for names in _checks(job))]


def _without_workflow(name: str, pipeline: Pipeline) -> str:
    """Take off what GitHub's pages show around a check's name: `CI / e2e (push)`."""
    shown = re.sub(r" \((?:push|pull_request|merge_group)\)$", "", name)
    return shown.removeprefix(f"{pipeline.title} / ") if pipeline.title else shown


def _checks(job: Job) -> Iterator[list[str]]:
    """Yield the names that a job's checks may have: one for each combination of its matrix."""
    title = job.title or job.key
    yield [job.key]
    yield [title]
    if not job.legs:
        return
    if "matrix." in title:
        yield [filled(title, leg) for leg in job.legs]
    else:
        yield [f"{title} ({', '.join(leg.values())})" for leg in job.legs]
