"""golive completion: the script by which a shell completes commands, profiles, checks and faults, and its words."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from golive.installed import named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from golive.model import CheckInfo


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


def patterns(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the sections and checks that begin so, after the last comma."""
    before, comma, last = incomplete.rpartition(",")
    there = _checks(ctx)
    words = dict.fromkeys([*(check.section for check in there), *(check.id for check in there)])
    return [f"{before}{comma}{word}" for word in words if word.startswith(last)]


def ids(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the checks that begin so."""
    return [check.id for check in _checks(ctx) if check.id.startswith(incomplete)]


def _checks(ctx: typer.Context) -> Sequence[CheckInfo]:
    """Return the checks of the profile that the line names so far, its plugins and own checks included."""
    from golive.index import index  # noqa: PLC0415 - as above

    params = ctx.params  # before an option that still lacks its value, what stands alone is in `args`
    named_so_far = [params.get("profile"), *(params.get("target") or ()), *ctx.args]
    profile = next((name for name in named_so_far if name and "://" not in name), None)
    if profile:
        with suppress(
            Exception
        ):  # a profile that does not load is reported where it is used, not in the middle of a line
            from golive.cli.explain import loaded  # noqa: PLC0415 - as above

            return loaded(profile).known
    return index().checks


def faults(incomplete: str) -> list[str]:
    """Return the faults of the reference stacks that begin so."""
    found: list[str] = []
    with suppress(Exception):  # what is broken is reported where it is used, not in the middle of a line
        found = [fault.id for entry in named("golive.faults").values() for fault in entry.load()()]
    return [fault for fault in found if fault.startswith(incomplete)]
