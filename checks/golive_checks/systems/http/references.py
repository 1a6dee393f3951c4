"""The URLs of scripts, styles, images and preloads in an HTML page.

Not by the standard library's parser: on hostile input it takes quadratic time (CVE-2025-6069), and it brings 2,000
entities along. This reads the few tags it wants, each character at most twice.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin

from golive_checks.systems.http.front import parted

TAG = re.compile(
    r"""<!--|<(script|style|link|img|source|iframe|base)\b((?:[^<>"']|"[^"]{0,4000}"|'[^']{0,4000}'){0,4000}+)>""",
    re.IGNORECASE,
)
ATTRIBUTE = re.compile(r"""([a-z-]{1,40})(?:\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""", re.IGNORECASE)
"""With its value, or alone, as `nomodule` stands."""
CLOSING = {tag: re.compile(rf"</{tag}", re.IGNORECASE) for tag in ("script", "style")}

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
    for tag, given in tags(text):
        found = absolute(base, given.get(WANTED.get(tag, ""), "").replace("&amp;", "&"))
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


def tags(text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the wanted tags with their attributes; comments and the insides of scripts and styles are passed over."""
    here = 0
    while found := TAG.search(text, here):
        here = found.end()
        if found[0] == "<!--":
            here = text.find("-->", here)
        else:
            tag = found[1].lower()
            yield tag, {name.lower(): a or b or c for name, a, b, c in reversed(ATTRIBUTE.findall(found[2]))}
            if tag in CLOSING:
                end = CLOSING[tag].search(text, here)
                here = end.end() if end else -1
        if here < 0:
            return


def _fetched(tag: str, given: Mapping[str, str]) -> bool:
    return tag in {"script", "img"} or (tag == "link" and bool(LINKS & set(given.get("rel", "").lower().split())))
