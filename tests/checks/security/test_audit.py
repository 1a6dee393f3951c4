"""Is it noted who did what?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from golive import Now, Outcome
from golive_checks.security.audit import domains_covered
from golive_checks.subjects import Database
from golive_checks.systems.logs.audit_trails import AuditTrail, AuditTrails, DomainEntry, Trail

PASS, FAIL, UNKNOWN, NA = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.NA
AT = dt.datetime(2026, 6, 8, 12, tzinfo=dt.UTC)
GOOD = Trail(AT - dt.timedelta(hours=1), 3, AT - dt.timedelta(hours=1))
ASK = AuditTrail(domains={"sales": DomainEntry(activity="x", trail="y")}, demanded=("sales",))


def ago(**time: float) -> dt.datetime:
    return AT - dt.timedelta(**time)


@pytest.mark.parametrize(
    ("trail", "outcome", "summary"),
    [
        (GOOD, PASS, "audited: sales"),
        (replace(GOOD, entries=0, newest=None), FAIL, "sales: something was done, and the trail has no entry"),
        (replace(GOOD, without_actor=1), FAIL, "sales: 1 of 3 entries do not say who did it"),
        (replace(GOOD, without_time=3, newest=None), FAIL, "sales: 3 of 3 entries do not say when"),
        (replace(GOOD, newest=ago(hours=3)), FAIL, "sales: something was done 2 h after the newest entry"),
        (replace(GOOD, newest=ago(hours=1.9)), PASS, "audited: sales"),
        (replace(GOOD, newest=ago(days=-2)), FAIL, "which is in the future"),
        (replace(GOOD, active_at=None, entries=0), NA, "sales: nothing was done within 7 days"),
        (replace(GOOD, active_at=ago(days=8), entries=0), NA, "sales: nothing was done within 7 days"),
        (Trail(trouble="no such table"), UNKNOWN, "sales: no such table"),
    ],
)
def test_a_domain(trail: Trail, outcome: Outcome, summary: str) -> None:
    judged = domains_covered(Database("main"), AuditTrails({"sales": trail}), ASK, Now(AT))
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_domains_together() -> None:
    idle, silent = Trail(), replace(GOOD, entries=0)

    def judged(**trails: Trail) -> tuple[Outcome, str]:
        domains = {name: DomainEntry(activity="x", trail="y") for name in trails}
        ask = AuditTrail(domains=domains, demanded=("sales", "stocks"))
        found = domains_covered(Database("main"), AuditTrails(trails), ask, Now(AT))
        return found.outcome, found.summary

    assert judged(sales=GOOD, stocks=idle) == (PASS, "audited: sales")
    assert judged(sales=GOOD, stocks=silent)[0] is FAIL
    assert judged(sales=GOOD) == (UNKNOWN, "no queries for stocks")
    assert judged(sales=silent)[0] is FAIL
    assert judged(sales=idle, stocks=idle)[0] is NA
    assert judged()[0] is UNKNOWN


def test_a_database_that_holds_none_of_it() -> None:
    assert domains_covered(Database("main"), AuditTrails({}), AuditTrail(demanded=()), Now(AT)).outcome is NA
