"""What an address answers over https and over clear http, before anything about its content is asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urljoin, urlsplit, urlunsplit

from golive import Fact, Provided, Unavailable, probe, shortened
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.message import ACCEPT_JSON, ACCEPT_PAGE, Endpoint, Response
from golive_checks.systems.http.client.trouble import NotListening
from golive_checks.systems.http.door import AddressDoor, Door, in_clear, over_https

MAX_HOPS = 5
"""Browsers give up after 20 redirects; after 5 a visitor has waited long enough."""
REDIRECTS = frozenset({301, 302, 303, 307, 308})
VALUE_LIMIT = 500
"""Characters of a header's value, or of a URL, that a fact keeps."""

LONG_VALUES = {"content-security-policy": 16_000, "permissions-policy": 4_000}
"""Of these, policies that are long in good faith, it keeps more: cut short they would say something else."""

KEPT_HEADERS = frozenset(
    {
        "access-control-allow-credentials",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-allow-origin",
        "age",
        "allow",
        "alt-svc",
        "cache-control",
        "cache-status",
        "cdn-cache",
        "cf-cache-status",
        "content-encoding",
        "content-security-policy",
        "content-security-policy-report-only",
        "content-type",
        "cross-origin-embedder-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "etag",
        "expires",
        "last-modified",
        "location",
        "permissions-policy",
        "referrer-policy",
        "server",
        "strict-transport-security",
        "vary",
        "via",
        "www-authenticate",
        "x-aspnet-version",
        "x-aspnetmvc-version",
        "x-cache",
        "x-cache-status",
        "x-content-type-options",
        "x-frame-options",
        "x-generator",
        "x-powered-by",
        "x-proxy-cache",
        "x-runtime",
        "x-vercel-cache",
    }
)
"""Headers that a fact keeps. Any other may hold a secret (Set-Cookie) and is not recorded."""


@dataclass(frozen=True)
class HttpReply:
    """An answer as facts hold it: no body, and only the headers that are judged."""

    path: str
    status: int
    version: str
    headers: tuple[tuple[str, str], ...]
    body_bytes: int
    distrust: str = ""
    """Why its certificate could not be trusted; empty where it could, or over clear http."""

    def values(self, name: str) -> tuple[str, ...]:
        """Return every value of a header. Raises Unavailable for one that facts do not keep: it may have been there."""
        name = name.lower()
        if name not in KEPT_HEADERS:
            raise Unavailable(
                f"golive keeps no header {name} of an answer, so whether it was there is not known",
                fix="write a check of your own for it, under custom: in the profile (expect.present, expect.absent)",
            )
        return tuple(v for n, v in self.headers if n == name)

    def header(self, name: str) -> str:
        """Return a header's values as one."""
        return ", ".join(self.values(name))

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters."""
        return self.header("content-type").partition(";")[0].strip().lower()


PAGES = frozenset({"text/html", "application/xhtml+xml"})
"""The media types of what a browser shows as a page."""
MARKUP = re.compile(rb"<(?:!--|!doctype|html|head|body|script|meta|title|h1|div|center)(?![a-z])", re.IGNORECASE)
"""What a page has near its beginning."""
BEGINNING = 2000
"""Bytes."""


@dataclass(frozen=True)
class Front(Fact):
    """What an address answers to a browser that opens the host over https."""

    reply: HttpReply


def reachable(fronts: Mapping[Address, Front | Unavailable]) -> Address:
    """Return the first address that answers; raise the first gap where none does."""
    for address, seen in fronts.items():
        if isinstance(seen, Front):
            return address
    raise next(gap for gap in fronts.values() if isinstance(gap, Unavailable))


@dataclass(frozen=True)
class HostDoor(Door, Provided):
    """The https port of a host at the first of its addresses that answers."""

    fronts: Mapping[Address, Front | Unavailable]

    @property
    def endpoint(self) -> Endpoint:
        """Where requests go. Raises Unavailable where no address answers."""
        return over_https(reachable(self.fronts))

    @property
    def distrust(self) -> str:
        """Why the certificate there could not be trusted; empty where it could."""
        front = self.fronts[reachable(self.fronts)]
        return front.reply.distrust if isinstance(front, Front) else ""


@dataclass(frozen=True)
class Hop:
    """One step of a chain of redirects. `to` is where it leads, without its query; empty for the end."""

    url: str
    reply: HttpReply
    to: str = ""


@dataclass(frozen=True)
class PlainFront(Fact):
    """What an address answers over clear http: the hops for each path asked.

    `closed`: none, for it refuses connections or stays silent.
    """

    closed: Literal["", "refused", "silent"] = ""
    chains: Mapping[str, tuple[Hop, ...]] = field(default_factory=dict)


def reply_of(response: Response) -> HttpReply:
    """Keep of a response what a fact may hold."""
    headers = tuple(
        (name, (without_query(value) if name == "location" else value)[: LONG_VALUES.get(name, VALUE_LIMIT)])
        for name, value in response.headers
        if name in KEPT_HEADERS
    )
    path = urlsplit(response.url).path
    return HttpReply(path, response.status, response.version, headers, len(response.body), response.distrust)


def is_page(response: Response) -> bool:
    """Tell whether an answer is a page: Express calls a bare "OK" text/html, and no front end sends that."""
    media_type = reply_of(response).media_type
    return media_type in PAGES and bool(MARKUP.search(response.body[:BEGINNING]))


def without_query(url: str) -> str:
    """Drop what may hold a token, and what is longer than anyone would read."""
    try:
        scheme, host, path, _, _ = urlsplit(url)
    except ValueError:
        return shortened(url.partition("?")[0], VALUE_LIMIT)
    return shortened(urlunsplit((scheme, host.rpartition("@")[2], path, "", "")), VALUE_LIMIT)


@probe("http.front", requests=1)
async def front(address: Address, door: AddressDoor) -> Front:
    """Open the host over https, as a browser does."""
    return Front(reply_of(await door.get()))


def _requests(host: Host) -> int:
    return len(_paths_in_clear(host)) + bool(host.api_path)


@probe("http.plain-front", requests=_requests)
async def plain_front(address: Address, seen: Front, door: AddressDoor) -> PlainFront:
    """Open the host over clear http and follow where it leads, at most 5 steps."""
    host, clear = address.host, in_clear(door, address.host)
    asked = _paths_in_clear(host)
    try:
        for path in asked:
            await clear.get(path, accept=_accepted(host, path))
    except NotListening as nothing:
        # The same address has just answered over https: that nothing comes back here is a firewall's doing.
        return PlainFront(closed="refused" if nothing.refused else "silent")
    chains = {path: await chain(clear, door, path, accept=_accepted(host, path)) for path in asked}
    return PlainFront(chains=chains)


def _paths_in_clear(host: Host) -> list[str]:
    return [p for p in dict.fromkeys(["/", host.api_path]) if p and not p.startswith(host.clear_text_paths)]


def _accepted(host: Host, path: str) -> str:
    """Return what is asked for at a path: as others ask, so that it is asked for once."""
    return ACCEPT_JSON if path == host.api_path else ACCEPT_PAGE


async def chain(start: Door, other: Door, path: str, *, accept: str = ACCEPT_PAGE) -> tuple[Hop, ...]:
    """Follow redirects for as long as they stay on this host's two ports and come to no place twice."""
    doors = {door.endpoint.origin: door for door in (start, other)}
    at, hops = start.endpoint.origin, list[Hop]()
    while len(hops) < MAX_HOPS and at in doors:
        got = await doors[at].get(path, accept=accept)
        to = target(got)
        hops.append(Hop(without_query(at + path), reply_of(got), without_query(to)))
        if to in {hop.url for hop in hops}:
            break
        at, path = parted(to)
    return tuple(hops)


def target(got: Response) -> str:
    """Return the absolute URL that a redirect leads to; empty where it is none."""
    location = next(iter(got.values("location")), "")
    if got.status not in REDIRECTS or not location:
        return ""
    try:
        return "".join(parted(urljoin(got.url, location)))
    except ValueError:
        raise Unavailable(f"{got.url} redirects to what is no URL") from None


def parted(url: str) -> tuple[str, str]:
    """Part a URL into its origin, as browsers write it, and the rest; both empty for none."""
    if not url:
        return "", ""
    there = urlsplit(url)
    usual = {"https": 443, "http": 80}.get(there.scheme)
    port = f":{there.port}" if there.port not in {None, usual} else ""
    query = f"?{there.query}" if there.query else ""
    return f"{there.scheme}://{there.hostname or ''}{port}", (there.path or "/") + query
