"""Which paths reach the application's handler by another door than the one that a rule of nginx closes. Pure.

A rule is for a path of the application, such as /admin. Where another location hands requests on under a changed path,
an `error_page` hands a refused one on, or a rewrite comes before the rule, the application answers all the same.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from golive import Location
from golive_checks.domains.nginx_locations import every
from golive_checks.domains.nginx_ways import PREFIXES, PROBE, Way, samples
from golive_checks.systems.nginx.arriving import NginxArrival, arrival, entrance, unguarded, without
from golive_checks.systems.nginx.guards import PathRefusal
from golive_checks.systems.nginx.places import ProxyPlace, ServerBlock
from golive_checks.systems.nginx.rewrites import rewritten
from golive_checks.systems.nginx.routing import locate

LITERAL = re.compile(r"\^?((?:[\w/-]|\\[^\w])*)", re.ASCII)
"""What every text that a pattern matches begins with, or nearly so: whether a path does is tried."""
WRITTEN = re.compile(r"/[\w./-]*", re.ASCII)
PROTECTING = ("deny", "auth_", "return 401", "return 403", "if (")


@dataclass(frozen=True)
class ClosedPath:
    """A path that a rule closes, and how the application would be asked for it otherwise.

    `place` is the location that has the rule; None where an `if` over the path is the rule.
    """

    rule: str
    at: Location
    path: str
    wanted: NginxArrival
    place: ProxyPlace | None = None

    def leads(self, found: NginxArrival | None) -> bool:
        """Tell whether a request ends at the same application without the rule."""
        there = found.place if found else None
        if found is None or there is None or there is self.place or not there.is_open_beside(self.place):
            return False
        wanted = self.wanted.place.proxied
        return bool(wanted and there.proxied and {*wanted.backends} & {*there.proxied.backends} and found.upstream)

    def leads_to_it(self, found: NginxArrival | None) -> bool:
        """Tell whether the application is asked for the same path, too."""
        return self.leads(found) and found is not None and found.upstream == self.wanted.upstream

    def past(self) -> str:
        """Name what it gets past."""
        return f"past `{self.rule}`" + (f" of {self.place}" if self.place else "")


def other_doors(server: ServerBlock) -> Iterator[Way]:
    """Yield the ways to what a rule of a server closes, one for each rule."""
    named = set[tuple[str, Location]]()
    for door in doors(server):
        if (key := (door.past(), door.at)) not in named and (way := next(_ways(server, door), "")):
            named.add(key)
            yield way, door.at
    for guard in (guard for place in every(server) for guard in place.guards if guard.as_written and guard.otherwise):
        if way := _past_allowed(server, guard):
            yield way, guard.at


def doors(server: ServerBlock) -> Iterator[ClosedPath]:
    """Yield the paths of the application that a server closes."""
    if server.answers_itself:  # every request: it comes to no location
        return
    for place in every(server):
        yield from _closed_by_rule(server, place)
    for place in every(server):
        for guard in place.guards:
            yield from _closed_by_if(server, guard)


def _closed_by_rule(server: ServerBlock, place: ProxyPlace) -> Iterator[ClosedPath]:
    internal = place.closed_by == "internal"
    if place.closed_by in {"", server.place.rule} or (internal and not place.proxied):
        return
    for path in _paths(server, place):
        wanted = arrival(unguarded(server) if place.proxied else without(server, place), path)
        # What nginx asks for itself under another path may be open under that.
        if wanted and wanted.place.proxied and wanted.upstream and (wanted.upstream == path or not internal):
            yield ClosedPath(place.closed_by, place.at, path, wanted, place)


def _paths(server: ServerBlock, place: ProxyPlace) -> list[str]:
    """Return paths that come to a location."""
    if place.modifier == "=":
        return [place.path]
    if place.modifier in PREFIXES:
        return [f"{place.path.rstrip('/')}/{PROBE}", place.path] if place.path not in {"", "/"} else []
    # Patterns also turn away what only scanners ask for: what is merely not there has no other door.
    if (
        place.modifier not in {"~", "~*"}
        or not place.closed_by.startswith(PROTECTING)
        or not place.path.startswith("^/")
    ):
        return []
    return [path for path in dict.fromkeys(samples(place.path)) if locate(server, path) is place]


def _closed_by_if(server: ServerBlock, guard: PathRefusal) -> Iterator[ClosedPath]:
    rule = "if ($request_uri)" if guard.as_written else "if ($uri)"
    for path in _refused(guard):
        wanted = arrival(unguarded(server), path)
        closed = guard.refuses(path) and arrival(server, path) is None
        if WRITTEN.fullmatch(path) and closed and wanted and wanted.upstream and not wanted.place.rule:
            yield ClosedPath(rule, guard.at, path, wanted)


def _refused(guard: PathRefusal) -> Iterator[str]:
    for test in (each for each in guard.tests if each.refused):
        if test.how.startswith("="):
            yield test.text
        elif test.text.startswith(("/", "^/")):
            yield from (path for sample in samples(test.text) for path in (sample, f"{sample.rstrip('/')}/{PROBE}"))


def _ways(server: ServerBlock, door: ClosedPath) -> Iterator[str]:
    becomes, _ = rewritten(server.place.rewrites, door.path)
    if becomes != door.path and door.leads(arrival(server, door.path)):
        yield f"{door.path} is rewritten to {becomes} before a location is chosen, {door.past()}"
    entry = entrance(server, door.path)
    if entry and entry[0] != door.path and door.leads_to_it(entry[1]):
        past = door.past() if door.place is None else "past `if ($request_uri)`"
        yield f"{entry[0]} is answered by {entry[1].place}, {past}: that is as the client wrote it"
    for place in every(server):
        for path in _candidates(place, door.wanted.upstream):
            found = entrance(server, path) if path != door.path else None
            if found and door.leads_to_it(found[1]):
                asks = f"which asks for {found[1].upstream}"
                yield f"{found[0]} is answered by {found[1].place}, {asks}, {door.past()}"
    code = _refusal(door.rule)
    named = dict(door.place.error_pages).get(code, "") if door.place else ""
    for place in server.place.inner if named and entry and entry[1].place is door.place else ():
        if (place.modifier, place.path) == ("@", named) and door.leads(NginxArrival(place, door.path)):
            yield f"{entry[0] if entry else ''} is answered by {place}, to which error_page {code} leads, {door.past()}"


def _refusal(rule: str) -> str:
    if rule.startswith("return "):
        return rule.removeprefix("return ")
    return "403" if rule.startswith("deny") else "401"


def _candidates(place: ProxyPlace, wanted: str) -> Iterator[str]:
    """Yield paths that may make a location ask its upstream for the wanted one."""
    if (place.proxied is None and place.path) or place.rule:
        return
    uri = urlsplit(place.proxied.target).path if place.proxied else ""
    if place.modifier in {"", "^~"}:
        if uri and wanted.startswith(uri):
            yield place.path + wanted[len(uri) :]
        yield wanted
    patterns = [each.pattern for each in place.rewrites] + ([place.path] if place.modifier in {"~", "~*"} else [])
    for pattern in patterns:
        found = LITERAL.match(pattern)
        start = re.sub(r"\\(.)", r"\1", found[1]) if found else ""
        yield from (start + wanted, start + wanted[1:])


def _past_allowed(server: ServerBlock, guard: PathRefusal) -> str:
    """Tell that a path that leaves an allowed folder gets past: nginx compares it before it works out the dots."""
    for test in (each for each in guard.tests if not each.refused):
        for start in samples(test.text) if test.how.startswith("~") else [test.text]:
            written = f"{start.rstrip('/')}/../{PROBE}"
            path = posixpath.normpath(written)
            found = arrival(server, path, written) if WRITTEN.fullmatch(path) and guard.refuses(path) else None
            if found and not found.place.rule and (found.upstream == path or found.place.handler == "files"):
                return f"{written} comes to {found.place} as {path}, past `if ($request_uri)`: that still has the dots"
    return ""
