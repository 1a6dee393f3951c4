"""The report as SARIF 2.1.0, for code scanning: what is red or warns, at its place in a file or on the profile.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from golive.model import CheckInfo, Finding, Outcome, Report, Severity
from golive.report import view
from golive.report.escape import ARCHIVED, visible

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.5"}
"""GitHub's grades of a security severity, as figures (docs.github.com, "SARIF support for code scanning")."""
REPORTED = {Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN}


def report(report: Report) -> str:
    """Return the report as a SARIF log of one run, in ASCII."""
    found = [f for f in report.findings if f.outcome in REPORTED and not f.not_permitted]
    checks = list({f.check.id: f.check for f in found}.values())
    places = {check.id: number for number, check in enumerate(checks)}
    run = report.run
    driver = {"name": "golive", "semanticVersion": run.version, "rules": [_rule(check) for check in checks]}
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                # GitHub takes what is before the last slash for the category: each environment keeps its own alerts.
                "automationDetails": {"id": f"golive/{visible(run.environment)}/"},
                "invocations": [
                    {
                        "executionSuccessful": not run.interrupted,
                        "startTimeUtc": f"{run.started:%Y-%m-%dT%H:%M:%SZ}",
                        "endTimeUtc": f"{run.ended:%Y-%m-%dT%H:%M:%SZ}",
                        "exitCode": report.exit_code,
                    }
                ],
                "columnKind": "unicodeCodePoints",
                "results": [_result(f, report, places[f.check.id]) for f in found],
                "properties": {"decision": report.headline, "commit": run.commit},
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=True) + "\n"


def _rule(check: CheckInfo) -> dict[str, Any]:
    return {
        "id": check.id,
        "shortDescription": {"text": _text(check.title)},
        "fullDescription": {"text": _text(check.why or check.title)},
        "help": {"text": _text(check.fix or check.title)},
        "properties": {"security-severity": SCORES[check.severity], "tags": [check.section, *check.tags]},
    }


def _result(finding: Finding, report: Report, rule: int) -> dict[str, Any]:
    red = finding.id in report.red
    text = f"{finding.subject}: {finding.verdict.summary}" + (f" Fix: {finding.fix}" if finding.fix else "")
    unseen = finding.outcome == Outcome.UNKNOWN and not red  # section 3.27.10: only a failure has a level
    level = "error" if red else "none" if unseen else "warning" if finding.outcome == Outcome.WARN else "note"
    result: dict[str, Any] = {
        "ruleId": finding.check.id,
        "ruleIndex": rule,
        "level": level,
        "kind": "review" if unseen else "fail",
        "message": {"text": _text(text)},
        "locations": [_place(finding, report)],
        "partialFingerprints": {"golive/v1": hashlib.sha256(finding.id.encode("utf-8", "replace")).hexdigest()},
    }
    if finding.standing:
        result["baselineState"] = "new" if finding.standing == "new" else "unchanged"
    if waiver := finding.waiver:
        why = f"{waiver.reason} (approved by {waiver.approver} until {view.day(waiver.expires)})"
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": _text(why)}]
    return result


def _place(finding: Finding, report: Report) -> dict[str, Any]:
    """Return where a finding is: in its file, else in the profile that asks for it."""
    at = finding.verdict.at
    file = at.file if at else report.run.profile
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(PurePath(visible(file)).as_posix(), safe="/")}}
    if at and at.line:
        place["region"] = {"startLine": at.line} | ({"startColumn": at.column} if at.column else {})
    return {"physicalLocation": place, "logicalLocations": [{"name": _text(finding.subject), "kind": finding.kind}]}


def _text(text: str) -> str:
    return visible(text, ARCHIVED)
