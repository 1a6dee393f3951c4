"""Which pages search engines may have."""

import pytest

from golive import Environment, Outcome
from golive_checks.security.search_engines import search_engines
from golive_checks.systems.http.search_engines import LinkLook, PageLook, SearchLook, SearchSite, SitemapLook
from golive_checks.systems.http.sitemap import read_sitemap

PASS, WARN, FAIL, UNKNOWN = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.UNKNOWN
URL = "https://shop.example"


def page(
    status: int = 200, to: str = "", *, login: bool = False, header: str = "", meta: str = "", **named: str
) -> PageLook:
    canonicals = (
        (LinkLook(named["canonical"], int(named["answers"]) if named.get("answers") else None),) if named else ()
    )
    return PageLook(
        "/", "/", status, to, login, (header,) if header else (), (("robots", meta),) if meta else (), canonicals
    )


def look(seen: PageLook, *refused: str, robots: int = 200, sitemaps: tuple[SitemapLook, ...] = ()) -> SearchLook:
    return SearchLook((seen,), robots, tuple((agent, "/") for agent in refused), sitemaps)


MAP = f"{URL}/sitemap.xml"
OPEN = {
    "sound": (look(page(canonical=URL, answers="200")), PASS, "search engines may have the pages"),
    "noindex": (look(page(meta="noindex, follow")), FAIL, "/ has noindex for everybody"),
    "none": (look(page(meta="none")), FAIL, "/ has noindex for everybody"),
    "header": (look(page(header="noindex")), FAIL, "/ has noindex for everybody"),
    "header for one": (look(page(header="googlebot: nofollow, noindex")), FAIL, "/ has noindex for googlebot"),
    "another rule": (look(page(header="max-snippet: 20, noarchive")), PASS, ""),
    "a word in another": (look(page(meta="noindexing, nofollow")), PASS, ""),
    "robots": (look(page(), "Googlebot"), FAIL, "robots.txt keeps Googlebot from /"),
    "robots broken": (look(page(), "Bingbot", robots=503), FAIL, "keeps Bingbot from /: it answers 503"),
    "login": (look(page(401, login=True)), FAIL, "/ asks search engines for a login"),
    "elsewhere": (look(page(301, "www.shop.example")), FAIL, "/ leads to another host, www.shop.example"),
    "gone": (look(page(404)), FAIL, "/ answers 404"),
    "canonical elsewhere": (look(page(canonical="https://staging.example/")), FAIL, "not this environment's"),
    "canonical moved": (look(page(canonical=URL, answers="301")), FAIL, "which answers 301"),
    "sitemap": (look(page(), sitemaps=(SitemapLook(MAP, 200, pages=4),)), PASS, ""),
    "sitemap gone": (look(page(), sitemaps=(SitemapLook(MAP, 404),)), FAIL, f"the sitemap {MAP} answers 404"),
    "sitemap broken": (look(page(), sitemaps=(SitemapLook(MAP, 200, "is no XML"),)), FAIL, f"{MAP} is no XML"),
    "sitemap elsewhere": (look(page(), sitemaps=(SitemapLook(MAP, None),)), FAIL, "not this environment's"),
    "sitemap of staging": (
        look(page(), sitemaps=(SitemapLook(MAP, 200, foreign=("staging.example",)),)),
        FAIL,
        "names pages on hosts that are not this environment's: staging.example",
    ),
    "sitemap with a page that is gone": (
        look(page(), sitemaps=(SitemapLook(MAP, 200, sample=(LinkLook(f"{URL}/old", 410),)),)),
        FAIL,
        f"{URL}/old, which answers 410",
    ),
}
CLOSED = {
    "nothing": (look(page()), FAIL, "/ may be listed by search engines: no login and no noindex"),
    "robots alone": (look(page(), "Googlebot", "Bingbot"), FAIL, "by robots.txt alone"),
    "noindex": (look(page(meta="noindex")), PASS, "search engines are kept out"),
    "header": (look(page(header="noindex, nofollow")), PASS, ""),
    "a noindex that nobody sees": (look(page(header="noindex"), "Googlebot"), WARN, "they never see its noindex"),
    "for one": (look(page(header="googlebot: noindex")), FAIL, "/ is closed to googlebot alone"),
    "login": (look(page(401, login=True)), PASS, ""),
    "away": (look(page(302, "sso.example")), WARN, "/ leads to sso.example"),
    "gone": (look(page(404)), PASS, ""),
    "down": (look(page(503)), UNKNOWN, "/ answers 503: what a crawler gets later is not known"),
    "asked too often": (look(page(429)), UNKNOWN, "/ answers 429"),
    "down, with a noindex": (look(page(503, header="noindex")), UNKNOWN, "/ answers 503"),
    "a wall's 503": (look(page(503, login=True)), PASS, ""),
}


@pytest.mark.parametrize(("seen", "outcome", "summary"), OPEN.values(), ids=OPEN)
def test_an_open_site(seen: SearchLook, outcome: Outcome, summary: str) -> None:
    judged = search_engines(SearchSite("x", URL, open=True), seen, Environment("x"))
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


@pytest.mark.parametrize(("seen", "outcome", "summary"), CLOSED.values(), ids=CLOSED)
def test_a_closed_site(seen: SearchLook, outcome: Outcome, summary: str) -> None:
    judged = search_engines(SearchSite("x", URL, open=False), seen, Environment("x", production=True))
    assert (judged.outcome, summary in judged.summary) == (outcome, True), judged


def test_production_is_open_and_all_else_is_closed_where_the_profile_does_not_say() -> None:
    site = SearchSite("x", URL)
    assert search_engines(site, look(page()), Environment("x", production=True)).outcome is PASS
    assert search_engines(site, look(page()), Environment("x")).outcome is FAIL


def test_a_sitemap_that_was_named_has_to_be_there() -> None:
    judged = search_engines(SearchSite("x", URL, open=True, sitemap="/map.xml"), look(page()), Environment("x"))
    assert (judged.outcome, judged.summary) == (FAIL, "there is no sitemap at /map.xml")


XML = b'<?xml version="1.0"?><%b xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%b</%b>'


def test_sitemaps_are_read() -> None:
    pages = b"<url><loc> https://a.example/?x=1&amp;y=2 </loc><image><loc>https://cdn.example/i</loc></image></url>"
    assert read_sitemap(XML % (b"urlset", pages, b"urlset"), "x").urls == ["https://a.example/?x=1&y=2"]
    index = read_sitemap(
        XML % (b"sitemapindex", b"<sitemap><loc>https://a.example/1</loc></sitemap>", b"sitemapindex"), "x"
    )
    assert (index.index, index.urls) == (True, ["https://a.example/1"])
    assert read_sitemap(b"https://a.example/\nhttps://a.example/b\n", "x").urls == [
        "https://a.example/",
        "https://a.example/b",
    ]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<html><body>not found</body></html>", "begins with neither"),
        (XML % (b"urlset", b"<url>", b"urlset"), "is no XML"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><urlset/>", "has a document type"),
        (b"soon\n", "is neither XML nor a list of URLs"),
        (b"\x1f\x8b\x08", "is gzip that breaks off"),
    ],
)
def test_what_is_no_sitemap_is_named(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_sitemap(data, "x")
