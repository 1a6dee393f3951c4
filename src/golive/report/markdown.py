"""The readiness report that a release manager files and signs: everything that the decision rests on, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

from golive.causes import by_defect, defects, is_gap
from golive.model import Decision, Finding, LineState, Outcome, Report, Standing
from golive.report import view
from golive.report.escape import FIX, visible
from golive.report.escape import markdown as text
from golive.report.escape import markdown_alt as alt
from golive.report.escape import markdown_block as block
from golive.report.escape import markdown_code as code
from golive.report.escape import markdown_prose as prose
from golive.report.trends import caption, measured
from golive.wording import capped, counted, duration, listed

TIMED = 10
"""The slowest probes that are listed."""
CAPTION = 4000
"""The characters of what a picture shows in words: some 150 for each trend."""
LINES = 200
"""The lines of evidence of one finding that are shown."""

LONG = 30
"""Rows of a table, and names in a sentence, that a reader is shown unasked."""


def report(report: Report, *, evidence: bool = True, picture: str = "") -> str:
    """Return the report as Markdown for GitHub; `evidence=False` leaves out what was seen in detail.

    `picture` is the file beside it that shows the report's trends, by its name.
    """
    parts = [
        *headline(report),
        *blockers(report, evidence=evidence),
        *circumstances(report),
        *by_section(report),
        *checklist(report),
        *warnings(report),
        *lowered(report),
        *waivers(report),
        *compared(report),
        *attestations(report),
        *not_looked_at(report),
        *(everything(report) if evidence else ()),
        *(trends(report, picture) if evidence else ()),
        *timings(report),
        *signatures(report),
    ]
    return "\n\n".join(parts) + "\n"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return a table; the columns in `right` hold figures."""
    rules = ["---:" if column in right else "---" for column in range(len(heads))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, rules, *rows))


def headline(report: Report) -> list[str]:
    """Return the word, the counts and the reasons."""
    sign = "✅" if report.decision == Decision.GO else "⛔"
    tally = view.total(report)
    counts = [f"**{counted(defects(report.blockers), 'blocker')}**"]
    counts += [f"{tally.count(outcome):,} {outcome}" for outcome in Outcome if tally.count(outcome)]
    rest = {"not permitted": tally.not_permitted, "waived": tally.waived, "tolerated": len(view.tolerated(report))}
    counts += [f"{number:,} {word}" for word, number in rest.items() if number]
    notes = [*report.reasons, view.caveat(report)]
    listed = "\n".join(f"> - {text(note)}" for note in notes if note)
    parts = [f"# {sign} {text(report.headline)}: {text(report.run.environment)}", " · ".join(counts), listed]
    return [part for part in parts if part]


def circumstances(report: Report) -> list[str]:
    """Return what was looked at, when, from where and by what."""
    run = report.run
    took = duration((run.ended - run.started).total_seconds())
    rows = {
        "Environment": text(run.environment),
        "Production": "yes" if run.production else "no",
        "Phase": {"before": "before the deploy", "after": "after the deploy"}.get(str(run.phase), ""),
        "Release": text(run.release),
        "Commit": code(run.commit) if run.commit else "",
        "When": f"{view.moment(run.started)}, in {took}",
        "From where": text(run.vantage),
        "By": f"golive {text(run.version)}",
        "Profile": f"{code(run.profile)} {code(run.profile_digest)}",
        "Facts": code(run.facts_digest),
        "Oldest table of facts": text(run.oldest_table),
        "Selection": code(run.selection) if run.selection else "",
        "Gate": text("; ".join(f"{key}: {value}" for key, value in report.gate.items())),
        "Baseline": code(report.baseline) if report.baseline else "",
    }
    return [table(("", ""), [(f"**{name}**", value) for name, value in rows.items() if value])]


def by_section(report: Report) -> list[str]:
    """Return the table of counts."""
    heads = ("", "Section", "Fail", "Unknown", "Warn", "Pass", "N/A", "Not permitted", "Waived")
    order = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN, Outcome.PASS, Outcome.NA)
    rows = []
    for tally in view.tallies(report):
        figures = [*(tally.count(outcome) for outcome in order), tally.not_permitted, tally.waived]
        cells = [f"{figure:,}" if figure else "" for figure in figures]
        rows.append([str(tally.section.number or ""), text(tally.section.title), *cells])
    return ["## Sections", table(heads, rows, right=(0, *range(2, 9)))] if rows else []


SIGNS = {LineState.TICKED: "✅", LineState.RED: "⛔", LineState.NOT_CONFIGURED: "❓"}


def checklist(report: Report) -> list[str]:
    """Return the lines of the checklist, each with what became of it."""
    rows = [
        (f"{SIGNS.get(row.state, '')} {row.state}".strip(), code(row.id), text(row.words), text(row.seen))
        for row in report.checklist
    ]
    return ["## Checklist", table(("", "Line", "", "Seen"), rows)] if rows else []


def blockers(report: Report, *, evidence: bool) -> list[str]:
    """Return the blockers, each with its owner, its fix and the command that checks again."""
    if not report.red:
        return []
    parts = [f"## Blockers ({defects(report.blockers):,})"]
    for findings in by_defect(report.blockers):
        parts += blocker(report, findings, evidence=evidence)
    return parts


def blocker(report: Report, findings: list[Finding], *, evidence: bool, most: int | None = None) -> list[str]:
    """Return what is red for one reason; of more than `most` subjects the first ones, and a count."""
    if is_gap(findings):
        return _gap(report, findings, most)
    return _defect(report, findings, evidence=evidence, most=most)


def _gap(report: Report, findings: list[Finding], most: int | None) -> list[str]:
    """Return what keeps several checks from looking, once."""
    first = findings[0]
    checks = list(dict.fromkeys(f.check.id for f in findings))
    parts = [
        f"### Could not look: {text(first.verdict.summary)}",
        f"**unknown**, {first.check.severity.name.lower()}: blocks {len(checks)} checks",
    ]
    heads = ("Check", "Subject", "Owner", "Since")
    rows = [(code(f.check.id), code(f.subject), text(f.owner), _since(f)) for f in findings]
    parts += _rows(heads, rows, most)
    fixes = [fix for fix in view.grouped(findings, lambda f: f.fix) if fix]
    parts += [f"**Fix**: {prose(fix, FIX)}" for fix in fixes[: most or len(fixes)]]
    parts.append(f"**Look again**: {code(view.again(report.run, *checks))}")
    return parts


def _defect(report: Report, findings: list[Finding], *, evidence: bool, most: int | None) -> list[str]:
    """Return one check's red findings."""
    check = findings[0].check
    word = "unknown, could not look" if findings[0].outcome == Outcome.UNKNOWN else str(findings[0].outcome)
    parts = [f"### {code(check.id)}", f"{text(check.title)}. **{word}**, {check.severity.name.lower()}"]
    heads = ("Subject", "Seen", "Owner", "Since", "Where")
    rows = [
        (
            code(f.subject),
            text(f.verdict.summary),
            text(f.owner),
            _since(f),
            code(str(f.verdict.at)) if f.verdict.at else "",
        )
        for f in findings
    ]
    parts += _rows(heads, rows, most)
    fixes = view.grouped(findings, lambda f: f.fix)
    for fix, fixed in list(fixes.items())[: most or len(fixes)]:
        on = f" ({_subjects(fixed)})" if len(fixes) > 1 else ""
        if fix:
            parts.append(f"**Fix**{on}: {prose(fix, FIX, own=fix == check.fix)}")
    parts.append(f"**Look again**: {code(view.again(report.run, check.id))}")
    return parts + (_evidence(findings) if evidence else [])


def _rows(heads: Sequence[str], rows: Sequence[Sequence[str]], most: int | None) -> list[str]:
    """Return a table, folded away where it would push everything else off the page, or with its first rows alone."""
    if most is None and len(rows) > LONG:
        return [
            f"<details><summary>{len(rows):,} findings</summary>",
            _without_empty_columns(heads, rows),
            "</details>",
        ]
    shown = rows[: most or len(rows)]
    rest = [f"and {len(rows) - len(shown):,} more"] if rows[len(shown) :] else []
    return [_without_empty_columns(heads, shown), *rest]


def _subjects(findings: Sequence[Finding]) -> str:
    """Name the first of the subjects, and how many more there are."""
    return listed([code(f.subject) for f in findings], LONG)


def _since(finding: Finding) -> str:
    """Return how long a finding has been red."""
    if finding.standing == Standing.NEW:
        return "new"
    return view.day(finding.since) if finding.since else ""


def _without_empty_columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of the columns that say anything."""
    kept = [column for column in range(len(heads)) if any(row[column] for row in rows)]
    return table([heads[column] for column in kept], [[row[column] for column in kept] for row in rows])


def _evidence(findings: Sequence[Finding]) -> list[str]:
    """Return what was seen in detail, folded away."""
    seen = [f for f in findings if f.verdict.evidence]
    if not seen:
        return []
    parts = ["<details><summary>Evidence</summary>"]
    for finding in seen:
        parts += [code(finding.subject), block(capped(finding.verdict.evidence, LINES, "lines"))]
    return [*parts, "</details>"]


def _listing(findings: Iterable[Finding], extra: str = "") -> str:
    """Return findings as a table, with what lets them pass where `extra` heads a column."""
    heads = ("Check", "Subject", "Seen", "Owner", extra)
    rows = [
        (code(f.check.id), code(f.subject), text(f.verdict.summary), text(f.owner), text(f.tolerated) if extra else "")
        for f in findings
    ]
    return _without_empty_columns(heads, rows)


def warnings(report: Report) -> list[str]:
    """Return what works and should be looked at before long."""
    found = [f for f in report.findings if f.outcome == Outcome.WARN and f.id not in report.red and not f.waiver]
    return [f"## Warnings ({len(found)})", _listing(found)] if found else []


def lowered(report: Report) -> list[str]:
    """Return what a lowered gate lets pass."""
    found = view.tolerated(report)
    return [f"## Tolerated ({len(found)})", _listing(found, "Rule")] if found else []


def waivers(report: Report) -> list[str]:
    """Return every waiver with who gave it and until when, and what it covers."""
    if not report.waivers and not report.waived:
        return []
    granted = list(dict.fromkeys([*report.waivers, *(f.waiver for f in report.waived if f.waiver)]))
    rows = []
    for waiver in granted:
        covered = [f"{code(f.subject)} {text(f.verdict.summary)}" for f in report.waived if f.waiver == waiver]
        name = f"{code(waiver.check)} on {code(waiver.subject)}"
        expiry = view.moment(waiver.expires)
        rows.append((name, text(waiver.reason), text(waiver.approver), expiry, "; ".join(covered) or "nothing"))
    return [f"## Waivers ({len(rows)})", table(("Waiver", "Reason", "Approver", "Expires", "Covers"), rows)]


def compared(report: Report) -> list[str]:
    """Return what changed since the baseline."""
    if not report.baseline:
        return []
    new, remaining = (view.standing(report, how) for how in (Standing.NEW, Standing.REMAINING))
    parts = [
        f"## Since {code(report.baseline)}",
        f"{len(new)} new · {len(remaining)} remaining · {len(report.fixed)} fixed",
    ]
    if remaining:
        stood = [
            (code(f.check.id), code(f.subject), text(f.verdict.summary), text(f.owner), _since(f)) for f in remaining
        ]
        parts.append(_without_empty_columns(("Remaining", "Subject", "Seen", "Owner", "Red since"), stood))
    if report.fixed:
        rows = [(code(m.id), text(m.summary), view.day(m.since) if m.since else "") for m in report.fixed]
        parts.append(table(("Fixed", "Now", "Red since"), rows))
    return parts


def attestations(report: Report) -> list[str]:
    """Return the attestations."""
    rows = [
        (code(a.id), text(a.statement), text(a.who), view.day(a.when), text(a.evidence), view.day(a.expires))
        for a in report.attestations
    ]
    heads = ("Attestation", "Statement", "Who", "When", "Evidence", "Expires")
    return [f"## Attestations ({len(rows)})", table(heads, rows)] if rows else []


def not_looked_at(report: Report) -> list[str]:
    """Return what was not looked at and why."""
    rows = [(text(reason), "; ".join(text(name) for name in names)) for reason, names in view.not_looked_at(report)]
    return ["## Not looked at", table(("Why", "What"), rows)] if rows else []


def everything(report: Report) -> list[str]:
    """Return every finding, folded away by section."""
    parts = []
    for tally in view.tallies(report):
        if tally.findings:
            rows = [
                (_word(f, report), code(f.check.id), code(f.subject), text(f.verdict.summary)) for f in tally.findings
            ]
            parts += [
                f"<details><summary>{html(tally.section.title)}: {counted(len(rows), 'finding')}</summary>",
                table(("", "Check", "Subject", "Seen"), rows),
                "</details>",
            ]
    return ["## Everything that was looked at", *parts] if parts else []


def trends(report: Report, picture: str) -> list[str]:
    """Return what was measured from run to run: as a picture, or in the findings' own lines where there is none."""
    found = measured(report)
    if picture and found:
        shown = f"![{alt(caption(found), CAPTION)}]({quote(picture.encode('utf-8', 'surrogateescape'), safe='')})"
    elif rows := [(code(m.finding.subject), code(seen[0])) for m in found if (seen := m.finding.verdict.evidence)]:
        shown = table(("Subject", "Measured"), rows)
    else:
        return []
    return ["## Trends", shown]


def html(words: str) -> str:
    """Return words for the line of HTML in which Markdown is not read."""
    return escape(visible(words))


def _word(finding: Finding, report: Report) -> str:
    """Return what became of a finding."""
    if finding.waiver:
        return f"{finding.outcome}, waived"
    if finding.not_permitted:
        return "not permitted"
    return f"**{finding.outcome}**" if finding.id in report.red else str(finding.outcome)


def timings(report: Report) -> list[str]:
    """Return which probes took longest."""
    slowest = sorted(report.timings, key=lambda t: -t.seconds)[:TIMED]
    rows = [(code(t.probe), code(t.subject), duration(t.seconds)) for t in slowest]
    return ["## Timings", table(("Probe", "Subject", "Took"), rows, right=(2,))] if rows else []


def signatures(report: Report) -> list[str]:
    """Return the lines to sign on."""
    rows = [(role, "", "", "") for role in ("Release manager", "Engineering", "Operations")]
    word = f"I have read this report and agree to **{report.decision}**."
    return ["## Signatures", word, table(("Role", "Name", "Date", "Signature"), rows)]
