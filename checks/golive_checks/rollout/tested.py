"""Was the release tested before it went out, and does it work where it is now?"""

from golive import Environment, Phase, Severity, Verdict, check, failed, not_configured, passed, unknown, verdict
from golive.wording import duration
from golive_checks.commits import unbound
from golive_checks.systems.release.smoke import SmokeCommand, SmokeRun
from golive_checks.systems.test_reports.release_tests import ReleaseTests, Reports
from golive_checks.systems.test_reports.run_report import State


@check("tests.passed", severity=Severity.HIGH)
def all_passed(env: Environment, reports: Reports, ask: ReleaseTests) -> Verdict:
    """The tests ran on the very commit that is released, and none failed.

    Why: A green run of another commit says nothing about this one; a run without any test is green as well.

    Fix: Run the tests on the release's commit in CI, keep the report, with the commit in it (for JUnit a property
    `commit`), and name it in rollout.tests.results.

    Source: https://github.com/testmoapp/junitxml; https://playwright.dev/docs/test-reporters
    """
    if not ask.results:
        return not_configured("the profile names no test report", "rollout.tests.results")
    fails, gaps = list[str](), list[str]()
    for each in reports.found:
        why, known = unbound(each, env.commit)
        if why:
            (fails if known else gaps).append(why)
        if not each.ran:
            fails.append(f"{each.path}: no test was run")
        if each.count(State.FAILED) or each.failures:
            fails.append(f"{each.path}: {each.count(State.FAILED) or len(each.failures)} failed")
    lines = [f"failed: {name}" for each in reports.found for name in each.failures]
    if gaps and not fails:
        fix = "Put the commit into the report as a property `commit`, or into its path as {commit}."
        return unknown(gaps[0], fix=fix if env.commit else "Set release.commit.")
    skipped = sum(each.count(State.SKIPPED) for each in reports.found)
    flaky = sum(each.count(State.FLAKY) for each in reports.found)
    warns = []
    if ask.max_skipped is not None and skipped > ask.max_skipped:
        warns.append(f"{skipped} tests were skipped, at most {ask.max_skipped}")
    ran = sum(each.ran for each in reports.found)
    more = (f", {skipped} skipped" if skipped else "") + (f", {flaky} passed at a second try" if flaky else "")
    evidence = [*lines, *(f"skipped: {name}" for each in reports.found for name in each.skipped_names)]
    return verdict(fails, warns, ok=f"{ran} passed on {env.commit[:12]}{more}", evidence=evidence)


@check(
    "smoke.passes", severity=Severity.CRITICAL, phase=Phase.AFTER, empty="the profile names no smoke command (smoke)"
)
def smoke_passes(of: SmokeCommand, run: SmokeRun) -> Verdict:
    """Each smoke command of the profile succeeds.

    Why: What was tested elsewhere meets this environment's database, keys and network for the first time here. A few
    real requests show within a minute what customers would report within an hour.

    Fix: Read the command's output below; roll back if users are affected.

    Source: the checklist, section 9
    """
    if run.timed_out:
        return failed(f"did not end within {duration(of.timeout_s)}", *run.output)
    if run.code != 0:
        how = f"was ended by signal {-run.code}" if run.code < 0 else f"ended with code {run.code}"
        return failed(f"{how} after {duration(run.seconds)}", *run.output)
    return passed(f"ended well after {duration(run.seconds)}", *run.output)
