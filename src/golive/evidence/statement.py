"""An in-toto statement (v1) over a report and its facts: which bytes, and what the report says in short.

Source: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from golive.evidence import EvidenceError
from golive.report import ReportError
from golive.report.baseline import document_of

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:golive:readiness:1"
"""Its number rises when a reader of the former predicate would misread."""

RUN = {
    "environment": "environment",
    "production": "production",
    "release": "release",
    "commit": "commit",
    "phase": "phase",
    "selection": "selection",
    "startedOn": "started",
    "finishedOn": "ended",
    "vantage": "vantage",
    "interrupted": "interrupted",
}
"""What the predicate takes over from the report's run: its name -> the report's."""


def digest(content: bytes) -> str:
    """Return the hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


def write(report: bytes, files: Mapping[str, bytes]) -> bytes:
    """Return the statement over a report and, in `files` by their roles (`report`, `facts`), the bytes that it covers.

    Raises:
        ReportError: not a JSON report of golive's.
    """
    subject = [{"name": role, "digest": {"sha256": digest(content)}} for role, content in files.items()]
    body = {"_type": STATEMENT, "subject": subject, "predicateType": PREDICATE, "predicate": predicate(parsed(report))}
    return json.dumps(body, ensure_ascii=True).encode()


def parsed(report: bytes, name: str = "the report") -> dict[str, Any]:
    """Return a JSON report as data, whole enough to be stated. Raises ReportError."""
    document = document_of(report.decode("utf-8", "replace"), name)
    try:
        predicate(document)
    except (KeyError, TypeError, AttributeError) as problem:
        raise ReportError(f"{name} is not a whole golive report: {problem}") from None
    return document


def predicate(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return in short what a report says, for policies that read no report."""
    run = document["run"]
    return {
        "decision": document["decision"],
        "exitCode": document["exit_code"],
        "headline": document["decision_detail"],
        "reasons": document["reasons"],
        **{name: run[key] for name, key in RUN.items()},
        "profile": {"name": run["profile"], "digest": {"sha256": run["profile_digest"]}},
        "facts": {"digest": {"sha256": run["facts_digest"]}},
        "gate": document["gate"],
        "baseline": document["baseline"],
        "counts": document["counts"],
        "waivers": [dict(waiver) for waiver in document["waivers"]],
        "versions": {"golive": run["version"], "report": document["schema_version"]},
    }


def read(payload: bytes) -> tuple[dict[str, str], dict[str, Any]]:
    """Return what a statement covers, SHA-256 by role, and its predicate.

    Raises:
        EvidenceError: it is about something else, or not a statement.
    """
    try:
        statement = json.loads(payload)
        kinds = statement["_type"], statement["predicateType"]
        covered = {str(each["name"]): str(each["digest"]["sha256"]) for each in statement["subject"]}
        fields = dict(statement["predicate"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise EvidenceError("what is signed is no in-toto statement about a golive report") from None
    if kinds != (STATEMENT, PREDICATE):
        raise EvidenceError(f"what is signed is a statement of another kind; expected {PREDICATE}")
    return covered, fields
