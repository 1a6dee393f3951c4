"""golive watch: look again and again, show what turned, and end with the report."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from typing import Annotated

import typer

from golive.cli import options as opt
from golive.cli.check import Paper
from golive.cli.errors import CliError
from golive.cli.target import Outside, about, asked, loaded

EPILOG = """\
Examples:

  golive watch production --until-ready 30m

  golive watch production --every 5m --on-change 'mail -s golive ops@example.com'

Every look is a whole golive check, with all that the profile allows. It ends
at GO or when the time is up, else on Ctrl-C, with the report of the last look.

Exit codes: as golive check's, 130 where it was interrupted.
"""


UntilReady = Annotated[
    float,
    typer.Option(
        "--until-ready",
        parser=opt.duration,
        metavar="TIME",
        help="End at GO, or after this time; without it, go on until interrupted.",
        show_default=False,
    ),
]
Every = Annotated[
    float, typer.Option(parser=opt.duration, metavar="TIME", show_default="1m", help="How long to rest between looks.")
]
OnChange = Annotated[
    str | None,
    typer.Option(
        "--on-change", metavar="COMMAND", help="Start this when something turns; it reads what turned, in lines."
    ),
]
Bell = Annotated[bool, typer.Option("--bell/--no-bell", help="Ring the terminal's bell then.")]


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("watch", epilog=EPILOG)(watch)


def watch(
    target: opt.Targets = None,
    until_ready: UntilReady = 0.0,
    every: Every = 60.0,
    on_change: OnChange = None,
    bell: Bell = True,
    only: opt.Only = None,
    skip: opt.Skip = None,
    severity: opt.SeverityOption = None,
    output: opt.Outputs = None,
    phase: opt.PhaseOption = None,
    timeout: opt.Timeout = None,
    fail_on: opt.FailOn = opt.FailOnWord.FAIL,
    resolver: opt.Resolver = None,
    ca_file: opt.CaFile = None,
    address: opt.AddressOption = None,
    mode: opt.ReportMode = 0o600,
    verbose: opt.Verbose = False,
    quiet: opt.Quiet = False,
    fault: opt.FaultOption = None,
) -> None:
    """Look at an environment again and again: what turned green or red, and since when.

    On a terminal a screen stays until the end; elsewhere there is a line for
    each look and each change.
    """
    from golive.cli.watching import Manner, until_the_end  # noqa: PLC0415 - not needed for help
    from golive.report.write import check_places, parse_all  # noqa: PLC0415 - likewise
    from golive.session import Options  # noqa: PLC0415 - likewise

    paper = Paper(tuple(output or ()), mode, verbose, quiet, None, None, None)
    check_places(parse_all(paper.outputs))
    profile, urls = asked(target or ())
    outside = Outside(tuple(resolver or ()), ca_file, tuple(address or ()))
    options = Options(*opt.patterns(only, skip, severity), phase, timeout, fail_on_warn=fail_on == opt.FailOnWord.WARN)
    options = replace(options, about=about(urls) if urls else "")
    manner = Manner(every, until_ready, words_of(on_change), bell)
    with loaded(profile, urls, outside, os.environ, fault=fault, only=options.only, skip=options.skip) as there:
        until_the_end(there, options, manner, paper)


def words_of(command: str | None) -> tuple[str, ...]:
    """Split a command as a shell does, which has no part in it otherwise."""
    try:
        words = tuple(shlex.split(command or ""))
    except ValueError as problem:
        raise CliError(f"--on-change {command}: {problem}") from None
    if command is not None and not words:
        raise CliError("--on-change: which command?")
    return words
