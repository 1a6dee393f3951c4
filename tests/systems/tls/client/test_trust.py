import datetime as dt
import random
from contextlib import suppress
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from golive import Unavailable
from golive_checks.systems.tls.client.trust import MAX_BYTES, Roots, Trust
from golive_checks.systems.tls.client.trust_path import Broken, Obstacle
from golive_lab.parts.certificates import _root, issue
from golive_lab.world.tls import Chain

NOW = dt.datetime.now(dt.UTC)
PEM, _ = issue(Chain(), "api.demo.test")
CHAIN = tuple(each.public_bytes(Encoding.DER) for each in x509.load_pem_x509_certificates(PEM))
ROOT = _root("Golive Lab Root").certificate.public_bytes(Encoding.PEM)


def file(folder: Path, content: bytes) -> Trust:
    (folder / "ca.pem").write_bytes(content)
    return Trust(ca_file=str(folder / "ca.pem"))


def test_the_profiles_root_is_trusted_and_is_not_public(tmp_path: Path) -> None:
    certificates, found = Roots().path_of(CHAIN, file(tmp_path, ROOT), NOW)
    assert [each.subject for each in certificates] == ["CN=api.demo.test", "CN=Golive Lab Trust R1,O=Golive Lab Trust"]
    assert (found.broken, found.public) == (None, False)


def test_without_a_file_mozillas_roots_count_and_the_labs_is_not_among_them() -> None:
    roots = Roots()
    _, found = roots.path_of(CHAIN, Trust(), NOW)
    assert found.broken
    assert len(roots._from(certifi.where())) > 50


def test_a_root_of_mozillas_is_public() -> None:
    roots = Roots()
    certificate = next(each for each in roots._from(certifi.where()) if each.not_valid_after_utc > NOW)
    _, found = roots.path_of((certificate.public_bytes(Encoding.DER),), Trust(), NOW)
    assert (found.broken, found.public) == (None, True)


def test_a_root_of_this_machine_alone_is_no_browsers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", file(tmp_path, ROOT).ca_file)
    _, found = Roots().path_of(CHAIN, Trust(), NOW)
    assert found.broken == Broken(Obstacle.OWN_ROOT, "CN=Golive Lab Root")
    assert not found.public


def test_a_root_that_cannot_be_read_costs_no_other(tmp_path: Path) -> None:
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    _, found = Roots().path_of(CHAIN, file(tmp_path, b"# ours\n" + broken + ROOT), NOW)
    assert found.broken is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no PEM certificates"),
        (b"\x00\xff" * 100, "no PEM certificates"),
        (b"x" * (MAX_BYTES + 1), "larger than 4 MB"),
    ],
    ids=["empty", "not PEM", "huge"],
)
def test_a_file_without_roots_is_a_gap(content: bytes, reason: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=reason):
        Roots().path_of(CHAIN, file(tmp_path, content), NOW)


def test_a_file_that_is_not_there_is_a_gap(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"cannot be read: .*No such file") as gap:
        Roots().path_of(CHAIN, Trust(ca_file=str(tmp_path / "none.pem")), NOW)
    assert "trust.ca_file" in gap.value.fix


@pytest.mark.parametrize(
    "der", [b"", b"\x30\x82\xff\xff", b"garbage", CHAIN[0][:-1]], ids=["empty", "cut", "no", "short"]
)
def test_a_certificate_that_cannot_be_parsed_is_a_gap(der: bytes, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be parsed"):
        Roots().path_of((der,), file(tmp_path, ROOT), NOW)


def test_a_certificate_with_any_byte_wrong_is_read_or_is_a_gap(tmp_path: Path) -> None:
    trust, roots, chance = file(tmp_path, ROOT), Roots(), random.Random(1)  # noqa: S311 - the same bytes every time
    for _ in range(1500):
        der = bytearray(CHAIN[0])
        der[chance.randrange(len(der))] = chance.randrange(256)
        with suppress(Unavailable):
            roots.path_of((bytes(der), CHAIN[1]), trust, NOW)
