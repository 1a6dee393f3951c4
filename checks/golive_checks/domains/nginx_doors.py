"""Which paths reach the application's handler by another door than the one that a rule of nginx closes. Pure.

A rule is for a path of the application, such as /admin. Where another location hands requests on under a changed path,
an `error_page` hands a refused one on, or a rewrite comes before the rule, the application answers all the same.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from golive_checks.domains.nginx_locations import every
from golive_checks.domains.nginx_ways import PREFIXES, PROBE, Way, samples
from golive_checks.systems.nginx.arriving import NginxArrival, arrival, unguarded, without
from golive_checks.systems.nginx.places import ProxyPlace, ServerBlock
from golive_checks.systems.nginx.rewrites import PathRefusal, rewritten
from golive_checks.systems.nginx.routing import searches

LITERAL = re.compile(r"\^?((?:[\w/-]|\\[^\w])*)", re.ASCII)
"""What every text that a pattern matches begins with, or nearly so: whether a path does is tried."""
WRITTEN = re.compile(r"/[\w./-]*", re.ASCII)
PLAIN = re.compile(r"[A-Za-z]")
PROTECTING = ("deny", "auth_", "return 401", "return 403")


@dataclass(frozen=True)
class _Door:
    """A path that a rule closes, and how the application would be asked for it otherwise."""

    server: ServerBlock
    place: ProxyPlace
    path: str
    wanted: NginxArrival

    def leads(self, found: NginxArrival | None) -> bool:
        """Tell whether a request ends at the same handler without the rule."""
        if found is None or found.place is self.place or found.place.rule or found.place.proxied is None:
            return False
        wanted = self.wanted.place.proxied
        return bool(wanted and {*wanted.backends} & {*found.place.proxied.backends}) and bool(found.upstream)

    def past(self) -> str:
        return f"past `{self.place.rule}` of {self.place}"


def other_doors(server: ServerBlock) -> Iterator[Way]:
    """Yield the ways to what a rule of a server closes, one for each rule."""
    named = set[ProxyPlace]()
    for door in _doors(server):
        if door.place not in named and (way := next(_ways(door), "")):
            named.add(door.place)
            yield way, door.place.at
    for place in every(server):
        for guard in (each for each in place.guards if each.as_written):
            if way := _past_guard(server, guard):
                yield way, guard.at


def doors_beside(server: ServerBlock) -> Iterator[Way]:
    """Yield the paths that only frameworks take for one that a rule closes: with a slash at the end."""
    for door in _doors(server):
        beside = f"{door.path}/"
        if door.place.modifier == "=" and not door.path.endswith("/") and door.place.rule.startswith(PROTECTING):
            found = arrival(server, beside)
            if door.leads(found) and found and found.upstream == beside:
                yield (
                    f"{beside} is answered by {found.place}, {door.past()}: frameworks take it for {door.path}",
                    door.place.at,
                )


def _doors(server: ServerBlock) -> Iterator[_Door]:
    for place in every(server):
        if (
            place.modifier not in PREFIXES
            or place.path in {"", "/"}
            or place.rule in {"", "internal", server.place.rule}
        ):
            continue
        paths = [place.path] if place.modifier == "=" else [f"{place.path.rstrip('/')}/{PROBE}", place.path]
        for path in paths:
            wanted = arrival(unguarded(server) if place.proxied else without(server, place), path)
            # Only what the application knows by this very path can be told apart from what is meant to be open.
            if wanted and wanted.place.proxied and wanted.upstream == path:
                yield _Door(server, place, path, wanted)


def _ways(door: _Door) -> Iterator[str]:
    server = door.server
    becomes, _ = rewritten(server.place.rewrites, door.path)
    if becomes != door.path and door.leads(arrival(server, door.path)):
        yield f"{door.path} is rewritten to {becomes} before a location is chosen, {door.past()}"
    for place in every(server):
        for path in _candidates(place, door.path):
            found = arrival(server, path)
            if found and found.upstream == door.path and door.leads(found) and path != door.path:
                yield f"{path} is answered by {found.place}, which asks for {door.path}, {door.past()}"
    code = _refusal(door.place.rule)
    named = dict(door.place.error_pages).get(code, "")
    reached = arrival(server, door.path)
    for place in server.place.inner if named and reached and reached.place is door.place else ():
        if (place.modifier, place.path) == ("@", named) and door.leads(NginxArrival(place, door.path)):
            yield f"{door.path} is answered by {place}, to which error_page {code} leads, {door.past()}"


def _refusal(rule: str) -> str:
    if rule.startswith("return "):
        return rule.removeprefix("return ")
    return "403" if rule.startswith("deny") else "401"


def _candidates(place: ProxyPlace, wanted: str) -> Iterator[str]:
    """Yield paths that may make a location ask its upstream for the wanted one."""
    if place.proxied is None or place.rule:
        return
    uri = urlsplit(place.proxied.target).path
    if place.modifier in {"", "^~"} and uri and wanted.startswith(uri):
        yield place.path + wanted[len(uri) :]
    patterns = [each.pattern for each in place.rewrites] + ([place.path] if place.modifier in {"~", "~*"} else [])
    for pattern in patterns:
        found = LITERAL.match(pattern)
        start = re.sub(r"\\(.)", r"\1", found[1]) if found else ""
        yield from (start + wanted, start + wanted[1:])


def _past_guard(server: ServerBlock, guard: PathRefusal) -> str:
    """Tell that a path with an escaped letter gets past a comparison with what the client wrote."""
    flags = re.IGNORECASE if guard.ignores_case else 0
    for path in samples(guard.pattern) if guard.pattern.startswith(("/", "^/")) else ():
        letter = PLAIN.search(path)
        if not letter or not WRITTEN.fullmatch(path) or not searches(guard.pattern, path, flags):
            continue
        escaped = f"{path[: letter.start()]}%{ord(letter[0]):02x}{path[letter.end() :]}"
        found = arrival(unguarded(server), path)
        if found and found.upstream and not found.place.rule and not searches(guard.pattern, escaped, flags):
            return f"{escaped} is answered by {found.place}, past `if ($request_uri)`: that is as the client wrote it"
    return ""
