"""Can the backups be restored: now, or when it was last tried?"""

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
    unknown,
    verdict,
)
from golive_checks.subjects import Recovery
from golive_checks.systems.drill.drill import Drill
from golive_checks.systems.drill.evidence import DrillEvidence
from golive_checks.systems.drill.record import DrillRecord, span

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
    """The newest dump restores into an empty database, answers its questions, and does so within RTO and RPO.

    Why: A backup that was never restored is a hope. Dumps are cut off, lack what they should hold, or take a day to
    put back; that is found out in a drill or in the middle of an outage.

    Fix: Read what the finding says of the dump, restore it by hand with pg_restore, and fix the backup job. Where it
    is too slow, raise drill.jobs and dump in the custom or directory format; where it is too old, dump more often.

    Source: ISO 27001, A.8.13; SOC 2, A1.3
    """
    if isinstance(drill, Drill):
        return _judged(drill)
    if not drill.withheld:
        return unknown(drill.reason, fix=drill.fix)
    if isinstance(last, Unavailable) or last.ended_at is None or _days(last, now) > ask.warn_after_days:
        return not_applicable(f"not drilled now: {drill.reason}")
    return passed(f"not drilled now, last on {last.ended_at:%Y-%m-%d}: {_told(last)}", drill.reason)


def _judged(drill: Drill) -> Verdict:
    record = drill.record
    warns = [f"the evidence could not be written: {drill.evidence_trouble}"] if drill.evidence_trouble else []
    answered = sum(answer.met for answer in record.answers)
    judged = verdict(
        record.shortfalls,
        warns,
        ok=f"{record.backup} was restored and answered {answered} of {len(record.answers)} queries "
        f"in {span(record.rto_s)} (RTO); it is {span(record.rpo_s)} old (RPO)",
        evidence=_seen(record),
    )
    return replace(judged, unseen=drill.unseen)


def _seen(record: DrillRecord) -> list[str]:
    """List what an auditor would want to see."""
    kind = f"{record.format}, " if record.format else ""
    return [
        f"{record.backup}: {kind}{record.size:,} bytes, SHA-256 {record.sha256}, of {record.taken_at:%Y-%m-%d %H:%M}",
        f"into {record.target} on PostgreSQL {record.server}, removed afterwards",
        *(f"{a.sql[:60]}: {a.rows} rows in {span(a.seconds)}" for a in record.answers if a.met),
        *(f"left out: {count} of the kind {kind}" for kind, count in record.left_out.items()),
        *(f"removed first, left by an earlier drill: {name}" for name in record.removed),
    ]


@check("restore.evidence-fresh", severity=Severity.HIGH)
def evidence_fresh(to: Recovery, last: DrillEvidence, now: Now, ask: EvidenceAge) -> Verdict:
    """The last restore drill that succeeded is on record, and no older than three months.

    Why: Schemas, sizes and people change: what could be restored a year ago in an hour may take a day today, and
    whoever did it may have left. Auditors ask for the record.

    Fix: Run `golive drill PROFILE`, have its evidence signed off, and keep it in the repository or beside the backups.

    Source: ISO 27001, A.8.13; SOC 2, A1.3
    """
    if last.ended_at is None:
        return failed(f"{to.evidence} {last.trouble}", fix=RUN_IT, at=to.at)
    days = _days(last, now)
    if days < -1:
        return failed(f"{to.evidence} is of {last.ended_at:%Y-%m-%d}, which is yet to come", at=to.at)
    age = f"the last drill that succeeded was {max(days, 0):.0f} days ago ({last.ended_at:%Y-%m-%d})"
    return verdict(
        [f"{age}, at most {ask.fail_after_days:g} are allowed"] if days > ask.fail_after_days else [],
        [f"{age}, wanted at most {ask.warn_after_days:g}"] if days > ask.warn_after_days else [],
        ok=f"{age}: {_told(last)}",
        evidence=[f"signed off by {last.signed_by}" if last.signed_by else "not signed off yet"],
        fix=RUN_IT if days > ask.warn_after_days else "",
        at=to.at,
    )


def _days(last: DrillEvidence, now: Now) -> float:
    return (now.at - last.ended_at).total_seconds() / 86400 if last.ended_at else float("inf")


def _told(last: DrillEvidence) -> str:
    return f"{last.backup} answered {last.queries} queries in {span(last.rto_s)} on PostgreSQL {last.server}"
