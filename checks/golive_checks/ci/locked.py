"""Does CI install what the lock files say?"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import ClassVar

from golive import Environment, Location, Settings, Severity, Verdict, check, not_configured, unknown, verdict
from golive_checks.ci.deploys import deploys
from golive_checks.ci.words import NO_REPOSITORY, no_ci, where
from golive_checks.systems.ci.actions import install_command
from golive_checks.systems.ci.lockfiles import LOCKS, OPEN, Install, bare, bundle_setting, install
from golive_checks.systems.ci.matrix import filled
from golive_checks.systems.ci.model import Job
from golive_checks.systems.ci.pipelines import Pipelines
from golive_checks.systems.ci.repository import joined
from golive_checks.systems.ci.suites import Suites

FLAGS = {
    "npm": "npm ci",
    "pnpm": "pnpm install --frozen-lockfile",
    "yarn": "yarn install --immutable (Yarn 1: --frozen-lockfile)",
    "bun": "bun ci",
    "uv": "uv sync --locked",
    "poetry": "poetry install",
    "pipenv": "pipenv sync",
    "bundle": "BUNDLE_DEPLOYMENT=true bundle install",
    "composer": "composer install",
}
SETS_UP_RUBY = "ruby/setup-ruby"
BUILDS = {("docker", "build"), ("docker", "buildx"), ("podman", "build"), ("buildah", "build")}
BUILD_ACTION = "docker/build-push-action"
CHECKS = {"--locked", "--check"}
"""Options by which uv refuses a lock file that the project has moved away from; `uv run` then finds nothing to do."""
JAVASCRIPT = ("npm", "yarn", "pnpm", "bun")
FIX = "Name Yarn's version in package.json, under packageManager; write the command out, with its options and folder."


class Installs(Settings):
    """How CI installs the packages of the repository."""

    home: ClassVar[str] = "ci.installs"

    locked: bool = False
    """Whether it must install exactly what the lock files say: the line of the supply chain is then looked at."""


@check("ci.installs-locked", severity=Severity.MEDIUM)
def installs_locked(env: Environment, ci: Pipelines, suites: Suites, ask: Installs) -> Verdict:
    """CI installs exactly the versions in the lock file, on the way to a release.

    Why: An install that may move on takes what was published a minute ago: a release that nobody tested, or a package
    that was taken over that night.

    Fix: Commit the lock file, and install by the command that keeps to it: npm ci, pnpm install --frozen-lockfile,
    yarn install --immutable, bun ci, uv sync --locked, bundle install with BUNDLE_DEPLOYMENT=true, composer install.

    Source: https://slsa.dev/, https://docs.npmjs.com/cli/commands/npm-ci
    """
    if not ask.locked:
        return not_configured("the profile does not ask for locked installs", "ci.installs.locked")
    if not ci.folder:
        return not_configured(NO_REPOSITORY, "ci.workflows.folder")
    if not ci.pipelines:
        return no_ci(ci)
    jobs = list(_on_the_way(ci, env, suites))
    found = [(job, line, seen) for job in jobs for line, seen in _installs(job, ci)]
    fails, unclear = _defects(found, ci)
    images = sorted({job.key for job in jobs if _builds_images(job)})
    unseen = [f"what is installed in the images that CI builds ({', '.join(images)})"] if images else []
    unseen += ci.not_looked_at()
    if not fails and unclear:
        return unknown(*unclear, *unseen, fix=FIX)
    if not fails and not found:
        return unknown(f"no job that leads to a release installs packages by {', '.join(LOCKS)}", *unseen)
    tools = ", ".join(dict.fromkeys(f"{seen.tool} in {job.key}" for job, _, seen in found))
    ok = f"packages are installed as the lock files say: {tools}"
    return replace(verdict(tuple(fails), ok=ok, at=next(iter(fails.values()), None)), unseen=tuple(unseen))


def _defects(found: Sequence[tuple[Job, int, Install]], ci: Pipelines) -> tuple[dict[str, Location], list[str]]:
    """Return what is wrong with the installs, with its place, and what could not be decided."""
    fails: dict[str, Location] = {}
    unclear: list[str] = []
    for job, line, seen in found:
        of_job, at = f"{job.file}: the job {job.key}", where(job, line)
        for folder in dict.fromkeys(_folder(seen.folder, leg) for leg in job.legs or ({},)):
            held = _held(seen, folder, ci)
            if held is None and seen.held == "open":
                unclear.append(f"{of_job} runs {seen.tool} with words or variables that only a run of CI fills in")
            elif held is None:
                unclear.append(
                    f"{of_job} runs yarn without --immutable: whether that keeps to the lock file, its version says"
                )
            elif not held:
                fails.setdefault(
                    f"{of_job} may install other versions than the lock file's; {FLAGS[seen.tool]} does not", at
                )
            elif OPEN.search(folder) or folder.startswith(("/", "~", "..")):
                unclear.append(f"{of_job} runs {seen.tool} in {folder}, which golive cannot find in the repository")
            elif not _has_lock(seen.tool, folder, ci):
                fails.setdefault(f"{of_job} installs with {seen.tool}, and no {LOCKS[seen.tool][0]} is committed", at)
    return fails, unclear


def _on_the_way(ci: Pipelines, env: Environment, suites: Suites) -> Iterator[Job]:
    """Yield the jobs that release, and those that they wait for; all jobs where none of those installs anything."""
    released = deploys(ci.pipelines, env, suites)
    leading = {(p.file, j.key) for p, job in released for j in (job, *p.before(job).values())}
    after = {name for pipeline, _ in released for trigger in pipeline.triggers for name in trigger.after}
    leading |= {(p.file, job.key) for p, job in ci.jobs() if p.title in after}
    every = [job for _, job in ci.jobs()]
    on_the_way = [job for pipeline, job in ci.jobs() if (pipeline.file, job.key) in leading]
    yield from on_the_way if any(any(_installs(job, ci)) for job in on_the_way) else every


def _installs(job: Job, ci: Pipelines) -> Iterator[tuple[int, Install]]:
    """Yield what a job installs by a lock file, with its line."""
    settings: dict[str, str] = {}
    checked = set[str]()  # the folders whose lock file is known to be what the project asks for
    for step in job.steps:
        place = step.inputs.get("working-directory", "")
        if step.uses.partition("@")[0] == SETS_UP_RUBY and step.inputs.get("bundler-cache", "").lower() == "true":
            settings["BUNDLE_DEPLOYMENT"] = "true"
            yield step.line, Install("bundle", "locked", place)
        variables = {**job.variables, **step.variables}
        manager = next((tool for tool in JAVASCRIPT if _has_lock(tool, place, ci)), "")
        by_action = tuple(install_command(step.uses, step.inputs, manager).split())
        if seen := install(by_action, variables):
            yield step.line, replace(seen, folder=joined(place, seen.folder))
        for command in step.commands:
            if setting := bundle_setting(command.words):
                settings[setting[0]] = setting[1]
            seen = install(command.words, {**variables, **dict(command.variables), **settings})
            folder = joined(command.folder, seen.folder) if seen else command.folder
            if seen:
                held = "locked" if seen.by_the_way and folder in checked else seen.held
                yield command.line, replace(seen, held=held, folder=folder)
            if bare(command.words)[:1] == ("uv",) and CHECKS & set(command.words):
                checked.add(folder)


def _folder(named: str, leg: Mapping[str, str]) -> str:
    """Return a folder from the top of the repository on, with a matrix's values in it."""
    named = filled(re.sub(r"MATRIX\.([\w.-]+)", r"${{ matrix.\1 }}", named), leg)
    path = re.sub(r"^\$\{?\{?\s*(?:GITHUB_WORKSPACE|CI_PROJECT_DIR|github\.workspace)\s*\}?\}?/?", "", named)
    return "" if path == "." else path


def _held(seen: Install, folder: str, ci: Pipelines) -> bool | None:
    """Return whether an install keeps to its lock file; None where nothing says so."""
    if seen.held == "open":
        return None
    if seen.held not in {"by-version", "berry"}:
        return seen.held == "locked"
    above = _above(folder)
    packages = {package.folder: package for package in ci.packages}
    named = next((packages[each].manager for each in above if each in packages and packages[each].manager), "")
    if seen.held == "berry":
        return not named.startswith("yarn@1.")
    if any(each in ci.yarn_settings for each in above):
        return next(ci.yarn_settings[each] for each in above if each in ci.yarn_settings)
    if not named.startswith("yarn@"):
        return None
    return not named.startswith("yarn@1.")  # later ones keep to the lock file wherever CI is set


def _has_lock(tool: str, folder: str, ci: Pipelines) -> bool:
    """Return whether a lock file of a tool is committed in a folder, or in one above it, as workspaces have it."""
    return any(f"{each}/{name}".lstrip("/") in ci.files for each in _above(folder) for name in LOCKS[tool])


def _above(folder: str) -> list[str]:
    path = PurePosixPath(folder)
    return [str(each).removeprefix(".") for each in (path, *path.parents)]


def _builds_images(job: Job) -> bool:
    by_action = any(step.uses.startswith(BUILD_ACTION) for step in job.steps)
    return by_action or any(command.words[:2] in BUILDS for _, command in job.commands)
