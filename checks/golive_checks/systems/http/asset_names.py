"""Whether the name of an asset carries a hash of its content, as build tools write it."""

import re
from urllib.parse import parse_qsl

SHORTEST = 8
"""Characters of the shortest hash that a build tool writes by default (Vite, esbuild, Angular, Remix)."""
LONGEST = 64
HEX = re.compile(r"(?=.*[0-9])[0-9a-f]{8,64}")
"""webpack, Next, Rails, Laravel."""
MOMENT = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:\d{2}){0,3}|1[0-9]{9}(?:[0-9]{3})?")
"""A date, or seconds or milliseconds since 1970: it says when a file was made, and not what is in it."""
BASE32 = re.compile(r"[A-Z2-7]{8}")
"""esbuild, and so Angular and Remix."""
CAMEL_CASE = re.compile(r"(?:[A-Z]{0,3}+[a-z]{3,}+)++[0-9]{0,3}")
"""Words joined together, such as `googleAnalytics4` and `UXTerminal`."""
SEPARATORS = "-_.~"
BY_CONTENT = re.compile(
    r"(?:^|/)(?:_nuxt|_app/immutable|_next/static/(?:chunks|css|media)|_astro)/(?:[^?]*/)?[^/?]+"
    r"\.(?:m?js|css|woff2?|ttf|svg|png|jpe?g|webp|avif|gif|wasm)$"
)
"""Folders in which Nuxt, SvelteKit, Next and Astro name every such file by its content, however the name looks."""


def carries_hash(path: str) -> bool:
    """Return whether a path, with its query, names its content by a hash: in its last segment, or as `?id=`."""
    before, _, query = path.partition("?")
    if any(len(value) >= SHORTEST and _is_hash(value) for _, value in parse_qsl(query[:1000])):
        return True
    if BY_CONTENT.search(before):
        return True
    stem = _stem(before.rpartition("/")[2])
    words = [word for word in re.split(r"[-_.~]", stem) if SHORTEST <= len(word) <= LONGEST]
    return any(_is_hash(word) for word in words) or _ends_in_base64(stem)


def _stem(name: str) -> str:
    """Return a file's name without its endings: `main.1a2b3c4d.chunk.js.map` loses `.js.map`."""
    return re.sub(r"(?:\.[A-Za-z][A-Za-z0-9]{0,4}){1,2}$", "", name) if name.count(".") else name


def _is_hash(word: str) -> bool:
    if MOMENT.fullmatch(word):
        return False
    if HEX.fullmatch(word) or BASE32.fullmatch(word):
        return True
    if not word.isalnum() or not word.isascii() or CAMEL_CASE.fullmatch(word):
        return False
    if not (any(c.isupper() for c in word) and any(c.islower() for c in word)):
        return False
    # Without a digit only one in seven is a hash, and those are as long as Vite writes them.
    return any(c.isdigit() for c in word) or (len(word) == SHORTEST and sum(c.isupper() for c in word) > 1)


def _ends_in_base64(stem: str) -> bool:
    """Return whether the last eight characters are a hash in base64url, which uses `-` and `_` as letters."""
    tail, before = stem[-SHORTEST:], stem[-SHORTEST - 1 : -SHORTEST]
    if len(tail) < SHORTEST or before not in tuple(SEPARATORS):
        return False
    letters = [c for c in tail if c not in "-_"]
    kinds = (str.isupper, str.islower, str.isdigit)
    return "." not in tail and all(any(kind(c) for c in letters) for kind in kinds)
