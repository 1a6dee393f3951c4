"""Show a report: on the terminal, in files, and to GitHub where it runs; then exit with its code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import typer

from golive.cli.errors import CliError, exit_by, exit_code_of, let_go_of_stdout
from golive.gate import RED, EarlierReport
from golive.model import Report


def baseline_of(path: Path | None) -> EarlierReport | None:
    """Read the report to compare with. Every unwaived red finding counts, also one that an older baseline excused."""
    if path is None:
        return None
    from golive.report.baseline import read_baseline  # noqa: PLC0415 - only where asked for

    try:
        former = read_baseline(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as problem:
        raise CliError(f"{path}: the baseline cannot be read: {problem}") from None
    standing = [s for s in former.findings.values() if (s.red or s.outcome in RED) and not s.waived]
    return EarlierReport(
        former.name, former.environment, former.started, {s.id: (s.summary, s.since) for s in standing}
    )


def checklist_of(path: Path | None, outputs: Sequence[str]) -> dict[str, str]:
    """Read a team's own checklist, for the report of that name."""
    if path is None:
        return {}
    if not any(each.partition(":")[0] == "checklist" for each in outputs):
        raise CliError(f"--checklist {path}: where to? Add -o checklist:FILE, which may be the same file")
    try:
        return {"own": path.read_text(encoding="utf-8"), "name": str(path)}
    except (OSError, UnicodeDecodeError) as problem:
        raise CliError(f"{path}: the checklist cannot be read: {problem}") from None


def publish(
    report: Report,
    outputs: Sequence[str],
    *,
    files: Mapping[Path, str] | None = None,
    mode: int,
    secrets: Collection[str],
    verbose: bool,
    quiet: bool = False,
    own: Mapping[str, str] | None = None,
    after: str = "",
) -> None:
    """Show and write a report, and exit with its code; `files` are written beside the reports, as they are.

    `own` is a checklist of the team's own, with its name; `after` what a terminal shows last.

    What cannot be written does not stop the rest, and is reported at the end.
    """
    from golive.report import github, write  # noqa: PLC0415 - not needed for help

    asked = write.parse_all(outputs)
    printed = any(o.path == write.STDOUT for o in asked)
    problems: list[str] = []
    if not printed:
        with _collected(problems, "standard output"):
            _show(_line_of(report, secrets) if quiet else _page_of(report, secrets, verbose=verbose, after=after))
    with _collected(problems, "GitHub's annotations"):
        # The runner reads both streams; a report that is asked for on one stands there alone.
        github.publish(report, os.environ, sys.stderr if printed else sys.stdout, secrets=secrets)
    with _collected(problems, "the reports"):
        options = {"terminal": {"verbose": verbose}, "checklist": own or {}}
        write.write(asked, report, sys.stdout, secrets=secrets, mode=mode, options=options)
    for path, text in (files or {}).items():
        with _collected(problems, str(path)):
            write.write_file(str(path), text, mode)
    if problems:
        raise CliError("\n".join(problems))
    raise typer.Exit(report.exit_code)


def _line_of(report: Report, secrets: Collection[str]) -> str:
    """Render the decision alone."""
    from golive.report.escape import visible  # noqa: PLC0415 - not needed for help
    from golive.report.redact import redact  # noqa: PLC0415 - likewise

    why = f" ({'; '.join(report.reasons)})" if report.reasons else ""
    return visible(redact(f"{report.headline}: {report.run.environment}{why}", secrets)) + "\n"


def _page_of(report: Report, secrets: Collection[str], *, verbose: bool, after: str) -> str:
    """Render the report for the terminal."""
    from golive.report import render  # noqa: PLC0415 - not needed for help
    from golive.report.screen import Screen  # noqa: PLC0415 - likewise

    screen = Screen.of(sys.stdout, os.environ)
    return render("terminal", report, secrets=secrets, screen=screen, verbose=verbose) + (
        f"\n{after}\n" if after else ""
    )


def end_with(show: Callable[[], None]) -> NoReturn:
    """Show a report, and end the process with its exit code, whatever its other threads are doing."""
    try:
        show()
    except typer.Exit as ended:
        exit_by(ended.exit_code)
    except BaseException as problem:  # noqa: BLE001 - nobody is left to report it
        exit_by(exit_code_of(problem))
    exit_by(0)


def _show(text: str) -> None:
    """Print a report. Where the reader has gone (`golive check x | head`), the exit code still tells."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        let_go_of_stdout()


@contextmanager
def _collected(problems: list[str], what: str) -> Iterator[None]:
    """Note that `what` cannot be written, and go on."""
    from golive.report import ReportError  # noqa: PLC0415 - not needed for help

    try:
        yield
    except ReportError as problem:
        problems.append(str(problem))
    except OSError as problem:
        problems.append(f"{what} cannot be written: {problem.strerror or problem}")
