"""Paths to a root, through chains that a small CA of our own makes, sound and unsound."""

import datetime as dt
import ipaddress
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from golive_checks.domains.trust import obstacle
from golive_checks.systems.tls.client.certificates import read
from golive_checks.systems.tls.client.trust_path import MAX_SIGNATURES, Broken, Obstacle, Odd, Oddity, find_path
from golive_lab.parts.certificates import issue
from golive_lab.parts.process import program
from golive_lab.world.tls import Chain

AT = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
HOST = "api.example.com"


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@cache
def key(_: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def made(
    common: str,
    by: Authority | None = None,
    *extensions: x509.ExtensionType,
    ca: bool | None = True,
    path_length: int | None = None,
    begins: dt.datetime = AT - 100 * DAY,
    ends: dt.datetime = AT + 100 * DAY,
    of: str = "",
    critical: tuple[x509.ExtensionType, ...] = (),
) -> Authority:
    own = key(of or common)
    builder = x509.CertificateBuilder(
        name(by.certificate.subject.rfc4514_string().removeprefix("CN=") if by else common),
        name(common),
        own.public_key(),
        x509.random_serial_number(),
        begins,
        ends,
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
    usual: list[x509.ExtensionType] = [x509.SubjectKeyIdentifier.from_public_key(own.public_key())]
    if by:
        usual.append(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()))
    if ca and not any(isinstance(each, x509.KeyUsage) for each in extensions):
        usual.append(usage(signs=True))
    for extension in (*usual, *extensions):
        builder = builder.add_extension(extension, critical=extension in critical)
    return Authority(builder.sign(by.key if by else own, hashes.SHA256()), own)


def leaf(by: Authority | None, *names: str) -> x509.Certificate:
    san = x509.SubjectAlternativeName([x509.DNSName(each) for each in names or (HOST,)])
    return made(HOST, by, san, ca=False).certificate


def usage(*, signs: bool) -> x509.KeyUsage:
    off = dict.fromkeys(("content_commitment", "data_encipherment", "key_agreement", "encipher_only"), False)
    return x509.KeyUsage(
        digital_signature=True, key_encipherment=False, key_cert_sign=signs, crl_sign=False, decipher_only=False, **off
    )


ROOT = made("Root")
MIDDLE = made("Middle", ROOT)
LEAF = leaf(MIDDLE)
SECOND = made("Second", MIDDLE)
STRANGER = made("Stranger")


def through(*extensions: x509.ExtensionType, **how: Any) -> tuple[x509.Certificate, ...]:
    """Issue the leaf through an intermediate that has something about it."""
    middle = made("Odd", ROOT, *extensions, **how)
    return leaf(middle), middle.certificate


def trees(permitted: tuple[str, ...] = (), excluded: tuple[str, ...] = ()) -> x509.NameConstraints:
    def listed(names: tuple[str, ...]) -> list[x509.GeneralName] | None:
        return [x509.DNSName(each) for each in names] or None

    return x509.NameConstraints(listed(permitted), listed(excluded))


M, R = MIDDLE.certificate, ROOT.certificate
SOUND: dict[str, tuple[x509.Certificate, ...]] = {
    "leaf and intermediate": (LEAF, M),
    "the root too": (LEAF, M, R),
    "two intermediates": (leaf(SECOND), SECOND.certificate, M),
    "straight from the root": (leaf(ROOT),),
    "usage to sign": through(usage(signs=True)),
    "for servers": through(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])),
    "a path of none": through(path_length=0),
    "a permitted name": through(trees(permitted=("example.com",))),
    "a name that is not excluded": through(trees(excluded=("example.org", "le.com"))),
}


@pytest.mark.parametrize("sent", SOUND.values(), ids=SOUND)
def test_a_sound_chain_leads_to_the_root(sent: tuple[x509.Certificate, ...]) -> None:
    got = find_path(sent, [R], [], AT)
    assert (got.broken, got.oddities, got.root, got.public) == (None, (), "CN=Root", False)


def constrained(tree: x509.GeneralName, *, permit: bool) -> x509.NameConstraints:
    return x509.NameConstraints([tree] if permit else None, None if permit else [tree])


def mailed(constraints: x509.NameConstraints, *more: x509.GeneralName) -> tuple[x509.Certificate, ...]:
    """Issue a leaf with further names below a CA that is constrained."""
    middle = made("Odd", ROOT, constraints)
    san = x509.SubjectAlternativeName([x509.DNSName(HOST), *more])
    return made(HOST, middle, san, ca=False).certificate, middle.certificate


UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.7"), b"\5\0")
NET, ADDRESS = x509.IPAddress(ipaddress.ip_network("192.0.2.0/24")), x509.IPAddress(ipaddress.ip_address("192.0.2.7"))
ELSEWHERE = x509.IPAddress(ipaddress.ip_address("198.51.100.7"))
MAIL = x509.RFC822Name("ops@example.com")
CONSTRAINED: dict[str, tuple[tuple[x509.Certificate, ...], bool]] = {
    "an address within": (mailed(constrained(NET, permit=True), ADDRESS), True),
    "an address outside": (mailed(constrained(NET, permit=True), ELSEWHERE), False),
    "an address excluded": (mailed(constrained(NET, permit=False), ADDRESS), False),
    "mail within": (mailed(constrained(x509.RFC822Name("example.com"), permit=True), MAIL), True),
    "mail below": (mailed(constrained(x509.RFC822Name(".example.com"), permit=True), MAIL), False),
    "mail excluded": (mailed(constrained(x509.RFC822Name("ops@example.com"), permit=False), MAIL), False),
    "a subject within": (mailed(constrained(x509.DirectoryName(name("API.example.com")), permit=True)), True),
    "a subject outside": (mailed(constrained(x509.DirectoryName(name("other")), permit=True)), False),
    "a dot stands for what is below": (through(trees(permitted=(".api.example.com",))), False),
    "a wildcard over what is excluded": (
        (
            leaf(CONSTRAINED_CA := made("Odd", ROOT, trees(excluded=("pi.example.com",))), "*.example.com"),
            CONSTRAINED_CA.certificate,
        ),
        False,
    ),
    "a critical extension that nobody knows, above": (through(UNKNOWN, critical=(UNKNOWN,)), False),
    "one that is not critical": (through(UNKNOWN), True),
    "the same in the leaf": (
        (made(HOST, MIDDLE, UNKNOWN, ca=False, critical=(UNKNOWN,)).certificate, MIDDLE.certificate),
        False,
    ),
}


@pytest.mark.parametrize(("sent", "sound"), CONSTRAINED.values(), ids=CONSTRAINED)
def test_what_a_ca_may_issue_for(sent: tuple[x509.Certificate, ...], sound: bool) -> None:  # noqa: FBT001 - a column
    assert (not find_path(sent, [ROOT.certificate], [], AT).broken) is sound


def test_a_sound_path_is_taken_before_a_weak_one() -> None:
    weak = x509.load_pem_x509_certificates(issue(Chain(signature="sha1"), HOST)[0])
    got = find_path((LEAF, M, weak[0]), [R], [], AT)
    assert [each.subject for each in got.path] == ["CN=api.example.com", "CN=Middle", "CN=Root"]


UNSOUND: dict[str, tuple[tuple[x509.Certificate, ...], str]] = {
    "self-signed": ((leaf(None),), "the certificate is self-signed"),
    "no intermediate": ((LEAF,), "not complete: Middle, the issuer of api.example.com, is neither sent nor"),
    "half the intermediates": ((leaf(SECOND), SECOND.certificate), "Middle, the issuer of Second"),
    "another root": ((leaf(STRANGER), STRANGER.certificate), "ends in Stranger, a root that is not trusted"),
    "another intermediate": ((LEAF, SECOND.certificate), "Middle, the issuer of api.example.com"),
    "the name of the root and not its key": ((leaf(made("Root", of="forger")),), "not complete"),
    "no CA": (through(ca=False), "in its chain, Odd is not a CA"),
    "not said to be a CA": (through(ca=None), "in its chain, Odd is not a CA"),
    "usage not to sign": (through(usage(signs=False)), "has a key that may not sign certificates"),
    "for clients": (through(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])), "may not issue for servers"),
    "for anything": (through(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])), "may not issue"),
    "expired above": (through(ends=AT - DAY), "in its chain, Odd expired on 2026-11-22"),
    "not yet valid above": (through(begins=AT + DAY), "in its chain, Odd is not valid before 2026-11-24"),
    "a name not permitted": (through(trees(permitted=("example.org", "pi.example.com"))), "name constraints"),
    "an excluded name": (through(trees(excluded=(".example.com",))), "name constraints"),
}


@pytest.mark.parametrize(("sent", "problem"), UNSOUND.values(), ids=UNSOUND)
def test_an_unsound_chain_says_why(sent: tuple[x509.Certificate, ...], problem: str) -> None:
    got = find_path(sent, [R], [R], AT)
    assert got.broken
    assert problem in obstacle(got.broken)
    assert not got.public


@pytest.mark.parametrize(
    ("sent", "sound"),
    [*((sent, True) for sent in SOUND.values()), *((sent, False) for sent, _ in UNSOUND.values())],
    ids=[*SOUND, *UNSOUND],
)
def test_openssl_is_of_the_same_mind(sent: tuple[x509.Certificate, ...], sound: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a column of the table
    for file, certificates in {"root": [R], "leaf": sent[:1], "above": sent[1:] or [R]}.items():
        pem = b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)
        (tmp_path / file).write_bytes(pem)
    how = ["-no-CApath", "-no-CAstore", "-purpose", "sslserver", "-attime", str(int(AT.timestamp()))]
    where = ["-CAfile", "root", "-untrusted", "above", "leaf"]
    done = subprocess.run([program("openssl"), "verify", *how, *where], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode == 0) is sound, done


def test_a_path_may_be_no_longer_than_its_cas_allow() -> None:
    short = made("Short", ROOT, path_length=0)
    below = made("Below", short)
    got = find_path((leaf(below), below.certificate, short.certificate), [R], [], AT)
    assert got.broken == Broken(Obstacle.TOO_DEEP, "Short", "0")


def test_the_order_of_the_chain_matters_to_old_clients_alone() -> None:
    got = find_path((leaf(SECOND), M, SECOND.certificate), [R], [], AT)
    assert got.broken is None
    assert got.oddities[0] == Odd(Oddity.OUT_OF_ORDER)


def test_what_does_not_belong_is_odd_and_no_more() -> None:
    got = find_path((LEAF, M, STRANGER.certificate), [R], [], AT)
    assert (got.broken, got.oddities) == (None, (Odd(Oddity.NOT_PART, 1),))


def test_a_cross_signature_does_not_lead_astray() -> None:
    cross = made("Root", STRANGER, of="Root")
    assert find_path((LEAF, M, cross.certificate), [R], [], AT).broken is None


def test_an_expired_twin_of_the_intermediate_is_passed_over() -> None:
    old = made("Middle", ROOT, ends=AT - DAY)
    got = find_path((LEAF, old.certificate, M), [R], [], AT)
    assert got.broken is None


def test_two_that_sign_one_another_do_not_go_round_for_ever() -> None:
    one = made("One", Authority(made("Two").certificate, key("Two")), of="One")
    two = made("Two", one, of="Two")
    assert find_path((leaf(one), one.certificate, two.certificate), [R], [], AT).broken


def test_a_crowd_of_one_name_costs_no_more_than_a_few_signatures(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = [made("Middle", ROOT, of=f"member {n % 5}").certificate for n in range(3 * MAX_SIGNATURES)]
    count = 0

    def counted(of: x509.Certificate, issuer: x509.Certificate) -> bool:
        nonlocal count
        count += 1
        return False

    monkeypatch.setattr("golive_checks.systems.tls.client.trust_path.signed", counted)
    monkeypatch.setattr("golive_checks.systems.tls.client.trust_path._identified", lambda *_: True)
    assert find_path((LEAF, *crowd), [R], [], AT).broken
    assert count <= 2 * MAX_SIGNATURES


def test_a_leaf_that_is_trusted_itself_is_trusted() -> None:
    own = leaf(None)
    assert find_path((own,), [own], [], AT).broken is None


def test_whether_the_root_is_public_is_told() -> None:
    assert find_path((LEAF, M), [R], [R], AT).public


def test_where_the_missing_issuer_lies_is_told() -> None:
    alone = x509.load_pem_x509_certificates(issue(Chain(sends_intermediate=False), HOST)[0])
    broken = find_path(alone, [], [], AT).broken
    assert broken
    assert (broken.by, broken.url) == (Obstacle.INCOMPLETE, "http://ca.demo.test/issuing.crt")


def test_a_broken_signature_is_for_another_check_to_find_path() -> None:
    sent = x509.load_pem_x509_certificates(issue(Chain(signature="sha1"), HOST)[0])
    assert find_path(sent, [sent[1]], [], AT).broken is None


def test_a_broken_signature_must_still_be_one() -> None:
    sent = x509.load_pem_x509_certificates(issue(Chain(signature="sha1"), HOST)[0])
    twin = issue(Chain(signature="sha1", issuer="other"), HOST)[0]
    assert find_path(sent[:1], x509.load_pem_x509_certificates(twin)[1:], [], AT).broken


Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
KEYS: dict[str, tuple[Callable[[], Key], str, int]] = {
    "RSA": (lambda: rsa.generate_private_key(65537, 1024), "RSA", 1024),  # noqa: S505 - a weak key to be measured
    "P-256": (lambda: ec.generate_private_key(ec.SECP256R1()), "EC", 256),
    "P-521": (lambda: ec.generate_private_key(ec.SECP521R1()), "EC", 521),
    "Ed25519": (ed25519.Ed25519PrivateKey.generate, "Ed25519", 256),
}


@pytest.mark.parametrize(("generate", "kind", "bits"), KEYS.values(), ids=KEYS)
def test_keys_are_measured(generate: Callable[[], Key], kind: str, bits: int) -> None:
    own = generate()
    digest = None if isinstance(own, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    builder = x509.CertificateBuilder(name("x"), name("x"), own.public_key(), 1, AT, AT + DAY)
    got = read(builder.sign(own, digest))
    assert (got.key, got.key_bits, got.signature_hash) == (kind, bits, "sha256" if digest else "")


def test_what_a_certificate_says_is_read() -> None:
    features = x509.TLSFeature([x509.TLSFeatureType.status_request])
    san = x509.SubjectAlternativeName([x509.DNSName("API.Example.com"), x509.RFC822Name("a@example.com")])
    got = read(made(HOST, MIDDLE, san, features, ca=False).certificate)
    assert got.names == ("api.example.com",)
    assert got.must_staple
    assert got.server_auth
    assert (got.issuer_name, got.issuer_organisation, got.scts) == ("Middle", "", 0)


def test_every_name_counts_however_many_there_are() -> None:
    many = leaf(MIDDLE, *(f"{n}.example.com" for n in range(5000)))
    assert len(read(many).names) == 5000
