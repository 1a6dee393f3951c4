"""What the formats for people have in common: a report grouped, counted and put into words, still undecided upon."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from golive.model import Decision, Finding, Fixed, Outcome, Phase, Report, Run, SectionInfo, Standing

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


def grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Group items by a key, in the order in which the keys first occur."""
    groups: dict[K, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def common_notes(findings: Iterable[Finding]) -> list[str]:
    """Return the notes that hold for each of the findings."""
    each = [notes(f) for f in findings]
    return [note for note in each[0] if all(note in other for other in each)]


@dataclass(frozen=True)
class SectionTally:
    """A section's findings by what became of them; each finding is counted once."""

    section: SectionInfo
    findings: tuple[Finding, ...]

    def count(self, outcome: Outcome) -> int:
        """Count the findings with `outcome` that are neither waived nor not permitted."""
        return sum(f.outcome == outcome and f.waiver is None and not f.not_permitted for f in self.findings)

    @property
    def not_permitted(self) -> int:
        """Count what was not allowed to be looked at, or is asked in the other phase."""
        return sum(f.not_permitted and f.waiver is None for f in self.findings)

    @property
    def waived(self) -> int:
        """Count what a waiver covers."""
        return sum(f.waiver is not None for f in self.findings)


def tallies(report: Report) -> list[SectionTally]:
    """Return the sections with their findings; what belongs to no declared section comes under its own id."""
    groups = grouped(report.findings, lambda f: f.check.section)
    known = {section.id: section for section in report.sections}
    named = {**known, **{name: SectionInfo(name, name) for name in groups if name not in known}}
    return [SectionTally(section, tuple(groups.get(name, ()))) for name, section in named.items()]


def total(report: Report) -> SectionTally:
    """Return the whole report as one tally."""
    return SectionTally(SectionInfo("", ""), report.findings)


def tolerated(report: Report) -> list[Finding]:
    """Return the findings that a lowered gate lets pass."""
    return [f for f in report.findings if f.tolerated]


def standing(report: Report, how: Standing) -> list[Finding]:
    """Return the findings with this standing against the baseline."""
    return [f for f in report.findings if f.standing == how]


def not_looked_at(report: Report) -> list[tuple[str, list[str]]]:
    """Return the reasons for which something was not looked at, each with what it was."""
    reasons: dict[str, list[str]] = {}
    if report.run.interrupted:
        reasons["the run was interrupted"] = ["what was unfinished is unknown"]
    if report.run.selection:
        reasons["not selected"] = [report.run.selection]
    gaps = [(f.verdict.summary, f) for f in report.findings if f.not_permitted]
    gaps += [(unseen, f) for f in report.findings for unseen in f.verdict.unseen]
    for reason, pairs in grouped(gaps, lambda gap: gap[0]).items():
        checks = grouped((finding for _, finding in pairs), lambda f: f.check.id)
        reasons.setdefault(reason, []).extend(_on(check, findings) for check, findings in checks.items())
    return list(reasons.items())


def _on(check: str, findings: list[Finding]) -> str:
    """Name a check and the subject, or how many subjects, it would have looked at."""
    return f"{check} on {findings[0].subject}" if len(findings) == 1 else f"{check} on {len(findings)} subjects"


def again(run: Run, *checks: str) -> str:
    """Return the command that looks at just these checks again."""
    only = [word for check in checks for word in ("--only", check)]
    phase = ["--phase", str(run.phase)] if run.phase else []
    targets = run.profile.split() if run.profile.startswith(("https://", "http://")) else [run.profile]
    return shlex.join(["golive", "check", *targets, *only, *phase])


def phase(run: Run) -> str:
    """Put the phase into words, with the claim that a GO before a deploy does not make."""
    release = " ".join(word for word in (run.release, f"({run.commit[:12]})" if run.commit else "") if word)
    if run.phase is None:
        return f"release {release}" if release else ""
    words = "before the deploy" if run.phase == Phase.BEFORE else "after the deploy"
    return f"{words} of {release}" if release else words


def caveat(report: Report) -> str:
    """Return what a GO does not say, where there is such a thing."""
    if report.decision == Decision.GO and report.run.phase == Phase.BEFORE:
        return "Nothing here says that the release runs: ask again after the deploy."
    return ""


def moment(at: dt.datetime) -> str:
    """Return a moment in UTC, to the second."""
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


def day(at: dt.date | dt.datetime | None) -> str:
    """Return a day, a moment's in UTC, or that none is given."""
    if at is None:
        return "no date"
    return (at.astimezone(dt.UTC) if isinstance(at, dt.datetime) else at).strftime("%Y-%m-%d")


def notes(finding: Finding) -> list[str]:
    """Return what is known of a finding beside its verdict: novelty or age, whose it is, where it lies."""
    lines = []
    if finding.standing == Standing.NEW:
        lines.append("new")
    elif finding.since is not None:
        lines.append(f"since {day(finding.since)}")
    if finding.seen_from:
        lines.append(f"seen from {finding.seen_from}")
    if finding.owner:
        lines.append(f"owner {finding.owner}")
    if finding.verdict.at:
        lines.append(str(finding.verdict.at))
    return lines


def fixed_since(item: Fixed) -> str:
    """Say how long a fixed finding had been red, if that is known."""
    return f"red since {day(item.since)}" if item.since else ""
