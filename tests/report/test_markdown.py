import re
import string
from dataclasses import replace

import cmarkgfm
import pytest
import report_samples as samples
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from golive.model import Finding, failed, unknown
from golive.report import escape, render
from golive.report.trends import caption, measured

GFM = cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE


def page(report, **options):
    """The report as GitHub's own parser makes HTML of it, before GitHub's filter for unsafe tags."""
    return html.fromstring(
        cmarkgfm.github_flavored_markdown_to_html(render("markdown", report, **options), options=GFM)
    )


def hostile(text=samples.HOSTILE):
    """A report whose every text from outside is hostile."""
    report = samples.broken()
    finding = Finding(samples.HSTS, "route", text, failed(text, text, fix=text), owner=text, tolerated=text)
    blind = Finding(samples.AGREE, "host", text, unknown(text, text), not_permitted=True)
    waiver = replace(samples.WAIVER, subject=text, reason=text, approver=text)
    waived = Finding(samples.COMPRESSES, "host", text, failed(text), waiver=waiver)
    run = replace(
        report.run,
        environment=text,
        profile=text,
        vantage=text,
        release=text,
        commit=text,
        selection=text,
        left_behind=(text,),
    )
    return replace(
        report,
        run=run,
        findings=(finding, blind, waived),
        red=frozenset({finding.id, blind.id}),
        reasons=(text,),
        waivers=(waiver,),
        attestations=(replace(samples.ATTESTED[0], id=text, statement=text, who=text, evidence=text),),
        fixed=(replace(report.fixed[0], id=text, summary=text),),
        timings=(replace(samples.TIMINGS[0], probe=text, subject=text),),
        baseline=text,
        gate={text: text},
    )


OURS = {
    *("div", "h1", "h2", "h3", "p", "ul", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td"),
    *("code", "pre", "strong", "details", "summary", "span"),
}


def assert_inert(root, like):
    tags = {element.tag for element in root.iter() if isinstance(element.tag, str)}
    assert tags <= OURS, tags - OURS
    for table in root.iter("table"):
        widths = {len(row.findall("td") or row.findall("th")) for row in table.iter("tr")}
        assert len(widths) == 1
    for text in root.xpath("//text()[not(ancestor::code)]"):
        assert not re.search(r"@\w|https?://|www\.\w|(^|\W)#\d|GH-\d", text), text
    shape = [e.tag for e in root.iter("h1", "h2", "h3", "table", "details", "summary", "pre", "tr")]
    assert shape == [e.tag for e in like.iter("h1", "h2", "h3", "table", "details", "summary", "pre", "tr")]


@pytest.mark.parametrize(
    "text",
    [
        samples.HOSTILE,
        "</details></td></table><img src=x onerror=alert(1)><!--",
        "a | b\n| --- | --- |\n| c",
        "```\n\n# heading\n\n```",
        "\\| \\\\| \\` \\<b> \\",
        "[x]: http://evil.example\n[x]",
        "- [ ] task\n1. one\n> quote\n---\n===",
        "&lt;b&gt; &#60;b&#62; &copy;",
        "<http://evil.example> <a@evil.example> http://evil.example www.evil.example a@evil.example",
        "@org/team @user #1 org/repo#2 GH-3 :tada: $x$ $$y$$",
        "[^1]\n\n[^1]: note",
        "`",
        "``|``",
        "- x\n\t- y",
    ],
)
def test_hostile_text_is_text_wherever_it_stands(text):
    assert_inert(page(hostile(text)), page(hostile("plain")))


@given(st.text(st.sampled_from(string.punctuation + " \n1aw"), max_size=60) | st.text(max_size=60))
def test_github_makes_nothing_of_prose(text):
    root = html.fromstring(
        cmarkgfm.github_flavored_markdown_to_html(
            f"- x {escape.markdown(text)}\n- {escape.markdown(text)}", options=GFM
        )
    )
    assert {element.tag for element in root.iter() if isinstance(element.tag, str)} <= {"ul", "li", "span"}
    assert root[0].text_content().split() == f"x {escape.visible(text)}".split()


@given(st.text(st.sampled_from("``*_[]()<>!|#-+.:@$ \n1aw"), max_size=60) | st.text(max_size=60), st.booleans())
def test_code_and_links_of_a_fix_are_all_that_github_makes_of_it(text, own):
    root = html.fromstring(
        cmarkgfm.github_flavored_markdown_to_html(f"- x {escape.markdown_prose(text, own=own)}", options=GFM)
    )
    assert {e.tag for e in root.iter() if isinstance(e.tag, str)} <= {"ul", "li", "span", "code", "a"}
    assert own or not root.xpath("//a")


def test_a_fix_shows_code_as_code_and_its_own_addresses_as_links():
    def made(words, **options):
        return cmarkgfm.github_flavored_markdown_to_html(escape.markdown_prose(words, **options), options=GFM).strip()

    told = "Run `certbot renew --dry-run`, see https://letsencrypt.org/docs/."
    link = '<a href="https://letsencrypt.org/docs/">https://letsencrypt.org/docs/</a>'
    assert made(told, own=True) == f"<p>Run <code>certbot renew --dry-run</code>, see {link}.</p>"
    assert "<a " not in made(told)
    assert "<code>certbot renew --dry-run</code>" in made(told)
    assert "<code>" not in made("it is `meant so")


@pytest.mark.parametrize("run", ["healthy", "broken", "empty"])
def test_every_table_is_one(run):
    source = render("markdown", getattr(samples, run)())
    blocks = [block.type for block in MarkdownIt("gfm-like", {"linkify": False}).parse(source)]
    assert blocks.count("table_open") == len(re.findall(r"^\|( -+:? \|)+$|^\| ---", source, re.MULTILINE))
    assert_inert(page(getattr(samples, run)()), page(getattr(samples, run)()))


def words(report):
    return " ".join(page(report).text_content().split())


def test_what_a_release_manager_signs_is_all_there():
    told = words(samples.broken())
    for part in (
        "⛔ NO-GO: production",
        "5 blockers",
        "the profile lowers the gate: unknown is allowed for dns.servers-agree",
        "after the deploy",
        "2.4.0",
        "3f2c1ab9d0e8c7b6a5948372615049382716abcd",
        "2026-11-23 09:30:05 UTC, in 3.42 s",
        "build-7.example.net, IPv4 only, Linux",
        "golive 0.1.0",
        "sha256:5d41402abc4b2a76b9719d911017c592",
        "sha256:7d793037a0760186574b0282f2f435e7",
        "golive check 'profiles/prod uction.yaml' --only tls.certificate-current --phase after",
        "deploy/api,v2/.env:12:1",
        "Ada Lovelace",
        "2026-12-31 23:59:59 UTC",
        "Grace Hopper",
        "6 new · 1 remaining · 1 fixed",
        "active looks are not allowed by the profile",
        "10.3 s",
        "I have read this report and agree to NO-GO.",
        "Release manager",
    ):
        assert part in told


def test_a_go_before_the_deploy_says_what_it_does_not_say():
    told = words(samples.healthy())
    assert "✅ GO: staging" in told
    assert "Nothing here says that the release runs" in told


def test_blockers_stand_under_their_checks_with_owner_fix_and_command():
    root = page(samples.broken())
    found = [h.text_content() for h in root.iter("h3")]
    assert found == list(dict.fromkeys(f.check.id for f in samples.broken().blockers))
    first = root.xpath("//h3[1]/following-sibling::table[1]")[0]
    assert [c.text_content() for c in first.iter("th")] == ["Subject", "Seen", "Owner", "Since"]
    assert [c.text_content() for c in first.iter("td")][2:] == ["platform", "new"]


def test_evidence_is_folded_away_and_can_be_left_out():
    report = samples.broken()
    folded = page(report).xpath("//details//pre")
    assert "notAfter 2026-11-26" in folded[0].text_content()
    assert "<details>" not in render("markdown", report, evidence=False)


def test_evidence_without_end_is_cut():
    finding = Finding(samples.HSTS, "route", "a/", failed("x", *map(str, range(10_000))))
    report = replace(samples.broken(), findings=(finding,), red=frozenset({finding.id}))
    assert "9,800 more lines" in words(report)


def test_printed_in_a_pipeline_it_commands_nothing():
    shown = render("markdown", hostile("::error::x\n::error::y ##[error]z"))
    assert "##[" not in shown
    assert not [line for line in shown.splitlines() if line.strip().startswith("::")]


@pytest.mark.parametrize("text", [samples.HOSTILE, "a](http://evil.example) ![b", "\\](x", "`a` *b* _c_ <b>&amp;|\n#"])
def test_a_picture_is_told_of_in_words_that_are_nothing_else(text):
    report = samples.broken()
    slow = next(f for f in report.findings if f.verdict.trend)
    report = replace(report, findings=(replace(slow, subject=text),), red=frozenset())
    shown = page(report, picture="r-trends.svg")
    (image,) = shown.iter("img")
    assert image.get("src") == "r-trends.svg"
    assert image.get("alt") == escape.visible(caption(measured(report)), 4000)
    assert [e.tag for e in image.getparent()] == ["img"]


def test_without_a_picture_each_trend_is_the_finding_s_own_line():
    shown = page(samples.broken())
    assert not list(shown.iter("img"))
    assert [c.text for c in shown.xpath("//h2[.='Trends']/following-sibling::table[1]//td[2]/code")] == [
        "p95 of 8 runs: ▁▁▁▁▁▂▁█ 151 ms",
        "p95 of 8 runs: ▂▇▃▅▁█▄▆ 102 ms",
    ]
    assert "Trends" not in render("markdown", samples.healthy())
    assert "## Trends" not in render("markdown", samples.broken(), evidence=False)
