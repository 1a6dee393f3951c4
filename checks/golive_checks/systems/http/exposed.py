"""What a deploy or a framework may have left open to everyone, recognised by the content and never by a 200 alone."""

import asyncio
import hashlib
import re
import zlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urljoin

from pydantic import Field

from golive import Effect, Fact, RunInfo, Settings, Unavailable, probe
from golive_checks.subjects import Host, UrlPath
from golive_checks.systems.http.answers import nowhere
from golive_checks.systems.http.client.message import ACCEPT_ANY, Response
from golive_checks.systems.http.door import Door
from golive_checks.systems.http.exposed_signs import SIGNS, TRACE, Sign
from golive_checks.systems.http.front import HostDoor, parted
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


@dataclass(frozen=True)
class FirstLeaks(Fact):
    """The same of the few paths that reading alone may ask for."""

    asked: int
    found: tuple[Leak, ...]
    missed: tuple[str, ...] = ()


@probe("http.first-leaks", requests=1 + sum(sign.first for sign in SIGNS))
async def first_leaks(host: Host, door: HostDoor, ask: Exposure, run: RunInfo) -> FirstLeaks:
    """Ask for the few files that do the most harm where they are open, and for one that cannot be there."""
    looking = _Looking(door)
    control = await looking.get(nowhere(run))
    signs = [sign for sign in SIGNS if sign.first and sign.path not in ask.allow]
    found = await looking.for_signs(signs, control)
    return FirstLeaks(len(signs), tuple(found), tuple(sorted(looking.missed)))


def _requests(host: Host, ask: Exposure) -> int:
    return 1 + len(_sought(ask)) + (MAPPED if host.has_page else 0)


@probe("http.leaks", requests=_requests, effect=Effect.ACTIVE)
async def leaks(host: Host, page: Page, door: PageDoor, ask: Exposure, run: RunInfo) -> Leaks:
    """Ask for files, source maps and debug pages that should not be there, as scanners do."""
    looking = _Looking(door)
    # Many sites answer any path with their front page: what a path gets that is surely not there tells the two apart.
    control = await looking.get(nowhere(run))
    signs = _sought(ask)
    found = await looking.for_signs(signs, control)
    if control and TRACE.search(_beginning(control)):
        found.append(Leak(nowhere(run), "a stack trace in its error"))
    named = [asset.path for asset in page.assets if asset.kind == "script"]
    maps = await asyncio.gather(*(_map(path, looking.get, control) for path in named[:MAPPED]))
    if more := len(named) - len(maps) + page.left_out:
        looking.missed.append(f"the source maps of {more} more files of the page")
    found += [leak for leak in maps if leak and leak.path not in ask.allow]
    return Leaks(len(signs) + len(maps), tuple(found), tuple(sorted(looking.missed)))


@dataclass(frozen=True)
class _Looking:
    """A host that is asked, and the paths that it gave no answer for."""

    door: Door
    missed: list[str] = field(default_factory=list)

    async def get(self, path: str) -> Response | None:
        """Return the answer to a path; None where none came, which is noted."""
        try:
            return await self.door.get(path, accept=ACCEPT_ANY)
        except Unavailable as gap:
            if gap.transient:
                raise
            self.missed.append(f"{path}: {gap.reason}")
            return None

    async def for_signs(self, signs: Sequence[Sign], control: Response | None) -> list[Leak]:
        """Return what is open of what is looked for."""
        answers = await asyncio.gather(*(self.get(sign.path) for sign in signs))
        return [
            Leak(sign.path.partition("?")[0], sign.what)
            for sign, got in zip(signs, answers, strict=True)
            if got and _shows(sign, got, control)
        ]


def _sought(ask: Exposure) -> list[Sign]:
    """Return what is looked for, with what shows that it is there."""
    signs = [sign for sign in SIGNS if sign.path not in ask.allow]
    signs += [Sign(path, "content", b"") for path in ask.others]
    if ask.graphql_path:
        query = "?query=%7B__schema%7Btypes%7Bname%7D%7D%7D"
        signs.append(Sign(ask.graphql_path + query, "GraphQL's description of itself", rb'"__schema"\s*:'))
    return signs


async def _map(script: str, get: Get, control: Response | None) -> Leak | None:
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
    sign = Sign(path, "", rb'"mappings"\s*:')
    return Leak(path, "a source map") if answer and _shows(sign, answer, control) else None


def _shows(sign: Sign, got: Response, control: Response | None) -> bool:
    """Return whether an answer is what is looked for, and not what the host gives for a path that cannot be there."""
    if control and (_digest(got) == _digest(control) or _bears(sign, control)):
        return False
    return _bears(sign, got)


def _bears(sign: Sign, got: Response) -> bool:
    """Return whether an answer has what a file gives itself away by."""
    return (
        200 <= got.status < 300  # noqa: PLR2004 - success
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
