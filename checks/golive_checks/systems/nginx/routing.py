"""Which server block answers for a name, and which location for a path, by nginx's own rules."""

import re
from collections.abc import Iterator
from dataclasses import replace

from golive_checks.systems.nginx.patterns import searches
from golive_checks.systems.nginx.places import Listen, ProxyPlace, ServerBlock
from golive_checks.systems.nginx.rewrites import rewritten

EXACT, LEADING, TRAILING, PATTERN, NONE = range(5)


def serving(servers: tuple[ServerBlock, ...], host: str) -> tuple[ServerBlock, ...]:
    """Find the server blocks that answer for a host, on any port: by name, or the defaults where none has the name.

    Source: https://nginx.org/en/docs/http/server_names.html
    """
    sockets: dict[tuple[str, int], list[tuple[ServerBlock, Listen]]] = {}
    for server in servers:
        for listen in server.listens:
            sockets.setdefault((listen.address, listen.port), []).append((server, listen))
    named, defaults = [], []
    for each in map(_without_conflicts, sockets.values()):
        best = min((server for server, _ in each), key=lambda server: _rank(server, host))
        if _rank(best, host)[0] == NONE:
            defaults.append(next((server for server, listen in each if listen.default), each[0][0]))
        else:
            named.append(best)
    return tuple(dict.fromkeys(named or defaults))


def _without_conflicts(sockets: list[tuple[ServerBlock, Listen]]) -> list[tuple[ServerBlock, Listen]]:
    """Leave out names that nginx ignores: `.shop.test`, with all that it takes, after a server named `shop.test`."""
    taken, kept = set[str](), []
    for server, listen in sockets:
        names = tuple(name for name in server.names if not (name.startswith(".") and name[1:] in taken))
        taken.update(name.removeprefix(".") for name in names)
        kept.append((server if names == server.names else replace(server, names=names), listen))
    return kept


def _rank(server: ServerBlock, host: str) -> tuple[int, int]:
    """Rank how a server's names match a host: exact, then the longest wildcard, then a pattern, in order of files."""
    return min((_match(name, host) for name in server.names), default=(NONE, 0))


def _match(name: str, host: str) -> tuple[int, int]:
    if name.startswith("~"):
        return (PATTERN, 0) if searches(name[1:], host) else (NONE, 0)
    if host == name or (name.startswith(".") and host == name[1:]):
        return (EXACT, 0)
    if name.startswith(("*.", ".")) and host.endswith(name.lstrip("*")):
        return (LEADING, -len(name.lstrip("*")))
    if name.endswith(".*") and host.startswith(name[:-1]):
        return (TRAILING, -len(name))
    return (NONE, 0)


def locate(server: ServerBlock, path: str) -> ProxyPlace:
    """Find the place that answers for a path, and follow `try_files` into a named location.

    Source: https://nginx.org/en/docs/http/ngx_http_core_module.html#location
    """
    if server.first_wins:
        return ends(server, path)[0]
    place = _find(server.place, path)[0] or server.place
    if place.proxied is None and place.fallback:
        named = (each for each in server.place.inner if each.modifier == "@" and each.path == place.fallback)
        return next(named, place)
    return place


def ends(server: ServerBlock, path: str, *, upgrade: bool = False) -> tuple[ProxyPlace, ...]:
    """Return where a request may end: several places where that depends on what golive cannot tell.

    `upgrade`: it is a WebSocket's handshake.
    """
    if not server.first_wins:
        return (locate(server, path),)
    return tuple(dict.fromkeys(place for place, _ in _first(server.place, path, upgrade=upgrade)))


def endings(server: ServerBlock, path: str) -> tuple[tuple[ProxyPlace, str], ...]:
    """Return the places where a request may end if the first match wins, each with what its path has become.

    The path is empty where that is not known.
    """
    return tuple(dict.fromkeys(_first(server.place, path, upgrade=False)))


def _first(around: ProxyPlace, path: str, *, upgrade: bool) -> list[tuple[ProxyPlace, str]]:
    found: list[tuple[ProxyPlace, str]] = []
    for place in around.inner:
        if (place.when == "upgrade" and not upgrade) or not _takes(place, path):
            continue
        within, _ = rewritten(place.rewrites, path)
        # where it is not known what becomes of the path, any place below may answer
        found += _first(place, within, upgrade=upgrade) if within else [(leaf, "") for leaf in _leaves(place)]
        if place.when in {"", "upgrade"}:
            return found
    return [*found, (around, path)]


def _takes(place: ProxyPlace, path: str) -> bool:
    patterns = (place.path, *place.besides)
    return all(searches(each, path) for each in patterns) and not any(searches(each, path) for each in place.unless)


def _leaves(place: ProxyPlace) -> Iterator[ProxyPlace]:
    for inner in place.inner:
        yield from _leaves(inner)
    if not place.inner:
        yield place


def _find(around: ProxyPlace, path: str) -> tuple[ProxyPlace | None, bool]:
    """Find the location in `around`, and whether that settles it: a prefix may still give way to a pattern."""
    exact = next((each for each in around.inner if each.modifier == "=" and each.path == path), None)
    if exact:
        return exact, True
    prefixes = [each for each in around.inner if each.modifier in {"", "^~"} and path.startswith(each.path)]
    longest = max(prefixes, key=lambda each: len(each.path), default=None)
    found = longest
    if longest:
        inner, settled = _find(longest, path)
        found = inner or longest
        if settled:
            return found, True
    # With ^~ on the longest prefix nginx does not look at the patterns.
    if not (longest and longest.modifier == "^~"):
        for each in around.inner:
            flags = re.IGNORECASE if each.modifier == "~*" else 0
            if each.modifier in {"~", "~*"} and searches(each.path, path, flags):
                return _find(each, path)[0] or each, True
    return found, False


def proxying(place: ProxyPlace) -> Iterator[ProxyPlace]:
    """Walk the places that proxy, in the order of the files."""
    if place.proxied:
        yield place
    for inner in place.inner:
        yield from proxying(inner)
