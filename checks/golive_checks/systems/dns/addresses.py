"""What resolvers say of a host: its addresses, which are subjects of their own, and its chain of aliases."""

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from golive import Fact, Settings, Subject, Unavailable, probe
from golive_checks.subjects import Host
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.client.exchange import MAX_HOPS, SETTLED, UNSEEN, DnsReply, Status
from golive_checks.systems.machine.client.route import NetworkRoutes

FAMILIES = ("A", "AAAA")


def _network(text: str) -> str:
    ipaddress.ip_network(text)
    return text


class AddressPolicy(Settings):
    """Which addresses a host may have besides public ones. No other is contacted."""

    home: ClassVar[str] = "domains.addresses"

    allow: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
    """Networks that are meant, such as `10.0.0.0/8` for a host behind a VPN."""

    def allows(self, ip: str) -> str:
        """Return the network that allows an address, or nothing."""
        return next((net for net in self.allow if plain(ip) in ipaddress.ip_network(net)), "")


def plain(ip: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Read an address; an IPv4 one written as IPv6 (::ffff:192.0.2.1) is what it stands for."""
    address = ipaddress.ip_address(ip)
    return getattr(address, "ipv4_mapped", None) or address


def is_public(ip: str) -> bool:
    """Return whether the world can reach an address."""
    return plain(ip).is_global and not plain(ip).is_multicast


@dataclass(frozen=True)
class Address(Subject):
    """One address of a host: `api.example.com@192.0.2.1`. Each is looked at by itself."""

    host: Host
    ip: str


@dataclass(frozen=True)
class Resolution(Fact):
    """What each resolver says to A and AAAA."""

    replies: tuple[DnsReply, ...]


@dataclass(frozen=True)
class AliasChain(Fact):
    """The CNAMEs from a host on, and what the last name has for A and AAAA. `endless`: why there is no end."""

    targets: tuple[str, ...]
    ends: tuple[DnsReply, ...] = ()
    endless: Literal["", "loop", "too long"] = ""


@probe("dns.address")
async def addresses(
    host: Host, dns: Dns, routes: NetworkRoutes, ask: DnsSettings, allow: AddressPolicy
) -> tuple[Address, ...]:
    """Look up the host's addresses, unless the profile says where to look."""
    found = set(host.reached_at)
    if not found:
        replies = await asyncio.gather(*(_address_records(host.name, kind, dns, ask) for kind in FAMILIES))
        found = {record.data for reply in replies for record in reply.of(reply.kind)}
        if not found:
            raise Unavailable(f"{host.name} has no address: {replies[0].word}")
        for ip in found:
            if not is_public(ip) and not allow.allows(ip):
                routes.refuse(ip)
    ordered = sorted(found, key=lambda ip: (":" in ip, ipaddress.ip_address(ip).packed))
    return tuple(Address(f"{host.name}@{ip}", host, ip, at=host.at) for ip in ordered)


async def _address_records(name: str, kind: str, dns: Dns, ask: DnsSettings) -> DnsReply:
    """Look up one family, past a resolver's veto: where only DNSSEC is broken, the rest is still worth looking at."""
    reply = await dns.look_up(name, kind, ask)
    if reply.status is Status.SERVFAIL:
        reply = await dns.look_up(name, kind, ask, validate=False)
    return reply


@probe("dns.resolution")
async def resolution(host: Host, dns: Dns, ask: DnsSettings) -> Resolution:
    """Ask every resolver for the host's A and AAAA records."""
    replies = await asyncio.gather(
        *(dns.resolve(server, host.name, kind, ask) for server in dns.resolvers(ask) for kind in FAMILIES)
    )
    if all(reply.status in UNSEEN for reply in replies):
        raise Unavailable(
            f"no resolver answers: {replies[0].server}: {replies[0].word}",
            transient=True,
            fix="Name resolvers that can be reached from here under dns.resolvers.",
        )
    return Resolution(tuple(replies))


@probe("dns.alias-chain")
async def alias_chain(host: Host, dns: Dns, ask: DnsSettings) -> AliasChain:
    """Follow the host's CNAMEs one by one."""
    followed = [host.name]
    while len(followed) <= MAX_HOPS:
        # Resolvers differ in what they make of a loop or a lost target: each hop is asked for by itself.
        reply = await dns.look_up(followed[-1], "CNAME", ask, validate=False)
        if reply.status not in SETTLED:
            raise Unavailable(f"the resolver says {reply.word} to the CNAME of {followed[-1]}")
        # Not by the status: where the target is gone, unbound may say NXDOMAIN to the question for the alias too.
        alias = next((r.data for r in reply.of("CNAME") if r.name == followed[-1]), None)
        if alias is None:
            break
        target = alias.rstrip(".").lower()
        followed.append(target)
        if target in followed[:-1]:
            return AliasChain(tuple(followed[1:]), endless="loop")
    else:
        return AliasChain(tuple(followed[1:]), endless="too long")
    targets = tuple(followed[1:])
    if not targets:
        return AliasChain(())
    ends = await asyncio.gather(*(dns.look_up(targets[-1], kind, ask, validate=False) for kind in FAMILIES))
    return AliasChain(targets, tuple(ends))
