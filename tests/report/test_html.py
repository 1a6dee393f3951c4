"""The HTML report in a real Chromium: what it shows, that hostile text stays text, and what axe-core says of it."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
import report_samples as samples
from chromium_dom import printed, shown
from selectolax.lexbor import LexborHTMLParser

from golive.model import Report, Timing
from golive.report import render, timeline

AXE = Path(sys.prefix, "node/node_modules/axe-core/axe.min.js")
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
RUN_AXE = """<script>%s</script><script>
axe.run().then(found => { document.body.dataset.axe = JSON.stringify(
  found.violations.map(each => [each.id, each.nodes.length, each.nodes[0].html.slice(0, 200)])); });
</script></body>"""
FILTER = """<script>
const filters = document.getElementById("filters");
filters.elements.outcome.value = "fail";
filters.dispatchEvent(new Event("input"));
</script></body>"""


@pytest.mark.parametrize(("run", "scheme"), [("healthy", "light"), ("broken", "light"), ("broken", "dark")])
def test_axe_core_finds_no_violation(run: str, scheme: str) -> None:
    axe = AXE.read_text("utf-8")
    page = POLICY.sub("", render("html", getattr(samples, run)()))
    dark = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    body = shown(page.replace("</body>", RUN_AXE % axe), *dark).css_first("body")
    assert body is not None
    assert json.loads(body.attributes["data-axe"] or "null") == []


def test_its_own_script_runs_under_its_policy_and_no_other_does() -> None:
    page = render("html", samples.broken())
    tree = shown(page.replace("</body>", "<script>document.title = 'foreign'</script></body>"))
    filters, title = tree.css_first("#filters"), tree.css_first("title")
    assert filters is not None
    assert "hidden" not in filters.attributes
    assert title is not None
    assert title.text() != "foreign"


def test_hostile_text_is_shown_as_text() -> None:
    tree = shown(render("html", samples.broken()))
    assert len(tree.css("script")) == 1
    assert [image.attributes["src"][:19] for image in tree.css("img")] == ["data:image/svg+xml;"]
    assert [link.attributes["href"] for link in tree.css("a")] == ["#blockers"]
    assert "<script>alert(1)</script>" in tree.text()


def test_filters_hide_what_does_not_fit() -> None:
    page = POLICY.sub("", render("html", samples.broken()))
    tree = shown(page.replace("</body>", FILTER))
    rows = tree.css("#everything tbody tr")
    left = [row for row in rows if "hidden" not in row.attributes]
    assert {row.attributes["data-outcome"] for row in left} == {"fail"}
    output = tree.css_first("#shown")
    assert output is not None
    assert output.text() == f"{len(left)} of {len(rows)} findings"


def test_paper_has_what_the_screen_unfolds() -> None:
    """A closed part of a page is left out by a browser that prints, unless the style says otherwise."""
    report = samples.broken()
    paper = "".join(printed(render("html", report)).split())
    lines = [line for finding in report.findings for line in finding.verdict.evidence if line.isascii()]
    assert len(lines) > 5
    assert [line for line in lines[:20] if "".join(line.split()) not in paper] == []
    assert "Skiptotheblockers" not in paper


def test_the_keyboard_reaches_everything_in_the_order_of_the_page() -> None:
    page = LexborHTMLParser(render("html", samples.broken()))
    reached = page.css("a[href], summary, select, input, button")
    assert reached[0].attributes["href"] == "#blockers"
    assert page.css_first("#blockers") is not None
    assert page.css("[tabindex], [onclick], [contenteditable]") == []
    labelled = {node.tag for node in page.css("label select, label input")}
    assert labelled == {"select", "input"}
    assert len(page.css("label select, label input")) == len(page.css("select, input"))


def test_without_its_script_everything_is_there() -> None:
    page, report = render("html", samples.broken()), samples.broken()
    tree = LexborHTMLParser(page)
    assert len(tree.css("#everything tbody tr")) == len(report.findings)
    for finding in report.blockers:
        assert finding.check.title in unescape(page)


def test_what_golive_wrote_between_backticks_is_code() -> None:
    report = samples.healthy()
    finding = next(f for f in samples.broken().blockers)
    told = replace(finding, verdict=replace(finding.verdict, fix="Run `nginx -s reload`, and don`t wait."))
    red = replace(report, findings=(told,), red=frozenset({told.id}))
    assert "don`t wait" in render("html", red)
    told = replace(finding, verdict=replace(finding.verdict, fix="Run `nginx -s reload` now."))
    assert "Run <code>nginx -s reload</code> now." in render("html", _with(report, told))


def _with(report: Report, finding: object) -> Report:
    return replace(report, findings=(finding,), red=frozenset({finding.id}))  # type: ignore[attr-defined]


def test_the_timeline_has_the_slowest_where_they_began() -> None:
    slow = tuple(Timing("dns.zone", f"{samples.HOSTILE} {n}", n / 10, began=float(n)) for n in range(100))
    page = LexborHTMLParser(render("html", replace(samples.healthy(), timings=(*slow, Timing("env.read", "x", 99.0)))))
    drawn = page.css_first("#timeline svg")
    assert len(drawn.css("rect")) == timeline.SHOWN
    assert drawn.attributes["aria-label"] == "40 probes of 100, those that took longest, in 109 s"
    titles = [each.text() for each in drawn.css("title")]
    assert titles[0].endswith("60: 6 s, from 60 s on")
    assert "<script>alert" in titles[0], "as text"
    starts = [float(each.attributes["x"]) for each in drawn.css("rect")]
    assert starts == sorted(starts)
    assert max(float(r.attributes["x"]) + float(r.attributes["width"]) for r in drawn.css("rect")) <= timeline.RIGHT + 2


def test_where_nobody_knows_when_anything_began_there_is_no_timeline() -> None:
    still = replace(samples.healthy(), timings=(Timing("env.read", "x", 1.0),))
    assert LexborHTMLParser(render("html", still)).css_first("#timeline") is None


def test_five_thousand_findings_are_laid_out_as_they_come_into_view() -> None:
    """Laid out at once they kept Chromium for ten seconds, and for four at each letter of a search."""
    page = render("html", samples.healthy())
    assert "#everything .wide, .card { content-visibility: auto;" in page
    assert "@media print { #everything .wide, .card { content-visibility: visible }" in page
