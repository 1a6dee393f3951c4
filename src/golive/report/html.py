"""The report as one HTML file to look at: nothing is loaded from elsewhere, and without its script all of it is there.

The page is built as a tree and serialised by the standard library, so that no text can become markup. Its Content
Security Policy names its own style and script by their hashes; where a CI server serves it under a stricter one, the
filters and colours are missing, and every word is still there.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from golive.causes import by_defect, defects, is_gap
from golive.model import Decision, Finding, LineState, Outcome, Report, Severity
from golive.report import landscape, picture, timeline, trends, view
from golive.report.tree import Child, h
from golive.report.webpage import document, heads, part, rows_of
from golive.wording import capped, counted, duration

LINES = 200
"""The lines of evidence of one finding that are shown."""
SLOWEST = 15
"""The probes that are listed with their times."""
SIGNS = {Outcome.PASS: "✓", Outcome.WARN: "!", Outcome.FAIL: "✗", Outcome.UNKNOWN: "?", Outcome.NA: "-"}
BOXES = {LineState.TICKED: "☑", LineState.RED: "☒", LineState.NOT_CONFIGURED: "☐"}


def report(report: Report) -> str:
    """Return the report as an HTML document."""
    banner = [h("a", "Skip to the blockers", href="#blockers", cls="skip"), _banner(report)]
    return document(f"{report.headline}: {report.run.environment}", banner, _parts(report))


def _banner(report: Report) -> Element:
    """Return the word, what it is about, and the counts."""
    tally = view.total(report)
    blocking = counted(defects(report.blockers), "blocker")
    counts = [h("li", blocking, cls="count blockers")]
    counts += [
        h("li", f"{tally.count(outcome):,} {outcome}", cls=f"count {_word(outcome)}")
        for outcome in Outcome
        if tally.count(outcome)
    ]
    rest = {"not permitted": tally.not_permitted, "waived": tally.waived, "tolerated": len(view.tolerated(report))}
    counts += [h("li", f"{number:,} {word}", cls="count") for word, number in rest.items() if number]
    reasons = [note for note in (*report.reasons, view.caveat(report)) if note]
    return h(
        "header",
        h("p", report.run.environment, cls="environment"),
        h("h1", report.headline),
        h("ul", *counts, cls="counts"),
        h("ul", *(h("li", reason) for reason in reasons), cls="reasons") if reasons else None,
        cls="banner go" if report.decision == Decision.GO else "banner no-go",
    )


def _parts(report: Report) -> Iterable[Child]:
    """Yield the page's sections, what matters most first."""
    yield part("Blockers", _blockers(report) or [h("p", "Nothing blocks the release.")])
    yield part("Checklist", _checklist(report))
    drawn = landscape.draw(report)
    yield part("What was looked at", [drawn] if drawn is not None else [])
    warnings = [f for f in report.findings if f.outcome == Outcome.WARN and f.id not in report.red and not f.waiver]
    yield part("Warnings", [_table(warnings, report, "Warnings")] if warnings else [])
    yield part("Not looked at", _not_looked_at(report))
    yield part("Waivers", _waivers(report))
    yield part("Attestations", _attestations(report))
    yield part("Changes since the baseline", _compared(report))
    yield part("Everything", _everything(report))
    yield part("Trends", _trends(report))
    line = timeline.draw(report)
    yield part("Timeline", [line] if line is not None else [])
    yield part("Slowest probes", _slowest(report))
    yield part("The run", _circumstances(report))
    yield part("Signatures", _signatures(report))


def _blockers(report: Report) -> list[Child]:
    """Return a card for each thing there is to fix, the most harmful first."""
    return [_card(report, findings) for findings in by_defect(report.blockers)]


def _card(report: Report, findings: list[Finding]) -> Element:
    first, gap = findings[0], is_gap(findings)
    checks = list(dict.fromkeys(f.check.id for f in findings))
    title = f"Could not look: {first.verdict.summary}" if gap else first.check.title
    fixes = view.grouped((f for f in findings if f.fix), lambda f: f.fix)
    return h(
        "article",
        h("h3", _badge(first.outcome), " ", title),
        h("p", first.check.severity.name.lower(), " · ", h("code", ", ".join(checks)), cls="meta"),
        rows_of(("Subject", "Seen", "Notes"), [_seen(f) for f in findings]),
        h("p", h("strong", "Why: "), *_prose(first.check.why)) if first.check.why and not gap else None,
        *(h("p", h("strong", "Fix: "), *_prose(fix), _on(fixed, findings)) for fix, fixed in fixes.items()),
        h("p", h("strong", "Look again: "), h("code", view.again(report.run, *checks))),
        *(_evidence(f) for f in findings if f.verdict.evidence),
        cls=f"card {_word(first.outcome)}",
    )


def _prose(text: str) -> Iterable[Child]:
    """Yield golive's own words, what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # an odd backtick is one that was meant
        parts = [text]
    yield from (h("code", part) if number % 2 else part for number, part in enumerate(parts))


def _seen(finding: Finding) -> tuple[Child, ...]:
    return (h("code", finding.subject), finding.verdict.summary, ", ".join(view.notes(finding)))


def _on(fixed: list[Finding], among: list[Finding]) -> str:
    """Name the subjects of a fix where it is not that of all."""
    return "" if len(fixed) == len(among) else f" ({', '.join(f.subject for f in fixed)})"


def _evidence(finding: Finding) -> Element:
    shown = capped(finding.verdict.evidence, LINES, "lines")
    return h(
        "details",
        h("summary", f"Evidence: {finding.subject}"),
        h("pre", *(part for line in shown for part in (line, "\n"))),
    )


def _checklist(report: Report) -> list[Child]:
    if not report.checklist:
        return []
    titles = {section.id: section.title for section in report.sections}
    parts: list[Child] = []
    for section, lines in view.grouped(report.checklist, lambda row: row.section).items():
        items = [
            h(
                "li",
                h("span", BOXES.get(row.state, "-"), cls="box", **{"aria-hidden": "true"}),
                h("span", row.words, " ", h("code", row.id)),
                h("span", f"{row.state}{': ' if row.seen else ''}{row.seen}", cls="meta"),
                cls=f"line {row.state.replace(' ', '-').replace('/', '')}",
            )
            for row in lines
        ]
        parts += [h("h3", titles.get(section, section)), h("ul", *items, cls="lines")]
    return parts


def _not_looked_at(report: Report) -> list[Child]:
    rows = [(reason, "; ".join(names)) for reason, names in view.not_looked_at(report)]
    return [rows_of(("Why", "What"), rows)] if rows else []


def _waivers(report: Report) -> list[Child]:
    granted = dict.fromkeys([*report.waivers, *(f.waiver for f in report.waived if f.waiver)])
    rows = [
        (
            h("code", f"{waiver.check} on {waiver.subject}"),
            waiver.reason,
            waiver.approver,
            view.moment(waiver.expires),
            "; ".join(f"{f.subject}: {f.verdict.summary}" for f in report.waived if f.waiver == waiver) or "nothing",
        )
        for waiver in granted
    ]
    return [rows_of(("Waiver", "Reason", "Approver", "Expires", "Covers"), rows)] if rows else []


def _attestations(report: Report) -> list[Child]:
    rows = [
        (h("code", a.id), a.statement, a.who, view.day(a.when), a.evidence, view.day(a.expires))
        for a in report.attestations
    ]
    return [rows_of(("Attestation", "Statement", "Who", "When", "Evidence", "Expires"), rows)] if rows else []


def _compared(report: Report) -> list[Child]:
    if not report.baseline:
        return []
    rows = [
        (str(f.standing), h("code", f.id), f.verdict.summary, view.day(f.since) if f.since else "")
        for f in report.findings
        if f.standing
    ]
    rows += [("fixed", h("code", m.id), m.summary, view.day(m.since) if m.since else "") for m in report.fixed]
    head = h("p", "Compared with ", h("code", report.baseline))
    return [head, rows_of(("", "Finding", "Seen", "Red since"), rows) if rows else h("p", "Nothing changed.")]


def _everything(report: Report) -> list[Child]:
    """Return every finding by section, with the filters that the script brings to life."""
    parts: list[Child] = [_filters(report)]
    for tally in view.tallies(report):
        if tally.findings:
            number = f"{tally.section.number}. " if tally.section.number else ""
            caption = f"{number}{tally.section.title}"
            parts += [h("h3", caption), _table(tally.findings, report, caption)]
    return parts if len(parts) > 1 else []


def _filters(report: Report) -> Element:
    """Return the filters, hidden until there is a script to serve them."""
    found = report.findings
    choices = {
        "section": dict.fromkeys(f.check.section for f in found),
        "severity": dict.fromkeys(s.name.lower() for s in sorted(Severity, reverse=True)),
        "outcome": dict.fromkeys(str(outcome) for outcome in Outcome),
        "owner": dict.fromkeys(sorted({f.owner for f in found if f.owner})),
        "subject": dict.fromkeys(sorted({f"{f.kind}:{f.subject}" for f in found})),
    }
    selects = [
        h(
            "label",
            name.capitalize(),
            " ",
            h(
                "select",
                h("option", "all", value=""),
                *(h("option", value, value=value) for value in values),
                name=name,
            ),
        )
        for name, values in choices.items()
        if values
    ]
    search = h("label", "Search ", h("input", type="search", name="words", autocomplete="off"))
    shown = h("output", f"{len(found):,} findings", id="shown", **{"aria-live": "polite"})
    return h("form", *selects, search, h("button", "Clear", type="reset"), shown, id="filters", hidden="")


def _table(findings: Iterable[Finding], report: Report, caption: str) -> Element:
    rows = [
        h(
            "tr",
            h("td", _badge(f.outcome, waived=f.waiver is not None, not_permitted=f.not_permitted)),
            h("td", h("code", f.check.id)),
            h("td", h("code", f.subject)),
            h("td", f.verdict.summary, *_more(f, red=f.id in report.red)),
            **{
                "data-section": f.check.section,
                "data-severity": f.check.severity.name.lower(),
                "data-outcome": str(f.outcome),
                "data-owner": f.owner,
                "data-subject": f"{f.kind}:{f.subject}",
            },
        )
        for f in findings
    ]
    return h(
        "div",
        h(
            "table",
            h("caption", caption, cls="unseen"),
            heads(("", "Check", "Subject", "Seen")),
            h("tbody", *rows),
            cls="findings",
        ),
        cls="wide",
    )


def _more(finding: Finding, *, red: bool) -> Iterable[Child]:
    """Yield what a row unfolds: the notes, the fix of what is not as it should be, the evidence."""
    notes = view.notes(finding)
    fix = finding.fix if red or finding.outcome in {Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN} else ""
    if notes:
        yield h("span", " · ".join(notes), cls="meta")
    if fix:
        yield h("details", h("summary", "Fix"), h("p", *_prose(fix)))
    if finding.verdict.evidence:
        yield _evidence(finding)


def _trends(report: Report) -> list[Child]:
    drawn = picture.draw(report)
    if not drawn:
        return []
    source = f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode('utf-8', 'backslashreplace')).decode()}"
    return [h("img", src=source, alt=trends.caption(trends.measured(report)), cls="trends")]


def _slowest(report: Report) -> list[Child]:
    slowest = sorted(report.timings, key=lambda t: -t.seconds)[:SLOWEST]
    longest = slowest[0].seconds if slowest else 0
    rows = [
        (
            h("code", t.probe),
            h("code", t.subject),
            duration(t.seconds),
            h("progress", value=f"{t.seconds:.3f}", max=f"{longest:.3f}", **{"aria-label": f"{t.probe} {t.subject}"}),
        )
        for t in slowest
        if longest
    ]
    return [rows_of(("Probe", "Subject", "Took", ""), rows)] if rows else []


def _circumstances(report: Report) -> list[Child]:
    run = report.run
    fields = {
        "Environment": run.environment,
        "Production": "yes" if run.production else "no",
        "Phase and release": view.phase(run),
        "Commit": run.commit,
        "When": f"{view.moment(run.started)}, in {duration((run.ended - run.started).total_seconds())}",
        "From where": run.vantage,
        "By": f"golive {run.version}",
        "Profile": f"{run.profile} {run.profile_digest}",
        "Facts": run.facts_digest,
        "Selection": run.selection,
        "Gate": "; ".join(f"{key}: {value}" for key, value in report.gate.items()),
    }
    return [h("dl", *(part for name, value in fields.items() if value for part in (h("dt", name), h("dd", value))))]


def _signatures(report: Report) -> list[Child]:
    rows = [(role, "", "", "") for role in ("Release manager", "Engineering", "Operations")]
    word = h("p", "I have read this report and agree to ", h("strong", str(report.decision)), ".")
    return [word, rows_of(("Role", "Name", "Date", "Signature"), rows)]


def _badge(outcome: Outcome, *, waived: bool = False, not_permitted: bool = False) -> Element:
    word = "not permitted" if not_permitted else f"{outcome}, waived" if waived else str(outcome)
    sign = h("span", SIGNS[outcome], **{"aria-hidden": "true"})
    return h("span", sign, " ", word, cls=f"badge {_word(outcome)}")


def _word(outcome: Outcome) -> str:
    """Return an outcome as a class of the style."""
    return str(outcome).replace("/", "")
