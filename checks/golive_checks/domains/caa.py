"""Do the CAA records let the served certificates' authority issue again?"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from golive import Now, Settings, Verdict, check, verdict
from golive_checks.dated import table
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.dns.caa import Caa, CaaLevel, CaaSet
from golive_checks.systems.tls.facts import ServedChain

UNDERSTOOD = frozenset({"issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"})
"""Properties that authorities know (IANA, "Certification Authority Restriction Properties")."""

_KNOWN = table("authorities").facts
PARAMETERS_COUNT_FROM: dt.date = _KNOWN["parameters_count_from"]
PARAMETERS_COUNT_AT = frozenset[str](_KNOWN["parameters_count_at"])


@dataclass(frozen=True)
class AuthorityNames:
    """The CAA names that an authority recognises. `partial`: it may recognise others that golive does not know."""

    names: tuple[str, ...] = ()
    partial: bool = False


AUTHORITIES: Mapping[str, AuthorityNames] = {
    start.lower(): AuthorityNames(tuple(each["names"]), each.get("partial", False))
    for each in _KNOWN["authorities"]
    for start in each["organisations"]
}
"""By how the organisation in a certificate's issuer begins, in lower case."""

DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
PARAMETER = re.compile(r"(?i:accounturi|validationmethods)\s*=")
ISSUER_PARAMETER = re.compile(r"[A-Za-z0-9]+\s*=\s*[\x21-\x3a\x3c-\x7e]*")


class CaaPolicy(Settings):
    """The certificate authorities in use, beyond those that golive knows."""

    home: ClassVar[str] = "domains.caa"

    issuers: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """CAA names of an authority, by the organisation in its certificates' issuer: `"Our CA": [ca.example.com]`."""
    warn_days: int = Field(default=180, ge=0)
    """How long before a rule for authorities takes effect golive warns of records that it touches."""


@dataclass(frozen=True)
class Permit:
    """Who an `issue` or `issuewild` property permits (nobody: an empty name), and under which conditions."""

    issuer: str
    conditions: tuple[str, ...] = ()


def permit(record: Caa) -> Permit:
    """Read an `issue` or `issuewild` property. One that is malformed permits nobody (RFC 8659, section 4.2)."""
    issuer, *parameters = (part.strip() for part in record.value.split(";"))
    given = tuple(parameter for parameter in parameters if parameter)
    sound = (not issuer or DOMAIN.fullmatch(issuer.lower())) and all(ISSUER_PARAMETER.fullmatch(one) for one in given)
    return Permit(issuer.lower(), given) if sound else Permit("")


def names_of(organisation: str, ask: CaaPolicy) -> AuthorityNames:
    """Return by which CAA names an authority is permitted; none where neither the profile nor golive knows."""
    if organisation in ask.issuers:
        return AuthorityNames(tuple(name.lower() for name in ask.issuers[organisation]))
    known = organisation.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return next((names for start, names in AUTHORITIES.items() if known.startswith(start)), AuthorityNames())


KINDS = ("fail", "warn", "seen")


@check("dns.caa-permits-renewal")
def caa_permits_renewal(
    host: Host, caa: CaaSet, served: Mapping[Address, ServedChain], ask: CaaPolicy, now: Now
) -> Verdict:
    """The CAA records let the served certificate's authority issue it again.

    Why: CAA binds on the day of issue, not before: records that name another authority leave today's certificate
    working, and its renewal fails weeks later, when nobody remembers the change. Without any CAA record, every
    authority on earth may issue for the host.

    Fix: Add `issue "<the authority's CAA name>"` (or `issuewild` for a wildcard) where the records are; for a private
    authority, name it under domains.caa.issuers.

    Source: RFC 8659, sections 3 and 4; RFC 8657 for accounturi and validationmethods; CA/B Forum, ballot SC-098v2
    """
    found = [
        each for chains in served.values() for chain in chains.both for each in _renewal(host, caa, chain, ask, now)
    ]
    fails, warns, evidence = (list(dict.fromkeys(text for k, text in found if k == kind)) for kind in KINDS)
    issuers = ", ".join(sorted({chain.issuer_organisation for chain in served.values()}))
    return verdict(fails, warns, ok=f"{issuers} may issue again", evidence=evidence)


def _renewal(host: Host, caa: CaaSet, chain: ServedChain, ask: CaaPolicy, now: Now) -> Iterator[tuple[str, str]]:
    """Yield what the records mean for the renewal of a chain's leaf, each with its kind."""
    organisation = chain.issuer_organisation
    base, wildcard = _covering(host.name, chain.leaf.names)
    level = caa.relevant(base)
    if level is None:
        yield "warn", f"no CAA record at {base} or above it: any authority may issue for it"
        return
    yield from (("seen", f'{level.name} CAA {r.tag} "{r.value}"') for r in level.records)
    permits = _permits(level, wildcard=wildcard)
    names = names_of(organisation, ask)
    named = [p for p in permits or () if p.issuer in names.names]
    # RFC 8659, section 4.1: an authority must not issue over a critical property that it does not understand.
    strange = [r.tag for r in level.records if r.critical and r.tag not in UNDERSTOOD]
    who = organisation or "an authority without a name"
    if strange:
        yield "fail", f"renewal will fail: CAA property {strange[0]!r} at {level.name} is critical and unknown"
    # RFC 8659, section 4.2: records without an issue property restrict nothing.
    elif permits is None:
        yield "warn", f"the CAA records at {level.name} restrict nobody: any authority may issue for it"
    elif not any(p.issuer for p in permits):
        yield "fail", f"renewal will fail: the CAA records at {level.name} permit nobody to issue"
    elif not names.names:
        yield "warn", f"it is not known by which CAA name {who} is permitted (domains.caa.issuers)"
    elif not named:
        others = ", ".join(sorted({p.issuer for p in permits if p.issuer}))
        reason = f"{who} ({names.names[0]}) may not issue, the CAA at {level.name} names {others}"
        if names.partial:
            yield "warn", f"{reason}: golive does not know every name of that authority (domains.caa.issuers)"
        else:
            yield "fail", f"renewal will fail: {reason}"
    elif all(p.conditions for p in named):
        yield "seen", f"bound to {', '.join(named[0].conditions)}: make sure that the renewal meets that"
        yield from (("warn", text) for text in _soon(named, now.at.astimezone(dt.UTC).date(), ask.warn_days))


def _soon(named: Sequence[Permit], today: dt.date, warn_days: int) -> Iterator[str]:
    """Yield which parameters an authority must honour soon, and from which day."""
    left = (PARAMETERS_COUNT_FROM - today).days
    if 0 < left <= warn_days and not any(p.issuer in PARAMETERS_COUNT_AT for p in named):
        bound = ", ".join(c for c in named[0].conditions if PARAMETER.match(c))
        if bound:
            yield f"from {PARAMETERS_COUNT_FROM}, in {left} days, {named[0].issuer} must honour {bound}"


def _covering(host: str, names: tuple[str, ...]) -> tuple[str, bool]:
    """Tell for which name an authority looks up CAA to issue this again: the host, or what a wildcard stands below."""
    above = host.partition(".")[2]
    if host not in names and f"*.{above}" in names:
        return above, True
    return host, False


def _permits(level: CaaLevel, *, wildcard: bool) -> tuple[Permit, ...] | None:
    """Read the properties that count: for a wildcard `issuewild`, where there is any. None: no restriction at all."""
    by_tag = {tag: [permit(r) for r in level.records if r.tag == tag] for tag in ("issue", "issuewild")}
    chosen = (by_tag["issuewild"] if wildcard else []) or by_tag["issue"]
    return tuple(chosen) or None
