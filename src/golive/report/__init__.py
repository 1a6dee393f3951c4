"""Report -> str, one module per format. A format never decides anything: what is red is settled in the report.

Formats are imported when they are asked for, so that a run pays only for what it writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from golive.installed import named
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
OWN = "golive.formats"
"""Entry points of others' formats: name -> function of the report that returns its text."""


class ReportError(Exception):
    """A report that could not be written, asked for or read; the message says why, in a line."""


def render(format: str, report: Report, *, secrets: Iterable[str] = (), **options: Any) -> str:  # noqa: A002 - the users' word
    """Return the report in the named format, free of `secrets`; `options` are the format's own.

    Secrets are taken from the report, before a format wraps or escapes them out of recognition, and never from the
    finished text: what is spelled like a word of the format must not break it.
    """
    shown = redact_report(report, secrets)
    if format in FORMATS:
        text: str = import_module(f"golive.report.{format}").report(shown, **options)
        return text
    return _rendered_by(format, shown)


def format_names() -> list[str]:
    """Return the names of all formats, those of others last."""
    return [*FORMATS, *(name for name in named(OWN) if name not in FORMATS)]


def _rendered_by(name: str, report: Report) -> str:
    """Return the report in a format that another package brings."""
    entry = named(OWN).get(name)
    if entry is None:
        raise ReportError(f"there is no report format {name}; there are {', '.join(format_names())}")
    try:
        text = entry.load()(report)
    except Exception as problem:  # noqa: BLE001 - foreign code; its words may quote what is secret
        raise ReportError(f"the report format {name} ({entry.value}) failed: {type(problem).__name__}") from None
    if not isinstance(text, str):
        raise ReportError(f"the report format {name} ({entry.value}) returned no text")
    return text
