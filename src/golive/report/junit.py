"""The report as JUnit XML that Ant's and Jenkins' schemas accept: a suite for each section, a case for each finding.

What is red is a failure or an error, so that a pipeline that reads only this is stopped by what stops golive, and by
nothing else. What the gate lets pass is skipped, with the reason. A warning passes; its suite's output mentions it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from golive.model import Decision, Finding, Outcome, Report, Standing
from golive.report import view
from golive.report.escape import xml
from golive.wording import counted


def report(report: Report) -> str:
    """Return the report as an XML document."""
    suites = Element("testsuites")
    took = (report.run.ended - report.run.started).total_seconds()
    times = _shares(report, took)
    _decision(suites, report, max(took - sum(times.values()), 0))  # floats may add up to more by a hair
    for number, tally in enumerate(view.tallies(report), start=1):
        _section(suites, report, tally, number, times)
    indent(suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(suites, encoding="unicode")}\n'


def _shares(report: Report, took: float) -> dict[str, float]:
    """Return each finding's share of the run's seconds, by its id, in whole milliseconds that add up.

    What is looked at runs at once, so that its own times add up to more than the run's.
    """
    looked = sum(f.seconds for f in report.findings)
    shares, before, so_far = dict[str, float](), 0, 0.0
    for tally in view.tallies(report):
        for finding in tally.findings:
            so_far += finding.seconds
            until = round(1000 * took * so_far / looked) if looked else 0
            shares[finding.id] = (until - before) / 1000
            before = until
    return shares


def _decision(suites: Element, report: Report, took: float) -> None:
    """Add the word itself as a case: a run that looked at nothing has no other to fail."""
    no_go = report.decision != Decision.GO
    name = f"decision: {report.headline}" if report.scope else "decision"
    suite = _suite(suites, report, 0, name, {"tests": 1, "failures": int(no_go), "errors": 0, "skipped": 0}, took)
    run = report.run
    properties = {
        "decision": report.headline,
        "environment": run.environment,
        "phase": str(run.phase or ""),
        "release": run.release,
        "commit": run.commit,
        "profile": f"{run.profile} {run.profile_digest}".strip(),
        "facts": run.facts_digest,
        "golive": run.version,
        "vantage": run.vantage,
    }
    for name, value in properties.items():
        SubElement(suite[0], "property", name=name, value=_line(value))
    case = SubElement(suite, "testcase", classname="golive", name=_line(name), time=f"{took:.3f}")
    reasons = "; ".join([counted(len(report.red), "blocker"), *report.reasons])
    if no_go:
        SubElement(case, "failure", type="NO-GO", message=_line(reasons)).text = xml(_bullets(report.reasons))
    _outputs(suite, [f"reason: {reason}" for reason in report.reasons])


def _section(
    suites: Element, report: Report, tally: view.SectionTally, number: int, times: Mapping[str, float]
) -> None:
    """Add a section with its findings."""
    results = [_result(f, red=f.id in report.red) for f in tally.findings]
    counts = {
        "tests": len(results),
        "failures": results.count("failure"),
        "errors": results.count("error"),
        "skipped": results.count("skipped"),
    }
    took = sum(times[f.id] for f in tally.findings)
    suite = _suite(suites, report, number, tally.section.id, counts, took)
    for finding, result in zip(tally.findings, results, strict=True):
        _case(suite, finding, result, times[finding.id])
    warnings = [
        f for f, result in zip(tally.findings, results, strict=True) if not result and f.outcome == Outcome.WARN
    ]
    _outputs(suite, [f"warning: {f.id}: {f.verdict.summary}" for f in warnings])


def _suite(suites: Element, report: Report, number: int, name: str, counts: dict[str, int], took: float) -> Element:
    """Add a suite with every attribute that either schema demands."""
    attributes = {
        "id": str(number),
        "package": "golive",
        "name": _line(name),
        "hostname": _line(report.run.vantage.split(",")[0]) or "localhost",
        "timestamp": f"{report.run.started.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}",
        "time": f"{took:.3f}",
    }
    suite = SubElement(suites, "testsuite", attributes | {key: str(count) for key, count in counts.items()})
    SubElement(suite, "properties")
    return suite


def _result(finding: Finding, *, red: bool) -> str:
    """Return the name of the element that tells what became of a finding, empty where it passed."""
    if red:
        return "error" if finding.outcome == Outcome.UNKNOWN else "failure"
    return "" if finding.outcome in {Outcome.PASS, Outcome.WARN} and finding.waiver is None else "skipped"


def _case(suite: Element, finding: Finding, result: str, took: float) -> None:
    """Add one finding."""
    case = SubElement(
        suite,
        "testcase",
        classname=_line(finding.check.id),
        name=_line(f"{finding.kind}:{finding.subject}"),
        time=f"{took:.3f}",
    )
    if result == "skipped":
        SubElement(case, "skipped", message=_line(_why_skipped(finding)))
    elif result:
        outcome = SubElement(case, result, type=str(finding.outcome), message=_line(finding.verdict.summary))
        outcome.text = xml(_described(finding))


def _why_skipped(finding: Finding) -> str:
    """Return why a finding that did not pass stops nothing."""
    seen = f"{finding.outcome}: {finding.verdict.summary}"
    if waiver := finding.waiver:
        return f"waived by {waiver.approver} until {view.day(waiver.expires)}: {waiver.reason} ({seen})"
    if finding.tolerated:
        return f"tolerated: {finding.tolerated} ({seen})"
    if finding.standing == Standing.REMAINING:
        return f"in the baseline since {view.day(finding.since)} ({seen})"
    return seen if finding.outcome != Outcome.NA else f"n/a: {finding.verdict.summary}"


def _described(finding: Finding) -> str:
    """Return a red finding with its fix and evidence, a line each."""
    heads = [f"title: {finding.check.title}", f"seen: {finding.verdict.summary}", f"fix: {finding.fix}"]
    if finding.verdict.at:
        heads.append(f"at: {finding.verdict.at}")
    if finding.owner:
        heads.append(f"owner: {finding.owner}")
    return "\n".join([*heads, _bullets(finding.verdict.evidence)])


def _bullets(lines: tuple[str, ...]) -> str:
    """Return lines as a list, so that none of them begins with what a pipeline obeys."""
    return "\n".join(f"- {' '.join(line.splitlines())}" for line in lines)


def _outputs(suite: Element, lines: list[str]) -> None:
    """End a suite with its two outputs, which Ant's schema demands."""
    SubElement(suite, "system-out").text = xml("\n".join(" ".join(line.splitlines()) for line in lines))
    SubElement(suite, "system-err")


def _line(text: str) -> str:
    """Return text for an attribute: one line, nothing that XML cannot hold."""
    return " ".join(xml(text).split())
