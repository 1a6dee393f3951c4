"""Which lines of the checklist a run is about, and what became of each: no line in scope is passed over silently."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from golive.lines import Line, installed, line_of
from golive.model import (
    CheckInfo,
    ChecklistRow,
    Finding,
    LineState,
    Outcome,
    SectionInfo,
    not_applicable,
    unknown,
)
from golive.wording import counted, first_of

if TYPE_CHECKING:
    from golive.engine.blueprint import Check

SECTION = SectionInfo("checklist", "Checklist")
COVERED = CheckInfo(
    "checklist.line-covered",
    SECTION.id,
    "Every line of the checklist in scope is looked at",
    why="A line that nothing is configured for looks as green as one that was looked at, unless somebody says so.",
    fix="Configure it, or leave it out with a reason under checklist.off of the profile.",
)
OUTSIDE_ONLY = "not among checklist.only"
SEEN = frozenset({Outcome.PASS, Outcome.WARN, Outcome.FAIL})


@dataclass(frozen=True)
class LinesInScope:
    """The lines, what the profile leaves out of them (`off`, `only`), and the checks that a run has `selected`."""

    known: tuple[CheckInfo, ...]
    off: Mapping[str, str]
    only: tuple[str, ...] = ()
    selected: frozenset[str] = frozenset()
    lines: tuple[Line, ...] = ()

    @classmethod
    def of(cls, data: Any, known: Sequence[CheckInfo], selected: Collection[str] = ()) -> LinesInScope:
        """Return the scope of a profile's data, over the lines that are installed."""
        listed = data.checklist
        return cls(tuple(known), listed.off, listed.only, frozenset(selected), installed())

    def reason(self, check: CheckInfo) -> str:
        """Return why a check is left out; empty where it is in scope."""
        line = line_of(check.id, self.lines)
        names = line.names_of(check) if line else (check.id, check.section)
        for pattern, why in self.off.items():
            if any(fnmatchcase(name, pattern) for name in names):
                return why
        if self.only and not any(fnmatchcase(name, pattern) for name in names for pattern in self.only):
            return OUTSIDE_ONLY
        return ""

    def _at_home(self, check: CheckInfo) -> bool:
        line = line_of(check.id, self.lines)
        return line is None or line.section == check.section

    def left(self, checks: Sequence[Check]) -> tuple[Check, ...]:
        """Return the checks that are in scope."""
        return tuple(check for check in checks if not self.reason(check.info))

    def of_line(self, line: Line) -> list[CheckInfo]:
        """Return every check that answers a line."""
        return [check for check in self.known if line.answered_by(check.id)]

    def covered(self, found: Sequence[Finding]) -> list[Finding]:
        """Return the findings with one more for each line that the profile says nothing of, in place of its own."""
        every, more = list(found), list[Finding]()
        for line in self.lines:
            wanted = {check.id for check in self.of_line(line) if not self.reason(check)}
            if not wanted <= self.selected:
                continue  # part of it was asked for, which tells nothing of the whole
            mine = [f for f in every if f.check.id in wanted]
            lacking = {f.id for f in mine if f.verdict.lacks}
            if not lacking:
                continue
            is_seen = any(_is_seen(f) or (f.not_permitted and not f.verdict.lacks) for f in mine)
            if is_seen and not line.each:
                every = [_as_na(f) if f.id in lacking else f for f in every]
            else:
                every = [f for f in every if f.id not in lacking]
                more.append(_uncovered(line, [f for f in mine if f.id in lacking], "part of it" if is_seen else "it"))
        return [*every, *more]

    def rows(self, findings: Sequence[Finding], red: Collection[str]) -> tuple[ChecklistRow, ...]:
        """Return what became of each line; `red` are the ids of the findings that count."""
        by_check: dict[str, list[Finding]] = {}
        for finding in findings:
            key = finding.subject if finding.check.id == COVERED.id else finding.check.id
            by_check.setdefault(key, []).append(finding)
        return tuple(self._row(line, by_check, red) for line in self.lines if self.of_line(line))

    def _row(self, line: Line, by_check: Mapping[str, list[Finding]], red: Collection[str]) -> ChecklistRow:
        checks = self.of_line(line)
        reasons = {check.id: self.reason(check) for check in checks}
        asked = tuple(check.id for check in checks if not reasons[check.id] and check.id in self.selected)
        if all(reasons.values()):
            return ChecklistRow(line.id, line.section, line.words, LineState.OFF, next(iter(reasons.values())))
        if not asked:
            return ChecklistRow(line.id, line.section, line.words, LineState.NOT_LOOKED_AT, "not selected in this run")
        mine = [f for check in asked for f in by_check.get(check, ())]
        state, seen = _state(mine, by_check.get(line.id, []), red)
        left_out = "; ".join(f"{check} is off: {why}" for check, why in reasons.items() if why)
        return ChecklistRow(line.id, line.section, line.words, state, "; ".join(filter(None, (seen, left_out))), asked)

    def about(self) -> str:
        """Say what the decision is about; empty where it is about the whole checklist."""
        in_scope = [check for check in self.known if not self.reason(check)]
        asked = [check for check in in_scope if check.id in self.selected]
        sections = {line.section for line in self.lines}
        # Some checks answer a line of another section: neither section is looked at by that.
        open_ = sections & {check.section for check in asked if self._at_home(check)}
        cut = any(check.section in {c.section for c in asked} for check in in_scope if check.id not in self.selected)
        lines = []
        if cut or not open_:
            lines.append(f"for {len(asked)} of {len(self.known)} checks")
        elif open_ < sections:
            lines.append(f"for {len(open_)} of {len(sections)} sections")
        off = sum(any(map(self.reason, self.of_line(line))) for line in self.lines if line.section in open_)
        if off:
            lines.append(f"{counted(off, 'line')} off")
        return ", ".join(lines)


def words(known: Sequence[CheckInfo]) -> frozenset[str]:
    """Return every word by which a profile may name a check, a line or a section."""
    found = {word for line in installed() for word in (line.id, line.section, *line.parts)}
    return frozenset({*found, *(word for c in known for word in (c.id, c.section)), COVERED.id, SECTION.id})


def _is_seen(finding: Finding) -> bool:
    """Return whether a check gave a verdict, or could not look for another reason than that nothing is configured."""
    return finding.outcome in SEEN or (finding.outcome == Outcome.UNKNOWN and not finding.verdict.lacks)


def _as_na(finding: Finding) -> Finding:
    return replace(finding, verdict=replace(finding.verdict, outcome=Outcome.NA))


def _uncovered(line: Line, lacking: Sequence[Finding], what: str) -> Finding:
    keys = ", ".join(dict.fromkeys(key for f in lacking for key in f.verdict.lacks))
    text = f"{line.words}: the profile says nothing about {what}"
    seen = list(dict.fromkeys(f"{f.check.id}: {f.verdict.summary}" for f in lacking))
    if line.optional:
        return Finding(COVERED, "line", line.id, not_applicable(f"{text}, and it is optional ({keys})", *seen))
    fix = f"Set {keys}; or leave it out: checklist: {{ off: {{ {line.id}: the reason }} }}"
    return Finding(COVERED, "line", line.id, unknown(f"{text} ({keys})", *seen, fix=fix))


def _state(mine: Sequence[Finding], of_line: Sequence[Finding], red: Collection[str]) -> tuple[LineState, str]:
    """Return what became of a line, and what was seen, in a line."""
    if of_line:
        word = LineState.NOT_CONFIGURED if of_line[0].outcome == Outcome.UNKNOWN else LineState.NA
        return word, of_line[0].verdict.summary
    bad = [f for f in mine if f.id in red]
    if bad:
        return LineState.RED, _first(bad)
    looked = [f for f in mine if f.outcome in {*SEEN, Outcome.UNKNOWN}]  # what is unknown here is tolerated or waived
    if looked:
        return LineState.TICKED, _first(sorted(looked, key=lambda f: f.outcome == Outcome.PASS))
    if any(f.not_permitted for f in mine):
        return LineState.NOT_LOOKED_AT, next(f.verdict.summary for f in mine if f.not_permitted)
    return LineState.NA, mine[0].verdict.summary if mine else "the product does not have it"


def _first(findings: Sequence[Finding]) -> str:
    return first_of([f"{f.subject}: {f.verdict.summary}" for f in findings])


def misnamed(data: Any, known: Sequence[CheckInfo]) -> Iterator[tuple[tuple[str | int, ...], str, frozenset[str]]]:
    """Yield each place of a profile that names no check, line or section there is, the word, and those there are."""
    every, checks = words(known), frozenset({*(check.id for check in known), COVERED.id, "waiver.current"})
    sections = frozenset({*checks, *(check.section for check in known)})
    tags = frozenset(tag for check in known for tag in check.tags)
    named: list[tuple[tuple[str | int, ...], str, frozenset[str]]] = [
        *((("checklist", "off", key), key, every) for key in data.checklist.off),
        *((("checklist", "only", n), key, every) for n, key in enumerate(data.checklist.only)),
        *((("gate", "unknown", "allow", n), key, sections) for n, key in enumerate(data.gate.unknown.allow)),
        *((("owners", key), key, sections) for key in data.owners),
        *(
            (("vantages", p, n), key, sections | tags)
            for p, keys in data.vantages.items()
            for n, key in enumerate(keys)
        ),
        *((("waivers", n, "check"), waiver.check, checks) for n, waiver in enumerate(data.waivers)),
    ]
    return (each for each in named if not any(fnmatchcase(word, each[1]) for word in each[2]))
