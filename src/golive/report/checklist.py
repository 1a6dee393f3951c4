"""The checklist as Markdown task lists: golive's own lines, or a team's own file with its boxes ticked.

In a team's file golive's ids stand in HTML comments beside its lines, several where a line is about several: `- [ ]
Certificates are in place <!-- golive: domains.tls, domains.dns -->`. An id is that of a line, section or check. Each
such line gets its box, and below it an item with what was seen, which the next run rewrites. Lines without ids stay as
people left them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from golive.model import ChecklistRow, Finding, LineState, Outcome, Report
from golive.report import ReportError
from golive.report.escape import markdown as text
from golive.report.escape import markdown_code as code
from golive.report.view import grouped, moment

TASK = re.compile(r"^(?P<head>[ \t>]*+(?:[-*+]|\d{1,9}[.)])[ \t]++)(?:\[[ xX]\][ \t]++)?(?P<rest>.*+)$")
NAMED = re.compile(r"<!--\s*+golive:([^<>]*)-->")
OURS = "<!-- golive saw -->"
FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
DONE = frozenset({LineState.TICKED})


def report(report: Report, *, own: str = "", name: str = "") -> str:
    """Return the checklist; `own` is a team's own, in Markdown, and `name` its file's."""
    if own:
        return "\n".join(_filled(report, own.splitlines(), name)) + "\n"
    parts = [f"# {text(report.run.environment)}: {text(report.headline)}", moment(report.run.started)]
    titles = {section.id: section.title for section in report.sections}
    for section, rows in grouped(report.checklist, lambda row: row.section).items():
        parts.append(f"## {text(titles.get(section, section.capitalize()))}")
        parts.append("\n".join(f"- {_box(row)} {text(row.words)} {code(row.id)}{_beside(row)}" for row in rows))
    return "\n\n".join(parts) + "\n"


def _box(row: ChecklistRow) -> str:
    return "[x]" if row.state in DONE else "[ ]"


def _beside(row: ChecklistRow) -> str:
    word = "" if row.state in DONE else f"**{row.state}**: "
    return f"  \n  {word}{text(row.seen)}" if row.seen or word else ""


def _filled(report: Report, lines: Sequence[str], name: str) -> Iterator[str]:
    """Yield a team's lines, those with ids ticked or not, each with what was seen below it."""
    fence = ""
    for number, line in enumerate(lines, start=1):
        mark = FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        if not fence and line.rstrip().endswith(OURS):
            continue
        task, named = TASK.match(line), NAMED.search(line)
        if fence or not task or not named:
            yield line
            continue
        ids = [word for word in re.split(r"[\s,]+", named[1]) if word]
        rows = [_row(report, word, f"{name}:{number}") for word in ids]
        done = bool(rows) and all(row.state in DONE for row in rows)
        yield f"{task['head']}{'[x]' if done else '[ ]'} {task['rest']}"
        indent = " " * len(task["head"])
        for row in rows:
            yield f"{indent}- {row.state}: {text(row.seen)} {code(row.id)} {OURS}"


def _row(report: Report, word: str, place: str) -> ChecklistRow:
    """Return what became of a line, of a section's lines together, or of a check.

    Raises:
        ReportError: there is no such id.
    """
    row = next((row for row in report.checklist if row.id == word), None)
    if row:
        return row
    of_section = [row for row in report.checklist if row.section == word]
    if of_section:
        worst = next((row for row in of_section if row.state not in {*DONE, LineState.OFF, LineState.NA}), None)
        seen = worst.seen if worst else f"every line that applies, {len(of_section)} in all"
        return ChecklistRow(word, word, "", worst.state if worst else LineState.TICKED, seen)
    mine = [f for f in report.findings if f.check.id == word]
    if mine:
        return ChecklistRow(word, mine[0].check.section, "", *_of_check(mine, report))
    known = any(word in row.checks for row in report.checklist)
    if known or report.run.selection:
        return ChecklistRow(word, "", "", LineState.NOT_LOOKED_AT, "this run found nothing about it")
    raise ReportError(
        f"{place}: {word} is no line, section or check that this profile has in scope: golive list shows them all, "
        "checklist.only and checklist.off leave some out"
    )


def _of_check(mine: Sequence[Finding], report: Report) -> tuple[LineState, str]:
    red = [f for f in mine if f.id in report.red]
    seen = [f for f in mine if f.outcome not in {Outcome.NA, Outcome.UNKNOWN}]
    first = (red or seen or mine)[0]
    state = LineState.RED if red else LineState.TICKED if seen else LineState.NOT_LOOKED_AT
    return state, f"{first.subject}: {first.verdict.summary}"
