"""golive check: look, judge, report, exit."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from golive.cli import options as opt
from golive.cli.completion import faults
from golive.cli.errors import CliError
from golive.cli.progress import Progress
from golive.cli.show import baseline_of, checklist_of, end_with, publish
from golive.cli.target import Outside, about, as_profile, asked, loaded
from golive.engine.events import Ended, Event

EPILOG = """\
Examples:

  golive check staging

  golive check https://shop.example.com

  golive check staging --only 'tls.*' --skip env

  golive check production -o markdown:ready.md -o junit:golive.xml

  golive check staging --retry-until-ready 5m

  golive check staging --baseline last.json

Exit codes: 0 GO, 1 NO-GO, 2 bad usage or profile,
3 nothing failed but not all could be looked at, 130 interrupted.
"""


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check", epilog=EPILOG)(check)


def check(
    target: opt.Targets = None,
    only: opt.Only = None,
    skip: opt.Skip = None,
    severity: opt.SeverityOption = None,
    output: opt.Outputs = None,
    phase: opt.PhaseOption = None,
    timeout: Annotated[
        float | None, typer.Option(parser=opt.duration, metavar="TIME", help="The run's deadline, such as 90s or 5m.")
    ] = None,
    retry: Annotated[
        float,
        typer.Option(
            "--retry-until-ready",
            parser=opt.duration,
            metavar="TIME",
            help="Look again at what is not green, until GO or the time is up.",
            show_default=False,
        ),
    ] = 0.0,
    fail_on: opt.FailOn = opt.FailOnWord.FAIL,
    baseline: opt.Baseline = None,
    facts: Annotated[
        Path | None, typer.Option(help="Record what was seen, without secrets, for golive judge.", metavar="FILE")
    ] = None,
    trace: Annotated[
        Path | None, typer.Option(help="Write where the time went, in Chrome's trace format.", metavar="FILE")
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option(help="Keep what benches measure, a line for each, and judge by what it holds.", metavar="FILE"),
    ] = None,
    resolver: opt.Resolver = None,
    ca_file: opt.CaFile = None,
    address: opt.AddressOption = None,
    checklist: opt.Checklist = None,
    mode: opt.ReportMode = 0o600,
    verbose: opt.Verbose = False,
    quiet: opt.Quiet = False,
    fault: Annotated[
        str | None,
        typer.Option(
            help="With the demo profile: break the reference stack in this way first.",
            metavar="ID",
            autocompletion=faults,
        ),
    ] = None,
) -> None:
    """Look at an environment and say GO or NO-GO.

    TARGET is a profile's name (staging: profiles/staging.yaml, here or above)
    or path; where there is one alone, it need not be named. URLs need no
    profile: what anybody sees of their hosts is looked at.
    """
    from golive import live, session  # noqa: PLC0415 - not needed for help
    from golive.report.redact import redact  # noqa: PLC0415 - likewise
    from golive.report.write import check_places, parse_all  # noqa: PLC0415 - likewise
    from golive.trace import chrome_trace  # noqa: PLC0415 - likewise

    profile, urls = asked(target or ())
    taken, left_out = opt.patterns(only, skip, severity)
    options = session.Options(
        only=taken,
        skip=left_out,
        phase=phase,
        timeout_s=timeout,
        retry_s=retry,
        fail_on_warn=fail_on == opt.FailOnWord.WARN,
        baseline=baseline_of(baseline),
        history=str(history.absolute()) if history else "",
        about=about(urls) if urls else "",
    )
    check_places(parse_all(output or []))
    own = checklist_of(checklist, output or [])
    ended: list[Ended] = []
    with ExitStack() as held:
        outside = Outside(tuple(resolver or ()), ca_file, tuple(address or ()))
        looked_at = loaded(profile, urls, outside, os.environ, fault=fault, only=options.only, skip=options.skip)
        there = held.enter_context(looked_at)
        progress = Progress()

        def shown(outcomes: live.Outcomes) -> None:
            files = {facts: outcomes.facts()} if facts else {}
            if trace:
                files[trace] = redact(chrome_trace(ended), there.profile.secrets)
            publish(
                outcomes.report,
                output or [],
                files=files,
                mode=mode,
                secrets=there.profile.secrets,
                verbose=verbose,
                quiet=quiet,
                own=own,
                after=as_profile(urls) if urls else "",
            )

        def cut_off(outcomes: live.Outcomes) -> None:
            progress.stop()
            end_with(lambda: shown(outcomes))

        with progress as show:

            def watch(event: Event) -> None:
                if isinstance(event, Ended):
                    ended.append(event)
                show(event)

            try:
                outcomes = live.check(there, options, watch, cut_off)
            except SystemExit:
                raise CliError("a plugin tried to end golive; it was ended without a report") from None
    shown(outcomes)
