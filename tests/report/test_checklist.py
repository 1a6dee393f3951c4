"""The checklist as task lists, and a team's own file given back ticked."""

from __future__ import annotations

from dataclasses import replace

import cmarkgfm
import pytest
import report_samples as samples

from golive.model import ChecklistRow, LineState, Report
from golive.report import ReportError, render

ROWS = (
    ChecklistRow("domains.dns", "domains", "Names resolve", LineState.TICKED, "api: resolves", ("dns.resolves",)),
    ChecklistRow("domains.tls", "domains", "Certificates", LineState.RED, "api: <b>expired</b>\n- [x] no", ("tls.x",)),
    ChecklistRow("storage.bucket", "storage", "Bucket", LineState.OFF, "no files"),
    ChecklistRow("ci.suites", "ci", "Suites", LineState.NOT_CONFIGURED, "nothing"),
)


@pytest.fixture
def report() -> Report:
    return replace(samples.healthy(), checklist=ROWS, scope="for 2 of 11 sections")


def test_golives_own_lines_are_a_task_list(report: Report) -> None:
    text = render("checklist", report)
    assert "GO for 2 of 11 sections" in text.splitlines()[0]
    page = cmarkgfm.markdown_to_html_with_extensions(text, extensions=["tasklist"])
    assert page.count("<input") == 4
    assert page.count("checked") == 1
    assert "<b>" not in page


OWN = """# Ours

- [ ] Names <!-- golive: domains.dns -->
* [x] Certificates   <!-- golive: domains.tls, domains.dns -->
1. No box yet <!-- golive: domains.dns -->
- [x] Champagne is cold
- Bucket <!-- golive: storage -->

```
- [ ] left alone <!-- golive: nothing.such -->
```
"""


def test_a_teams_own_file_comes_back_ticked(report: Report) -> None:
    text = render("checklist", report, own=OWN, name="own.md")
    lines = text.splitlines()
    assert "- [x] Names <!-- golive: domains.dns -->" in lines
    assert "* [ ] Certificates   <!-- golive: domains.tls, domains.dns -->" in lines
    assert "1. [x] No box yet <!-- golive: domains.dns -->" in lines
    assert "- [x] Champagne is cold" in lines
    assert "- [ ] left alone <!-- golive: nothing.such -->" in lines
    assert "  - ticked: api: resolves `domains.dns` <!-- golive saw -->" in lines
    ours = [line for line in lines if "golive saw" in line]
    assert len(ours) == 5
    assert "<b>" not in text


def test_a_second_run_gives_the_same_file(report: Report) -> None:
    once = render("checklist", report, own=OWN, name="own.md")
    assert render("checklist", report, own=once, name="own.md") == once
    without = [line for line in once.splitlines() if "golive saw" not in line]
    assert len(without) == len(OWN.splitlines())


def test_an_id_that_is_none_is_told_with_its_place(report: Report) -> None:
    with pytest.raises(
        ReportError, match=r"own\.md:1: domains\.dsn is no line, section or check that .*checklist\.only"
    ):
        render("checklist", report, own="- [ ] x <!-- golive: domains.dsn -->", name="own.md")


@pytest.mark.parametrize("format", ["markdown", "json", "junit", "terminal"])
def test_every_format_says_what_the_decision_is_about(format: str, report: Report) -> None:  # noqa: A002 - the users' word
    assert "for 2 of 11 sections" in " ".join(render(format, report).split())


def test_markdowns_first_heading_says_it(report: Report) -> None:
    assert "GO for 2 of 11 sections" in render("markdown", report).splitlines()[0]
    assert "GO, 3 lines off" in render("markdown", replace(report, scope="3 lines off")).splitlines()[0]


def test_a_secret_leaves_what_was_seen_and_nothing_of_golives_own(report: Report) -> None:
    text = render("checklist", report, secrets=["expired", "domains", "ticked"], own=OWN, name="own.md")
    assert "expired" not in text
    assert "<!-- golive: domains.tls, domains.dns -->" in text
    assert "- ticked: api: resolves `domains.dns`" in text
