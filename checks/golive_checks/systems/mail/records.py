"""A domain's mail servers, DKIM keys, DMARC, TLS-RPT and BIMI records, as the DNS has them."""

import asyncio
import re
from dataclasses import dataclass
from typing import Literal

from golive import Fact, probe
from golive_checks.systems.http.client.suffixes import registrable
from golive_checks.systems.mail.client.keys import key_bits
from golive_checks.systems.mail.domain import MailDns, MailDomain, tags_of

KeyTrouble = Literal["", "missing", "several", "syntax", "revoked", "key"]
REPORTS_TO = re.compile(r"mailto:[^@\s,!]{1,200}@([A-Za-z0-9._-]{1,253})(?:!\d{1,12}[kmgt]?)?", re.IGNORECASE)


@dataclass(frozen=True)
class MailServer:
    """One MX record."""

    preference: int
    name: str
    """Empty: the null MX (RFC 7505)."""
    resolves: bool = True
    alias: bool = False


@dataclass(frozen=True)
class MailServers(Fact):
    """The domain's MX records; without any, mail goes to its own address, where it has one (RFC 5321, section 5.1)."""

    servers: tuple[MailServer, ...]
    own_address: bool


@dataclass(frozen=True)
class DkimKey:
    """A selector's key: `bits` of RSA, 256 of Ed25519."""

    selector: str
    trouble: KeyTrouble = ""
    kind: str = ""
    bits: int = 0
    testing: bool = False
    hashes: str = ""
    services: str = ""


@dataclass(frozen=True)
class DkimKeys(Fact):
    """The key of each selector that the profile names."""

    keys: tuple[DkimKey, ...]


@dataclass(frozen=True)
class DmarcRecord(Fact):
    """The policy that holds for the domain: its own, or that of the domain above it that is registered (`at`)."""

    at: str
    texts: tuple[str, ...]
    unwilling: tuple[str, ...] = ()
    """Domains that reports go to and that have not agreed to it (RFC 7489, section 7.1)."""


@dataclass(frozen=True)
class MailNotes(Fact):
    """The records beside: of MTA-STS, TLS-RPT and BIMI."""

    mta_sts: tuple[str, ...] = ()
    tls_rpt: tuple[str, ...] = ()
    bimi: tuple[str, ...] = ()


@probe("mail.servers")
async def servers(mail: MailDomain, dns: MailDns) -> MailServers:
    """Look up the MX records, and what they name."""
    found = [data.split(" ", 1) for data in await dns.records(mail.domain, "MX")]
    named = [(int(preference), name.rstrip(".").lower()) for preference, name in found]
    servers = [await _server(preference, name, dns) for preference, name in sorted(named)]
    return MailServers(tuple(servers), await dns.has_address(mail.domain))


async def _server(preference: int, name: str, dns: MailDns) -> MailServer:
    if not name:
        return MailServer(preference, name)
    return MailServer(preference, name, await dns.has_address(name), bool(await dns.records(name, "CNAME")))


@probe("mail.dkim")
async def dkim(mail: MailDomain, dns: MailDns) -> DkimKeys:
    """Look up the key of each selector."""
    names = [f"{selector}._domainkey.{mail.domain}" for selector in mail.selectors]
    texts = [await dns.texts(name) for name in names]
    keys = [
        await asyncio.to_thread(key_of, selector, found) for selector, found in zip(mail.selectors, texts, strict=True)
    ]
    return DkimKeys(tuple(keys))


def key_of(selector: str, texts: list[str]) -> DkimKey:
    """Read a selector's TXT records (RFC 6376, section 3.6.1; RFC 8463)."""
    # RFC 6376, section 3.6.2.2: with several records the result is undefined.
    if len(texts) != 1:
        return DkimKey(selector, "several" if texts else "missing")
    tags = tags_of(texts[0])
    if tags is None or "p" not in tags or tags.get("v", "DKIM1") != "DKIM1":
        return DkimKey(selector, "syntax")
    kind, held = tags.get("k", "rsa").lower(), "".join(tags["p"].split())
    if not held:
        return DkimKey(selector, "revoked", kind)
    bits = key_bits(kind, held)
    flags = {flag.strip() for flag in tags.get("t", "").split(":")}
    return DkimKey(
        selector, "" if bits else "key", kind, bits, "y" in flags, tags.get("h", "").lower(), tags.get("s", "").lower()
    )


@probe("mail.dmarc")
async def dmarc(mail: MailDomain, dns: MailDns) -> DmarcRecord:
    """Look up the domain's DMARC policy, else that of the registered domain above it."""
    at = mail.domain
    texts = await dns.texts(f"_dmarc.{at}", "v=DMARC1")
    above = registrable(mail.domain)
    if not texts and above and above != at:
        at, texts = above, await dns.texts(f"_dmarc.{above}", "v=DMARC1")
    tags = (tags_of(texts[0]) or {}) if len(texts) == 1 else {}
    named = {found[1].lower() for tag in ("rua", "ruf") for found in REPORTS_TO.finditer(tags.get(tag, ""))}
    others = sorted(name for name in named if registrable(name) != registrable(at))
    unwilling = [name for name in others if not await dns.texts(f"{at}._report._dmarc.{name}", "v=DMARC1")]
    return DmarcRecord(at, tuple(texts), tuple(unwilling))


@probe("mail.notes")
async def notes(mail: MailDomain, dns: MailDns) -> MailNotes:
    """Look up the records of MTA-STS, TLS-RPT and BIMI that the profile declares."""
    asked = {
        f"_mta-sts.{mail.domain}": ("v=STSv1", mail.mta_sts),
        f"_smtp._tls.{mail.domain}": ("v=TLSRPTv1", mail.tls_rpt),
        f"default._bimi.{mail.domain}": ("v=BIMI1", mail.bimi),
    }
    found = [tuple(await dns.texts(name, begins)) if wanted else () for name, (begins, wanted) in asked.items()]
    return MailNotes(*found)
