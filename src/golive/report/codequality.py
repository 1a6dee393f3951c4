"""The report for GitLab's merge requests: what is red or warns, in the form of its code quality report.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
import json

from golive.model import Outcome, Report, Severity
from golive.report.escape import visible

GRADES = {Severity.CRITICAL: "blocker", Severity.HIGH: "critical", Severity.MEDIUM: "major", Severity.LOW: "minor"}
WARNING = "info"


def report(report: Report) -> str:
    """Return the report as a JSON array of issues; what a waiver covers is none."""
    issues = []
    for finding in report.findings:
        red = finding.id in report.red
        if red or (finding.outcome == Outcome.WARN and not finding.waiver):
            at = finding.verdict.at
            issues.append(
                {
                    "description": visible(f"{finding.subject}: {finding.verdict.summary}"),
                    "check_name": finding.check.id,
                    "fingerprint": hashlib.sha256(finding.id.encode("utf-8", "replace")).hexdigest(),
                    "severity": GRADES[finding.check.severity] if red else WARNING,
                    "location": {
                        "path": visible(at.file if at else report.run.profile),
                        "lines": {"begin": (at.line if at else 0) or 1},
                    },
                }
            )
    return json.dumps(issues, indent=2, ensure_ascii=True) + "\n"
