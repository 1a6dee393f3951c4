import datetime as dt
from dataclasses import replace

import pytest

from golive import Now, Outcome
from golive_checks.domains.certificates import (
    CertificatePolicy,
    certificate_current,
    certificate_strong,
    certificate_trusted,
    issuer_expected,
)
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.tls.client.certificates import Certificate
from golive_checks.systems.tls.client.staple import Staple, StapleStanding
from golive_checks.systems.tls.client.trust_path import Broken, Obstacle, Odd, Oddity
from golive_checks.systems.tls.facts import ServedChain

HOST = Host("api.example.com")
EDGE = Host("api.example.com", edge="cloudflare")
ADDRESS = Address("api.example.com@192.0.2.1", HOST, "192.0.2.1")
AT = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
POLICY = CertificatePolicy()

LEAF = Certificate(
    subject="CN=api.example.com",
    issuer="CN=R11,O=Let's Encrypt",
    issuer_name="R11",
    issuer_organisation="Let's Encrypt",
    fingerprint="00",
    not_before=AT - dt.timedelta(days=30),
    not_after=AT + dt.timedelta(days=60),
    names=("api.example.com",),
    key="RSA",
    key_bits=2048,
    signature_hash="sha256",
    server_auth=True,
    scts=2,
)
INTERMEDIATE = replace(LEAF, subject="CN=R11,O=Let's Encrypt", issuer="CN=ISRG Root X1", names=(), scts=0)
ROOT = replace(INTERMEDIATE, subject="CN=ISRG Root X1", issuer="CN=ISRG Root X1")


def chain(leaf: Certificate = LEAF, *, public: bool = True, **changes: object) -> ServedChain:
    served = ServedChain((leaf, INTERMEDIATE), root="CN=ISRG Root X1", public=public)
    return replace(served, **{"path": (leaf, INTERMEDIATE, ROOT), **changes})  # type: ignore[arg-type]


def named(*names: str) -> ServedChain:
    return chain(replace(LEAF, names=names))


TRUSTED: dict[str, tuple[ServedChain, Outcome, str]] = {
    "as it should be": (chain(), Outcome.PASS, "2 certificates sent, leading to CN=ISRG Root X1"),
    "a root sent by itself": (chain(certificates=(LEAF,)), Outcome.PASS, "1 certificate sent"),
    "a problem": (chain(broken=Broken(Obstacle.SELF_SIGNED)), Outcome.FAIL, "self-signed"),
    "an oddity": (chain(oddities=(Odd(Oddity.NOT_PART, 1),)), Outcome.WARN, "1 of the 2"),
    "another name": (named("www.example.com"), Outcome.FAIL, "is for www.example.com, not for api.example.com"),
    "no name": (named(), Outcome.FAIL, "is for no host at all"),
    "one name of several": (named("example.com", "api.example.com"), Outcome.PASS, ""),
    "wildcard": (named("*.example.com"), Outcome.PASS, ""),
    "a wildcard stands for one label": (named("*.com"), Outcome.FAIL, "*.com"),
    "a wildcard stands for a whole label": (named("a*.example.com"), Outcome.FAIL, "a*.example.com"),
    "a wildcard stands in front alone": (named("api.*.com"), Outcome.FAIL, "api.*.com"),
    "a wildcard of a level below": (named("*.api.example.com"), Outcome.FAIL, ""),
    "a bare wildcard": (named("*"), Outcome.FAIL, ""),
}


@pytest.mark.parametrize(("served", "outcome", "summary"), TRUSTED.values(), ids=TRUSTED)
def test_certificate_trusted(served: ServedChain, outcome: Outcome, summary: str) -> None:
    got = certificate_trusted(ADDRESS, HOST, served)
    assert (got.outcome, summary in got.summary) == (outcome, True), got


def test_an_expired_leaf_is_no_matter_of_trust() -> None:
    expired = chain(lasting(90, age=100))
    assert certificate_trusted(ADDRESS, HOST, expired).outcome is Outcome.PASS


def lasting(days: float, *, age: float, **changes: object) -> Certificate:
    begins = AT - dt.timedelta(days=age)
    return replace(LEAF, not_before=begins, not_after=begins + dt.timedelta(days=days), **changes)  # type: ignore[arg-type]


CURRENT: dict[str, tuple[Certificate, Outcome, str]] = {
    "fresh": (lasting(90, age=30), Outcome.PASS, "expires in 60 days (66.7% of its 90 days left)"),
    "when ACM renews": (lasting(198, age=153), Outcome.PASS, "(22.7% of"),
    "when certbot renews six days": (lasting(6, age=4.2), Outcome.PASS, "43 h 12 min (30% of its 6 days left)"),
    "renewal is late": (lasting(90, age=76.5), Outcome.WARN, "15% of its 90 days is left, at least 20%"),
    "renewal has failed": (lasting(90, age=85.5), Outcome.FAIL, "5% of its 90 days is left, at least 10%"),
    "six days, one hour left": (lasting(6, age=6 - 1 / 24), Outcome.FAIL, "expires in 1 h"),
    "expired": (lasting(90, age=93), Outcome.FAIL, "expired 3 days ago, on 2026-11-20 12:00 UTC"),
    "expired this second": (lasting(90, age=90), Outcome.FAIL, "expired 0 s ago"),
    "not yet valid": (lasting(90, age=-3), Outcome.FAIL, "it begins in 3 days"),
    "begins as it is looked at": (lasting(90, age=0), Outcome.PASS, "100%"),
    "backwards": (lasting(-1, age=0), Outcome.FAIL, "ends before it begins"),
    "no time at all": (lasting(0, age=0), Outcome.FAIL, "ends before it begins"),
    "200 days since March 2026": (lasting(200, age=10), Outcome.PASS, ""),
    "400 days": (lasting(400, age=10), Outcome.FAIL, "lives 400 days, more than the 200 days"),
    "398 days before March 2026": (lasting(398, age=300), Outcome.PASS, ""),
}


@pytest.mark.parametrize(("leaf", "outcome", "summary"), CURRENT.values(), ids=CURRENT)
def test_certificate_current(leaf: Certificate, outcome: Outcome, summary: str) -> None:
    got = certificate_current(ADDRESS, HOST, chain(leaf), POLICY, Now(AT))
    assert (got.outcome, summary in got.summary) == (outcome, True), got


@pytest.mark.parametrize("expired", ["RSA", "EC"])
def test_of_two_certificates_the_worse_one_counts(expired: str) -> None:
    leaves = {key: lasting(90, age=91 if key == expired else 30, key=key) for key in ("RSA", "EC")}
    got = certificate_current(ADDRESS, HOST, chain(leaves["RSA"], other=chain(leaves["EC"])), POLICY, Now(AT))
    assert (got.outcome, f"(the {expired} certificate, of two)" in got.summary) == (Outcome.FAIL, True), got


def test_two_sound_certificates_pass_as_one_does() -> None:
    one, two = chain(lasting(90, age=30)), chain(lasting(90, age=30), other=chain(lasting(60, age=20, key="EC")))
    judged = [certificate_current(ADDRESS, HOST, served, POLICY, Now(AT)) for served in (one, two)]
    assert judged[0] == judged[1]


@pytest.mark.parametrize(
    ("issued", "days", "outcome"),
    [
        ("2026-03-14", 398, Outcome.PASS),
        ("2026-03-15", 201, Outcome.FAIL),
        ("2027-03-15", 101, Outcome.FAIL),
        ("2027-03-15", 100, Outcome.PASS),
        ("2029-03-15", 48, Outcome.FAIL),
        ("2029-03-15", 47, Outcome.PASS),
    ],
)
def test_the_limit_goes_by_the_date_of_issue(issued: str, days: int, outcome: Outcome) -> None:
    begins = dt.datetime.fromisoformat(issued).replace(tzinfo=dt.UTC)
    leaf = replace(LEAF, not_before=begins, not_after=begins + dt.timedelta(days=days))
    assert certificate_current(ADDRESS, HOST, chain(leaf), POLICY, Now(begins)).outcome is outcome


def test_a_private_ca_may_issue_for_longer_unless_the_profile_says_otherwise() -> None:
    leaf = lasting(800, age=10)
    served = chain(leaf, public=False)
    assert certificate_current(ADDRESS, HOST, served, POLICY, Now(AT)).outcome is Outcome.PASS
    strict = CertificatePolicy(max_lifetime_days=200)
    got = certificate_current(ADDRESS, HOST, served, strict, Now(AT))
    assert (got.outcome, got.fix) == (Outcome.FAIL, "Have it reissued, for at most 200 days.")
    too_long = chain(lasting(830, age=10), public=False)
    assert certificate_current(ADDRESS, HOST, too_long, POLICY, Now(AT)).outcome is Outcome.FAIL


def test_a_managed_edge_chooses_lifetimes_by_itself_but_must_not_let_them_end() -> None:
    assert certificate_current(ADDRESS, EDGE, chain(lasting(400, age=10)), POLICY, Now(AT)).outcome is Outcome.WARN
    assert certificate_current(ADDRESS, EDGE, chain(lasting(90, age=91)), POLICY, Now(AT)).outcome is Outcome.FAIL


STRONG: dict[str, tuple[ServedChain, Outcome, str]] = {
    "as it should be": (chain(), Outcome.PASS, "RSA 2048, signed with SHA256"),
    "P-256": (chain(replace(LEAF, key="EC", key_bits=256, curve="P-256")), Outcome.PASS, "EC P-256"),
    "P-521": (chain(replace(LEAF, key="EC", key_bits=521, curve="P-521")), Outcome.FAIL, "EC P-521, and browsers"),
    "Ed25519": (chain(replace(LEAF, key="Ed25519", key_bits=256)), Outcome.FAIL, "Ed25519, and browsers take RSA"),
    "RSA 1024": (chain(replace(LEAF, key_bits=1024)), Outcome.FAIL, "RSA 1024, and browsers take RSA of 2048"),
    "a key of no known kind": (chain(replace(LEAF, key="1.2.3", key_bits=0)), Outcome.FAIL, "key of 1.2.3, and"),
    "signed with Ed25519": (chain(replace(LEAF, signature_hash="")), Outcome.FAIL, "signed with Ed25519 or Ed448"),
    "SHA-224": (chain(replace(LEAF, signature_hash="sha224")), Outcome.FAIL, "SHA224, which browsers do not take"),
    "a key that may not sign": (chain(replace(LEAF, signs=False)), Outcome.FAIL, "lacks digitalSignature"),
    "a short key above": (
        chain(path=(LEAF, replace(INTERMEDIATE, key_bits=1024), ROOT)),
        Outcome.FAIL,
        "leads over CN=R11,O=Let's Encrypt, which has a key of RSA 1024",
    ),
    "P-521 above": (
        chain(path=(LEAF, replace(INTERMEDIATE, key="EC", key_bits=521, curve="P-521"), ROOT)),
        Outcome.PASS,
        "",
    ),
    "SHA-1 that nobody uses": (
        chain(certificates=(LEAF, INTERMEDIATE, replace(INTERMEDIATE, signature_hash="sha1"))),
        Outcome.PASS,
        "",
    ),
    "SHA-1": (chain(replace(LEAF, signature_hash="sha1")), Outcome.FAIL, "CN=api.example.com is signed with SHA1"),
    "SHA-1 above": (
        chain(path=(LEAF, replace(INTERMEDIATE, signature_hash="sha1"), ROOT)),
        Outcome.FAIL,
        "R11,O=Let's Encrypt is signed with SHA1",
    ),
    "SHA-1 at a root": (
        chain(path=(LEAF, INTERMEDIATE, replace(ROOT, signature_hash="sha1"))),
        Outcome.PASS,
        "",
    ),
    "no serverAuth": (chain(replace(LEAF, server_auth=False)), Outcome.FAIL, "lacks serverAuth"),
    "one SCT": (chain(replace(LEAF, scts=1)), Outcome.FAIL, "has 1 SCTs, 2 are required"),
    "two SCTs for 200 days": (chain(lasting(200, age=1)), Outcome.FAIL, "has 2 SCTs, 3 are required"),
    "no SCT of a private CA": (chain(replace(LEAF, scts=0), public=False), Outcome.PASS, ""),
    "must-staple, stapled": (
        chain(replace(LEAF, must_staple=True, ocsp=("http://o",)), staple=Staple(StapleStanding.GOOD)),
        Outcome.PASS,
        "",
    ),
    "must-staple, not stapled": (
        chain(replace(LEAF, must_staple=True, ocsp=("http://o",))),
        Outcome.FAIL,
        "none came with it",
    ),
    "must-staple, no responder": (
        chain(replace(LEAF, must_staple=True)),
        Outcome.FAIL,
        "has no OCSP responder",
    ),
}


@pytest.mark.parametrize(("served", "outcome", "summary"), STRONG.values(), ids=STRONG)
def test_certificate_strong(served: ServedChain, outcome: Outcome, summary: str) -> None:
    got = certificate_strong(ADDRESS, HOST, served)
    assert (got.outcome, summary in got.summary) == (outcome, True), got


def test_what_a_managed_edge_chooses_warns() -> None:
    assert certificate_strong(ADDRESS, EDGE, chain(replace(LEAF, scts=0))).outcome is Outcome.WARN


@pytest.mark.parametrize(
    ("issuers", "outcome"),
    [
        ((), Outcome.NA),
        (("Let's Encrypt",), Outcome.PASS),
        (("let's encrypt", "Amazon"), Outcome.PASS),
        (("R11",), Outcome.PASS),
        (("Amazon",), Outcome.WARN),
        (("Let's",), Outcome.WARN),
    ],
)
def test_issuer_expected(issuers: tuple[str, ...], outcome: Outcome) -> None:
    got = issuer_expected(ADDRESS, chain(), CertificatePolicy(issuers=issuers))
    assert got.outcome is outcome, got


def test_an_issuer_without_a_name_is_not_expected() -> None:
    nobody = replace(LEAF, issuer_name="", issuer_organisation="")
    got = issuer_expected(ADDRESS, chain(nobody), CertificatePolicy(issuers=("Amazon",)))
    assert got.summary == "issued by a CA without a name, not by Amazon"
