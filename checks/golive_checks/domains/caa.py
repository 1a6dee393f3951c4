"""Do the CAA records let the served certificates' authority issue again?"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from golive import Settings, Verdict, check, verdict
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.dns.caa import Caa, CaaLevel, CaaSet
from golive_checks.systems.tls.facts import ServedChain

UNDERSTOOD = frozenset({"issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"})
"""Properties that authorities know (IANA, "Certification Authority Restriction Properties")."""

AMAZON = ("amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com")
"""ACM issues where any of these is named (AWS Certificate Manager user guide, "Configure a CAA record")."""
SECTIGO = ("sectigo.com", "comodoca.com", "comodo.com", "usertrust.com", "trust-provider.com")
"""What Sectigo recognises (sectigo.com, knowledge base, "CAA Record")."""
DIGICERT = ("digicert.com", "www.digicert.com", "geotrust.com", "rapidssl.com", "thawte.com", "symantec.com")
"""What DigiCert recognises for its brands (docs.digicert.com, "DNS CAA resource record check")."""

ISSUERS: Mapping[str, tuple[str, ...]] = {
    "actalis": ("actalis.it",),
    "amazon": AMAZON,
    "asseco": ("certum.pl", "certum.eu"),
    "buypass": ("buypass.com", "buypass.no"),
    "certsign": ("certsign.ro",),
    "comodo": SECTIGO,
    "digicert": DIGICERT,
    "entrust": ("entrust.net",),
    "gandi": SECTIGO,
    "geotrust": DIGICERT,
    "globalsign": ("globalsign.com",),
    "godaddy": ("godaddy.com", "starfieldtech.com"),
    "google trust services": ("pki.goog",),
    "harica": ("harica.gr",),
    "hellenic academic": ("harica.gr",),
    "identrust": ("identrust.com",),
    "internet security research group": ("letsencrypt.org",),
    "let's encrypt": ("letsencrypt.org",),
    "microsoft": ("microsoft.com",),
    "sectigo": SECTIGO,
    "ssl corp": ("ssl.com",),
    "starfield": ("starfieldtech.com", "godaddy.com"),
    "swisssign": ("swisssign.com",),
    "telesec": ("telesec.de",),
    "thawte": DIGICERT,
    "trustasia": ("trustasia.com",),
    "zerossl": SECTIGO,
}
"""CAA names by how the organisation in a certificate's issuer begins, in lower case (CCADB, "CAA identifiers")."""

DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
ISSUER_PARAMETER = re.compile(r"[A-Za-z0-9]+\s*=\s*[\x21-\x3a\x3c-\x7e]*")


class CaaPolicy(Settings):
    """The certificate authorities in use, beyond those that golive knows."""

    home: ClassVar[str] = "domains.caa"

    issuers: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """CAA names of an authority, by the organisation in its certificates' issuer: `"Our CA": [ca.example.com]`."""


@dataclass(frozen=True)
class Permit:
    """Whom an `issue` or `issuewild` property permits (nobody: an empty name), and under which conditions."""

    issuer: str
    conditions: tuple[str, ...] = ()


def permit(record: Caa) -> Permit:
    """Read an `issue` or `issuewild` property. One that is malformed permits nobody (RFC 8659, section 4.2)."""
    issuer, *parameters = (part.strip() for part in record.value.split(";"))
    given = tuple(parameter for parameter in parameters if parameter)
    sound = (not issuer or DOMAIN.fullmatch(issuer.lower())) and all(ISSUER_PARAMETER.fullmatch(one) for one in given)
    return Permit(issuer.lower(), given) if sound else Permit("")


def names_of(organisation: str, ask: CaaPolicy) -> tuple[str, ...]:
    """Tell by which CAA names an authority is permitted; none where neither the profile nor golive knows."""
    if organisation in ask.issuers:
        return tuple(name.lower() for name in ask.issuers[organisation])
    known = organisation.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return next((names for start, names in ISSUERS.items() if known.startswith(start)), ())


@check("dns.caa-permits-renewal")
def caa_permits_renewal(host: Host, caa: CaaSet, served: Mapping[Address, ServedChain], ask: CaaPolicy) -> Verdict:
    """The CAA records let the served certificate's authority issue it again.

    Why: CAA binds on the day of issue, not before: records that name another authority leave today's certificate
    working, and its renewal fails weeks later, when nobody remembers the change. Without any, every authority on
    earth may issue for the host.

    Fix: Add `issue "<the authority's CAA name>"` (or `issuewild` for a wildcard) where the records stand; for a
    private authority, name it under domains.caa.issuers.

    Source: RFC 8659, sections 3 and 4; RFC 8657 for accounturi and validationmethods
    """
    fails: dict[str, None] = {}
    warns: dict[str, None] = {}
    evidence: dict[str, None] = {}
    for chain in (each for chains in served.values() for each in chains.both):
        organisation = chain.issuer_organisation
        base, wildcard = _covering(host.name, chain.leaf.names)
        level = caa.relevant(base)
        if level is None:
            warns[f"no CAA record at {base} or above it: any authority may issue for it"] = None
            continue
        evidence.update(dict.fromkeys(f'{level.name} CAA {r.tag} "{r.value}"' for r in level.records))
        permits = _permits(level, wildcard=wildcard)
        names = names_of(organisation, ask)
        named = [p for p in permits or () if p.issuer in names]
        strange = [r.tag for r in level.records if r.critical and r.tag not in UNDERSTOOD]
        who = organisation or "an authority without a name"
        if strange:
            fails[f"renewal will fail: CAA property {strange[0]!r} at {level.name} is critical and unknown"] = None
        elif permits is None:
            warns[f"the CAA records at {level.name} restrict nobody: any authority may issue for it"] = None
        elif not any(p.issuer for p in permits):
            fails[f"renewal will fail: the CAA records at {level.name} permit nobody to issue"] = None
        elif not names:
            warns[f"it is not known by which CAA name {who} is permitted (domains.caa.issuers)"] = None
        elif not named:
            others = ", ".join(sorted({p.issuer for p in permits if p.issuer}))
            fails[f"renewal will fail: {who} ({names[0]}) may not issue, the CAA at {level.name} names {others}"] = None
        elif all(p.conditions for p in named):
            bound = ", ".join(named[0].conditions)
            evidence[f"bound to {bound}: see that whoever renews meets that"] = None
    issuers = ", ".join(sorted({chain.issuer_organisation for chain in served.values()}))
    return verdict([*fails], [*warns], ok=f"{issuers} may issue again", evidence=[*evidence])


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
