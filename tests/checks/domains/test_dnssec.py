import datetime as dt
from dataclasses import replace

import pytest

from golive import Now, Outcome
from golive_checks.domains.dnssec import Dnssec, signed_zone_validates
from golive_checks.subjects import Host
from golive_checks.systems.dns.client.denial import Denial
from golive_checks.systems.dns.client.exchange import Status
from golive_checks.systems.dns.client.signatures import Signature, ZoneKey
from golive_checks.systems.dns.dnssec import SignedSet, SignedZone

HOST = Host("api.example.com")
NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DS = ("63955 13 2 abcd",)


def signature(left_h: float = 240, old_h: float = 24, defect: str = "") -> Signature:
    return Signature(63955, NOW - old_h * HOUR, NOW + left_h * HOUR, defect)


def denied(iterations: int = 0, gap: str = "") -> Denial:
    return Denial("ns1.example.com", "no.example.com", "A", Status.NXDOMAIN, "NSEC3", iterations, gap)


def zone(
    *signatures: Signature,
    unvouched: tuple[str, ...] = (),
    checked: Status = Status.ANSWER,
    unchecked: Status = Status.ANSWER,
    vouched: bool = True,
    supported: bool = True,
) -> SignedZone:
    sets = (SignedSet("ns1.example.com", HOST.name, "A", signatures),)
    return SignedZone("example.com", DS, supported, sets, unvouched, checked, unchecked, vouched, denials=(denied(),))


CASES: dict[str, tuple[SignedZone, Outcome, str]] = {
    "unsigned": (SignedZone("example.com"), Outcome.NA, "its parent has no DS"),
    "sound": (zone(signature()), Outcome.PASS, "example.com validates until 2026-12-03 08:00 UTC"),
    "not vouched for": (zone(signature(), vouched=False), Outcome.PASS, "validates"),
    "algorithm unknown": (zone(signature(), supported=False), Outcome.WARN, "validators ignore"),
    "no signature": (zone(), Outcome.FAIL, "ns1.example.com: A of api.example.com is not signed"),
    "expired": (zone(signature(-30)), Outcome.FAIL, "the signature of A of api.example.com ended 30 h ago"),
    "ends tonight": (zone(signature(5.5)), Outcome.FAIL, "ends in 5 h 30 min (at least 12 h)"),
    "ends just late enough": (zone(signature(12)), Outcome.PASS, "validates"),
    "not yet": (zone(signature(old_h=-2)), Outcome.FAIL, "holds from 2026-11-23 10:00 UTC only"),
    "forged": (zone(signature(defect="by key 1 it does not verify")), Outcome.FAIL, "by key 1 it does not verify"),
    "an old key's signature besides": (zone(signature(-30), signature()), Outcome.PASS, "validates"),
    "a strange one besides": (zone(signature(defect="key 1 is not the zone's"), signature()), Outcome.PASS, "valid"),
    "SHA-1 signs": (replace(zone(signature()), keys=(ZoneKey(1, 7, 2048),)), Outcome.WARN, "signs with SHA-1"),
    "a small key": (replace(zone(signature()), keys=(ZoneKey(1, 8, 1024),)), Outcome.WARN, "has 1024 bits; 2048"),
    "a broken key": (replace(zone(signature()), keys=(ZoneKey(1, 8, 768),)), Outcome.FAIL, "key 1 has 768 bits"),
    "no size": (replace(zone(signature()), keys=(ZoneKey(1, 13),)), Outcome.PASS, "validates"),
    "DS by SHA-1": (replace(zone(signature()), digests=(1, 250)), Outcome.WARN, "a SHA-1 digest alone"),
    "DS by SHA-1 and better": (replace(zone(signature()), digests=(1, 2)), Outcome.PASS, "validates"),
    "iterations": (replace(zone(signature()), denials=(denied(9),)), Outcome.WARN, "NSEC3 with 9 extra iterations"),
    "not proven": (
        replace(zone(signature()), denials=(denied(gap="nothing proves it"),)),
        Outcome.FAIL,
        "ns1.example.com: A of no.example.com (nxdomain) is not proven: nothing proves it",
    ),
    "wrong DS": (zone(signature(), unvouched=("ns1",)), Outcome.FAIL, "ns1: no DNSKEY of example.com is"),
    "resolver says bogus": (zone(signature(), checked=Status.SERVFAIL), Outcome.FAIL, "the resolver answers SERVFAIL"),
    "SERVFAIL either way": (
        zone(signature(), checked=Status.SERVFAIL, unchecked=Status.SERVFAIL),
        Outcome.PASS,
        "validates",
    ),
}


@pytest.mark.parametrize(("seen", "outcome", "summary"), CASES.values(), ids=CASES)
def test_signed_zone_validates(seen: SignedZone, outcome: Outcome, summary: str) -> None:
    verdict = signed_zone_validates(HOST, seen, Now(NOW), Dnssec())
    assert verdict.outcome is outcome
    assert summary in verdict.summary


def test_one_defect_at_all_servers_is_one_line() -> None:
    sets = tuple(SignedSet(server, HOST.name, "A", ()) for server in ("ns1.example.com", "ns2.example.com"))
    seen = SignedZone("example.com", DS, supported=True, sets=sets, checked=Status.ANSWER, unchecked=Status.ANSWER)
    summary = signed_zone_validates(HOST, seen, Now(NOW), Dnssec()).summary
    assert summary == "ns1.example.com, ns2.example.com: A of api.example.com is not signed"


@pytest.mark.parametrize(("vouched", "unseen"), [(True, 0), (False, 1)])
def test_what_no_resolver_vouches_for_is_named_as_unseen(*, vouched: bool, unseen: int) -> None:
    verdict = signed_zone_validates(HOST, zone(signature(), vouched=vouched), Now(NOW), Dnssec())
    assert len(verdict.unseen) == unseen


def test_a_zone_whose_proofs_nobody_gave_has_something_unseen() -> None:
    verdict = signed_zone_validates(HOST, replace(zone(signature()), denials=()), Now(NOW), Dnssec())
    assert verdict.unseen == ("how example.com denies what does not exist: no name server answered that",)
