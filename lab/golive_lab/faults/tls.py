"""What can be wrong with certificates and TLS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from golive_lab.fault import Fault
from golive_lab.world.names import API, APP, SHOP
from golive_lab.world.tls import MOZILLA_INTERMEDIATE, Chain, OldTls, Weak

if TYPE_CHECKING:
    from golive_lab.world import World

TRUSTED, CURRENT, STRONG = "tls.certificate-trusted", "tls.certificate-current", "tls.certificate-strong"
OLD, MODERN, CIPHERS = "tls.old-versions-refused", "tls.modern-versions-offered", "tls.ciphers-strong"
REVOKED = "tls.not-revoked"
ISSUER, CAA = "tls.issuer-expected", "dns.caa-permits-renewal"

WEAK: tuple[tuple[Weak, str], ...] = (
    ("3des", "with 3DES"),
    ("rc4", "with RC4"),
    ("null", "that encrypt nothing"),
    ("anonymous", "in which the server has no certificate"),
)


def tls(**changes: Any) -> Callable[[World], World]:
    """Change what the edge does in TLS, and nothing else."""
    return lambda world: replace(world, tls=replace(world.tls, **changes))


def shop(**chain: Any) -> Callable[[World], World]:
    """Give the shop another certificate, on both of its addresses."""
    return tls(chains={SHOP: Chain(**chain)})


FAULTS = (
    Fault(
        "tls.self-signed",
        turns_red=TRUSTED,
        title="The shop serves a certificate that has signed itself",
        change=shop(issuer="self"),
        also=(ISSUER, CAA, REVOKED),
    ),
    Fault(
        "tls.stranger",
        turns_red=TRUSTED,
        title="The shop's certificate leads to a root that nobody trusts",
        change=shop(issuer="stranger"),
        also=(REVOKED,),  # nobody is asked about a certificate that leads to no trusted root
    ),
    Fault(
        "tls.missing-intermediate",
        turns_red=TRUSTED,
        title="The shop sends its certificate without the intermediate",
        change=shop(sends_intermediate=False),
        also=(REVOKED,),
    ),
    Fault(
        "tls.wrong-name",
        turns_red=TRUSTED,
        title="The shop serves a certificate for another name",
        change=shop(names=("www.demo.test",)),
    ),
    Fault(
        "tls.addresses-differ",
        turns_red=TRUSTED,
        title="The API's second address still serves the certificate of an old name",
        change=tls(second_address={API: Chain(names=("old.demo.test",))}),
    ),
    Fault(
        "tls.expired",
        turns_red=CURRENT,
        title="The shop's certificate expired yesterday",
        change=shop(age_days=91),
    ),
    Fault(
        "tls.other-key-expired",
        turns_red=CURRENT,
        title="The app's ECDSA certificate expired yesterday, its RSA one did not",
        change=tls(other_key={APP: Chain(key="p-256", age_days=91)}),
    ),
    Fault(
        "tls.not-yet-valid",
        turns_red=CURRENT,
        title="The shop's certificate begins in two days",
        change=shop(age_days=-2),
    ),
    Fault(
        "tls.not-renewed",
        turns_red=CURRENT,
        title="The shop's certificate has 5% of its lifetime left: renewal has failed",
        change=shop(age_days=85.5),
    ),
    Fault(
        "tls.renewal-late",
        turns_red=CURRENT,
        title="The shop's certificate has 15% of its lifetime left: renewal is late",
        change=shop(age_days=76.5),
        outcome="warn",
    ),
    Fault(
        "tls.lives-too-long",
        turns_red=CURRENT,
        title="The shop's certificate lives 400 days",
        change=shop(lifetime_days=400),
    ),
    Fault(
        "tls.short-key",
        turns_red=STRONG,
        title="The shop's certificate has an RSA key of 1024 bits",
        change=shop(key="rsa-1024"),
    ),
    Fault(
        "tls.sha1",
        turns_red=STRONG,
        title="The shop's certificate is signed with SHA-1",
        change=shop(signature="sha1"),
    ),
    Fault(
        "tls.no-server-auth",
        turns_red=STRONG,
        title="The shop's certificate is for clients and not for servers",
        change=shop(server_auth=False),
    ),
    Fault(
        "tls.may-not-sign",
        turns_red=STRONG,
        title="The shop's certificate has a key usage of keyEncipherment alone, which browsers refuse",
        change=shop(signs=False),
    ),
    Fault(
        "tls.must-staple",
        turns_red=STRONG,
        title="The shop's certificate requires a stapled OCSP response, and none is sent",
        change=shop(must_staple=True, staple=""),
    ),
    Fault(
        "tls.revoked",
        turns_red=REVOKED,
        title="The shop's certificate is revoked, says the response that is stapled to it",
        change=shop(staple="revoked"),
        stacks=("real",),  # Python's server staples nothing
    ),
    Fault(
        "tls.staple-expired",
        turns_red=REVOKED,
        title="The response stapled to the shop's certificate has expired",
        change=shop(staple="expired"),
        outcome="warn",
        stacks=("real",),
    ),
    Fault(
        "tls.revoked-says-responder",
        turns_red=REVOKED,
        title="The shop's certificate is revoked, says its authority's responder, and nothing is stapled",
        change=shop(staple="", ca_says="revoked"),
    ),
    Fault(
        "tls.revoked-says-list",
        turns_red=REVOKED,
        title="The shop's certificate names a CRL alone, in which it stands as revoked",
        change=shop(staple="", ca_says="revoked", names_responder=False),
    ),
    Fault(
        "tls.authority-silent",
        turns_red=REVOKED,
        title="Nothing is stapled to the shop's certificate, and neither the responder nor the CRL can be had",
        change=shop(staple="", ca_says="nothing"),
        outcome="warn",
    ),
    Fault(
        "tls.critical-stranger",
        turns_red=TRUSTED,
        title="The shop's certificate has a critical extension that no client knows",
        change=shop(critical_stranger=True),
        also=(REVOKED,),
    ),
    Fault(
        "tls.no-browser",
        turns_red=MODERN,
        title="The shop's only certificate has a key on P-521, for which browsers cannot agree on a signature",
        change=shop(key="p-521"),
        also=(STRONG,),
    ),
    Fault(
        "tls.other-issuer",
        turns_red=ISSUER,
        title="The shop's certificate comes from a CA that the profile does not name",
        change=shop(issuer="other"),
        also=(CAA,),
        outcome="warn",
    ),
    Fault(
        "tls.sslv2",
        turns_red=OLD,
        title="The edge still accepts SSLv2",
        change=tls(front=OldTls(versions=("SSLv2",))),
    ),
    Fault(
        "tls.sslv3",
        turns_red=OLD,
        title="The edge still accepts SSLv3",
        change=tls(front=OldTls(versions=("SSLv3",))),
    ),
    Fault(
        "tls.1.0",
        turns_red=OLD,
        title="The edge still accepts TLS 1.0, with the CBC suites that it needs",
        change=tls(protocols=("TLSv1", "TLSv1.2", "TLSv1.3")),
        also=(CIPHERS,),
    ),
    Fault(
        "tls.1.1",
        turns_red=OLD,
        title="The edge still accepts TLS 1.1, with the CBC suites that it needs",
        change=tls(protocols=("TLSv1.1", "TLSv1.2", "TLSv1.3")),
        also=(CIPHERS,),
    ),
    Fault(
        "tls.1.0-breaks",
        turns_red=OLD,
        title="TLS 1.0 is switched on, and OpenSSL's security level makes it break",
        change=tls(protocols=("TLSv1", "TLSv1.2", "TLSv1.3"), lowers_security=False),
        also=(CIPHERS,),
        outcome="warn",
        stacks=("real",),  # Python's server hangs up where nginx sends the alert
    ),
    Fault(
        "tls.nothing-modern",
        turns_red=MODERN,
        title="The edge speaks TLS 1.1 and nothing better",
        change=tls(protocols=("TLSv1.1",)),
        also=("*",),  # no client of today gets a word out of it
    ),
    Fault(
        "tls.no-1.3",
        turns_red=MODERN,
        title="The edge does not offer TLS 1.3",
        change=tls(protocols=("TLSv1.2",)),
        outcome="warn",
    ),
    Fault(
        "tls.static-rsa",
        turns_red=CIPHERS,
        title="TLS 1.2 has AES128-SHA alone",
        change=tls(ciphers="AES128-SHA"),
    ),
    Fault(
        "tls.cbc",
        turns_red=CIPHERS,
        title="TLS 1.2 has a CBC suite beside the others",
        change=tls(ciphers=f"{MOZILLA_INTERMEDIATE}:ECDHE-RSA-AES128-SHA"),
        outcome="warn",
    ),
    *(
        Fault(
            f"tls.{family}",
            turns_red=CIPHERS,
            title=f"The edge still takes suites {words}",
            change=tls(front=OldTls(ciphers=(family,))),
        )
        for family, words in WEAK
    ),
)
