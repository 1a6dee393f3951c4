import io
import re
from dataclasses import replace

import pytest
import report_samples as samples
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from golive.model import Decision, Finding, Verdict, failed, unknown
from golive.report import render
from golive.report.screen import Screen

ANSI = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize(("color", "unicode"), [(False, False), (False, True), (True, True)])
@pytest.mark.parametrize("width", [1, 20, 59, 60, 80, 300])
@pytest.mark.parametrize("run", ["healthy", "broken", "empty"])
def test_fits_its_screen(run, width, color, unicode, verbose):
    screen = Screen(width=width, color=color, unicode=unicode)
    shown = render("terminal", getattr(samples, run)(), screen=screen, verbose=verbose)
    lines = ANSI.sub("", shown).split("\n")
    assert max(cell_len(line) for line in lines) <= max(20, min(width, 120))
    assert not [line for line in lines if line != line.rstrip()] or color, "nothing is gained by blanks at the end"
    assert unicode or shown.isascii()
    assert color == bool(ANSI.search(shown))


def test_a_healthy_run_fits_one_screen():
    assert len(render("terminal", samples.healthy()).splitlines()) <= 24


def test_the_word_comes_first_and_blockers_next():
    lines = [line for line in render("terminal", samples.broken()).splitlines() if line]
    assert lines[0].split()[:2] == ["NO-GO", "production"]
    assert "5 blockers" in lines[1]
    heads = [line.strip().split("  ")[0] for line in lines]
    assert heads.index("Blockers") < heads.index("Sections") < heads.index("Waived")


def test_blockers_come_gravest_first_and_once_for_each_defect():
    shown = render("terminal", samples.broken()).split("Sections")[0]
    found = re.findall(r"^  [✗?] (\S+)", shown, re.MULTILINE)
    assert found == [
        "tls.certificate-current",
        "env.variables-present",
        "env.jwt-secrets-strong",
        "headers.hsts",
        "dns.servers-agree",
    ]


def test_every_red_subject_and_mend_is_named():
    report = samples.broken()
    shown = " ".join(render("terminal", report, verbose=True).split())
    for finding in report.blockers:
        assert finding.verdict.summary in shown
        assert finding.fix in shown


def test_many_subjects_of_one_defect_are_counted_until_asked_for():
    many = tuple(Finding(samples.HSTS, "route", f"shop.demo.test/{n}/x", failed("no header")) for n in range(30))
    report = replace(samples.broken(), findings=many, red=frozenset(f.id for f in many))
    brief, whole = render("terminal", report), render("terminal", report, verbose=True)
    assert "and on 26 more subjects" in brief
    assert "/29/x" not in brief
    assert "/29/x" in whole


def test_a_lowered_gate_is_in_the_headline():
    head = render("terminal", replace(samples.healthy(), reasons=("gate lowered: medium and below",)))
    assert "gate lowered: medium and below" in head.split("Sections")[0]


def test_a_go_before_the_deploy_does_not_claim_that_the_release_runs():
    assert "ask again after the deploy" in render("terminal", samples.healthy())
    later = replace(samples.healthy(), decision=Decision.NO_GO)
    assert "ask again after the deploy" not in render("terminal", later)


def test_what_stood_in_the_baseline_is_shown_apart():
    shown = render("terminal", samples.broken())
    blocking, since = shown.split("Sections")[0], shown[shown.index("Since the baseline") :]
    assert "max-age is 300" not in blocking
    assert "6 new   1 remaining   1 fixed" in since
    assert "headers.hsts  app.demo.test/  max-age is 300, at least 31536000 is wanted" in since
    assert "✓ dns.resolves[host:shop.demo.test]" in since


def test_what_was_not_looked_at_is_told_with_its_reason():
    shown = render("terminal", samples.healthy())
    told = " ".join(shown[shown.index("Not looked at") :].split())
    assert "active looks are not allowed by the profile tls.old-versions-refused on 3 subjects" in told
    assert "no IPv6 route from here headers.hsts on app.demo.test" in told


PIECES = [
    "東",
    "🙂",
    "👨\u200d👩",
    "e\u0301",
    "\u0300",
    "\x1b[31m",
    "::",
    "##[",
    "\u202e",
    "\t",
    "\n",
    "\U0001d518",
    "🇨🇲",
    "x" * 90,
    " ",
    "a",
]


@given(st.lists(st.sampled_from(PIECES)).map("".join), st.integers(20, 120), st.booleans())
def test_any_text_fits_and_commands_nothing(text, width, unicode):
    finding = Finding(samples.HSTS, "route", text, failed(text, text, fix=text), owner=text)
    report = replace(samples.broken(), findings=(finding,), red=frozenset({finding.id}), reasons=(text,), baseline=text)
    shown = render("terminal", report, screen=Screen(width=width, unicode=unicode), verbose=True)
    for line in shown.split("\n"):
        assert cell_len(line) <= width
        assert not line.lstrip().startswith("::")
    assert "##[" not in shown


@pytest.mark.parametrize("width", range(20, 120, 7))
def test_no_line_is_a_workflow_command_wherever_it_wraps(width):
    hostile = failed(
        "x" * 30 + " ::error::pwned ::set-output name=a::b  ##[error]pwned", "::error::pwned", "  ::warning::x"
    )
    findings = (Finding(samples.HSTS, "route", "::error::pwned", hostile),)
    report = replace(samples.broken(), findings=findings, red=frozenset({findings[0].id}))
    for color in (False, True):
        shown = ANSI.sub("", render("terminal", report, screen=Screen(width=width, color=color), verbose=True))
        assert "##[" not in shown
        assert not [line for line in shown.splitlines() if line.strip().startswith("::")]


def test_hostile_text_is_shown_and_moves_nothing():
    report = replace(samples.healthy(), reasons=(samples.HOSTILE,))
    shown = render("terminal", report)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u200b]", shown)
    assert "␛[31mred" in shown
    assert "<U+202E>gnp.exe" in shown


def test_rich_markup_is_plain_text():
    finding = Finding(samples.HSTS, "route", "[bold]x[/]", Verdict(samples.PASSES[0].outcome, "[red]y[/red] :smile:"))
    shown = render("terminal", replace(samples.healthy(), findings=(finding,)), verbose=True)
    assert "[bold]x[/]  [red]y[/red] :smile:" in shown


class Stream(io.TextIOWrapper):
    def __init__(self, encoding, *, terminal):
        super().__init__(io.BytesIO(), encoding=encoding)
        self.terminal = terminal

    def isatty(self):
        return self.terminal

    def fileno(self):
        raise OSError


@pytest.mark.parametrize(
    ("encoding", "terminal", "environ", "screen"),
    [
        ("utf-8", True, {}, Screen(80, color=True, unicode=True)),
        ("utf-8", True, {"COLUMNS": "101"}, Screen(101, color=True, unicode=True)),
        ("utf-8", True, {"COLUMNS": "0"}, Screen(80, color=True, unicode=True)),
        ("utf-8", True, {"NO_COLOR": "1"}, Screen(80, color=False, unicode=True)),
        ("utf-8", True, {"NO_COLOR": ""}, Screen(80, color=True, unicode=True)),
        ("utf-8", True, {"TERM": "dumb"}, Screen(80, color=False, unicode=True)),
        ("utf-8", False, {"COLUMNS": "20"}, Screen(80, color=False, unicode=True)),
        ("utf-8", False, {"FORCE_COLOR": "1"}, Screen(80, color=True, unicode=True)),
        ("utf-8", False, {"FORCE_COLOR": "1", "NO_COLOR": "1"}, Screen(80, color=False, unicode=True)),
        ("ascii", True, {}, Screen(80, color=True, unicode=False)),
        ("latin-1", False, {}, Screen(80, color=False, unicode=False)),
    ],
)
def test_a_stream_shows_what_it_can(encoding, terminal, environ, screen):
    assert Screen.of(Stream(encoding, terminal=terminal), environ) == screen


def test_a_gap_that_several_checks_share_is_one_entry():
    checks = (samples.CURRENT, samples.HSTS, samples.COMPRESSES, samples.AGREE, samples.OLD)
    down = tuple(Finding(c, "host", "api.demo.test", unknown("it refuses connections", fix="start it")) for c in checks)
    alone = Finding(samples.CAA, "host", "app.demo.test", unknown("no name server answers"))
    report = replace(samples.broken(), findings=(*down, alone), red=frozenset(f.id for f in (*down, alone)))
    brief = render("terminal", report).split("Sections")[0]
    assert brief.count("it refuses connections") == 1
    assert brief.count("start it") == 1
    assert ": tls.certificate-current, headers.hsts," in brief
    assert "and 2 more" in brief
    assert re.findall(r"^  [✗?] (\S+)", brief, re.MULTILINE) == ["it", "dns.caa-permits-renewal"]
    whole = " ".join(render("terminal", report, verbose=True).split("Sections")[0].split())
    assert all(f.check.id in whole for f in down)


def test_a_gap_is_one_entry_in_markdown_too_with_every_check_and_the_command_for_all():
    checks = (samples.CURRENT, samples.HSTS)
    down = tuple(Finding(c, "host", "api.demo.test", unknown(f"refused {samples.HOSTILE}", fix="go")) for c in checks)
    report = replace(samples.broken(), findings=down, red=frozenset(f.id for f in down))
    shown = render("markdown", report)
    assert shown.count("### Could not look: refused") == 1
    assert "blocks 2 checks" in shown
    assert "--only tls.certificate-current --only headers.hsts" in shown
    assert "<script>" not in shown.split("## Everything")[0]
