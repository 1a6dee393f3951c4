"""The page a host shows and the assets it is made of, seen at one of the host's addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from golive import Fact, Unavailable, probe, shortened
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.asset_names import carries_hash
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import Access, Response
from golive_checks.systems.http.front import MAX_HOPS, PAGES, Front, HttpReply, over_https, parted, reply_of, target
from golive_checks.systems.http.references import references
from golive_checks.systems.tls.client.trust import Trust

MAX_ASSETS = 60
"""A page that names more is looked at in part, and `left_out` says how many were not."""

Kind = Literal["script", "style", "image", "other"]

ENDINGS: Mapping[str, Kind] = {
    **dict.fromkeys(("js", "mjs"), "script"),
    **dict.fromkeys(("css",), "style"),
    **dict.fromkeys(("png", "jpg", "jpeg", "gif", "webp", "avif"), "image"),
}


@dataclass(frozen=True)
class Asset:
    """A file that a page names, by its path on the page's own host."""

    path: str

    @property
    def kind(self) -> Kind:
        """What it is, by the ending of its name."""
        return ENDINGS.get(self.path.partition("?")[0].rpartition(".")[2].lower(), "other")

    @property
    def hashed(self) -> bool:
        """True where its name carries a hash of its content: it never changes, and may be kept for a year."""
        return carries_hash(self.path)


@dataclass(frozen=True)
class Page(Fact):
    """The page behind `/`. `ip` is the address it and all its assets were looked at."""

    ip: str
    reply: HttpReply
    html: bool
    assets: tuple[Asset, ...]
    """Those on the host itself, in the order of the page; the profile's `asset_paths` after them."""
    elsewhere: tuple[str, ...]
    """The origins of the others."""
    left_out: int
    """How many more assets the page names than golive looks at."""


@probe("http.page")
async def page(
    host: Host, fronts: Mapping[Address, Front | Unavailable], http: Http, access: Access, trust: Trust
) -> Page:
    """Read the host's page and what it names."""
    address = reachable(fronts)
    if host.has_page:
        got = await _settled(address, http, access, trust)
    else:
        got = await http.get(over_https(address), access=access, ca_file=trust.ca_file)
    html = reply_of(got).media_type in PAGES
    home = over_https(address).origin
    named = [parted(url) for url in references(got.url, got.text)] if html else []
    own = list(dict.fromkeys([path for origin, path in named if origin == home] + list(host.asset_paths)))
    return Page(
        ip=address.ip,
        reply=reply_of(got),
        html=html,
        assets=tuple(Asset(path) for path in own[:MAX_ASSETS]),
        elsewhere=tuple(sorted({origin for origin, _ in named if origin != home})),
        left_out=max(0, len(own) - MAX_ASSETS),
    )


def reachable(fronts: Mapping[Address, Front | Unavailable]) -> Address:
    """Return the first address that answers; raise the first gap where none does."""
    for address, seen in fronts.items():
        if isinstance(seen, Front):
            return address
    raise next(gap for gap in fronts.values() if isinstance(gap, Unavailable))


def at(fronts: Mapping[Address, Front | Unavailable], ip: str) -> Address:
    """Return the address with an IP."""
    return next(address for address in fronts if address.ip == ip)


async def _settled(address: Address, http: Http, access: Access, trust: Trust) -> Response:
    """Fetch `/` and follow redirects on the host itself, as to a login page of the app."""
    door, path = over_https(address), "/"
    for _ in range(MAX_HOPS):
        got = await http.get(door, path, access=access, ca_file=trust.ca_file)
        to = target(got)
        if not to:
            return got
        origin, path = parted(to)
        if origin != door.origin:
            raise Unavailable(
                f"{door.origin}/ leads to {shortened(origin, 200)}, which is another host",
                fix="name in the profile the host that shows the page",
            )
    raise Unavailable(f"{door.origin}/ redirects without end: {MAX_HOPS} steps, and no page")
