"""Report -> str, one module per format. A format never decides anything: what is red is settled in the report.

Formats are imported when they are asked for, so that a run pays only for what it writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from golive.model import Report
from golive.report.redact import redact_report

FORMATS = {
    "terminal": ".txt",
    "markdown": ".md",
    "json": ".json",
    "junit": ".xml",
    "html": ".html",
    "sarif": ".sarif",
    "codequality": ".codequality.json",
    "openmetrics": ".prom",
    "csv": ".csv",
    "tap": ".tap",
    "checklist": ".checklist.md",
    "comment": ".comment.md",
}
"""The formats by name, each with the file name's suffix that means it."""


class ReportError(Exception):
    """A report that could not be written, asked for or read; the message says why, in a line."""


def render(format: str, report: Report, *, secrets: Iterable[str] = (), **options: Any) -> str:  # noqa: A002 - the users' word
    """Return the report in the named format, free of `secrets`; `options` are the format's own.

    Secrets are taken from the report, before a format wraps or escapes them out of recognition, and never from the
    finished text: what is spelled like a word of the format must not break it.
    """
    if format not in FORMATS:
        raise ReportError(f"there is no report format {format}; there are {', '.join(FORMATS)}")
    module = import_module(f"golive.report.{format}")
    text: str = module.report(redact_report(report, secrets), **options)
    return text
