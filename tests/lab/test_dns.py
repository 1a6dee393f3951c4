"""The lab's DNS servers, asked by dnspython's own client and not by golive's."""

from __future__ import annotations

import dataclasses
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype
import pytest

from golive_lab.parts import process
from golive_lab.parts.dns import demo as dns_demo
from golive_lab.parts.dns import real as dns_real
from golive_lab.parts.dns.zones import zones
from golive_lab.parts.ports import standing
from golive_lab.parts.process import NotInstalledError
from golive_lab.world.dns import CDN, DemoZone, Name, ZoneServer, ZoneSigning
from golive_lab.world.names import API, HOSTS, SHOP, ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from golive_lab.parts.part import Part
    from golive_lab.parts.ports import StackPlace

PARTS = {"demo": dns_demo.DNS, "real": dns_real.DNS}
ADDRESSES = ("127.0.0.1", "127.0.0.2")


@dataclasses.dataclass(frozen=True)
class World:
    """A world for these tests."""

    dns: DemoZone


@contextmanager
def serving(part: Part, described: DemoZone | None = None) -> Iterator[StackPlace]:
    with standing() as place, part.start(World(described or DemoZone()), place):  # type: ignore[arg-type]  # its dns alone is read
        yield place


@pytest.fixture(params=PARTS)
def part(request: pytest.FixtureRequest) -> Part:
    return PARTS[request.param]


def ask(port: int, name: str, kind: str = "A", *, tcp: bool = False, cd: bool = False) -> dns.message.Message:
    query = dns.message.make_query(name, kind, want_dnssec=True)
    if cd:
        query.flags |= dns.flags.CD
    way = dns.query.tcp if tcp else dns.query.udp
    return way(query, "127.0.0.1", port=port, timeout=2)


def data(message: dns.message.Message, kind: str) -> list[str]:
    wanted = dns.rdatatype.from_text(kind)
    return sorted(rdata.to_text() for rrset in message.answer if rrset.rdtype == wanted for rdata in rrset)


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_every_server_has_every_host(part: Part, *, tcp: bool) -> None:
    with serving(part) as place:
        for port in (place.ports.ns1, place.ports.ns2, place.ports.resolver):
            for host in HOSTS:
                said = ask(port, host, tcp=tcp)
                assert said.rcode() == dns.rcode.NOERROR
                assert data(said, "A") == [ip for ip in place.addresses if ":" not in ip]
                assert bool(said.flags & dns.flags.AA) is (port != place.ports.resolver)
                assert data(said, "RRSIG")


def test_the_resolver_vouches_for_what_validates_and_withholds_what_does_not(part: Part) -> None:
    with serving(part) as place:
        assert ask(place.ports.resolver, API).flags & dns.flags.AD
    with serving(part, DemoZone(signing=ZoneSigning(hours_old=672, hours_left=-48))) as place:
        assert ask(place.ports.resolver, API).rcode() == dns.rcode.SERVFAIL
        assert data(ask(place.ports.resolver, API, cd=True), "A")


def test_the_resolver_knows_what_is_not_there(part: Part) -> None:
    with serving(part) as place:
        assert ask(place.ports.resolver, f"no.{ZONE}").rcode() == dns.rcode.NXDOMAIN
        assert ask(place.ports.resolver, API, "TXT").rcode() == dns.rcode.NOERROR
        assert data(ask(place.ports.resolver, ZONE, "DS"), "DS")
        assert ask(place.ports.resolver, "example.com").rcode() == dns.rcode.REFUSED


def test_each_server_serves_its_own_copy(part: Part) -> None:
    described = DemoZone(ns2=ZoneServer(serial_behind=3, lacks=(SHOP,)))
    with serving(part, described) as place:
        serials = [
            int(data(ask(port, ZONE, "SOA"), "SOA")[0].split()[2]) for port in (place.ports.ns1, place.ports.ns2)
        ]
        assert serials[0] - serials[1] == 3
        assert ask(place.ports.ns1, SHOP).rcode() == dns.rcode.NOERROR
        assert ask(place.ports.ns2, SHOP).rcode() == dns.rcode.NXDOMAIN


def test_a_server_that_does_not_run_frees_its_port(part: Part) -> None:
    with (
        serving(part, DemoZone(ns2=ZoneServer(answers="nothing"))) as place,
        pytest.raises(ConnectionRefusedError),
    ):
        socket.create_connection(("127.0.0.1", place.ports.ns2), timeout=1)


def test_the_ports_are_free_again_although_a_client_holds_on(part: Part) -> None:
    with standing() as place:
        world = World(DemoZone())
        with part.start(world, place):  # type: ignore[arg-type]  # its dns alone is read
            held = socket.create_connection(("127.0.0.1", place.ports.ns1), timeout=1)
        with held, part.start(world, place):  # type: ignore[arg-type]  # likewise
            assert data(ask(place.ports.ns1, API), "A")


def test_an_answer_too_long_for_a_datagram_is_cut() -> None:
    many = Name(more_addresses=tuple(f"192.0.2.{i}" for i in range(200)))
    with serving(dns_demo.DNS, DemoZone(names={API: many})) as place:
        assert ask(place.ports.ns1, API).flags & dns.flags.TC
        assert len(data(ask(place.ports.ns1, API, tcp=True), "A")) > 200


def test_what_is_no_query_gets_no_answer() -> None:
    with serving(dns_demo.DNS) as place, socket.socket(type=socket.SOCK_DGRAM) as sender:
        sender.sendto(b"noise", ("127.0.0.1", place.ports.ns1))
        assert data(ask(place.ports.ns1, API), "A")


def test_a_second_address_of_the_other_family_is_an_aaaa_record() -> None:
    built = zones(DemoZone(), ("127.0.0.1", "::1"))
    assert [rdata.to_text() for rdata in built.ns1.find_rdataset(f"{CDN}.", "AAAA")] == ["::1"]
    assert [rdata.to_text() for rdata in built.ns1.find_rdataset(f"{CDN}.", "A")] == ["127.0.0.1"]


def test_an_unsigned_zone_has_no_keys_and_no_ds() -> None:
    built = zones(DemoZone(signing=None), ADDRESSES)
    assert built.ns1.get_rdataset(f"{ZONE}.", "DNSKEY") is None
    assert built.parent.get_rdataset(f"{ZONE}.", "DS") is None


def test_a_real_server_cannot_answer_without_authority() -> None:
    with (
        pytest.raises(ValueError, match="the demo stack's can"),
        serving(dns_real.DNS, DemoZone(ns2=ZoneServer(answers="without authority"))),
    ):
        pass


def test_a_missing_server_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.shutil, "which", lambda *_, **__: None)
    with (
        pytest.raises(NotInstalledError, match="knotd is not installed; on Debian: apt install knot"),
        serving(dns_real.DNS),
    ):
        pass
