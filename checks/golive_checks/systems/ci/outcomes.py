"""What becomes of each job in one run of a pipeline, where some of them fail. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from golive_checks.systems.ci.expressions import Moment, asks_status, holds, read
from golive_checks.systems.ci.model import GitlabRule, Job, JobStep, Pipeline
from golive_checks.systems.ci.worlds import PipelineWorld

Result = Literal["success", "failure", "skipped", "cancelled", "absent", "unpressed"]
"""`absent`: GitLab left it out of the pipeline. `unpressed`: a manual job that nobody started and nobody waits for."""


@dataclass(frozen=True)
class Mishap:
    """What goes wrong in a run: the jobs that fail if they run, and those during which the run is cancelled (GitHub).

    A newer commit (`cancel-in-progress`) or somebody cancels a run. What is under way ends, unless its condition holds
    in a cancelled run, as always() does; and what is behind it starts if its own condition holds.

    https://docs.github.com/actions/reference/workflows-and-actions/workflow-cancellation
    """

    failing: frozenset[str] = frozenset()
    cancelled: frozenset[str] = frozenset()


WELL = Mishap()


def outcomes(
    pipeline: Pipeline, world: PipelineWorld, wrong: Mishap = WELL, *, whole_chain: bool = True
) -> dict[str, Result]:
    """Return what becomes of each job.

    GitHub's success() and failure() look at the whole chain of what a job needs; without `whole_chain` only at what it
    names itself.
    """
    found: dict[str, Result] = {}
    for job in _in_order(pipeline):
        if pipeline.system == "gitlab":
            found[job.key] = _of_gitlab(job, world, wrong.failing, found)
        else:
            before = tuple(pipeline.before(job, whole=False)) if whole_chain else job.needs
            late = bool(wrong.cancelled) and "cancelled" in {found.get(key) for key in pipeline.before(job)}
            now = replace(moment(job, world, found, before), cancelled=late)
            found[job.key] = _of_github(job, now, wrong, found)
    return found


def exists(pipeline: Pipeline, world: PipelineWorld) -> bool:
    """Return whether there is such a run at all: GitLab's workflow may rule it out."""
    rule = _deciding(pipeline.rules, world)
    return not pipeline.rules or (rule is not None and rule.starts != "never")


def _in_order(pipeline: Pipeline) -> Iterator[Job]:
    """Yield jobs, each behind those that it needs; of a circle, which no platform takes, none."""
    waiting, done = list(pipeline.jobs), set[str]()
    there = {job.key for job in waiting}
    while ready := [job for job in waiting if {*job.needs, job.inside} & there <= done]:
        yield from ready
        done |= {job.key for job in ready}
        waiting = [job for job in waiting if job.key not in done]


def moment(job: Job, world: PipelineWorld, results: Mapping[str, Result], before: tuple[str, ...]) -> Moment:
    """Return what a condition of a job sees."""
    return Moment(
        world.values,
        world.guesses,
        {name: results.get(name, "") for name in job.needs},
        tuple(results.get(name, "") for name in before),
    )


def _of_github(job: Job, now: Moment, wrong: Mishap, results: Mapping[str, Result]) -> Result:
    if job.inside and results.get(job.inside) == "skipped":
        return "skipped"
    held = not asks_status(job.when) and (now.cancelled or any(result != "success" for result in now.before))
    if held or (job.when and not holds(read(job.when), now)):
        return "skipped"
    if job.key in wrong.cancelled and not (
        asks_status(job.when) and holds(read(job.when), replace(now, cancelled=True))
    ):
        return "cancelled"
    if job.key in wrong.failing or any(
        step.fails and runs(step, now) and holds(read(step.fails), now) for step in job.steps
    ):
        return "success" if job.may_fail else "failure"  # what others see of a job that may fail
    return "success"


def runs(step: JobStep, now: Moment) -> bool:
    """Return whether a step of a job in which nothing has failed runs."""
    # failure() looks at the jobs before, too
    return not step.when or holds(read(step.when), replace(now, in_step=True))


def _of_gitlab(job: Job, world: PipelineWorld, failing: frozenset[str], results: Mapping[str, Result]) -> Result:
    rule = _deciding(job.rules, world) if job.rules else GitlabRule(may_fail=bool(job.may_fail))
    if rule is None or rule.starts == "never" or results.get(job.inside) in {"absent", "unpressed"}:
        return "absent"
    if results.get(job.inside) in {"skipped", "failure"}:
        return "skipped"
    if any(results.get(name) == "failure" for name in job.starts):
        return "success" if rule.may_fail else "failure"
    if _is_held(job, rule.starts, results):
        return "skipped"
    if rule.starts == "manual" and rule.may_fail:
        return "unpressed"
    failed = job.key in failing
    return "failure" if failed and not rule.may_fail else "success"


def _is_held(job: Job, starts: str, results: Mapping[str, Result]) -> bool:
    before = {name: results.get(name, "absent") for name in job.needs}
    lacking = [name for name, result in before.items() if result == "absent" and name not in job.optional]
    if lacking and not job.in_stages:
        return True  # GitLab refuses such a pipeline
    failed = "failure" in before.values()
    if starts == "on_failure":
        return not failed
    if starts == "always":
        return False
    waits = {"skipped"} if job.in_stages else {"skipped", "unpressed"}
    return failed or any(result in waits for result in before.values())


def _deciding(rules: tuple[GitlabRule, ...], world: PipelineWorld) -> GitlabRule | None:
    now = Moment(world.values, world.guesses)
    return next((rule for rule in rules if not rule.condition or holds(read(rule.condition, gitlab=True), now)), None)
