"""A host's zone and what each of its name servers says, asked directly."""

import asyncio
from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import FAMILIES
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.client.exchange import SETTLED, Reply, Status
from golive_checks.systems.machine.client.route import Routes, family_of

MAX_SERVERS = 16
"""More name servers than any zone needs: the root itself has 13."""


@dataclass(frozen=True)
class NameServer:
    """A name server and where it is asked: one address of each family. `skipped` have no route from here."""

    name: str
    endpoints: tuple[str, ...]
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delegation(Fact):
    """The zone that a host lies in, and its name servers."""

    zone: str
    servers: tuple[NameServer, ...]


@dataclass(frozen=True)
class Said:
    """What one name server says of its zone and of the host, the host's A and AAAA asked for twice."""

    server: str
    endpoint: str
    soa: Reply
    first: tuple[Reply, ...]
    again: tuple[Reply, ...]


@dataclass(frozen=True)
class ServerAnswers(Fact):
    """What every name server of the host's zone says. `lost` have no address; `skipped` no route from here."""

    zone: str
    said: tuple[Said, ...]
    lost: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def levels(name: str) -> tuple[str, ...]:
    """Name the host and every domain above it, the top-level domain last."""
    labels = name.split(".")
    return tuple(".".join(labels[i:]) for i in range(len(labels)))


@probe("dns.delegation")
async def delegation(host: Host, dns: Dns, routes: Routes, ask: DnsSettings) -> Delegation:
    """Find the host's zone and its name servers."""
    zone = await _zone(host.name, dns, ask)
    reply = await dns.look_up(zone, "NS", ask, validate=False)
    if reply.status is not Status.ANSWER:
        raise Unavailable(f"the resolver says {reply.word} to the NS records of {zone}")
    names = sorted({record.data.rstrip(".").lower() for record in reply.of("NS")})[:MAX_SERVERS]
    servers = await asyncio.gather(*(_server(name, dns, routes, ask) for name in names))
    if any(server.skipped for server in servers) and not any(server.endpoints for server in servers):
        raise Unavailable(f"no route from here to any name server of {zone}", no_route=True)
    return Delegation(zone, tuple(servers))


async def _zone(name: str, dns: Dns, ask: DnsSettings) -> str:
    """Find the deepest domain that has a SOA record of its own: there the zone starts."""
    candidates = levels(name)[:-1]  # no host stands in a top-level domain's own zone
    # Validation is not asked for here or below: dns.signed-zone-validates speaks of it, and nothing else should.
    replies = await asyncio.gather(*(dns.look_up(level, "SOA", ask, validate=False) for level in candidates))
    for level, reply in zip(candidates, replies, strict=True):
        if reply.status not in SETTLED:
            raise Unavailable(f"the zone of {name} is not found: the resolver says {reply.word} to the SOA of {level}")
        if any(record.name == level for record in reply.of("SOA")):
            return level
    raise Unavailable(f"the zone of {name} is not found: no domain above it has a SOA record")


async def _server(name: str, dns: Dns, routes: Routes, ask: DnsSettings) -> NameServer:
    if place := {own.lower().rstrip("."): place for own, place in ask.name_servers.items()}.get(name):
        return NameServer(name, (place,))
    replies = await asyncio.gather(*(dns.look_up(name, kind, ask, validate=False) for kind in FAMILIES))
    found = [records[0].data for reply in replies if (records := reply.of(reply.kind))]
    skipped = []
    for ip in found:
        try:
            routes.demand(ip)
        except Unavailable as gap:
            if not gap.no_route:
                raise
            skipped.append(ip)
    return NameServer(name, tuple(ip for ip in found if ip not in skipped), tuple(skipped))


@probe("dns.server-answers")
async def server_answers(host: Host, zone: Delegation, dns: Dns, ask: DnsSettings) -> ServerAnswers:
    """Ask the zone's own name servers for SOA and the host's addresses."""
    places = [(server.name, endpoint) for server in zone.servers for endpoint in server.endpoints]
    said = await asyncio.gather(*(_said(host.name, zone.zone, *place, dns, ask) for place in places))
    if said and all(each.soa.status in {Status.TIMEOUT, Status.UNREACHABLE} for each in said):
        raise Unavailable(
            f"none of the {len(zone.servers)} name servers of {zone.zone} answers",
            transient=True,
            fix="Run golive where port 53 of the name servers can be reached.",
        )
    return ServerAnswers(
        zone.zone,
        tuple(said),
        lost=tuple(server.name for server in zone.servers if not server.endpoints and not server.skipped),
        skipped=tuple(f"{s.name} over {family_of(ip)}: no route to {ip}" for s in zone.servers for ip in s.skipped),
    )


async def _said(name: str, zone: str, server: str, endpoint: str, dns: Dns, ask: DnsSettings) -> Said:
    soa, *replies = await asyncio.gather(
        # With signatures: a SignedZone wants the same answers, and so they are asked for once.
        dns.ask_server(endpoint, zone, "SOA", ask, signatures=True),
        *(dns.ask_server(endpoint, name, kind, ask, signatures=True) for kind in FAMILIES),
        *(dns.ask_server(endpoint, name, kind, ask) for kind in FAMILIES),
    )
    return Said(server, endpoint, soa, tuple(replies[: len(FAMILIES)]), tuple(replies[len(FAMILIES) :]))
