from dataclasses import replace

import pytest

from golive import Outcome
from golive_checks.database.role import milliseconds, role_least_privilege, timeouts_set
from golive_checks.subjects import Database
from golive_checks.systems.postgres.connection import AppRole

MASTER = Database("master")
TIMEOUTS = {"statement_timeout": 30_000, "idle_in_transaction_session_timeout": 60_000, "lock_timeout": 10_000}
APP = AppRole(
    "afrigest",
    superuser=False,
    bypasses_rls=False,
    creates_roles=False,
    creates_databases=False,
    replicates=False,
    member_of=(),
    timeouts_ms=TIMEOUTS,
    url_timeouts={},
)
SUPER = replace(APP, superuser=True, creates_roles=True, replicates=True, member_of=("pg_execute_server_program",))

ROLES: dict[str, tuple[AppRole, Outcome, str]] = {
    "plain": (APP, Outcome.PASS, "afrigest has no power"),
    "superuser": (SUPER, Outcome.FAIL, "afrigest is a superuser"),
    "rds_superuser": (replace(APP, member_of=("rds_superuser",)), Outcome.FAIL, "is a member of rds_superuser"),
    "bypasses RLS": (replace(APP, bypasses_rls=True), Outcome.FAIL, "has BYPASSRLS"),
    "runs programs": (
        replace(APP, member_of=("pg_execute_server_program",)),
        Outcome.FAIL,
        "pg_execute_server_program",
    ),
    "CREATEROLE": (replace(APP, creates_roles=True), Outcome.WARN, "has CREATEROLE"),
    "CREATEDB": (replace(APP, creates_databases=True), Outcome.WARN, "has CREATEDB"),
    "REPLICATION": (replace(APP, replicates=True), Outcome.WARN, "has REPLICATION"),
    "both": (replace(APP, bypasses_rls=True, creates_databases=True), Outcome.FAIL, "(and 1 more)"),
}


@pytest.mark.parametrize(("role", "outcome", "summary"), ROLES.values(), ids=ROLES)
def test_role(role: AppRole, outcome: Outcome, summary: str) -> None:
    verdict = role_least_privilege(MASTER, role)
    assert verdict.outcome is outcome
    assert summary in verdict.summary


def test_what_a_superuser_may_is_told_once() -> None:
    assert role_least_privilege(MASTER, SUPER).evidence == ()


def limited(**limits: int) -> AppRole:
    return replace(APP, timeouts_ms={**TIMEOUTS, **limits})


LIMITS: dict[str, tuple[AppRole, Outcome, str]] = {
    "all set": (APP, Outcome.PASS, "statement_timeout 30 s, lock_timeout 10 s"),
    "no statement_timeout": (limited(statement_timeout=0), Outcome.FAIL, "statement_timeout is 0"),
    "no idle timeout": (limited(idle_in_transaction_session_timeout=0), Outcome.FAIL, "idle_in_transaction"),
    "no lock_timeout": (limited(lock_timeout=0), Outcome.WARN, "lock_timeout is 0"),
    "none": (
        limited(statement_timeout=0, lock_timeout=0, idle_in_transaction_session_timeout=0),
        Outcome.FAIL,
        "(and 2 more)",
    ),
    "the URL sets it": (
        replace(limited(statement_timeout=0), url_timeouts={"statement_timeout": "15s"}),
        Outcome.PASS,
        "statement_timeout 15 s",
    ),
    "the URL lifts it": (replace(APP, url_timeouts={"statement_timeout": "0"}), Outcome.FAIL, "statement_timeout is 0"),
}


@pytest.mark.parametrize(("role", "outcome", "summary"), LIMITS.values(), ids=LIMITS)
def test_timeouts(role: AppRole, outcome: Outcome, summary: str) -> None:
    verdict = timeouts_set(MASTER, role)
    assert verdict.outcome is outcome
    assert summary in verdict.summary


TIMES = {"30s": 30_000, "30000": 30_000, "2min": 120_000, "'1h'": 3_600_000, "1d": 86_400_000, "0": 0, "": 0, "x": 0}


@pytest.mark.parametrize(("text", "value"), TIMES.items())
def test_times_are_read_as_postgres_reads_them(text: str, value: int) -> None:
    assert milliseconds(text) == value
