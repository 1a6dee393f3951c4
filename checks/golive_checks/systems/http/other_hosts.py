"""Hosts that are none of the profile's own: whom a URL names is found by the profile's resolvers."""

import asyncio
import ipaddress
from dataclasses import dataclass

from golive import Provided, Unavailable
from golive_checks.systems.dns.addresses import FAMILIES
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.client.exchange import SETTLED
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import Access, Endpoint
from golive_checks.systems.http.door import EndpointDoor
from golive_checks.systems.tls.client.trust import Trust

MAX_ADDRESSES = 8


@dataclass(frozen=True)
class OtherHosts(Provided):
    """Finds hosts by name, and opens doors to them."""

    dns: Dns
    resolvers: DnsSettings
    http: Http
    trust: Trust

    async def address(self, name: str) -> str:
        """Return the first address of a host, an IPv4 one where there is any; an address is its own."""
        try:
            return str(ipaddress.ip_address(name))
        except ValueError:
            reply = await self.dns.look_up(name, "A", self.resolvers)
        found = reply.of("A") or (await self.dns.look_up(name, "AAAA", self.resolvers)).of("AAAA")
        if not found:
            raise Unavailable(f"{name} has no address: {reply.word}")
        return found[0].data

    async def addresses(self, name: str) -> list[str]:
        """Return every address of a host, IPv4 first; none where the DNS has none.

        Raises:
            Unavailable: a resolver could not say, for either family, or there are more than golive looks at.
        """
        replies = await asyncio.gather(*(self.dns.look_up(name, kind, self.resolvers) for kind in FAMILIES))
        for reply in replies:
            if reply.status not in SETTLED:
                raise Unavailable(f"the resolver says {reply.word} to {reply.kind} of {name}", transient=True)
        found = [record.data for reply in replies for record in reply.of(reply.kind)]
        if len(found) > MAX_ADDRESSES:
            raise Unavailable(f"{name} has {len(found)} addresses; golive looks at {MAX_ADDRESSES}")
        return found

    async def door(self, name: str, port: int, *, access: Access | None = None, secure: bool = True) -> EndpointDoor:
        """Return the door to a host, which is sent nobody's credentials unless `access` is given."""
        at = Endpoint(name, await self.address(name), port, secure=secure)
        return EndpointDoor(self.http, access or Access(), self.trust, at)
