import base64
import datetime as dt
import random
from dataclasses import replace

import dns.dnssec
import dns.exception
import dns.rdata
import pytest
from clocks import cpu_below

from golive import Unavailable
from golive_checks.systems.dns.client.exchange import Record
from golive_checks.systems.dns.client.signatures import (
    SUPPORTED_ALGORITHMS,
    _verified,
    is_supported,
    keys_meant,
    signatures,
)
from golive_lab.parts.dns.zones import Zones, zones
from golive_lab.world.dns import DemoZone, ZoneSigning

ZONE, HOST = "demo.test", "api.demo.test"
ADDRESSES = ("127.0.0.1", "127.0.0.2")
BUILT = zones(DemoZone(), ADDRESSES)


def records(built: Zones, name: str, kind: str, covers: str = "NONE") -> list[Record]:
    zone = built.parent if kind == "DS" else built.ns1
    found = zone.find_rdataset(f"{name}.", kind, covers)
    return [Record(name, kind, found.ttl, rdata.to_text()) for rdata in found]


KEYS, DS = records(BUILT, ZONE, "DNSKEY"), records(BUILT, ZONE, "DS")
A, RRSIG = records(BUILT, HOST, "A"), records(BUILT, HOST, "RRSIG", "A")


def test_a_ds_means_its_key() -> None:
    assert keys_meant(ZONE, DS, KEYS) == tuple(KEYS)
    assert is_supported(DS[0])


def test_a_ds_of_another_key_means_none() -> None:
    other = zones(DemoZone(signing=ZoneSigning(parent_knows_key=False)), ADDRESSES)
    assert keys_meant(ZONE, records(other, ZONE, "DS"), KEYS) == ()


def test_a_ds_of_an_algorithm_that_validators_dropped_is_not_supported() -> None:
    assert not is_supported(replace(DS[0], data=DS[0].data.replace(" 13 ", " 1 ")))
    assert not is_supported(replace(DS[0], data=DS[0].data.replace(" 2 ", " 3 ")))


def test_a_signature_verifies_whatever_the_time() -> None:
    old = zones(DemoZone(signing=ZoneSigning(hours_old=2000, hours_left=-1000)), ADDRESSES)
    found = signatures(ZONE, records(old, HOST, "A"), records(old, HOST, "RRSIG", "A"), records(old, ZONE, "DNSKEY"))
    assert [one.defect for one in found] == [""]
    assert found[0].ends < dt.datetime.now(dt.UTC)


def test_an_altered_record_does_not_verify() -> None:
    altered = [replace(A[0], data="203.0.113.66"), *A[1:]]
    assert signatures(ZONE, altered, RRSIG, KEYS)[0].defect.endswith("it does not verify")


def test_a_signature_by_a_strange_key_does_not_count() -> None:
    tag = RRSIG[0].data.split()[6]
    strange = [replace(RRSIG[0], data=RRSIG[0].data.replace(f" {tag} ", " 1 "))]
    assert signatures(ZONE, A, strange, KEYS)[0].defect == "key 1 is not the zone's"


def test_signatures_over_other_records_do_not_count() -> None:
    assert signatures(ZONE, A, records(BUILT, ZONE, "RRSIG", "SOA"), KEYS) == ()


def test_keys_that_are_none_verify_nothing() -> None:
    for data in ("257 3 13 AAAA", "257 3 8 AQ==", "257 3 15 AAAA", "257 3 253 AAAA"):
        rrsig = [replace(RRSIG[0], data=RRSIG[0].data.replace("A 13 ", f"A {data.split()[2]} "))]
        assert signatures(ZONE, A, rrsig, [replace(KEYS[0], data=data)])[0].defect


@pytest.mark.parametrize("algorithm", sorted(SUPPORTED_ALGORITHMS))
def test_keys_and_signatures_of_any_bytes_verify_nothing(algorithm: int) -> None:
    """Nor do they raise, which would hide what is wrong with the zone."""
    chance = random.Random(algorithm)  # noqa: S311 - a test is to be the same each time
    for _ in range(200):
        key, signature = (base64.b64encode(chance.randbytes(chance.randrange(1, 140))).decode() for _ in range(2))
        strange = replace(KEYS[0], data=f"257 3 {algorithm} {key}")
        tag = dns.dnssec.key_id(dns.rdata.from_text("IN", "DNSKEY", strange.data))  # type: ignore[arg-type]
        _, _, labels, ttl, ends, begins, _, signer, *_ = RRSIG[0].data.split()
        rrsig = replace(RRSIG[0], data=f"A {algorithm} {labels} {ttl} {ends} {begins} {tag} {signer} {signature}")
        assert signatures(ZONE, A, [rrsig], [strange])[0].defect == f"by key {tag} it does not verify"


@pytest.mark.parametrize("problem", [ImportError, dns.exception.UnsupportedAlgorithm, AttributeError, ValueError])
def test_a_library_that_cannot_verify_says_nothing_about_the_zone(
    monkeypatch: pytest.MonkeyPatch, problem: type[Exception]
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(dns.dnssec, "validate_rrsig", fails)
    _verified.cache_clear()
    with pytest.raises(Unavailable if problem is ImportError else problem):
        signatures(ZONE, A, RRSIG, KEYS)


def test_a_zone_made_to_keep_us_busy_does_not() -> None:
    forged = [replace(r, data=r.data[:-8] + f"{i:07d}=") for i, r in enumerate(RRSIG * 100)]
    keys = KEYS * 100
    with cpu_below(2):
        with pytest.raises(Unavailable, match=r"has 100 keys and 100 signatures .* verifies with 16 and 8 at most"):
            signatures(ZONE, A, forged[:100], keys[:100])
        assert all(one.defect for one in signatures(ZONE, A, forged[:8], keys[:16]))
