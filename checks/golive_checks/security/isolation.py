"""Is a page isolated from other sites where it wants to be?"""

import re
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urljoin

from golive import Settings, Severity, Verdict, check, not_applicable, shortened, verdict
from golive_checks.security.headers import is_page
from golive_checks.subjects import Host
from golive_checks.systems.http.answers import Answers
from golive_checks.systems.http.front import HttpReply
from golive_checks.systems.page.document import Document

OPENER, EMBEDDER, RESOURCE = (f"cross-origin-{name}-policy" for name in ("opener", "embedder", "resource"))
ITEM = re.compile(
    r" *+([a-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*+)"
    r"(?: *+; *+[a-z*][a-z0-9_.*-]*+(?:=(?:\"[^\"\\]*+\"|[A-Za-z*0-9!#$%&'*+.^_`|~:/?-]++))?)*+ *+"
)
"""A token with parameters, as RFC 9651 has it: what is written otherwise, browsers ignore."""
EMBEDS = frozenset({"require-corp", "credentialless"})
RESOURCES = frozenset({"same-origin", "same-site", "cross-origin"})


class Isolation(Settings):
    """Whether pages use what browsers give to isolated ones alone: SharedArrayBuffer, exact timers."""

    home: ClassVar[str] = "security.isolation"

    wanted: bool | None = None
    """Unset: where a page sends a Cross-Origin-Embedder-Policy."""


@check("headers.isolation", severity=Severity.MEDIUM)
def isolation(host: Host, seen: Answers, page: Document, ask: Isolation) -> Verdict:
    """A page that wants to be isolated is: both its policies are there, and as browsers read them.

    Why: Browsers give SharedArrayBuffer and exact timers only to a page that has both headers. Where one is missing or
    misspelt, `crossOriginIsolated` is false, and what needs them (video calls, WebAssembly threads) does not start.

    Fix: Send `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp` (or
    `credentialless`) with the page, each once; give what it loads from other sites `crossorigin`.

    Source: HTML, sections 7.1.3 and 7.1.4; Fetch, section 3.7
    """
    pages = [route.reply for route in seen.routes if route.kind == "page" and is_page(route.reply)]
    wanted = ask.wanted if ask.wanted is not None else any(reply.values(EMBEDDER) for reply in pages)
    warns = list(dict.fromkeys(text for route in seen.routes for text in _resource(route.reply)))
    if not pages or not wanted:
        return verdict([], warns, ok="") if warns else not_applicable("no page of it asks to be isolated")
    fails = [f"{reply.path}: {text}" for reply in pages for text in _missing(reply)]
    embeds = {item(reply, EMBEDDER) for reply in pages}
    if embeds == {"require-corp"}:
        home = {f"https://{host.name}", f"https://{host.name}:{host.port}"}
        bare = (script.url for script in page.scripts if script.url and not script.crossorigin)
        others = (url for url in bare if urljoin(url, "/").rstrip("/") not in home)
        warns += [f"{shortened(url, 120)} is loaded without crossorigin: it must send {RESOURCE}" for url in others]
    return verdict(fails, warns, ok="the page is isolated: crossOriginIsolated is true")


def _missing(reply: HttpReply) -> Iterator[str]:
    opener, embedder = item(reply, OPENER), item(reply, EMBEDDER)
    if opener != "same-origin":
        yield f"not isolated: Cross-Origin-Opener-Policy is {_said(reply, OPENER)}, not same-origin"
    if embedder not in EMBEDS:
        yield f"not isolated: Cross-Origin-Embedder-Policy is {_said(reply, EMBEDDER)}, not require-corp"


def item(reply: HttpReply, name: str) -> str:
    """Return the token of a header as browsers read it; empty where it is none, or sent more than once."""
    values = reply.values(name)
    found = ITEM.fullmatch(values[0]) if len(values) == 1 else None
    return found[1] if found else ""


def _resource(reply: HttpReply) -> Iterator[str]:
    value = reply.header(RESOURCE)
    if value and value.strip(" \t") not in RESOURCES:
        yield f"{reply.path}: browsers ignore Cross-Origin-Resource-Policy: {shortened(value, 60)}"


def _said(reply: HttpReply, name: str) -> str:
    return shortened(reply.header(name), 60) or "absent"
