"""What a domain's two names, with and without www, answer over https and over clear http."""

import asyncio
from dataclasses import dataclass, replace

from golive import Entry, Fact, RunInfo, Subject, Unavailable, probe, subjects
from golive_checks.subjects.hosts import HostName, Port
from golive_checks.systems.http.answers import nowhere
from golive_checks.systems.http.client.message import Access, Endpoint
from golive_checks.systems.http.client.trouble import NotListening
from golive_checks.systems.http.door import Door, EndpointDoor
from golive_checks.systems.http.front import Hop, reply_of, target, without_query
from golive_checks.systems.http.other_hosts import OtherHosts


class WwwEntry(Entry):
    """A domain that people reach with www and without."""

    apex: HostName
    """The name without www, such as example.com."""
    www: HostName = ""
    """The other name; empty: www. and the apex."""
    serves: HostName = ""
    """Which of both shows the site; empty: either, as long as the other leads to it."""
    port: Port = 443
    """Where both answer https."""
    http_port: Port = 80
    """Where both answer http."""


@dataclass(frozen=True)
class WwwPair(Subject):
    """A domain's two names."""

    apex: str = ""
    www: str = ""
    serves: str = ""
    port: int = 443
    http_port: int = 80

    def other(self, name: str) -> str:
        """Return the one of both names that `name` is not."""
        return self.www if name == self.apex else self.apex


@subjects("www", empty="the profile names no domain to look at with www and without (www)")
def pairs(key: str, entry: WwwEntry) -> tuple[WwwPair, ...]:
    """Name the pairs of the profile."""
    apex = entry.apex.lower()
    www = entry.www.lower() or f"www.{apex}"
    serves = entry.serves.lower()
    return (WwwPair(key, apex, www, serves, port=entry.port, http_port=entry.http_port, own=entry.own()),)


@dataclass(frozen=True)
class NameLook:
    """What a name answers at one of its addresses. None: nothing listens there."""

    name: str
    ip: str
    https: Hop | None
    deep: Hop | None
    """To a path that no page has: a redirect is to keep it."""
    http: Hop | None


@dataclass(frozen=True)
class WwwLooks(Fact):
    """Both names at each of their addresses."""

    looks: tuple[NameLook, ...]
    absent: tuple[str, ...] = ()
    """Names without an address."""


@probe("http.www", requests=6)
async def www(pair: WwwPair, others: OtherHosts, access: Access, run: RunInfo) -> WwwLooks:
    """Ask both names, at each of their addresses, for the front page and for a path that no page has."""
    if pair.serves not in {"", pair.apex, pair.www}:
        raise Unavailable(f"{pair.serves} is neither {pair.apex} nor {pair.www}", fix="Correct `serves`.")
    names = (pair.apex, pair.www)
    found = dict(zip(names, await asyncio.gather(*(others.addresses(name) for name in names)), strict=True))
    doors = [
        EndpointDoor(others.http, access, others.trust, Endpoint(name, ip, pair.port))
        for name, ips in found.items()
        for ip in ips
    ]
    looks = await asyncio.gather(*(_look(door, pair, run) for door in doors))
    return WwwLooks(tuple(looks), tuple(name for name, ips in found.items() if not ips))


async def _look(door: EndpointDoor, pair: WwwPair, run: RunInfo) -> NameLook:
    clear = replace(door, at=replace(door.at, port=pair.http_port, secure=False))
    https = await _hop(door, "/")
    deep = await _hop(door, nowhere(run)) if https else None
    return NameLook(door.at.host, door.at.ip, https, deep, await _hop(clear, "/"))


async def _hop(door: Door, path: str) -> Hop | None:
    try:
        got = await door.get(path)
    except NotListening:
        return None
    return Hop(without_query(got.url), reply_of(got), without_query(target(got)))
