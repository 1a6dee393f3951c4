"""Show a report: on the terminal, in files, and to GitHub where it runs; then exit with its code."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import typer

from golive.cli.errors import CliError
from golive.gate import RED, Baseline
from golive.model import Report


def baseline_of(path: Path | None) -> Baseline | None:
    """Read the report to compare with. Every unwaived red finding stands, also one that an older baseline excused."""
    if path is None:
        return None
    from golive.report.baseline import read_baseline  # noqa: PLC0415 - only where asked for

    try:
        former = read_baseline(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as problem:
        raise CliError(f"{path}: the baseline cannot be read: {problem}") from None
    standing = [s for s in former.findings.values() if (s.red or s.outcome in RED) and not s.waived]
    return Baseline(former.name, former.environment, former.started, {s.id: (s.summary, s.since) for s in standing})


def publish(
    report: Report,
    outputs: Sequence[str],
    *,
    files: Mapping[Path, str] | None = None,
    mode: int,
    secrets: Collection[str],
    verbose: bool,
) -> None:
    """Show and write a report, and exit with its code; `files` are written beside the reports, as they are."""
    from golive.report import ReportError, github, render, write  # noqa: PLC0415 - not needed for help
    from golive.report.redact import redact, redact_report  # noqa: PLC0415 - likewise
    from golive.report.screen import Screen  # noqa: PLC0415 - likewise

    asked = write.parse_all(outputs)
    screen = Screen.of(sys.stdout, os.environ)
    problems = []
    if not any(o.path == write.STDOUT for o in asked):
        sys.stdout.write(render("terminal", report, secrets=secrets, screen=screen, verbose=verbose))
        sys.stdout.flush()
    if os.environ.get("GITHUB_ACTIONS") == "true":
        clean = redact_report(report, secrets)
        sys.stdout.write(github.commands(clean, os.environ.get("GITHUB_WORKSPACE", "")))
        sys.stdout.flush()
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            github.append_summary(clean, summary)
    try:
        write.write(asked, report, sys.stdout, secrets=secrets, mode=mode, options={"terminal": {"verbose": verbose}})
    except ReportError as problem:
        problems.append(str(problem))
    for path, text in (files or {}).items():
        try:
            write.write_file(str(path), redact(text, secrets), mode)
        except OSError as problem:
            problems.append(f"{path}: cannot be written: {problem.strerror or problem}")
    if problems:
        raise CliError("\n".join(problems))
    raise typer.Exit(report.exit_code)
