"""nginx configurations, read with ngxparse from files or from a dump of `nginx -T` into one tree."""

import asyncio
import fnmatch
import glob
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from golive import Client, Location, Unavailable
from golive_checks.systems.nginx.client.files import MARKER, MAX_FILES, ConfigSource, NginxDump, NginxFolder

OPENS, CLOSES, ENDS = "{", "}", ";"
MAX_DEPTH = 30
"""Of blocks, and of includes within includes; nginx itself stops at its limit of open files."""
PER_HTTP = frozenset({"server", "upstream", "map", "geo", "split_clients", "limit_req_zone", "proxy_cache_path"})
"""Directives by which a file without an `http` block is known for a fragment that another one includes into it."""
NEWER_THAN_NGXPARSE = frozenset({"keepalive"})
"""Directives that take more arguments than ngxparse 0.5 knows: `keepalive 32 local` since nginx 1.29.7
(https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive)."""


FOREIGN = re.compile(r"\b(\w+_by_lua(?:_block)?|perl|perl_set)\b")
"""Directives whose argument is code of another language."""
Token = tuple[str, int, bool]
"""A word or a sign, its line, and whether it was quoted."""


@dataclass(frozen=True)
class Directive:
    """A directive as nginx sees it once all includes are read: `block` is None for one that ends in a semicolon."""

    name: str
    args: tuple[str, ...]
    at: Location
    block: "tuple[Directive, ...] | None" = None

    def find(self, name: str) -> "Iterator[Directive]":
        """Find the directives of a name directly in this block."""
        return (inner for inner in self.block or () if inner.name == name)


@dataclass(frozen=True)
class Parsed:
    """A configuration that nginx could read. `files` holds each text by name, the main one first."""

    main: Directive
    files: Mapping[str, str]
    fragment: bool
    """True where the main file has no `http` block of its own and is meant to be included into one."""
    missing: tuple[str, ...] = ()
    """Included files that the profile says lie on the machine alone."""


class BrokenError(Exception):
    """A configuration that nginx would refuse: `why`, and where."""

    def __init__(self, why: str, at: Location) -> None:
        super().__init__(f"{why} ({at})")
        self.why = why
        self.at = at


class NginxParser(Client):
    """Reads each configuration once, in a thread: the parser is Python, and a configuration may be large."""

    def __init__(self) -> None:
        self._parsed: dict[tuple[str, object], asyncio.Task[Parsed]] = {}

    async def files(self, main: str, *, elsewhere: tuple[str, ...] = (), max_bytes: int) -> Parsed:
        """Read the configuration whose main file is `main`; includes that match `elsewhere` need not be here.

        Raises:
            BrokenError: nginx would refuse it.
            Unavailable: it could not be read.
        """
        return await self._once(main, elsewhere, lambda: _read(main, NginxFolder(max_bytes), elsewhere, check=True))

    async def dump(self, text: str) -> Parsed:
        """Read what `nginx -T` printed. Raises as `files` does."""
        return await self._once(text, "dump", lambda: _read_dump(text))

    async def aclose(self) -> None:
        """Let go of what was read."""
        for task in self._parsed.values():
            task.cancel()
        await asyncio.gather(*self._parsed.values(), return_exceptions=True)

    async def _once(self, source: str, how: object, read: Callable[[], Parsed]) -> Parsed:
        task = self._parsed.get((source, how))
        if task is None:
            task = self._parsed[source, how] = asyncio.create_task(asyncio.to_thread(read))
        return await asyncio.shield(task)


def _read_dump(text: str) -> Parsed:
    dump = NginxDump.split(text)
    if not dump.files:
        raise Unavailable(
            f"the command printed no configuration: no line starts with {MARKER.strip()!r}",
            fix="Let the command be `nginx -T`, with a user that may read the certificates' keys.",
        )
    # nginx has tested it before it printed it, and knows its own directives better than the parser's table
    try:
        return _read(next(iter(dump.files)), dump, (), check=False)
    except BrokenError as error:
        raise Unavailable(
            f"ngxparse, the parser that golive reads it with, cannot read what nginx accepts: {error}"
        ) from None


def _read(main: str, source: ConfigSource, elsewhere: tuple[str, ...], *, check: bool) -> Parsed:
    reader = _Reader(source, posixpath.dirname(main), elsewhere)
    try:
        text = source.text(main)
    except OSError as error:
        raise Unavailable(
            f"cannot read {main}: {error.strerror or error}", fix="Name the main file in the profile, below `nginx`."
        ) from None
    tree = reader.parse(main, text, ())
    names = {directive.name for directive in tree}
    # A file as sites-available holds it: nginx includes it within http.
    fragment = "http" not in names and bool(names & PER_HTTP)
    if fragment:
        tree = (Directive("http", (), Location(main, 1), tree),)
    elif "http" not in names:
        raise BrokenError("it has no http block and no server: nothing would be served", Location(main))
    whole = Directive("main", (), Location(main, 1), tree)
    if check:
        _check(whole, ())
    return Parsed(whole, reader.files, fragment, tuple(reader.missing))


class _Reader:
    """Reads files and what they include into one tree, as nginx does."""

    def __init__(self, source: ConfigSource, folder: str, elsewhere: tuple[str, ...]) -> None:
        self.files: dict[str, str] = {}
        self.missing: list[str] = []
        self._source = source
        self._folder = folder
        self._elsewhere = elsewhere
        self._inclusions = 0

    def parse(self, name: str, text: str, within: tuple[str, ...]) -> tuple[Directive, ...]:
        """Parse a file's text; `within` names the files by which it is being included."""
        from crossplane.errors import NgxParserSyntaxError
        from crossplane.lexer import lex_string

        if text.startswith("\ufeff"):
            raise BrokenError(
                "it starts with a byte order mark, which nginx reads as part of a directive", Location(name, 1)
            )
        self.files[name] = text
        tokens = (token for token in lex_string(text, filename=name) if token[2] or not token[0].startswith("#"))
        try:
            return self._block(tokens, (*within, name), 0)
        except (NgxParserSyntaxError, BrokenError) as error:
            if other := FOREIGN.search(text):
                # nginx reads its block by that language's own rules, which ngxparse does not know
                raise Unavailable(
                    f"ngxparse, the parser that golive reads nginx's files with, cannot read {name}, which holds "
                    f"{other[1]}; nginx itself may",
                    fix="move the code into a file of its own (content_by_lua_file), or run `nginx -t` by hand",
                ) from None
            if isinstance(error, BrokenError):
                raise
            raise BrokenError(error.strerror, Location(name, error.lineno or 0)) from None

    def _block(
        self, tokens: Iterator[tuple[str, int, bool]], files: tuple[str, ...], depth: int
    ) -> tuple[Directive, ...]:
        found: list[Directive] = []
        words: list[str] = []
        at = Location(files[-1])
        for token, line, quoted in tokens:
            if quoted or token not in {OPENS, CLOSES, ENDS}:
                at = at if words else Location(files[-1], line)
                words.append(token)
                continue
            if bool(words) == (token == CLOSES):
                raise BrokenError(f'unexpected "{token}"', Location(files[-1], line))
            if token == CLOSES:
                return tuple(found)
            name, *args = words
            words = []
            if token == OPENS:
                if depth == MAX_DEPTH:
                    raise BrokenError(f"blocks are nested more than {MAX_DEPTH} deep", at)
                found.append(Directive(name, tuple(args), at, self._block(tokens, files, depth + 1)))
            elif name == "include" and len(args) == 1:
                found += self._include(args[0], at, files)
            else:
                found.append(Directive(name, tuple(args), at))
        if words:
            raise BrokenError('unexpected end of file, expecting ";" or "}"', at)
        return tuple(found)

    def _include(self, pattern: str, at: Location, files: tuple[str, ...]) -> Iterator[Directive]:
        """Read what an include names. Relative names start at the main file's folder, in every file."""
        path = posixpath.join(self._folder, pattern)
        # To nginx a mask that matches nothing is fine, a plain name without a file is an error.
        for name in self._source.names(path) if glob.has_magic(path) else [path]:
            self._inclusions += 1
            if name in files:
                raise BrokenError(f"{name} includes itself", at)
            if self._inclusions > MAX_FILES or len(files) > MAX_DEPTH:
                raise BrokenError(
                    f"more than {MAX_FILES} files are included, or more than {MAX_DEPTH} in one another", at
                )
            try:
                text = self._source.text(name)
            except OSError as error:
                if any(fnmatch.fnmatchcase(name, wanted) for wanted in self._elsewhere):
                    self.missing.append(name)
                    continue
                raise BrokenError(f"cannot read the included {name}: {error.strerror or error}", at) from None
            yield from self.parse(name, text, files)


def _check(block: Directive, context: tuple[str, ...]) -> None:
    """Hold each directive that ngxparse knows against the places and the arguments that nginx allows it."""
    from crossplane.analyzer import analyze, enter_block_ctx
    from crossplane.errors import NgxParserDirectiveError

    for directive in block.block or ():
        statement = {"directive": directive.name, "line": directive.at.line, "args": list(directive.args)}
        try:
            analyze(
                fname=directive.at.file,
                stmt=statement,
                term=";" if directive.block is None else "{",
                ctx=context,
                check_args=directive.name not in NEWER_THAN_NGXPARSE,
            )
        except NgxParserDirectiveError as error:
            raise BrokenError(error.strerror, directive.at) from None
        if directive.block is not None:
            _check(directive, enter_block_ctx(statement, context))
