"""What a host says of keeping its files: in a browser, and at the edge of a CDN."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from golive import Fact, probe
from golive_checks.subjects import Host
from golive_checks.systems.http.client.message import ACCEPT_ANY, ACCEPT_PAGE
from golive_checks.systems.http.front import HttpReply, reply_of
from golive_checks.systems.http.page import Asset, Page, PageDoor

OF_A_KIND = 2
"""How many hashed scripts, styles, images and others are looked at."""
REPEATS = 3
"""The first fetch fills an edge's cache; two more allow for a second server behind it."""

WORKERS = ("/sw.js", "/service-worker.js")
"""Where Vite's PWA plugin and Workbox put the service worker."""

Role = Literal["asset", "index", "worker"]


@dataclass(frozen=True)
class Kept:
    """A file that there is, and what it says of being kept."""

    role: Role
    reply: HttpReply


@dataclass(frozen=True)
class Caching(Fact):
    """Hashed assets, the page under its names, and the service worker, as far as there are any."""

    kept: tuple[Kept, ...]


@dataclass(frozen=True)
class EdgeCaching(Fact):
    """The same asset, fetched several times one after the other; None where the page names no asset."""

    replies: tuple[HttpReply, ...] | None


def _requests_of_caching(host: Host) -> int:
    return 4 if host.has_page else 0


@probe("http.caching", requests=_requests_of_caching)
async def caching(host: Host, page: Page, door: PageDoor) -> Caching:
    """Ask for the page, its hashed assets and the service worker, for their Cache-Control."""

    async def look(role: Role, path: str, accept: str) -> Kept | None:
        got = reply_of(await door.get(path, accept=accept))
        # A single-page app answers any path with its page: only a script is a worker.
        there = role != "worker" or "javascript" in got.media_type
        return Kept(role, got) if got.status == 200 and there else None  # noqa: PLR2004 - OK

    asked = [look("asset", asset.path, ACCEPT_ANY) for asset in _some_of_each([a for a in page.assets if a.hashed])]
    if page.html:
        asked += [look("index", path, ACCEPT_PAGE) for path in dict.fromkeys([page.reply.path, "/index.html"])]
        asked += [look("worker", path, ACCEPT_ANY) for path in WORKERS]
    return Caching(tuple(kept for kept in await asyncio.gather(*asked) if kept))


def _some_of_each(assets: list[Asset]) -> list[Asset]:
    kinds: dict[str, list[Asset]] = {}
    for asset in assets:
        kinds.setdefault(asset.kind, []).append(asset)
    return [asset for of_kind in kinds.values() for asset in of_kind[:OF_A_KIND]]


def _requests_of_edge_caching(host: Host) -> int:
    return 3 if host.has_page else 0


@probe("http.edge-caching", requests=_requests_of_edge_caching)
async def edge_caching(host: Host, page: Page, door: PageDoor) -> EdgeCaching:
    """Fetch one asset three times, for what the CDN says of its cache."""
    named = sorted(page.assets, key=lambda a: (not a.hashed, a.kind != "script"))
    if not named:
        return EdgeCaching(None)
    replies = [reply_of(await door.get(named[0].path, accept=ACCEPT_ANY, again=again)) for again in range(REPEATS)]
    return EdgeCaching(tuple(replies))
