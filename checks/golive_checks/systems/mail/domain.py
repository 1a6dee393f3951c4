"""A domain and its mail, the profile key that names it, and lookups for it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints

from golive import Entry, Provided, Subject, Unavailable, subjects
from golive_checks.subjects.hosts import HostName
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.client.exchange import SETTLED

Selector = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*$", max_length=200)]
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
ESCAPE = re.compile(r"\\(\d{3}|.)")


class MailEntry(Entry):
    """A domain from which mail comes, or to which it goes, or which must never be seen in mail."""

    domain: HostName
    """The domain behind the @."""
    receives: bool = True
    """Whether mail can be sent to it."""
    sends: bool = True
    """Whether mail comes from it; where not, nobody may use its name."""
    selectors: tuple[Selector, ...] = Field(default=(), max_length=20)
    """The DKIM selectors with which its mail is signed, such as s1 or google."""
    providers: tuple[HostName, ...] = Field(default=(), max_length=20)
    """What SPF must include for the providers that send for it, such as _spf.google.com."""
    mta_sts: bool = False
    """Whether MTA-STS is to be in force."""
    tls_rpt: bool = False
    """Whether reports on failed TLS are to be asked for."""
    bimi: bool = False
    """Whether mailboxes are to show its logo."""


@dataclass(frozen=True)
class MailDomain(Subject):
    """A domain and its mail."""

    domain: str = ""
    receives: bool = True
    sends: bool = True
    selectors: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    mta_sts: bool = False
    tls_rpt: bool = False
    bimi: bool = False


@subjects("mail", empty="the profile names no domain whose mail is looked at (mail)")
def mail_domains(key: str, entry: MailEntry) -> tuple[MailDomain, ...]:
    """Name the domains of the profile."""
    return (
        MailDomain(
            key,
            domain=entry.domain.lower(),
            receives=entry.receives,
            sends=entry.sends,
            selectors=entry.selectors,
            providers=tuple(name.lower() for name in entry.providers),
            mta_sts=entry.mta_sts,
            tls_rpt=entry.tls_rpt,
            bimi=entry.bimi,
            own=entry.own(),
        ),
    )


@dataclass(frozen=True)
class MailDns(Provided):
    """Looks up what mail servers look up."""

    dns: Dns
    ask: DnsSettings

    async def records(self, name: str, kind: str) -> list[str]:
        """Return the data of a name's records; none where there is no such name."""
        reply = await self.dns.look_up(name, kind, self.ask)
        if reply.status not in SETTLED:
            raise Unavailable(f"the resolver says {reply.word} to {kind} of {name}", transient=True)
        return [record.data for record in reply.of(kind)]

    async def texts(self, name: str, begins: str = "") -> list[str]:
        """Return a name's TXT records, each as one text, that begin as asked, in whatever case."""
        found = [text_of(data) for data in await self.records(name, "TXT")]
        return [text for text in found if text.lower().startswith(begins.lower())]

    async def has_address(self, name: str) -> bool:
        """Return whether a name has an address of either family."""
        return bool(await self.records(name, "A") or await self.records(name, "AAAA"))


def text_of(data: str) -> str:
    """Join the strings of a TXT record, as a zone file has them (RFC 1035, section 5.1)."""
    joined = "".join(STRING.findall(data))
    return ESCAPE.sub(lambda found: chr(int(found[1])) if len(found[1]) > 1 else found[1], joined)


def tags_of(text: str) -> Mapping[str, str] | None:
    """Read `a=b; c=d` (RFC 6376, section 3.2); None where it is not, or names a tag twice."""
    found = dict[str, str]()
    for part in text.split(";"):
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        if not equals or not name.strip() or name.strip() in found:
            return None
        found[name.strip()] = value.strip()
    return found
