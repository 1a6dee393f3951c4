"""Has a certificate that is served been revoked?"""

from golive import Severity, Verdict, check, failed, not_applicable, passed, warned
from golive_checks.domains.certificates import of_each
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.revocation import CaSaid, Revocation
from golive_checks.systems.tls.client.staple import Staple, StapleStanding
from golive_checks.systems.tls.facts import ServedChain

USELESS = {
    StapleStanding.UNKNOWN: "its CA does not know the certificate",
    StapleStanding.GARBLED: "it cannot be parsed",
    StapleStanding.UNSUCCESSFUL: "the responder could not answer",
    StapleStanding.FOREIGN: "it is about another certificate",
    StapleStanding.UNSIGNED: "neither the issuer nor its responder has signed it",
    StapleStanding.EARLY: "its time has not come yet",
    StapleStanding.EXPIRED: "it has expired",
}


@check("tls.not-revoked", severity=Severity.CRITICAL)
def not_revoked(address: Address, served: ServedChain, asked: Revocation) -> Verdict:
    """No certificate is revoked, by the stapled response or, without one, by its CA; a stapled response is valid.

    Why: Browsers refuse a certificate whose staple says that it is revoked, and those that keep lists of revoked
    certificates refuse it without one. A staple that has expired or is about another certificate helps nobody, and
    Firefox refuses it where the certificate demands one.

    Fix: Revoked: have a new certificate issued with a new key, and find out who had the old one revoked, and why. A
    useless staple: make sure that the server can reach its CA's responder (nginx: `resolver`, the error log), or turn
    stapling off if the CA no longer has a responder: `ssl_stapling off;`.

    Source: RFC 6960, section 4.2; RFC 6066, section 8; RFC 7633; RFC 5280, section 5
    """
    return of_each(served, lambda chain: _standing(chain, asked.of.get(chain.leaf.fingerprint)))


def _standing(served: ServedChain, asked: CaSaid | None) -> Verdict:
    staple, asked_for = served.staple, asked.said if asked else None
    if asked_for and asked and asked_for.standing is StapleStanding.REVOKED:
        return failed(f"{_revoked(asked_for)}, says {asked.by}")
    if staple is None:
        return _unstapled(asked)
    if staple.standing is StapleStanding.REVOKED:
        return failed(f"{_revoked(staple)}, says its stapled response")
    until = f", until {staple.until:%Y-%m-%d %H:%M} UTC" if staple.until else ""
    if staple.standing is StapleStanding.GOOD:
        return passed(f"a sound OCSP response is stapled{until}")
    line = f"the stapled OCSP response is useless: {USELESS[staple.standing]}{until}"
    return failed(line) if served.leaf.must_staple else warned(line)


def _unstapled(asked: CaSaid | None) -> Verdict:
    if asked is None:
        return not_applicable("no OCSP response is stapled, and no responder or CRL is named that may be asked")
    if asked.said:
        return passed(f"not revoked, says {asked.by}", *asked.troubles)
    return warned(f"whether it was revoked is not known: {asked.troubles[0]}", *asked.troubles[1:])


def _revoked(said: Staple) -> str:
    since = f" on {said.since:%Y-%m-%d %H:%M} UTC" if said.since else ""
    return f"was revoked{since}{f' ({said.reason})' if said.reason else ''}"
