"""The DNS of the demo stack: two name servers and a validating resolver in pure Python, over UDP and TCP."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone

from golive_lab.parts.dns.zones import zones
from golive_lab.parts.part import Part, threaded
from golive_lab.world.names import ZONE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from golive_lab.parts.dns.zones import Zones
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.dns import DemoZone, ZoneServer

    Answer = Callable[[dns.message.Message, dns.message.Message], None]
    """Fills in the response (the second) to a query (the first)."""

APEX = dns.name.from_text(ZONE)
ABOVE = APEX.parent()
HOST = "127.0.0.1"
MAX_CHAIN = 11
"""CNAMEs that a resolver follows in a row, as unbound does."""


@asynccontextmanager
async def demo(world: World, place: StackPlace) -> AsyncIterator[None]:
    """Serve the zones until the block ends."""
    served = zones(world.dns, place.addresses)
    async with AsyncExitStack() as running:
        for server, zone, port in (
            (world.dns.ns1, served.ns1, place.ports.ns1),
            (world.dns.ns2, served.ns2, place.ports.ns2),
        ):
            if server.answers != "nothing":
                await running.enter_async_context(serving(port, _name_server(server, zone)))
        await running.enter_async_context(serving(place.ports.parent_ns, _parent_server(served.parent)))
        if world.dns.resolver.answers != "nothing":
            await running.enter_async_context(serving(place.ports.resolver, _resolver(world.dns, served)))
        yield


DNS = Part("dns", threaded(demo), reads=lambda world: world.dns)


@asynccontextmanager
async def serving(port: int, answer: Answer) -> AsyncIterator[None]:
    """Answer queries on a port, over UDP and TCP."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Udp(answer), local_addr=(HOST, port))
    clients: set[asyncio.StreamWriter] = set()

    async def tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        clients.add(writer)
        try:
            await _tcp(reader, writer, answer)
        finally:
            clients.discard(writer)

    server = await asyncio.start_server(tcp, HOST, port)
    try:
        yield
    finally:
        transport.close()
        server.close()
        await asyncio.sleep(0.01)  # a connection that was just accepted is handed to its task a few passes later
        for writer in clients:
            writer.close()  # a client that holds on holds nothing up
        while clients:  # noqa: ASYNC110 - a few passes, until each handler has seen its end
            await asyncio.sleep(0)
        await server.wait_closed()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if response := _respond(data, self._answer, over_tcp=False):
            self._transport.sendto(response, addr)  # type: ignore[attr-defined]  # asyncio's stubs: BaseTransport


async def _tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    try:
        while True:
            query = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
            response = _respond(query, answer, over_tcp=True)
            writer.write(len(response).to_bytes(2) + response)
            await writer.drain()
    except (EOFError, ConnectionError):
        pass
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _respond(data: bytes, answer: Answer, *, over_tcp: bool) -> bytes:
    try:
        query = dns.message.from_wire(data)
        response = dns.message.make_response(query)
    except dns.exception.DNSException:
        return b""
    answer(query, response)
    try:
        return response.to_wire(max_size=65535 if over_tcp else max(512, query.payload))
    except dns.exception.TooBig:
        response.answer, response.authority = [], []
        response.flags |= dns.flags.TC
        return response.to_wire()


def _name_server(server: ZoneServer, zone: dns.zone.Zone) -> Answer:
    """Answer as an authoritative server does, from its copy of the zone."""

    def answer(query: dns.message.Message, response: dns.message.Message) -> None:
        question = query.question[0]
        if server.answers == "refused" or not question.name.is_subdomain(APEX):
            response.set_rcode(dns.rcode.REFUSED)
            return
        if server.answers == "authoritative":
            response.flags |= dns.flags.AA
        _fill(response, question.name, question.rdtype, zone, signed=bool(query.ednsflags & dns.flags.DO))

    return answer


def _parent_server(zone: dns.zone.Zone) -> Answer:
    """Answer as the zone above does: it refers to the name servers of what it delegates (RFC 1034, section 4.3.2)."""

    def answer(query: dns.message.Message, response: dns.message.Message) -> None:
        question = query.question[0]
        if question.name.is_subdomain(APEX) and question.rdtype != dns.rdatatype.DS:
            servers = zone.find_rrset(APEX, dns.rdatatype.NS)
            response.authority.append(servers)
            glue = (zone.get_rrset(server.target, dns.rdatatype.A) for server in servers)
            response.additional.extend(rrset for rrset in glue if rrset)
            return
        response.flags |= dns.flags.AA
        _fill(response, question.name, question.rdtype, zone, signed=bool(query.ednsflags & dns.flags.DO))

    return answer


def _resolver(world: DemoZone, served: Zones) -> Answer:
    """Answer as a validating resolver does, which asks the first name server alone."""
    lost = world.ns1.answers in {"nothing", "refused", "without authority"}
    bogus_denial = world.signing is not None and not world.signing.denies
    bogus = world.signing is not None and not world.signing.validates

    def answer(query: dns.message.Message, response: dns.message.Message) -> None:
        question = query.question[0]
        response.flags |= dns.flags.RA
        of_zone = question.name.is_subdomain(APEX) and not (
            question.name == APEX and question.rdtype == dns.rdatatype.DS
        )
        unchecked = query.flags & dns.flags.CD
        if world.resolver.answers == "refused" or not question.name.is_subdomain(ABOVE):
            response.set_rcode(dns.rcode.REFUSED)
        elif of_zone and (lost or (bogus and not unchecked)):
            response.set_rcode(dns.rcode.SERVFAIL)
        else:
            zone = served.ns1 if of_zone else served.parent
            signed = bool(query.ednsflags & dns.flags.DO)
            _fill(response, question.name, question.rdtype, zone, signed=signed)
            if bogus_denial and not unchecked and not response.answer:
                response.set_rcode(dns.rcode.SERVFAIL)
            elif world.signing and not unchecked and (signed or query.flags & dns.flags.AD):
                response.flags |= dns.flags.AD

    return answer


def _fill(
    response: dns.message.Message,
    name: dns.name.Name,
    kind: dns.rdatatype.RdataType,
    zone: dns.zone.Zone,
    *,
    signed: bool,
) -> None:
    """Put into the response what the zone holds for the name, following aliases within it."""
    for _ in range(MAX_CHAIN):
        alias = zone.get_rrset(name, dns.rdatatype.CNAME) if kind != dns.rdatatype.CNAME else None
        found = alias or zone.get_rrset(name, kind)
        if found:
            response.answer.append(found)
            if signed and (signature := zone.get_rrset(name, dns.rdatatype.RRSIG, covers=found.rdtype)):
                response.answer.append(signature)
        if not alias:
            break
        name = alias[0].target
    if not found and zone.origin is not None:
        if not any(held.is_subdomain(name) for held in zone.nodes):
            response.set_rcode(dns.rcode.NXDOMAIN)
        _deny(response, name, zone, signed=signed)


def _deny(response: dns.message.Message, name: dns.name.Name, zone: dns.zone.Zone, *, signed: bool) -> None:
    """Say that there is no such name or record; where the zone is signed, with the proof (RFC 4035, section 3.1.3)."""
    assert zone.origin is not None  # noqa: S101 - for the type checker: these zones have one
    proofs = [(zone.origin, dns.rdatatype.SOA)]
    if signed:
        spans = sorted(held for held in zone.nodes if zone.get_rrset(held, dns.rdatatype.NSEC))
        wildcard = dns.name.Name((b"*", *zone.origin.labels))
        absent = (name, wildcard) if response.rcode() == dns.rcode.NXDOMAIN else (name,)
        before = {max(span for span in spans if span <= of) for of in absent} if spans else set()
        proofs += [(span, dns.rdatatype.NSEC) for span in sorted(before)]
    for of, kind in proofs:
        if found := zone.get_rrset(of, kind):
            response.authority.append(found)
            if signed and (signature := zone.get_rrset(of, dns.rdatatype.RRSIG, covers=kind)):
                response.authority.append(signature)
