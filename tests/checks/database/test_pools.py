import pytest

from golive import Outcome
from golive_checks.database.pools import Pools, pool_fits
from golive_checks.subjects import Database, Tenants
from golive_checks.systems.postgres.server import AppPool, ServerState

MASTER = Database("master")
WITH_TENANTS = Database("master", tenants=Tenants(query="SELECT 1"))
FIVE, NONE = AppPool(5, through_pooler=False), AppPool(None, through_pooler=False)
POOLED = AppPool(5, through_pooler=True)
SERVER = ServerState(150_018, 97, 3, ())

CASES: dict[str, tuple[Database, AppPool, Pools, Outcome, str]] = {
    "fits": (MASTER, FIVE, Pools(instances=10), Outcome.PASS, "= 50 of 97"),
    "just fits": (MASTER, AppPool(97, through_pooler=False), Pools(instances=1), Outcome.PASS, "= 97 of 97"),
    "50 x 10 on 100": (MASTER, AppPool(10, through_pooler=False), Pools(instances=50), Outcome.FAIL, "500"),
    "with the others": (MASTER, FIVE, Pools(instances=19, others=3), Outcome.FAIL, "= 98, and the server has 97"),
    "tenants": (WITH_TENANTS, FIVE, Pools(instances=2, open_tenants=10), Outcome.FAIL, "2 instances x 10 clients x 5"),
    "tenants, uncounted": (WITH_TENANTS, FIVE, Pools(instances=2), Outcome.UNKNOWN, "how many tenants"),
    "instances unknown": (MASTER, FIVE, Pools(), Outcome.UNKNOWN, "how many instances"),
    "pool unknown": (MASTER, NONE, Pools(instances=2), Outcome.UNKNOWN, "how large a client's pool is"),
    "by the cores": (MASTER, NONE, Pools(instances=2, cores=4), Outcome.PASS, "2 instances x 1 clients x 9"),
    "by the profile": (MASTER, FIVE, Pools(instances=2, pool_size=10), Outcome.PASS, "x 10 connections"),
    "pooler unknown": (MASTER, POOLED, Pools(instances=2), Outcome.UNKNOWN, "how many clients the pooler allows"),
    "pooler's size unknown": (MASTER, POOLED, Pools(instances=2, pooler_clients=9), Outcome.UNKNOWN, "pooler opens"),
    "pooled": (
        MASTER,
        POOLED,
        Pools(instances=20, pooler_clients=100, pooler_pools=2, pooler_pool_size=20, pooler_reserve=5),
        Outcome.PASS,
        "= 100 of 100 that the pooler has; 2 pools x (20 + 5) + 0 others = 50 of 97",
    ),
    "too many clients": (
        MASTER,
        POOLED,
        Pools(instances=21, pooler_clients=100, pooler_pool_size=20),
        Outcome.FAIL,
        "= 105, and the pooler has 100",
    ),
    "too many pools": (
        MASTER,
        FIVE,
        Pools(instances=1, pooler_clients=100, pooler_pools=5, pooler_pool_size=20),
        Outcome.FAIL,
        "5 pools x (20 + 0) + 0 others = 100, and the server has 97",
    ),
    "both": (MASTER, POOLED, Pools(instances=9, pooler_clients=9, pooler_pool_size=98), Outcome.FAIL, "(and 1 more)"),
}


@pytest.mark.parametrize(("database", "pool", "ask", "outcome", "summary"), CASES.values(), ids=CASES)
def test_pool_fits(database: Database, pool: AppPool, ask: Pools, outcome: Outcome, summary: str) -> None:
    verdict = pool_fits(database, SERVER, pool, ask)
    assert verdict.outcome is outcome
    assert summary in verdict.summary
