"""Is a domain registered for long enough, and kept from being taken away?"""

import datetime as dt
from typing import ClassVar

from pydantic import Field

from golive import Now, Settings, Severity, Verdict, check, failed, unknown, verdict
from golive_checks.systems.http.registration import DomainRecord, Registration

HELD = {
    "client hold": "its registrar has taken it out of the DNS",
    "server hold": "its registry has taken it out of the DNS",
    "inactive": "its registry has no name servers for it",
    "pending delete": "it is about to be deleted",
    "redemption period": "it was deleted, and can be bought back for some weeks",
    "pending restore": "it was deleted, and is being restored",
}
"""Statuses with which a domain does not resolve, or soon will not (https://icann.org/epp)."""
RENEWED = "auto renew period"
LOCKS = frozenset({"client transfer prohibited", "server transfer prohibited"})


class RegistrationPolicy(Settings):
    """How long registrations must last."""

    home: ClassVar[str] = "domains.registration"

    warn_left_days: float = Field(default=45, ge=0)
    """Registrars remind a month ahead: warn before their mail may have been lost."""
    fail_left_days: float = Field(default=14, ge=0)
    """Fail when less is left."""


@check("dns.registration-lasts", severity=Severity.CRITICAL)
def registration_lasts(registration: Registration, seen: DomainRecord, ask: RegistrationPolicy, now: Now) -> Verdict:
    """The domain stays registered, resolves by its registry's word, and cannot be transferred unasked.

    Why: A card that expired, or a mailbox that nobody reads any more, ends the site, its mail and its certificates on
    one day. A registrar's hold takes the domain out of the DNS at once. Without a transfer lock, whoever gets into the
    registrar's account or forges a letter carries the domain away.

    Fix: Renew it at the registrar, switch on automatic renewal with two ways to pay, and the transfer lock; ask the
    registrar why a hold was set (an address that was never confirmed, most often).

    Source: RFC 9083; RFC 8056 and https://icann.org/epp for the statuses
    """
    if not seen.found:
        return failed(f"{registration.domain} is not registered, says {seen.server}")
    fails = [f"{registration.domain} is in {status}: {HELD[status]}" for status in seen.statuses if status in HELD]
    warns = list[str]()
    if seen.expires:
        left = (seen.expires - now.at) / dt.timedelta(days=1)
        ends = f"{registration.domain} expires in {left:.0f} days, on {seen.expires:%Y-%m-%d}"
        if left <= 0:
            fails.append(f"{registration.domain} expired {-left:.0f} days ago, on {seen.expires:%Y-%m-%d}")
        elif left < ask.fail_left_days:
            fails.append(f"{ends}; {ask.fail_left_days:g} are asked for")
        elif left < ask.warn_left_days:
            warns.append(f"{ends}; {ask.warn_left_days:g} are asked for")
    if RENEWED in seen.statuses:
        warns.append(f"{registration.domain} was renewed by its registry alone: the registrar may still let it go")
    if not LOCKS.intersection(seen.statuses):
        warns.append(f"{registration.domain} has no transfer lock")
    evidence = [f"{seen.server}: {', '.join(seen.statuses) or 'no status'}"]
    if not seen.expires:
        if not fails:
            dark = f"{registration.domain} is registered, but its registry does not say until when"
            return unknown(
                dark, *evidence, *warns, fix="See the registrar's own page, and waive this with what it says."
            )
        return verdict(fails, warns, ok="", evidence=evidence)
    until = f"{registration.domain} is registered until {seen.expires:%Y-%m-%d}"
    return verdict(fails, warns, ok=until, evidence=evidence)
