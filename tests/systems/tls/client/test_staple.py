"""Stapled responses of the lab's CA, of strangers, and what is none; OpenSSL is asked about the same."""

import datetime as dt
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from golive_checks.systems.tls.client.staple import StapleStanding, issuer_of, read_staple
from golive_lab.parts import revocation
from golive_lab.parts.certificates import _leaf_and_issuer, _root, issue
from golive_lab.parts.process import program
from golive_lab.world.tls import Chain, Said

HOST = "api.demo.test"
AT = dt.datetime.now(dt.UTC)
PEM = issue(Chain(), HOST)[0]
LEAF, ISSUER = x509.load_pem_x509_certificates(PEM)
OTHER = issue(Chain(issuer="other"), HOST)[0]


def staple(chain: Chain, pem: bytes, said: Said = "good") -> bytes:
    return revocation.response(said, *_leaf_and_issuer(chain, pem))


def response(said: Said) -> bytes:
    return staple(Chain(), PEM, said)


GOOD = response("good")
RESPONSES: dict[str, tuple[bytes, StapleStanding]] = {
    "good": (GOOD, StapleStanding.GOOD),
    "revoked": (response("revoked"), StapleStanding.REVOKED),
    "expired": (response("expired"), StapleStanding.EXPIRED),
    "about another": (staple(Chain(), issue(Chain(), HOST)[0]), StapleStanding.FOREIGN),
    "of another CA": (staple(Chain(issuer="other"), PEM), StapleStanding.FOREIGN),
    "a byte of its signature wrong": (GOOD[:-1] + bytes([GOOD[-1] ^ 1]), StapleStanding.UNSIGNED),
    "try later": (bytes.fromhex("30030a0103"), StapleStanding.UNSUCCESSFUL),
    "cut short": (GOOD[:-9], StapleStanding.GARBLED),
    "nothing": (b"", StapleStanding.GARBLED),
}


@pytest.mark.parametrize(("der", "standing"), RESPONSES.values(), ids=RESPONSES)
def test_what_a_response_is_worth(der: bytes, standing: StapleStanding) -> None:
    assert read_staple(der, LEAF, ISSUER, AT).standing is standing


def test_a_response_of_tomorrow_is_early() -> None:
    assert read_staple(GOOD, LEAF, ISSUER, AT - dt.timedelta(days=3)).standing is StapleStanding.EARLY


def test_why_and_when_it_was_revoked_is_read() -> None:
    got = read_staple(response("revoked"), LEAF, ISSUER, AT)
    assert got.reason == "keyCompromise"
    assert got.since
    assert AT - dt.timedelta(days=2) < got.since < AT


def test_the_issuer_may_be_a_root_that_was_not_sent() -> None:
    root = _root("Golive Lab Root").certificate
    assert issuer_of(ISSUER, [LEAF, root]) == root
    assert issuer_of(LEAF, [root]) is None


def test_without_its_issuer_a_response_is_signed_by_nobody() -> None:
    assert read_staple(GOOD, LEAF, None, AT).standing is StapleStanding.UNSIGNED


@pytest.mark.parametrize(
    ("der", "standing"),
    [each for name, each in RESPONSES.items() if name not in {"of another CA", "nothing"}],
    ids=[name for name in RESPONSES if name not in {"of another CA", "nothing"}],
)
def test_openssl_says_the_same(der: bytes, standing: StapleStanding, tmp_path: Path) -> None:
    files = {"root": [_root("Golive Lab Root").certificate], "issuer": [ISSUER], "leaf": [LEAF]}
    for name, certificates in files.items():
        (tmp_path / name).write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in certificates))
    (tmp_path / "response").write_bytes(der)
    where = [
        "-respin",
        "response",
        "-sha256",
        "-issuer",
        "issuer",
        "-cert",
        "leaf",
        "-CAfile",
        "root",
        "-verify_other",
        "issuer",
    ]
    done = subprocess.run(
        [program("openssl"), "ocsp", *where], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    said = done.stdout + done.stderr
    sound = "Response verify OK" in said and "leaf: good" in said and "Status times invalid" not in said
    assert sound is (standing is StapleStanding.GOOD), said
    assert ("leaf: revoked" in said) is (standing is StapleStanding.REVOKED), said
