"""Where a request ends: the location that answers once all is rewritten, and what it asks its upstream for."""

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from golive_checks import linear
from golive_checks.systems.nginx.guards import PathRefusal
from golive_checks.systems.nginx.patterns import NAMED_GROUP
from golive_checks.systems.nginx.places import ProxyPlace, ServerBlock
from golive_checks.systems.nginx.rewrites import Rewrite, filled, rewritten
from golive_checks.systems.nginx.routing import locate

REDIRECTS = frozenset({"redirect", "permanent"})
MOST_ROUNDS = 10
"""Of rewriting; then nginx answers 500."""
FIRST_LETTERS, LETTERS = re.compile(r"(?<=/)[A-Za-z]"), re.compile(r"[A-Za-z]")
REQUEST_URI, NORMAL_URI = re.compile(r"\$\{?request_uri\b\}?"), re.compile(r"\$\{?(?:uri|document_uri)\b\}?")


@dataclass(frozen=True)
class NginxArrival:
    """A location, and the path that it asks its upstream for: empty where it has none, or it is not known."""

    place: ProxyPlace
    upstream: str = ""


def arrival(server: ServerBlock, path: str, written: str = "") -> NginxArrival | None:
    """Follow a path, which the client wrote as `written`, or just so.

    None where it is refused or redirected at once, or where it leads is not known.
    """
    written = written or path
    at, moved = rewritten(server.place.rewrites, path)
    if not at or moved in REDIRECTS or server.answers_itself or _refused(server.place, path, written):
        return None
    for _ in range(MOST_ROUNDS):
        if _gets_a_slash(server, at):
            return None
        place = locate(server, at)
        after, flag = rewritten(place.rewrites, at)
        if not after or _refused(place, at, written):
            return None
        if flag in REDIRECTS:
            return NginxArrival(place)
        if flag in {"", "break"}:
            asked = unquote(written) if after == path else after
            return NginxArrival(place, _upstream(place, asked, after, changed=bool(flag)))
        at = after
    return None


def _gets_a_slash(server: ServerBlock, path: str) -> bool:
    """Return whether nginx redirects to the same path with a slash at its end, because a location there passes it on.

    Source: https://nginx.org/en/docs/http/ngx_http_core_module.html#location
    """
    named = {each.path: each for each in server.place.inner if each.modifier in {"", "^~", "="}}
    slashed = named.get(f"{path}/")
    return slashed is not None and path not in named and bool(slashed.passes) and slashed.modifier != "="


def entrance(server: ServerBlock, path: str) -> tuple[str, NginxArrival] | None:
    """Return how a client may write a path so that no `if` refuses it, and where that leads; None where it cannot."""
    for written in (path, _escaped(path, FIRST_LETTERS), _escaped(path, LETTERS)):
        if found := arrival(server, path, written):
            return written, found
    return None


def _escaped(path: str, letters: re.Pattern[str]) -> str:
    return letters.sub(lambda letter: f"%{ord(letter[0]):02x}", path)


def unguarded(server: ServerBlock) -> ServerBlock:
    """Return the server as it would be without what it refuses by an `if`."""
    return replace(server, place=_bare(server.place, None))


def without(server: ServerBlock, gone: ProxyPlace) -> ServerBlock:
    """Return the server as it would be without a location and without what it refuses by an `if`."""
    return replace(server, place=_bare(server.place, gone))


def _bare(place: ProxyPlace, gone: ProxyPlace | None) -> ProxyPlace:
    return replace(place, guards=(), inner=tuple(_bare(each, gone) for each in place.inner if each is not gone))


def _refused(place: ProxyPlace, path: str, written: str) -> bool:
    """Return whether an `if` of a server or location refuses a path.

    Its directives are tried in their order, and a rewrite with a flag is the last of them that is.
    """
    at = path
    steps: list[Rewrite | PathRefusal] = [*place.rewrites, *place.guards]
    for each in sorted(steps, key=lambda step: step.order):
        if isinstance(each, Rewrite):
            at, fits = rewritten((each,), at)
            if not at or (fits and each.flag):
                return False
        elif each.refuses(written if each.as_written else at):
            return True
    return False


def _upstream(place: ProxyPlace, asked: str, path: str, *, changed: bool) -> str:
    """Return what `proxy_pass` makes of a path that was asked for as `asked`.

    Source: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass
    """
    if place.proxied is None:
        return ""
    target, uri = place.proxied.target, place.proxied.uri
    if uri is None:
        uri = urlsplit(REQUEST_URI.sub("/$request_uri", NORMAL_URI.sub("/$uri", target))).path
    if uri and "$" in target:
        filled_in = REQUEST_URI.sub(lambda _: asked, NORMAL_URI.sub(lambda _: path, uri))
        return _captured(place, path, filled_in) if "$" in filled_in else filled_in
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
