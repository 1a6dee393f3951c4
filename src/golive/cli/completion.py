"""golive completion: the script by which a shell completes commands, profiles, checks and faults, and its words."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from golive.installed import named


class Shell(StrEnum):
    """The shells that are known."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


EPILOG = """\
Examples:

  golive completion bash > ~/.local/share/bash-completion/completions/golive

  golive completion zsh > ~/.zfunc/_golive

  golive completion fish > ~/.config/fish/completions/golive.fish
"""


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("completion", epilog=EPILOG)(completion)


def completion(shell: Annotated[Shell, typer.Argument(help="The shell that is to complete.")]) -> None:
    """Print the script by which a shell completes golive's commands, profiles, checks, sections and faults."""
    from typer._completion_shared import get_completion_script  # noqa: PLC0415 - not needed for help; Typer offers no other way

    typer.echo(get_completion_script(prog_name="golive", complete_var="_GOLIVE_COMPLETE", shell=shell.value))


def profiles(incomplete: str) -> list[str]:
    """Return the profiles that begin so."""
    from golive.cli.lab import builtin_profiles  # noqa: PLC0415 - a shell asks for one thing at a time
    from golive.profile.find import names  # noqa: PLC0415 - likewise

    return [name for name in sorted({*names(Path.cwd()), *builtin_profiles()}) if name.startswith(incomplete)]


def patterns(incomplete: str) -> list[str]:
    """Return the sections and checks that begin so, after the last comma."""
    from golive.index import index  # noqa: PLC0415 - as above

    before, comma, last = incomplete.rpartition(",")
    there = index().checks
    words = dict.fromkeys([*(check.section for check in there), *(check.id for check in there)])
    return [f"{before}{comma}{word}" for word in words if word.startswith(last)]


def ids(incomplete: str) -> list[str]:
    """Return the checks that begin so."""
    from golive.index import index  # noqa: PLC0415 - as above

    return [check.id for check in index().checks if check.id.startswith(incomplete)]


def faults(incomplete: str) -> list[str]:
    """Return the faults of the reference stacks that begin so."""
    found: list[str] = []
    with suppress(Exception):  # what is broken is told where it is used, not in the middle of a line
        found = [fault.id for entry in named("golive.faults").values() for fault in entry.load()()]
    return [fault for fault in found if fault.startswith(incomplete)]
