"""Hosts that are none of the profile's own: whom a URL names is found by the profile's resolvers."""

import ipaddress
from dataclasses import dataclass

from golive import Provided, Unavailable
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import Access, Endpoint
from golive_checks.systems.http.door import EndpointDoor
from golive_checks.systems.tls.client.trust import Trust


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

    async def door(self, name: str, port: int, *, access: Access | None = None, secure: bool = True) -> EndpointDoor:
        """Return the door to a host, which is sent nobody's credentials unless `access` is given."""
        at = Endpoint(name, await self.address(name), port, secure=secure)
        return EndpointDoor(self.http, access or Access(), self.trust, at)
