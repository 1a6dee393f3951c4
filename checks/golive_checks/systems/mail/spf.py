"""A domain's SPF record and all that it includes, with the lookups that a receiver makes for it (RFC 7208)."""

import ipaddress
import re
from dataclasses import dataclass, field, replace
from typing import Literal

from golive import Fact, probe
from golive_checks.systems.mail.domain import MailDns, MailDomain

BEGINS = re.compile(r"v=spf1(?= |$)", re.IGNORECASE)
TERM = re.compile(r"([+~?-]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?:[:](\S+?))?(/\d{1,3})?(//\d{1,3})?", re.IGNORECASE)
MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]{0,60})=(\S*)")
MACRO = re.compile(r"%(?:\{[slodiphcrtvSLODIPHCRTV]\d{0,3}r?[.+,/_=-]*\}|[%_-])")
LABELS = re.compile(r"[^\s.%]{1,63}(?:\.[^\s.%]{1,63})+\.?")
NEEDS_NAME = frozenset({"include", "exists", "ip4", "ip6"})
LOOKS_UP = frozenset({"include", "redirect", "a", "mx", "ptr", "exists"})
MAX_LOOKUPS, MAX_MX = 10, 10
ENOUGH = 2 * MAX_LOOKUPS
"""Lookups after which the rest is not followed: it is too many by then, whatever comes."""

Trouble = Literal["", "missing", "several", "syntax", "too many MX"]


@dataclass(frozen=True)
class SpfRecord:
    """The record of one domain; `by` is the term that led to it. `wrong`: the term that is none."""

    domain: str
    by: Literal["", "include", "redirect"] = ""
    text: str = ""
    trouble: Trouble = ""
    wrong: str = ""


@dataclass(frozen=True)
class SpfLook(Fact):
    """The domain's record first, then those that it leads to."""

    records: tuple[SpfRecord, ...]
    lookups: int = 0
    voids: int = 0
    """Lookups to which there was no answer."""
    ends: str = ""
    """The last word, of the record itself or of the one it redirects to: `-all`, `~all`, `?all`, `+all`; or none."""


@dataclass(frozen=True)
class SpfTerm:
    """A mechanism, or the modifier `redirect`."""

    name: str
    qualifier: str = "+"
    value: str = ""
    everybody: bool = False
    """It takes in every address: `ip4:0.0.0.0/0`, `a/0`."""


@dataclass
class _Walk:
    dns: MailDns
    records: list[SpfRecord] = field(default_factory=list)
    lookups: int = 0
    voids: int = 0

    async def visit(self, domain: str, by: Literal["", "include", "redirect"] = "") -> str:
        """Read a domain's record and what it leads to, and return its last word."""
        at = len(self.records)
        for term in await self._terms(domain, by):
            self.lookups += term.name in LOOKS_UP
            if self.lookups > ENOUGH:
                break
            name = (term.value or domain).rstrip(".").lower()
            if term.name == "redirect":
                return "" if "%" in name else await self.visit(name, "redirect")
            if await self._takes_everybody(term, name, at):
                return f"{term.qualifier}all"
        return ""

    async def _terms(self, domain: str, by: Literal["", "include", "redirect"]) -> list[SpfTerm]:
        """Read a domain's record; none of its terms counts where it is not sound."""
        texts = [text for text in await self.dns.texts(domain) if BEGINS.match(text)]
        if len(texts) != 1:
            self.voids += bool(by) and not await self.dns.records(domain, "TXT")
            self.records.append(SpfRecord(domain, by, trouble="several" if texts else "missing"))
            return []
        terms = terms_of(texts[0])
        if isinstance(terms, str):
            self.records.append(SpfRecord(domain, by, texts[0], "syntax", terms))
            return []
        self.records.append(SpfRecord(domain, by, texts[0]))
        return terms

    async def _takes_everybody(self, term: SpfTerm, name: str, at: int) -> bool:
        """Follow a term of the record at a place in the list, and return whether it matches whoever sends."""
        if term.name == "all" or term.everybody:
            return True
        if "%" in name:
            return False  # it depends on the message
        if term.name == "include":
            return await self.visit(name, "include") == "+all"
        answers = await self._answers(term, name)
        if term.name == "mx" and answers > MAX_MX:
            self.records[at] = replace(self.records[at], trouble="too many MX", wrong=name)
        return term.name == "exists" and answers > 0

    async def _answers(self, term: SpfTerm, name: str) -> int:
        """Look up what a term names, and return how many answers there are."""
        found = 1
        if term.name == "mx":
            found = len(await self.dns.records(name, "MX"))
        elif term.name == "exists":
            found = len(await self.dns.records(name, "A"))
        elif term.name == "a":
            found = int(await self.dns.has_address(name))
        self.voids += not found
        return found


def terms_of(text: str) -> list[SpfTerm] | str:
    """Read a record's terms, `redirect` last and only without `all`; or return the one that is none."""
    found, modifiers = list[SpfTerm](), dict[str, str]()
    for word in text.split(" ")[1:]:
        if not word:
            continue
        if modifier := MODIFIER.fullmatch(word):
            name = modifier[1].lower()
            # RFC 7208, section 6: each of these may be there once.
            if name in {"redirect", "exp"} and (name in modifiers or not _is_name(modifier[2])):
                return word
            modifiers[name] = modifier[2]
            continue
        term = TERM.fullmatch(word)
        if term is None or not _is_sound(term):
            return word
        found.append(SpfTerm(term[2].lower(), term[1] or "+", term[3] or "", "/0" in {term[4], term[5]}))
    if "redirect" in modifiers and not any(term.name == "all" for term in found):
        found.append(SpfTerm("redirect", value=modifiers["redirect"]))
    return found


def _is_sound(term: re.Match[str]) -> bool:
    name, value, short, long = term[2].lower(), term[3] or "", term[4] or "", term[5] or ""
    if name in {"ip4", "ip6"}:
        return not long and _is_network(name, value + short)
    if (name in NEEDS_NAME and not value) or (name == "all" and (value or short or long)):
        return False
    if name not in {"a", "mx"} and (short or long):
        return False
    if int(short[1:] or 0) > 32 or int(long[2:] or 0) > 128:  # noqa: PLR2004 - bits of an address
        return False
    return not value or _is_name(value)


def _is_network(name: str, value: str) -> bool:
    kind = ipaddress.IPv4Network if name == "ip4" else ipaddress.IPv6Network
    try:
        kind(value, strict=False)
    except ValueError:
        return False
    return True


def _is_name(value: str) -> bool:
    plain = MACRO.sub("x.x", value) if "%" in value else value
    return "%" not in plain and LABELS.fullmatch(plain) is not None


@probe("mail.spf")
async def spf(mail: MailDomain, dns: MailDns) -> SpfLook:
    """Read the domain's SPF record, and follow what it includes."""
    walk = _Walk(dns)
    ends = await walk.visit(mail.domain)
    return SpfLook(tuple(walk.records), walk.lookups, walk.voids, ends)
