"""The DNS probes against the lab's servers, in Python and real: Knot DNS and unbound."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

import pytest
from pydantic import TypeAdapter

from golive import Environment, Unavailable
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address, AddressPolicy, addresses, alias_chain, resolution
from golive_checks.systems.dns.caa import Caa, _record, caa
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.client.exchange import DnsReply, Record, Status
from golive_checks.systems.dns.dnssec import SignedZone, signed_zone
from golive_checks.systems.dns.zone import delegation, server_answers
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_lab.parts.dns import demo as dns_demo
from golive_lab.parts.dns import real as dns_real
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.world.dns import CDN, ClientResolver, Name, ZoneServer, ZoneSigning
from golive_lab.world.dns import DemoZone as Described

T = TypeVar("T")
Kind = Literal["demo", "real"]
PARTS = {"demo": dns_demo.DNS, "real": dns_real.DNS}
API, SHOP = Host("api.demo.test"), Host("shop.demo.test")
HEALTHY = Described()


@dataclass(frozen=True)
class World:
    """A world for these tests."""

    dns: Described


@dataclass(frozen=True)
class Look:
    """Runs a probe's coroutine with a client of its own, as a run does."""

    place: StackPlace

    @property
    def ask(self) -> DnsSettings:
        ports = self.place.ports
        return DnsSettings(
            resolvers=(f"127.0.0.1:{ports.resolver}",),
            name_servers={
                "ns.test": f"127.0.0.1:{ports.parent_ns}",
                "ns1.demo.test": f"127.0.0.1:{ports.ns1}",
                "ns2.demo.test": f"127.0.0.1:{ports.ns2}",
            },
            timeout_s=1,
        )

    def __call__(self, probe: Callable[[Dns, DnsSettings], Coroutine[Any, Any, T]]) -> T:
        async def run() -> T:
            async with client() as dns:
                return await probe(dns, self.ask)

        return asyncio.run(run())

    def signed(self, host: Host) -> SignedZone:
        async def both(dns: Dns, ask: DnsSettings) -> SignedZone:
            return await signed_zone(host, await delegation(host, dns, NetworkRoutes(Vantage()), ask), dns, ask)

        return self(both)


@asynccontextmanager
async def client() -> AsyncIterator[Dns]:
    dns = Dns(Pace(RateLimit(), Environment("x")))
    try:
        yield dns
    finally:
        await dns.aclose()


@contextmanager
def stack(kind: Kind, described: Described) -> Iterator[Look]:
    with standing() as place, PARTS[kind].start(World(described), place):  # type: ignore[arg-type]  # only its dns is read
        yield Look(place)


async def found_of(host: Host, dns: Dns, ask: DnsSettings) -> tuple[Address, ...]:
    """Discover the addresses of a host, the lab's loopback ones allowed."""
    return await addresses(host, dns, NetworkRoutes(Vantage()), ask, AddressPolicy(allow=("127.0.0.0/8", "::1/128")))


@pytest.fixture(params=["demo", "real"], scope="module")
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param  # type: ignore[no-any-return]  # one of the two


@pytest.fixture(scope="module")
def healthy(kind: Kind) -> Iterator[Look]:
    with stack(kind, HEALTHY) as look:
        yield look


def test_each_address_of_a_host_is_a_subject(healthy: Look) -> None:
    found = healthy(lambda dns, ask: found_of(SHOP, dns, ask))
    first, second = healthy.place.addresses
    assert [(one.name, one.ip) for one in found] == [(f"{SHOP}@{ip}".partition(":")[2], ip) for ip in (first, second)]
    assert {one.host for one in found} == {SHOP}


def test_every_resolver_is_asked_for_both_families(healthy: Look) -> None:
    seen = healthy(lambda dns, ask: resolution(API, dns, ask))
    assert [reply.kind for reply in seen.replies] == ["A", "AAAA"]
    assert seen.replies[0].status is Status.ANSWER
    assert seen.replies[0].authenticated


def test_an_alias_is_followed_to_its_addresses(healthy: Look) -> None:
    chain = healthy(lambda dns, ask: alias_chain(SHOP, dns, ask))
    assert chain.targets == (CDN,)
    assert chain.ends[0].status is Status.ANSWER
    assert healthy(lambda dns, ask: alias_chain(API, dns, ask)).targets == ()


def test_facts_can_be_written_down_and_read_back(healthy: Look) -> None:
    async def all_of_them(dns: Dns, ask: DnsSettings) -> list[Any]:
        zone = await delegation(SHOP, dns, NetworkRoutes(Vantage()), ask)
        return [
            zone,
            await resolution(SHOP, dns, ask),
            await alias_chain(SHOP, dns, ask),
            await server_answers(SHOP, zone, dns, ask),
            await signed_zone(SHOP, zone, dns, ask),
            await caa(SHOP, dns, ask),
        ]

    for fact in healthy(all_of_them):
        as_data = TypeAdapter(type(fact))
        assert as_data.validate_json(as_data.dump_json(fact)) == fact


async def test_name_servers_are_looked_up_unless_the_profile_says_where(healthy: Look) -> None:
    ask = healthy.ask.model_copy(update={"name_servers": {"NS1.demo.test.": "127.0.0.1:1"}})
    async with client() as dns:
        found = await delegation(API, dns, NetworkRoutes(Vantage()), ask)
        assert [server.endpoints for server in found.servers] == [("127.0.0.1:1",), ("127.0.0.1",)]
        found = await delegation(API, dns, Nowhere(Vantage()), ask)
        assert [server.skipped for server in found.servers] == [(), ("127.0.0.1",)]
        with pytest.raises(Unavailable, match="no route from here to any name server") as gap:
            await delegation(API, dns, Nowhere(Vantage()), ask.model_copy(update={"name_servers": {}}))
        assert gap.value.no_route


class Nowhere(NetworkRoutes):
    """A machine without a network."""

    def has(self, ip: str) -> bool:
        return not ip


def test_the_zone_and_its_servers_are_found(healthy: Look) -> None:
    for host in (API, SHOP):
        found = healthy(lambda dns, ask, host=host: delegation(host, dns, NetworkRoutes(Vantage()), ask))  # type: ignore[misc]  # a default binds it
        assert found.zone == "demo.test"
        assert [server.name for server in found.servers] == ["ns1.demo.test", "ns2.demo.test"]


def test_the_parent_is_asked_whom_it_delegates_to(kind: Kind) -> None:
    names = ("ns1.demo.test", "ns3.demo.test")
    with stack(kind, replace(HEALTHY, delegated_to=names)) as look:
        found = look(lambda dns, ask: delegation(API, dns, NetworkRoutes(Vantage()), ask))
    assert (found.parent.zone, found.parent.names, found.parent.gap) == ("test", names, "")
    assert found.own == ("ns1.demo.test", "ns2.demo.test")
    assert [server.name for server in found.servers] == ["ns1.demo.test", "ns2.demo.test", "ns3.demo.test"]
    assert found.servers[2].endpoints == ()


def test_a_parent_that_does_not_answer_is_a_gap_and_no_list_without_names(healthy: Look) -> None:
    dead = f"127.0.0.1:{healthy.place.ports.dead}"
    ask = healthy.ask.model_copy(update={"name_servers": {**healthy.ask.name_servers, "ns.test": dead}})
    found = healthy(lambda dns, _: delegation(API, dns, NetworkRoutes(Vantage()), ask))
    assert found.parent.names == ()
    assert found.parent.gap == f"ns.test ({dead}): nothing listens there"


async def test_a_zones_own_name_that_is_an_alias_is_still_a_zone() -> None:
    """Servers answer with the alias whatever they are asked: the zone could be taken for a part of the one above."""

    class Lookups:
        """`demo.test` is delegated and an alias; no server that is free serves such a zone."""

        async def look_up(self, name: str, kind: str, *_: Any, **__: Any) -> DnsReply:
            if name == "demo.test":
                return DnsReply("r", name, kind, Status.NODATA, (Record(name, "CNAME", 300, "a.cdn."),), ("a.cdn",))
            held = {("test", "SOA"): "ns. h. 1 1 1 1 1", ("test", "NS"): "ns.test."}.get((name, kind))
            held = held or ("127.0.0.9" if kind == "A" and name.startswith("ns") else None)
            records = (Record(name, kind, 300, held),) if held else ()
            return DnsReply("r", name, kind, Status.ANSWER if held else Status.NODATA, records)

        async def ask_server(self, server: str, name: str, kind: str, *_: Any, **__: Any) -> DnsReply:
            referral = (Record("demo.test", "NS", 300, "ns1.demo.test."),) if name == "demo.test" else ()
            return DnsReply(server, name, kind, Status.NODATA, authority=referral)

    found = await delegation(API, Lookups(), NetworkRoutes(Vantage()), DnsSettings())  # type: ignore[arg-type]  # a stub
    assert (found.zone, found.apex_alias, found.parent.names) == ("demo.test", "a.cdn", ("ns1.demo.test",))


def test_each_server_is_asked_by_itself_and_twice(healthy: Look) -> None:
    async def both(dns: Dns, ask: DnsSettings) -> Any:
        return await server_answers(API, await delegation(API, dns, NetworkRoutes(Vantage()), ask), dns, ask)

    seen = healthy(both)
    assert [said.server for said in seen.said] == ["ns1.demo.test", "ns2.demo.test"]
    for said in seen.said:
        assert said.soa.authoritative
        assert said.first[0].status is Status.ANSWER
        assert said.first[0].of("A") == said.again[0].of("A")


def test_caa_records_are_climbed_to(healthy: Look) -> None:
    found = healthy(lambda dns, ask: caa(SHOP, dns, ask))
    assert [level.name for level in found.levels] == ["shop.demo.test", "demo.test", "test"]
    level = found.relevant("shop.demo.test")
    assert level
    assert level.name == "demo.test"
    assert level.records == (Caa(critical=False, tag="issue", value="trust.demo.test"),)


QUOTED = {
    r'0 issue "ca.example"': Caa(critical=False, tag="issue", value="ca.example"),
    r'128 ISSUE ";"': Caa(critical=True, tag="issue", value=";"),
    r'0 iodef "mailto:\"a\"@example.com"': Caa(critical=False, tag="iodef", value='mailto:"a"@example.com'),
    r'0 issue "\027[31m\\"': Caa(critical=False, tag="issue", value="\x1b[31m\\"),
    r'0 issue ""': Caa(critical=False, tag="issue", value=""),
}


@pytest.mark.parametrize(("data", "means"), QUOTED.items(), ids=QUOTED)
def test_a_caa_record_is_unquoted(data: str, means: Caa) -> None:
    assert _record(data) == means


def test_a_signed_zone_validates(healthy: Look) -> None:
    seen = healthy.signed(SHOP)
    assert seen.ds
    assert seen.supported
    assert seen.vouched
    assert seen.unvouched == ()
    signed = {(one.server, one.kind, one.name) for one in seen.sets}
    assert {("ns2.demo.test", "CNAME", "shop.demo.test"), ("ns1.demo.test", "A", CDN)} <= signed
    now = dt.datetime.now(dt.UTC)
    for one in seen.sets:
        assert [s.defect for s in one.signatures] == [""], one
        assert all(s.begins < now < s.ends for s in one.signatures)


def test_expired_signatures_are_seen_as_they_are(kind: Kind) -> None:
    with stack(kind, replace(HEALTHY, signing=ZoneSigning(hours_old=672, hours_left=-48))) as look:
        seen = look.signed(API)
        assert (seen.checked, seen.unchecked) == (Status.SERVFAIL, Status.ANSWER)
        assert {s.defect for one in seen.sets for s in one.signatures} == {""}
        assert max(s.ends for one in seen.sets for s in one.signatures) < dt.datetime.now(dt.UTC)
        assert len(look(lambda dns, ask: found_of(API, dns, ask))) == 2, (
            "what fails validation is looked at all the same"
        )


def test_a_ds_of_another_key_is_seen(kind: Kind) -> None:
    with stack(kind, replace(HEALTHY, signing=ZoneSigning(parent_knows_key=False))) as look:
        seen = look.signed(API)
    assert seen.checked is Status.SERVFAIL
    assert len(seen.unvouched) == 2
    assert seen.sets == ()


def test_an_unsigned_zone_has_no_ds(kind: Kind) -> None:
    with stack(kind, replace(HEALTHY, signing=None)) as look:
        assert look.signed(API) == SignedZone("demo.test")


def test_a_name_that_is_missing_has_no_address(kind: Kind) -> None:
    names = {name: has for name, has in HEALTHY.names.items() if name != API.name}
    with stack(kind, replace(HEALTHY, names=names)) as look:
        with pytest.raises(Unavailable, match="NXDOMAIN"):
            look(lambda dns, ask: found_of(API, dns, ask))
        statuses = {reply.status for reply in look(lambda dns, ask: resolution(API, dns, ask)).replies}
    assert statuses == {Status.NXDOMAIN}


def test_a_loop_of_aliases_is_seen(kind: Kind) -> None:
    with stack(kind, replace(HEALTHY, names={**HEALTHY.names, CDN: Name(alias=SHOP.name)})) as look:
        chain = look(lambda dns, ask: alias_chain(SHOP, dns, ask))
    assert chain.targets == (CDN, SHOP.name)
    assert chain.endless == "loop"


def test_an_alias_of_nothing_is_seen(kind: Kind) -> None:
    with stack(kind, replace(HEALTHY, names={**HEALTHY.names, SHOP.name: Name(alias="gone.demo.test")})) as look:
        chain = look(lambda dns, ask: alias_chain(SHOP, dns, ask))
    assert {reply.status for reply in chain.ends} == {Status.NXDOMAIN}


async def test_an_alias_of_nothing_is_seen_also_where_the_resolver_says_nxdomain_to_the_alias_itself() -> None:
    class Lookups:
        """Answers as unbound does when it knows by then that the target is gone."""

        async def look_up(self, name: str, kind: str, *_: Any, **__: Any) -> DnsReply:
            alias = (Record(SHOP.name, "CNAME", 300, "gone.demo.test."),) if name == SHOP.name else ()
            return DnsReply("127.0.0.1:53", name, kind, Status.NXDOMAIN, alias)

    chain = await alias_chain(SHOP, Lookups(), DnsSettings())  # type: ignore[arg-type]  # a stub of the client
    assert chain.targets == ("gone.demo.test",)
    assert {reply.status for reply in chain.ends} == {Status.NXDOMAIN}


def test_a_zone_that_no_server_has_is_servfail(kind: Kind) -> None:
    lost = ZoneServer(answers="refused")
    with stack(kind, replace(HEALTHY, ns1=lost, ns2=lost)) as look:
        statuses = {reply.status for reply in look(lambda dns, ask: resolution(API, dns, ask)).replies}
        assert statuses == {Status.SERVFAIL}
        with pytest.raises(Unavailable, match=r"the zone of api\.demo\.test is not found: the resolver says SERVFAIL"):
            look(lambda dns, ask: delegation(API, dns, NetworkRoutes(Vantage()), ask))
        with pytest.raises(Unavailable, match="SERVFAIL to the CAA records"):
            look(lambda dns, ask: caa(API, dns, ask))


def test_a_resolver_that_refuses_is_seen(kind: Kind) -> None:
    with stack(kind, replace(HEALTHY, resolver=ClientResolver(answers="refused"))) as look:
        statuses = {reply.status for reply in look(lambda dns, ask: resolution(API, dns, ask)).replies}
    assert statuses == {Status.REFUSED}


def test_a_resolver_that_is_down_is_a_gap(kind: Kind) -> None:
    with stack(kind, replace(HEALTHY, resolver=ClientResolver(answers="nothing"))) as look:
        for probe in (resolution, found_of, alias_chain, caa):
            with pytest.raises(Unavailable, match="no resolver answers") as gap:
                look(lambda dns, ask, probe=probe: probe(API, dns, ask))  # type: ignore[misc]  # a default binds it
            assert gap.value.transient


def test_the_labs_resolver_never_asks_beyond_the_lab(healthy: Look) -> None:
    with pytest.raises(Unavailable, match="is not found: the resolver says REFUSED"):
        healthy(lambda dns, ask: delegation(Host("api.example.com"), dns, NetworkRoutes(Vantage()), ask))
