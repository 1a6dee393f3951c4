"""What a host's page holds that a Content-Security-Policy decides on: its own policies, scripts and styles."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.http.client.html import elements
from golive_checks.systems.http.client.suffixes import site_of
from golive_checks.systems.http.front import LONG_VALUES, parted
from golive_checks.systems.http.page import Page, PageDoor
from golive_checks.systems.http.references import URL_LIMIT

HANDLER = re.compile(r"on[a-z]{3,30}")
"""An event handler as an attribute, which is an inline script too."""
MAX_ITEMS = 1000
NOT_RUN = re.compile(r"(?!$|module$|importmap$|(?:text|application)/(?:x-)?(?:java|ecma)script$)", re.IGNORECASE)
"""Types of a script that no browser runs: data, templates (HTML, section 4.12.1)."""


@dataclass(frozen=True)
class DocumentScript:
    """A script: where it lies and the hashes of its integrity attribute, or those of what stands in the page."""

    url: str = ""
    hashes: tuple[str, ...] = ()
    nonce: str = ""
    crossorigin: bool = False
    """Whether it is asked for by CORS."""
    site: str = ""
    """What of its host's name is one owner's; empty for an inline script."""


@dataclass(frozen=True)
class Document(Fact):
    """The page, as far as a policy decides on it. Empty where the host shows none."""

    policies: tuple[str, ...] = ()
    """The Content-Security-Policy of each meta element."""
    referrer: str = ""
    scripts: tuple[DocumentScript, ...] = ()
    styles: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    inline_style: bool = False
    handlers: tuple[str, ...] = ()


@probe("page.document")
async def document(host: Host, page: Page, door: PageDoor) -> Document:
    """Read the page's own policies, scripts, styles and frames."""
    if not page.html:
        return Document()
    got = await door.get(page.reply.path)
    return parsed(got.url, got.text)


def parsed(at_url: str, text: str) -> Document:
    """Read an HTML page."""
    base, policies, referrer = "", list[str](), ""
    scripts, handlers, inline_style = list[DocumentScript](), set[str](), False
    urls: dict[str, list[str]] = {"link": [], "img": [], "iframe": []}
    for tag, given, inside in elements(text, ("*",)):
        handlers.update(filter(HANDLER.fullmatch, given))
        if tag == "meta":
            if given.get("http-equiv", "").lower() == "content-security-policy":
                policies.append(given.get("content", ""))
            if given.get("name", "").lower() == "referrer":
                referrer = given.get("content", "").strip().lower()[:URL_LIMIT]
        elif tag == "base" and "href" in given:
            base = base or _absolute(at_url, given["href"])  # the first counts
        elif tag == "script" and not NOT_RUN.match(given.get("type", "").strip()):
            src = _absolute(base or at_url, given["src"]) if "src" in given else ""
            hashes = _integrity(given.get("integrity", "")) if "src" in given else _hashes(inside)
            nonce, by_cors = given.get("nonce", ""), "crossorigin" in given
            site = site_of(urlsplit(src).hostname or "") if src else ""
            scripts.append(DocumentScript(src, tuple(hashes), nonce, by_cors, site))
        elif tag == "style":
            inline_style = True
        elif tag == "link" and "stylesheet" in given.get("rel", "").lower().split():
            urls["link"].append(_absolute(base or at_url, given.get("href", "")))
        elif tag in {"img", "iframe"}:
            urls[tag].append(_absolute(base or at_url, given.get("src", "")))
    kept = {tag: tuple(dict.fromkeys(url for url in found if url)) for tag, found in urls.items()}
    _demand_bounds(policies, [len(policies), len(scripts), *(len(found) for found in kept.values())])
    return Document(
        policies=tuple(policies),
        referrer=referrer,
        scripts=tuple(dict.fromkeys(scripts)),
        styles=kept["link"],
        images=kept["img"],
        frames=kept["iframe"],
        inline_style=inline_style,
        handlers=tuple(sorted(handlers)),
    )


def _demand_bounds(policies: list[str], counts: list[int]) -> None:
    longest = LONG_VALUES["content-security-policy"]
    if any(len(policy) > longest for policy in policies):
        raise Unavailable(f"a Content-Security-Policy in the page is longer than {longest:,} characters")
    if max(counts) > MAX_ITEMS:
        raise Unavailable(f"the page names more than {MAX_ITEMS:,} policies, scripts, styles, images or frames")


def _hashes(inside: str) -> Iterator[str]:
    """Yield an inline script's hashes as a policy writes them (CSP 3, section 2.3.1)."""
    for name in ("sha256", "sha384", "sha512"):
        digest = hashlib.new(name, inside.encode()).digest()
        yield f"'{name}-{base64.b64encode(digest).decode()}'"


def _integrity(value: str) -> Iterator[str]:
    return (f"'{text}'" for text in value.split())


def _absolute(base: str, url: str) -> str:
    try:
        found = urljoin(base, url.strip()).partition("#")[0]
        parted(found)
    except ValueError:
        return ""
    return found if len(found) <= URL_LIMIT and found.startswith(("http://", "https://")) else ""
