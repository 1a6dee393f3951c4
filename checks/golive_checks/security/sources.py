"""One source of a Content-Security-Policy, and what it matches. What the grammar does not know matches nothing.

Source: https://www.w3.org/TR/CSP3, sections 2.3.1 (the grammar) and 6.7.2 (matching). Pure.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

NONE, SELF, INLINE, EVAL, DYNAMIC = "'none'", "'self'", "'unsafe-inline'", "'unsafe-eval'", "'strict-dynamic'"
VOUCHES = re.compile(r"'(?:nonce|sha(?:256|384|512))-[a-z0-9+/_-]+={0,2}'", re.IGNORECASE)
"""A nonce or a hash. A template that nobody filled in, such as 'nonce-{{nonce}}', is neither."""
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
PLACE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?"
    r"(?P<host>\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)"
    r"(?::(?P<port>\d{1,5}|\*))?"
    r"(?P<path>/[^?#]*)?(?:[?#].*)?",
    re.IGNORECASE,
)
PORTS: Mapping[str, int] = {"http": 80, "ws": 80, "https": 443, "wss": 443}
UPGRADES: Mapping[str, frozenset[str]] = {"http": frozenset({"http", "https"}), "ws": frozenset({"ws", "wss"})}
"""Which schemes a source's scheme also matches (section 6.7.2.8), as browsers do it: https matches itself alone.

The standard has ws and wss match https too, for there a WebSocket's URL has become one of https by then.
"""
STRANGER = "stranger.example"
"""A host that is nobody's (RFC 2606, section 3)."""
MADE_UP = frozenset({"data:", "blob:", "filesystem:"})
"""Sources whose content a page, or who writes into it, makes up on the spot."""


def lowered(sources: Sequence[str]) -> list[str]:
    """Write keywords, schemes and hosts as they are compared; nonces and hashes keep their case."""
    return [s if is_nonce_or_hash(s) else s.lower() for s in sources]


def is_nonce_or_hash(source: str) -> bool:
    """Return whether a source names single elements."""
    return bool(VOUCHES.fullmatch(source))


def is_nonce(source: str) -> bool:
    """Return whether a source names elements by a number that is to be used once."""
    return source.lower().startswith("'nonce-") and is_nonce_or_hash(source)


def names_elements(sources: Sequence[str]) -> bool:
    """Return whether any source is a nonce or a hash."""
    return any(map(is_nonce_or_hash, sources))


def trusts_dynamically(sources: Sequence[str]) -> bool:
    """Return whether scripts are allowed by who loads them: hosts, schemes and 'self' then count for nothing."""
    return DYNAMIC in lowered(sources)


def allows_all_inline(sources: Sequence[str] | None, *, script: bool) -> bool:
    """Section 6.7.3.2: a nonce, a hash or (for scripts) 'strict-dynamic' puts 'unsafe-inline' out of force."""
    if sources is None:
        return True
    out_of_force = names_elements(sources) or (script and trusts_dynamically(sources))
    return INLINE in lowered(sources) and not out_of_force


def allows_element(sources: Sequence[str] | None, *, nonce: str = "", hashes: Sequence[str] = ()) -> bool:
    """Return whether a nonce or hash of an element is among the sources."""
    named = set(filter(is_nonce_or_hash, sources or ()))
    by_nonce = bool(nonce) and any(is_nonce(s) and s[len("'nonce-") : -1] == nonce for s in named)
    return by_nonce or bool(named & set(hashes))


def allows_url(sources: Sequence[str] | None, url: str, home: str) -> bool:
    """Section 6.7.2.7: does a source list match a URL, on a page whose origin is `home`?"""
    return sources is None or any(_matches(source, url, home) for source in sources)


def strangers(source: str, shared: Collection[str]) -> Iterator[str]:
    """Yield other people's URLs that a source matches: by its scheme, any host, or a public suffix."""
    if scheme := SCHEME.fullmatch(source):
        yield f"{'https' if scheme[1].lower() in PORTS else scheme[1].lower()}://{STRANGER}/"
    place = PLACE.fullmatch(source)
    if not place:
        return
    host = place["host"].lower().rstrip(".")
    below = host.removeprefix("*.")
    if host == "*" or (host != below and below in shared):
        port = f":{place['port']}" if place["port"] not in {None, "*", "443"} else ""
        if port == ":80" and (place["scheme"] or "").lower() == "http":
            port = ""  # which a browser takes for 443 where it comes by https
        yield f"https://{STRANGER if host == '*' else f'stranger.{below}'}{port}{place['path'] or '/'}"


def _matches(source: str, url: str, home: str) -> bool:
    there, here = urlsplit(url), urlsplit(home)
    if source == "*":
        return there.scheme in {"http", "https", "ws", "wss", here.scheme}
    if source.lower() == SELF:
        same = there.hostname == here.hostname and _port(there.scheme, there.port) == _port(here.scheme, here.port)
        return same and (there.scheme == here.scheme or (here.scheme, there.scheme) == ("https", "wss"))
    if scheme := SCHEME.fullmatch(source):
        return _scheme_matches(scheme[1].lower(), there.scheme)
    place = PLACE.fullmatch(source)
    return (
        place is not None
        and _scheme_matches((place["scheme"] or here.scheme).lower(), there.scheme)
        and _host_matches(place["host"].lower(), there.hostname or "")
        and _port_matches(place, there.scheme, there.port)
        and _path_matches(place["path"] or "", there.path or "/")
    )


def _port(scheme: str, port: int | None) -> int | None:
    return port or PORTS.get(scheme)


def _scheme_matches(wanted: str, scheme: str) -> bool:
    return scheme in UPGRADES.get(wanted, frozenset({wanted}))


def _host_matches(pattern: str, host: str) -> bool:
    if pattern == "*":
        return True
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _port_matches(place: re.Match[str], scheme: str, port: int | None) -> bool:
    """Section 6.7.2.11; as in Chromium, port 80 of a source by http is also 443 where it came by https."""
    there, wanted = _port(scheme, port), place["port"]
    if wanted == "*" or not wanted:
        return bool(wanted) or there == PORTS.get(scheme)
    upgraded = (place["scheme"] or "").lower() == "http" and int(wanted) == PORTS["http"]
    return int(wanted) == there or (upgraded and there == PORTS["https"])


def _path_matches(pattern: str, path: str) -> bool:
    """Section 6.7.2.12: a path that ends in a slash matches all below it, another one itself alone."""
    pattern, path = unquote(pattern), unquote(path)
    return not pattern or pattern == "/" or (path.startswith(pattern) if pattern.endswith("/") else path == pattern)
