from dataclasses import replace
from pathlib import Path

import pytest
import report_samples as samples
from lxml import etree

from golive.model import Finding, failed, warned
from golive.report import render

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "junit.xsd"))


def parsed(report):
    root = etree.fromstring(render("junit", report).encode())
    SCHEMA.assertValid(root)
    return root


def case(root, check, subject):
    (found,) = root.xpath("//testcase[@classname=$check and contains(@name, $subject)]", check=check, subject=subject)
    return found


@pytest.mark.parametrize("run", ["healthy", "broken", "empty"])
def test_is_valid_and_its_figures_add_up(run):
    report = getattr(samples, run)()
    root = parsed(report)
    assert len(root.xpath("//testcase")) == len(report.findings) + 1
    for suite in root:
        for attribute, element in {"failures": "failure", "errors": "error", "skipped": "skipped"}.items():
            assert int(suite.get(attribute)) == len(suite.xpath(f"testcase/{element}"))
        assert int(suite.get("tests")) == len(suite.xpath("testcase"))


def test_cases_have_names_of_their_own():
    cases = parsed(samples.broken()).xpath("//testcase")
    assert len({(c.get("classname"), c.get("name")) for c in cases}) == len(cases)


def test_a_failure_tells_what_was_seen_and_how_to_mend_it():
    failure = case(parsed(samples.broken()), "env.variables-present", "api/.env").find("failure")
    assert failure.get("message") == "STRIPE_WEBHOOK_SECRET is not set (and 2 more)"
    assert "fix: Set the variable" in failure.text
    assert "- SMTP_PASSWORD is not set" in failure.text
    assert "at: deploy/api,v2/.env:12:1" in failure.text


def test_what_could_not_be_looked_at_is_an_error():
    error = case(parsed(samples.broken()), "dns.servers-agree", "api.demo.test").find("error")
    assert error.get("type") == "unknown"


@pytest.mark.parametrize(
    ("check", "subject", "said"),
    [
        ("dns.caa-permits-renewal", "app", "n/a: the zone is private"),
        ("tls.old-versions-refused", "app", "n/a: active looks are not allowed"),
        ("proxy.compresses", "app", "waived by Ada Lovelace until 2026-12-31: The CDN in front compresses"),
        ("dns.servers-agree", "app", "tolerated: the profile allows it to be unknown"),
    ],
)
def test_what_stops_nothing_is_skipped_with_the_reason(check, subject, said):
    assert said in case(parsed(samples.broken()), check, subject).find("skipped").get("message")


def test_a_failure_that_stood_before_stops_nothing():
    skipped = case(parsed(samples.broken()), "headers.hsts", "app.demo.test").find("skipped")
    assert "in the baseline since 2026-11-19" in skipped.get("message")


def test_a_warning_passes_and_its_suite_tells_of_it():
    root = parsed(samples.broken())
    assert len(case(root, "proxy.compresses", "shop")) == 0
    out = root.xpath("testsuite[@name='domains']/system-out")[0].text
    assert "warning: proxy.compresses[host:shop.demo.test]: neither br nor zstd is offered, only gzip" in out


def test_a_warning_that_the_gate_makes_red_is_a_failure():
    finding = Finding(samples.HSTS, "route", "a/", warned("short"))
    report = replace(samples.broken(), findings=(finding,), red=frozenset({finding.id}))
    assert case(parsed(report), "headers.hsts", "a/").find("failure") is not None


def test_a_run_that_looked_at_nothing_fails_where_only_this_is_read():
    (failure,) = parsed(samples.empty()).xpath("//failure")
    assert "no check was run" in failure.get("message")


def test_what_xml_cannot_hold_is_shown():
    everything = "".join(map(chr, [*range(0x250), *range(0x2000, 0x2070), 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x10FFFF]))
    finding = Finding(samples.HSTS, "route", everything, failed(everything, everything), owner=everything)
    report = replace(samples.broken(), findings=(finding,), red=frozenset({finding.id}), reasons=(everything,))
    told = parsed(report).xpath("//testcase[@classname='headers.hsts']/failure")[0]
    assert "␀" in told.get("message")
    assert "<U+FFFE>" in told.text


def test_printed_in_a_pipeline_it_commands_nothing():
    finding = Finding(
        samples.HSTS, "::error::x", "::error::y", failed("::error::z", "::error::a\n::error::b ##[error]c")
    )
    report = replace(samples.broken(), findings=(finding,), red=frozenset({finding.id}), reasons=("::error::r",))
    shown = render("junit", report)
    assert "##[" not in shown
    assert not [line for line in shown.splitlines() if line.strip().startswith("::")]
