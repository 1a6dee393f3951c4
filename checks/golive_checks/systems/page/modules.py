"""The scripts that a host's page is made of: those that it needs to start, and those that come when they are wanted."""

import asyncio
import re
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.http.client.message import ACCEPT_ANY, ACCEPT_PAGE, Response
from golive_checks.systems.http.front import parted, without_query
from golive_checks.systems.http.page import Page, PageDoor
from golive_checks.systems.http.references import absolute, resolved
from golive_checks.systems.page.chunks import asked_chunks, import_map, is_webpack, mapped, webpack_files

MAX_INITIAL = 60
OK = 200
MAX_LAZY = 20
"""Of the scripts that come later only so many are looked at, until one is there."""
MAX_TRIED = 100
GZIP_LEVEL, GZIP = 6, 31
"""nginx's and most CDNs' order of size, for scripts that a host serves without compressing them."""

IMPORT = re.compile(
    r"""(?<![\w$.])(?:import(?P<lazy>\s{0,9}\(\s{0,9}(?:/\*[^*]{0,200}\*/\s{0,9})?)?|from)"""
    r"""\s{0,9}(["'`])(?P<what>[^"'`\s]{1,300})\2"""
)
"""`import x from "./a.js"`, `import"./a.js"`, `export*from"./a.js"`; lazy: `import("./a.js")` (ECMA-262, 16.2)."""
WEBPACK_LAZY = re.compile(r"""\.e\((?:\d{1,9}|["'][\w./@-]{1,200}["'])\)\.then\(|Promise\.all\(\[\w{1,9}\.e\(""")
"""How webpack, and so Next, asks for a chunk by its number."""


@dataclass(frozen=True)
class LoadedScript:
    """A script: `packed_bytes` is its size with gzip, as sent or as it would be; at least that where not `whole`."""

    path: str
    packed_bytes: int
    whole: bool = True


@dataclass(frozen=True)
class Modules(Fact):
    """The scripts of a page, on the page's own host."""

    initial: tuple[LoadedScript, ...]
    """What a browser fetches before the page can do anything."""
    lazy: tuple[LoadedScript, ...]
    """What they import on demand: `import()`."""
    webpack_lazy: bool
    """A script asks for chunks as webpack does, by numbers."""
    elsewhere: tuple[str, ...]
    """Origins of other hosts that the page's scripts come from. Not looked at."""
    missed: tuple[str, ...]
    """Why a script could not be read."""


def _requests_of_modules(host: Host) -> int:
    return 1 if host.has_page else 0


@probe("page.modules", requests=_requests_of_modules)
async def modules(host: Host, page: Page, door: PageDoor) -> Modules:
    """Read the page's scripts and what they import, and how large each is with gzip."""

    async def get(path: str, accept: str = ACCEPT_ANY) -> Response:
        return await door.get(path, accept=accept)

    reading = _Reading(door.endpoint.origin, get)
    if page.html:
        got = await get(page.reply.path, ACCEPT_PAGE)
        named = [url for tag, given, url in resolved(got.url, got.text) if url and _starts(tag, given)]
        # What a script within the page imports is needed to start, however it is imported: frameworks begin so.
        reading.names = import_map(got.url, got.text)
        named += [url for url, _ in imports(got.url, got.text, reading.names)]
        await reading.follow(named)
    return Modules(
        initial=tuple(reading.initial),
        lazy=tuple(reading.lazy),
        webpack_lazy=reading.webpack_lazy,
        elsewhere=tuple(sorted(reading.elsewhere)),
        missed=tuple(reading.missed),
    )


class _Reading:
    """What has been found so far."""

    def __init__(self, origin: str, get: Callable[[str], Awaitable[Response]]) -> None:
        self.origin, self.get = origin, get
        self.initial: list[LoadedScript] = []
        self.lazy: list[LoadedScript] = []
        self.webpack_lazy = False
        self.names: Mapping[str, str] = {}
        """The page's import map."""
        self.asked = set[str]()
        self.runtimes: dict[str, str] = {}
        """Of webpack: the chunks that are asked for by their numbers, and the scripts that know their files."""
        self.elsewhere: set[str] = set()
        self.missed: list[str] = []

    async def follow(self, urls: list[str]) -> None:
        """Read scripts and what they import at once; then some of what they import later."""
        known, later = set[str](), dict[str, None]()
        while paths := [path for path in self._own(urls) if path not in known]:
            if len(known) + len(paths) > MAX_INITIAL:
                self.missed.append(
                    f"{len(known) + len(paths) - MAX_INITIAL} more scripts, past the first {MAX_INITIAL}"
                )
                paths = paths[: MAX_INITIAL - len(known)]
            known.update(paths)
            urls = []
            for found in await asyncio.gather(*(self._read(path, self.initial) for path in paths)):
                urls += [url for url, lazy in found if not lazy]
                later |= dict.fromkeys(self._own(url for url, lazy in found if lazy))
        for url, text in self.runtimes.items():
            later |= dict.fromkeys(self._own(webpack_files(url, text, self.asked).values()))
        await self._some([path for path in later if path not in known])

    async def _some(self, later: list[str]) -> None:
        """Read scripts that come later until one is there: some names are only what the code looks like."""
        for start in range(0, min(len(later), MAX_TRIED), MAX_LAZY):
            if not self.lazy:
                await asyncio.gather(*(self._read(path, self.lazy) for path in later[start : start + MAX_LAZY]))
        if not self.lazy and len(later) > MAX_TRIED:
            self.missed.append(f"{len(later) - MAX_TRIED:,} more scripts that are imported later")

    def _own(self, urls: Iterable[str]) -> list[str]:
        """Return the paths of those on the page's own host; note where the others come from."""
        found = dict[str, None]()
        for origin, path in map(parted, urls):
            if origin == self.origin:
                found[path] = None
            else:
                self.elsewhere.add(without_query(origin))
        return list(found)

    async def _read(self, path: str, into: list[LoadedScript]) -> list[tuple[str, bool]]:
        """Read a script, and return what it imports, and whether later."""
        try:
            got = await self.get(path)
            # Nothing is there, or the page stands in place of a script, as a single-page app answers.
            if got.status != OK or "html" in got.header("content-type").lower():
                if into is self.initial:  # what is imported later is read off the code, which may only guess a name
                    what = "HTML in place of a script" if got.status == OK else f"{got.status}"
                    self.missed.append(f"{path} answers {what}")
                return []
            if got.truncated:
                into.append(LoadedScript(path, len(got.body), whole=False))
                return []
            content = got.content
        except Unavailable as gap:
            if gap.transient:
                raise
            self.missed.append(gap.reason)
            return []
        packed = got.body if got.header("content-encoding") else zlib.compress(content, GZIP_LEVEL, wbits=GZIP)
        into.append(LoadedScript(path, len(packed)))
        await asyncio.sleep(0)  # others have a turn: a search takes its time
        text = content.decode("utf-8", "replace")
        self.webpack_lazy = self.webpack_lazy or bool(WEBPACK_LAZY.search(text))
        if is_webpack(text):
            self.asked |= asked_chunks(text)
            self.runtimes |= {got.url: text} if webpack_files(got.url, text, ("0",)) else {}
        return list(imports(got.url, text, self.names))


def imports(url: str, text: str, names: Mapping[str, str] | None = None) -> Iterator[tuple[str, bool]]:
    """Yield the URLs that a script imports, and whether only when it is wanted; bare names by the page's import map."""
    for found in IMPORT.finditer(text):
        what = found["what"]
        to = absolute(url, what) if what.startswith((".", "/", "https:")) else mapped(names or {}, what)
        if to:
            yield to, bool(found["lazy"])


def _starts(tag: str, given: Mapping[str, str]) -> bool:
    """Return whether a browser of today fetches a tag's URL as a script before the page works."""
    rel = given.get("rel", "").lower().split()
    preloaded = "modulepreload" in rel or ("preload" in rel and given.get("as", "").lower() == "script")
    return (tag == "link" and preloaded) or (tag == "script" and "nomodule" not in given)
