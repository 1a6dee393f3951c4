"""Do the suites that guard money run in CI, so that a failure stops the release?"""

import re
from collections.abc import Iterator

from golive import (
    Environment,
    Outcome,
    Severity,
    Unavailable,
    Verdict,
    check,
    failed,
    not_applicable,
    not_configured,
    passed,
    unknown,
)
from golive import verdict as judged
from golive_checks.ci.deploys import deploys
from golive_checks.ci.gates import WayPast, leaks, required_check
from golive_checks.ci.shipping import only_tests
from golive_checks.ci.words import NO_REPOSITORY, no_ci, where
from golive_checks.commits import unbound
from golive_checks.systems.ci.model import Job
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.suites import (
    Runs,
    Suite,
    SuiteReports,
    Suites,
    in_report,
    missing_shards,
    only_some,
    runs_of,
)

JAVASCRIPT = re.compile(r"\.[cm]?[jt]sx?$")
PLAINLY = "Let the command that runs the suite fail its job by itself, in every run."
NAMES_NONE = "the profile names no report of its run (ci.suites.results)"


@check("ci.suite-gates", severity=Severity.HIGH)
def suite_gates(
    suite: Suite, env: Environment, ci: Pipelines, reports: SuiteReports | Unavailable, ask: Suites
) -> Verdict:
    """A suite that guards the release runs in CI in full, and nothing is deployed when it fails.

    Why: A payment callback that is handled wrongly ships goods that nobody paid for. A suite that may fail (`|| true`,
    continue-on-error, a pipe without pipefail) or that is skipped guards nothing, and is still green.

    Fix: Run the spec in a job that the deploy needs or that branch protection requires; let its failure fail the job;
    keep its report with the commit, and name it in ci.suites.results.

    Source: the checklist, section 11; https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
    """
    if not suite.gates:
        return not_applicable(f"{suite.name} need not gate the release (gates: false)")
    if not ci.folder:
        return not_configured(NO_REPOSITORY, "ci.workflows.folder")
    spec, runs = suite.spec, list(runs_of(suite, ci.pipelines))
    if spec not in ci.files or not runs:
        return _absent(suite, ci)
    weak = {run.command: list(_lets_pass(run)) for run in runs}
    sound = [run for run in runs if not weak[run.command]]
    strict = [run for run in sound if not _doubts(run)]
    if not strict:
        first = [*sound, *runs][0]
        at = where(first.job, first.command.line)
        return unknown(_doubts(first), fix=PLAINLY, at=at) if sound else judged(weak[first.command], ok="", at=at)
    fails, gaps = _reported(spec, env, reports)
    fails += [f"{spec} is not run as a whole: {lacking}" for lacking in _lacking_shards(strict)]
    gate = _gate(strict, ci, env, ask)
    if not fails and (gaps or gate.outcome is not Outcome.PASS):
        unreported = (
            unknown(gaps[0], fix="Keep the report of the run in CI, with its commit, and name it.") if gaps else gate
        )
        return gate if gate.outcome is not Outcome.PASS else unreported
    whole = next((run for run in strict if not only_some(run.command)), None)
    best = whole or strict[0]
    warns = [] if whole else [f"{spec} is not run in full: {only_some(best.command)} selects some of its tests"]
    return judged(fails, warns, ok=f"{spec} {gate.summary}", at=where(best.job, best.command.line))


def _lacking_shards(runs: list[Runs]) -> list[str]:
    parts, of = missing_shards(runs)
    return [f"shard {', '.join(map(str, parts[:10]))} of {of} is run nowhere"] if parts else []


@check("ci.suite-runs", severity=Severity.LOW)
def suite_runs(suite: Suite, env: Environment, ci: Pipelines, reports: SuiteReports | Unavailable) -> Verdict:
    """A suite that does not gate the release exists and runs in CI, even if it may fail there.

    Why: A suite that no job runs soon stops working, and is of no use when it is needed.

    Fix: Run the spec in a job of its own, which may fail (continue-on-error), and read its report.

    Source: the checklist, section 11
    """
    if suite.gates:
        return not_applicable(f"{suite.name} gates the release: ci.suite-gates judges it")
    if not ci.folder:
        return not_configured(NO_REPOSITORY, "ci.workflows.folder")
    spec, warns, at = suite.spec, list[str](), None
    runs = list(runs_of(suite, ci.pipelines))
    if spec not in ci.files:
        warns.append(f"{spec} does not exist")
    elif not runs:
        if lines := _unfollowed(suite, ci):
            return unknown(f"no job runs {spec}", *lines, fix=f"Name its command in ci.suites.{suite.name}.runs.")
        warns.append(f"no job runs {spec}")
    else:
        at = where(runs[0].job, runs[0].command.line)
        fails, _ = _reported(spec, env, reports)
        warns += fails
    title = (runs[0].job.title or runs[0].job.key) if runs else ""
    return judged([], warns, ok=f"{spec} runs in {title}", at=at)


def _absent(suite: Suite, ci: Pipelines) -> Verdict:
    """Say that nothing runs it; what was not looked at may."""
    if suite.spec not in ci.files:
        return failed(f"{suite.spec} does not exist", fix=f"Write it, or correct ci.suites.{suite.name}.spec.")
    if not ci.pipelines:
        return no_ci(ci)
    lines = _unfollowed(suite, ci)
    fix = f"Name its command in ci.suites.{suite.name}.runs."
    return (unknown if lines else failed)(f"no job runs {suite.spec}", *lines, fix=fix)


def _unfollowed(suite: Suite, ci: Pipelines) -> list[str]:
    """Name what may run a suite for all that golive can see."""
    lines = [f"not looked at: {each}" for each in ci.not_looked_at()]
    if not suite.runs and not JAVASCRIPT.search(suite.spec):
        lines.append(f"golive knows which commands run specs of Playwright and Cypress, and {suite.spec} is neither's")
    return lines


def _lets_pass(run: Runs) -> Iterator[str]:
    """Say what lets the release go on although the suite fails."""
    at = f"{run.job.file}:{run.command.line}"
    if run.command.swallowed:
        yield f"{at}: a failure does not count: {run.command.swallowed}"
    if run.command.words[0] in {"docker", "podman", "nerdctl"} and {"-d", "--detach"} & set(run.command.words):
        yield f"{at}: a failure does not count: the container is left to itself (-d)"
    if "--pass-with-no-tests" in run.command.words:
        yield f"{at}: --pass-with-no-tests lets it pass without a test"
    if run.step.may_fail:
        yield f"{at}: the step may fail ({run.step.may_fail})"
    if run.job.may_fail:
        yield f"{at}: the job {run.job.key} may fail ({run.job.may_fail})"
    if run.step.when.strip("${} ") == "false" or run.job.when.strip("${} ") == "false":
        yield f"{at}: it never runs (if: false)"


def _doubts(run: Runs) -> str:
    """Say why golive cannot tell whether the suite is run, or whether its failure counts; empty where it can."""
    doubt = run.command.doubt or run.step.doubt or run.job.doubt
    return f"{run.job.file}:{run.command.line}: {doubt}" if doubt else ""


def _gate(strict: list[Runs], ci: Pipelines, env: Environment, ask: Suites) -> Verdict:
    """Judge whether each job that releases waits for the suite, or the branch's protection does."""
    titles = " and ".join(dict.fromkeys(run.job.title or run.job.key for run in strict))
    required, holds = required_check(strict, ask)
    if required and holds:
        return passed(f"runs in {titles}, which gates the release")
    deploying = [each for each in deploys(ci.pipelines, env, ask) if not _only_tests(each[1], strict)]
    found = leaks(strict, ci.pipelines, deploying)
    lines = [] if required or not ask.required_checks else ["nor is it among the required checks"]
    if required and holds is None:
        fix = (
            "Write it so: run: exit 1, if: contains(needs.*.result, 'failure') and the other results that must not pass"
        )
        return unknown(f"whether {required.title or required.key} passes where the suite failed is not clear", fix=fix)
    if required:
        lines = [f"the required check {required.title or required.key} passes although the suite was not run or failed"]
    if found:
        return _leaking(found, lines, asked=bool(ask.required_checks))
    if deploying:
        return passed(f"runs in {titles}, which gates the release")
    if ask.required_checks:
        return failed(lines[0] if required else f"{titles} is none of the required checks")
    first = strict[0]
    return unknown(
        f"{titles} runs it, but golive cannot see whether a failure stops the release",
        fix="Name the branch's checks in ci.suites.required_checks, or the deploying job in ci.suites.deploy_jobs.",
        at=where(first.job, first.command.line),
    )


def _only_tests(job: Job, strict: list[Runs]) -> bool:
    """Return whether a job that names an environment only takes its secrets for the suite."""
    inside = [run for run in strict if run.job is job]
    return bool(inside and job.environment) and all(only_tests(job, run) for run in inside)


def _leaking(found: list[WayPast], besides: list[str], *, asked: bool) -> Verdict:
    """Judge the ways past the suite; a deploy that waits for nothing may be held by a check that nobody named."""
    plain = [leak for leak in found if leak.how in {"failed", "skipped", "cancelled", "before", "first"}]
    apart = [leak for leak in found if leak.how in {"apart", "elsewhere"}]
    if plain or (apart and asked):
        first, *others = [*plain, *(apart if asked else [])]
        lines = [leak.line for leak in others]
        return failed(
            ", ".join([first.line, *(besides if first.how in {"apart", "elsewhere"} else [])]), *lines, at=first.at
        )
    first = (apart or found)[0]
    if first.how == "unclear":
        fix = f"Write it so: if: always() && needs.{first.run.job.key}.result == 'success'"
        return unknown(first.line, fix=fix, at=first.at)
    needs = (
        f"Add {first.run.job.key} to its needs"
        if first.how == "apart"
        else "Start it by workflow_run, and look at its conclusion"
    )
    return unknown(
        f"{first.line}, and the profile names no required check",
        *(leak.line for leak in found if leak is not first),
        fix=f"{needs}; or name the branch's checks in ci.suites.required_checks.",
        at=first.at,
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
            # Known: the report names another commit. Not known: it names none, and may well be of this one.
            (fails if known else gaps).append(why)
        if counts.failed:
            fails.append(f"{each.path}: {counts.failed} of its tests failed")
        if counts.skipped:
            fails.append(f"{each.path}: {counts.skipped} of its tests were skipped")
        if not counts.passed + counts.failed + counts.flaky:
            fails.append(f"{each.path}: none of its tests was run")
    return (fails, gaps) if named else ([f"no report lists {spec}: it was not run"], [])
