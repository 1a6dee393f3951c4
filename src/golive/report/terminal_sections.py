"""The terminal report's table by section, with what deserves a look below each."""

from __future__ import annotations

from golive.model import Finding, Outcome, Report
from golive.report import view
from golive.report.screen import DIM, STYLES, ScreenPage, Styled

NAME_ROOM = 40
"""Columns that a section's name has at least where they are there: figures further off are hard to follow."""
MANY, FEW = 30, 4
"""Of more findings that deserve a look than the first, each section shows the second number of lines."""
COUNTED = {
    "fail": Outcome.FAIL,
    "unknown": Outcome.UNKNOWN,
    "warn": Outcome.WARN,
    "pass": Outcome.PASS,
    "n/a": Outcome.NA,
}


def write(page: ScreenPage, report: Report, *, verbose: bool) -> None:
    """Write one line of counts for each section, and its warnings; every finding where `verbose`."""
    tallies = view.tallies(report)
    if not tallies:
        return
    rows = [_counts(tally) for tally in tallies]
    columns = [word for word in rows[0] if any(row[word] for row in rows)]
    room = page.room - 5 - sum(len(word) + 2 for word in columns)
    longest = max(len(page.screen.text(tally.section.title)) for tally in tallies)
    beside = page.screen.wide and room >= longest
    room = min(room, max(longest + 4, NAME_ROOM))
    page.heading("Sections", *((f"  {word}", DIM) for word in columns if beside), room=room + 3 if beside else 0)
    looks = sum(_deserves_a_look(finding, report) for finding in report.findings)
    lines = FEW if looks > MANY else None
    for tally, row in zip(tallies, rows, strict=True):
        number = f"{tally.section.number or page.glyphs.dot:>2} "
        title = page.screen.text(tally.section.title)
        if beside:
            cells = [_cell(page, word, row[word]) for word in columns]
            page.put((number, DIM), f"{title:<{room}}", *cells)
        else:
            page.put((number, DIM), title, hang=3)
            page.flow(_inline(row), indent=5)
        if verbose:
            _everything(page, tally, report)
        else:
            page.each(
                [finding for finding in tally.findings if _deserves_a_look(finding, report)],
                lambda finding: _line(page, finding, finding.check.id),
                "finding",
                lines=lines,
            )


def _counts(tally: view.SectionTally) -> dict[str, int]:
    """Return a section's figures by the word for each."""
    counts = {word: tally.count(outcome) for word, outcome in COUNTED.items()}
    return counts | {"not permitted": tally.not_permitted, "waived": tally.waived}


def _style(word: str) -> str:
    """Return the colour of a figure."""
    return STYLES[COUNTED[word]] if word in COUNTED else DIM


def _cell(page: ScreenPage, word: str, number: int) -> Styled:
    """Return a figure under its word."""
    return (f"{number or page.glyphs.dot:>{len(word) + 2}}", _style(word) if number else DIM)


def _inline(row: dict[str, int]) -> list[tuple[str, str]]:
    """Return the figures with their words, where a table has no room."""
    return [(f"{number} {word}", _style(word)) for word, number in row.items() if number] or [
        ("nothing was looked at", DIM)
    ]


def _deserves_a_look(finding: Finding, report: Report) -> bool:
    """Return whether a finding that blocks nothing is named: it is a warning, or the gate lets it pass."""
    named = finding.outcome == Outcome.WARN or bool(finding.tolerated)
    return named and finding.id not in report.red and finding.waiver is None


def _everything(page: ScreenPage, tally: view.SectionTally, report: Report) -> None:
    """Write every finding by check, with its evidence unless that stands among the blockers already."""
    for findings in view.grouped(tally.findings, lambda f: f.check.id).values():
        check = findings[0].check
        page.put((check.id, "bold"), (f"  {page.screen.text(check.title)}", DIM), indent=5, hang=2)
        for finding in findings:
            _line(page, finding, indent=7)
            if finding.id not in report.red:
                page.evidence(finding.verdict.evidence, indent=11)


def _line(page: ScreenPage, finding: Finding, check: str = "", *, indent: int = 5) -> None:
    """Write one finding on a line, with the name of its `check` where that does not stand above."""
    text = page.screen.text
    extra = [f"tolerated: {finding.tolerated}"] if finding.tolerated else []
    extra += ["not permitted"] if finding.not_permitted else []
    extra += ["waived"] if finding.waiver else []
    page.put(
        (f"{page.glyphs.marks[finding.outcome]} ", f"bold {STYLES[finding.outcome]}"),
        f"{check}  " if check else "",
        (text(finding.subject), "bold" if check else ""),
        f"  {text(finding.verdict.summary)}",
        (f"  ({text('; '.join(extra))})" if extra else "", DIM),
        indent=indent,
        hang=2,
    )
