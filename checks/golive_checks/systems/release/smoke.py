"""The smoke commands of the profile, and how each ended."""

import re
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints, model_validator

from golive import Entry, Fact, Subject, Unavailable, probe, shortened, subjects
from golive.profile.types import Duration, FilePath
from golive_checks.shapes import without_secrets
from golive_checks.systems.machine.client.commandline import CommandLine

Argument = Annotated[str, Field(max_length=4000)]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=200)]

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f]")
"""Colours and other orders to a terminal."""
MAX_LINES, MAX_LINE = 20, 200
SHORTEST_MASKED = 4
"""A shorter value is in too many words to be masked."""


class SmokeEntry(Entry):
    """A command that tries the deployed system. It may do whatever it does: golive runs it as it stands."""

    command: tuple[Argument, ...] = Field(default=(), max_length=200)
    """The command as a list of arguments, such as [npx, playwright, test, --grep, "@smoke"]."""
    shell: str = Field(default="", max_length=20_000)
    """Or a script for /bin/sh, where a list of arguments does not do."""
    folder: FilePath = ""
    """The folder to run it in; empty: the one that golive runs in."""
    environment: dict[VariableName, SecretStr] = Field(default_factory=dict, max_length=100)
    """Variables for it. Of golive's own it gets PATH, HOME, LANG and TMPDIR, and those that `pass_on` names."""
    pass_on: tuple[VariableName, ...] = Field(default=(), max_length=100)
    """More of golive's own variables that it gets, such as CI."""
    timeout_s: Duration = Field(default=60.0, gt=0, le=3600)
    """How long it may take; then it is ended, with all that it started."""

    @model_validator(mode="after")
    def _one_way(self) -> "SmokeEntry":
        if bool(self.command) == bool(self.shell):
            raise ValueError("needs exactly one of command, shell")
        return self


@dataclass(frozen=True)
class SmokeCommand(Subject):
    """A smoke command, by its name in the profile."""

    argv: tuple[str, ...] = ()
    folder: str = ""
    environment: tuple[tuple[str, SecretStr], ...] = field(default=(), repr=False)
    pass_on: tuple[str, ...] = ()
    timeout_s: float = 60.0

    @classmethod
    def kind(cls) -> str:
        """Return the word reports use."""
        return "smoke"


@subjects("smoke", empty="the profile names no smoke command (smoke)")
def smoke_commands(key: str, entry: SmokeEntry) -> tuple[SmokeCommand, ...]:
    """Name the smoke commands of the profile."""
    return (
        SmokeCommand(
            key,
            argv=("/bin/sh", "-c", entry.shell) if entry.shell else entry.command,
            folder=entry.folder,
            environment=tuple(entry.environment.items()),
            pass_on=entry.pass_on,
            timeout_s=entry.timeout_s,
            own=entry.own(),
        ),
    )


@dataclass(frozen=True)
class SmokeRun(Fact):
    """How a command ended (a negative code: by that signal), and the end of what it printed, secrets masked."""

    code: int
    seconds: float
    timed_out: bool = False
    output: tuple[str, ...] = ()


@probe("release.smoke-run")
async def smoke_run(of: SmokeCommand, line: CommandLine) -> SmokeRun:
    """Run a smoke command of the profile."""
    secrets = {name: value.get_secret_value() for name, value in of.environment}
    ended = await line.run(of.argv, secrets, of.pass_on, of.folder, of.timeout_s)
    if ended is None:
        raise Unavailable(f"the smoke command {of.name} could not be started", fix="Is it installed on this machine?")
    text = ended.output.decode("utf-8", "replace")
    for value in sorted(secrets.values(), key=len, reverse=True):
        if len(value) >= SHORTEST_MASKED:
            text = text.replace(value, "…")
    lines = [ESCAPES.sub("", each).rstrip() for each in without_secrets(text).splitlines()]
    kept = [shortened(each, MAX_LINE) for each in lines if each.strip()][-MAX_LINES:]
    return SmokeRun(ended.code, round(ended.seconds, 2), ended.timed_out, tuple(kept))
