"""Is there a way on which a job releases, and the suite did not run and pass on the same commit?"""

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from golive import Location
from golive_checks.ci.deploys import is_called_only, required_jobs
from golive_checks.ci.shipping import ships_anyway, ships_before
from golive_checks.ci.words import where
from golive_checks.systems.ci.expressions import guesses, read
from golive_checks.systems.ci.matrix import filled
from golive_checks.systems.ci.model import Job, Pipeline
from golive_checks.systems.ci.outcomes import Mishap, Result, exists, moment, outcomes, runs
from golive_checks.systems.ci.suites import Runs, Suites
from golive_checks.systems.ci.worlds import MERGE_QUEUE, PULL_REQUESTS, PipelineWorld, TooManyError, worlds

UNREAD = ("unclear(", "GUESS(", "RESULT", "NEEDS")
"""What a part has in it that looks at results in a way that golive does not understand."""
How = Literal["failed", "skipped", "cancelled", "before", "first", "apart", "unclear", "elsewhere"]


SYSTEMS = {"ubuntu": "Linux", "windows": "Windows", "macos": "macOS"}
"""What runner.os says on GitHub's own runners."""


@dataclass(frozen=True)
class WayPast:
    """A way past the suite."""

    deploy: Job
    run: Runs
    how: How
    """The suite failed, was skipped, or was cancelled with its run; the job releases before it runs the suite, or has
    done so when the suite is started (`first`); the deploy does not wait for it (`apart`), in another workflow
    (`elsewhere`); or its condition is not understood."""
    world: PipelineWorld | None = None

    @property
    def at(self) -> Location:
        """Where the deploy stands."""
        return where(self.deploy, self.deploy.line)

    @property
    def line(self) -> str:
        """Say what happens."""
        deploy, suite = self.deploy.key, self.run.job.key
        lines: dict[How, str] = {
            "failed": f"{deploy} starts although {suite} has failed{_condition(self.deploy)}",
            "cancelled": f"{deploy} starts where the run was cancelled before {suite} ended{_condition(self.deploy)}",
            "skipped": f"{deploy} starts where {suite} was not run{_shown(self.world)}{_condition(self.deploy)}",
            "before": f"{deploy} releases before it runs the suite",
            "first": f"{deploy} releases, and then {suite} runs",
            "apart": f"{deploy} does not wait for {suite}",
            "unclear": f"whether {deploy} waits for {suite} to have passed is not clear{_condition(self.deploy)}",
            "elsewhere": f"{deploy} in {self.deploy.file} does not wait for {suite} in {self.run.job.file}",
        }
        return lines[self.how]


def _condition(job: Job) -> str:
    starts = next((rule.starts for rule in job.rules if rule.starts != "on_success"), "")
    return f" (if: {job.when})" if job.when else f" (when: {starts})" if starts else ""


def _shown(world: PipelineWorld | None) -> str:
    if world is None:
        return ""
    ref = world.values.get("github.ref_name") or world.values.get("$CI_COMMIT_REF_NAME")
    return f", as on {world.event}" + (f" of {ref}" if ref else "")


def leaks(strict: list[Runs], pipelines: tuple[Pipeline, ...], deploying: list[tuple[Pipeline, Job]]) -> list[WayPast]:
    """Return a way past the suite for each deploy that has one."""
    first = [(p, job) for p, job in deploying if any(job.key in p.before(r.job) for r in strict if r.pipeline is p)]
    if first and len(first) == len(deploying):
        return [WayPast(job, strict[0], "first") for _, job in first]
    found = (_past(pipeline, job, strict, pipelines) for pipeline, job in deploying)
    return [leak for leak in found if leak]


def _past(pipeline: Pipeline, deploy: Job, strict: list[Runs], pipelines: tuple[Pipeline, ...]) -> WayPast | None:
    own = [run for run in strict if run.pipeline is pipeline]
    inside = [run for run in own if run.job.key == deploy.key]
    if inside:
        return _by_its_steps(deploy, inside)
    if not own:
        return _from_elsewhere(pipeline, deploy, strict)
    if any(deploy.key in pipeline.before(run.job) for run in own):
        return None  # what the suite itself waits for may go before
    before = pipeline.before(deploy)
    waited = [run for run in own if run.job.key in before]
    try:
        if not waited:
            return WayPast(deploy, own[0], "apart") if _ever(pipeline, deploy) else None
        return _on_some_way(pipeline, deploy, waited)
    except TooManyError:
        return WayPast(deploy, (waited or own)[0], "unclear")


def _by_its_steps(deploy: Job, inside: list[Runs]) -> WayPast | None:
    """Judge a job that runs the suite and releases, in the order of its steps."""
    if all(ships_before(deploy, run) is not None for run in inside):
        return WayPast(deploy, inside[0], "before")
    return WayPast(deploy, inside[0], "failed") if all(ships_anyway(deploy, run) for run in inside) else None


def _ever(pipeline: Pipeline, deploy: Job) -> bool:
    """Return whether a job ever starts, be it because another one has failed."""
    part = _part(pipeline, (deploy,))
    wrong = [Mishap(), *(Mishap(frozenset({key})) for key in part.before(deploy))]
    return any(outcomes(part, world, each)[deploy.key] == "success" for world in _worlds(part, ()) for each in wrong)


def _on_some_way(pipeline: Pipeline, deploy: Job, strict: list[Runs]) -> WayPast | None:
    """Try every run that the conditions tell apart, with the suite failing, and with what it needs failing."""
    part = _part(pipeline, (deploy, *(run.job for run in strict)))
    unclear: WayPast | None = None
    suspects = _suspects(part, deploy, strict)
    for world in _worlds(part, strict):
        for wrong in _mishaps(part, strict):
            for whole in (True, False):
                results = outcomes(part, world, wrong, whole_chain=whole)
                if results[deploy.key] not in {"success", "unpressed"} or _passed(strict, part, world, wrong, results):
                    continue
                run = strict[0]
                how = _how(run.job.key, wrong, results)
                leak = WayPast(deploy, run, how, world)
                doubted = suspects if how == "skipped" else {s for s in suspects if _may_know(s, part, strict)}
                if whole and not doubted:
                    return leak
                unclear = unclear or replace(leak, how="unclear")
    return unclear


def _how(suite: str, wrong: Mishap, results: Mapping[str, Result]) -> How:
    if results[suite] == "cancelled":
        return "cancelled"
    return "failed" if suite in wrong.failing and results[suite] != "skipped" else "skipped"


def _suspects(part: Pipeline, deploy: Job, strict: list[Runs]) -> set[str]:
    """Return what the deploy hangs on that golive cannot know, and that does not decide the same way on the suite."""
    suites = {run.job.key for run in strict}
    chain = [deploy, *(job for key, job in part.before(deploy).items() if key not in suites)]
    known = {guess for run in strict for tree in _trees(_texts(run.job, run)) for guess in guesses(tree)}
    return {guess for job in chain for tree in _trees(_texts(job)) for guess in guesses(tree)} - known


def _may_know(guess: str, part: Pipeline, strict: list[Runs]) -> bool:
    """Return whether a part may depend on how the suite ended: an unknown one, or the output of a later job."""
    if any(word in guess for word in UNREAD):
        return True
    suites = {run.job.key for run in strict}
    named = re.search(r"needs(?:\.|\[')([\w-]+)[^ ]*outputs", guess)
    job = part.job(named[1]) if named else None
    return job is not None and (job.key in suites or bool(suites & set(part.before(job))))


def _trees(texts: Iterable[tuple[str, bool]]) -> list[ast.expr]:
    return [read(text, gitlab=gitlab) for text, gitlab in dict.fromkeys(texts)]


def _texts(job: Job, run: Runs | None = None) -> Iterator[tuple[str, bool]]:
    """Yield the conditions of a job, of its gates, and of a step; with whether they are GitLab's."""
    if job.when:
        yield job.when, False
    yield from ((rule.condition, True) for rule in job.rules if rule.condition)
    for step in job.steps:
        if step.fails:
            yield step.fails, False
        if step.when and (step.fails or (run and step is run.step)):
            yield step.when, False


def _part(pipeline: Pipeline, jobs: tuple[Job, ...]) -> Pipeline:
    """Return the part of a pipeline that some jobs hang on."""
    keys = {job.key for job in jobs}.union(*(pipeline.before(job) for job in jobs))
    return replace(pipeline, jobs=tuple(job for job in pipeline.jobs if job.key in keys))


def _worlds(part: Pipeline, strict: tuple[Runs, ...] | list[Runs]) -> list[PipelineWorld]:
    texts = [text for job in part.jobs for text in _texts(job)]
    texts += [text for run in strict for text in _texts(run.job, run)]
    texts += [(rule.condition, True) for rule in part.rules if rule.condition]
    return [world for world in worlds(part, _trees(texts)) if exists(part, world)]


def _mishaps(part: Pipeline, strict: list[Runs]) -> Iterator[Mishap]:
    """Yield what fails: nothing; those that run the suite; one that they need, alone and with the suite.

    Then another one, where any job starts because of that; at last the run is cancelled while the suite runs.
    """
    suites = frozenset(run.job.key for run in strict)
    yield Mishap()
    yield Mishap(suites)
    needed = set(itertools.chain.from_iterable(part.before(run.job) for run in strict))
    for key in sorted(needed):
        yield Mishap(frozenset({key}))
        yield Mishap(suites | {key})
    if any("fail" in job.when for job in part.jobs):
        yield from (Mishap(frozenset({job.key})) for job in part.jobs if job.key not in needed | suites)
    if part.system == "github":
        yield Mishap(cancelled=suites)


def _passed(
    strict: list[Runs], part: Pipeline, world: PipelineWorld, wrong: Mishap, results: Mapping[str, Result]
) -> bool:
    """Return whether the suite was run and has passed."""
    for run in strict:
        if results.get(run.job.key) != "success" or run.job.key in wrong.failing:
            continue
        now = moment(run.job, world, results, tuple(part.before(run.job)))
        if any(runs(run.step, replace(now, values={**now.values, **leg})) for leg in _legs(run.job)):
            return True
    return False


def _legs(job: Job) -> Iterator[dict[str, str]]:
    """Yield what a job's combinations of its matrix say, and the system that each runs on."""
    for leg in job.legs or ({},):
        system = next((name for word, name in SYSTEMS.items() if filled(job.runner, leg).startswith(word)), "")
        yield {f"matrix.{name}": value for name, value in leg.items()} | ({"runner.os": system} if system else {})


def _from_elsewhere(pipeline: Pipeline, deploy: Job, strict: list[Runs]) -> WayPast | None:
    """Look at a deploy in another file than the suite: it may start at the end of the suite's workflow."""
    for run in strict:
        titles = {run.pipeline.title, run.pipeline.file}
        if any(set(trigger.after) & titles for trigger in pipeline.triggers):
            try:
                return _after_workflow(pipeline, deploy, run)
            except TooManyError:
                return WayPast(deploy, run, "unclear")
    try:
        return WayPast(deploy, strict[0], "elsewhere") if _ever(pipeline, deploy) else None
    except TooManyError:
        return WayPast(deploy, strict[0], "elsewhere")


def _after_workflow(pipeline: Pipeline, deploy: Job, run: Runs) -> WayPast | None:
    """Let the suite's workflow end in every way, and see whether the deploy starts."""
    part, behind = _part(run.pipeline, (run.job,)), _part(pipeline, (deploy,))
    trees = _trees(text for job in behind.jobs for text in _texts(job))
    # Another event that starts the deploy as well does not wait for this run at all.
    others = [t for t in pipeline.triggers if t.event != "workflow_run"]
    if others and any(
        outcomes(behind, world)[deploy.key] == "success"
        for world in worlds(replace(behind, triggers=tuple(others)), trees)
    ):
        return WayPast(deploy, run, "elsewhere")
    # `types: requested` starts the deploy as the suite begins, whatever comes of it.
    kinds = {kind for trigger in pipeline.triggers if trigger.event == "workflow_run" for kind in trigger.types}
    for world in _worlds(part, [run]):
        for how, ended in _ends(part, world, run, kinds):
            event = {
                "github.event_name": "workflow_run",
                "github.event.workflow_run.conclusion": ended,
                "github.event.workflow_run.event": world.event,
                "github.event.workflow_run.head_branch": world.values.get("github.ref_name", ""),
            }
            for then in worlds(behind, trees, [event]):
                if outcomes(behind, then)[deploy.key] == "success":
                    return WayPast(deploy, run, how, world)
    return None


def _ends(part: Pipeline, world: PipelineWorld, run: Runs, kinds: set[str]) -> Iterator[tuple[How, str]]:
    """Yield how the suite's workflow may end without the suite, and its conclusion; it is empty before the end.

    https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflow_run
    """
    if not kinds or kinds - {"completed"}:
        yield "elsewhere", ""
    for wrong in _mishaps(part, [run]) if not kinds or "completed" in kinds else ():
        results = outcomes(part, world, wrong)
        if _passed([run], part, world, wrong, results):
            continue
        how = _how(run.job.key, wrong, results)
        ends = "cancelled" if how == "cancelled" else "failure" if "failure" in results.values() else "success"
        yield ("failed" if ends == "failure" else how), ends


def required_check(strict: list[Runs], ask: Suites) -> tuple[Job | None, bool | None]:
    """Return a required check that stands for the suite, and whether it holds; None: that is not clear.

    A check that is skipped has passed:

    https://docs.github.com/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/about-status-checks
    """
    weak: tuple[Job | None, bool | None] = (None, False)
    for pipeline in {id(run.pipeline): run.pipeline for run in strict}.values():
        own = [run for run in strict if run.pipeline is pipeline]
        required = required_jobs(pipeline, ask)
        if not required or is_called_only(pipeline):
            continue
        near = [job for job in required if {job.key, *pipeline.before(job)} & {run.job.key for run in own}]
        holds = _holds(pipeline, required, own) if near else False
        if holds:
            return near[0], True
        weak = (near[0], holds) if near and weak[0] is None else weak
    return weak


def _holds(pipeline: Pipeline, required: list[Job], strict: list[Runs]) -> bool | None:
    """Return whether no pull request gets by its checks without the suite; None where golive cannot read them."""
    part = _part(pipeline, (*required, *(run.job for run in strict)))
    queue = tuple(t for t in pipeline.triggers if t.event == MERGE_QUEUE)  # its run is of the commit that lands
    asked = queue or tuple(t for t in pipeline.triggers if t.event in PULL_REQUESTS)
    try:
        there = _worlds(replace(part, triggers=asked or part.triggers), strict)
    except TooManyError:
        return None
    parts = {guess for job in required for tree in _trees(_texts(job)) for guess in guesses(tree)}
    unread = any(word in guess for guess in parts for word in UNREAD)
    for world in there:
        for wrong in _mishaps(part, strict):
            results = outcomes(part, world, wrong)
            passes = all(results[job.key] in {"success", "skipped"} for job in required)
            if passes and not _passed(strict, part, world, wrong, results):
                return None if unread else False
    return True
