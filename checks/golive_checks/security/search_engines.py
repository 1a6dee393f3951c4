"""Do search engines find what they are to find, and nothing else?"""

import re
from collections.abc import Iterable, Iterator

from golive import Environment, Verdict, check, unknown, verdict
from golive_checks.systems.http.search_engines import LinkLook, PageLook, SearchLook, SearchSite, SitemapLook

OK, ERROR, TOO_MANY, SERVER_ERROR = 200, 400, 429, 500
HIDING = frozenset({"noindex", "none"})
AGENT = re.compile(r"\s*([a-z0-9_*-]{1,50})\s*:(.{0,300})")
RULES = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
"""Rules that have a value, and so look like an agent's name."""
EVERYBODY = "robots"


@check("web.search-engines")
def search_engines(site: SearchSite, seen: SearchLook, env: Environment) -> Verdict:
    """Search engines find production's pages, and no page of any other environment.

    Why: A staging site in a search engine takes customers to test data, and competes with production. Production that
    was launched with staging's noindex, robots.txt or canonical disappears from search engines within days. Disallow
    in robots.txt alone closes nothing: a page that others link to is listed without being read.

    Fix: Elsewhere than on production, ask for a login, or send `X-Robots-Tag: noindex` with every answer (nginx:
    `add_header X-Robots-Tag noindex always;`) and leave robots.txt open, so that crawlers see it. On production, remove
    both, and build canonicals and the sitemap from the environment's own address.

    Source: https://developers.google.com/search/docs/crawling-indexing/block-indexing; RFC 9309; RFC 6596
    """
    is_open = env.production if site.open is None else site.open
    defects = [*(_open(site, seen) if is_open else _closed(site, seen))]
    pages = [f"{page.asked}: {page.status}, {_seen(page)}" for page in seen.pages]
    maps = [f"{each.url}: {each.pages} pages, {len(each.sample)} of them opened" for each in seen.sitemaps]
    fails = _distinct(text for fails, text in defects if fails)
    if not (is_open or fails) and (lost := [page for page in seen.pages if _is_unseen(page)]):
        return unknown(f"{lost[0].asked} answers {lost[0].status}: what a crawler gets later is not known", *pages)
    return verdict(
        fails,
        _distinct(text for fails, text in defects if not fails),
        ok="search engines may have the pages" if is_open else "search engines are kept out",
        evidence=[*pages, f"/robots.txt: {seen.robots_status}", *maps],
    )


def _distinct(texts: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _is_unseen(page: PageLook) -> bool:
    """Return whether a page's answer tells nothing of what it is on another day."""
    return not page.login and (page.status >= SERVER_ERROR or page.status == TOO_MANY)


def _seen(page: PageLook) -> str:
    if page.login:
        return "asks for a login"
    hidden = sorted(_hidden_from(page))
    return f"noindex for {', '.join(hidden)}" if hidden else "no noindex"


def _hidden_from(page: PageLook) -> set[str]:
    """Return the crawlers that a noindex is for; EVERYBODY for all."""
    found = {name for name, content in page.meta if HIDING & _words(content)}
    for value in page.header:
        match = AGENT.match(value)
        named = match and match[1] not in RULES
        agent, rules = (match[1], match[2]) if match and named else ("*", value)
        if HIDING & _words(rules):
            found.add(EVERYBODY if agent == "*" else agent)
    return found


def _words(text: str) -> set[str]:
    return {word.strip() for word in text.split(",")}


def _closed(site: SearchSite, seen: SearchLook) -> Iterator[tuple[bool, str]]:
    refused = {path for _, path in seen.refused}
    for page in seen.pages:
        hidden = _hidden_from(page)
        if page.login or page.status >= ERROR:
            continue  # what answers an error is not listed either
        if page.leads_to:
            yield False, f"{page.asked} leads to {page.leads_to}: whether that is closed, golive does not know"
        elif EVERYBODY in hidden:
            if page.path in refused:
                yield False, f"robots.txt keeps crawlers from {page.path}, so that they never see its noindex"
        elif hidden:
            yield True, f"{page.asked} is closed to {', '.join(sorted(hidden))} alone"
        elif page.path in refused:
            yield True, f"{page.asked} is kept out by robots.txt alone, which does not keep it from being listed"
        else:
            yield True, f"{page.asked} may be listed by search engines: no login and no noindex"


def _open(site: SearchSite, seen: SearchLook) -> Iterator[tuple[bool, str]]:
    for page in seen.pages:
        if page.login:
            yield True, f"{page.asked} asks search engines for a login"
        elif page.leads_to:
            yield True, f"{page.asked} leads to another host, {page.leads_to}"
        elif page.status != OK:
            yield True, f"{page.asked} answers {page.status}"
        if hidden := _hidden_from(page):
            yield True, f"{page.asked} has noindex for {', '.join(sorted(hidden)).replace(EVERYBODY, 'everybody')}"
        if len(page.canonicals) > 1:
            yield False, f"{page.asked} has {len(page.canonicals)} different canonicals, so that none counts"
        yield from _links(f"the canonical of {page.asked}", page.canonicals)
    # RFC 9309, section 2.3.1.4: a robots.txt that answers 5xx forbids everything.
    for agent, path in seen.refused:
        yield (
            True,
            f"robots.txt keeps {agent} from {path}"
            + ("" if seen.robots_status == OK else f": it answers {seen.robots_status}"),
        )
    if site.sitemap and not seen.sitemaps:
        yield True, f"there is no sitemap at {site.sitemap}"
    for sitemap in seen.sitemaps:
        yield from _sitemap(sitemap)


def _links(what: str, links: Iterable[LinkLook]) -> Iterator[tuple[bool, str]]:
    for link in links:
        if link.status is None:
            yield True, f"{what} is {link.url}, on a host that is not this environment's"
        elif link.status != OK:
            yield True, f"{what} is {link.url}, which answers {link.status}"


def _sitemap(seen: SitemapLook) -> Iterator[tuple[bool, str]]:
    if seen.status is None:
        yield True, f"the sitemap {seen.url} is on a host that is not this environment's"
    elif seen.status != OK:
        yield True, f"the sitemap {seen.url} answers {seen.status}"
    elif seen.broken:
        yield True, f"the sitemap {seen.url} {seen.broken}"
    if seen.foreign:
        yield True, f"the sitemap {seen.url} names pages on hosts that are not this environment's: {seen.foreign[0]}"
    yield from _links(f"a page of {seen.url}", seen.sample)
