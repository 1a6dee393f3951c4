"""What one command leads to: scripts to follow, or why they cannot be followed. Pure."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from golive import shortened
from golive_checks.systems.ci.client.shell import ShellCommand


@dataclass(frozen=True)
class Script:
    """Shell text that a command runs, the name that people know it by, and the folder it runs in.

    `errexit`: it ends at the first command that fails.
    """

    text: str
    name: str
    folder: str
    errexit: bool = False


Nested = list[Script | ShellCommand] | str | None
"""What a command leads to; why that cannot be seen; None where it leads nowhere."""


def program(word: str) -> str:
    """Return a program's name without its path and its version."""
    return PurePosixPath(word.partition("@")[0] or word).name


def shown(command: ShellCommand) -> str:
    """Return as much of a command as a message has room for."""
    return shortened(command.text, 80)
