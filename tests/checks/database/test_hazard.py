from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from golive import Outcome
from golive_checks.database.hazard import migration_hazard
from golive_checks.subjects import Recovery
from golive_checks.systems.drill.drill import Drill
from golive_checks.systems.drill.hazard import Hazard
from golive_checks.systems.drill.hazard_record import Lock, Rehearsal, Rehearsed, Smoke

RECORD: Any = None
READS = Lock("public.big", "AccessExclusiveLock", "ALTER TABLE big", 0.01, bytes=5000)
WRITES = replace(READS, mode="ShareLock", statement="CREATE INDEX")


def of(*locks: Lock, trouble: str = "", smoke: tuple[Smoke, ...] = ()) -> Rehearsed:
    return Rehearsed((Rehearsal("1_x", 0.1, locks, trouble),), smoke, ("the tenants",))


@pytest.mark.parametrize(
    ("seen", "outcome", "word"),
    [
        (of(), Outcome.PASS, "1 pending on the copy: none blocks a table for long or drops anything"),
        (of(READS), Outcome.PASS, "none blocks"),
        (of(replace(READS, held_s=1.1)), Outcome.FAIL, "1_x: blocks reads and writes of public.big for 1.1 s"),
        (of(replace(WRITES, held_s=1.1)), Outcome.FAIL, "1_x: blocks writes of public.big for 1.1 s, at most 1 s"),
        (of(replace(READS, scanned_rows=100_000)), Outcome.PASS, "none blocks"),
        (of(replace(READS, scanned_rows=100_001)), Outcome.FAIL, "while it reads through its 100,001 rows"),
        (of(replace(READS, scanned_rows=100_001, rewritten=True)), Outcome.FAIL, "while it rewrites it (5,000 bytes)"),
        (of(replace(READS, rewritten=True)), Outcome.PASS, "none blocks"),
        (of(replace(READS, rewritten=True, bytes=100_000_001)), Outcome.FAIL, "while it rewrites it"),
        (of(replace(WRITES, scanned_rows=1, bytes=100_000_001)), Outcome.FAIL, "blocks writes of public.big while"),
        (of(replace(READS, bytes=100_000_001)), Outcome.PASS, "none blocks"),
        (of(READS, trouble="is refused"), Outcome.FAIL, "1_x fails on the copy: is refused"),
        (of(smoke=(Smoke("npm test"),)), Outcome.PASS, "the previous release's 1 smoke commands pass"),
        (of(smoke=(Smoke("npm test", 1),)), Outcome.FAIL, "npm test ended with code 1"),
        (Rehearsed(gap="no copy", fix="x"), Outcome.UNKNOWN, "no copy"),
        (Rehearsed(), Outcome.NA, "no migration is pending"),
        (Rehearsed(smoke=(Smoke("npm test"),)), Outcome.PASS, "0 pending"),
        (None, Outcome.UNKNOWN, "nothing was tried"),
    ],
)
def test_hazard(seen: Rehearsed | None, outcome: Outcome, word: str) -> None:
    verdict = migration_hazard(Recovery("nightly"), Drill(RECORD, rehearsed=seen), Hazard())
    assert verdict.outcome is outcome
    assert word in verdict.summary


@pytest.mark.parametrize("run", [(), (Rehearsal("1_x"),)])
def test_what_was_not_tried_does_not_pass(run: tuple[Rehearsal, ...]) -> None:
    seen = Rehearsed(run, unseen=("the smoke",), untried=("2 tenants of 12",))
    verdict = migration_hazard(Recovery("n"), Drill(RECORD, rehearsed=seen), Hazard())
    assert (verdict.outcome, verdict.summary) == (Outcome.UNKNOWN, "not tried on the copy: 2 tenants of 12")
    assert "max_tenants" in verdict.fix
    failing = replace(seen, migrations=(Rehearsal("1_x", trouble="is refused"),))
    verdict = migration_hazard(Recovery("n"), Drill(RECORD, rehearsed=failing), Hazard())
    assert (verdict.outcome, verdict.unseen) == (Outcome.FAIL, ("the smoke", "2 tenants of 12"))


def test_what_was_not_seen_is_named() -> None:
    assert migration_hazard(Recovery("n"), Drill(RECORD, rehearsed=of()), Hazard()).unseen == ("the tenants",)
