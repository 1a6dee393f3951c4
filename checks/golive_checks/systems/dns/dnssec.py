"""A signed zone: what its parent confirms, what its servers have signed, and what the resolver makes of it."""

import asyncio
from dataclasses import dataclass

from golive import Fact, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import FAMILIES
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.client.denial import Denial, denial
from golive_checks.systems.dns.client.exchange import SETTLED, DnsReply, Record, Status
from golive_checks.systems.dns.client.signatures import (
    Signature,
    ZoneKey,
    algorithm_and_digest,
    is_supported,
    keys_meant,
    signatures,
    zone_keys,
)
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

    `unvouched` are the servers of which no key is the one that the DS is for; `checked` and `unchecked` are the
    resolver's word with and without validation; `digests` are the numbers of the DS records' digests, `keys` the
    zone's, `denials` what its servers prove of what does not exist.
    """

    zone: str
    ds: tuple[str, ...] = ()
    supported: bool = False
    sets: tuple[SignedSet, ...] = ()
    unvouched: tuple[str, ...] = ()
    checked: Status = Status.TIMEOUT
    unchecked: Status = Status.TIMEOUT
    vouched: bool = False
    """The resolver says that it has validated the answer (the AD bit)."""
    digests: tuple[int, ...] = ()
    keys: tuple[ZoneKey, ...] = ()
    denials: tuple[Denial, ...] = ()


ABSENT = "golive-no-such-name"
"""Asked of each signed zone: what validators refuse is often not what exists, but the proof of what does not."""


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
    looked = [
        # In a thread: a zone made for it keeps the verifier busy for a while.
        (server, await asyncio.to_thread(_verify, server, zone.zone, ds, replies))
        for (server, _), replies in zip(places, heard, strict=True)
        if replies[0].status in SETTLED  # the others are dns.servers-agree's to report
    ]
    if not looked:
        raise Unavailable(f"none of the name servers of {zone.zone} answers", transient=True)
    return SignedZone(
        zone.zone,
        tuple(record.data for record in ds),
        any(is_supported(record) for record in ds),
        tuple(signed for _, verified in looked for signed in verified.sets),
        tuple(server for server, verified in looked if verified.unvouched),
        checked.status,
        unchecked.status,
        checked.authenticated,
        tuple(sorted({algorithm_and_digest(record)[1] for record in ds})),
        tuple(sorted({key for _, verified in looked for key in verified.keys})),
        tuple(proven for _, verified in looked for proven in verified.denials),
    )


async def _ask(endpoint: str, name: str, zone: str, dns: Dns, ask: DnsSettings) -> tuple[DnsReply, ...]:
    questions = (
        (zone, "DNSKEY"),
        (zone, "SOA"),
        *((name, kind) for kind in FAMILIES),
        (f"{ABSENT}.{zone}", "A"),
    )
    return tuple(await asyncio.gather(*(dns.ask_server(endpoint, *q, ask, signatures=True) for q in questions)))


@dataclass(frozen=True)
class _Verified:
    """What one name server's answers come to."""

    unvouched: bool = False
    keys: tuple[ZoneKey, ...] = ()
    sets: tuple[SignedSet, ...] = ()
    denials: tuple[Denial, ...] = ()


def _verify(server: str, zone: str, ds: tuple[Record, ...], replies: tuple[DnsReply, ...]) -> _Verified:
    """Verify the keys with the key that the parent confirms, and everything else with the keys."""
    keys = replies[0].of("DNSKEY")
    meant = keys_meant(zone, ds, keys)
    if not meant:
        return _Verified(unvouched=True)
    sets: dict[tuple[str, str], SignedSet] = {}
    denials = []
    for reply in replies:
        for records in (reply.records, reply.authority):
            rrsigs = [r for r in records if r.kind == "RRSIG"]
            for name, kind in sorted({(r.name, r.kind) for r in records if r.kind in SIGNED}):
                if _within(name, zone):
                    held = [r for r in records if (r.name, r.kind) == (name, kind)]
                    # RFC 4035, section 5.2: the keys count only where the key that the DS is for has signed them.
                    by = meant if kind == "DNSKEY" else keys
                    sets[name, kind] = SignedSet(server, name, kind, signatures(zone, held, rrsigs, by))
        if _wants_proof(reply, zone):
            denials.append(denial(server, zone, reply, wildcard=reply.status is Status.ANSWER))
    return _Verified(keys=zone_keys(keys), sets=tuple(sets.values()), denials=tuple(denials))


SIGNED = frozenset({"A", "AAAA", "CNAME", "DNAME", "DNSKEY", "NSEC", "NSEC3", "SOA"})
"""What the answers above hold with signatures; a server may add a referral's NS records, which have none."""


def _within(name: str, zone: str) -> bool:
    return name == zone or name.endswith(f".{zone}")


def _wants_proof(reply: DnsReply, zone: str) -> bool:
    """Return whether an answer says that something does not exist, or stands at a wildcard."""
    if reply.status in {Status.NODATA, Status.NXDOMAIN}:
        return _within(reply.aliases[-1] if reply.aliases else reply.name, zone)
    labels = len(reply.name.split("."))
    covering = [r.data.split() for r in reply.of("RRSIG") if r.name == reply.name]
    # The third field is the number of labels that were signed: fewer than the name has, and it was a wildcard's.
    return any(int(fields[2]) < labels for fields in covering)
