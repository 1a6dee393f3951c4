"""golive check: look, judge, report, exit."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from golive.cli import options as opt
from golive.cli.errors import CliError
from golive.cli.progress import Progress
from golive.cli.show import baseline_of, checklist_of, end_with, publish
from golive.cli.target import Outside, about, as_profile, asked, loaded
from golive.engine.events import Event, ProbeEnded

if TYPE_CHECKING:
    from golive import live
    from golive.engine.shard import Shard
    from golive.model import Report
    from golive.session import Options, Session

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
    notify: opt.NotifyOption = None,
    phase: opt.PhaseOption = None,
    timeout: opt.Timeout = None,
    retry: opt.RetryUntilReady = 0.0,
    fail_on: opt.FailOn = opt.FailOnWord.FAIL,
    baseline: opt.Baseline = None,
    facts: opt.FactsFile = None,
    shard: opt.ShardOption = None,
    vantage: opt.VantageOption = "",
    trace: opt.TraceFile = None,
    history: opt.HistoryFile = None,
    resolver: opt.Resolver = None,
    ca_file: opt.CaFile = None,
    address: opt.AddressOption = None,
    checklist: opt.Checklist = None,
    mode: opt.ReportMode = 0o600,
    verbose: opt.Verbose = False,
    quiet: opt.Quiet = False,
    fault: opt.FaultOption = None,
) -> None:
    """Look at an environment and say GO or NO-GO.

    TARGET is a profile's name (staging: profiles/staging.yaml, here or above)
    or path, and may be left out where there is one alone. URLs need no
    profile: what anybody sees of their hosts is looked at.
    """
    from golive.session import Options  # noqa: PLC0415 - not needed for help

    profile, urls = asked(target or ())
    options = Options(*opt.patterns(only, skip, severity), phase, timeout, retry, fail_on == opt.FailOnWord.WARN)
    kept, decided, part = str(history.absolute()) if history else "", about(urls) if urls else "", _shard(shard)
    options = replace(options, baseline=baseline_of(baseline), history=kept, about=decided, shard=part, vantage=vantage)
    paper = Paper(tuple(output or ()), mode, verbose, quiet, checklist, facts, trace, tuple(notify or ()))
    look(profile, urls, Outside(tuple(resolver or ()), ca_file, tuple(address or ())), options, paper, fault)


def _shard(text: str | None) -> Shard | None:
    if not text:
        return None
    from golive.engine.shard import read  # noqa: PLC0415 - not needed for help

    try:
        return read(text, os.environ)
    except ValueError as problem:
        raise CliError(f"--shard {problem}") from None


@dataclass(frozen=True)
class Paper:
    """What is written of a run, and how."""

    outputs: tuple[str, ...]
    mode: int
    verbose: bool
    quiet: bool
    checklist: Path | None
    facts: Path | None
    trace: Path | None
    notify: tuple[str, ...] = ()


def look(
    profile: str, urls: tuple[str, ...], outside: Outside, options: Options, paper: Paper, fault: str | None
) -> None:
    """Look, judge and publish; raises typer.Exit with the exit code."""
    from golive.report.write import check_places, parse_all  # noqa: PLC0415 - likewise

    # Before anything is asked of a system: a report that has no place must not cost a whole run.
    check_places(parse_all(paper.outputs))
    own = checklist_of(paper.checklist, paper.outputs)
    ended: list[ProbeEnded] = []
    with ExitStack() as held:
        looked_at = loaded(profile, urls, outside, os.environ, fault=fault, only=options.only, skip=options.skip)
        there = held.enter_context(looked_at)
        tell = _messenger(paper.notify, there)
        progress = Progress()

        def shown(outcomes: live.Outcomes) -> None:
            tell(outcomes.report)
            publish(
                outcomes.report,
                paper.outputs,
                files=_files(paper, outcomes, ended, there.profile.secrets),
                mode=paper.mode,
                secrets=there.profile.secrets,
                verbose=paper.verbose,
                quiet=paper.quiet,
                own=own,
                after=as_profile(urls) if urls else "",
            )

        # A thread that hangs would keep the process alive after the report, so the process ends here.
        def cut_off(outcomes: live.Outcomes) -> None:
            progress.stop()
            end_with(lambda: shown(outcomes))

        with progress as show:
            outcomes = _looked(there, options, partial(_watched, show, ended), cut_off)
    shown(outcomes)


def _messenger(services: tuple[str, ...], there: Session) -> Callable[[Report], None]:
    """Return what sends a report's message, before the report is shown; raises CliError where it cannot be sent."""
    if not services:
        return lambda _: None
    from golive.cli import notify  # noqa: PLC0415 - only where asked for

    profile = there.profile
    hooks = notify.webhooks(services, profile.data.notify, os.environ)
    return lambda report: notify.tell(report, hooks, profile.secrets)


def _looked(
    there: Session, options: Options, watch: Callable[[Event], None], cut_off: Callable[[live.Outcomes], None]
) -> live.Outcomes:
    from golive import live  # noqa: PLC0415 - not needed for help

    try:
        return live.check(there, options, watch, cut_off)
    except SystemExit:
        raise CliError("a plugin tried to end golive; it was ended without a report") from None


def _watched(show: Callable[[Event], None], ended: list[ProbeEnded], event: Event) -> None:
    if isinstance(event, ProbeEnded):
        ended.append(event)
    show(event)


def _files(
    paper: Paper, outcomes: live.Outcomes, ended: Sequence[ProbeEnded], secrets: Collection[str]
) -> dict[Path, str]:
    """Return the texts of the files that are asked for beside the reports."""
    from golive.report.redact import redact  # noqa: PLC0415 - not needed for help
    from golive.trace import chrome_trace  # noqa: PLC0415 - likewise

    files = {paper.facts: outcomes.facts()} if paper.facts else {}
    if paper.trace:
        files[paper.trace] = redact(chrome_trace(ended), secrets)
    return files
