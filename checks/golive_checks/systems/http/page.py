"""The page a host shows and the assets it is made of, seen at one of the host's addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from golive import Fact, Provided, Unavailable, probe, shortened
from golive_checks.subjects import Host
from golive_checks.systems.http.asset_names import carries_hash
from golive_checks.systems.http.client.message import Endpoint, Response
from golive_checks.systems.http.door import Door
from golive_checks.systems.http.front import MAX_HOPS, PAGES, HostDoor, HttpReply, parted, reply_of, target
from golive_checks.systems.http.references import references

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


@dataclass(frozen=True)
class PageDoor(Door, Provided):
    """The https port of a host at the address where its page was seen."""

    host: Host
    page: Page

    @property
    def endpoint(self) -> Endpoint:
        """Where requests go."""
        return Endpoint(self.host.name, self.page.ip, self.host.port)


@probe("http.page")
async def page(host: Host, door: HostDoor) -> Page:
    """Read the host's page and what it names."""
    got = await _settled(door) if host.has_page else await door.get()
    html = reply_of(got).media_type in PAGES
    home = door.endpoint.origin
    named = [parted(url) for url in references(got.url, got.text)] if html else []
    own = list(dict.fromkeys([path for origin, path in named if origin == home] + list(host.asset_paths)))
    return Page(
        ip=door.endpoint.ip,
        reply=reply_of(got),
        html=html,
        assets=tuple(Asset(path) for path in own[:MAX_ASSETS]),
        elsewhere=tuple(sorted({origin for origin, _ in named if origin != home})),
        left_out=max(0, len(own) - MAX_ASSETS),
    )


async def _settled(door: Door) -> Response:
    """Fetch `/` and follow redirects on the host itself, as to a login page of the app."""
    home, path = door.endpoint.origin, "/"
    for _ in range(MAX_HOPS):
        got = await door.get(path)
        to = target(got)
        if not to:
            return got
        origin, path = parted(to)
        if origin != home:
            raise Unavailable(
                f"{home}/ leads to another host, {shortened(origin, 200)}",
                fix="name in the profile the host that shows the page",
            )
    raise Unavailable(f"{home}/ redirects without end: {MAX_HOPS} steps, and no page")
