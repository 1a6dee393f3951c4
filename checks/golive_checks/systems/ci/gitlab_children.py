"""GitLab's child pipelines: the jobs of the pipeline that a job starts, beside those of its own. Pure.

https://docs.gitlab.com/ci/pipelines/downstream_pipelines/
"""

from dataclasses import replace

from golive_checks.systems.ci.model import GitlabRule, Job, Pipeline
from golive_checks.systems.machine.client import yamlnodes as y

START = "the start of "
SOURCE = "$CI_PIPELINE_SOURCE"


def waits_for_child(trigger: y.Node) -> bool:
    """Return whether a trigger ends as the pipeline that it starts does; else it is done at once."""
    return y.scalar(y.pairs(trigger).get("strategy")) in {"depend", "mirror"}


def with_child(jobs: list[Job], key: str, child: Pipeline, *, waits: bool) -> list[Job]:
    """Return jobs with those of a child: they run where the trigger does, and it waits for them, or does not."""
    trigger = next(job for job in jobs if job.key == key)
    start = replace(trigger, key=START + key) if waits else trigger
    below = [_placed(job, key, start.key) for job in child.jobs]
    keys = tuple(job.key for job in below)
    if not waits:
        return [*jobs, *below]
    end = replace(trigger, needs=(start.key, *keys), in_stages=True, optional=frozenset(), starts=keys, environment="")
    return [*(end if job is trigger else job for job in jobs), replace(start, environment=""), *below]


def _placed(job: Job, key: str, start: str) -> Job:
    return replace(
        job,
        key=f"{key} / {job.key}",
        title=job.title,
        needs=tuple(f"{key} / {name}" for name in job.needs),
        optional=frozenset(f"{key} / {name}" for name in job.optional),
        starts=tuple(f"{key} / {name}" for name in job.starts),
        inside=f"{key} / {job.inside}" if job.inside else start,
        rules=tuple(map(_in_child, job.rules)),
    )


def _in_child(rule: GitlabRule) -> GitlabRule:
    """A child knows that its parent has started it, and no longer what started that."""
    return replace(rule, condition=rule.condition.replace(SOURCE, '"parent_pipeline"'))
