"""The zones that the description amounts to, signed, as every stack's servers serve them."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dns.dnssec
import dns.dnssectypes
import dns.rdatatype
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

from golive_lab.world.names import ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dns.rdtypes.ANY.DNSKEY import DNSKEY

    from golive_lab.world.dns import DemoZone, MailRecords, ZoneServer

PARENT = ZONE.partition(".")[2]


@dataclass(frozen=True)
class SigningKey:
    """A zone's one key, which signs everything."""

    private: ec.EllipticCurvePrivateKey
    public: DNSKEY


@dataclass(frozen=True)
class Zones:
    """Each server's copy of the zone, its parent zone, and the key that a resolver trusts."""

    ns1: dns.zone.Zone
    ns2: dns.zone.Zone
    parent: dns.zone.Zone
    trust_anchor: str


def zones(world: DemoZone, addresses: Sequence[str]) -> Zones:
    """Build and sign the zones of a stack that stands at `addresses`."""
    key, stranger, parent_key = _key("zone"), _key("stranger"), _key("parent")
    parent = dns.zone.from_text(_parent_text(world, key, stranger), origin=f"{PARENT}.", relativize=False)
    _sign(parent, parent_key, hours_old=24, hours_left=24 * 20)
    return Zones(
        _copy(world, world.ns1, addresses, key),
        _copy(world, world.ns2, addresses, key),
        parent,
        f"{PARENT}. IN DNSKEY {parent_key.public.to_text()}",
    )


def _copy(world: DemoZone, server: ZoneServer, addresses: Sequence[str], key: SigningKey) -> dns.zone.Zone:
    zone = dns.zone.from_text(_zone_text(world, server, addresses), origin=f"{ZONE}.", relativize=False)
    if world.signing:
        _sign(zone, key, world.signing.hours_old, world.signing.hours_left)
        if not world.signing.denies:
            for name in list(zone.nodes):
                zone.delete_rdataset(name, dns.rdatatype.NSEC)
                zone.delete_rdataset(name, dns.rdatatype.RRSIG, dns.rdatatype.NSEC)
    return zone


def _zone_text(world: DemoZone, server: ZoneServer, addresses: Sequence[str]) -> str:
    lines = [
        f"@ 3600 IN SOA ns1.{ZONE}. hostmaster.{ZONE}. {world.serial - server.serial_behind} 3600 600 604800 300",
        *(f"@ 3600 IN NS {name}.{ZONE}." for name in ("ns1", "ns2")),
        *(f"{name} 3600 IN A 127.0.0.1" for name in ("ns1", "ns2")),
        *(f"@ 3600 IN CAA {record}" for record in world.caa),
        *_mail(world.mail),
    ]
    for name, has in world.names.items():
        if name in server.lacks:
            continue
        if has.alias:
            lines.append(f"{name}. {has.ttl_s} IN CNAME {has.alias}.")
            continue
        held = (*addresses[: 1 if has.first_only else None], *has.more_addresses)
        lines += [f"{name}. {has.ttl_s} IN {'AAAA' if ':' in address else 'A'} {address}" for address in held]
    return "\n".join(lines) + "\n"


def _mail(has: MailRecords) -> Iterator[str]:
    """Write the records of mail: its server stands where the zone's do, and takes no mail."""
    if has.mx:
        yield f"@ 300 IN MX {has.mx}"
    yield f"mx1.{ZONE}. 300 IN A 127.0.0.1"
    yield f'_spf.{ZONE}. 300 IN TXT "v=spf1 ip4:192.0.2.0/24 -all"'
    names = {"@": has.spf, "s1._domainkey": has.dkim, "_dmarc": has.dmarc, "_smtp._tls": has.tls_rpt}
    for name, text in names.items():
        if text:
            strings = " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))
            yield f"{name if name == '@' else f'{name}.{ZONE}.'} 300 IN TXT {strings}"


def _parent_text(world: DemoZone, key: SigningKey, stranger: SigningKey) -> str:
    lines = [
        f"@ 3600 IN SOA ns.{PARENT}. hostmaster.{PARENT}. 1 3600 600 604800 300",
        f"@ 3600 IN NS ns.{PARENT}.",
        f"ns.{PARENT}. 3600 IN A 127.0.0.1",
        *(f"{ZONE}. 3600 IN NS {name}." for name in world.delegated_to),
        *(f"{name}.{ZONE}. 3600 IN A 127.0.0.1" for name in ("ns1", "ns2")),
    ]
    if world.signing:
        known = key if world.signing.parent_knows_key else stranger
        digest = dns.dnssec.make_ds(f"{ZONE}.", known.public, dns.dnssectypes.DSDigest.SHA256)
        lines.append(f"{ZONE}. 3600 IN DS {digest.to_text()}")
    return "\n".join(lines) + "\n"


def _sign(zone: dns.zone.Zone, key: SigningKey, hours_old: float, hours_left: float) -> None:
    now = dt.datetime.now(dt.UTC)
    dns.dnssec.sign_zone(
        zone,
        keys=[(key.private, key.public)],
        inception=now - dt.timedelta(hours=hours_old),
        expiration=now + dt.timedelta(hours=hours_left),
    )


def _key(of: str) -> SigningKey:
    """Derive a key from its name: the lab keeps no secret, and a zone's key need not change from start to start."""
    scalar = int.from_bytes(hashlib.sha256(f"golive lab {of}".encode()).digest()[:31])
    private = ec.derive_private_key(scalar, ec.SECP256R1())
    public = dns.dnssec.make_dnskey(private.public_key(), dns.dnssectypes.Algorithm.ECDSAP256SHA256, flags=257)
    return SigningKey(private, public)
