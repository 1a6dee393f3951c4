"""The report on a terminal: the decision, the blockers and how to fix them, then everything else in brief."""

from __future__ import annotations

from collections.abc import Sequence

from golive.causes import by_defect, cause, defects, is_gap
from golive.model import Decision, Finding, Outcome, Report
from golive.report import terminal_notes, terminal_sections, view
from golive.report.escape import FIX, middle_cut
from golive.report.screen import DIM, STYLES, Screen, ScreenPage
from golive.wording import counted, listed

SUBJECTS = 4
"""The subjects of one defect that are shown without --verbose."""
BLOCKERS = 70
"""The lines that blockers fill without --verbose: a page that scrolls away is not read."""
CHECKS = 3
"""The checks that are named of those that one gap keeps from looking, without --verbose."""
NAME_ROOM = 32
"""The characters that the name of a subject always has."""

WORDS = {
    Outcome.FAIL: ("failed", "failed"),
    Outcome.UNKNOWN: ("unknown", "unknown"),
    Outcome.WARN: ("warning", "warnings"),
    Outcome.PASS: ("passed", "passed"),
    Outcome.NA: ("n/a", "n/a"),
}


def report(report: Report, *, screen: Screen | None = None, verbose: bool = False) -> str:
    """Return the report as text for `screen`; `verbose` shows every finding with its evidence."""
    page = ScreenPage(screen or Screen())
    headline(page, report)
    blockers(page, report, verbose=verbose)
    terminal_sections.write(page, report, verbose=verbose)
    terminal_notes.write(page, report, verbose=verbose)
    return page.written()


def headline(page: ScreenPage, report: Report) -> None:
    """Write the word, on what, the counts, and every reason that goes with the word."""
    text, run = page.screen.text, report.run
    go = report.decision == Decision.GO
    badge = f" {report.decision} " if page.screen.color else str(report.decision)
    production = " (production)" if run.production and run.environment != "production" else ""
    public = report.scope.startswith("for the public surface")  # where no profile names an environment
    words = ["" if public else text(run.environment) + production, text(view.phase(run))]
    page.blank()
    page.put(
        (badge, "bold black on green" if go else "bold bright_white on red"),
        (f"  {words[0]}" if words[0] else "", "bold"),
        f"  {page.glyphs.dot}  {words[1]}" if words[1] else "",
        (f"{'' if public else f'  {page.glyphs.dot}'}  {text(report.scope)}" if report.scope else "", "bold yellow"),
    )
    page.blank()
    page.flow(_counts(report))
    _bar(page, report)
    for reason in report.reasons:
        page.put((text(reason), "bold yellow" if go else ""), hang=2)
    page.put((view.caveat(report), DIM), hang=2)


def _counts(report: Report) -> list[tuple[str, str]]:
    """Return what came out, in figures."""
    tally = view.total(report)
    parts = [(counted(defects(report.blockers), "blocker"), "bold red" if report.red else "bold")]
    for outcome, words in WORDS.items():
        if number := tally.count(outcome):
            parts.append((f"{number:,} {words[number != 1]}", STYLES[outcome]))
    rest = {"not permitted": tally.not_permitted, "waived": tally.waived, "tolerated": len(view.tolerated(report))}
    return parts + [(f"{number:,} {word}", DIM) for word, number in rest.items() if number]


def _bar(page: ScreenPage, report: Report) -> None:
    """Draw the outcomes as one coloured line, each with at least one cell."""
    tally = view.total(report)
    shares = [(STYLES[outcome], tally.count(outcome)) for outcome in WORDS if outcome != Outcome.NA]
    shares.append((DIM, tally.count(Outcome.NA) + tally.not_permitted + tally.waived))
    shares = [(style, number) for style, number in shares if number] or [(DIM, 1)]
    cells = page.room - 2
    whole = sum(number for _, number in shares)
    widths = [max(1, number * cells // whole) for _, number in shares]
    widths[widths.index(max(widths))] += cells - sum(widths)
    page.put(*((page.glyphs.bar * width, style) for (style, _), width in zip(shares, widths, strict=True)))


def blockers(page: ScreenPage, report: Report, *, verbose: bool) -> None:
    """Write the blockers, gravest first, one entry for each defect however many subjects have it."""
    if not report.red:
        return
    page.heading("Blockers")

    groups = by_defect(report.blockers)

    def entry(findings: list[Finding]) -> None:
        if findings is not groups[0]:
            page.blank()
        (_gap if is_gap(findings) else _defect)(page, findings, verbose=verbose)

    def left(rest: Sequence[list[Finding]]) -> int:
        return defects(f for findings in rest for f in findings)

    page.each(groups, entry, "blocker", lines=None if verbose else BLOCKERS, count=left)


def _gap(page: ScreenPage, findings: list[Finding], *, verbose: bool) -> None:
    """Write what keeps several checks from looking, once: the reason, which checks on what, and how to fix it."""
    text, first = page.screen.text, findings[0]
    others = len({f.subject for f in findings if f.subject not in first.subject}) * (
        cause(first) != first.verdict.summary
    )
    also = f" (and the same for {counted(others, 'more subject')})" if others else ""
    words = f"{page.glyphs.marks[first.outcome]} {text(first.verdict.summary)}{also}"
    page.put((words, f"bold {STYLES[first.outcome]}"), right=first.check.severity.name.lower(), hang=2)
    subjects = view.grouped(findings, lambda f: f.subject)
    shown = list(subjects.items()) if verbose else list(subjects.items())[:SUBJECTS]
    for subject, theirs in shown:
        notes = text(f" {page.glyphs.dot} ".join(view.common_notes(theirs)))
        name = (text(subject if verbose else middle_cut(subject, max(NAME_ROOM, page.room // 2))), "bold")
        page.put(name, f"  {_blocked(theirs, verbose=verbose)}", right=notes, indent=4, hang=2)
    if len(subjects) > len(shown):
        page.put((f"and on {counted(len(subjects) - len(shown), 'more subject')}", DIM), indent=4)
    for fix in list(view.grouped(findings, lambda f: f.fix).values())[: None if verbose else SUBJECTS]:
        _fix(page, fix[0], indent=4)


def _blocked(findings: list[Finding], *, verbose: bool) -> str:
    """Say which checks could not look."""
    checks = list(dict.fromkeys(f.check.id for f in findings))
    return f"blocks {counted(len(checks), 'check')}: {listed(checks, len(checks) if verbose else CHECKS)}"


def _defect(page: ScreenPage, findings: list[Finding], *, verbose: bool) -> None:
    """Write one check's red findings: what was seen on each subject, and how to fix it."""
    first = findings[0]
    mark = page.glyphs.marks[first.outcome]
    page.put(
        (f"{mark} {first.check.id}", f"bold {STYLES[first.outcome]}"), right=first.check.severity.name.lower(), hang=2
    )
    shown = findings if verbose else findings[:SUBJECTS]
    one_fix = len({f.fix for f in shown}) == 1
    for finding in shown:
        _seen(page, finding, verbose=verbose)
        if not one_fix:
            _fix(page, finding, indent=6)
    if len(findings) > len(shown):
        page.put((f"and on {counted(len(findings) - len(shown), 'more subject')}", DIM), indent=4)
    if one_fix:
        _fix(page, first, indent=4)


def _seen(page: ScreenPage, finding: Finding, *, verbose: bool) -> None:
    """Write what was seen on one subject."""
    text, subject = page.screen.text, finding.subject
    name = subject if verbose else middle_cut(subject, max(NAME_ROOM, page.room // 2))
    notes = text(f" {page.glyphs.dot} ".join(view.notes(finding)))
    page.put((text(name), "bold"), f"  {text(finding.verdict.summary)}", right=notes, indent=4, hang=2)
    if verbose:
        page.evidence(finding.verdict.evidence, indent=6)


def _fix(page: ScreenPage, finding: Finding, *, indent: int) -> None:
    """Write how to fix it."""
    if finding.fix:
        page.put(
            (f"{page.glyphs.arrow} ", "bold cyan"), (page.screen.text(finding.fix, FIX), "cyan"), indent=indent, hang=2
        )
