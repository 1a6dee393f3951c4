"""Which versions of TLS do the hosts speak, and with which cipher suites?"""

from collections.abc import Iterable
from dataclasses import replace

from golive import Unavailable, Verdict, check, failed, passed, unknown, verdict, warned
from golive_checks.domains.keys import BROWSERS_TAKE, browsers_take, key_of
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.tls.client.answer import HelloAnswer, HelloOutcome
from golive_checks.systems.tls.client.offers import BROWSERS, group_name
from golive_checks.systems.tls.client.suites import BROKEN, family, name_of
from golive_checks.systems.tls.facts import CipherSuites, ModernVersions, OldVersions, ServedChain, TakenSuites

MIN_DH_BITS = 2048
"""https://ssl-config.mozilla.org/guidelines/6.0.json, `dh_param_size`; 1024 bits are in reach (https://weakdh.org)."""


@check("tls.old-versions-refused")
def old_versions_refused(address: Address, seen: OldVersions, modern: ModernVersions | Unavailable) -> Verdict:
    """Every address refuses SSLv2, SSLv3, TLS 1.0 and TLS 1.1.

    Why: Their weaknesses are practical (DROWN, POODLE, BEAST) and no client of the last ten years needs them; card
    schemes (PCI DSS) do not allow them.

    Fix: nginx: `ssl_protocols TLSv1.2 TLSv1.3;`. AWS: a security policy of 2021 or later. Cloudflare: minimum TLS
    version 1.2.

    Source: RFC 8996 (TLS 1.0, 1.1); RFC 7568 (SSLv3); RFC 6176 (SSLv2)
    """
    accepted = [version for version, answer in seen.answers.items() if answer.seen is HelloOutcome.ACCEPTED]
    broken = [version for version, answer in seen.answers.items() if answer.seen is HelloOutcome.BROKEN]
    if isinstance(modern, Unavailable) and not accepted and not broken:
        return unknown(modern.reason, fix=modern.fix)  # who was not seen to speak TLS was not seen to refuse its past
    return verdict(
        [f"{version} is accepted" for version in accepted],
        [f"{version} is switched on, and breaks with the alert internal_error" for version in broken],
        ok=f"{', '.join(seen.answers)} are refused",
        evidence=[f"{version}: {_how(answer)}" for version, answer in seen.answers.items()],
    )


@check("tls.modern-versions-offered")
def modern_versions_offered(address: Address, seen: ModernVersions, served: ServedChain | Unavailable) -> Verdict:
    """Every address offers TLS 1.2 or 1.3 in a form that browsers support, preferably both.

    Why: Clients of today speak nothing older than TLS 1.2, and browsers offer few groups, suites and kinds of key: with
    X448, DHE or an Ed25519 certificate alone, a server talks to OpenSSL's own client and to no browser. TLS 1.3 saves a
    round trip on every connection, which is noticeable on mobile networks, and drops everything that was broken in TLS
    1.2.

    Fix: nginx: `ssl_protocols TLSv1.2 TLSv1.3;` with OpenSSL 1.1.1 or later, and
    `ssl_ecdh_curve X25519:prime256v1:secp384r1;`, with X25519MLKEM768 before them from OpenSSL 3.5 on.

    Source: RFC 8446; RFC 9325, section 3.1.1; https://ssl-config.mozilla.org/guidelines/6.0.json, `intermediate`
    """
    offered = [version for version, answer in seen.answers.items() if answer.seen is HelloOutcome.ACCEPTED]
    evidence = [f"{version}: {_how(answer)}" for version, answer in seen.answers.items()]
    if seen.browsers.seen is not HelloOutcome.ACCEPTED:
        evidence += [f"{version}, everything offered: {_how(answer)}" for version, answer in seen.wide.items()]
        return failed(_refuses_browsers(seen, served), *evidence)
    if "TLS 1.3" not in offered:
        return warned("TLS 1.2 is the best that it offers, not TLS 1.3", *evidence)
    agreed = f", keys by {group_name(seen.browsers.group)}" if seen.browsers.group else ""
    return passed(f"offers {' and '.join(offered)}{agreed}", *evidence)


def _refuses_browsers(seen: ModernVersions, served: ServedChain | Unavailable) -> str:
    """Say why no browser gets in, by what the address takes instead."""
    taken = [answer for answer in reversed(tuple(seen.wide.values())) if answer.seen is HelloOutcome.ACCEPTED]
    if not taken and seen.answers["TLS 1.2"].seen is not HelloOutcome.ACCEPTED:
        return "neither TLS 1.2 nor TLS 1.3 is accepted"
    how = f"refuses browsers ({seen.browsers.how})"
    for answer in taken:
        if answer.group and answer.group not in BROWSERS.groups:
            offer = ", ".join(group_name(group) for group in BROWSERS.groups)
            return f"{how}: it agrees on keys by {group_name(answer.group)}, and browsers offer {offer}"
        if answer.suite not in BROWSERS.suites:
            return f"{how}: it accepts {name_of(answer.suite)}, which browsers do not offer"
    if seen.answers["TLS 1.2"].seen is HelloOutcome.ACCEPTED:
        return f"{how}, although it accepts TLS 1.2 if the client offers nothing else"
    if isinstance(served, ServedChain) and not browsers_take(served.leaf):
        return f"{how}: its certificate has a key of {key_of(served.leaf)}, and browsers take {BROWSERS_TAKE}"
    return f"{how}, although it accepts a hello that offers more"


def _how(answer: HelloAnswer) -> str:
    return f"accepted, {name_of(answer.suite)}" if answer.suite else answer.how or answer.seen.value


@check("tls.ciphers-strong")
def ciphers_strong(host: Host, seen: CipherSuites) -> Verdict:
    """No host accepts a broken cipher suite, or prefers an outdated one.

    Why: A suite without secrecy or identity, of export grade, or with RC4, DES or 3DES can be decrypted by a patient
    attacker on the way. Static RSA lets whoever gets the key later read what was recorded today; CBC suites have a
    history of padding oracles; no browser offers DHE. Compression gives away cookies (CRIME).

    Fix: Use Mozilla's intermediate list (https://ssl-config.mozilla.org): nginx: `ssl_ciphers` with its ECDHE suites
    with AES-GCM and ChaCha20, and nothing else.

    Source: RFC 9325, section 4; https://ssl-config.mozilla.org/guidelines/6.0.json, `intermediate`
    """
    found = [_defects(taken) for taken in seen.taken.values()]
    fails = _each_once(fail for fails, _ in found for fail in fails)
    warns = _each_once(warn for _, warns in found for warn in warns)
    preferred = {name_of(taken.preferred) for taken in seen.taken.values() if taken.preferred}
    liked = f"prefers {' or '.join(sorted(preferred))}"
    if host.managed_edge:  # which suites it takes is that company's choice, or a paid extra
        fails, warns = [], [*fails, *warns]
    judged = verdict(
        fails,
        warns,
        ok=f"TLS 1.2 accepts no broken or outdated suite, and {liked}" if preferred else "TLS 1.2 is not offered",
        evidence=[f"{ip}: {_words(taken)}" for ip, taken in seen.taken.items()],
    )
    return replace(judged, unseen=seen.unseen)


def _defects(taken: TakenSuites) -> tuple[list[str], list[str]]:
    """List what fails and what warns about one address."""
    fails = [f"{word} is offered ({name_of(suite)})" for word, suite in taken.old.items() if word in BROKEN]
    warns = [f"{word} is offered ({name_of(suite)})" for word, suite in taken.old.items() if word not in BROKEN]
    if word := family(taken.preferred):
        fails.append(f"{word} is preferred to anything better ({name_of(taken.preferred)})")
    if 0 < taken.dh_bits < MIN_DH_BITS:
        fails.append(f"the Diffie-Hellman group has {taken.dh_bits} bits, at least {MIN_DH_BITS} are required")
    if taken.compresses:
        fails.append("TLS compression is on")
    if not taken.renegotiates_securely:
        warns.append("secure renegotiation (RFC 5746) is not supported")
    return fails, warns


def _words(taken: TakenSuites) -> str:
    order = {True: "the client's order", False: "its own order", None: ""}[taken.follows_client]
    parts = [
        f"prefers {name_of(taken.preferred)}" if taken.preferred else "no TLS 1.2",
        *(f"{word}: {name_of(suite)}" for word, suite in taken.old.items()),
        *([order] if order else []),
        *([f"Diffie-Hellman of {taken.dh_bits} bits"] if taken.dh_bits else []),
    ]
    return ", ".join(parts)


def _each_once(lines: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(lines))
