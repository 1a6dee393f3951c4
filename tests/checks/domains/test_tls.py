import datetime as dt
from dataclasses import replace

import pytest

from golive import Outcome, Unavailable
from golive_checks.domains.tls import ciphers_strong, modern_versions_offered, old_versions_refused
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.tls.client.answer import HelloAnswer, HelloOutcome
from golive_checks.systems.tls.client.certificates import Certificate
from golive_checks.systems.tls.facts import (
    MODERN,
    OLD,
    CipherSuites,
    ModernVersions,
    OldVersions,
    ServedChain,
    TakenSuites,
)

AT = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
HOST = Host("api.example.com")
ADDRESS = Address("api.example.com@192.0.2.1", HOST, "192.0.2.1")
YES = HelloAnswer(HelloOutcome.ACCEPTED, suite=0xC02F)
NO = HelloAnswer(HelloOutcome.REFUSED, "alert protocol_version")
BREAKS = HelloAnswer(HelloOutcome.BROKEN, "alert internal_error")


def old(**answers: HelloAnswer) -> OldVersions:
    return OldVersions({version: answers.get(version.replace(" ", "_").replace(".", "_"), NO) for version in OLD})


OLD_VERSIONS: dict[str, tuple[OldVersions, Outcome, str]] = {
    "all refused": (old(), Outcome.PASS, "SSLv2, SSLv3, TLS 1.0, TLS 1.1 are refused"),
    "closed": (old(SSLv2=HelloAnswer(HelloOutcome.REFUSED, "closed the connection")), Outcome.PASS, ""),
    "SSLv2": (old(SSLv2=HelloAnswer(HelloOutcome.ACCEPTED)), Outcome.FAIL, "SSLv2 is accepted"),
    "TLS 1.0": (old(TLS_1_0=YES), Outcome.FAIL, "TLS 1.0 is accepted"),
    "both": (old(TLS_1_0=YES, TLS_1_1=YES), Outcome.FAIL, "TLS 1.0 is accepted (and 1 more)"),
    "a refusal that breaks": (old(TLS_1_1=BREAKS), Outcome.WARN, "TLS 1.1 is switched on, and breaks"),
    "one on, one that breaks": (old(TLS_1_0=YES, TLS_1_1=BREAKS), Outcome.FAIL, "TLS 1.0 is accepted"),
}


@pytest.mark.parametrize(("seen", "outcome", "summary"), OLD_VERSIONS.values(), ids=OLD_VERSIONS)
def test_old_versions_refused(seen: OldVersions, outcome: Outcome, summary: str) -> None:
    got = old_versions_refused(ADDRESS, seen, modern(YES, YES))
    assert (got.outcome, summary in got.summary) == (outcome, True), got


def test_how_each_version_was_refused_is_evidence() -> None:
    got = old_versions_refused(ADDRESS, old(TLS_1_1=BREAKS), modern(YES, YES))
    assert "TLS 1.0: alert protocol_version" in got.evidence
    assert "TLS 1.1: alert internal_error" in got.evidence


@pytest.mark.parametrize(
    ("seen", "outcome", "summary"),
    [
        (old(), Outcome.UNKNOWN, "no TLS was seen there"),
        (old(TLS_1_0=YES), Outcome.FAIL, "TLS 1.0 is accepted"),
        (old(TLS_1_1=BREAKS), Outcome.WARN, "TLS 1.1 is switched on"),
    ],
)
def test_who_was_not_seen_to_speak_tls_was_not_seen_to_refuse_it(
    seen: OldVersions, outcome: Outcome, summary: str
) -> None:
    got = old_versions_refused(ADDRESS, seen, Unavailable("no TLS was seen there"))
    assert (got.outcome, summary in got.summary) == (outcome, True), got


def modern(
    older: HelloAnswer, newer: HelloAnswer, *wide: HelloAnswer, browsers: HelloAnswer | None = None
) -> ModernVersions:
    took = next((each for each in (newer, older) if each.seen is HelloOutcome.ACCEPTED), newer)
    both = dict(zip(MODERN, (older, newer), strict=True))
    return ModernVersions(both, browsers or took, dict(zip(MODERN, wide or (NO, NO), strict=True)))


MODERN_VERSIONS: dict[str, tuple[ModernVersions, Outcome, str]] = {
    "both": (modern(YES, YES), Outcome.PASS, "offers TLS 1.2 and TLS 1.3"),
    "1.3 alone": (modern(NO, YES), Outcome.PASS, "offers TLS 1.3"),
    "1.2 alone": (modern(YES, NO), Outcome.WARN, "TLS 1.2 is the best that it offers"),
    "neither": (modern(NO, NO), Outcome.FAIL, "neither TLS 1.2 nor TLS 1.3"),
    "both break": (modern(BREAKS, BREAKS), Outcome.FAIL, "neither"),
    "X448 alone": (
        modern(YES, NO, YES, replace(YES, suite=0x1301, group=30), browsers=NO),
        Outcome.FAIL,
        "it agrees on keys by X448, and browsers offer X25519MLKEM768, X25519, P-256, P-384",
    ),
    "DHE alone": (
        modern(NO, NO, replace(YES, suite=0x009E), NO),
        Outcome.FAIL,
        "it accepts TLS_DHE_RSA_WITH_AES_128_GCM_SHA256, which browsers do not offer",
    ),
    "Ed25519 alone": (modern(NO, NO, YES, YES), Outcome.FAIL, "a key of Ed25519, and browsers take RSA of 2048"),
    "a browser's hello alone is refused": (
        modern(YES, NO, browsers=NO),
        Outcome.FAIL,
        "although it accepts TLS 1.2 if the client offers nothing else",
    ),
}
ED25519 = ServedChain((Certificate("CN=a", "CN=b", "b", "", "00", AT, AT, (), "Ed25519", 256, "sha256", True),))  # noqa: FBT003


@pytest.mark.parametrize(("seen", "outcome", "summary"), MODERN_VERSIONS.values(), ids=MODERN_VERSIONS)
def test_modern_versions_offered(seen: ModernVersions, outcome: Outcome, summary: str) -> None:
    got = modern_versions_offered(ADDRESS, seen, ED25519)
    assert (got.outcome, summary in got.summary) == (outcome, True), got


SOUND = TakenSuites(0xC02F, {})
CBC, STATIC_RSA = {"CBC": 0xC013}, {"static RSA": 0x002F}
CIPHERS: dict[str, tuple[TakenSuites, Outcome, str]] = {
    "sound": (
        SOUND,
        Outcome.PASS,
        "TLS 1.2 accepts no broken or outdated suite, and prefers TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    ),
    "no TLS 1.2": (TakenSuites(0, {}), Outcome.PASS, "TLS 1.2 is not offered"),
    "3DES": (TakenSuites(0xC02F, {"3DES": 0x000A}), Outcome.FAIL, "3DES is offered (TLS_RSA_WITH_3DES_EDE_CBC_SHA)"),
    "NULL": (TakenSuites(0xC02F, {"NULL": 0x0002}), Outcome.FAIL, "NULL is offered"),
    "anonymous": (TakenSuites(0xC02F, {"anonymous": 0xC018}), Outcome.FAIL, "anonymous is offered"),
    "DHE": (TakenSuites(0xC02F, {"DHE": 0x009E}), Outcome.WARN, "DHE is offered"),
    "CBC": (TakenSuites(0xC02F, CBC), Outcome.WARN, "CBC is offered (TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA)"),
    "static RSA": (TakenSuites(0xC02F, STATIC_RSA), Outcome.WARN, "static RSA is offered"),
    "CBC preferred": (TakenSuites(0xC013, CBC), Outcome.FAIL, "CBC is preferred to anything better"),
    "static RSA preferred": (TakenSuites(0x002F, STATIC_RSA), Outcome.FAIL, "static RSA is preferred"),
    "small group": (replace(SOUND, dh_bits=1024), Outcome.FAIL, "has 1024 bits, at least 2048"),
    "sound group": (replace(SOUND, dh_bits=2048), Outcome.PASS, ""),
    "compression": (replace(SOUND, compresses=True), Outcome.FAIL, "compression is on"),
    "renegotiation": (replace(SOUND, renegotiates_securely=False), Outcome.WARN, "renegotiation"),
}


@pytest.mark.parametrize(("taken", "outcome", "summary"), CIPHERS.values(), ids=CIPHERS)
def test_ciphers_strong(taken: TakenSuites, outcome: Outcome, summary: str) -> None:
    got = ciphers_strong(HOST, CipherSuites({"192.0.2.1": taken}))
    assert (got.outcome, summary in got.summary) == (outcome, True), got


def test_a_defect_of_both_families_is_told_once_and_one_of_either_is_told() -> None:
    bad = TakenSuites(0xC02F, {"3DES": 0x000A})
    both = ciphers_strong(HOST, CipherSuites({"192.0.2.1": bad, "2001:db8::1": bad}))
    either = ciphers_strong(HOST, CipherSuites({"192.0.2.1": SOUND, "2001:db8::1": bad}))
    assert both.summary == either.summary == "3DES is offered (TLS_RSA_WITH_3DES_EDE_CBC_SHA)"


def test_whose_order_counts_is_evidence() -> None:
    taken = replace(SOUND, old=CBC, follows_client=True)
    assert "the client's order" in ciphers_strong(HOST, CipherSuites({"192.0.2.1": taken})).evidence[0]


def test_what_a_managed_edge_takes_warns() -> None:
    edge = Host("api.example.com", edge="vercel")
    got = ciphers_strong(edge, CipherSuites({"192.0.2.1": TakenSuites(0xC02F, {"3DES": 0x000A})}))
    assert got.outcome is Outcome.WARN


def test_what_could_not_be_asked_is_told() -> None:
    assert ciphers_strong(HOST, CipherSuites({"192.0.2.1": SOUND}, ("no IPv6 here",))).unseen == ("no IPv6 here",)
