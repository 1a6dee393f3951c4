"""Which jobs release to the environment, and which checks of a pull request the platform requires."""

import itertools
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from golive import Environment
from golive_checks.systems.ci.model import Job, Pipeline
from golive_checks.systems.ci.suites import Suites

SAME = (frozenset({"production", "prod", "live"}), frozenset({"staging", "stage", "preprod", "pre-production"}))
"""Names by which people mean one environment."""
PREVIEWS = re.compile(
    r"(?i)preview|review|\bpr[-/_]|pull.?request|\bdev(?:elop(?:ment)?)?\b|\btest|\bqa\b|pages|storybook|docs"
)
"""Environments that no release goes to, but the one that is checked may have such a name."""


def is_called_only(pipeline: Pipeline) -> bool:
    """Tell whether nothing but another workflow starts it."""
    return bool(pipeline.triggers) and all(trigger.event == "workflow_call" for trigger in pipeline.triggers)


def deploys(pipelines: tuple[Pipeline, ...], env: Environment, ask: Suites) -> list[tuple[Pipeline, Job]]:
    """Return the jobs that release to the environment: those that name it, else those that name any but a preview."""
    own = [p for p in pipelines if not is_called_only(p)]
    there = [(pipeline, job) for pipeline in own for job in pipeline.jobs if job.environment or _is_named(job, ask)]
    meant = _names(env.name)
    if any(job.environment.lower() in meant for _, job in there):
        return [
            (p, j) for p, j in there if not j.environment or j.environment.lower() in meant or "${{" in j.environment
        ]
    return [(p, j) for p, j in there if not PREVIEWS.search(j.environment)]


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
    values = [v for v in job.matrix.values() if v]
    if not values:
        return
    combinations = [dict(zip(job.matrix, chosen, strict=False)) for chosen in itertools.product(*values)]
    if "matrix." in title:
        yield [_filled(title, chosen) for chosen in combinations]
    else:
        yield [f"{title} ({', '.join(chosen.values())})" for chosen in combinations]


def _filled(title: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}", lambda found: values.get(found[1], found[0]), title)
