"""The report in the Test Anything Protocol, version 14: a line for each finding.

Source: https://testanything.org/tap-version-14-specification.html
"""

from __future__ import annotations

from golive.model import Finding, Outcome, Report
from golive.report.escape import uncommanded, visible


def report(report: Report) -> str:
    """Return the report as TAP: what is red is not ok, what does not apply is skipped."""
    lines = ["TAP version 14", f"1..{len(report.findings)}"]
    for number, finding in enumerate(report.findings, start=1):
        red = finding.id in report.red
        lines.append(f"{'not ok' if red else 'ok'} {number} - {_text(finding.id)}{_directive(finding, red=red)}")
        shown = [("seen", finding.verdict.summary), *([("fix", finding.fix)] if red else [])]
        lines += [f"# {name}: {uncommanded(visible(text))}" for name, text in shown if text]
    lines.append(f"# {visible(report.headline)}")
    return "\n".join(lines) + "\n"


def _directive(finding: Finding, *, red: bool) -> str:
    """Return why a finding is not counted, in the protocol's words."""
    if red:
        return ""
    if finding.not_permitted or finding.outcome == Outcome.NA:
        return f" # SKIP {_text(finding.verdict.summary)}"
    if finding.waiver:
        return f" # SKIP waived by {_text(finding.waiver.approver)}"
    return ""


def _text(text: str) -> str:
    """Return text without what begins a directive; the protocol's escapes are a backslash and a hash."""
    return visible(text).replace("\\", "\\\\").replace("#", "\\#")
