"""golive lab, golive demo: the reference stack from the command line."""

from __future__ import annotations

import signal
import subprocess
import sys
from difflib import get_close_matches
from typing import Annotated

import typer

from golive.cli import completion
from golive_lab import PROFILE
from golive_lab.run import announced, stop

DEMO_FAULT = "tls.certificate-current"
GREEN, RED = 0, 1
"""The exit codes of golive check for GO and NO-GO."""

GOLIVE = "from golive.cli.main import main; main()"
"""Runs golive with this very Python, wherever its script may lie."""

FaultOption = Annotated[
    str,
    typer.Option(
        "--fault",
        metavar="ID",
        help="Break it in this way: a fault, or a check that one turns red.",
        autocompletion=completion.faults,
    ),
]
RealOption = Annotated[
    bool,
    typer.Option(
        "--real", metavar="", help="On real nginx, knot and unbound, where they are installed; else on Python's own."
    ),
]

lab = typer.Typer(
    help="The reference stack: a whole system on loopback, healthy unless broken on purpose.", no_args_is_help=True
)


def add(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("demo")(demo)
    app.add_typer(lab, name="lab")


UP_EPILOG = """\
Examples:

  golive lab up --fault tls.expired

  golive lab up --real
"""


@lab.command(epilog=UP_EPILOG)
def up(fault: FaultOption = "", real: RealOption = False) -> None:  # noqa: FBT002 - a flag of the command line
    """Start the stack, and keep it until Ctrl-C or golive lab down. Meanwhile golive check demo looks at it."""
    from golive_lab.faults import UnknownFaultError, seeded  # noqa: PLC0415 - not needed for help
    from golive_lab.parts.process import NotInstalledError  # noqa: PLC0415 - likewise
    from golive_lab.run import LabError  # noqa: PLC0415 - likewise
    from golive_lab.stack import up as stack_up  # noqa: PLC0415 - likewise
    from golive_lab.stack import variables  # noqa: PLC0415 - likewise

    for number in (signal.SIGTERM, signal.SIGHUP):  # golive lab down, or the terminal is closed
        signal.signal(number, signal.default_int_handler)
    try:
        with stack_up("real" if real else "demo", seeded(fault)) as stack, announced(variables(stack.place)) as file:
            typer.echo(f"The reference stack is up{f' with the fault {fault}' if fault else ''}.")
            typer.echo("  look at it:  golive check demo")
            typer.echo(f"  its ports:   {file}")
            typer.echo("  stop it:     Ctrl-C, or golive lab down")
            signal.pause()
    except KeyboardInterrupt:
        typer.echo("The reference stack is down.")
    except (UnknownFaultError, NotInstalledError, LabError, OSError) as error:
        _refuse(str(error))


@lab.command()
def down() -> None:
    """Stop the stack that golive lab up started."""
    typer.echo("The reference stack is down." if stop() else "No reference stack was up.")


@lab.command()
def faults(
    check: Annotated[str, typer.Argument(metavar="[CHECK]", help="Only those that turn this check red.")] = "",
) -> None:
    """List the faults that can be seeded, and the check that each must turn red."""
    from golive_lab.faults import catalogue  # noqa: PLC0415 - not needed for help

    known = catalogue()
    shown = [fault for fault in known if check in {"", fault.turns_red, fault.id}]
    if not shown:
        near = get_close_matches(check, sorted({fault.turns_red for fault in known}), n=1, cutoff=0.0)
        _refuse(f"no fault turns a check {check!r} red; the nearest is {near[0]}")
    width = max(len(fault.id) for fault in shown)
    red = ""
    for fault in sorted(shown, key=lambda fault: fault.turns_red):
        if fault.turns_red != red:
            red = fault.turns_red
            typer.echo(red)
        typer.echo(f"  {fault.id:<{width}}  {fault.title}")


@lab.command()
def parts() -> None:
    """List which parts of the stack are the real programs, and which stand in for them."""
    from golive_lab.parts import SYSTEMS  # noqa: PLC0415 - not needed for help

    width = max(len(system.name) for system in SYSTEMS)
    for system in SYSTEMS:
        typer.echo(system.name)
        typer.echo(f"  {'demo':<{width}}  {system.demo}")
        typer.echo(f"  {'--real':<{width}}  {system.real}")


def demo() -> None:
    """See golive at work on this machine alone: a healthy system, then the same with a certificate that has expired."""
    as_expected = True
    for arguments, expected in (([], GREEN), (["--fault", DEMO_FAULT], RED)):
        typer.secho(f"\n$ golive check demo {' '.join(arguments)}".rstrip(), bold=True)
        ended = subprocess.run(  # noqa: S603 - golive itself
            [sys.executable, "-P", "-c", GOLIVE, "check", "demo", *arguments], check=False, cwd=PROFILE.parent
        )
        as_expected &= ended.returncode == expected
    if not as_expected:
        _refuse("the demo did not go as it should: the first run should say GO, the second NO-GO")
    typer.echo("\nThat is how it should be: GO for the healthy system, NO-GO for the broken one.")
    typer.echo("More ways to break it: golive lab faults. Your own system: golive init.")


def _refuse(reason: str) -> None:
    typer.echo(f"golive: {reason}", err=True)
    raise typer.Exit(2)
