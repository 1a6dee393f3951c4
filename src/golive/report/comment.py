"""The report as a comment on a pull request: Markdown within GitHub's limit, the blockers first, the rest counted.

Its first line is a mark that nobody sees, by which the next run finds the comment to write it anew.
"""

from __future__ import annotations

from golive.causes import by_defect, defects
from golive.model import Report
from golive.report import markdown
from golive.report.escape import markdown_code as code
from golive.wording import counted

LARGEST = 65_000
"""The UTF-16 units of a comment, with room for a line of the reader's own: GitHub takes 65,536 characters of one
("Body is too long (maximum is 65536 characters)").
"""
ROWS = 10
"""The subjects of one blocker that are shown."""
MARK = "<!-- golive -->"


def report(report: Report, *, room: int = LARGEST) -> str:
    """Return the report as Markdown of at most `room` UTF-16 units: what blocks, then what else fits."""
    text = fitting(report, room - len(MARK) - 1)
    return f"{MARK}\n{text}" if room > len(MARK) else ""


def fitting(report: Report, room: int) -> str:
    """Return the headline, as many blockers as fit in `room`, the count of the others, and what else has room."""
    page = _Page(room - len(_more(len(report.findings))) - 1)
    if not page.add(markdown.headline(report)):
        return ""
    groups = by_defect(report.blockers)
    page.add(["## Blockers"] if groups else [])
    for number, findings in enumerate(groups):
        if not page.add(markdown.blocker(report, findings, evidence=False, most=ROWS)):
            page.close(_more(defects(f for rest in groups[number:] for f in rest)))
            break
    for part in (markdown.by_section, markdown.warnings, markdown.compared, markdown.waivers, _whole):
        page.add(part(report))
    return page.text()


def _more(number: int) -> str:
    """Say what did not fit."""
    return f"**And {counted(number, 'more blocker')}**, in the whole report (`-o html:FILE`, `-o markdown:FILE`)."


def _whole(report: Report) -> list[str]:
    """Say what was asked, and by which golive."""
    run = report.run
    return [f"golive {code(run.version)}, profile {code(run.profile)}, facts {code(run.facts_digest)}"]


class _Page:
    """Paragraphs within a room of UTF-16 units: each part whole or not at all."""

    def __init__(self, room: int) -> None:
        self._room, self._parts = room, list[str]()

    def add(self, parts: list[str]) -> bool:
        """Add paragraphs that belong together, and return whether they had room."""
        size = sum(_size(part) + 2 for part in parts)
        fits = size <= self._room
        if fits:
            self._parts += parts
            self._room -= size
        return fits

    def close(self, words: str) -> None:
        """Add words for which room was kept."""
        self._parts.append(words)

    def text(self) -> str:
        """Return the page."""
        return "\n\n".join(self._parts) + "\n"


def _size(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
