"""Will every client accept the certificates that the hosts serve, and for long enough?"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from golive import (
    Now,
    Outcome,
    Settings,
    Severity,
    Verdict,
    check,
    not_configured,
    passed,
    verdict,
    warned,
)
from golive.wording import duration, percent
from golive_checks.dated import table
from golive_checks.domains.keys import BROWSERS_TAKE, browsers_take, browsers_take_ca, key_of
from golive_checks.domains.trust import obstacle, oddity, remedy
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.tls.client.certificates import Certificate
from golive_checks.systems.tls.facts import ServedChain

_LIFETIMES = table("certificates").facts
PUBLIC_MAX_DAYS: Mapping[dt.date, int] = {each["from"]: each["days"] for each in _LIFETIMES["public_max_days"]}
"""How long a public certificate may live, by the day from which it is issued, latest first."""
PRIVATE_MAX_DAYS: int = _LIFETIMES["private_max_days"]

BROKEN_HASHES = frozenset({"md5", "sha1"})
"""Collisions have been made: https://shattered.io for SHA-1, RFC 6151 for MD5."""
SOUND_HASHES = frozenset(table("browsers").facts["hashes"])
LONG_LIVED = dt.timedelta(days=180)
"""Up to this lifetime Firefox and Chrome want two SCTs, beyond it three
(https://wiki.mozilla.org/SecurityEngineering/Certificate_Transparency)."""


class CertificatePolicy(Settings):
    """How fresh certificates must be, and who may have issued them."""

    home: ClassVar[str] = "domains.certificate"

    warn_left_fraction: float = Field(default=0.2, ge=0, le=1)
    """Warn when less of the lifetime is left. AWS Certificate Manager renews with 22.7% left, certbot with 33%."""
    fail_left_fraction: float = Field(default=0.1, ge=0, le=1)
    """Fail when less of the lifetime is left: by then, renewal has failed more than once."""
    max_lifetime_days: int | None = Field(default=None, ge=1)
    """The longest lifetime. Unset: the CA/B Forum's limit by the date of issue for a public CA, 825 days for others."""
    issuers: tuple[str, ...] = ()
    """The CAs that are meant to issue: organisations (`Let's Encrypt`) or common names, as the certificate has them."""


WORSE = (Outcome.NA, Outcome.PASS, Outcome.WARN, Outcome.FAIL)


def of_each(served: ServedChain, judge: Callable[[ServedChain], Verdict]) -> Verdict:
    """Judge an address that has both an RSA and an ECDSA certificate by the worse of the two: clients meet either."""
    verdicts = [judge(chain) for chain in served.both]
    worst = max(verdicts, key=lambda each: WORSE.index(each.outcome))
    if worst.outcome in {Outcome.NA, Outcome.PASS} or len(verdicts) == 1:
        return verdicts[0]
    key = served.both[verdicts.index(worst)].leaf.key
    return replace(worst, summary=f"{worst.summary} (the {key} certificate, of two)")


@check("tls.certificate-trusted", severity=Severity.CRITICAL)
def certificate_trusted(address: Address, host: Host, served: ServedChain) -> Verdict:
    """Every address serves a complete chain to a trusted root, for the host's name.

    Why: A browser refuses a certificate that it cannot trace to a root it trusts, or that is for another name; a
    payment provider that calls a webhook refuses it, and nobody sees that. Desktop browsers fetch a missing
    intermediate or have it cached, so the defect shows only on phones, in curl and in Node.

    Fix: Serve the full chain, leaf first and then its intermediates (certbot: fullchain.pem), of a certificate that
    names the host, on every machine behind the name.

    Source: RFC 5280, section 6; RFC 9525, section 6.3 (only the subject alternative names count)
    """
    return of_each(served, lambda chain: _trusted(chain, host, address.ip))


def _trusted(served: ServedChain, host: Host, ip: str) -> Verdict:
    leaf = served.leaf
    fails = [obstacle(served.broken)] if served.broken else []
    fix = remedy(served.broken) if served.broken else ""
    if not any(_names(name, host.name) for name in leaf.names):
        listed = ", ".join(leaf.names[:5]) or "no host at all"
        fails.append(f"the certificate is for {listed}, not for {host.name}")
        fix = fix or f"Have a certificate issued that names {host.name}, and serve it on {ip} too."
    count = len(served.certificates)
    warns = [oddity(odd, count) for odd in served.oddities]
    if not any(_names(name, host.name) and not name.endswith(".") for name in leaf.names):
        warns.append(f"the certificate has {host.name} with a dot at its end only, which OpenSSL and Go do not match")
    return verdict(
        fails,
        [] if fails else warns,
        ok=f"{count} certificate{'s' * (count > 1)} sent, leading to {served.root}",
        evidence=[f"{n}: {c.subject}, issued by {c.issuer}" for n, c in enumerate(served.certificates)],
        fix=fix,
    )


def _names(pattern: str, host: str) -> bool:
    """Match a name of a certificate: a wildcard stands for one whole label, the first (RFC 9525, section 6.3)."""
    if pattern.startswith("*."):
        return host.partition(".")[2] == pattern[2:] and "." in pattern[2:]
    return pattern.rstrip(".") == host


@check("tls.certificate-current", severity=Severity.CRITICAL)
def certificate_current(address: Address, host: Host, served: ServedChain, ask: CertificatePolicy, now: Now) -> Verdict:
    """Every certificate is valid, with enough of its lifetime left, and lives no longer than clients allow.

    Why: An expired certificate takes the whole site down for everyone at once. Renewal is automatic until the day that
    it is not; the share of the lifetime that is left distinguishes a failed renewal from one not yet due, for
    certificates of a year as for those of six days. Browsers refuse a public certificate that lives too long.

    Fix: Renew now, then find out why it did not happen automatically: `certbot renew --dry-run`, the CAA records, the
    ACME challenge's path or DNS record, the reload of the server afterwards.

    Source: CA/B Forum, ballot SC-081v3
    """
    return of_each(served, lambda chain: _current(chain, host, ask, now))


def _current(served: ServedChain, host: Host, ask: CertificatePolicy, now: Now) -> Verdict:
    leaf = served.leaf
    lifetime, left = leaf.not_after - leaf.not_before, leaf.not_after - now.at
    fraction = left / lifetime if lifetime > dt.timedelta() else 0
    share = f"{percent(fraction)} of its {duration(lifetime)}"
    fails, warns, fix = list[str](), list[str](), ""
    if lifetime <= dt.timedelta():
        fails.append(f"ends before it begins: {leaf.not_before:%Y-%m-%d} to {leaf.not_after:%Y-%m-%d}")
    elif left <= dt.timedelta():
        fails.append(f"expired {duration(-left)} ago, on {leaf.not_after:%Y-%m-%d %H:%M} UTC")
    elif leaf.not_before > now.at:
        wait = duration(leaf.not_before - now.at)
        fails.append(f"is not valid yet: it begins in {wait}, on {leaf.not_before:%Y-%m-%d %H:%M} UTC")
    elif fraction < ask.fail_left_fraction:
        fails.append(f"expires in {duration(left)}: {share} is left, at least {percent(ask.fail_left_fraction)}")
    elif fraction < ask.warn_left_fraction:
        warns.append(f"expires in {duration(left)}: {share} is left, at least {percent(ask.warn_left_fraction)}")
    limit = ask.max_lifetime_days or _max_days(leaf, public=served.public)
    if lifetime > dt.timedelta(days=limit):
        too_long = f"lives {duration(lifetime)}, more than the {limit} days that it may"
        fix = "" if fails or warns else f"Have it reissued, for at most {limit} days."
        # On a managed edge the provider chooses the certificates, not the owner of the host.
        (warns if host.managed_edge else fails).append(too_long)
    return verdict(fails, warns, ok=f"expires in {duration(left)} ({share} left)", fix=fix)


def _max_days(leaf: Certificate, *, public: bool) -> int:
    if not public:
        return PRIVATE_MAX_DAYS
    issued = leaf.not_before.date()
    return next((days for since, days in PUBLIC_MAX_DAYS.items() if issued >= since), PRIVATE_MAX_DAYS)


@check("tls.certificate-strong")
def certificate_strong(address: Address, host: Host, served: ServedChain) -> Verdict:
    """Every certificate in the chain has a key and a signature that browsers accept, and is logged if it must be.

    Why: A short RSA key can be factored and a SHA-1 signature forged; clients refuse both, in the leaf and in the CAs
    above it. Browsers accept RSA and two curves, but not Ed25519. All clients refuse a certificate without serverAuth,
    and browsers one whose key may not sign. Chrome, Safari and Firefox refuse a public certificate that is in no
    transparency log.

    Fix: Have it reissued with an RSA key of 2048 bits or a P-256 key, signed with SHA-256, with digitalSignature in its
    key usage, for server authentication, by a CA that logs it.

    Source: https://ssl-config.mozilla.org/guidelines/6.0.json; RFC 5280, section 4.2.1.3; RFC 6962; RFC 7633
    """
    return of_each(served, lambda chain: _strong(chain, host))


def _strong(served: ServedChain, host: Host) -> Verdict:
    leaf = served.leaf
    fails = [*_weaknesses(served)]
    if not leaf.server_auth:
        fails.append("may not be used by a server: its extended key usage lacks serverAuth")
    if not leaf.signs:
        fails.append("may not sign the handshake: its key usage lacks digitalSignature, and browsers refuse that")
    wanted = 2 if leaf.not_after - leaf.not_before <= LONG_LIVED else 3
    if served.public and leaf.scts < wanted:
        fails.append(f"is from a public CA and has {leaf.scts} SCTs, {wanted} are required for its lifetime")
    if leaf.must_staple and not leaf.ocsp:
        fails.append("requires a stapled OCSP response, but its CA has no OCSP responder")
    elif leaf.must_staple and not served.staple:
        fails.append("requires a stapled OCSP response, and none came with it")
    # A managed edge chooses its certificates by itself.
    return verdict(
        [] if host.managed_edge else fails,
        fails if host.managed_edge else [],
        ok=f"{key_of(leaf)}, signed with {leaf.signature_hash.upper() or leaf.key}",
    )


def _weaknesses(served: ServedChain) -> Iterator[str]:
    """List keys and signatures of the path that clients refuse; a root counts by its key, not by its own signature."""
    leaf, path = served.leaf, served.path or served.certificates[:1]
    if not browsers_take(leaf):
        yield f"has a key of {key_of(leaf)}, and browsers take {BROWSERS_TAKE}"
    for authority in path[1:]:
        if not browsers_take_ca(authority):
            yield f"leads over {authority.subject}, which has a key of {key_of(authority)}"
    for signed in path[:-1] if served.path else path:
        if signed.signature_hash in BROKEN_HASHES:
            yield f"{signed.subject} is signed with {signed.signature_hash.upper()}"
        elif signed.signature_hash not in SOUND_HASHES:
            how = signed.signature_hash.upper() or "Ed25519 or Ed448"
            yield f"{signed.subject} is signed with {how}, which browsers do not take"


@check("tls.issuer-expected", severity=Severity.LOW)
def issuer_expected(address: Address, served: ServedChain, ask: CertificatePolicy) -> Verdict:
    """Every certificate comes from a CA that the profile names.

    Why: A certificate from an unexpected CA is the first sign of a forgotten account that still renews, of a proxy in
    between, or of someone else who controls the name.

    Fix: Find out who had it issued (search for the name at crt.sh), and have it issued by the right CA; or add this CA
    to domains.certificate.issuers.
    """
    if not ask.issuers:
        return not_configured("the profile names no issuers", "domains.certificate.issuers")
    return of_each(served, lambda chain: _expected(chain, ask))


def _expected(served: ServedChain, ask: CertificatePolicy) -> Verdict:
    names = [word for word in (served.issuer_organisation, served.issuer_name) if word]
    if {word.casefold() for word in names} & {issuer.casefold() for issuer in ask.issuers}:
        return passed(f"issued by {names[0]}")
    who = ", ".join(names) or "a CA without a name"
    return warned(f"issued by {who}, not by {' or '.join(ask.issuers)}")
