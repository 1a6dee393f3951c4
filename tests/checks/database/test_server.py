import pytest

from golive import Now, Outcome, Unavailable
from golive_checks.database.server import Limits, VersionPolicy, headroom, version_supported
from golive_checks.subjects import Database, Hosting
from golive_checks.systems.postgres.server import Age, DatabaseState, PostgresConnections, Sequence, ServerState

MASTER = Database("master")
SOME = ServerState(150_018, 97, 10, (Age("master", 51, 0),))
FINE = DatabaseState((Sequence("public.sales_id_seq", 10, 2_147_483_647, 0.0),), 1, 0, ())


def of(version: int) -> ServerState:
    return ServerState(version, 97, 2, ())


VERSIONS: dict[str, tuple[int, Hosting, Outcome, str]] = {
    "15": (150_020, "self", Outcome.PASS, "PostgreSQL 15.20, maintained until 2027-11-11"),
    "newer than the newest known": (180_009, "self", Outcome.PASS, "PostgreSQL 18.9"),
    "never updated": (150_000, "self", Outcome.FAIL, "15.0 lacks the fixes of 15.1, published on 2022-11-10; 15.20 is"),
    "never updated, and young": (
        180_000,
        "self",
        Outcome.FAIL,
        "18.0 lacks the fixes of 18.1, published on 2025-11-13",
    ),
    "never updated by its provider": (180_000, "rds", Outcome.WARN, "PostgreSQL 18.0 lacks the fixes of 18.1"),
    "two behind": (150_018, "self", Outcome.WARN, "PostgreSQL 15.18 lacks the fixes of 15.19, published on 2026-08-13"),
    "before one that was never published": (180_004, "self", Outcome.WARN, "18.4 lacks the fixes of 18.6"),
    "behind since this month": (150_019, "self", Outcome.PASS, "PostgreSQL 15.19"),
    "newer than known": (210_001, "self", Outcome.PASS, "PostgreSQL 21"),
    "14 ended this month": (140_020, "self", Outcome.FAIL, "no fixes since 2026-11-12"),
    "13": (130_022, "self", Outcome.FAIL, "no fixes since 2025-11-13"),
    "13 at a provider": (130_022, "rds", Outcome.WARN, "those that rds makes"),
    "9.6": (90_624, "self", Outcome.FAIL, "PostgreSQL 9"),
    "9.6 at a provider": (90_624, "aurora", Outcome.WARN, "PostgreSQL 9"),
}


@pytest.mark.parametrize(("version", "hosting", "outcome", "summary"), VERSIONS.values(), ids=VERSIONS)
def test_version(version: int, hosting: Hosting, outcome: Outcome, summary: str, now: Now) -> None:
    verdict = version_supported(Database("master", hosting=hosting), of(version), VersionPolicy(), now)
    assert verdict.outcome is outcome
    assert summary in verdict.summary


def test_the_profile_may_want_more_and_earlier(now: Now) -> None:
    assert version_supported(MASTER, of(150_020), VersionPolicy(at_least=16), now).outcome is Outcome.FAIL
    assert version_supported(MASTER, of(150_020), VersionPolicy(at_least=15), now).outcome is Outcome.PASS
    verdict = version_supported(MASTER, of(150_020), VersionPolicy(warn_days=350), now)
    assert (verdict.outcome, verdict.summary) == (
        Outcome.WARN,
        "PostgreSQL 15 gets its last fixes on 2027-11-11, in 350 days",
    )


FEW = PostgresConnections(97, 10)


def used(count: int) -> ServerState:
    return ServerState(150_018, 100, count, ())


def old(transactions: int, multixacts: int = 0) -> ServerState:
    return ServerState(150_018, 100, 1, (Age("master", transactions, multixacts),))


def at(last: int, limit: int = 100) -> DatabaseState:
    return DatabaseState((Sequence("public.x_seq", last, limit, last / limit),), 1, 0, ())


HEADROOM: dict[str, tuple[ServerState, DatabaseState, Outcome, str]] = {
    "all fine": (SOME, FINE, Outcome.PASS, "10 of 97 connections used, 1 sequences"),
    "no sequences": (SOME, DatabaseState((), 0, 0, ()), Outcome.PASS, "0 sequences"),
    "connections at 89": (used(89), FINE, Outcome.PASS, ""),
    "connections at 90": (used(90), FINE, Outcome.WARN, "90 of 100 connections are in use"),
    "connections at 95": (used(95), FINE, Outcome.FAIL, "95 of 100 connections"),
    "sequence at 84": (SOME, at(84), Outcome.PASS, ""),
    "sequence at 85": (SOME, at(85), Outcome.WARN, "public.x_seq is at 85 of 100, 85%"),
    "sequence at 96": (SOME, at(96), Outcome.FAIL, "96%"),
    "sequence full": (SOME, at(100), Outcome.FAIL, "100%"),
    "age": (old(1_299_999_999), FINE, Outcome.PASS, ""),
    "old": (old(1_300_000_000), FINE, Outcome.WARN, "the oldest row of master is 1300000000 transactions old"),
    "very old": (old(1_400_000_000), FINE, Outcome.FAIL, "1400000000 transactions"),
    "multixacts": (old(1, 1_400_000_000), FINE, Outcome.FAIL, "1400000000 multixacts"),
    "invalid": (SOME, DatabaseState((), 0, 0, ("public.a_idx",)), Outcome.FAIL, "the index public.a_idx is invalid"),
    "several": (used(95), at(85), Outcome.FAIL, "(and 1 more)"),
}


@pytest.mark.parametrize(("server", "own", "outcome", "summary"), HEADROOM.values(), ids=HEADROOM)
def test_headroom(server: ServerState, own: DatabaseState, outcome: Outcome, summary: str) -> None:
    verdict = headroom(MASTER, PostgresConnections(server.usable, server.used), server, own, Limits())
    assert verdict.outcome is outcome
    assert summary in verdict.summary


def test_sequences_that_may_not_be_read_are_named() -> None:
    assert headroom(MASTER, FEW, SOME, DatabaseState((), 0, 3, ()), Limits()).unseen == (
        "3 sequences that the application's role may not read",
    )


def test_a_server_that_is_so_full_that_golive_keeps_off_fails() -> None:
    gap = Unavailable("db has 3 of 27 connections free: golive leaves 20% free, and asks no more")
    verdict = headroom(MASTER, PostgresConnections(27, 24, kept_off=True), gap, gap, Limits())
    assert (verdict.outcome, verdict.summary.partition(":")[0]) == (Outcome.FAIL, "24 of 27 connections are in use")
    for server, own in ((gap, FINE), (SOME, gap)):
        assert headroom(MASTER, FEW, server, own, Limits()).outcome is Outcome.UNKNOWN
