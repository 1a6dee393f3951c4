"""What a registry says of a domain's registration, asked by RDAP (RFC 9082, RFC 9083)."""

import asyncio
import datetime as dt
import json
import re
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints, ValidationError

from golive import Entry, Fact, Subject, Unavailable, probe, shortened, subjects
from golive_checks.shapes import split_url
from golive_checks.subjects.monitoring import BaseUrl
from golive_checks.systems.http.other_hosts import OtherHosts
from golive_checks.systems.tls.client.trust import Trust

DomainName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)]
IANA = "https://data.iana.org/rdap/dns.json"
"""Which registry answers for which top-level domain (RFC 9224)."""
ACCEPT = "application/rdap+json, application/json"
OK, NOT_FOUND = 200, 404
MAX_STATUSES = 30
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class RegistrationEntry(Entry):
    """A domain that is registered, and so has to be renewed."""

    domain: DomainName
    """The name as it is registered, such as example.com; an international one in its ASCII form (xn--...)."""
    rdap: BaseUrl = ""
    """The registry's RDAP server; empty: the one that IANA lists for the top-level domain."""


@dataclass(frozen=True)
class Registration(Subject):
    """A domain's registration."""

    domain: str = ""
    rdap: str = ""


@subjects("registrations", empty="the profile names no domain registration")
def registrations(key: str, entry: RegistrationEntry) -> tuple[Registration, ...]:
    """Name the registrations of the profile."""
    return (Registration(key, domain=entry.domain, rdap=entry.rdap, own=entry.own()),)


@dataclass(frozen=True)
class DomainRecord(Fact):
    """What the registry says: `statuses` in RFC 8056's words, such as `client hold`."""

    server: str
    found: bool
    statuses: tuple[str, ...] = ()
    expires: dt.datetime | None = None
    """When it ends; None where the registry does not tell."""


class _Event(BaseModel):
    eventAction: str  # noqa: N815 - RFC 9083's name
    eventDate: dt.datetime  # noqa: N815 - likewise


class _Error(BaseModel):
    errorCode: int  # noqa: N815 - likewise


class _Domain(BaseModel):
    ldhName: str = ""  # noqa: N815 - likewise
    status: list[str] = []
    events: list[_Event] = []


class _Bootstrap(BaseModel):
    services: list[tuple[list[str], list[str]]]


@probe("http.registration")
async def registered(registration: Registration, others: OtherHosts) -> DomainRecord:
    """Ask the registry about the domain."""
    world = replace(others, trust=Trust())  # a registry's certificate is for the world, whatever CA the profile has
    server = registration.rdap or await _registry(registration.domain, world)
    status, content = await _fetched(f"{server.rstrip('/')}/domain/{registration.domain}", world)
    if status == NOT_FOUND:
        if content.strip():
            await asyncio.to_thread(_read, _Error, content, server)  # a web server's own 404 says nothing of the domain
        return DomainRecord(server, found=False)
    if 300 <= status < 400:  # noqa: PLR2004 - RFC 9110, section 15.4
        raise Unavailable(f"{server} redirects ({status})", fix="Name the server that it leads to as `rdap`.")
    if status != OK:
        raise Unavailable(f"{server} answers {status}", transient=True)
    answer = await asyncio.to_thread(_read, _Domain, content, server)
    if answer.ldhName and answer.ldhName.lower().rstrip(".") != registration.domain:
        raise Unavailable(f"{server} answers for {shortened(answer.ldhName, 100)}, not for {registration.domain}")
    if len(answer.status) > MAX_STATUSES:
        raise Unavailable(f"{server} gives more than {MAX_STATUSES} statuses")
    ends = [each.eventDate for each in answer.events if each.eventAction == "expiration"]
    return DomainRecord(
        server,
        found=True,
        statuses=tuple(CAPITAL.sub(" ", each).lower() for each in answer.status),
        expires=next((end if end.tzinfo else end.replace(tzinfo=dt.UTC) for end in ends), None),
    )


async def _registry(domain: str, others: OtherHosts) -> str:
    """Find the RDAP server of the domain's registry: by the longest suffix that IANA lists, https before http."""
    status, content = await _fetched(IANA, others)
    if status != OK:
        raise Unavailable(f"{IANA} answers {status}", transient=True)
    listed: _Bootstrap = await asyncio.to_thread(_read, _Bootstrap, content, IANA)
    servers = {suffix.lower(): urls for suffixes, urls in listed.services for suffix in suffixes}
    labels = domain.split(".")
    for n in range(1, len(labels)):
        if urls := servers.get(".".join(labels[n:])):
            return next((url for url in urls if url.startswith("https://")), urls[0])
    raise Unavailable(
        f"IANA lists no RDAP server for .{labels[-1]}", fix="Name the registry's as `rdap`, or see its site by hand."
    )


def _read(kind: Any, content: bytes, server: str) -> Any:
    try:
        return kind.model_validate(json.loads(content))
    except (ValidationError, ValueError, RecursionError):
        raise Unavailable(f"what {server} answers is not RDAP's JSON") from None


async def _fetched(url: str, others: OtherHosts) -> tuple[int, bytes]:
    parts = split_url(url)
    if parts is None or not parts.hostname:
        raise Unavailable(f"{url} is no URL")
    secure = parts.scheme == "https"
    door = await others.door(parts.hostname, parts.port or (443 if secure else 80), secure=secure)
    got = await door.get(parts.path, accept=ACCEPT)
    if got.distrust:
        raise Unavailable(f"{parts.hostname} cannot be trusted: {got.distrust}")
    return got.status, got.content
