"""The command line: finds the command, loads only its module, and adds what others bring by entry points."""

from __future__ import annotations

import importlib
import os
from typing import Annotated

import typer
from typer._completion_classes import completion_init

from golive.installed import named
from golive.version import VERSION

COMMANDS = {
    "check": "golive.cli.check",
    "watch": "golive.cli.watch",
    "plan": "golive.cli.plan",
    "list": "golive.cli.listing",
    "explain": "golive.cli.explain",
    "judge": "golive.cli.judge",
    "history": "golive.cli.history",
    "evidence": "golive.cli.evidence",
    "verify": "golive.cli.evidence",
    "profile": "golive.cli.profile",
    "schema": "golive.cli.schema",
    "completion": "golive.cli.completion",
}
"""golive's own commands; others come by the entry points `golive.commands`."""

EPILOG = """\
Examples:

  golive demo              see it work, on this machine alone

  golive init              write a profile from what a repository holds

  golive check staging     look at staging, and say GO or NO-GO

  golive plan staging      what that would contact; nothing is sent

  golive explain tls.certificate-current

Exit codes: 0 GO, 1 NO-GO, 2 bad usage or profile,
3 nothing failed but not all could be looked at, 130 interrupted.
"""


def run(arguments: list[str]) -> None:
    """Run the command that `arguments` ask for."""
    if arguments[:1] == ["help"]:
        arguments = [*arguments[1:], "--help"]
    app = typer.Typer(
        name="golive",
        add_completion=False,
        help="Look at the real systems behind a release: GO or NO-GO, and how to fix what is not ready.",
        epilog=EPILOG,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    if any(name.endswith("_COMPLETE") and name.startswith("_GOLIVE") for name in os.environ):
        completion_init()  # a shell asks what may follow
    app.callback()(_options)
    asked = arguments[0] if arguments else ""
    _add_commands(app, asked)
    app(arguments)


def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", "-V", metavar="", help="Print the version and exit.", is_eager=True)
    ] = False,
) -> None:
    if version:
        typer.echo(f"golive {VERSION}")
        raise typer.Exit


def _add_commands(app: typer.Typer, asked: str) -> None:
    """Add the command that is asked for, or all of them where help or completion needs every one.

    An entry point of `golive.commands` loads to a function that adds its commands to the Typer app.
    """
    if asked in COMMANDS:
        importlib.import_module(COMMANDS[asked]).add(app)
        return
    others = named("golive.commands")
    if asked not in others:
        for module in dict.fromkeys(COMMANDS.values()):
            importlib.import_module(module).add(app)
    wanted = [others[asked]] if asked in others else {e.value: e for e in others.values()}.values()
    for entry in wanted:
        entry.load()(app)
