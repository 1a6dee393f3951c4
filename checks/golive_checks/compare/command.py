"""The command `golive compare`: two environments beside one another, by what was seen of each."""

import json as json_text
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from golive.cli import options as opt
from golive.cli.errors import CliError

EPILOG = """\
Examples:

  golive check staging --facts staging.json

  golive check production --facts production.json

  golive compare staging.json production.json

Exit codes: 0 compared, whatever differs; 2 bad usage.
"""


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare", epilog=EPILOG)(compare)


def compare(
    left: Annotated[Path, typer.Argument(metavar="FILE", help="A fact file or a JSON report of one environment.")],
    right: Annotated[Path, typer.Argument(metavar="FILE", help="The same of the other.")],
    verbose: opt.Verbose = False,  # noqa: FBT002 - an option
    json: Annotated[bool, typer.Option("--json", metavar="", help="As JSON, for programs.")] = False,  # noqa: FBT002 - likewise
) -> None:
    """Show how two environments differ: in verdicts, versions, names of variables, headers, certificates, migrations.

    Nothing is looked at. Two JSON reports have verdicts alone; fact files have the rest.
    """
    from golive.report.redact import redact  # noqa: PLC0415 - likewise
    from golive.report.screen import Screen  # noqa: PLC0415 - likewise
    from golive_checks.compare import page, sides  # noqa: PLC0415 - likewise

    found = sides.compare(*(sides.side_of(_read(file), str(file)) for file in (left, right)))
    if json:
        typer.echo(json_text.dumps(page.rows(found), indent=1))
        return
    sys.stdout.write(redact(page.page(found, Screen.of(sys.stdout, os.environ), verbose=verbose), ()))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise CliError(f"{file}: cannot be read: {problem}") from None
