"""SARIF, GitLab's code quality, OpenMetrics, CSV and TAP, each read by a reader that is not ours where there is one."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
import report_samples as samples
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from sarif_pydantic import Sarif

from golive.model import Outcome
from golive.report import render

RUNS = ["healthy", "broken", "empty"]


@pytest.mark.parametrize("run", RUNS)
def test_sarif_is_sarif(run: str) -> None:
    report = getattr(samples, run)()
    log = Sarif.model_validate_json(render("sarif", report))
    (only,) = log.runs
    results = only.results or []
    wanted = [f for f in report.findings if f.outcome in {"fail", "unknown", "warn"} and not f.not_permitted]
    assert len(results) == len(wanted)
    rules = only.tool.driver.rules or []
    for result, finding in zip(results, wanted, strict=True):
        assert rules[result.rule_index].id == result.rule_id == finding.check.id
        assert (str(getattr(result.level, "value", result.level)) == "error") == (finding.id in report.red)
    raw = json.loads(render("sarif", report))["runs"][0]["results"]
    assert [bool(result.get("suppressions")) for result in raw] == [bool(finding.waiver) for finding in wanted]


def test_sarif_names_the_file_and_else_the_profile() -> None:
    report = samples.broken()
    results = json.loads(render("sarif", report))["runs"][0]["results"]
    placed = {r["ruleId"]: r["locations"][0]["physicalLocation"] for r in results}
    assert placed["env.variables-present"] == {
        "artifactLocation": {"uri": "deploy/api%2Cv2/.env"},
        "region": {"startLine": 12, "startColumn": 1},
    }
    assert placed["headers.hsts"]["artifactLocation"]["uri"] == "profiles/prod%20uction.yaml"


@pytest.mark.parametrize("run", RUNS)
def test_gitlabs_issues_are_those_that_block_and_the_warnings(run: str) -> None:
    report = getattr(samples, run)()
    issues = json.loads(render("codequality", report))
    blocking = [issue for issue in issues if issue["severity"] != "info"]
    assert len(blocking) == len(report.red)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    assert all(issue["location"]["path"] and issue["location"]["lines"]["begin"] >= 1 for issue in issues)


@pytest.mark.parametrize("run", RUNS)
def test_prometheus_client_reads_the_figures(run: str) -> None:
    report = getattr(samples, run)()
    families = {family.name: family for family in text_string_to_metric_families(render("openmetrics", report))}
    (ready,) = families["golive_ready"].samples
    assert ready.value == (report.decision == "GO")
    assert families["golive_blockers"].samples[0].value == len(report.red)
    total = sum(sample.value for sample in families["golive_findings"].samples)
    assert total == len([f for f in report.findings if not f.waiver and not f.not_permitted])
    assert families["golive_run_end_timestamp_seconds"].samples[0].value == pytest.approx(report.run.ended.timestamp())


def test_a_spreadsheet_takes_no_cell_for_a_formula() -> None:
    rows = list(csv.reader(io.StringIO(render("csv", samples.broken()))))
    assert len(rows) == len(samples.broken().findings) + 1
    assert {len(row) for row in rows} == {len(rows[0])}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("run", RUNS)
def test_tap_has_a_line_for_each_finding(run: str) -> None:
    report = getattr(samples, run)()
    first, plan, *lines = render("tap", report).splitlines()
    assert (first, plan) == ("TAP version 14", f"1..{len(report.findings)}")
    points = [line for line in lines if re.match(r"(not )?ok \d+ - ", line)]
    assert len(points) == len(report.findings)
    assert sum(line.startswith("not ok") for line in points) == len(report.red)
    skipped = [f for f in report.findings if f.id not in report.red and (f.outcome == Outcome.NA or f.waiver)]
    assert sum(" # SKIP " in line for line in points) == len(skipped)
    assert all(line.startswith(("ok ", "not ok ", "# ")) for line in lines)
