"""What a search engine that comes by finds: pages and their robots directives, robots.txt, canonicals, sitemaps."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin

from pydantic import Field

from golive import Entry, Fact, Subject, Unavailable, probe, shortened, subjects
from golive_checks.shapes import split_url
from golive_checks.subjects.hosts import HostName, UrlPath
from golive_checks.subjects.monitoring import BaseUrl
from golive_checks.systems.http.client.html import elements
from golive_checks.systems.http.client.message import Response
from golive_checks.systems.http.client.robots import read_robots
from golive_checks.systems.http.client.walls import wall
from golive_checks.systems.http.front import MAX_HOPS, is_page, target
from golive_checks.systems.http.other_hosts import OtherHosts
from golive_checks.systems.http.sitemap import read_sitemap

CRAWLERS = ("Googlebot", "Bingbot")
MAX_SITEMAPS = 50
SAMPLE = 10
"""Pages of the sitemaps that are opened, spread over all of them."""
MAX_VALUES = 20
VALUE_LIMIT = 300
LINK = re.compile(r"<([^<>]{1,2000})>\s*;[^<>]{0,500}?\brel\s*=\s*\"?canonical\b", re.IGNORECASE)
UNAUTHORIZED, FORBIDDEN, TOO_MANY, SERVER_ERROR, OK = 401, 403, 429, 500, 200


class SearchEnginesEntry(Entry):
    """A site that search engines are to find, or are not to."""

    url: BaseUrl
    """Where it answers, such as https://www.example.com."""
    open: bool | None = None
    """Whether its pages belong into search engines; left out: on production they do, elsewhere they do not."""
    paths: tuple[UrlPath, ...] = Field(default=("/",), min_length=1, max_length=20)
    """The pages to look at."""
    hosts: tuple[HostName, ...] = Field(default=(), max_length=50)
    """More hosts of this environment that canonicals and sitemaps may lead to."""
    sitemap: UrlPath = ""
    """Where its sitemap is; empty: where robots.txt says, if it does."""


@dataclass(frozen=True)
class SearchSite(Subject):
    """A site that search engines are to find, or are not to."""

    url: str = ""
    open: bool | None = None
    paths: tuple[str, ...] = ("/",)
    hosts: frozenset[str] = frozenset()
    sitemap: str = ""


@subjects("search_engines", empty="the profile names no site that search engines are to find or not (search_engines)")
def search_sites(key: str, entry: SearchEnginesEntry) -> tuple[SearchSite, ...]:
    """Name the sites of the profile."""
    parts = split_url(entry.url)
    own = (parts.hostname or "") if parts else ""
    hosts = frozenset({own.lower(), *(host.lower() for host in entry.hosts)})
    return (SearchSite(key, entry.url, entry.open, entry.paths, hosts, entry.sitemap, own=entry.own()),)


@dataclass(frozen=True)
class LinkLook:
    """A URL that a page or a sitemap names. `status` is None for a host that is not this environment's."""

    url: str
    status: int | None


@dataclass(frozen=True)
class PageLook:
    """A page as a search engine sees it, after redirects within its host."""

    asked: str
    path: str
    status: int
    leads_to: str = ""
    """Another host that it redirects to."""
    login: bool = False
    """Whether it asks who comes: by HTTP, by a wall of the edge's, or by a form to which it leads."""
    header: tuple[str, ...] = ()
    """The values of X-Robots-Tag."""
    meta: tuple[tuple[str, str], ...] = ()
    """Name and content of the meta elements that speak to robots."""
    canonicals: tuple[LinkLook, ...] = ()


@dataclass(frozen=True)
class SitemapLook:
    """A sitemap: how many pages it names, hosts that are not this environment's, and some of its pages."""

    url: str
    status: int | None
    broken: str = ""
    pages: int = 0
    foreign: tuple[str, ...] = ()
    sample: tuple[LinkLook, ...] = ()


@dataclass(frozen=True)
class SearchLook(Fact):
    """What a search engine finds."""

    pages: tuple[PageLook, ...]
    robots_status: int
    refused: tuple[tuple[str, str], ...]
    """Which crawler robots.txt keeps from which path."""
    sitemaps: tuple[SitemapLook, ...] = ()


@probe("http.search-engines", requests=6)
async def search_engines(site: SearchSite, others: OtherHosts) -> SearchLook:
    """Read the pages, robots.txt, canonicals and sitemaps as one who has no access of any kind."""
    crawler = Crawler(others, site.hosts)
    pages = [await crawler.page(site.url, path) for path in site.paths]
    got = await crawler.settled(f"{site.url}/robots.txt")
    urls = {f"{site.url}{path}": path for path in (*site.paths, *(page.path for page in pages))}
    refused: list[tuple[str, str]] = []
    named: list[str] = []
    if got.status == OK:
        refused, named = await asyncio.to_thread(read_robots, got.text, CRAWLERS, urls)
    elif got.status >= SERVER_ERROR or got.status == TOO_MANY:  # RFC 9309, section 2.3.1.4: all is disallowed then
        refused = [(agent, url) for agent in CRAWLERS for url in urls]
    wanted = [f"{site.url}{site.sitemap}"] if site.sitemap else named
    return SearchLook(
        tuple(pages),
        got.status,
        tuple(dict.fromkeys((agent, urls[url]) for agent, url in refused)),
        tuple(await crawler.sitemaps([urljoin(got.url, url) for url in wanted])),
    )


@dataclass(frozen=True)
class Crawler:
    """Asks as a search engine does: without access, on this environment's hosts alone."""

    others: OtherHosts
    hosts: frozenset[str]

    async def page(self, base: str, path: str) -> PageLook:
        """Open a page."""
        got = await self.settled(base + path)
        at = split_url(got.url)
        seen = at.path if at else path
        meta: list[tuple[str, str]] = []
        links = LINK.findall(got.header("link"))
        password = False
        if is_page(got):
            for tag, given, _ in elements(got.text, ("meta[name]", "link[rel]", "input[type]")):
                if tag == "meta" and given["name"].lower() in {"robots", "googlebot", "bingbot"}:
                    meta.append((given["name"].lower(), shortened(given.get("content", "").lower(), VALUE_LIMIT)))
                elif tag == "link" and "canonical" in given["rel"].lower().split():
                    links.append(given.get("href", ""))
                password |= tag == "input" and given["type"].lower() == "password"
        values = got.values("x-robots-tag")
        if len(meta) > MAX_VALUES or len(values) > MAX_VALUES or len(links) > MAX_VALUES:
            raise Unavailable(f"{base}{path} speaks to robots more than {MAX_VALUES} times")
        refused = got.status in {UNAUTHORIZED, FORBIDDEN} or wall(got.status, got.headers) is not None
        canonicals = dict.fromkeys(urljoin(got.url, link.strip()) for link in links)
        return PageLook(
            path,
            seen,
            got.status,
            self._elsewhere(got),
            # Many a public page has a login form; only one that another path ended at is a wall.
            refused or (password and seen != path),
            tuple(shortened(value.lower(), VALUE_LIMIT) for value in values),
            tuple(meta),
            tuple([await self.link(url) for url in canonicals]),
        )

    async def settled(self, url: str) -> Response:
        """Fetch a URL and follow redirects for as long as they stay on its host."""
        for _ in range(MAX_HOPS):
            got = await self._get(url)
            to = split_url(target(got))
            at = split_url(url)
            if not to or not at or to.hostname != at.hostname:
                return got
            url = target(got)
        raise Unavailable(f"{url} redirects without end")

    async def link(self, url: str) -> LinkLook:
        """Look where a link leads, without following it on."""
        parts, shown = split_url(url), shortened(url.partition("?")[0], VALUE_LIMIT)
        if parts is None or (parts.hostname or "").lower() not in self.hosts or parts.scheme not in {"http", "https"}:
            return LinkLook(shown, None)
        return LinkLook(shown, (await self._get(url)).status)

    async def sitemaps(self, urls: Iterable[str]) -> list[SitemapLook]:
        """Read sitemaps, and those that they name."""
        waiting, found = list(dict.fromkeys(urls)), dict[str, SitemapLook]()
        while waiting:
            url = waiting.pop(0)
            if len(found) == MAX_SITEMAPS:
                raise Unavailable(f"the site has more than {MAX_SITEMAPS} sitemaps")
            found[url], more = await self._sitemap(url)
            waiting += [each for each in dict.fromkeys(more) if each not in found and each not in waiting]
        return list(found.values())

    async def _sitemap(self, url: str) -> tuple[SitemapLook, list[str]]:
        shown, parts = shortened(url.partition("?")[0], VALUE_LIMIT), split_url(url)
        if parts is None or (parts.hostname or "").lower() not in self.hosts:
            return SitemapLook(shown, None), []
        got = await self._get(url)
        if got.status != OK:
            return SitemapLook(shown, got.status), []
        try:
            read = await asyncio.to_thread(read_sitemap, got.content, shown)
        except ValueError as problem:
            return SitemapLook(shown, OK, broken=str(problem)), []
        if read.index:
            return SitemapLook(shown, OK), read.urls
        own = [each for each in read.urls if self._host(each) in self.hosts]
        every = max(1, len(own) // SAMPLE)
        foreign = sorted({self._host(each) or each for each in read.urls} - self.hosts)
        sample = [await self.link(each) for each in own[::every][:SAMPLE]]
        kept = tuple(shortened(host, VALUE_LIMIT) for host in foreign[:MAX_VALUES])
        return SitemapLook(shown, OK, pages=len(read.urls), foreign=kept, sample=tuple(sample)), []

    @staticmethod
    def _host(url: str) -> str:
        parts = split_url(url)
        return (parts.hostname or "").lower() if parts else ""

    def _elsewhere(self, got: Response) -> str:
        return self._host(target(got)) if target(got) else ""

    async def _get(self, url: str) -> Response:
        parts = split_url(url)
        if parts is None or not parts.hostname:
            raise Unavailable(f"{shortened(url, VALUE_LIMIT)} is no URL")
        secure = parts.scheme == "https"
        door = await self.others.door(parts.hostname, parts.port or (443 if secure else 80), secure=secure)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return await door.knock("GET", path, b"", {"accept-encoding": "gzip"})
