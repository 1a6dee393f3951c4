"""The findings as comma-separated values (RFC 4180), one a line, for a spreadsheet."""

from __future__ import annotations

import csv
import io

from golive.model import Report
from golive.report import view
from golive.report.escape import ARCHIVED, visible

HEADS = (
    "section", "check", "severity", "kind", "subject", "outcome", "blocks", "summary", "fix", "owner", "file", "waiver",
    "since",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@")
"""Beginnings by which a spreadsheet takes a cell for a formula (OWASP, "CSV Injection")."""


def report(report: Report) -> str:
    """Return a line of heads, and a line for each finding."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(HEADS)
    for f in report.findings:
        waived = f"{f.waiver.approver} until {view.day(f.waiver.expires)}: {f.waiver.reason}" if f.waiver else ""
        outcome = "not permitted" if f.not_permitted else str(f.outcome)
        blocks = "yes" if f.id in report.red else "no"
        place = str(f.verdict.at) if f.verdict.at else ""
        since = view.day(f.since) if f.since else ""
        parts = (f.check.section, f.check.id, f.check.severity.name.lower(), f.kind, f.subject, outcome, blocks)
        lines.writerow([_cell(each) for each in (*parts, f.verdict.summary, f.fix, f.owner, place, waived, since)])
    return text.getvalue()


def _cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    shown = visible(text, ARCHIVED)
    return f"'{shown}" if shown.startswith(FORMULA) else shown
