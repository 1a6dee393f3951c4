"""The pictures that a host's page shows, those that its scripts and styles name, and what waits until it is seen."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.http.client.message import ACCEPT_ANY, ACCEPT_IMAGE, ACCEPT_PAGE, Response
from golive_checks.systems.http.front import parted
from golive_checks.systems.http.page import Page, PageDoor
from golive_checks.systems.http.references import absolute, resolved
from golive_checks.systems.page.bundle import Bundle
from golive_checks.systems.page.client.images import format_of, pixels

MAX_FETCHED = 20
"""Different pictures that are looked at; `left_out` says how many were not."""
MAX_SHOWN = 2000
"""Pictures and frames of a page that are kept; that there are more is in `missed`."""

NAMED = re.compile(r"""["'`(]([\w@./-]{1,200}\.(?:png|jpe?g|gif|bmp|webp|avif))(?=["'`)])""", re.IGNORECASE)
"""How scripts and styles name a picture: `"/assets/hero-1a2b3c4d.png"`, `url(../hero.png)`."""
DRAWN = re.compile(r"""\(\s{0,9}["'`]img["'`]\s{0,9},|<img[\s>]""")
"""How a script makes an image element: `jsx("img", …)`, `createElement("img", …)`, or a template's text."""
DEFERS = re.compile(r"""\bloading\s{0,9}[:=]\s{0,9}["'`\\]{1,2}lazy""")
OBSERVES = "IntersectionObserver"


@dataclass(frozen=True)
class Shown:
    """A picture or a frame as the page's HTML places it; `path` is empty where it comes from elsewhere."""

    path: str
    frame: bool = False
    lazy: bool = False
    wide: int = 0
    """What it is shown at, in CSS pixels, where the HTML says so."""
    high: int = 0
    responsive: bool = False
    """The browser chooses among several sizes."""


@dataclass(frozen=True)
class Picture:
    """A picture's file: its format, pixels (0 if not known) and size, at least that where not `whole`."""

    path: str
    format: str
    width: int
    height: int
    size_bytes: int
    whole: bool = True


@dataclass(frozen=True)
class Pictures(Fact):
    """What a page shows, in its order, and the files of its own host."""

    shown: tuple[Shown, ...]
    files: tuple[Picture, ...]
    scripts_draw: bool
    """A script makes image elements."""
    scripts_defer: bool
    """A script says `loading="lazy"`, or watches what comes into view."""
    left_out: int
    missed: tuple[str, ...]


def _requests_of_pictures(host: Host) -> int:
    return 4 if host.has_page else 0


@probe("page.pictures", requests=_requests_of_pictures)
async def pictures(
    host: Host,
    page: Page,
    bundle: Bundle,
    door: PageDoor,
) -> Pictures:
    """Look at the pictures of the page, and at those that its scripts and styles name."""

    async def get(path: str, accept: str) -> Response:
        return await door.get(path, accept=accept)

    got = await get(page.reply.path, ACCEPT_PAGE) if page.html else None
    shown = list(_placed(got.url, got.text)) if got else []
    rest = [path for path in bundle.files if path != page.reply.path]
    named, draws, defers = await _by_scripts(rest, lambda path: get(path, ACCEPT_ANY), door.endpoint.origin)
    paths = [path for path in dict.fromkeys([*(s.path for s in shown if not s.frame), *named]) if path]
    missed = [*bundle.missed, *_past_bound(len(shown))]

    async def look(path: str) -> Picture | None:
        try:
            return _picture(path, await get(path, ACCEPT_IMAGE))
        except Unavailable as gap:
            if gap.transient:
                raise
            missed.append(gap.reason)
            return None

    files = await asyncio.gather(*(look(path) for path in paths[:MAX_FETCHED]))
    return Pictures(
        shown=tuple(shown[:MAX_SHOWN]),
        files=tuple(found for found in files if found),
        scripts_draw=draws,
        scripts_defer=defers,
        left_out=max(0, len(paths) - MAX_FETCHED),
        missed=tuple(missed),
    )


def _past_bound(count: int) -> list[str]:
    more = count - MAX_SHOWN
    return [f"{more:,} more pictures and frames, past the first {MAX_SHOWN:,}"] if more > 0 else []


async def _by_scripts(
    paths: Sequence[str], get: Callable[[str], Awaitable[Response]], origin: str
) -> tuple[list[str], bool, bool]:
    """Return the pictures that scripts and styles name, and whether a script makes image elements, and defers some."""
    named, draws, defers = list[str](), False, False
    for path in paths:  # all of them are here already
        got = await get(path)
        text = got.text
        named += [own(origin, _meant(got.url, found[1])) for found in NAMED.finditer(text)]
        draws, defers = draws or bool(DRAWN.search(text)), defers or OBSERVES in text or bool(DEFERS.search(text))
        await asyncio.sleep(0)  # others have a turn: a search takes its time
    return named, draws, defers


def _placed(url: str, text: str) -> Iterator[Shown]:
    """Yield the pictures and frames of a page. Of a <picture>, the first source is what a browser of today takes."""
    home, _ = parted(url)
    source = ""
    for tag, given, found in resolved(url, text):
        if tag == "source" and "srcset" in given:
            source = source or given["srcset"]
        elif tag in {"img", "iframe"}:
            chosen = absolute(url, _first(source)) if source else found
            yield Shown(
                path=own(home, chosen),
                frame=tag == "iframe",
                lazy=given.get("loading", "").lower() == "lazy",
                wide=_whole(given.get("width", "")),
                high=_whole(given.get("height", "")),
                responsive=bool(source) or "srcset" in given,
            )
            source = ""


def _first(srcset: str) -> str:
    return srcset.strip().partition(" ")[0].rstrip(",")


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0  # noqa: PLR2004 - no screen has more pixels


def own(home: str, url: str) -> str:
    """Return the path of a URL on the page's own host; empty for any other."""
    origin, path = parted(url)
    return path if origin == home else ""


def _meant(url: str, name: str) -> str:
    """Return what a script or a style names: a plain path is meant from the site's root, as Vite writes it."""
    home, _ = parted(url)
    beside = name.startswith((".", "/")) or "/" not in name or urlsplit(url).path.endswith(".css")
    return absolute(url if beside else f"{home}/", name)


def _picture(path: str, got: Response) -> Picture | None:
    packed = got.header("content-encoding").lower() not in {"", "identity"}  # which it should not be
    content = got.content if packed else got.body
    kind = format_of(content)
    if got.status != 200 or not kind:  # noqa: PLR2004 - OK
        return None  # nothing is there, or it is no picture of pixels: a drawing, a page in its place
    declared = got.header("content-length")
    size = int(declared) if got.truncated and declared.isdecimal() and len(declared) < 12 else len(got.body)  # noqa: PLR2004 - below a terabyte
    return Picture(path, kind, *pixels(content), size_bytes=size, whole=not got.truncated)
