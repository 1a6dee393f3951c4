"""What a run says: outcomes, verdicts, findings, the report. Frozen, no I/O, no clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from golive.wording import first_of


class Outcome(StrEnum):
    """What a check says of one subject."""

    PASS = "pass"  # noqa: S105 - an outcome
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    """Could not look. Red: what could not be seen never passes."""
    NA = "n/a"
    """Does not apply, or was not allowed to be looked at; the summary says why."""


class Severity(IntEnum):
    """How much a red finding matters to the release."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


class Effect(IntEnum):
    """The strongest thing a probe does to the system it looks at."""

    READ = 1
    """What a browser, a client or an auditor does anyway."""
    ACTIVE = 2
    """What an attacker or a provider would send."""
    WRITE = 3
    """Stores something, and removes it again; what cannot be removed, its probe declares, and `golive plan` shows."""


class Phase(StrEnum):
    """When a run with a declared release asks: before the deploy or after it."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True)
class Location:
    """A place in a file: `file` as the user knows it; `line` and `column` from 1, 0 where not known."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Render as file:line:column, as editors and terminals link it."""
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True)
class Series:
    """One figure over time, such as p95: a value for each moment of its trend, None where none was measured."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class Trend:
    """What was measured of a subject from run to run, the oldest first and this run last. A report may draw it.

    `judged` names the series that the verdict is about. It was judged by `limit`; `usual` is what it usually is, and
    as far below it as the limit is above it is usual, too. Both are None where it was not judged.
    """

    unit: str
    at: tuple[dt.datetime, ...]
    series: tuple[Series, ...]
    judged: str
    usual: float | None = None
    limit: float | None = None


@dataclass(frozen=True)
class Verdict:
    """A check's word on one subject.

    `summary` is one line of plain text; `evidence` what was seen, a line each; `fix` overrides the check's own fix
    where this case has a better one; `at` is the file the defect is in; `unseen` names what was left out without making
    the verdict unknown (an address family without a route); `trend` is how what was measured has gone from run to run;
    `lacks` names the keys of the profile that would let golive look, where there was nothing to look at because the
    profile says nothing of it.
    """

    outcome: Outcome
    summary: str
    evidence: tuple[str, ...] = ()
    fix: str = ""
    at: Location | None = None
    unseen: tuple[str, ...] = ()
    trend: Trend | None = None
    lacks: tuple[str, ...] = ()


def passed(summary: str, *evidence: str) -> Verdict:
    """It was looked at and it is as it should be."""
    return Verdict(Outcome.PASS, summary, evidence)


def warned(summary: str, *evidence: str, fix: str = "", at: Location | None = None) -> Verdict:
    """It works, and someone should still look at it before long."""
    return Verdict(Outcome.WARN, summary, evidence, fix, at)


def failed(summary: str, *evidence: str, fix: str = "", at: Location | None = None) -> Verdict:
    """It was looked at and it is not ready."""
    return Verdict(Outcome.FAIL, summary, evidence, fix, at)


def unknown(summary: str, *evidence: str, fix: str = "", at: Location | None = None) -> Verdict:
    """It could not be looked at. Most checks never say this themselves: a gap in their facts does."""
    return Verdict(Outcome.UNKNOWN, summary, evidence, fix, at)


def not_applicable(reason: str, *evidence: str) -> Verdict:
    """It does not apply to this subject, and `reason` says why."""
    return Verdict(Outcome.NA, reason, evidence)


def not_configured(reason: str, *keys: str) -> Verdict:
    """The profile says nothing of it; `keys` of the profile, such as `rollout.health.live`, would let golive look."""
    return Verdict(Outcome.NA, f"{reason} ({', '.join(keys)})", lacks=keys)


def verdict(
    fails: Sequence[str] = (),
    warns: Sequence[str] = (),
    *,
    ok: str,
    evidence: Sequence[str] = (),
    fix: str = "",
    at: Location | None = None,
) -> Verdict:
    """Fail on any of `fails`, else warn on any of `warns`, else pass with `ok`.

    The first defect becomes the summary (with a count of the others), all of them come before `evidence`.
    """
    defects = [*fails, *warns]
    if not defects:
        return Verdict(Outcome.PASS, ok, tuple(evidence))
    listed = defects if len(defects) > 1 else []
    outcome = Outcome.FAIL if fails else Outcome.WARN
    return Verdict(outcome, first_of(defects), (*listed, *evidence), fix, at)


@dataclass(frozen=True)
class CheckInfo:
    """A check as reports show it. `why`, `fix` come from its docstring; `effect` from the probes it needs."""

    id: str
    section: str
    title: str
    why: str = ""
    fix: str = ""
    severity: Severity = Severity.HIGH
    effect: Effect = Effect.READ
    tags: tuple[str, ...] = ()
    base: str = ""
    """Of a check that a profile brings itself, without code: the declared check that judges it."""

    @property
    def declared(self) -> str:
        """The id of the declared check."""
        return self.base or self.id


@dataclass(frozen=True)
class SectionInfo:
    """A section of the checklist: `number` is the checklist's own, 0 for what golive adds."""

    id: str
    title: str
    number: int = 0


@dataclass(frozen=True)
class Waiver:
    """The profile's leave for a red finding: who gave it, why, and until when (aware datetime)."""

    check: str
    subject: str
    reason: str
    approver: str
    expires: dt.datetime
    at: Location | None = None


class Standing(StrEnum):
    """A red finding against the baseline report."""

    NEW = "new"
    REMAINING = "remaining"


SEE_FIRST = "Make it possible to look from here (reachable, permitted, with credentials that work), then ask again."
"""The fix of what could not be looked at: the check's own would describe a defect that nobody has seen."""


@dataclass(frozen=True)
class Finding:
    """One check's verdict on one subject, and what the profile and the baseline say of it.

    `kind` and `subject` name the subject (`host`, `api.example.com`); `seconds` is how long its slowest fact took;
    `since` when it first occurred, if a baseline knows; `tolerated` says which gate rule lets it pass, if one does.
    """

    check: CheckInfo
    kind: str
    subject: str
    verdict: Verdict
    seconds: float = 0.0
    owner: str = ""
    waiver: Waiver | None = None
    tolerated: str = ""
    standing: Standing | None = None
    since: dt.datetime | None = None
    not_permitted: bool = False
    """Not looked at because its effect is not allowed, or because it is asked in the other phase."""
    seen_from: str = ""
    """The vantages that saw it so, where what several saw is judged together."""

    @property
    def id(self) -> str:
        """The finding's stable name: `tls.certificate-current[host:api.example.com]`."""
        return f"{self.check.id}[{self.kind}:{self.subject}]"

    @property
    def outcome(self) -> Outcome:
        """The verdict's outcome."""
        return self.verdict.outcome

    @property
    def fix(self) -> str:
        """How to fix it: the verdict's own word, else the check's; where nothing was seen, how to see."""
        return self.verdict.fix or (SEE_FIRST if self.outcome == Outcome.UNKNOWN else self.check.fix)


@dataclass(frozen=True)
class Attested:
    """A line of the checklist that a person confirms."""

    id: str
    statement: str
    who: str
    when: dt.date | None
    evidence: str
    expires: dt.date | None


@dataclass(frozen=True)
class Fixed:
    """A finding that was red in the baseline and is so no more."""

    id: str
    summary: str
    since: dt.datetime | None


@dataclass(frozen=True)
class Timing:
    """How long a probe took on a subject, and when after the run's start it began, in seconds; None: not known."""

    probe: str
    subject: str
    seconds: float
    began: float | None = None


@dataclass(frozen=True)
class Run:
    """The circumstances of a run: what was asked, when, from where, by which golive."""

    environment: str
    production: bool
    profile: str
    """The profile's name or path, as the user gave it."""
    profile_digest: str
    facts_digest: str
    version: str
    started: dt.datetime
    ended: dt.datetime
    vantage: str
    """From where it was seen: host name, address families, operating system."""
    phase: Phase | None = None
    release: str = ""
    commit: str = ""
    interrupted: bool = False
    selection: str = ""
    """The `--only` and `--skip` patterns, empty when everything was asked for."""
    shard: str = ""
    """Of a run that is shared out: which share of the subjects was looked at, as `3/8`."""
    left_behind: tuple[str, ...] = ()
    """What a write could not remove again."""
    oldest_table: str = ""
    """What the checks judged by was checked longest ago, and when: `Releases of PostgreSQL, 2026-11-29`."""


class LineState(StrEnum):
    """What became of a line of the checklist."""

    TICKED = "ticked"
    RED = "red"
    OFF = "off"
    """The profile leaves it out, with a reason."""
    NOT_CONFIGURED = "not configured"
    """The profile says nothing of it."""
    NOT_LOOKED_AT = "not looked at"
    """Not selected in this run, or not allowed to be looked at."""
    NA = "n/a"


@dataclass(frozen=True)
class ChecklistRow:
    """A line of the checklist, in this run. `seen` is one line; `checks` the ids that answer it and were asked."""

    id: str
    section: str
    words: str
    state: LineState
    seen: str = ""
    checks: tuple[str, ...] = ()


class Decision(StrEnum):
    """The word the report gives."""

    GO = "GO"
    NO_GO = "NO-GO"


@dataclass(frozen=True)
class Report:
    """Everything a format may show. A format never decides: `decision`, `exit_code`, `red` are settled here."""

    run: Run
    decision: Decision
    exit_code: int
    reasons: tuple[str, ...]
    """Why it is NO-GO, or which lowered gate the GO rests on; one line each, shown in the headline."""
    sections: tuple[SectionInfo, ...]
    findings: tuple[Finding, ...]
    """In report order: by section, then check, then subject."""
    red: frozenset[str]
    """Ids of the findings that make it NO-GO."""
    waivers: tuple[Waiver, ...] = ()
    attestations: tuple[Attested, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    timings: tuple[Timing, ...] = ()
    baseline: str = ""
    """Which report it was compared with, empty for none."""
    gate: Mapping[str, str] = field(default_factory=dict)
    """The gate's rules as the profile and the command line set them, for the record."""
    checklist: tuple[ChecklistRow, ...] = ()
    """The lines of the checklist, in its order."""
    scope: str = ""
    """What the decision is about where that is not the whole checklist: `for 2 of 11 sections, 3 lines off`."""

    @property
    def headline(self) -> str:
        """The decision and what it is about: `GO for 2 of 11 sections`, `GO, 3 lines off`."""
        between = " " if self.scope.startswith("for ") else ", "
        return f"{self.decision}{between}{self.scope}" if self.scope else str(self.decision)

    @property
    def blockers(self) -> tuple[Finding, ...]:
        """The red findings, gravest first; of one severity failures before unknowns, then as they stand."""
        red = [f for f in self.findings if f.id in self.red]
        return tuple(sorted(red, key=lambda f: (-f.check.severity, f.outcome != Outcome.FAIL)))

    def count(self, outcome: Outcome) -> int:
        """Count the unwaived findings with `outcome`."""
        return sum(f.outcome == outcome and f.waiver is None for f in self.findings)

    @property
    def waived(self) -> tuple[Finding, ...]:
        """The findings that a waiver covers."""
        return tuple(f for f in self.findings if f.waiver is not None)
