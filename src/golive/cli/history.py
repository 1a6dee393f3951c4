"""golive history: kept JSON reports of one environment, one after another."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from golive.cli import options as opt
from golive.cli.errors import CliError

EPILOG = """\
Examples:

  golive check production -o json:kept/$(date +%F).json

  golive history kept/*.json

  golive history kept/*.json --html history.html

Exit codes: 0 shown, whatever is red; 2 bad usage.
"""


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("history", epilog=EPILOG)(history)


def history(
    reports: Annotated[list[Path], typer.Argument(metavar="REPORTS...", help="JSON reports of one environment.")],
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it as a page, with the trend of reds as a picture.")
    ] = None,
    mode: opt.ReportMode = 0o600,
    verbose: opt.Verbose = False,
) -> None:
    """Show since when each red line and finding stands, and the trend of what is red. Nothing is looked at."""
    from golive.report import history_page, history_text  # noqa: PLC0415 - not needed for help
    from golive.report.history import history as read  # noqa: PLC0415 - likewise
    from golive.report.redact import redact  # noqa: PLC0415 - likewise
    from golive.report.screen import Screen  # noqa: PLC0415 - likewise
    from golive.report.write import write_file  # noqa: PLC0415 - likewise

    found = read((_read(path), str(path)) for path in reports)
    sys.stdout.write(redact(history_text.text(found, Screen.of(sys.stdout, os.environ), verbose=verbose), ()))
    if html:
        write_file(str(html), redact(history_page.page(found), ()), mode)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise CliError(f"{path}: cannot be read: {problem}") from None
