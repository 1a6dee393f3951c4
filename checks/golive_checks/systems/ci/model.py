"""What a CI system would do, whichever it is: files, jobs, steps, commands. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from golive_checks.systems.ci.client.shell import ShellCommand

System = Literal["github", "gitlab", "commands"]


@dataclass(frozen=True)
class JobStep:
    """A step of a job: commands, or an action that it uses."""

    line: int
    name: str = ""
    key: str = ""
    """Its id, by which other steps refer to it."""
    uses: str = ""
    tag: str = ""
    """The version that a comment behind a pinned commit names: `uses: a/b@<commit> # v4.2.0`."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    commands: tuple[ShellCommand, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    """Those that it sets for itself."""
    when: str = ""
    """The condition under which it runs; empty: always, unless something has failed before."""
    may_fail: str = ""
    """What lets the job pass although it fails."""
    doubt: str = ""
    """Why golive cannot say whether its failure counts."""
    fails: str = ""
    """The condition under which it ends badly by its own script, as a gate over other jobs does; empty: it does not."""
    refuses: str = ""
    """The condition, on other steps of its job, under which it ends badly."""


@dataclass(frozen=True)
class GitlabRule:
    """A rule of GitLab's: under which condition a job is in the pipeline, and how."""

    condition: str = ""
    starts: str = "on_success"
    may_fail: bool = False


@dataclass(frozen=True)
class Trigger:
    """What starts a pipeline."""

    event: str
    branches: tuple[str, ...] = ()
    """Those alone, patterns among them; empty: all."""
    tags: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    """The workflows whose run it is, by their names."""
    types: tuple[str, ...] = ()
    """What becomes of what it is about, such as the completion of a run; empty: any of it."""


@dataclass(frozen=True)
class Job:
    """A job, and those that must have passed before it starts."""

    key: str
    line: int
    file: str = ""
    title: str = ""
    """What a check of this job is called on the platform."""
    steps: tuple[JobStep, ...] = ()
    needs: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    """Those of `needs` that it does without where they are not in the pipeline (GitLab)."""
    in_stages: bool = False
    """Whether `needs` are the jobs of the stages before its own (GitLab)."""
    when: str = ""
    rules: tuple[GitlabRule, ...] = ()
    """GitLab's; the first that holds decides, and without one that holds the job is not in the pipeline."""
    may_fail: str = ""
    """What lets the pipeline pass although it fails."""
    doubt: str = ""
    """Why golive cannot say whether its failure counts."""
    outputs: Mapping[str, str] = field(default_factory=dict)
    """What it hands to the jobs that need it."""
    starts: tuple[str, ...] = ()
    """The jobs of the pipeline that it starts and waits for (GitLab)."""
    image: str = ""
    runner: str = ""
    environment: str = ""
    legs: tuple[Mapping[str, str], ...] = ()
    """The combinations of its matrix; none where it has no matrix, or one that is worked out as it runs."""
    inside: str = ""
    """The job that calls the workflow it is in: where that is skipped, so is this one, whatever its condition."""
    cached: tuple[str, ...] = ()
    """Folders that the platform keeps between runs."""
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def matrix(self) -> Mapping[str, tuple[str, ...]]:
        """The values that each name of the matrix has."""
        names = dict.fromkeys(name for leg in self.legs for name in leg)
        return {name: tuple(dict.fromkeys(leg[name] for leg in self.legs if name in leg)) for name in names}

    @property
    def commands(self) -> Iterator[tuple[JobStep, ShellCommand]]:
        """Every command with its step."""
        return ((step, command) for step in self.steps for command in step.commands)


@dataclass(frozen=True)
class Pipeline:
    """A file that says what CI does."""

    file: str
    system: System
    title: str = ""
    """What it is called, where it has a name of its own."""
    triggers: tuple[Trigger, ...] = ()
    rules: tuple[GitlabRule, ...] = ()
    """Which runs there are at all (GitLab's workflow); none: every one."""
    jobs: tuple[Job, ...] = ()
    unseen: tuple[str, ...] = ()
    """What it takes from elsewhere, which was not looked at."""

    def job(self, key: str) -> Job | None:
        """Return a job by its key."""
        return next((job for job in self.jobs if job.key == key), None)

    def before(self, job: Job, *, whole: bool = True) -> dict[str, Job]:
        """Return the jobs that a job waits for, at any distance; unless `whole`, those of its own workflow alone."""
        found: dict[str, Job] = {}
        waiting = [*job.needs, *([job.inside] if whole else [])]
        while waiting:
            key = waiting.pop()
            other = self.job(key)
            if other and key not in found:
                found[key] = other
                waiting += [*other.needs, *([other.inside] if whole else [])]
        return found
