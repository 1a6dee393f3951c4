"""The looks of golive watch, one after the other, and what is started when something turns."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import typer

from golive import live
from golive.cli.check import Paper
from golive.cli.errors import INTERRUPTED, CliError
from golive.cli.show import end_with, publish
from golive.cli.watch_view import Looked, View, view
from golive.engine import ending
from golive.live import Outcomes
from golive.model import Report
from golive.report.changes import Changes, Turn, line
from golive.report.escape import visible
from golive.report.redact import redact_report
from golive.report.write import STDOUT, parse_all
from golive.session import Options, Session
from golive.wording import capped

COMMAND_S = 60.0
"""What --on-change starts is ended after so long: the next look waits for it."""
LINES = 100
"""The changes that it is given to read, a line each."""


@dataclass(frozen=True)
class Manner:
    """Seconds of rest between looks and of the whole watch (0: no end), and what happens on a change."""

    every_s: float
    until_s: float
    command: tuple[str, ...]
    bell: bool


def until_the_end(session: Session, options: Options, manner: Manner, paper: Paper) -> None:
    """Watch, and publish the last report; raises typer.Exit with the exit code."""
    printed = any(place.path == STDOUT for place in parse_all(paper.outputs))
    stream = sys.stderr if printed else sys.stdout  # a report that is asked for there stands alone
    shown = view(stream, os.environ, until_s=manner.until_s, quiet=paper.quiet, bell=manner.bell)
    watch = Watch(session, options, manner, paper, shown)
    with shown:
        last = watch.until_ready()
    watch.publish(last)


class Watch:
    """Looks, one after the other; `stopped` is set where a signal came between two of them."""

    def __init__(self, session: Session, options: Options, manner: Manner, paper: Paper, shown: View) -> None:
        """Take all that stays the same from look to look."""
        self.stopped = threading.Event()
        self._session, self._options, self._manner, self._paper = session, options, manner, paper
        self._shown, self._changes = shown, Changes()

    def until_ready(self) -> Report:
        """Look until it is GO, the time is up, or a signal comes; the last look begins when the time is up."""
        limit = self._manner.until_s
        end = time.monotonic() + limit if limit else math.inf
        with ending.on_signals(self.stopped.set):
            while True:
                report = self._look()
                rest = min(self._manner.every_s, end - time.monotonic())
                ready = limit and report.exit_code == 0
                if ready or rest <= 0 or report.run.interrupted or self.stopped.is_set():
                    return report
                self._shown.resting(rest)
                if self.stopped.wait(rest):
                    return report

    def publish(self, report: Report) -> None:
        """Show and write the last report; raises typer.Exit with its code, or that of an interruption."""
        secrets, paper = self._session.profile.secrets, self._paper
        try:
            publish(report, paper.outputs, mode=paper.mode, secrets=secrets, verbose=paper.verbose, quiet=paper.quiet)
        except typer.Exit:
            if self.stopped.is_set():
                raise typer.Exit(INTERRUPTED) from None
            raise

    def _look(self) -> Report:
        def cut_off(outcomes: Outcomes) -> None:
            self._shown.stop()
            end_with(lambda: self.publish(outcomes.report))

        self._shown.looking()
        try:
            outcomes = live.check(self._session, self._options, self._shown.event, cut_off)
        except SystemExit:
            raise CliError("a plugin tried to end golive; it was ended without a report") from None
        report = redact_report(outcomes.report, self._session.profile.secrets)
        if report.run.interrupted:  # what was not finished has not turned
            return outcomes.report
        turns = self._changes.take(report)
        self._shown.looked(Looked(report, turns, self._changes.since))
        if turns and self._manner.command:
            self._shown.note(_started(self._manner.command, report, turns))
        return outcomes.report


def _started(command: Sequence[str], report: Report, turns: Collection[Turn]) -> str:
    """Start what --on-change names, and return what went wrong with it, in a line."""
    fields = {"GOLIVE_DECISION": str(report.decision), "GOLIVE_ENVIRONMENT": visible(report.run.environment)}
    lines = capped([line(turn) for turn in turns], LINES, "changes")
    text = "\n".join([f"{visible(report.headline)}: {fields['GOLIVE_ENVIRONMENT']}", *lines, ""])
    try:
        ran = subprocess.run(  # noqa: S603 - it is the user's own command, and no shell reads it
            command,
            input=text.encode("utf-8", "backslashreplace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **fields},
            timeout=COMMAND_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"--on-change {command[0]}: ended after {COMMAND_S:.0f} s"
    except OSError as problem:
        return f"--on-change {command[0]}: {problem.strerror or problem}"
    return f"--on-change {command[0]}: exit code {ran.returncode}" if ran.returncode else ""
