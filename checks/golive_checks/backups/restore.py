"""Can the backups be restored: now, or when it was last tried?"""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from golive import (
    Now,
    Settings,
    Severity,
    Unavailable,
    Verdict,
    check,
    failed,
    not_applicable,
    passed,
    shortened,
    unknown,
    verdict,
)
from golive.wording import counted, duration
from golive_checks.backups.damage import why_not_restored
from golive_checks.subjects import Recovery
from golive_checks.subjects.recovery import Query
from golive_checks.systems.drill.drill import Drill
from golive_checks.systems.drill.evidence import DrillEvidence, Flaw
from golive_checks.systems.drill.record import CopyAnswer, DrillRecord

SHOWN = 60
"""Of a query, in a finding."""
RUN_IT = "Run golive drill PROFILE with a profile that allows write."


class EvidenceAge(Settings):
    """How old the evidence of a restore drill may be. Auditors of SOC 2 and ISO 27001 ask for one a year."""

    home: ClassVar[str] = "backups.evidence_age"

    warn_after_days: float = Field(default=90, gt=0)
    """An older drill warns."""
    fail_after_days: float = Field(default=365, gt=0)
    """An older one fails."""


@check("restore.drilled", severity=Severity.CRITICAL)
def drilled(
    to: Recovery, drill: Drill | Unavailable, last: DrillEvidence | Unavailable, now: Now, ask: EvidenceAge
) -> Verdict:
    """The newest backup restores into a scratch place and answers the drill's queries, within RTO and RPO.

    Why: A backup that was never restored is a hope. Dumps are cut off, miss tables, or take a day to restore; that
    shows in a drill, or in the middle of an outage.

    Fix: Read what the finding says about the dump, restore it by hand with pg_restore, and fix the backup job. If the
    restore is too slow, raise drill.jobs and dump in the custom or directory format; if the dump is too old, dump more
    often. A base backup needs its WAL: pg_basebackup -X stream.

    Source: ISO 27001, A.8.13; SOC 2, A1.3
    """
    if isinstance(drill, Drill):
        return _judged(to, drill)
    if not drill.not_permitted:
        return unknown(drill.reason, fix=drill.fix)
    if isinstance(last, Unavailable) or last.ended_at is None or _days(last, now) > ask.warn_after_days:
        return not_applicable(f"not drilled now: {drill.reason}")
    return passed(f"not drilled now, last on {last.ended_at:%Y-%m-%d}: {_summary(last)}", drill.reason)


def _judged(to: Recovery, drill: Drill) -> Verdict:
    record = drill.record
    warns = [f"the evidence could not be written: {drill.evidence_trouble}"] if drill.evidence_trouble else []
    asked = zip(
        to.queries, record.answers, strict=record.not_restored is None
    )  # a copy that could not be made is not asked
    answered = [answer for query, answer in asked if not _amiss(query, answer)]
    judged = verdict(
        shortfalls(to, record),
        warns,
        ok=f"{record.backup} was restored and answered {len(answered)} of {len(record.answers)} queries "
        f"in {duration(record.rto_s)} (RTO); it is {duration(record.rpo_s)} old (RPO)",
        evidence=_seen(record, answered),
    )
    return replace(judged, unseen=drill.unseen)


def shortfalls(to: Recovery, record: DrillRecord) -> list[str]:
    """Say in what a drill falls short of what the profile wants; empty: it proves the backup."""
    if record.not_restored:
        return [f"{record.backup} cannot be restored: {why_not_restored(record.not_restored)}"]
    found = [
        f"query {number} of {len(record.answers)} {amiss}: {shortened(answer.sql, SHOWN)}"
        for number, (query, answer) in enumerate(zip(to.queries, record.answers, strict=True), 1)
        if (amiss := _amiss(query, answer))
    ]
    if to.max_rto_s is not None and not to.in_time(record.rto_s):
        found.append(f"recovery took {duration(record.rto_s)}, the objective (RTO) is {duration(to.max_rto_s)}")
    if to.max_rpo_s is not None and not to.recent_enough(record.rpo_s):
        found.append(
            f"what was recovered is {duration(record.rpo_s)} old, the objective (RPO) is {duration(to.max_rpo_s)}"
        )
    return found


def _amiss(query: Query, answer: CopyAnswer) -> str:
    """Say what is wrong with an answer; empty where nothing is."""
    if answer.given_up_s:
        return f"was not answered within {duration(answer.given_up_s)}"
    if answer.sqlstate:
        return f"was refused ({answer.sqlstate})"
    if query.answered_by(answer.rows, answer.value):
        return ""
    rows = f"{answer.rows} rows" if query.value is None else "no row"
    return f"answers {repr(answer.value) if answer.rows and query.value is not None else rows}, expected {query.wanted}"


def _seen(record: DrillRecord, answered: Sequence[CopyAnswer]) -> list[str]:
    """List what an auditor would want to see."""
    kind = f"{record.format}, " if record.format else ""
    digest = f", SHA-256 {record.sha256}" if record.sha256 else ""
    return [
        f"{record.backup}: {kind}{record.size:,} bytes{digest}, of {record.taken_at:%Y-%m-%d %H:%M}",
        f"into {record.target} on PostgreSQL {record.server}, removed afterwards",
        *(f"{shortened(a.sql, SHOWN)}: {a.rows} rows in {duration(a.seconds)}" for a in answered),
        *(f"left out: {count} of the kind {kind}" for kind, count in record.left_out.items()),
        *(f"removed first, left by an earlier drill: {name}" for name in record.removed),
    ]


@check("restore.evidence-fresh", severity=Severity.HIGH)
def evidence_fresh(to: Recovery, last: DrillEvidence, now: Now, ask: EvidenceAge) -> Verdict:
    """The last successful restore drill is on record, and at most three months old.

    Why: Schemas, sizes and people change: what could be restored a year ago in an hour may take a day today, and
    whoever did it may have left. Auditors ask for the record.

    Fix: Run `golive drill PROFILE`, have its evidence signed off, and keep it in the repository or beside the backups.

    Source: ISO 27001, A.8.13; SOC 2, A1.3
    """
    if last.ended_at is None:
        return failed(f"{to.evidence} {_no_evidence(to, last)}", fix=RUN_IT, at=to.at)
    days = _days(last, now)
    if days < -1:
        return failed(f"{to.evidence} is dated {last.ended_at:%Y-%m-%d}, which is in the future", at=to.at)
    age = f"the last drill that succeeded was {counted(round(max(days, 0)), 'day')} ago ({last.ended_at:%Y-%m-%d})"
    return verdict(
        [f"{age}, at most {ask.fail_after_days:g} are allowed"] if days > ask.fail_after_days else [],
        [f"{age}, recommended is at most {ask.warn_after_days:g}"] if days > ask.warn_after_days else [],
        ok=f"{age}: {_summary(last)}",
        evidence=[f"signed off by {last.signed_by}" if last.signed_by else "not signed off yet"],
        fix=RUN_IT if days > ask.warn_after_days else "",
        at=to.at,
    )


def _no_evidence(to: Recovery, last: DrillEvidence) -> str:
    return {
        Flaw.OTHER_TEXT: "was not written by golive drill",
        Flaw.OTHER_FORMAT: f"has format {last.found}, which this golive cannot read",
        Flaw.OTHER_ENVIRONMENT: f"is from another environment, {last.found}",
        Flaw.OTHER_SOURCE: f"is from the source {last.found}, not {to.name}",
        Flaw.FAILED: "is from a failed drill",
        Flaw.UNASKED: "is from a drill without queries",
    }.get(last.flaw or Flaw.ABSENT, "does not exist, or is empty")


def _days(last: DrillEvidence, now: Now) -> float:
    return (now.at - last.ended_at).total_seconds() / 86400 if last.ended_at else float("inf")


def _summary(last: DrillEvidence) -> str:
    return f"{last.backup} answered {last.queries} queries in {duration(last.rto_s)} on PostgreSQL {last.server}"
