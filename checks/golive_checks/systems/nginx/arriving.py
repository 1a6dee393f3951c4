"""Where a request ends: the location that answers once all is rewritten, and what it asks its upstream for."""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from golive_checks import linear
from golive_checks.systems.nginx.places import ProxyPlace, ServerBlock
from golive_checks.systems.nginx.rewrites import NAMED_GROUP, filled, rewritten
from golive_checks.systems.nginx.routing import locate, searches

REDIRECTS = frozenset({"redirect", "permanent"})
MOST_ROUNDS = 10
"""Of rewriting; then nginx answers 500."""
REQUEST_URI, NORMAL_URI = re.compile(r"\$\{?request_uri\b\}?"), re.compile(r"\$\{?(?:uri|document_uri)\b\}?")


@dataclass(frozen=True)
class NginxArrival:
    """A location, and the path that it asks its upstream for: empty where it has none, or it is not known."""

    place: ProxyPlace
    upstream: str = ""


def arrival(server: ServerBlock, path: str) -> NginxArrival | None:
    """Follow a path without escapes; None where it is refused or redirected at once, or where it leads is not known."""
    at, moved = rewritten(server.place.rewrites, path)
    if not at or moved in REDIRECTS or _refused(server.place, path):
        return None
    for _ in range(MOST_ROUNDS):
        place = locate(server, at)
        after, flag = rewritten(place.rewrites, at)
        if not after or _refused(place, path):
            return None
        if flag in REDIRECTS:
            return NginxArrival(place)
        if flag == "break" or after == at:
            return NginxArrival(place, _upstream(place, path, after, changed=after != at))
        at = after
    return None


def unguarded(server: ServerBlock) -> ServerBlock:
    """Return the server as it would be without what it refuses by an `if`."""
    return replace(server, place=_bare(server.place, None))


def without(server: ServerBlock, gone: ProxyPlace) -> ServerBlock:
    """Return the server as it would be without a location and without what it refuses by an `if`."""
    return replace(server, place=_bare(server.place, gone))


def _bare(place: ProxyPlace, gone: ProxyPlace | None) -> ProxyPlace:
    return replace(place, guards=(), inner=tuple(_bare(each, gone) for each in place.inner if each is not gone))


def _refused(place: ProxyPlace, path: str) -> bool:
    flags = {guard: re.IGNORECASE if guard.ignores_case else 0 for guard in place.guards}
    return any(searches(guard.pattern, path, flags[guard]) for guard in place.guards)


def _upstream(place: ProxyPlace, asked: str, path: str, *, changed: bool) -> str:
    """Return what `proxy_pass` makes of a path that was asked for as `asked`.

    Source: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass
    """
    if place.proxied is None:
        return ""
    target = place.proxied.target
    if "$" in target:
        filled_in = REQUEST_URI.sub(lambda _: asked, NORMAL_URI.sub(lambda _: path, target))
        return _captured(place, path, urlsplit(target).path) if "$" in filled_in else urlsplit(filled_in).path
    uri = urlsplit(target).path
    if not uri or changed or place.modifier in {"~", "~*", "@"}:  # a URI is ignored once a rewrite has changed the path
        return path if changed else asked
    return uri + path[len(place.path) :]


def _captured(place: ProxyPlace, path: str, uri: str) -> str:
    if place.modifier not in {"~", "~*"}:
        return ""
    pattern = NAMED_GROUP.sub("(?P<", place.path)
    try:
        found = linear.find(f"(?i){pattern}" if place.modifier == "~*" else pattern, path)
    except linear.PatternError:
        return ""
    return filled(uri, found) if found else ""
