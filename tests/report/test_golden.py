"""Every format over a healthy and a broken run, byte for byte.

To renew the golden files after a change that is meant, and then read their diff:

    GOLDEN=write pytest tests/report/test_golden.py
"""

import os
import re
from pathlib import Path

import pytest
import report_samples as samples

from golive.report import github, picture, render
from golive.report.screen import Screen

GOLDEN = Path(__file__).parent / "golden"


def html(report):
    """The page without its style and script, which are files of their own, and their digests."""
    page = re.sub(r"<(style|script)>.*?</\1>", r"<\1></\1>", render("html", report), flags=re.DOTALL)
    return re.sub(r"sha256-[\w+/=]+", "sha256-...", page)


RENDERED = {
    "terminal.txt": lambda report: render("terminal", report),
    "terminal.wide.txt": lambda report: render("terminal", report, screen=Screen(width=120)),
    "terminal.narrow.txt": lambda report: render("terminal", report, screen=Screen(width=20)),
    "terminal.ascii.txt": lambda report: render("terminal", report, screen=Screen(unicode=False)),
    "terminal.verbose.txt": lambda report: render("terminal", report, verbose=True),
    "terminal.colour.ansi": lambda report: render("terminal", report, screen=Screen(color=True)),
    "report.md": lambda report: render("markdown", report),
    "report.with-picture.md": lambda report: render("markdown", report, picture="readiness-trends.svg"),
    "report-trends.svg": picture.draw,
    "report.json": lambda report: render("json", report),
    "report.html": html,
    "report.sarif": lambda report: render("sarif", report),
    "codequality.json": lambda report: render("codequality", report),
    "metrics.prom": lambda report: render("openmetrics", report),
    "findings.csv": lambda report: render("csv", report),
    "report.tap": lambda report: render("tap", report),
    "junit.xml": lambda report: render("junit", report),
    "github.commands": github.commands,
}


PICTURED = {"report.with-picture.md", "report-trends.svg"}
"""Of the run in which something was measured."""
CASES = [(run, name) for run in ("healthy", "broken") for name in RENDERED if run == "broken" or name not in PICTURED]


@pytest.mark.parametrize(("run", "name"), CASES)
def test_looks_as_agreed(run, name):
    shown = RENDERED[name](getattr(samples, run)()).encode()
    file = GOLDEN / f"{run}.{name}"
    if os.environ.get("GOLDEN") == "write":
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(shown)
    assert shown == file.read_bytes(), f"{file} differs; if that is meant, renew it as this file's head says"


def test_no_golden_file_is_left_over():
    assert {file.name for file in GOLDEN.iterdir()} == {f"{run}.{name}" for run, name in CASES}
