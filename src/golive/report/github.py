"""What GitHub Actions shows: the step's summary, and annotations on the files that red findings are in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import TextIO

from golive.model import Finding, Report
from golive.report import ReportError, markdown
from golive.report.escape import FIX, command_data, command_property, visible
from golive.report.redact import redact_report

LARGEST = 1024 * 1024
"""The bytes of a step's summary beyond which GitHub shows none of it
(docs.github.com, "Workflow commands": a step's summary is restricted to 1 MiB).
"""
ANNOTATIONS = 50
"""The annotations that GitHub keeps of a job; it drops the rest."""


def publish(report: Report, environ: Mapping[str, str], stream: TextIO, *, secrets: Iterable[str] = ()) -> None:
    """Within GitHub Actions, annotate through `stream` (the runner reads both) and append to the step's summary.

    Raises:
        ReportError: the summary cannot be written.
    """
    if environ.get("GITHUB_ACTIONS") != "true":
        return
    shown = redact_report(report, secrets)
    stream.write(commands(shown, environ.get("GITHUB_WORKSPACE", "")))
    stream.flush()
    if path := environ.get("GITHUB_STEP_SUMMARY"):
        append_summary(shown, path)


def commands(report: Report, workspace: str = "") -> str:
    """Return a workflow command for each red finding in a file, paths relative to the `workspace`."""
    placed = [f for f in report.blockers if f.verdict.at is not None]
    return "".join(f"{_annotation(f, workspace)}\n" for f in placed[:ANNOTATIONS])


def _annotation(finding: Finding, workspace: str) -> str:
    """Return one annotation."""
    at = finding.verdict.at
    if at is None:
        return ""
    properties = {"file": _relative(at.file, workspace), "line": at.line, "col": at.column, "title": finding.check.id}
    listed = ",".join(f"{k}={command_property(visible(str(v)))}" for k, v in properties.items() if v)
    message = f"{visible(finding.subject)}: {visible(finding.verdict.summary)}"
    if finding.fix:
        message += f"\n{visible(finding.fix, FIX)}"
    return f"::error {listed}::{command_data(message)}"


def _relative(file: str, workspace: str) -> str:
    """Return a path as GitHub names it: relative to the workspace, if it is in there."""
    path, root = PurePath(file), PurePath(workspace)
    return path.relative_to(root).as_posix() if workspace and path.is_relative_to(root) else file


def summary(report: Report, room: int = LARGEST) -> str:
    """Return the Markdown report in at most `room` bytes: whole, else without its evidence, else cut at a line."""
    for evidence in (True, False):
        text = markdown.report(report, evidence=evidence)
        if len(text.encode()) <= room:
            return text
    note = "\n\n*The rest does not fit here. It is in the whole report: `-o markdown:FILE`.*\n"
    head = text.encode()[: max(0, room - len(note))].decode(errors="ignore")
    return head.rpartition("\n")[0] + note if len(note) < room else ""


def append_summary(report: Report, path: str) -> None:
    """Append the summary to the step's, in what room is left."""
    try:
        with Path(path).open("ab") as file:
            before = file.tell()
            file.write((b"\n" if before else b"") + summary(report, LARGEST - before - 1).encode())
    except OSError as error:
        raise ReportError(f"GitHub's step summary {path} cannot be written: {error.strerror}") from error
