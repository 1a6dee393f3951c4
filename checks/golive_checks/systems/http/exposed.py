"""What a deploy or a framework may have left open to everyone, recognised by the content and never by a 200 alone."""

import asyncio
import hashlib
import re
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urljoin

from pydantic import Field

from golive import Effect, Fact, RunInfo, Settings, Unavailable, probe
from golive_checks.subjects import Host, UrlPath
from golive_checks.systems.http.answers import nowhere
from golive_checks.systems.http.client.message import ACCEPT_ANY, Response
from golive_checks.systems.http.exposed_signs import SIGNS, TRACE, Sign
from golive_checks.systems.http.front import parted
from golive_checks.systems.http.page import Page, PageDoor

Get = Callable[[str], Awaitable[Response | None]]

LOOKED_AT = 200_000
"""Bytes of an answer: what gives a file away is at its beginning."""
MAPPED = 3
"""Scripts whose source map is asked for: a build makes them for all or for none."""
SOURCE_MAP = re.compile(rb"[#@]\s?sourceMappingURL=(\S{1,300})\s*+(?:\*/)?\s*+$")
INLINE_MAP = b"data:application/json"


class Exposure(Settings):
    """What is open to everyone on purpose."""

    home: ClassVar[str] = "security.exposed"

    allow: tuple[UrlPath, ...] = Field(default=(), max_length=50)
    """Paths that everyone may read, such as /metrics of a host that only the inner network reaches."""
    others: tuple[UrlPath, ...] = Field(default=(), max_length=20)
    """More paths that must not be there: any successful response that is not the page is reported."""
    graphql_path: UrlPath = ""
    """Where GraphQL answers: it must not describe itself to everyone."""


@dataclass(frozen=True)
class Leak:
    """What is open, and by what it was recognised. Nothing of its content."""

    path: str
    what: str


@dataclass(frozen=True)
class Leaks(Fact):
    """What is open at a host, of how many paths that were asked for."""

    asked: int
    found: tuple[Leak, ...]
    missed: tuple[str, ...] = ()
    """Paths that could not be looked at, and why."""


@probe("http.leaks", effect=Effect.ACTIVE)
async def leaks(
    host: Host,
    page: Page,
    door: PageDoor,
    ask: Exposure,
    run: RunInfo,
) -> Leaks:
    """Ask for files, source maps and debug pages that should not be there, as scanners do."""
    missed = list[str]()

    async def get(path: str) -> Response | None:
        try:
            return await door.get(path, accept=ACCEPT_ANY)
        except Unavailable as gap:
            if gap.transient:
                raise
            missed.append(f"{path}: {gap.reason}")
            return None

    nothing = await get(nowhere(run))
    fallback = _digest(nothing) if nothing else ""
    signs = _sought(ask)
    answers = await asyncio.gather(*(get(sign.path) for sign in signs))
    found = [
        Leak(sign.path.partition("?")[0], sign.what)
        for sign, got in zip(signs, answers, strict=True)
        if got and _shows(sign, got, fallback)
    ]
    if nothing and TRACE.search(_beginning(nothing)):
        found.append(Leak(nowhere(run), "a stack trace in its error"))
    named = [asset.path for asset in page.assets if asset.kind == "script"]
    maps = await asyncio.gather(*(_map(path, get, fallback) for path in named[:MAPPED]))
    if more := len(named) - len(maps) + page.left_out:
        missed.append(f"the source maps of {more} more files of the page")
    found += [leak for leak in maps if leak and leak.path not in ask.allow]
    return Leaks(len(signs) + len(maps), tuple(found), tuple(sorted(missed)))


def _sought(ask: Exposure) -> list[Sign]:
    """Return what is looked for, with what shows that it is there."""
    signs = [sign for sign in SIGNS if sign.path not in ask.allow]
    signs += [Sign(path, "content", b"") for path in ask.others]
    if ask.graphql_path:
        query = "?query=%7B__schema%7Btypes%7Bname%7D%7D%7D"
        signs.append(Sign(ask.graphql_path + query, "GraphQL's description of itself", rb'"__schema"\s*:'))
    return signs


async def _map(script: str, get: Get, fallback: str) -> Leak | None:
    """Look for a script's source map: in it, where it names one, else beside it."""
    got = await get(script)
    named = SOURCE_MAP.search(_whole(got).rstrip()[-2000:]) if got else None
    if got and named and named[1].startswith(INLINE_MAP):
        return Leak(script, "its source map, within it")
    path = f"{script}.map"
    if got and named:
        origin, there = parted(urljoin(got.url, named[1].decode("latin-1")))
        path = there if got.url.startswith(f"{origin}/") else path
    answer = await get(path)
    return (
        Leak(path, "a source map") if answer and _shows(Sign(path, "", rb'"mappings"\s*:'), answer, fallback) else None
    )


def _shows(sign: Sign, got: Response, fallback: str) -> bool:
    """Return whether an answer is what is looked for, and not the page that a single-page app gives for any path."""
    return (
        200 <= got.status < 300  # noqa: PLR2004 - success
        and _digest(got) != fallback
        and bool(re.search(sign.pattern, _beginning(got), re.MULTILINE))
        and (sign.page or not _is_page(got))
    )


def _is_page(got: Response) -> bool:
    return got.header("content-type").lower().startswith(("text/html", "application/xhtml"))


def _digest(got: Response) -> str:
    return hashlib.sha256(_beginning(got)).hexdigest()


def _beginning(got: Response) -> bytes:
    """Unpack as much of an answer as is looked at, whether or not the rest came."""
    if got.header("content-encoding").lower() in {"gzip", "x-gzip"}:
        with suppress(zlib.error):
            return zlib.decompressobj(wbits=31).decompress(got.body, LOOKED_AT)
    return got.body[:LOOKED_AT]


def _whole(got: Response) -> bytes:
    try:
        return got.content
    except Unavailable:
        return b""
