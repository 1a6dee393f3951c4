"""The URLs of scripts, styles, images and preloads in an HTML page."""

from collections.abc import Iterator, Mapping
from urllib.parse import urljoin

from golive_checks.systems.http.client.html import elements
from golive_checks.systems.http.front import parted

TAGS = ("script", "style", "link", "img", "source", "iframe", "base")
WANTED: Mapping[str, str] = {"script": "src", "link": "href", "img": "src", "base": "href", "iframe": "src"}
LINKS = frozenset({"stylesheet", "modulepreload", "preload", "icon", "apple-touch-icon", "manifest"})
"""The kinds of link that a browser fetches."""

URL_LIMIT = 2000
"""Characters; a longer one is data, or no file's name."""


def references(at: str, text: str) -> Iterator[str]:
    """Yield the absolute http(s) URL of every asset that the page at a URL names."""
    return (url for tag, given, url in resolved(at, text) if url and _fetched(tag, given))


def resolved(at: str, text: str) -> Iterator[tuple[str, Mapping[str, str], str]]:
    """Yield the wanted tags with their attributes and the absolute http(s) URL that each names; empty for none."""
    base = at
    for tag, given, _ in elements(text, TAGS):
        found = absolute(base, given.get(WANTED.get(tag, ""), ""))
        if tag != "base":
            yield tag, given, found
        elif found and base == at:
            base = found


def absolute(base: str, url: str) -> str:
    """Return the http(s) URL that is meant, without its fragment; empty where a browser would fetch nothing."""
    url = url.strip()
    if not url or len(url) > URL_LIMIT:
        return ""
    try:
        found = urljoin(base, url)
        parted(found)
    except ValueError:
        return ""  # no URL: a browser does not fetch it either
    return found.partition("#")[0] if found.startswith(("http://", "https://")) else ""


def _fetched(tag: str, given: Mapping[str, str]) -> bool:
    return tag in {"script", "img"} or (tag == "link" and bool(LINKS & set(given.get("rel", "").lower().split())))
