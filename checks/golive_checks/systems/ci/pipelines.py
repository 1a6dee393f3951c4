"""What the repository's CI does: its workflow files, jobs, commands, and the scripts that they run."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import ClassVar

from pydantic import Field

from golive import Environment, Fact, Settings, Unavailable, probe
from golive.profile.types import FilePath
from golive_checks.shapes import without_secrets
from golive_checks.systems.ci.aftermath import script_commands
from golive_checks.systems.ci.client.shell import ShellCommand
from golive_checks.systems.ci.github import read_github
from golive_checks.systems.ci.gitlab import FILE, read_gitlab
from golive_checks.systems.ci.lockfiles import VARIABLES
from golive_checks.systems.ci.model import Job, JobStep, Pipeline
from golive_checks.systems.ci.repository import READ, Package, RepositoryFiles, included, package, programs_named
from golive_checks.systems.ci.scripts import expanded
from golive_checks.systems.ci.suites import Suites, of_profile
from golive_checks.systems.git.client.checkout import Checkout
from golive_checks.systems.machine.client import yamlnodes as y
from golive_checks.systems.machine.client.files import Files

MAX_PACKAGES, MAX_FILES = 200, 400
WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
OTHER_SYSTEMS = re.compile(
    r"\.circleci/config\.ya?ml|\.?azure-pipelines[^/]*\.ya?ml|\.azure-pipelines/.+\.ya?ml|bitbucket-pipelines\.ya?ml"
    r"|(?:.+/)?Jenkinsfile[^/]*|\.travis\.ya?ml|\.drone\.(?:ya?ml|star|jsonnet)|\.woodpecker(?:\.ya?ml|/.+)|\.buildkite/.+"
    r"|buildspec[^/]*\.ya?ml|cloudbuild[^/]*\.(?:ya?ml|json)|\.semaphore/.+|\.cirrus\.(?:ya?ml|star)|\.?appveyor\.ya?ml"
    r"|codemagic\.ya?ml|bitrise\.ya?ml|\.(?:gitea|forgejo)/workflows/.+|\.teamcity/.+|\.tekton/.+\.ya?ml|\.harness/.+"
    r"|codefresh\.ya?ml|\.codefresh/.+|\.builds?(?:/.+)?\.ya?ml"
)
"""Where CI systems that golive does not read keep what they run."""
KEPT = re.compile(r"\.(?:spec|test)\.[cm]?[jt]sx?$|lock|npm-shrinkwrap|\.feature$")
PLAYWRIGHT = re.compile(r"(?:^|/)playwright[^/]*\.config\.[cm]?[jt]s$")
OWN_BROWSER = re.compile(
    r"\bchannel\b\s*:|\bexecutablePath\b|\bconnectOptions\b|\bwsEndpoint\b"
    r"|\b(?:from|import|require\()\s*[\"']\.{1,2}/"
)
"""A channel, launchOptions or connectOptions (https://playwright.dev/docs/api/class-testoptions), or another file that
may name them."""
YARN_SETTINGS = ".yarnrc.yml"
VERSION_FILES = (".nvmrc", ".node-version", ".tool-versions")


class Workflows(Settings):
    """The repository whose CI is looked at."""

    home: ClassVar[str] = "ci.workflows"

    folder: FilePath = ""
    """A checkout of the repository; its .github/workflows and .gitlab-ci.yml are found by themselves."""
    scripts: tuple[str, ...] = Field(default=(), max_length=20)
    """Shell scripts, from that folder on, that another CI system runs, such as ci/e2e.sh: each is taken for a job."""


@dataclass(frozen=True)
class Pipelines(Fact):
    """What CI does. `folder` is empty where the profile names no repository."""

    folder: str
    pipelines: tuple[Pipeline, ...] = ()
    packages: tuple[Package, ...] = ()
    node_files: tuple[tuple[str, str], ...] = ()
    """The files that name a version of Node, such as .nvmrc, and what they say."""
    files: frozenset[str] = frozenset()
    """Which of the specs and lock files there are."""
    other_systems: tuple[str, ...] = ()
    """The files of CI systems that golive does not read."""
    own_browsers: tuple[str, ...] = ()
    """The configurations of Playwright that name a browser of the machine's or of another one, or may do so."""
    yarn_settings: Mapping[str, bool | None] = field(default_factory=dict)
    """The folders with a .yarnrc.yml, and whether Yarn keeps to the lock file there where CI is set; None: not read."""

    def not_looked_at(self) -> list[str]:
        """Name what CI runs that golive could not follow."""
        commands = (command for _, job in self.jobs() for _, command in job.commands)
        lines = [each for pipeline in self.pipelines for each in pipeline.unseen]
        lines += [f"{file} (another CI system)" for file in self.other_systems]
        return list(dict.fromkeys([*lines, *(command.unfollowed for command in commands if command.unfollowed)]))

    def jobs(self) -> list[tuple[Pipeline, Job]]:
        """Return every job with the pipeline that it is in."""
        return [(pipeline, job) for pipeline in self.pipelines for job in pipeline.jobs]


@probe("ci.pipelines")
async def pipelines(env: Environment, checkout: Checkout, files: Files, ask: Workflows, suites: Suites) -> Pipelines:
    """Read the repository's workflow files and the scripts of its packages."""
    if not ask.folder:
        return Pipelines("")
    there = await checkout.files(ask.folder)

    async def text(name: str) -> str:
        return (await files.text(f"{ask.folder}/{name}")).encode("utf-8", "replace").decode()

    named = [n for n in there if PurePosixPath(n).name == "package.json"]
    read = [package(str(PurePosixPath(n).parent).removeprefix("."), await text(n)) for n in named[:MAX_PACKAGES]]
    packages = tuple(p for p in read if p)
    wanted = [n for n in there if READ.search(n)]
    texts = {n: await text(n) for n in wanted[:MAX_FILES]}
    programs = programs_named([*texts.values(), *(script for p in packages for script in p.scripts.values())])
    more = [n for n in there if PurePosixPath(n).name in programs and n not in texts]
    texts |= {n: await text(n) for n in more[:MAX_FILES]}
    named_by = {FILE: texts[FILE]} if FILE in texts else {}
    while named_by and len(texts) < MAX_FILES:  # what GitLab includes, and what that includes
        named_by = {n: await text(n) for n in included(named_by.values(), there) if n not in texts}
        texts |= named_by
    repo = RepositoryFiles(packages, texts, frozenset(there))
    found_pipelines = await asyncio.to_thread(_workflows, repo)
    unseen = _unread(max(len(wanted), len(more)), len(named))
    found_pipelines = [replace(each, unseen=(*each.unseen, *unseen)) for each in found_pipelines]
    for name in ask.scripts:
        if name not in there:
            raise Unavailable(f"{ask.folder}/{name} does not exist", fix="Correct ci.workflows.scripts.")
        found_pipelines.append(await asyncio.to_thread(_script, name, await text(name), repo))
    node_files = [(n, (await text(n)).strip()[:200]) for n in _versions(found_pipelines, there)]
    return Pipelines(
        ask.folder,
        tuple(map(_masked, found_pipelines)),
        packages,
        tuple(node_files),
        files=frozenset(n for n in there if KEPT.search(n)) | {s.spec for s in of_profile(suites)} & set(there),
        other_systems=tuple(n for n in there if OTHER_SYSTEMS.fullmatch(n)),
        yarn_settings=await _yarn_settings(there, text),
        own_browsers=tuple(n for n, config in texts.items() if PLAYWRIGHT.search(n) and OWN_BROWSER.search(config)),
    )


def _unread(scripts: int, packages: int) -> list[str]:
    """Name what is beyond the bounds."""
    unread = [f"more than {MAX_FILES} files of scripts"] if scripts > MAX_FILES else []
    return unread + ([f"{packages - MAX_PACKAGES:,} more package.json"] if packages > MAX_PACKAGES else [])


def _versions(found: Iterable[Pipeline], there: Iterable[str]) -> list[str]:
    """Return the files from which CI takes a version of Node."""
    read_by_ci = {step.inputs.get("node-version-file", "") for p in found for job in p.jobs for step in job.steps}
    return [n for n in there if n in VERSION_FILES or (n in read_by_ci and not n.endswith("package.json"))]


async def _yarn_settings(there: Iterable[str], text: Callable[[str], Awaitable[str]]) -> dict[str, bool | None]:
    """Return the folders with a .yarnrc.yml, and what it means for the lock file."""
    settings = [n for n in there if PurePosixPath(n).name == YARN_SETTINGS]
    keeps = [_yarn_keeps(n, await text(n)) if len(settings) <= MAX_FILES else None for n in settings]
    return {str(PurePosixPath(n).parent).removeprefix("."): kept for n, kept in zip(settings, keeps, strict=True)}


def _yarn_keeps(name: str, text: str) -> bool | None:
    """Return whether Yarn's settings leave it at what it does by itself: to keep to the lock file in CI."""
    try:
        documents = y.documents(text, name)
    except Unavailable:
        return None
    return "false" not in {y.scalar(y.pairs(each).get("enableImmutableInstalls")) for each in documents}


def _workflows(repo: RepositoryFiles) -> list[Pipeline]:
    local = repo.texts
    found = [read_github(n, text, repo) for n, text in local.items() if WORKFLOW.fullmatch(n)]
    return found + ([read_gitlab(FILE, local[FILE], repo)] if FILE in local else [])


def _script(name: str, text: str, repo: RepositoryFiles) -> Pipeline:
    """Take a script for a pipeline of one job. Only what its first line says is in force."""
    first = text.partition("\n")[0]
    found = script_commands(text, errexit=bool(re.match(r"#!.*\s-[a-z]*e", first)), pipefail="pipefail" in first)
    step = JobStep(1, name, commands=expanded(found, repo))
    return Pipeline(name, "commands", jobs=(Job(PurePosixPath(name).stem, 1, name, name, (step,)),))


def _masked(pipeline: Pipeline) -> Pipeline:
    """Take out of commands and inputs what looks like a secret: somebody may have written one down there."""
    return replace(
        pipeline,
        jobs=tuple(
            replace(
                job,
                variables=_kept(job.variables),
                steps=tuple(
                    replace(
                        step,
                        commands=tuple(map(_masked_command, step.commands)),
                        inputs={n: without_secrets(v) for n, v in step.inputs.items()},
                        variables=_kept(step.variables),
                    )
                    for step in job.steps
                ),
            )
            for job in pipeline.jobs
        ),
    )


def _kept(variables: Mapping[str, str]) -> dict[str, str]:
    """Return those that checks ask about; the others may hold secrets."""
    asked = {n for n in variables if "VERSION" in n or n.startswith("PLAYWRIGHT") or n in VARIABLES}
    return {n: variables[n] for n in variables if n in asked}


def _masked_command(command: ShellCommand) -> ShellCommand:
    return replace(
        command,
        words=tuple(map(without_secrets, command.words)),
        swallowed=without_secrets(command.swallowed),
        doubt=without_secrets(command.doubt),
        then="",
        notes=(),
        variables=tuple(_kept(dict(command.variables)).items()),
        unfollowed=without_secrets(command.unfollowed),
    )
