"""What stands in the scripts that a page serves to everyone: where they send to, and what looks like a secret."""

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from golive import Fact, Unavailable, probe, shortened
from golive.wording import data_size
from golive_checks.shapes import SECRET_MARKS, SECRET_PATTERNS
from golive_checks.subjects import Host
from golive_checks.systems.http.client.message import ACCEPT_ANY, ACCEPT_PAGE, Response
from golive_checks.systems.http.front import parted
from golive_checks.systems.http.page import Asset, Page, PageDoor
from golive_checks.systems.http.references import resolved
from golive_checks.systems.page.chunks import NEXT, asked_chunks, below_next, import_map, is_webpack, webpack_files
from golive_checks.systems.page.modules import imports

MAX_FILES = 80
MAX_BYTES = 20_000_000
"""Of text in all: more than any page that people wait for."""
MAX_FOUND = 100
"""Secrets that a fact keeps: one is too many already."""
MAX_ORIGINS = 1000
MORE_ORIGINS = f"more origins than {MAX_ORIGINS:,} in the scripts"

ORIGIN = re.compile(r"\b(?:https?|wss?)://(?:\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9.-]{1,253}+)(?!@)(?::\d{1,5})?")
"""A name before an @ is none: it is a user, as in a Sentry DSN."""
ENDING = re.compile(r"""\.(?:js|mjs|css)(?=\\?["'`])""")
CHUNK = re.compile(r"(?:\.?/)?(?:[\w@.~()\[\]%+$-]{1,100}/){0,9}[\w@.~()\[\]%+$-]{1,120}")
"""How one built file names another: `import("./Cart-3f2a.js")`, or the list of chunks that Vite writes; Next's have the
names of routes in them, such as app/(shop)/[id]."""
CHUNK_LENGTH = 300


@dataclass(frozen=True)
class ExposedSecret:
    """Something of a secret's shape, by its shape, file and offset. Never the value."""

    shape: str
    path: str
    offset: int


@dataclass(frozen=True)
class Bundle(Fact):
    """The text that a host's page serves: itself, its scripts and styles, and the chunks that these name."""

    files: tuple[str, ...]
    size_bytes: int
    origins: Mapping[str, str]
    """Each absolute http(s) or ws(s) origin in them, with a file that names it."""
    exposed: tuple[ExposedSecret, ...]
    missed: tuple[str, ...]
    """Why a file that is named could not be read."""


@probe("page.bundle")
async def bundle(host: Host, page: Page, door: PageDoor) -> Bundle:
    """Read the scripts and styles of the page, and the chunks that they name."""

    async def get(path: str, accept: str) -> Response:
        return await door.get(path, accept=accept)

    reading = _Reading(get)
    named = [asset.path for asset in page.assets if asset.kind in {"script", "style"}]
    if page.html:
        by_tag = await reading.look(page.reply.path, ACCEPT_PAGE)
        reading.demanded = frozenset(by_tag)
        named = list(dict.fromkeys([*by_tag, *named, *reading.later]))
    if host.has_page and not reading.files:
        raise Unavailable(f"{door.endpoint.origin}{page.reply.path} shows no page (it answers {page.reply.status})")
    if page.left_out:
        reading.missed.append(f"{page.left_out} more assets of the page")
    if page.elsewhere and not any(asset.kind == "script" for asset in page.assets):
        reading.missed.append(f"its scripts, which come from elsewhere: {', '.join(page.elsewhere)}")
    await reading.follow(named[:MAX_FILES])
    await reading.by_number()
    if len(named) > MAX_FILES:
        reading.missed.append(f"{len(named) - MAX_FILES} more files, past the first {MAX_FILES}")
    return Bundle(
        files=tuple(sorted(reading.files)),
        size_bytes=reading.size_bytes,
        origins=dict(sorted(reading.origins.items())),
        exposed=tuple(sorted(reading.exposed, key=lambda e: (e.path, e.offset, e.shape))[:MAX_FOUND]),
        missed=tuple(sorted(reading.missed)),
    )


class _Reading:
    """What has been found so far."""

    def __init__(self, get: Callable[[str, str], Awaitable[Response]]) -> None:
        self.get = get
        self.files: list[str] = []
        self.size_bytes = 0
        self.home = ""
        self.origins: dict[str, str] = {}
        self.exposed: list[ExposedSecret] = []
        self.missed: list[str] = []
        self.names: dict[str, str] = {}
        """The page's import map."""
        self.later: list[str] = []
        """What scripts within the page name, such as the chunks of React's server components."""
        self.runtimes: dict[str, str] = {}
        self.asked: set[str] = set()
        """Of webpack: the scripts that know the files of chunks, and the chunks that are asked for by their numbers."""
        self.demanded: frozenset[str] = frozenset()
        """What the page itself names, and so must be there; what a script names may be a mere word of its text."""

    async def follow(self, paths: list[str]) -> None:
        """Read files, then those that they name, and so on."""
        known = set(paths)
        while paths:
            named = await asyncio.gather(*(self.look(path, ACCEPT_ANY) for path in paths))
            new = [path for path in dict.fromkeys(itertools.chain(*named)) if path not in known]
            paths = new[: max(0, MAX_FILES - len(known))]
            if len(paths) < len(new):
                self.missed.append(f"{len(new) - len(paths)} more files, past the first {MAX_FILES}")
            known.update(new)

    async def by_number(self) -> None:
        """Read the chunks that webpack loads by their numbers, and those that these ask for."""
        known = set(self.files)
        while True:
            there = {
                n: to for url, text in self.runtimes.items() for n, to in webpack_files(url, text, self.asked).items()
            }
            paths = [urlsplit(to).path for to in there.values() if to.startswith(self.home + "/")]
            new = [path for path in dict.fromkeys(paths) if path not in known]
            if not new:
                break
            known.update(new)
            await self.follow(new)
        if lacking := sorted(self.asked - there.keys()):
            self.missed.append(f"scripts that webpack loads by number: {shortened(', '.join(lacking), 80)}")

    async def look(self, path: str, accept: str) -> list[str]:
        """Read a file and return the paths of those that it names."""
        try:
            got = await self.get(path, accept)
            is_page = "html" in got.header("content-type").lower()
            if got.status != 200 or is_page != (accept is ACCEPT_PAGE):  # noqa: PLR2004 - OK
                if path in self.demanded:
                    self.missed.append(f"{path} answers {'a page' if got.status == 200 else got.status}")  # noqa: PLR2004
                return []  # nothing is there, or the page in place of a chunk, as a single-page app answers
            text = got.text
        except Unavailable as gap:
            if gap.transient:
                raise
            self.missed.append(gap.reason)
            return []
        if self.size_bytes + len(text) > MAX_BYTES:
            self.missed.append(f"{path}, past the first {data_size(MAX_BYTES)}")
            return []
        await self._take(path, text)
        self.home = parted(got.url)[0]
        if is_page:
            self.names |= import_map(got.url, text)
            named = list(_named(got.url, text))
            self.later = list(_chunks(urljoin(got.url, next((p for p in named if NEXT in p), "")), text))
            return [*named, *self._on_host(self.names.values())]
        if is_webpack(text):
            self.asked |= asked_chunks(text)
            self.runtimes |= {got.url: text} if webpack_files(got.url, text, ("0",)) else {}
        return [*_chunks(got.url, text), *self._on_host(to for to, _ in imports(got.url, text, self.names))]

    def _on_host(self, urls: Iterable[str]) -> list[str]:
        return [urlsplit(url).path for url in urls if url.startswith(self.home + "/")]

    async def _take(self, path: str, text: str) -> None:
        """Keep of a file's text what is asked of it. Others have a turn in between: a search takes its time."""
        self.files.append(path)
        self.size_bytes += len(text)
        for found in ORIGIN.finditer(text):
            origin = found[0].lower()
            if origin in self.origins or len(self.origins) < MAX_ORIGINS:
                self.origins[origin] = min(path, self.origins.get(origin, path))
            elif MORE_ORIGINS not in self.missed:
                self.missed.append(MORE_ORIGINS)
        for shape, pattern in SECRET_PATTERNS.items():
            if not any(mark in text for mark in SECRET_MARKS.get(shape, ("",))):
                continue
            await asyncio.sleep(0)
            found_here = itertools.islice(pattern.finditer(text), MAX_FOUND)
            self.exposed += [ExposedSecret(shape, path, found.start()) for found in found_here]


def _named(url: str, text: str) -> Iterator[str]:
    """Yield the paths of the scripts and styles on its own host that a page has a browser load."""
    home, _ = parted(url)
    for tag, given, found in resolved(url, text):
        rel = given.get("rel", "").lower().split()
        origin, path = parted(found) if found else ("", "")
        if origin == home and (tag == "script" or (tag == "link" and {"stylesheet", "modulepreload"} & set(rel))):
            yield path


def _chunks(url: str, text: str) -> Iterator[str]:
    """Yield the paths of built files, with a hash in their name, that a script names on its own host.

    A name that starts with a dot or has no folder is beside the script; `assets/x.js` is meant from the site's root.
    """
    home, _ = parted(url)
    for ending in ENDING.finditer(text):
        first = max(0, ending.start() - CHUNK_LENGTH)
        opening = max(text.rfind(quote, first, ending.start()) for quote in "\"'`")
        if opening < 0 or not CHUNK.fullmatch(text, opening + 1, ending.start()):
            continue
        name = text[opening + 1 : ending.end()]
        beside = name.startswith((".", "/")) or "/" not in name
        whole = below_next(url, name) or urljoin(url if beside else f"{home}/", name)
        if whole.startswith(home + "/") and Asset(urlsplit(whole).path).hashed:
            yield urlsplit(whole).path
