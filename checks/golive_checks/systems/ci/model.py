"""What a CI system would do, whichever it is: files, jobs, steps, commands. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from golive_checks.systems.ci.client.shell import Command

System = Literal["github", "gitlab", "commands"]


@dataclass(frozen=True)
class Step:
    """A step of a job: commands, or an action that it uses."""

    line: int
    name: str = ""
    key: str = ""
    """Its id, by which other steps speak of it."""
    uses: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    commands: tuple[Command, ...] = ()
    when: str = ""
    """The condition under which it runs; empty: always, unless something has failed before."""
    may_fail: str = ""
    """What lets the job pass although it fails."""


@dataclass(frozen=True)
class Job:
    """A job, and those that must have passed before it starts."""

    key: str
    line: int
    file: str = ""
    title: str = ""
    """What a check of this job is called on the platform."""
    steps: tuple[Step, ...] = ()
    needs: tuple[str, ...] = ()
    when: str = ""
    may_fail: str = ""
    """What lets the pipeline pass although it fails."""
    starts_anyway: str = ""
    """What lets it start although one of `passes` has failed."""
    passes: tuple[str, ...] = ()
    """Those of `needs` whose failure does not keep it from starting."""
    unclear: tuple[str, ...] = ()
    """Those of `needs` of which that is not understood."""
    image: str = ""
    runner: str = ""
    environment: str = ""
    matrix: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cached: tuple[str, ...] = ()
    """Folders that the platform keeps between runs."""
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def waits(self) -> list[str]:
        """Those of `needs` whose failure keeps it from starting."""
        return [key for key in self.needs if key not in self.passes and key not in self.unclear]

    @property
    def commands(self) -> Iterator[tuple[Step, Command]]:
        """Every command with its step."""
        return ((step, command) for step in self.steps for command in step.commands)


@dataclass(frozen=True)
class Pipeline:
    """A file that says what CI does."""

    file: str
    system: System
    triggers: tuple[str, ...] = ()
    """What it runs upon: push, pull_request, schedule."""
    jobs: tuple[Job, ...] = ()
    unseen: tuple[str, ...] = ()
    """What it takes from elsewhere, which was not looked at."""

    def job(self, key: str) -> Job | None:
        """Return a job by its key."""
        return next((job for job in self.jobs if job.key == key), None)

    def before(self, job: Job) -> dict[str, Job]:
        """Return the jobs that must have passed for `job` to start, at any distance."""
        found: dict[str, Job] = {}
        waiting = job.waits
        while waiting:
            key = waiting.pop()
            other = self.job(key)
            if other and key not in found:
                found[key] = other
                waiting += other.waits
        return found
