"""A former JSON report, read back to compare with: what was red then, and since when."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from golive.model import Outcome
from golive.report import ReportError
from golive.report.json import SCHEMA_NAME, SCHEMA_VERSION
from golive.shortening import shortened

LARGEST = 64 * 1024 * 1024
"""The characters of a report that is read back; one of 20,000 findings has a quarter of it."""


@dataclass(frozen=True)
class Stood:
    """A finding as the former report has it. `since`: when it was first red, the former run's start at the latest."""

    id: str
    outcome: Outcome
    red: bool
    summary: str
    since: dt.datetime | None
    waived: bool = False


@dataclass(frozen=True)
class Baseline:
    """A former report: of which environment, from when, and how each finding stood."""

    name: str
    environment: str
    started: dt.datetime
    findings: Mapping[str, Stood]

    @property
    def red(self) -> Mapping[str, Stood]:
        """The findings that were red then."""
        return {name: stood for name, stood in self.findings.items() if stood.red}


def read_baseline(text: str, name: str = "the baseline") -> Baseline:
    """Read a JSON report that golive wrote; `name` is what errors call it.

    Raises:
        ReportError: it is something else, or written by a golive that is newer than this one.
    """
    data = document_of(text, name)
    try:
        return _baseline(data, name)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        detail = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise ReportError(f"{name} is not a whole golive report: {detail}") from error


def document_of(text: str, name: str) -> dict[str, Any]:
    """Return a JSON report of golive's as data. Raises ReportError where it is something else, or newer."""
    if len(text) > LARGEST:
        raise ReportError(f"{name} is larger than any golive report: {len(text):,} characters")
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise ReportError(
            f"{name} is not JSON: {shortened(str(error), 200)}; expected a report written with -o json:FILE"
        ) from error
    if not isinstance(data, dict) or data.get("schema") != SCHEMA_NAME:
        raise ReportError(f"{name} is JSON, but no golive report; expected one written with -o json:FILE")
    version = data.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ReportError(f"{name} does not say which version of the report it is")
    if version > SCHEMA_VERSION:
        raise ReportError(
            f"{name} was written by a newer golive: report version {version}, this one reads up to {SCHEMA_VERSION}"
        )
    return data


def _baseline(data: dict[str, Any], name: str) -> Baseline:
    """Pick out what a comparison needs."""
    started = _moment(data["run"]["started"])
    return Baseline(
        name=name,
        environment=_text(data["run"]["environment"]),
        started=started,
        findings={stood.id: stood for stood in (_stood(entry, started) for entry in data["findings"])},
    )


def _stood(entry: dict[str, Any], started: dt.datetime) -> Stood:
    """Read one finding."""
    red = entry["red"] is True
    since = entry.get("since")
    return Stood(
        id=_text(entry["id"]),
        outcome=Outcome(entry["outcome"]),
        red=red,
        summary=_text(entry["summary"]),
        since=_moment(since) if since else (started if red else None),
        waived=entry.get("waiver") is not None,
    )


def _text(value: object) -> str:
    """Return a text, or refuse."""
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, found {type(value).__name__}")
    return value


def _moment(value: object) -> dt.datetime:
    """Return a moment with its time zone, or refuse."""
    at = dt.datetime.fromisoformat(_text(value))
    if at.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return at
