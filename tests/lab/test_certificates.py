import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from golive_lab.parts.certificates import ca_file, chain_file, issue, key_file, write
from golive_lab.parts.ports import standing
from golive_lab.world.names import API, HOSTS, SHOP
from golive_lab.world.tls import Chain, EdgeTls

DAY = dt.timedelta(days=1)


def leaf(**how: object) -> x509.Certificate:
    return x509.load_pem_x509_certificates(issue(Chain(**how), API)[0])[0]  # type: ignore[arg-type]


def test_a_chain_is_sound_unless_told_otherwise() -> None:
    pem, key = issue(Chain(), API)
    first, intermediate = x509.load_pem_x509_certificates(pem)
    first.verify_directly_issued_by(intermediate)
    assert load_pem_private_key(key, None).public_key() == first.public_key()
    lifetime = first.not_valid_after_utc - first.not_valid_before_utc
    assert lifetime == 90 * DAY
    assert abs(dt.datetime.now(dt.UTC) - first.not_valid_before_utc - 30 * DAY) < dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("issuer", "name"),
    [
        ("lab", "CN=Golive Lab Trust R1,O=Golive Lab Trust"),
        ("other", "CN=Other Lab Trust R1,O=Other Lab Trust"),
        ("stranger", "CN=Golive Lab Trust R1,O=Golive Lab Trust"),  # its root alone is another
        ("self", f"CN={API}"),
    ],
)
def test_each_issuer_has_its_name(issuer: str, name: str) -> None:
    assert leaf(issuer=issuer).issuer.rfc4514_string() == name


def test_a_stranger_is_below_another_root() -> None:
    above = [x509.load_pem_x509_certificates(issue(Chain(issuer=who), API)[0])[1] for who in ("lab", "stranger")]
    assert above[0].issuer != above[1].issuer


def test_what_is_weak_is_weak() -> None:
    signed = leaf(signature="sha1")
    assert signed.signature_hash_algorithm
    assert signed.signature_hash_algorithm.name == "sha1"
    assert leaf(key="rsa-1024").public_key().key_size == 1024  # type: ignore[union-attr]


def test_every_host_has_its_files_on_every_address() -> None:
    tls = EdgeTls(chains={SHOP: Chain(lifetime_days=7)}, second_address={API: Chain(names=("old.demo.test",))})
    with standing() as place:
        write(tls, place)
        assert b"BEGIN CERTIFICATE" in ca_file(place).read_bytes()
        first = {
            (host, ip): x509.load_pem_x509_certificates(chain_file(place, host, ip).read_bytes())[0]
            for host in HOSTS
            for ip in place.addresses
        }
        assert all(key_file(place, host, ip).stat().st_mode & 0o077 == 0 for host, ip in first)
    one, two = place.addresses
    assert first[SHOP, one] == first[SHOP, two]
    assert first[API, one] != first[API, two]
    assert first[SHOP, one].not_valid_after_utc - first[SHOP, one].not_valid_before_utc == 7 * DAY
