"""A signed zone: what its parent vouches for, what its servers have signed, and what the resolver makes of it."""

import asyncio
from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import FAMILIES
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.client.exchange import SETTLED, Record, Reply, Status
from golive_checks.systems.dns.client.signatures import Signature, is_supported, keys_meant, signatures
from golive_checks.systems.dns.zone import Delegation


@dataclass(frozen=True)
class SignedSet:
    """The signatures that a name server gives for one set of records; none: it is not signed."""

    server: str
    name: str
    kind: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class SignedZone(Fact):
    """The zone's DS records at its parent, and the chain from them down to the host.

    `breaks` says where no key leads on; `checked` and `unchecked` are the resolver's word with and without validation.
    """

    zone: str
    ds: tuple[str, ...] = ()
    supported: bool = False
    sets: tuple[SignedSet, ...] = ()
    breaks: tuple[str, ...] = ()
    checked: Status = Status.TIMEOUT
    unchecked: Status = Status.TIMEOUT
    vouched: bool = False
    """The resolver says that it has validated the answer (the AD bit)."""


@probe("dns.signed-zone")
async def signed_zone(host: Host, zone: Delegation, dns: Dns, ask: DnsSettings) -> SignedZone:
    """Look up the zone's DS, and verify what its name servers have signed."""
    parent = await dns.look_up(zone.zone, "DS", ask, validate=False)
    if parent.status not in SETTLED:
        raise Unavailable(f"the resolver says {parent.word} to the DS records of {zone.zone}")
    ds = parent.of("DS")
    if not ds:
        return SignedZone(zone.zone)
    checked, unchecked = await asyncio.gather(
        dns.look_up(host.name, "A", ask), dns.look_up(host.name, "A", ask, validate=False)
    )
    places = [(server.name, endpoint) for server in zone.servers for endpoint in server.endpoints]
    heard = await asyncio.gather(*(_ask(place[1], host.name, zone.zone, dns, ask) for place in places))
    sets: list[SignedSet] = []
    breaks: list[str] = []
    for (server, _), replies in zip(places, heard, strict=True):
        if replies[0].status in SETTLED:  # the others are dns.servers-agree's to tell of
            # In a thread: a zone made for it keeps the verifier busy for a while.
            await asyncio.to_thread(_verify, server, zone.zone, ds, replies, sets, breaks)
    if not sets and not breaks:
        raise Unavailable(f"none of the name servers of {zone.zone} answers", transient=True)
    return SignedZone(
        zone.zone,
        tuple(record.data for record in ds),
        any(is_supported(record) for record in ds),
        tuple(sets),
        tuple(breaks),
        checked.status,
        unchecked.status,
        checked.authenticated,
    )


async def _ask(endpoint: str, name: str, zone: str, dns: Dns, ask: DnsSettings) -> tuple[Reply, ...]:
    questions = ((zone, "DNSKEY"), (zone, "SOA"), *((name, kind) for kind in FAMILIES))
    return tuple(await asyncio.gather(*(dns.ask_server(endpoint, *q, ask, signatures=True) for q in questions)))


def _verify(
    server: str,
    zone: str,
    ds: tuple[Record, ...],
    replies: tuple[Reply, ...],
    sets: list[SignedSet],
    breaks: list[str],
) -> None:
    """Verify the keys with the key that the parent vouches for, and everything else with the keys."""
    keys = replies[0].of("DNSKEY")
    meant = keys_meant(zone, ds, keys)
    if not meant:
        breaks.append(f"{server}: no DNSKEY of {zone} is the one that its parent's DS is for")
        return
    found: dict[tuple[str, str], SignedSet] = {}
    for reply in replies:
        rrsigs = reply.of("RRSIG")
        for name, kind in sorted({(r.name, r.kind) for r in reply.records if r.kind != "RRSIG"}):
            records = [r for r in reply.records if (r.name, r.kind) == (name, kind)]
            if name == zone or name.endswith(f".{zone}"):
                by = meant if kind == "DNSKEY" else keys
                found[name, kind] = SignedSet(server, name, kind, signatures(zone, records, rrsigs, by))
    sets.extend(found.values())
