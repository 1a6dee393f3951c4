"""Reports of five thousand findings: what blocks comes first, the rest is counted, and nothing bursts its place."""

from __future__ import annotations

import functools
import re
from dataclasses import replace

import cmarkgfm
import pytest
import report_samples as samples
from lxml import etree

from golive.causes import by_defect, defects
from golive.model import Report
from golive.report import comment, github, render
from golive.report.screen import Screen

GITHUB_COMMENT = 65_536
KINDS = {
    "half": {},
    "each its own": {"findings": 3000, "red": 1.0, "checks": 3000, "words": "x" * 300},
    "all red": {"red": 1.0},
    "few": {"red": 0.01},
}
EVERY = [kind if n < 2 else pytest.param(kind, marks=pytest.mark.long) for n, kind in enumerate(KINDS)]


@functools.cache
def report(kind: str) -> Report:
    return samples.big(**KINDS[kind])


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("kind", EVERY)
def test_a_comment_fits_and_counts_the_blockers_that_do_not(kind: str) -> None:
    text = render("comment", report(kind))
    assert units(text) <= comment.LARGEST < GITHUB_COMMENT
    assert text.startswith(comment.MARK)
    more = re.search(r"\*\*And ([\d,]+) more blockers?\*\*", text)
    left = by_defect(report(kind).blockers)[text.count("\n### ") :]
    assert (int(more[1].replace(",", "")) if more else 0) == defects(f for findings in left for f in findings)
    assert text.index("## Blockers") < 700
    assert "<h3>" in cmarkgfm.github_flavored_markdown_to_html(text)


def test_a_comment_has_all_of_a_small_report_that_blocks() -> None:
    text = render("comment", samples.broken())
    assert "more blocker" not in text
    assert "## Waivers" in text
    assert render("comment", samples.healthy()).count("##") == 1, "the sections alone"


@pytest.mark.parametrize("room", [0, 20, 300, 1000, 5000, 20_000])
def test_a_comment_keeps_to_any_room(room: int) -> None:
    assert units(comment.report(samples.broken(), room=room)) <= room


def test_one_blocker_on_thousands_of_hosts_is_shown_by_its_first() -> None:
    whole = samples.big(3000, checks=1, red=1.0, words="x" * 400)
    text = render("comment", whole)
    assert "\n### " in text
    assert re.search(r"^and [\d,]+ more$", text, re.MULTILINE)


@pytest.mark.parametrize("kind", EVERY)
def test_a_summary_has_the_blockers_first(kind: str) -> None:
    text = github.summary(report(kind))
    assert len(text.encode()) <= github.LARGEST
    assert text.index("## Blockers") < 700


@pytest.mark.parametrize("kind", EVERY)
def test_a_terminal_is_not_flooded(kind: str) -> None:
    shown = render("terminal", report(kind), screen=Screen(80))
    assert shown.count("\n") <= 200
    assert re.search(r"and [\d,]+ more (blockers|findings)", shown)


def test_the_suites_of_junit_take_as_long_as_the_run() -> None:
    root = etree.fromstring(render("junit", report("half")).encode())
    assert sum(float(suite.get("time")) for suite in root) == pytest.approx(100, abs=0.001)
    for suite in root:
        assert sum(float(case.get("time")) for case in suite.iter("testcase")) == pytest.approx(
            float(suite.get("time")), abs=0.001
        )


def test_a_run_that_measured_nothing_takes_its_time_once() -> None:
    whole = samples.healthy()
    still = replace(whole, findings=tuple(replace(f, seconds=0.0) for f in whole.findings))
    root = etree.fromstring(render("junit", still).encode())
    assert sum(float(suite.get("time")) for suite in root) == pytest.approx(3.42)


def test_annotations_are_the_gravest_ten_and_a_count() -> None:
    lines = github.commands(report("half")).splitlines()
    placed = [f for f in report("half").blockers if f.verdict.at]
    assert [line.partition("::")[0] for line in lines] == [""] * 11
    assert all(line.startswith("::error ") for line in lines[:10])
    assert f"title={placed[0].check.id}::" in lines[0]
    assert lines[10].startswith(f"::notice title=golive::{len(placed) - 10:,} more findings in files")
