"""Content-Security-Policies as browsers read them: parsed by directive, with fall-backs, several at a time. Pure.

Source: https://www.w3.org/TR/CSP3, whose algorithms the functions are named after.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

FALL_BACKS: Mapping[str, tuple[str, ...]] = {
    "script-src": ("script-src", "default-src"),
    "script-src-elem": ("script-src-elem", "script-src", "default-src"),
    "script-src-attr": ("script-src-attr", "script-src", "default-src"),
    "style-src": ("style-src", "default-src"),
    "style-src-elem": ("style-src-elem", "style-src", "default-src"),
    "style-src-attr": ("style-src-attr", "style-src", "default-src"),
    "worker-src": ("worker-src", "child-src", "script-src", "default-src"),
    "frame-src": ("frame-src", "child-src", "default-src"),
    **{
        name: (name, "default-src")
        for name in ("child-src", "connect-src", "font-src", "img-src", "manifest-src", "media-src", "object-src")
    },
}
"""Section 6.8.3, "Get fetch directive fallback list"."""
NO_FALL_BACK = ("base-uri", "form-action", "frame-ancestors")
OTHERS = ("default-src", "sandbox", "report-uri", "report-to", "upgrade-insecure-requests", "require-trusted-types-for")
KNOWN = frozenset([*FALL_BACKS, *NO_FALL_BACK, *OTHERS, "trusted-types", "block-all-mixed-content", "prefetch-src"])
NOT_IN_META = frozenset({"frame-ancestors", "report-uri", "sandbox"})
"""Ignored in a meta element (HTML, section 4.2.5.3)."""
REPEATABLE = frozenset({"report-uri", "report-to"})

NONE, SELF, INLINE, EVAL, DYNAMIC = "'none'", "'self'", "'unsafe-inline'", "'unsafe-eval'", "'strict-dynamic'"
PORTS: Mapping[str, int] = {"http": 80, "ws": 80, "https": 443, "wss": 443}
UPGRADES: Mapping[str, frozenset[str]] = {"http": frozenset({"http", "https"}), "ws": frozenset({"ws", "wss"})}
"""Which schemes a source's scheme also matches (section 6.7.2.8), as browsers do it: https matches itself alone.

The standard has ws and wss match https too, for there a WebSocket's URL has become one of https by then.
"""


@dataclass(frozen=True)
class Policy:
    """One policy: its directives, the first of each name."""

    directives: Mapping[str, tuple[str, ...]]
    repeated: tuple[str, ...] = ()

    def sources(self, name: str) -> tuple[str, ...] | None:
        """Return the sources that decide on a directive, by its fall-backs; None where nothing does."""
        for each in FALL_BACKS.get(name, (name,)):
            if each in self.directives:
                return self.directives[each]
        return None

    @property
    def known(self) -> bool:
        """True where it has any directive that a browser knows."""
        return bool(KNOWN & set(self.directives))


def parsed(headers: Iterable[str], metas: Iterable[str] = ()) -> tuple[Policy, ...]:
    """Parse every policy of headers, of which a comma parts several, and of meta elements."""
    found = [_policy(text) for header in headers for text in header.split(",")]
    found += [_policy(text, NOT_IN_META) for text in metas]
    return tuple(policy for policy in found if policy.directives)


def _policy(text: str, ignored: frozenset[str] = frozenset()) -> Policy:
    directives: dict[str, tuple[str, ...]] = {}
    repeated = []
    for part in text.split(";"):
        name, *values = part.split() or [""]
        name = name.lower()
        if name in directives:
            repeated.append(name)
        elif name and name not in ignored:
            directives[name] = tuple(values)
    return Policy(directives, tuple(dict.fromkeys(name for name in repeated if name not in REPEATABLE)))


def lowered(sources: Sequence[str]) -> list[str]:
    """Write keywords, schemes and hosts as they are compared; nonces and hashes keep their case."""
    return [s if is_nonce_or_hash(s) else s.lower() for s in sources]


def is_nonce_or_hash(source: str) -> bool:
    """Tell whether a source names single elements."""
    return source.lower().startswith(("'nonce-", "'sha256-", "'sha384-", "'sha512-")) and source.endswith("'")


def names_elements(sources: Sequence[str]) -> bool:
    """Tell whether any source is a nonce or a hash."""
    return any(map(is_nonce_or_hash, sources))


def trusts_dynamically(sources: Sequence[str]) -> bool:
    """Tell whether scripts are allowed by who loads them: hosts, schemes and 'self' then count for nothing."""
    return DYNAMIC in lowered(sources)


def allows_all_inline(sources: Sequence[str] | None, *, script: bool) -> bool:
    """Section 6.7.3.2: a nonce, a hash or (for scripts) 'strict-dynamic' puts 'unsafe-inline' out of force."""
    if sources is None:
        return True
    out_of_force = names_elements(sources) or (script and trusts_dynamically(sources))
    return INLINE in lowered(sources) and not out_of_force


def allows_element(sources: Sequence[str] | None, *, nonce: str = "", hashes: Sequence[str] = ()) -> bool:
    """Tell whether a nonce or hash of an element is among the sources."""
    named = set(sources or ())
    return (bool(nonce) and f"'nonce-{nonce}'" in named) or bool(named & set(hashes))


def allows_url(sources: Sequence[str] | None, url: str, home: str) -> bool:
    """Section 6.7.2.7: does a source list match a URL, on a page whose origin is `home`?"""
    return sources is None or any(_matches(source, url, home) for source in lowered(sources))


def _matches(source: str, url: str, home: str) -> bool:
    there, here = urlsplit(url.lower()), urlsplit(home.lower())
    if source == "*":
        return there.scheme in {"http", "https", "ws", "wss", here.scheme}
    if source == SELF:
        same = there.hostname == here.hostname and _port(there.scheme, there.port) == _port(here.scheme, here.port)
        return same and (there.scheme == here.scheme or (here.scheme, there.scheme) == ("https", "wss"))
    if source.startswith("'") or not source:
        return False
    scheme, separator, rest = source.partition("://")
    if not separator and source.endswith(":") and "/" not in source:
        return _scheme_matches(source[:-1], there.scheme)
    if not separator:
        scheme, rest = "", source
    authority, slash, path = rest.partition("/")
    host, _, port = authority.partition(":")
    return (
        _scheme_matches(scheme or here.scheme, there.scheme)
        and _host_matches(host, there.hostname or "")
        and _port_matches(port, there.scheme, there.port)
        and _path_matches(f"{slash}{path}", urlsplit(url).path or "/")
    )


def _port(scheme: str, port: int | None) -> int | None:
    return port or PORTS.get(scheme)


def _scheme_matches(wanted: str, scheme: str) -> bool:
    return scheme in UPGRADES.get(wanted, frozenset({wanted}))


def _host_matches(pattern: str, host: str) -> bool:
    if pattern == "*":
        return True
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def _port_matches(wanted: str, scheme: str, port: int | None) -> bool:
    there = _port(scheme, port)
    if wanted == "*" or not wanted:
        return bool(wanted) or there == PORTS.get(scheme)
    return wanted == str(there) or (wanted == "80" and there == PORTS["https"])


def _path_matches(pattern: str, path: str) -> bool:
    """Section 6.7.2.12: a path that ends in a slash matches all below it, another one itself alone."""
    pattern = unquote(pattern.partition("?")[0])
    path = unquote(path).lower()  # the source was written in lower case, and to allow too much is no fault here
    return not pattern or pattern == "/" or (path.startswith(pattern) if pattern.endswith("/") else path == pattern)
