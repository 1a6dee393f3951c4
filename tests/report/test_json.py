import json
from dataclasses import replace

import jsonschema
import pytest
import report_samples as samples

from golive.model import Outcome
from golive.report import ReportError, render
from golive.report.baseline import read_baseline
from golive.report.json import schema

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema()), format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("run", ["healthy", "broken", "empty"])
def test_satisfies_its_published_schema(run):
    VALIDATOR.validate(json.loads(render("json", getattr(samples, run)())))


def test_the_schema_is_one_and_knows_every_member():
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))
    document, known = json.loads(render("json", samples.broken())), json.loads(schema())
    assert document.keys() == known["properties"].keys()
    assert document["run"].keys() == known["properties"]["run"]["properties"].keys()
    assert document["findings"][0].keys() == known["$defs"]["finding"]["properties"].keys()
    assert document["checks"]["headers.hsts"].keys() == known["$defs"]["check"]["properties"].keys()


def test_each_finding_is_counted_once():
    document = json.loads(render("json", samples.broken()))
    counts = document["counts"]
    assert counts.pop("red") == len(document["blockers"]) == sum(f["red"] for f in document["findings"])
    assert sum(counts.values()) == len(document["findings"])


def test_hostile_text_is_kept_exactly_and_prints_harmlessly():
    text = render("json", samples.broken())
    assert set(text) <= {"\n", *map(chr, range(32, 127))}
    assert "##[" not in text
    hsts = next(f for f in json.loads(text)["findings"] if f["check"] == "headers.hsts")
    assert hsts["evidence"][1] == f"server: {samples.HOSTILE}"


def test_a_baseline_is_read_back_with_what_stood_and_since_when():
    report = samples.broken()
    baseline = read_baseline(render("json", report))
    assert baseline.environment == "production"
    assert baseline.red.keys() == report.red
    old = baseline.findings["headers.hsts[route:app.demo.test/]"]
    assert (old.outcome, old.red, old.since) == (Outcome.FAIL, False, samples.SINCE)
    first = baseline.findings["tls.certificate-current[address:api.demo.test@127.0.0.1]"]
    assert first.since == samples.STARTED
    assert baseline.findings["proxy.compresses[host:app.demo.test]"].waived


def test_what_was_red_without_a_baseline_stands_since_that_run():
    report = samples.broken()
    findings = tuple(replace(f, since=None) for f in report.findings)
    baseline = read_baseline(render("json", replace(report, findings=findings)))
    assert {stood.since for stood in baseline.red.values()} == {samples.STARTED}


def changed(**members):
    return json.dumps(json.loads(render("json", samples.broken())) | members)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "old.json is not JSON"),
        ("{", "old.json is not JSON"),
        ("[" * 200_000, "old.json is not JSON"),
        ("1" * 5000, "old.json is not JSON"),
        ("\x00\x01", "old.json is not JSON"),
        ("<testsuites/>", "expected a report written with -o json:FILE"),
        ("[]", "no golive report"),
        ("null", "no golive report"),
        ('{"schema": "pytest"}', "no golive report"),
        (changed(schema_version=2), "newer golive: report version 2, this one reads up to 1"),
        (changed(schema_version="1"), "does not say which version"),
        (changed(schema_version=True), "does not say which version"),
        (changed(run={}), "not a whole golive report: no 'started'"),
        (changed(run=[]), "not a whole golive report"),
        (changed(findings=None), "not a whole golive report"),
        (changed(findings=[{}]), "not a whole golive report"),
        (
            changed(findings=[{"id": 1, "red": True, "outcome": "fail", "summary": ""}]),
            "a text was expected, found int",
        ),
        (changed(findings=[{"id": "a", "red": True, "outcome": "bad", "summary": ""}]), "'bad' is not a valid Outcome"),
        (changed(run={"environment": "x", "started": "2026-01-01T00:00:00"}), "has no time zone"),
        (changed(run={"environment": "x", "started": "yesterday"}), "not a whole golive report"),
    ],
)
def test_what_is_no_baseline_is_refused_in_a_line(text, said):
    with pytest.raises(ReportError) as caught:
        read_baseline(text, "old.json")
    assert said in str(caught.value)
    assert str(caught.value).startswith("old.json ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_huge_file_is_not_even_parsed(monkeypatch):
    monkeypatch.setattr("golive.report.baseline.LARGEST", 10)
    with pytest.raises(ReportError, match="larger than any golive report"):
        read_baseline(" " * 11)
