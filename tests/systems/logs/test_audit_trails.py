"""The profile's own queries on an audit trail, on a real server."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from clocks import not_waiting
from pydantic import SecretStr, ValidationError

from golive import RunInfo, Unavailable
from golive_checks.subjects import Database
from golive_checks.systems.logs.audit_trails import AuditTrail, Trail, audit_trails
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.postgres.client.client import Postgres
from golive_checks.systems.postgres.client.connect import PostgresLimits
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.postgres.cluster import SUPERUSER_PASSWORD, Cluster
from golive_lab.world.postgres import SUPERUSER

MADE = """
CREATE TABLE log (actor text, at timestamptz);
INSERT INTO log VALUES ('awa', '2026-01-05 10:00+01'), (' ', '2026-01-05 11:00+01'), (NULL, NULL);
"""
AT = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def filled(postgres_server: Cluster) -> Cluster:
    with postgres_server.connect() as connection:
        connection.execute(MADE.encode())
    return postgres_server


def database(cluster: Cluster, password: str = SUPERUSER_PASSWORD) -> Database:
    url = SecretStr(f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{cluster.port}/postgres?sslmode=disable")
    return Database("main", url=url, audit_url=url)


async def look(
    of: Database, activity: str = "SELECT max(at) FROM log", trail: str = "SELECT actor, at FROM log"
) -> Trail:
    ask = AuditTrail.model_validate({"domains": {"x": {"activity": activity, "trail": trail}}})
    postgres = Postgres(PostgresLimits(), NetworkRoutes(Vantage()), Trust(), RunInfo("0123abcd", "9.9"))
    return (await audit_trails(of, ask, postgres)).trails["x"]


async def test_who_and_when_are_counted_and_not_kept(filled: Cluster) -> None:
    seen = await look(database(filled))
    assert seen == Trail(AT + dt.timedelta(hours=1), 3, AT + dt.timedelta(hours=1), without_actor=2, without_time=1)
    assert "awa" not in repr(seen)


async def test_a_time_without_an_offset_is_utc(filled: Cluster) -> None:
    assert (await look(database(filled), "SELECT TIMESTAMP '2026-01-05 09:00'")).active_at == AT


@pytest.mark.parametrize("activity", ["SELECT max(at) FROM log WHERE false", "SELECT at FROM log WHERE false"])
async def test_nothing_was_done(filled: Cluster, activity: str) -> None:
    assert (await look(database(filled), activity)).active_at is None


@pytest.mark.parametrize(
    ("activity", "trail", "trouble"),
    [
        ("SELECT 'yesterday'", "SELECT 1, 2", "the first column of its activity query is no time"),
        ("SELECT now()", "SELECT actor FROM log", "has one column"),
        ("SELECT now() FROM nowhere", "SELECT 1, 2", "undefined table"),
        ("DELETE FROM log RETURNING at", "SELECT 1, 2", "read only sql transaction"),
    ],
)
async def test_queries_that_tell_nothing(filled: Cluster, activity: str, trail: str, trouble: str) -> None:
    assert trouble in (await look(database(filled), activity, trail)).trouble


async def test_a_query_is_cut_off_after_two_seconds(filled: Cluster) -> None:
    begun = time.monotonic()
    with not_waiting():
        seen = await look(database(filled), "SELECT now() FROM pg_sleep(240)")
    assert seen.trouble
    assert time.monotonic() - begun > 1.9


async def test_nobody_gets_in(filled: Cluster) -> None:
    with pytest.raises(Unavailable) as caught:
        await look(database(filled, "wrong-password"))
    assert "wrong-password" not in caught.value.reason


def test_a_profile_that_cannot_be_meant() -> None:
    for wrong in (
        {"domains": {"x": {"activity": "SELECT 1"}}},
        {"within_s": 0},
        {"domains": {"x": {"activity": "", "trail": "y"}}},
    ):
        with pytest.raises(ValidationError):
            AuditTrail.model_validate(wrong)
