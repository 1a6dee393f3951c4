from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.checks.backups.conftest import DAY, HOUR, NOW

from golive import Now, Outcome, Unavailable, Verdict
from golive_checks.backups.restore import EvidenceAge, drilled, evidence_fresh
from golive_checks.subjects import Recovery
from golive_checks.subjects.recovery import Query
from golive_checks.systems.drill.drill import Drill
from golive_checks.systems.drill.evidence import DrillEvidence, Flaw
from golive_checks.systems.drill.record import CopyAnswer, DrillRecord, NotRestored, RestoreFault

ROWS, VALUE = Query("SELECT 1", min_rows=1), Query("SELECT 1", value="3")
TO = Recovery("nightly", evidence="restore.json", queries=(ROWS,), max_rto_s=120.0, max_rpo_s=86400.0)
GOOD = CopyAnswer("SELECT 1", rows=3, seconds=0.1)
RECORD = DrillRecord(
    "main.dump",
    NOW - 9 * HOUR,
    5000,
    "ab12",
    "custom",
    "15.18",
    "golive_drill_0",
    NOW,
    NOW,
    61.0,
    9 * 3600.0,
)
RECORD = replace(RECORD, answers=(GOOD,))
NO_EVIDENCE = DrillEvidence(Flaw.ABSENT)
NOT_PERMITTED = Unavailable("needs the effect write, which the profile does not allow", not_permitted=True)


def evidence(days: float = 10, **more: Any) -> DrillEvidence:
    return DrillEvidence(backup="old.dump", ended_at=NOW - days * DAY, server="15.18", queries=2, rto_s=90, **more)


def judged(drill: Drill | Unavailable, last: DrillEvidence | Unavailable, now: Now) -> Verdict:
    return drilled(TO, drill, last, now, EvidenceAge())


SLOW, OLD = {"rto_s": 121.0}, {"rpo_s": 90000.0}


@pytest.mark.parametrize(
    ("to", "change", "outcome", "word"),
    [
        (TO, {}, Outcome.PASS, "main.dump was restored and answered 1 of 1 queries in 61 s (RTO); it is 9 h old"),
        (
            TO,
            {"not_restored": NotRestored(RestoreFault.CUT_OFF), "answers": ()},
            Outcome.FAIL,
            "main.dump cannot be restored: it is cut off",
        ),
        (
            replace(TO, queries=(ROWS, replace(ROWS, min_rows=4))),
            {"answers": (GOOD, GOOD)},
            Outcome.FAIL,
            "query 2 of 2 answers 3 rows, expected at least 4 rows: SELECT 1",
        ),
        (
            TO,
            {"answers": (CopyAnswer("SELECT 1", sqlstate="42P01"),)},
            Outcome.FAIL,
            "1 was refused (42P01)",
        ),
        (
            replace(TO, queries=(VALUE,)),
            {"answers": (CopyAnswer("", 1, "2"),)},
            Outcome.FAIL,
            "answers '2', expected '3'",
        ),
        (replace(TO, queries=(VALUE,)), {"answers": (CopyAnswer("", 1),)}, Outcome.FAIL, "answers None, expected '3'"),
        (replace(TO, queries=(VALUE,)), {"answers": (CopyAnswer(""),)}, Outcome.FAIL, "answers no row, expected '3'"),
        (replace(TO, queries=(VALUE,)), {"answers": (CopyAnswer("", 1, "3"),)}, Outcome.PASS, "answered 1 of 1"),
        (TO, SLOW, Outcome.FAIL, "recovery took 2 min 1 s, the objective (RTO) is 2 min"),
        (replace(TO, max_rto_s=None), {"rto_s": 999999.0}, Outcome.PASS, "11 days (RTO)"),
        (TO, OLD, Outcome.FAIL, "what was recovered is 25 h old, the objective (RPO) is 24 h"),
        (TO, SLOW | OLD, Outcome.FAIL, "(and 1 more)"),
    ],
)
def test_a_drill(to: Recovery, change: dict[str, Any], outcome: Outcome, word: str, now: Now) -> None:
    record = replace(RECORD, **change)
    verdict = drilled(to, Drill(record), NO_EVIDENCE, now, EvidenceAge())
    assert verdict.outcome is outcome
    assert word in verdict.summary
    assert record.proves(to) is (outcome is Outcome.PASS)


def test_what_an_auditor_would_see(now: Now) -> None:
    record = replace(RECORD, left_out={"event trigger": 2}, removed=("golive_drill_1",))
    verdict = judged(Drill(record, unseen=("the disk",)), NO_EVIDENCE, now)
    assert verdict.unseen == ("the disk",)
    assert "left out: 2 of the kind event trigger" in verdict.evidence
    assert "removed first, left by an earlier drill: golive_drill_1" in verdict.evidence
    assert any("SHA-256 ab12" in line for line in verdict.evidence)


def test_evidence_that_could_not_be_written_warns(now: Now) -> None:
    verdict = judged(Drill(RECORD, evidence_trouble="No space left"), NO_EVIDENCE, now)
    assert (verdict.outcome, verdict.summary) == (Outcome.WARN, "the evidence could not be written: No space left")


@pytest.mark.parametrize(
    ("last", "outcome", "word"),
    [
        (evidence(10), Outcome.PASS, "not drilled now, last on 2026-03-05: old.dump answered 2 queries in 90 s"),
        (evidence(90), Outcome.PASS, "not drilled now"),
        (evidence(91), Outcome.NA, "not drilled now: needs the effect write"),
        (NO_EVIDENCE, Outcome.NA, "not drilled now: needs the effect write"),
        (Unavailable("may not be read"), Outcome.NA, "not drilled now"),
    ],
)
def test_where_a_drill_is_not_allowed_the_last_counts(
    last: DrillEvidence | Unavailable, outcome: Outcome, word: str, now: Now
) -> None:
    verdict = judged(NOT_PERMITTED, last, now)
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_a_drill_that_could_not_be_done_is_unknown_whatever_was_before(now: Now) -> None:
    verdict = judged(Unavailable("pg_restore is not on this machine", fix="Install it."), evidence(), now)
    assert (verdict.outcome, verdict.summary, verdict.fix) == (
        Outcome.UNKNOWN,
        "pg_restore is not on this machine",
        "Install it.",
    )


@pytest.mark.parametrize(
    ("last", "outcome", "word"),
    [
        (evidence(0), Outcome.PASS, "0 days ago (2026-03-15)"),
        (evidence(90), Outcome.PASS, "90 days ago"),
        (evidence(91), Outcome.WARN, "91 days ago (2025-12-14), recommended is at most 90"),
        (evidence(365), Outcome.WARN, "recommended is at most 90"),
        (evidence(366), Outcome.FAIL, "at most 365 are allowed"),
        (evidence(-2), Outcome.FAIL, "is in the future"),
        (NO_EVIDENCE, Outcome.FAIL, "restore.json does not exist, or is empty"),
        (DrillEvidence(Flaw.FAILED), Outcome.FAIL, "restore.json is from a failed drill"),
        (DrillEvidence(Flaw.UNASKED), Outcome.FAIL, "is from a drill without queries"),
        (DrillEvidence(Flaw.OTHER_TEXT), Outcome.FAIL, "was not written by golive drill"),
        (DrillEvidence(Flaw.OTHER_FORMAT, "2"), Outcome.FAIL, "has format 2, which this golive cannot read"),
        (DrillEvidence(Flaw.OTHER_ENVIRONMENT, "dev"), Outcome.FAIL, "is from another environment, dev"),
        (DrillEvidence(Flaw.OTHER_SOURCE, "b"), Outcome.FAIL, "is from the source b, not nightly"),
    ],
)
def test_the_age_of_the_evidence(last: DrillEvidence, outcome: Outcome, word: str, now: Now) -> None:
    verdict = evidence_fresh(TO, last, now, EvidenceAge())
    assert verdict.outcome is outcome
    assert word in verdict.summary


def test_who_signed_it_off_is_told(now: Now) -> None:
    assert evidence_fresh(TO, evidence(signed_by="Awa"), now, EvidenceAge()).evidence == ("signed off by Awa",)
    assert evidence_fresh(TO, evidence(), now, EvidenceAge()).evidence == ("not signed off yet",)
