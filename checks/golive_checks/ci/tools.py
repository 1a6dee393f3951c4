"""Does CI have what the suites need, and is what it runs on still alive?"""

import datetime as dt
import re
from collections.abc import Iterator

from golive import (
    Environment,
    Location,
    Now,
    Severity,
    Verdict,
    check,
    failed,
    not_applicable,
    not_configured,
    unknown,
    verdict,
    warned,
)
from golive_checks.ci.words import NO_REPOSITORY, no_ci, where
from golive_checks.systems.ci import lifetimes
from golive_checks.systems.ci.actions import installs_packages, may_run_tests
from golive_checks.systems.ci.lifetimes import Runtimes
from golive_checks.systems.ci.matrix import filled
from golive_checks.systems.ci.model import Job
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.suites import Suites, of_profile, runs_of, runs_playwright
from golive_checks.systems.ci.words import installs

NO_PLAYWRIGHT = "nothing in the repository runs Playwright, and no suite of the profile needs it"
PACKAGES = ("@playwright/test", "playwright")
BROWSERS = re.compile(r"\bplaywright(?:@[^\s@]++)? install(?:-deps)?\b")
CACHED = re.compile(r"ms-playwright|PLAYWRIGHT|(?m:^[ \t]*(?:~|/home/\w+|/root)/\.cache/?\**[ \t]*$)")
"""Playwright's own folder, or the whole one that it is in."""
PINNED = "uses: actions/cache@<commit> # v4.2.0"
COMMIT = re.compile(r"[0-9a-f]{40}")
IMAGE = re.compile(r"playwright(?:[^:]*):v?(\d+\.\d+\.\d+)")
VERSION = re.compile(r"^[\^~]?(\d+\.\d+\.\d+)$")


@check("ci.playwright-installed", severity=Severity.MEDIUM)
def playwright_installed(env: Environment, ci: Pipelines, ask: Suites) -> Verdict:
    """Playwright is among the repository's dependencies, and the jobs that run it install them.

    Why: `npx playwright test` without it fetches whichever version is newest on that day, with other browsers than the
    tested ones, or fails.

    Fix: npm install --save-dev @playwright/test, and `npm ci` before the suites run.

    Source: https://playwright.dev/docs/ci
    """
    if not ci.folder:
        return not_configured(NO_REPOSITORY, "ci.workflows.folder")
    if not _is_wanted(ci, ask):
        return not_applicable(NO_PLAYWRIGHT)
    versions = {name: p.dependencies[name] for p in ci.packages for name in PACKAGES if name in p.dependencies}
    if not versions:
        return failed("no package.json has @playwright/test among its dependencies")
    jobs = list(_jobs(ci, ask))
    fails, gaps, at = list[str](), list[str](), None
    for job in jobs:
        lacking, hidden = _uninstalled(job, ask)
        if lacking and hidden:
            gaps.append(
                f"{job.file}: whether {job.key} installs its dependencies is not clear: golive did not look at {hidden}"
            )
        elif lacking:
            fails.append(f"{job.file}: the job {job.key} runs Playwright and installs no dependencies before it")
            at = at or where(job, job.line)
        # Playwright starts only the browser builds of its own version, so the image must be of the same one.
        image, version = IMAGE.search(job.image), VERSION.match(next(iter(versions.values())))
        if image and version and image[1] != version[1]:
            fails.append(f"{job.file}: the image of {job.key} has the browsers of {image[1]}, not of {version[1]}")
            at = at or where(job, job.line)
    if gaps and not fails:
        return unknown(gaps[0], *gaps[1:], fix="Install them by a command of the job's own, such as npm ci.")
    text = ", ".join(f"{name} {version}" for name, version in versions.items())
    return verdict(fails, ok=f"{text}, installed in {', '.join(job.key for job in jobs) or 'no job'}", at=at)


@check("ci.browsers-ready", severity=Severity.MEDIUM)
def browsers_ready(env: Environment, ci: Pipelines, ask: Suites) -> Verdict:
    """The jobs that run Playwright have its browsers: from an image, or from a cache that is filled on a miss.

    Why: The browsers are several hundred megabytes from a server that is sometimes slow: without a cache each run waits
    for them, and now and then fails. A cache holds the browsers, but not the system libraries that they need.

    Fix: Cache ~/.cache/ms-playwright; on a miss `npx playwright install --with-deps`, on a hit
    `npx playwright install-deps`. Or run the job in mcr.microsoft.com/playwright of the same version.

    Source: https://playwright.dev/docs/ci, https://playwright.dev/docs/browsers
    """
    if not ci.folder:
        return not_configured(NO_REPOSITORY, "ci.workflows.folder")
    if not _is_wanted(ci, ask):
        return not_applicable(NO_PLAYWRIGHT)
    jobs = list(_jobs(ci, ask))
    if not jobs:
        return _no_job(ci)
    if ask.preinstalled:
        return verdict(ok="the runners have them, as the profile says (ci.suites.preinstalled)")
    fails, warns, gaps, at = list[str](), list[str](), list[str](), None
    for job in jobs:
        bad, weak = _browsers(job)
        if bad and (hidden := _elsewhere(job) or _of_machine(ci)):
            gaps.append(f"{job.file}: whether {job.key} has the browsers is not clear: {hidden}")
            continue
        if bad or weak:
            at = at or where(job, job.line)
        fails += [f"{job.file}: {job.key}: {each}" for each in bad]
        warns += [f"{job.file}: {job.key}: {each}" for each in weak]
    if gaps and not fails:
        return unknown(gaps[0], *gaps[1:], fix="Say so in ci.suites.preinstalled where the runners have them.")
    return verdict(fails, warns, ok=f"{', '.join(job.key for job in jobs)}: from an image or a cache", at=at)


@check("ci.runtime-supported", severity=Severity.MEDIUM)
def runtime_supported(env: Environment, ci: Pipelines, now: Now, ask: Runtimes) -> Verdict:
    """The versions of Node, actions and runners that CI uses are still supported.

    Why: A Node past its end of life gets no security fixes, and what CI builds is what production runs; an action or a
    runner stops every release on the day that GitHub removes it.

    Fix: Raise the version in the workflow, in .nvmrc and in package.json's engines together; see the vendor's release
    notes.

    Source: https://github.com/nodejs/release; https://github.com/actions/runner-images
    """
    if not ci.folder:
        return not_configured(NO_REPOSITORY, "ci.workflows.folder")
    if not ci.pipelines:
        return no_ci(ci)
    today = now.at.date()
    found = [*_nodes(ci)]
    fails, warns, at = _ending(found, today, ask.warn_days)
    for location, reason in _gone(ci, today):
        fails.append(f"{location}: {reason}")
        at = at or location
    warns += dict.fromkeys(_leaving(ci, today, ask.runner_warn_days))
    untold = _untold(ci)
    if untold and not fails:
        return unknown(untold[0], *untold[1:], fix=f"Name the tag behind it, as Dependabot does: {PINNED}")
    if (today - lifetimes.AS_OF).days > ask.table_max_age_days:
        warns.append(f"golive's own table of supported versions is from {lifetimes.AS_OF}: a newer golive knows more")
    majors = ", ".join(str(m) for m in sorted({major for _, major in found})) or "of the day"
    if not ci.packages and not any(text for _, text in _named(ci)):
        return verdict(
            fails, warns, ok=f"nothing runs on Node; actions and runners of {lifetimes.AS_OF} or newer", at=at
        )
    if worked_out := next((text for _, text in _named(ci) if "${{" in text), ""):
        warns += [] if found else [f"a workflow computes the Node version at run time: {worked_out}"]
    elif not found and not fails and not any("lts/*" in text for _, text in _named(ci)):
        return warned("no workflow says which version of Node it uses", fix="Name it: actions/setup-node, or .nvmrc.")
    return verdict(fails, warns, ok=f"Node {majors}; actions and runners of {lifetimes.AS_OF} or newer", at=at)


def _ending(
    found: list[tuple[Location, int]], today: dt.date, warn_days: int
) -> tuple[list[str], list[str], Location | None]:
    """Return which versions of Node have ended, which end soon, and where the first of them is named."""
    fails, warns, at = list[str](), list[str](), None
    for location, major in found:
        ends = lifetimes.node_ends(major)
        if not ends or (ends - today).days > warn_days:
            continue
        at = at or location
        if ends <= today:
            fails.append(f"{location}: Node {major} has ended on {ends}")
        else:
            warns.append(f"{location}: Node {major} ends on {ends}")
    return fails, warns, at


def _is_wanted(ci: Pipelines, ask: Suites) -> bool:
    """Return whether anything mentions Playwright: a dependency, a job, or a suite without a command of its own."""
    return (
        any(name in p.dependencies for p in ci.packages for name in PACKAGES)
        or any(not suite.runs for suite in of_profile(ask))
        or any(runs_playwright(command) for _, job in ci.jobs() for _, command in job.commands)
    )


def _is_own(text: str, ask: Suites) -> bool:
    return any(text.startswith(own) for own in ask.runs)


def _uninstalled(job: Job, ask: Suites) -> tuple[bool, str]:
    """Return whether nothing before the tests installs the packages, and name what was not looked at there."""
    hidden = ""
    for step in job.steps:
        if installs_packages(step.uses, step.inputs):
            return False, ""
        hidden = hidden or (step.uses if step.uses and not step.commands and may_run_tests(step.uses) else "")
        for command in step.commands:
            if installs(command.words):
                return False, ""
            if runs_playwright(command) or _is_own(command.text, ask):
                return True, hidden
            hidden = hidden or command.unfollowed
    return True, hidden


def _jobs(ci: Pipelines, ask: Suites) -> Iterator[Job]:
    """Yield the jobs that run Playwright's tests, or the profile's own commands for them."""
    own = {id(run.job) for suite in of_profile(ask) for run in runs_of(suite, ci.pipelines)}
    for _, job in ci.jobs():
        if id(job) in own or any(runs_playwright(command) for _, command in job.commands):
            yield job


def _browsers(job: Job) -> tuple[list[str], list[str]]:
    """Return what keeps a job from having the browsers, and what makes them a matter of luck."""
    own = (step.uses for step, c in job.commands if step.uses.startswith("docker://") and runs_playwright(c))
    if "playwright" in job.image or any("playwright" in image for image in own):
        return [], []
    cached = any(CACHED.search(path) for path in _cached(job))
    found = [(step, c.text) for step, c in job.commands if BROWSERS.search(c.text)]
    installs = [(step, text) for step, text in found if "install-deps" not in text]
    if not installs:
        lacking = "nothing installs the browsers"
        return ([] if cached else [f"{lacking}, and no image or cache has them"]), ([lacking] if cached else [])
    if not cached:
        return [], ["the browsers are fetched in each run: no cache keeps ~/.cache/ms-playwright"]
    on_a_hit = [text for step, text in found if not _on_a_miss(step.when)]
    if any("install-deps" in text or "--with-deps" in text for text in on_a_hit):
        return [], []
    return [], ["on a cache hit nothing installs the libraries that the browsers need (playwright install-deps)"]


def _elsewhere(job: Job) -> str:
    """Say where the browsers of a job may come from that golive did not look at."""
    for step, command in job.commands:
        if runs_playwright(command) and command.words[0] in {"docker", "docker-compose", "podman"}:
            return "the tests run in a container of their own"
        if command.unfollowed:
            return f"golive did not look at {command.unfollowed}"
        if step.uses.startswith("docker://") and "playwright" not in step.uses:
            return f"the tests run in {step.uses}"
    hidden = next((s.uses for s in job.steps if s.uses and not s.commands and may_run_tests(s.uses)), "")
    hidden = hidden or next((s.uses for s in job.steps if "playwright" in s.uses.lower()), "")
    return f"golive did not look at {hidden}" if hidden else "self-hosted" if "self-hosted" in job.runner else ""


def _no_job(ci: Pipelines) -> Verdict:
    if not ci.pipelines:
        return no_ci(ci)
    lines = [f"not looked at: {each}" for each in ci.not_looked_at()]
    return (unknown if lines else failed)("no job runs Playwright", *lines)


def _of_machine(ci: Pipelines) -> str:
    """Say which configuration of Playwright may name a browser that it does not install itself."""
    return f"{ci.own_browsers[0]} may name a browser that is there already" if ci.own_browsers else ""


def _on_a_miss(condition: str) -> bool:
    """Return whether a step runs only where the cache had nothing."""
    return bool(re.search(r"cache-hit\s*!=|!\s*steps\.[\w-]+\.outputs\.cache-hit", condition))


def _cached(job: Job) -> Iterator[str]:
    yield from job.cached
    yield from (v for name, v in job.variables.items() if name == "PLAYWRIGHT_BROWSERS_PATH" and job.cached)
    for step in job.steps:
        if step.uses.startswith("actions/cache"):
            yield step.inputs.get("path", "")


def _nodes(ci: Pipelines) -> Iterator[tuple[Location, int]]:
    """Yield every version of Node that CI uses, and where it is named; ranges say nothing of what runs."""
    for location, text in _named(ci):
        if major := lifetimes.node_major(text):
            yield location, major


def _named(ci: Pipelines) -> Iterator[tuple[Location, str]]:
    """Yield what jobs, their images, and files such as .nvmrc say of Node."""
    for _, job in ci.jobs():
        for image in {filled(job.image, leg) for leg in job.legs or ({},)}:
            if version := re.search(r"(?:^|/)node:(\S+)", image):
                yield where(job, job.line), version[1]
        for step in job.steps:
            given = step.inputs.get("node-version", "") if step.uses.startswith("actions/setup-node") else ""
            matrix = re.search(r"matrix\.([\w.-]+)", given)
            for text in job.matrix.get(matrix[1], ()) if matrix else (given,):
                yield where(job, step.line), text
    for name, text in ci.node_files:
        tools = re.search(r"^nodejs?\s+(\S+)", text, re.MULTILINE)
        yield Location(name), tools[1] if tools else text


def _gone(ci: Pipelines, today: dt.date) -> Iterator[tuple[Location, str]]:
    """Yield the actions and runners that work no more."""
    for _, job in ci.jobs():
        for image in _runners(job):
            removed = lifetimes.runner_removed(image)
            if removed and removed <= today:
                yield where(job, job.line), f"the runner {image} was removed on {removed}"
        for step in job.steps:
            name, _, version = step.uses.partition("@")
            pinned = COMMIT.fullmatch(version)
            if why := lifetimes.action_gone(name, step.tag if pinned else version):
                yield where(job, step.line), f"{step.uses}{f' ({step.tag})' if pinned else ''} {why}"


def _leaving(ci: Pipelines, today: dt.date, warn_days: int) -> Iterator[str]:
    """Yield the runners that GitHub has announced to remove soon."""
    for _, job in ci.jobs():
        for image in _runners(job):
            removed = lifetimes.runner_removed(image)
            if removed and 0 < (removed - today).days <= warn_days:
                yield f"{where(job, job.line)}: the runner {image} is removed on {removed}"


def _runners(job: Job) -> Iterator[str]:
    """Yield the images that a job runs on, each of its matrix's."""
    for image in re.split(r",\s*", job.runner):
        matrix = re.search(r"matrix\.([\w.-]+)", image)
        yield from job.matrix.get(matrix[1], ()) if matrix else (image,)


def _untold(ci: Pipelines) -> list[str]:
    """Return the pinned actions, old versions of which work no more, of which no comment says the version."""
    there = ((job, step, *step.uses.partition("@")[::2]) for _, job in ci.jobs() for step in job.steps)
    return [
        f"{job.file}:{step.line}: which version {step.uses} is, nothing says"
        for job, step, name, version in there
        if "/".join(name.split("/")[:2]) in lifetimes.ACTIONS and COMMIT.fullmatch(version) and not step.tag
    ]
