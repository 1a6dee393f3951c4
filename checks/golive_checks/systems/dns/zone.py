"""A host's zone and what each of its name servers says, asked directly."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import FAMILIES
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.client.exchange import SETTLED, DnsReply, Record, Status
from golive_checks.systems.machine.client.route import NetworkRoutes, family_of

MAX_SERVERS = 16
"""More name servers than any zone needs: the root itself has 13."""
PARENT_SERVERS = 3
"""Servers of the parent zone asked in turn until one answers: those of a registry are copies of one database."""
ROOT = "."


@dataclass(frozen=True)
class NameServer:
    """A name server and where it is asked: one address of each family. `skipped` have no route from here.

    `addresses` are all that its name has; none where the profile says where to ask. `alias` is what its name is a CNAME
    of, where it is one.
    """

    name: str
    endpoints: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    alias: str = ""


@dataclass(frozen=True)
class Parent:
    """What the zone above says of this one: who serves it, and at which addresses where it gives them (glue).

    `gap` says why it could not be asked; `zone` is empty where no zone above was found.
    """

    zone: str = ""
    names: tuple[str, ...] = ()
    glue: tuple[Record, ...] = ()
    gap: str = ""


@dataclass(frozen=True)
class Delegation(Fact):
    """The zone of a host, and its name servers: those that it names itself or that its parent names.

    `own` are those that the zone names itself. `apex_alias` is the CNAME at the zone's own name, where there is one.
    """

    zone: str
    servers: tuple[NameServer, ...]
    own: tuple[str, ...] = ()
    parent: Parent = Parent()
    apex_alias: str = ""


@dataclass(frozen=True)
class NameServerAnswer:
    """What one name server says of its zone and of the host, the host's A and AAAA asked for twice."""

    server: str
    endpoint: str
    soa: DnsReply
    first: tuple[DnsReply, ...]
    again: tuple[DnsReply, ...]


@dataclass(frozen=True)
class ServerAnswers(Fact):
    """What every name server of the host's zone says. `lost` have no address; `skipped` no route from here."""

    zone: str
    said: tuple[NameServerAnswer, ...]
    lost: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def levels(name: str) -> tuple[str, ...]:
    """Name the host and every domain above it, the top-level domain last."""
    labels = name.split(".")
    return tuple(".".join(labels[i:]) for i in range(len(labels)))


@probe("dns.delegation")
async def delegation(host: Host, dns: Dns, routes: NetworkRoutes, ask: DnsSettings) -> Delegation:
    """Find the host's zone, and its name servers by its own word and by its parent's."""
    zone, aliases = await _zone(host.name, dns, ask)
    zone, parent = await _cut(zone, aliases, dns, routes, ask)
    # Without validation, as a zone whose signatures are broken must be found in order to be judged.
    reply = await dns.look_up(zone, "NS", ask, validate=False)
    if reply.status is not Status.ANSWER and zone not in aliases:
        raise Unavailable(f"the resolver says {reply.word} to the NS records of {zone}")
    own = _names(reply.of("NS"))
    names = sorted({*own, *parent.names})
    if len(names) > MAX_SERVERS:
        raise Unavailable(f"{zone} has {len(names)} name servers; golive asks {MAX_SERVERS} at most")
    servers = await asyncio.gather(*(_server(name, dns, routes, ask) for name in names))
    if any(server.skipped for server in servers) and not any(server.endpoints for server in servers):
        raise Unavailable(f"no route from here to any name server of {zone}", no_route=True)
    return Delegation(zone, tuple(servers), own, parent, aliases.get(zone, ""))


def _names(records: Iterable[Record]) -> tuple[str, ...]:
    return tuple(sorted({record.data.rstrip(".").lower() for record in records}))


async def _zone(name: str, dns: Dns, ask: DnsSettings) -> tuple[str, dict[str, str]]:
    """Find the deepest domain that has a SOA record of its own: there the zone starts. Return the aliases met, too."""
    candidates = levels(name)[:-1]  # no host stands in a top-level domain's own zone
    # Validation is not asked for here or below: dns.signed-zone-validates judges it, and nothing else should.
    replies = await asyncio.gather(*(dns.look_up(level, "SOA", ask, validate=False) for level in candidates))
    aliases: dict[str, str] = {}
    for level, reply in zip(candidates, replies, strict=True):
        if reply.status not in SETTLED:
            raise Unavailable(f"the zone of {name} is not found: the resolver says {reply.word} to the SOA of {level}")
        if any(record.name == level for record in reply.of("SOA")):
            return level, aliases
        if reply.aliases:
            aliases[level] = reply.aliases[0]
    if aliases:
        return levels(name)[-1], aliases
    raise Unavailable(f"the zone of {name} is not found: no domain above it has a SOA record")


async def _cut(
    zone: str, aliases: dict[str, str], dns: Dns, routes: NetworkRoutes, ask: DnsSettings
) -> tuple[str, Parent]:
    """Find where the zone starts, by what is delegated: a CNAME at a zone's own name hides its SOA."""
    for alias in reversed(aliases):
        parent = await _parent(alias, Parent(zone), dns, routes, ask)
        if parent.names:
            return alias, parent
    if "." not in zone:
        raise Unavailable(f"the zone of {next(iter(aliases))} is not found: no domain above it has a SOA record")
    return zone, await _parent(zone, await _parent_zone(zone, dns, ask), dns, routes, ask)


async def _parent_zone(zone: str, dns: Dns, ask: DnsSettings) -> Parent:
    """Find the zone that delegates this one."""
    for level in (*levels(zone)[1:], ROOT):
        reply = await dns.look_up(level, "SOA", ask, validate=False)
        if reply.status not in SETTLED:
            return Parent(gap=f"the resolver says {reply.word} to the SOA of {level}")
        if any(record.name == level for record in reply.of("SOA")):
            return Parent(level)
    return Parent(gap="no zone above it is found")


async def _parent(zone: str, above: Parent, dns: Dns, routes: NetworkRoutes, ask: DnsSettings) -> Parent:
    """Ask the parent's own servers which they name for the zone: what the zone itself names helps nobody to find it."""
    if above.gap:
        return above
    listed = await dns.look_up(above.zone, "NS", ask, validate=False)
    gap = f"the resolver says {listed.word} to the NS records of {above.zone}"
    for name in _names(listed.of("NS"))[:PARENT_SERVERS]:
        server = await _server(name, dns, routes, ask)
        gap = f"{name} has no address that can be asked from here"
        for endpoint in server.endpoints:
            answer = await dns.ask_server(endpoint, zone, "NS", ask)
            if answer.status in SETTLED:
                # A server of both zones answers for the child; one of the parent alone refers to it.
                referral = answer.of("NS") or tuple(r for r in answer.authority if (r.name, r.kind) == (zone, "NS"))
                return Parent(above.zone, _names(referral), tuple(r for r in answer.additional if r.kind in FAMILIES))
            gap = f"{name} ({endpoint}): {answer.word}"
    return Parent(above.zone, gap=gap)


async def _server(name: str, dns: Dns, routes: NetworkRoutes, ask: DnsSettings) -> NameServer:
    if place := {own.lower().rstrip("."): place for own, place in ask.name_servers.items()}.get(name):
        return NameServer(name, (place,))
    replies = await asyncio.gather(*(dns.look_up(name, kind, ask, validate=False) for kind in FAMILIES))
    found = [records[0].data for reply in replies if (records := reply.of(reply.kind))]
    addresses = tuple(sorted(record.data for reply in replies for record in reply.of(reply.kind)))
    alias = next((reply.aliases[0] for reply in replies if reply.aliases), "")
    skipped = []
    for ip in found:
        try:
            routes.demand(ip)
        except Unavailable as gap:
            if not gap.no_route:
                raise
            skipped.append(ip)
    return NameServer(name, tuple(ip for ip in found if ip not in skipped), tuple(skipped), addresses, alias)


@probe("dns.server-answers")
async def server_answers(host: Host, zone: Delegation, dns: Dns, ask: DnsSettings) -> ServerAnswers:
    """Ask the zone's own name servers for SOA and the host's addresses."""
    places = [(server.name, endpoint) for server in zone.servers for endpoint in server.endpoints]
    answer = await asyncio.gather(*(_answers_of(host.name, zone.zone, *place, dns, ask) for place in places))
    # Where all are silent it is more likely this machine that cannot reach port 53.
    if answer and all(each.soa.status in {Status.TIMEOUT, Status.UNREACHABLE} for each in answer):
        raise Unavailable(
            f"none of the {len(zone.servers)} name servers of {zone.zone} answers",
            transient=True,
            fix="Run golive where port 53 of the name servers can be reached.",
        )
    return ServerAnswers(
        zone.zone,
        tuple(answer),
        lost=tuple(server.name for server in zone.servers if not server.endpoints and not server.skipped),
        skipped=tuple(f"{s.name} over {family_of(ip)}: no route to {ip}" for s in zone.servers for ip in s.skipped),
    )


async def _answers_of(name: str, zone: str, server: str, endpoint: str, dns: Dns, ask: DnsSettings) -> NameServerAnswer:
    soa, *replies = await asyncio.gather(
        # With signatures: a SignedZone wants the same answers, and so they are asked for once.
        dns.ask_server(endpoint, zone, "SOA", ask, signatures=True),
        *(dns.ask_server(endpoint, name, kind, ask, signatures=True) for kind in FAMILIES),
        *(dns.ask_server(endpoint, name, kind, ask) for kind in FAMILIES),
    )
    return NameServerAnswer(server, endpoint, soa, tuple(replies[: len(FAMILIES)]), tuple(replies[len(FAMILIES) :]))
