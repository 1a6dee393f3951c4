"""golive judge: the same verdicts again from recorded facts, offline."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from golive.cli import options as opt
from golive.cli.errors import CliError
from golive.cli.lab import builtin_profiles
from golive.cli.show import baseline_of, checklist_of, publish


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("judge")(judge)


def judge(
    facts: Annotated[
        list[Path],
        typer.Argument(metavar="FACTS...", help="A file that golive check --facts wrote, or those of every shard."),
    ],
    profile: Annotated[
        str | None, typer.Option(help="Judge by this profile instead of the recorded one.", metavar="PROFILE")
    ] = None,
    only: opt.Only = None,
    skip: opt.Skip = None,
    severity: opt.SeverityOption = None,
    output: opt.Outputs = None,
    fail_on: opt.FailOn = opt.FailOnWord.FAIL,
    baseline: opt.Baseline = None,
    checklist: opt.Checklist = None,
    mode: opt.ReportMode = 0o600,
    verbose: opt.Verbose = False,
    quiet: opt.Quiet = False,
) -> None:
    """Judge recorded facts again, without a network: the same facts give the same report, byte for byte."""
    from golive import session  # noqa: PLC0415 - not needed for help
    from golive.judge import judge as judged_again  # noqa: PLC0415 - likewise

    files = [(_read(file), str(file)) for file in facts]
    loaded = session.load(profile, cwd=Path.cwd(), environ=os.environ, builtin=builtin_profiles()) if profile else None
    taken, left_out = opt.patterns(only, skip, severity)
    options = session.Options(
        only=taken,
        skip=left_out,
        fail_on_warn=fail_on == opt.FailOnWord.WARN,
        baseline=baseline_of(baseline),
    )
    own = checklist_of(checklist, output or [])
    report = judged_again(files, options, loaded)
    secrets = loaded.profile.secrets if loaded else ()
    publish(report, output or [], mode=mode, secrets=secrets, verbose=verbose, quiet=quiet, own=own)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise CliError(f"{file}: cannot be read: {problem}") from None
