"""What GitHub Actions shows: the step's summary, and annotations on the files that red findings are in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePath
from typing import TextIO

from golive.model import Finding, Report
from golive.report import ReportError, comment, markdown
from golive.report.escape import FIX, command_data, command_property, visible
from golive.report.redact import redact_report
from golive.wording import counted

LARGEST = 1024 * 1024
"""The bytes of a step's summary beyond which GitHub shows none of it
(docs.github.com, "Workflow commands": a step's summary is restricted to 1 MiB).
"""
ANNOTATIONS = 10
"""The errors that GitHub shows of a step; it drops the rest (docs.github.com, "Workflow commands": 10 of each kind)."""


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
    """Return a workflow command for the gravest red findings in files, and one that counts the others."""
    placed = [f for f in report.blockers if f.verdict.at is not None]
    lines = [_annotation(f, workspace) for f in placed[:ANNOTATIONS]]
    if placed[ANNOTATIONS:]:
        more = counted(len(placed) - ANNOTATIONS, "more finding")
        lines.append(f"::notice title=golive::{more} in files, which GitHub has no room for: see the step's summary")
    return "".join(f"{line}\n" for line in lines)


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
    """Return the Markdown report in at most `room` bytes: whole, else without its evidence, else what blocks first."""
    for evidence in (True, False):
        text = markdown.report(report, evidence=evidence)
        if len(text.encode()) <= room:
            return text
    units = room
    while units > 0 and len((text := comment.fitting(report, units)).encode()) > room:
        units -= max(1, len(text.encode()) - room)  # a letter beyond ASCII has more bytes than units
    return text if units > 0 else ""


def append_summary(report: Report, path: str) -> None:
    """Append the summary to the step's, in what room is left."""
    try:
        with Path(path).open("ab") as file:
            before = file.tell()
            file.write((b"\n" if before else b"") + summary(report, LARGEST - before - 1).encode())
    except OSError as error:
        raise ReportError(f"GitHub's step summary {path} cannot be written: {error.strerror}") from error
