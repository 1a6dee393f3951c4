"""From findings to the decision: waivers, tolerance, the baseline, and what can never be GO."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from golive.causes import defects
from golive.model import (
    Attested,
    CheckInfo,
    Decision,
    Finding,
    Fixed,
    Outcome,
    Report,
    Run,
    SectionInfo,
    Severity,
    Standing,
    Timing,
    Waiver,
    failed,
    passed,
    warned,
)
from golive.wording import counted

SECTION = SectionInfo("waivers", "Waivers")
CURRENT = CheckInfo(
    "waiver.current",
    SECTION.id,
    "Every waiver is current and waives something",
    why="An expired waiver hides nothing any more, and one that matches nothing is a spelling mistake or a leftover.",
    fix="Renew it with its approver, correct its patterns, or take it out of the profile.",
)
SEEN = {Outcome.PASS, Outcome.WARN, Outcome.FAIL}
RED = {Outcome.FAIL, Outcome.UNKNOWN}


@dataclass(frozen=True)
class EarlierReport:
    """What an earlier report of an environment said: its red findings by id, with summary and first date."""

    name: str
    environment: str
    made: dt.datetime
    red: Mapping[str, tuple[str, dt.datetime | None]]


@dataclass(frozen=True)
class GateRules:
    """The rules of the decision, from the profile and the command line."""

    fail_on_warn: bool = False
    ignore_below: Severity = Severity.LOW
    allow_unknown: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)

    def rules(self) -> dict[str, str]:
        """Return the rules in words, for the record."""
        fields = {"fail_on": "warn" if self.fail_on_warn else "fail"}
        if self.ignore_below > Severity.LOW:
            fields["ignore_below"] = self.ignore_below.name.lower()
        if self.allow_unknown:
            fields["unknown_allowed"] = ", ".join(self.allow_unknown)
        return fields

    def lowered(self) -> tuple[str, ...]:
        """Return a line for each rule that lets red findings pass."""
        lines = []
        if self.ignore_below > Severity.LOW:
            lines.append(
                f"the profile lowers the gate: findings below severity {self.ignore_below.name.lower()} do not block"
            )
        if self.allow_unknown:
            lines.append(f"the profile lowers the gate: unknown is allowed for {', '.join(self.allow_unknown)}")
        return tuple(lines)


def decide(
    run: Run,
    sections: Sequence[SectionInfo],
    findings: Sequence[Finding],
    gate: GateRules,
    *,
    asked: Collection[str],
    known: Collection[str],
    baseline: EarlierReport | None = None,
    timings: Sequence[Timing] = (),
    attestations: Sequence[Attested] = (),
) -> Report:
    """Apply the gate to findings, and return the report; sections and findings come in its order.

    Waivers are judged at `run.started`, and only where their checks are among those `asked`, of all `known`: by ids.
    """
    weighed = [_weigh(f, gate, run.started) for f in findings]
    weighed += _judge_waivers(weighed, gate, run.started, asked, known)
    red = {f.id for f in weighed if _is_red(f, gate)}
    blocking = red
    if baseline:
        weighed = [_since(f, red, baseline, run.started) for f in weighed]
        blocking = red - set(baseline.red)
    reasons, code = _decision(run, weighed, blocking, gate, baseline, red)
    extra = [SECTION] if any(f.check.section == SECTION.id for f in weighed) else []
    return Report(
        run=run,
        decision=Decision.GO if code == 0 else Decision.NO_GO,
        exit_code=code,
        reasons=(*reasons, *gate.lowered()),
        sections=(*sections, *extra),
        findings=tuple(weighed),
        red=frozenset(blocking),
        waivers=gate.waivers,
        attestations=tuple(attestations),
        fixed=_fixed(baseline, {f.id for f in weighed} - red) if baseline else (),
        timings=tuple(timings),
        baseline=baseline.name if baseline else "",
        gate=gate.rules(),
    )


def _fixed(baseline: EarlierReport, green: Collection[str]) -> tuple[Fixed, ...]:
    """Return what was red in the baseline and is green now."""
    return tuple(Fixed(i, summary, since) for i, (summary, since) in baseline.red.items() if i in green)


def _matches(waiver: Waiver, finding: Finding) -> bool:
    return fnmatchcase(finding.check.id, waiver.check) and (
        fnmatchcase(finding.subject, waiver.subject) or fnmatchcase(f"{finding.kind}:{finding.subject}", waiver.subject)
    )


def _weigh(finding: Finding, gate: GateRules, now: dt.datetime) -> Finding:
    """Give a finding its owner, its waiver, and the rule that tolerates it."""
    lines = (finding.check.id, finding.check.section)
    owner = next((who for what, who in gate.owners.items() if any(fnmatchcase(s, what) for s in lines)), "")
    waiver = None
    tolerated = ""
    if finding.outcome in {*RED, Outcome.WARN}:
        waiver = next((w for w in gate.waivers if w.expires > now and _matches(w, finding)), None)
    if finding.outcome in RED and not waiver:
        if finding.check.severity < gate.ignore_below:
            tolerated = f"its severity is below {gate.ignore_below.name.lower()}"
        elif finding.outcome == Outcome.UNKNOWN and any(
            fnmatchcase(word, p) for p in gate.allow_unknown for word in lines
        ):
            tolerated = "the profile allows it to be unknown"
    return replace(finding, owner=owner, waiver=waiver, tolerated=tolerated)


def _judge_waivers(
    findings: Sequence[Finding], gate: GateRules, now: dt.datetime, asked: Collection[str], known: Collection[str]
) -> list[Finding]:
    """Return a finding for each waiver that this run can judge."""
    judged = []
    for waiver in gate.waivers:
        matching = [f for f in findings if _matches(waiver, f)]
        of_asked = any(fnmatchcase(i, waiver.check) for i in asked)
        of_known = any(fnmatchcase(i, waiver.check) for i in known)
        if of_known and not of_asked:
            continue
        if waiver.expires <= now:
            state = failed(f"expired {waiver.expires:%Y-%m-%d %H:%M %Z}; approved by {waiver.approver}", at=waiver.at)
        elif not matching:
            state = failed("matches no finding", at=waiver.at)
        elif not any(f.waiver == waiver for f in matching):
            state = warned("waives nothing any more: what it matches is green", at=waiver.at)
        else:
            state = passed(f"until {waiver.expires:%Y-%m-%d %H:%M %Z}, approved by {waiver.approver}")
        judged.append(Finding(CURRENT, "waiver", f"{waiver.check} {waiver.subject}", state))
    return judged


def _is_red(finding: Finding, gate: GateRules) -> bool:
    if finding.waiver or finding.tolerated:
        return False
    return finding.outcome in RED or (gate.fail_on_warn and finding.outcome == Outcome.WARN)


def _since(finding: Finding, red: Collection[str], baseline: EarlierReport, now: dt.datetime) -> Finding:
    if finding.id not in red:
        return finding
    if finding.id in baseline.red:
        return replace(finding, standing=Standing.REMAINING, since=baseline.red[finding.id][1] or baseline.made)
    return replace(finding, standing=Standing.NEW, since=now)


def _unknown(findings: Sequence[Finding], new: str) -> str:
    """Say how many things could not be looked at, and for how many causes where those are fewer."""
    causes, things = defects(findings), len(findings)
    if causes == things:
        return f"{things} {new}could not be looked at"
    keep = "cause keeps" if causes == 1 else "causes keep"
    return f"{causes:,} {keep} golive from looking at {things:,} {new}things"


def _decision(
    run: Run,
    findings: Sequence[Finding],
    blocking: Collection[str],
    gate: GateRules,
    baseline: EarlierReport | None,
    red: Collection[str],
) -> tuple[list[str], int]:
    """Return why it is NO-GO (or what the GO rests on) and the exit code."""
    reasons = []
    fails = sum(f.id in blocking and f.outcome == Outcome.FAIL for f in findings)
    unknowns = sum(f.id in blocking and f.outcome == Outcome.UNKNOWN for f in findings)
    warns = sum(f.id in blocking and f.outcome == Outcome.WARN for f in findings)
    new = "new " if baseline else ""
    if fails:
        reasons.append(counted(fails, f"{new}check fails", f"{new}checks fail"))
    if unknowns:
        reasons.append(_unknown([f for f in findings if f.id in blocking and f.outcome == Outcome.UNKNOWN], new))
    if warns:
        counts = counted(warns, f"{new}warning counts", f"{new}warnings count")
        reasons.append(f"{counts} as red (--fail-on warn)")
    code = 1 if fails or warns else 3 if unknowns else 0
    # A shard may have no subjects: what it leaves to others is judged with theirs.
    if not run.shard and not any(f.outcome in SEEN and f.check.section != SECTION.id for f in findings):
        reasons.append("nothing was looked at")
        code = code or 3
    if baseline and len(red) > len(blocking):
        reasons.append(f"{len(red) - len(blocking)} red since {baseline.name} and not counted")
    if run.left_behind:
        reasons.append(f"left behind: {', '.join(run.left_behind)}")
        code = code or 1
    if run.interrupted:
        reasons.append("interrupted: what was not finished is unknown")
        code = 130
    return reasons, code
