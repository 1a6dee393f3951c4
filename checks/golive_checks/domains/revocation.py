"""Has a certificate that is served been revoked?"""

from golive import Severity, Verdict, check, failed, not_applicable, passed, warned
from golive_checks.domains.certificates import of_each
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.tls.client.staple import StapleStanding
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
def not_revoked(address: Address, served: ServedChain) -> Verdict:
    """No stapled OCSP response says that a certificate is revoked, and each is sound.

    Why: Browsers refuse a certificate whose staple says that it is revoked. A staple that has expired or is about
    another certificate helps nobody, and Firefox refuses it where the certificate demands one.

    Fix: Revoked: have a new certificate issued with a new key, and find out who had the old one revoked, and why.
    A useless staple: see that the server can reach its CA's responder (nginx: `resolver`, the error log), or switch
    stapling off where the CA has no responder any more: `ssl_stapling off;`.

    Source: RFC 6960, section 4.2; RFC 6066, section 8; RFC 7633
    """
    return of_each(served, _standing)


def _standing(served: ServedChain) -> Verdict:
    staple = served.staple
    if staple is None:
        return not_applicable("no OCSP response is stapled")
    if staple.standing is StapleStanding.REVOKED:
        since = f" on {staple.since:%Y-%m-%d %H:%M} UTC" if staple.since else ""
        return failed(f"was revoked{since}{f' ({staple.reason})' if staple.reason else ''}, says its stapled response")
    until = f", until {staple.until:%Y-%m-%d %H:%M} UTC" if staple.until else ""
    if staple.standing is StapleStanding.GOOD:
        return passed(f"a sound OCSP response is stapled{until}")
    line = f"the stapled OCSP response is of no use: {USELESS[staple.standing]}{until}"
    return failed(line) if served.leaf.must_staple else warned(line)
