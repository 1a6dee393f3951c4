import datetime as dt
from dataclasses import replace

import pytest

from golive import Outcome
from golive_checks.domains.revocation import not_revoked
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.revocation import CaSaid, Revocation
from golive_checks.systems.tls.client.certificates import Certificate
from golive_checks.systems.tls.client.staple import Staple, StapleStanding
from golive_checks.systems.tls.facts import ServedChain

AT = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
ADDRESS = Address("api.example.com@192.0.2.1", Host("api.example.com"), "192.0.2.1")
LEAF = Certificate("CN=a", "CN=b", "b", "", "00", AT, AT, (), "RSA", 2048, "sha256", server_auth=True)
NOBODY = Revocation({})
DEMANDING = replace(LEAF, must_staple=True)

CASES: dict[str, tuple[Certificate, Staple | None, Outcome, str]] = {
    "none": (LEAF, None, Outcome.NA, "no OCSP response is stapled"),
    "good": (LEAF, Staple(StapleStanding.GOOD, until=AT), Outcome.PASS, "until 2026-11-23 12:00 UTC"),
    "revoked": (
        LEAF,
        Staple(StapleStanding.REVOKED, AT, reason="keyCompromise"),
        Outcome.FAIL,
        "was revoked on 2026-11-23 12:00 UTC (keyCompromise)",
    ),
    "expired": (LEAF, Staple(StapleStanding.EXPIRED), Outcome.WARN, "is useless: it has expired"),
    "expired, and demanded": (DEMANDING, Staple(StapleStanding.EXPIRED), Outcome.FAIL, "it has expired"),
    "foreign": (LEAF, Staple(StapleStanding.FOREIGN), Outcome.WARN, "about another certificate"),
    "unsigned": (LEAF, Staple(StapleStanding.UNSIGNED), Outcome.WARN, "neither the issuer nor its responder"),
    "unknown to its CA": (LEAF, Staple(StapleStanding.UNKNOWN), Outcome.WARN, "its CA does not know"),
}


@pytest.mark.parametrize(("leaf", "staple", "outcome", "summary"), CASES.values(), ids=CASES)
def test_not_revoked(leaf: Certificate, staple: Staple | None, outcome: Outcome, summary: str) -> None:
    got = not_revoked(ADDRESS, ServedChain((leaf,), staple=staple), NOBODY)
    assert (got.outcome, summary in got.summary) == (outcome, True), got


def test_the_worse_of_two_counts() -> None:
    other = ServedChain((replace(LEAF, key="EC"),), staple=Staple(StapleStanding.REVOKED, AT))
    assert not_revoked(ADDRESS, ServedChain((LEAF,), other=other), NOBODY).outcome is Outcome.FAIL


RESPONDER = "http://ocsp.example.net"
ASKED: dict[str, tuple[Staple | None, CaSaid, Outcome, str]] = {
    "revoked": (
        None,
        CaSaid(Staple(StapleStanding.REVOKED, AT, reason="keyCompromise"), RESPONDER),
        Outcome.FAIL,
        "was revoked on 2026-11-23 12:00 UTC (keyCompromise), says http://ocsp.example.net",
    ),
    "revoked, beside a useless staple": (
        Staple(StapleStanding.EXPIRED),
        CaSaid(Staple(StapleStanding.REVOKED), RESPONDER),
        Outcome.FAIL,
        "was revoked, says http://ocsp.example.net",
    ),
    "good": (
        None,
        CaSaid(Staple(StapleStanding.GOOD), RESPONDER, ("x",)),
        Outcome.PASS,
        "not revoked, says http://ocsp",
    ),
    "nobody answered": (None, CaSaid(None, "", ("a is silent", "b")), Outcome.WARN, "is not known: a is silent"),
}


@pytest.mark.parametrize(("staple", "asked", "outcome", "summary"), ASKED.values(), ids=ASKED)
def test_what_its_ca_says_counts(staple: Staple | None, asked: CaSaid, outcome: Outcome, summary: str) -> None:
    got = not_revoked(ADDRESS, ServedChain((LEAF,), staple=staple), Revocation({"00": asked}))
    assert (got.outcome, summary in got.summary) == (outcome, True), got
