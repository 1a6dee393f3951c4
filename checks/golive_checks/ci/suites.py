"""Do the suites that guard money run in CI, so that a failure stops the release?"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from golive import Environment, Severity, Unavailable, Verdict, check, failed, not_configured, unknown
from golive import verdict as judged
from golive_checks.ci.words import NO_CI, NO_REPOSITORY, where
from golive_checks.systems.ci.model import Job
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.suites import Runs, SuiteReports, Suites, in_report, only_some, runs_of
from golive_checks.systems.test_reports.results import unbound

NAMES_NONE = "the profile names no report of its run (ci.suites.results)"


@check("ci.momo-suite-gates", severity=Severity.HIGH)
def momo_suite_gates(env: Environment, ci: Pipelines, reports: SuiteReports | Unavailable, ask: Suites) -> Verdict:
    """The suite of mobile money callbacks runs in CI, all of it, and nothing goes out where it fails.

    Why: A callback that is taken in wrongly ships goods that nobody paid for, or loses a payment. A suite that may fail
    (`|| true`, continue-on-error, a pipe without pipefail) or that is skipped guards nothing, and is green none the
    less.

    Fix: Run the spec in a job that the deploy needs, or that the branch's protection requires; let its failure count;
    keep its report with the commit, and name it in ci.suites.results.

    Source: the checklist, section 11; https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
    """
    if not ci.folder:
        return not_configured(NO_REPOSITORY, "ci.workflows.folder")
    spec, runs = ask.momo, list(runs_of(ask.momo, ci.pipelines, ask))
    if spec not in ci.files or not runs:
        return _absent(spec, ci)
    weak = {run.command: list(_lets_pass(run)) for run in runs}
    strict = [run for run in runs if not weak[run.command]]
    if not strict:
        first = runs[0]
        return judged(weak[first.command], ok="", at=where(first.job, first.command.line))
    fails, gaps = _reported(spec, env, reports)
    gates = [run for run in strict if _gates(run, ask)]
    if not gates and not fails:
        return _ungated(strict, ask)
    if gaps and not fails:
        return unknown(gaps[0], fix="Keep the report of the run in CI, with its commit, and name it.")
    best = (gates or strict)[0]
    well = f"{spec} runs in {best.job.title or best.job.key}, which gates the release"
    whole = [run for run in gates or strict if not only_some(run.command)]
    warns = [] if whole else [f"{spec} is not run as a whole: {only_some(best.command)} takes some of its tests"]
    warns += [] if _is_required(best, ask) else _past(best, ask)
    return judged(fails, warns, ok=well, at=where(best.job, best.command.line))


@check("ci.messaging-suite-runs", severity=Severity.LOW)
def messaging_suite_runs(env: Environment, ci: Pipelines, reports: SuiteReports | Unavailable, ask: Suites) -> Verdict:
    """The suite of messaging over REST is there and runs in CI, if only as far as it goes.

    Why: It need not gate a release; but a suite that no job runs has soon stopped working, and tells nothing when it is
    wanted.

    Fix: Run the spec in a job of its own, which may fail (continue-on-error), and look at its report.

    Source: the checklist, section 11
    """
    if not ci.folder:
        return not_configured(NO_REPOSITORY, "ci.workflows.folder")
    spec = ask.messaging
    if not spec:
        return not_configured("the profile has none", "ci.suites.messaging")
    warns, at = list[str](), None
    runs = list(runs_of(spec, ci.pipelines, ask))
    if spec not in ci.files:
        warns.append(f"{spec} does not exist")
    elif not runs:
        warns.append(f"no job runs {spec}")
    else:
        at = where(runs[0].job, runs[0].command.line)
        fails, _ = _reported(spec, env, reports)
        warns += fails
    title = (runs[0].job.title or runs[0].job.key) if runs else ""
    return judged([], warns, ok=f"{spec} runs in {title}", at=at)


def _absent(spec: str, ci: Pipelines) -> Verdict:
    """Say that nothing runs it; what was not looked at may."""
    if spec not in ci.files:
        return failed(f"{spec} does not exist", fix="Write it, or name it in ci.suites.momo.")
    if not ci.pipelines:
        return failed(NO_CI)
    told = [f"not looked at: {each}" for pipeline in ci.pipelines for each in pipeline.unseen]
    return (unknown if told else failed)(f"no job runs {spec}", *told, fix="Name its command in ci.suites.runs.")


def _lets_pass(run: Runs) -> Iterator[str]:
    """Say what lets the release go on although the suite fails."""
    at = f"{run.job.file}:{run.command.line}"
    if run.command.swallowed:
        yield f"{at}: a failure does not count: {run.command.swallowed}"
    if "--pass-with-no-tests" in run.command.words:
        yield f"{at}: --pass-with-no-tests lets it pass without a test"
    if run.step.may_fail:
        yield f"{at}: the step may fail ({run.step.may_fail})"
    if run.job.may_fail:
        yield f"{at}: the job {run.job.key} may fail ({run.job.may_fail})"
    if run.step.when.strip("${} ") == "false" or run.job.when.strip("${} ") == "false":
        yield f"{at}: it never runs (if: false)"


def _gates(run: Runs, ask: Suites) -> bool:
    """Tell whether a platform's rule, or the deploy, waits for the job."""
    if _is_required(run, ask):
        return True
    return any(run.job.key in run.pipeline.before(job) for job in _deploys(run, ask))


def _is_required(run: Runs, ask: Suites) -> bool:
    return bool({run.job.key, run.job.title} & set(ask.required_checks))


def _deploys(run: Runs, ask: Suites) -> list[Job]:
    def is_one(job: Job) -> bool:
        names = [job.key.lower(), job.title.lower(), job.key.lower().rpartition(" / ")[2]]
        return bool(job.environment) or any(fnmatchcase(n, p.lower()) for n in names if n for p in ask.deploy_jobs)

    return [job for job in run.pipeline.jobs if job.key != run.job.key and is_one(job)]


def _past(run: Runs, ask: Suites) -> list[str]:
    """Tell of deploys that do not wait for the suite beside one that does; what it waits for itself may go before."""
    before = run.pipeline.before(run.job)
    return [
        f"{deploy.key} does not wait for {run.job.key}, as another deploy does"
        for deploy in _deploys(run, ask)
        if deploy.key not in before and run.job.key not in run.pipeline.before(deploy)
    ]


def _ungated(strict: list[Runs], ask: Suites) -> Verdict:
    """Say why no gate was found: a deploy that goes out all the same, or none that could be seen."""
    for run in strict:
        for deploy in _deploys(run, ask):
            if run.job.key in deploy.unclear:
                told = f"whether {deploy.key} starts although {run.job.key} has failed golive does not understand"
                return unknown(
                    f"{told} ({deploy.starts_anyway})",
                    fix=f"Write it so: if: always() && needs.{run.job.key}.result == 'success'",
                    at=where(deploy, deploy.line),
                )
            if run.job.key in deploy.passes:
                told = f"{deploy.key} starts although {run.job.key} has failed ({deploy.starts_anyway})"
                return failed(told, at=where(deploy, deploy.line))
    for run in strict:
        for deploy in _deploys(run, ask):
            if not ask.required_checks:
                told = f"{deploy.key} does not wait for {run.job.key}, and the profile names no required check"
                return unknown(
                    told,
                    fix=f"Add {run.job.key} to its needs; or name the branch's checks in ci.suites.required_checks.",
                    at=where(deploy, deploy.line),
                )
            return failed(
                f"{deploy.key} does not wait for {run.job.key}, nor is it among the required checks",
                at=where(deploy, deploy.line),
            )
    if ask.required_checks:
        return failed(f"{strict[0].job.title or strict[0].job.key} is none of the required checks")
    return unknown(
        f"{strict[0].job.key} runs it, and nothing tells whether a failure stops the release",
        fix="Name the branch's checks in ci.suites.required_checks, or the deploying job in ci.suites.deploy_jobs.",
        at=where(strict[0].job, strict[0].command.line),
    )


def _reported(spec: str, env: Environment, reports: SuiteReports | Unavailable) -> tuple[list[str], list[str]]:
    """Return what is wrong with the last run as its reports tell it, and what could not be seen."""
    if isinstance(reports, Unavailable):
        return [], [reports.reason]
    if not reports.found:
        return [], [NAMES_NONE]
    fails, gaps, named = list[str](), list[str](), 0
    for each in reports.found:
        counts = in_report(each, spec)
        if counts is None:
            continue
        named += 1
        why, known = unbound(each, env.commit)
        if why:
            (fails if known else gaps).append(why)
        if counts.failed:
            fails.append(f"{each.path}: {counts.failed} of its tests failed")
        if counts.skipped:
            fails.append(f"{each.path}: {counts.skipped} of its tests were skipped")
        if not counts.passed + counts.failed + counts.flaky:
            fails.append(f"{each.path}: none of its tests was run")
    return (fails, gaps) if named else ([f"no report lists {spec}: it was not run"], [])
