import pytest

from golive import Outcome
from golive_checks.database.demo_tenant import demo_tenant_seeded
from golive_checks.subjects import Database
from golive_checks.systems.postgres.demo import DemoRows

CASES = {
    "seeded": (DemoRows(found=True), Outcome.PASS),
    "empty": (DemoRows(found=False), Outcome.FAIL),
    "no such schema": (DemoRows(found=False, broken="refuses a query: undefined table (42P01)"), Outcome.FAIL),
    "not asked": (DemoRows(found=None), Outcome.NA),
}


@pytest.mark.parametrize(("seen", "outcome"), CASES.values(), ids=CASES)
def test_demo_tenant(seen: DemoRows, outcome: Outcome) -> None:
    verdict = demo_tenant_seeded(Database("master"), seen)
    assert verdict.outcome is outcome
    assert seen.broken in verdict.summary
