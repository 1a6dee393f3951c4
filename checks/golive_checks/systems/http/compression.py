"""Whether a host compresses what gains by it, as asked for by Accept-Encoding."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.http.client.message import ACCEPT_ANY, ACCEPT_JSON, ACCEPT_PAGE, Response
from golive_checks.systems.http.front import HttpReply, reply_of
from golive_checks.systems.http.page import Page, PageDoor

OF_A_KIND = 2
"""How many scripts, and how many styles, are asked for: one rule of a server holds for all of a kind."""

TEXTS: Mapping[str, str] = {
    "text/html": "HTML",
    "application/xhtml+xml": "HTML",
    "text/javascript": "JavaScript",
    "application/javascript": "JavaScript",
    "application/x-javascript": "JavaScript",
    "text/css": "CSS",
    "application/json": "JSON",
}
IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
"""Compressed by nature. SVG is text and not among them."""

Form = Literal["text", "image"]


@dataclass(frozen=True)
class Sample:
    """A resource, asked for with gzip and then with br and zstd; an image once, with all three."""

    path: str
    form: Form
    what: str
    """HTML, JavaScript, CSS, JSON, or the image's type."""
    size_bytes: int
    """Its size when it is unpacked."""
    gzip: HttpReply
    modern: HttpReply


@dataclass(frozen=True)
class Compression(Fact):
    """The samples that could be had, and why others could not."""

    samples: tuple[Sample, ...]
    missed: tuple[str, ...] = ()


def _requests_of_compression(host: Host) -> int:
    return 7 if host.has_page else 1


@probe("http.compression", requests=_requests_of_compression)
async def compression(
    host: Host,
    page: Page,
    door: PageDoor,
) -> Compression:
    """Ask for a page, scripts, styles, JSON and an image with gzip, and with br and zstd."""

    async def ask(path: str, accept: str, encoding: str) -> Response:
        return await door.get(path, accept=accept, encoding=encoding)

    async def sample(path: str, accept: str, *, image: bool) -> Sample | str:
        try:
            packed = await ask(path, accept, "gzip, br, zstd" if image else "gzip")
            seen = reply_of(packed)
            if seen.status != 200:  # noqa: PLR2004 - OK: only then is it the thing itself
                return f"{path} answers {seen.status}"
            if seen.media_type in IMAGES:
                return Sample(path, "image", seen.media_type, len(packed.body), seen, seen)
            if image or seen.media_type not in TEXTS:
                return ""
            # gzip is left out, as a server that has all three is free to choose it.
            best = reply_of(await ask(path, accept, "br, zstd"))
            return Sample(path, "text", TEXTS[seen.media_type], len(packed.content), seen, best)
        except Unavailable as gap:
            if gap.transient:
                raise
            return gap.reason

    asked = [sample(path, accept, image=image) for path, accept, image in _wanted(host, page)]
    found = await asyncio.gather(*asked)
    return Compression(
        samples=tuple(f for f in found if isinstance(f, Sample)),
        missed=tuple(f for f in found if f and isinstance(f, str)),
    )


def _wanted(host: Host, page: Page) -> list[tuple[str, str, bool]]:
    """Return each path to ask for, what to accept there, and whether it is an image."""
    kinds = {kind: [a.path for a in page.assets if a.kind == kind] for kind in ("script", "style", "image")}
    texts = [*kinds["script"][:OF_A_KIND], *kinds["style"][:OF_A_KIND]]
    return [
        (page.reply.path, ACCEPT_PAGE, False),
        *((path, ACCEPT_ANY, False) for path in texts),
        *((path, ACCEPT_JSON, False) for path in [host.api_path] if path),
        *((path, ACCEPT_ANY, True) for path in kinds["image"][:1]),
    ]
