"""Kept reports, one after another: since when what is red stands."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest

from golive.report import ReportError, history_page, history_text, reds
from golive.report.history import history
from golive.report.screen import Screen

CHECKS = ("tls.certificate-current", "cors.foreign-origins-refused", "dns.resolves")


def kept(day: int, *red: str, without: str = "", environment: str = "staging") -> tuple[str, str]:
    """A report of the n-th of May, in which these checks are red, and one was not asked."""
    asked = [check for check in CHECKS if check != without]
    data: dict[str, Any] = {
        "schema": "golive-report",
        "schema_version": 1,
        "decision": "NO-GO" if red else "GO",
        "run": {"environment": environment, "started": f"2027-05-{day:02}T06:00:00Z", "selection": ""},
        "findings": [
            {
                "id": f"{check}[host:a.test]",
                "title": f"Title of {check}",
                "summary": f"seen {check}",
                "red": check in red,
            }
            for check in asked
        ],
        "checklist": [
            {"id": f"line.{n}", "words": f"Line {n}", "seen": check, "state": _state(check, red, without)}
            for n, check in enumerate(CHECKS)
        ],
    }
    return json.dumps(data), f"{day}.json"


def _state(check: str, red: tuple[str, ...], without: str) -> str:
    return "not looked at" if check == without else "red" if check in red else "ticked"


def test_what_is_red_stands_since_the_first_run_without_a_break() -> None:
    tls, cors, dns = CHECKS
    # In any order; the second was red, green, and is red again; on the ninth nobody asked for DNS.
    runs = [kept(9, tls, cors, without=dns), kept(3, cors, dns), kept(6, dns), kept(12, tls, cors, dns)]
    found = history(runs)
    assert [run.started.day for run in found.runs] == [3, 6, 9, 12]
    by_id = {each.item.id.partition("[")[0]: each for each in found.findings}
    assert {name: (each.since.day, each.runs) for name, each in by_id.items()} == {
        tls: (9, 2),
        cors: (9, 2),
        dns: (3, 3),
    }
    assert {name for name, each in by_id.items() if each.from_the_first} == {dns}
    assert [(each.item.id, each.since.day, each.runs) for each in found.lines] == [
        ("line.2", 3, 3),
        ("line.0", 9, 2),
        ("line.1", 9, 2),
    ]
    assert history_page.since(by_id[dns]) == "2027-05-03 or before"


def test_a_report_that_is_kept_twice_is_one_run() -> None:
    assert len(history([kept(1), kept(1), kept(2)]).runs) == 2


def test_reports_of_two_environments_have_no_history() -> None:
    with pytest.raises(ReportError, match=r"2\.json is a report on production, 1\.json on staging"):
        history([kept(1), kept(2, environment="production")])


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": "golive-report", "schema_version": 1, "findings": [1]}'])
def test_what_is_no_report_is_refused_with_its_name(text: str) -> None:
    with pytest.raises(ReportError, match=r"old\.json"):
        history([(text, "old.json")])


def test_the_picture_has_a_bar_for_each_run_and_says_what_it_shows() -> None:
    found = history([kept(1, *CHECKS), kept(2, CHECKS[0]), kept(3)])
    page = history_page.page(found)
    heights = [float(height) for height in re.findall(r'<g class="(?:no-)?go">.*?height="([\d.]+)"', page)]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 3
    assert page.count('<g class="no-go">') == 2
    assert "3 on 2027-05-01, 0 on 2027-05-03, between 0 and 3" in page
    assert reds.sparks(found.runs, unicode=True) == "█▃▁"
    assert reds.sparks(found.runs, unicode=False) == "@-_"


def test_the_page_shows_markup_of_others_as_text() -> None:
    text, name = kept(1, CHECKS[0])
    page = history_page.page(history([(text.replace("seen tls", "<script>alert(1)</script>"), name)]))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_terminal_shows_the_trend_and_what_is_red() -> None:
    shown = history_text.text(history([kept(1, CHECKS[1]), kept(2, CHECKS[1], CHECKS[0])]), Screen())
    assert "NO-GO  staging  2 runs, 2027-05-01 to 2027-05-02" in shown
    assert shown.index(f"2027-05-01 or before  2 runs  {CHECKS[1]}") < shown.index(f"2027-05-02  1 run  {CHECKS[0]}")
    green = history_text.text(history([kept(1), kept(2)]), Screen())
    assert "Red findings  none" in green


def test_a_moment_without_a_zone_is_in_utc() -> None:
    text, name = kept(4)
    (run,) = history([(text.replace("06:00:00Z", "06:00:00"), name)]).runs
    assert run.started == dt.datetime(2027, 5, 4, 6, tzinfo=dt.UTC)
