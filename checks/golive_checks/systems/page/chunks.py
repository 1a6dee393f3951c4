"""Where bundlers say by other means than a URL what a page loads later: import maps, webpack's runtime, Next. Pure.

<script type=importmap>{"imports": {"dN4Gr": "/cart.6d923558.js"}}</script>        Parcel: import("dN4Gr")
r.u=e=>e+"."+{118:"71c3",144:"0896"}[e]+".js"; r.p="/assets/"                      webpack: r.e(144)
static/chunks/2f8b1c.js                                                            Next: below /_next/
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import urljoin

from golive_checks.systems.http.client.html import elements
from golive_checks.systems.http.references import absolute

MADE_BY_WEBPACK = re.compile(r"\bwebpack(?:Chunk|Jsonp)")
ASKED = re.compile(r"""\.e\((\d{1,9}|"[\w./@-]{1,200}"|'[\w./@-]{1,200}')\)""")
"""`r.e(144)`: webpack loads the chunk 144."""
NAMED_BY = re.compile(
    r"\.u=(?:\(?(?P<arrow>\w{1,3})\)?=>(?:\{return )?|function\((?P<plain>\w{1,3})\)\{return )"
    r"|\.src=function\((?P<old>\w{1,3})\)\{return \w{1,3}\.p\+"
)
"""`r.u=e=>…`, webpack 5's function from a chunk's number to its file; webpack 4 has it within the loader."""
PUBLIC_PATH = re.compile(r"""\.p=(?:"([^"]{0,300})"|'([^']{0,300})')""")
TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.){0,300}"|'(?:[^'\\]|\\.){0,300}'|`[^`$\\]{0,300}`)"""
    r"""|(?P<name>[A-Za-z_$][\w$]{0,40})|(?P<number>\d{1,12})|(?P<sign>===?|\|\||[-+?:{}()\[\],;]))"""
)
MAX_TOKENS, MAX_DEPTH = 40_000, 20
NEXT = "/_next/"


def import_map(url: str, page: str) -> dict[str, str]:
    """Return the URLs that a page's import map gives to names (HTML, section 8.1.6.2), those of its scopes included."""
    found: dict[str, str] = {}
    for _, given, text in elements(page, ("script",)):
        if given.get("type", "").strip().lower() != "importmap":
            continue
        try:
            read: Any = json.loads(text)
        except (ValueError, RecursionError):
            continue
        scopes = read.get("scopes") if isinstance(read, dict) else None
        maps = [read.get("imports"), *(scopes.values() if isinstance(scopes, dict) else ())] if read else []
        for each in maps:
            named = each.items() if isinstance(each, dict) else ()
            found |= {name: to for name, where in named if isinstance(where, str) and (to := absolute(url, where))}
    return found


def mapped(imports: Mapping[str, str], name: str) -> str:
    """Return the URL of a name: its own entry, or the longest one that ends with a slash and begins it."""
    if name in imports:
        return imports[name]
    prefix = max((each for each in imports if each.endswith("/") and name.startswith(each)), key=len, default="")
    return absolute(imports[prefix], name.removeprefix(prefix)) if prefix else ""


def asked_chunks(text: str) -> frozenset[str]:
    """Return the numbers or names of the chunks that a script has webpack load."""
    return frozenset(found.strip("\"'") for found in ASKED.findall(text)) if "webpack" in text else frozenset()


def webpack_files(url: str, text: str, asked: Iterable[str]) -> dict[str, str]:
    """Return the URL of each chunk that a runtime knows, by its number, and of those that are asked for."""
    found: dict[str, str] = {}
    public = PUBLIC_PATH.search(text)
    base = urljoin(url, (public[1] or public[2] or "") if public else "./")
    for function in NAMED_BY.finditer(text):
        parameter = function["arrow"] or function["plain"] or function["old"]
        tokens = list(_tokens(text, function.end()))
        expression = _Expression(tokens, parameter)
        for number in dict.fromkeys([*_keys(tokens), *sorted(asked)]):
            name = expression.value(number)
            if name and "undefined" not in name and (to := absolute(base, name)):
                found[number] = to
    return found


def below_next(url: str, name: str) -> str:
    """Return where Next has a file that its scripts call static/…: below /_next/, wherever that is served."""
    before, folder, _ = url.partition(NEXT)
    return f"{before}{folder}{name}" if folder and name.startswith("static/") else ""


def _tokens(text: str, start: int) -> Iterator[tuple[str, str]]:
    """Yield the tokens of an expression, up to where it ends."""
    at, depth = start, 0
    for _ in range(MAX_TOKENS):
        found = TOKEN.match(text, at)
        if found is None:
            return
        kind, value, at = str(found.lastgroup), found[found.lastgroup or 0], found.end()
        depth += (value in {"(", "[", "{"}) - (value in {")", "]", "}"}) if kind == "sign" else 0
        if depth < 0 or (depth == 0 and value in {",", ";"}):
            return
        yield kind, value


def _keys(tokens: list[tuple[str, str]]) -> Iterator[str]:
    """Yield the keys of the maps in an expression, and what it compares with."""
    for (kind, value), (other, after) in pairwise(tokens):
        if after in {":", "==", "==="} and kind in {"number", "text", "name"}:
            yield value.strip("\"'`")
        if value in {"==", "==="} and other in {"number", "text"}:
            yield after.strip("\"'`")


class _Expression:
    """An expression for the file of a chunk; its value is None where it holds something else."""

    def __init__(self, tokens: list[tuple[str, str]], parameter: str) -> None:
        self._tokens, self._parameter, self._number = tokens, parameter, ""
        self._maps: dict[int, tuple[dict[str, str], int]] = {}
        self._at = self._depth = 0

    def value(self, number: str) -> str | None:
        """Work it out."""
        self._number, self._at, self._depth = number, 0, 0
        try:
            return self._choice()
        except (IndexError, ValueError):
            return None

    def _next(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _take(self, *signs: str) -> bool:
        taken = self._next() in signs
        self._at += taken
        return taken

    def _choice(self) -> str | None:
        """`a ? b : c`, of which the condition compares the number."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ValueError
        found = self._either()
        if self._take("==", "==="):
            same = self._either() == found
            self._demand("?")
            yes = self._choice()
            self._demand(":")
            no = self._choice()
            found = yes if same else no
        self._depth -= 1
        return found

    def _either(self) -> str | None:
        found = self._sum()
        while self._take("||"):
            other = self._sum()
            found = found if found is not None else other
        return found

    def _sum(self) -> str | None:
        found = self._single()
        while self._take("+"):
            more = self._single()
            found = None if found is None or more is None else found + more
        return found

    def _single(self) -> str | None:
        kind, value = self._tokens[self._at]
        self._at += 1
        if kind in {"text", "number"}:
            return value[1:-1] if kind == "text" else value
        if kind == "name" and value == self._parameter:
            return self._number
        if value == "(" and self._next() == "{":
            start = self._at
            self._at += 1
            names = self._names()
            if self._take(")"):  # ({1: "cart"})[e]
                return names.get(self._key())
            self._at = start
        if value == "(":
            found = self._choice()
            self._demand(")")
            return found
        if value == "{":
            return self._names().get(self._key())
        raise ValueError

    def _demand(self, sign: str) -> None:
        if not self._take(sign):
            raise ValueError

    def _key(self) -> str:
        self._demand("[")
        key = self._choice()
        self._demand("]")
        return key or ""

    def _names(self) -> dict[str, str]:
        """Read a map, once for all chunks."""
        start = self._at
        if start not in self._maps:
            found: dict[str, str] = {}
            while not self._take("}"):
                key = self._tokens[self._at][1].strip("\"'`")
                self._at += 1
                self._demand(":")
                found[key] = self._single() or ""
                self._take(",")
            self._maps[start] = found, self._at
        found, self._at = self._maps[start]
        return found


def is_webpack(text: str) -> bool:
    """Return whether webpack, or what is made of it, has written a script."""
    return bool(MADE_BY_WEBPACK.search(text))
