"""The report as JSON for machines: everything there is to know, under the schema in report.schema.json."""

from __future__ import annotations

import datetime as dt
import json
import math
from importlib.resources import files
from typing import Any

from golive.model import (
    Attested,
    CheckInfo,
    ChecklistRow,
    Finding,
    Location,
    Outcome,
    Report,
    Run,
    Timing,
    Trend,
    Waiver,
)
from golive.report import view

SCHEMA_NAME = "golive-report"
SCHEMA_VERSION = 1
"""Rises when a reader of the former version would misread; new members alone do not raise it."""


def report(report: Report) -> str:
    """Return the report as a JSON document in ASCII."""
    text = json.dumps(document(report), indent=2, ensure_ascii=True)
    # Within a JSON string only: keeps GitHub's runner from seeing a command where the document is printed.
    return text.replace("##[", "#\\u0023[").replace("\x7f", "\\u007f") + "\n"


def schema() -> str:
    """Return the published JSON Schema (draft 2020-12) that every report satisfies."""
    return files("golive.report").joinpath("report.schema.json").read_text("utf-8")


def document(report: Report) -> dict[str, Any]:
    """Return the report as plain data."""
    checks = {f.check.id: f.check for f in report.findings}
    return {
        "schema": SCHEMA_NAME,
        "schema_version": SCHEMA_VERSION,
        "decision": str(report.decision),
        "decision_detail": report.headline,
        "exit_code": report.exit_code,
        "reasons": list(report.reasons),
        "counts": _counts(report),
        "run": _run(report.run),
        "gate": dict(report.gate),
        "baseline": report.baseline,
        "blockers": [f.id for f in report.blockers],
        "findings": [_finding(f, red=f.id in report.red) for f in report.findings],
        "sections": [{"id": s.id, "title": s.title, "number": s.number} for s in report.sections],
        "checks": {name: _check(check) for name, check in checks.items()},
        "checklist": [_line(row) for row in report.checklist],
        "waivers": [_waiver(w) for w in report.waivers],
        "attestations": [_attested(a) for a in report.attestations],
        "fixed": [{"id": m.id, "summary": m.summary, "since": _moment(m.since)} for m in report.fixed],
        "timings": [_timing(t) for t in report.timings],
    }


def _timing(timing: Timing) -> dict[str, Any]:
    """Return how long a probe took, and when it began where that is known."""
    began = {} if timing.began is None else {"began": round(timing.began, 4)}
    return {"probe": timing.probe, "subject": timing.subject, "seconds": round(timing.seconds, 4), **began}


def _line(line: ChecklistRow) -> dict[str, Any]:
    """Return a line of the checklist, with the checks that answer it."""
    return {
        "id": line.id,
        "section": line.section,
        "words": line.words,
        "state": str(line.state),
        "seen": line.seen,
        "checks": list(line.checks),
    }


def _attested(word: Attested) -> dict[str, Any]:
    """Return an attestation."""
    return {
        "id": word.id,
        "statement": word.statement,
        "who": word.who,
        "when": _day(word.when),
        "evidence": word.evidence,
        "expires": _day(word.expires),
    }


def _counts(report: Report) -> dict[str, int]:
    """Count the findings, each once; `red` counts again those that block."""
    tally = view.total(report)
    outcomes = {str(outcome): tally.count(outcome) for outcome in Outcome}
    return outcomes | {"waived": tally.waived, "not_permitted": tally.not_permitted, "red": len(report.red)}


def _run(run: Run) -> dict[str, Any]:
    """Return the circumstances of the run."""
    return {
        "environment": run.environment,
        "production": run.production,
        "profile": run.profile,
        "profile_digest": run.profile_digest,
        "facts_digest": run.facts_digest,
        "version": run.version,
        "started": _moment(run.started),
        "ended": _moment(run.ended),
        "vantage": run.vantage,
        "phase": str(run.phase) if run.phase else None,
        "release": run.release,
        "commit": run.commit,
        "interrupted": run.interrupted,
        "selection": run.selection,
        "left_behind": list(run.left_behind),
        "oldest_table": run.oldest_table,
    }


def _finding(finding: Finding, *, red: bool) -> dict[str, Any]:
    """Return a finding; what is the same for all of its check stands once under `checks`."""
    return {
        "id": finding.id,
        "check": finding.check.id,
        "section": finding.check.section,
        "title": finding.check.title,
        "severity": finding.check.severity.name.lower(),
        "kind": finding.kind,
        "subject": finding.subject,
        "outcome": str(finding.outcome),
        "red": red,
        "summary": finding.verdict.summary,
        "evidence": list(finding.verdict.evidence),
        "fix": finding.fix,
        "at": _location(finding.verdict.at),
        "unseen": list(finding.verdict.unseen),
        "trend": _trend(finding.verdict.trend),
        "seconds": round(finding.seconds, 4),
        "owner": finding.owner,
        "waiver": _waiver(finding.waiver) if finding.waiver else None,
        "tolerated": finding.tolerated,
        "not_permitted": finding.not_permitted,
        "standing": str(finding.standing) if finding.standing else None,
        "since": _moment(finding.since),
        "seen_from": finding.seen_from,
    }


def _trend(trend: Trend | None) -> dict[str, Any] | None:
    """Return what was measured from run to run."""
    if trend is None:
        return None
    return {
        "unit": trend.unit,
        "judged": trend.judged,
        "usual": _number(trend.usual),
        "limit": _number(trend.limit),
        "at": [_moment(at) for at in trend.at],
        "series": [{"name": each.name, "values": [_number(v) for v in each.values]} for each in trend.series],
    }


def _number(value: float | None) -> float | None:
    """Return a number that JSON has a spelling for."""
    return value if value is not None and math.isfinite(value) else None


def _check(check: CheckInfo) -> dict[str, Any]:
    """Return what a check is about."""
    return {
        "section": check.section,
        "title": check.title,
        "why": check.why,
        "fix": check.fix,
        "severity": check.severity.name.lower(),
        "effect": check.effect.name.lower(),
        "tags": list(check.tags),
    }


def _waiver(waiver: Waiver) -> dict[str, Any]:
    """Return a waiver."""
    return {
        "check": waiver.check,
        "subject": waiver.subject,
        "reason": waiver.reason,
        "approver": waiver.approver,
        "expires": _moment(waiver.expires),
        "at": _location(waiver.at),
    }


def _location(at: Location | None) -> dict[str, Any] | None:
    """Return a place in a file."""
    return {"file": at.file, "line": at.line, "column": at.column} if at else None


def _moment(at: dt.datetime | None) -> str | None:
    """Return a moment as RFC 3339 writes it, in UTC."""
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if at else None


def _day(at: dt.date | None) -> str | None:
    """Return a day as RFC 3339 writes it."""
    return at.isoformat() if at else None
