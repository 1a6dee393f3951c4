from dataclasses import replace

import pytest

from golive import Outcome
from golive_checks.database.connection import encrypted, reachable
from golive_checks.subjects import Database
from golive_checks.systems.postgres.client.trouble import TroubleKind
from golive_checks.systems.postgres.connection import AppLogin

MASTER = Database("master")
VERIFIED = AppLogin("verified", secure=True, verified=True)


def refused(kind: TroubleKind) -> AppLogin:
    return AppLogin("verified", refusal=f"the server said no ({kind})", kind=kind.value, fix="fix it")


def test_who_is_let_in_reaches_it() -> None:
    assert reachable(MASTER, VERIFIED).outcome is Outcome.PASS


def test_a_standby_is_for_an_application_that_only_reads() -> None:
    standby = replace(VERIFIED, standby=True)
    assert reachable(MASTER, standby).outcome is Outcome.FAIL
    assert reachable(replace(MASTER, read_only=True), standby).outcome is Outcome.PASS


@pytest.mark.parametrize("kind", TroubleKind)
def test_every_refusal_fails_with_its_own_mend(kind: TroubleKind) -> None:
    verdict = reachable(MASTER, refused(kind))
    assert (verdict.outcome, verdict.fix) == (Outcome.FAIL, "fix it")
    assert str(kind) in verdict.summary


ENCRYPTED: dict[str, tuple[AppLogin, Outcome, str]] = {
    "verified": (VERIFIED, Outcome.PASS, "certificate is verified"),
    "any certificate": (AppLogin("encrypted", secure=True), Outcome.WARN, "accepts any certificate"),
    "goes on without": (AppLogin("optional", secure=True), Outcome.WARN, "allows a fallback to no TLS"),
    "goes on without, strict": (
        AppLogin("optional", secure=True, verified=True),
        Outcome.WARN,
        "allows a fallback to no TLS",
    ),
    "golive alone asks": (AppLogin("none", secure=True, verified=True), Outcome.WARN, "does not use TLS"),
    "not verified here": (AppLogin("verified", secure=True), Outcome.WARN, "could not verify"),
    "plain by the URL": (AppLogin("none"), Outcome.FAIL, "not encrypted: the URL does not ask for it"),
    "plain by the server": (AppLogin("optional"), Outcome.FAIL, "the server offers none, as the URL allows"),
    "a socket": (AppLogin("optional", by_socket=True), Outcome.NA, "never leaves the machine"),
    "no TLS": (refused(TroubleKind.NO_TLS), Outcome.FAIL, "no-tls"),
    "untrusted": (refused(TroubleKind.UNTRUSTED), Outcome.FAIL, "untrusted"),
    "wrong name": (refused(TroubleKind.WRONG_NAME), Outcome.FAIL, "wrong-name"),
    "expired": (refused(TroubleKind.EXPIRED), Outcome.FAIL, "expired"),
    "demanded": (refused(TroubleKind.TLS_DEMANDED), Outcome.FAIL, "tls-demanded"),
    "down": (refused(TroubleKind.CLOSED), Outcome.UNKNOWN, "no connection"),
    "password": (refused(TroubleKind.PASSWORD), Outcome.UNKNOWN, "no connection"),
}


@pytest.mark.parametrize(("login", "outcome", "summary"), ENCRYPTED.values(), ids=ENCRYPTED)
def test_encrypted(login: AppLogin, outcome: Outcome, summary: str) -> None:
    verdict = encrypted(MASTER, login)
    assert verdict.outcome is outcome
    assert summary in verdict.summary
