import asyncio
import contextlib
import itertools
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest
from pydantic import ValidationError

from golive import Environment, Unavailable
from golive_checks.systems.dns.client.client import Dns, DnsSettings
from golive_checks.systems.dns.client.exchange import MAX_HOPS, MAX_RECORDS, Question, Status, exchange, parse_endpoint
from golive_checks.systems.machine.client.pace import Pace, RateLimit

Answer = Callable[[bytes, bool], bytes | None]
"""What a server sends to a query, and whether it came over TCP; None: nothing."""

HOST = "api.demo.test"


class Server:
    """A DNS server whose every byte the test decides."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.queries: list[bytes] = []
        self.place = ""

    def say(self, query: bytes, *, over_tcp: bool) -> bytes | None:
        self.queries.append(query)
        return self.answer(query, over_tcp)


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Server]:
    here = Server(answer)
    loop = asyncio.get_running_loop()

    class Udp(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            if (said := here.say(data, over_tcp=False)) is not None:
                self.transport.sendto(said, addr)

    async def tcp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        query = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
        if (said := here.say(query, over_tcp=True)) is not None:
            writer.write(said)
        writer.close()

    server = await asyncio.start_server(tcp, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport, _ = await loop.create_datagram_endpoint(Udp, local_addr=("127.0.0.1", port))
    here.place = f"127.0.0.1:{port}"
    try:
        yield here
    finally:
        transport.close()
        server.close()
        await server.wait_closed()


def reply(query: bytes, *records: str, rcode: dns.rcode.Rcode = dns.rcode.NOERROR, tc: bool = False) -> bytes:
    response = dns.message.make_response(dns.message.from_wire(query))
    response.set_rcode(rcode)
    response.answer = [dns.rrset.from_text(*record.split(" ", 4)) for record in records]
    if tc:
        response.flags |= dns.flags.TC
    return response.to_wire(max_size=65535)


def framed(wire: bytes) -> bytes:
    return len(wire).to_bytes(2) + wire


def a(address: str = "192.0.2.1", name: str = HOST) -> str:
    return f"{name}. 300 IN A {address}"


def client(**rate_limit: int) -> Dns:
    return Dns(Pace(RateLimit(**rate_limit), Environment("x")))


RCODES = {
    "nodata": (dns.rcode.NOERROR, Status.NODATA),
    "nxdomain": (dns.rcode.NXDOMAIN, Status.NXDOMAIN),
    "servfail": (dns.rcode.SERVFAIL, Status.SERVFAIL),
    "refused": (dns.rcode.REFUSED, Status.REFUSED),
    "notauth": (dns.rcode.NOTAUTH, Status.ERROR),
}


@pytest.mark.parametrize(("rcode", "status"), RCODES.values(), ids=RCODES)
async def test_each_refusal_is_told_apart(rcode: dns.rcode.Rcode, status: Status) -> None:
    async with serving(lambda query, _: reply(query, rcode=rcode)) as server:
        said = await exchange(Question(server.place, HOST, "A"), 1)
    assert said.status is status
    assert said.word


async def test_an_answer_holds_its_records_and_flags() -> None:
    def answer(query: bytes, _: bool) -> bytes:  # noqa: FBT001 - Answer's form
        response = dns.message.make_response(dns.message.from_wire(query))
        response.answer = [dns.rrset.from_text(f"{HOST.upper()}.", 60, "IN", "A", "192.0.2.9", "192.0.2.1")]
        response.flags |= dns.flags.AA | dns.flags.AD
        return response.to_wire()

    async with serving(answer) as server:
        said = await exchange(Question(server.place, HOST, "A"), 1)
    assert said.status is Status.ANSWER
    assert [(record.name, record.ttl, record.data) for record in said.of("A")] == [
        (HOST, 60, "192.0.2.1"),
        (HOST, 60, "192.0.2.9"),
    ]
    assert said.authoritative
    assert said.authenticated


async def test_aliases_are_followed_in_order() -> None:
    records = [f"{HOST}. 1 IN CNAME b.test.", "c.test. 1 IN A 192.0.2.1", "b.test. 1 IN CNAME C.test."]
    async with serving(lambda query, _: reply(query, *records)) as server:
        said = await exchange(Question(server.place, HOST, "A"), 1)
    assert said.status is Status.ANSWER
    assert said.aliases == ("b.test", "c.test")


async def test_what_was_not_asked_for_is_left_out() -> None:
    records = [a(), a("203.0.113.66", "evil.test"), "evil.test. 1 IN CNAME b.test."]
    async with serving(lambda query, _: reply(query, *records)) as server:
        said = await exchange(Question(server.place, HOST, "A"), 1)
    assert [record.data for record in said.records] == ["192.0.2.1"]


async def test_an_alias_without_its_end_is_no_answer() -> None:
    async with serving(lambda query, _: reply(query, f"{HOST}. 1 IN CNAME b.test.")) as server:
        said = await exchange(Question(server.place, HOST, "A"), 1)
    assert said.status is Status.NODATA
    assert said.aliases == ("b.test",)


async def test_a_loop_of_aliases_ends() -> None:
    records = [f"{HOST}. 1 IN CNAME b.test.", f"b.test. 1 IN CNAME {HOST}."]
    async with serving(lambda query, _: reply(query, *records)) as server:
        said = await exchange(Question(server.place, HOST, "A"), 1)
    assert said.status is Status.NODATA
    assert said.aliases == ("b.test", HOST)


async def test_a_chain_of_many_aliases_is_given_up() -> None:
    names = [HOST, *(f"n{i}.test" for i in range(60))]
    records = [f"{one}. 1 IN CNAME {two}." for one, two in itertools.pairwise(names)]
    async with serving(lambda query, tcp: framed(reply(query, *records)) if tcp else reply(query, tc=True)) as server:
        said = await exchange(Question(server.place, HOST, "A"), 1)
    assert len(said.aliases) <= MAX_HOPS + 1


async def test_a_cut_answer_is_asked_for_again_over_tcp() -> None:
    def answer(query: bytes, over_tcp: bool) -> bytes:  # noqa: FBT001 - Answer's form
        return framed(reply(query, a())) if over_tcp else reply(query, tc=True)

    async with serving(answer) as server:
        said = await exchange(Question(server.place, HOST, "A"), 1)
    assert said.status is Status.ANSWER
    assert len(server.queries) == 2


async def test_an_answer_with_more_records_than_golive_reads_is_a_gap_and_not_cut() -> None:
    records = [a(f"192.0.{i // 250}.{i % 250}") for i in range(MAX_RECORDS + 1)]
    async with serving(lambda query, tcp: framed(reply(query, *records)) if tcp else reply(query, tc=True)) as server:
        with pytest.raises(Unavailable, match=r"answers with 1,00\d records, and golive reads 1,000"):
            await exchange(Question(server.place, HOST, "A"), 3)


async def test_as_many_records_as_golive_reads_are_all_seen() -> None:
    records = [a(f"192.0.{i // 250}.{i % 250}") for i in range(MAX_RECORDS - 4)]
    async with serving(lambda query, tcp: framed(reply(query, *records)) if tcp else reply(query, tc=True)) as server:
        said = await exchange(Question(server.place, HOST, "A"), 5)
    assert said.status is Status.ANSWER
    assert len(said.records) == len(records)


def pointing(query: bytes, count: int) -> bytes:
    """An answer whose records each point to one name of 120 labels, which dnspython then reads label by label."""
    name = b"\x01a" * 120 + b"\0"
    base = len(query) - 11  # without EDNS's record, which make_query adds at the end
    asked = query[12:base]
    there = struct.pack(">H", 0xC000 | (12 + len(asked)))
    first = name + struct.pack(">HHIH", 16, 1, 5, 2) + b"\x01x"
    record = there + struct.pack(">HHIH", 2, 1, 5, 2) + there
    return query[:2] + struct.pack(">5H", 0x8180, 1, count + 1, 0, 0) + asked + first + record * count


@pytest.mark.parametrize("count", [MAX_RECORDS - 1, 4500])
async def test_names_that_are_dear_to_read_do_not_block_the_loop(count: int) -> None:
    longest = 0.0

    async def turns() -> None:
        nonlocal longest
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.001)
            longest = max(longest, time.monotonic() - began)

    ticking = asyncio.ensure_future(turns())
    async with serving(lambda q, tcp: framed(pointing(q, count)) if tcp else reply(q, tc=True)) as server:
        began = time.process_time()
        with contextlib.suppress(Unavailable):
            await exchange(Question(server.place, HOST, "A"), 10)
        spent = time.process_time() - began
    ticking.cancel()
    assert spent < 5
    assert longest < spent / 2 + 0.5


@pytest.mark.parametrize("rcode", [dns.rcode.FORMERR, dns.rcode.NOTIMP])
async def test_a_server_older_than_edns_is_asked_without(rcode: dns.rcode.Rcode) -> None:
    def answer(query: bytes, _: bool) -> bytes:  # noqa: FBT001 - Answer's form
        asked = dns.message.from_wire(query)
        return reply(query, rcode=rcode) if asked.edns >= 0 else reply(query, a())

    async with serving(answer) as server:
        said = await exchange(Question(server.place, HOST, "A"), 1)
    assert said.status is Status.ANSWER
    assert [dns.message.from_wire(query).edns for query in server.queries] == [0, -1]


HOSTILE: dict[str, tuple[Answer, Status]] = {
    "nothing": (lambda _, __: None, Status.TIMEOUT),
    "one byte": (lambda _, __: b"\0", Status.GARBAGE),
    "noise": (lambda _, __: b"\xff" * 300, Status.GARBAGE),
    "wrong id": (lambda query, _: bytes([query[0] ^ 1]) + reply(query, a())[1:], Status.GARBAGE),
    "right id, noise": (lambda query, _: query[:2] + b"\x80" + b"\xc0\x0c" * 50, Status.GARBAGE),
    "other question": (lambda query, _: reply(query[:12] + query[12:].replace(b"api", b"evl"), a()), Status.GARBAGE),
    "the query itself": (lambda query, _: query, Status.GARBAGE),
    "pointer loop": (lambda query, _: query[:2] + b"\x80\x00\0\1\0\0\0\0\0\0\xc0\x0c\0\1\0\1", Status.GARBAGE),
    "cut over both": (
        lambda query, tcp: framed(reply(query, tc=True)) if tcp else reply(query, tc=True),
        Status.GARBAGE,
    ),
    "cut, then a closed connection": (lambda query, tcp: b"" if tcp else reply(query, tc=True), Status.GARBAGE),
    "cut, then half": (lambda query, tcp: b"\xff\xff12" if tcp else reply(query, tc=True), Status.GARBAGE),
}


@pytest.mark.parametrize(("answer", "status"), HOSTILE.values(), ids=HOSTILE)
async def test_what_is_no_answer_is_told_apart(answer: Answer, status: Status) -> None:
    async with serving(answer) as server:
        said = await exchange(Question(server.place, HOST, "A"), 0.3)
    assert said.status is status
    assert said.records == ()


async def test_a_forged_datagram_does_not_hide_the_answer() -> None:
    first = True

    def answer(query: bytes, _: bool) -> bytes:  # noqa: FBT001 - Answer's form
        nonlocal first
        forged, first = first, False
        return b"\0\0" + reply(query, a("203.0.113.66"))[2:] if forged else reply(query, a())

    async with serving(answer) as server:
        said = await exchange(Question(server.place, HOST, "A"), 0.5)
    assert [record.data for record in said.records] == ["192.0.2.1"]


async def test_a_lost_datagram_is_sent_again() -> None:
    async with serving(lambda query, _: None if len(server.queries) == 1 else reply(query, a())) as server:
        said = await exchange(Question(server.place, HOST, "A"), 0.5)
    assert said.status is Status.ANSWER


async def test_a_closed_port_is_heard_at_once() -> None:
    async with serving(lambda _, __: None) as server:
        place = server.place
    async with asyncio.timeout(1):
        said = await exchange(Question(place, HOST, "A"), 30)
    assert said.status is Status.CLOSED


async def test_a_question_is_asked_once_a_run_however_many_want_it() -> None:
    async with serving(lambda query, _: reply(query, a())) as server:
        dns_client, ask = client(), DnsSettings(resolvers=(server.place,))
        await asyncio.gather(*(dns_client.look_up(HOST, "A", ask) for _ in range(5)))
        await dns_client.look_up(HOST, "A", ask)
        assert len(server.queries) == 1
        await dns_client.ask_server(server.place, HOST, "A", ask)
        assert len(server.queries) == 2
        await dns_client.aclose()


async def test_a_question_without_an_answer_may_be_asked_again() -> None:
    said: list[bytes | None] = [None, None]
    async with serving(lambda query, _: said.pop() if said else reply(query, a())) as server:
        dns_client, ask = client(), DnsSettings(resolvers=(server.place,), timeout_s=0.2)
        with pytest.raises(Unavailable) as gap:
            await dns_client.look_up(HOST, "A", ask)
        assert gap.value.transient
        assert (await dns_client.look_up(HOST, "A", ask)).status is Status.ANSWER
        await dns_client.aclose()


async def test_one_cancelled_waiter_does_not_take_the_answer_from_the_others() -> None:
    async with serving(lambda query, _: None if len(server.queries) == 1 else reply(query, a())) as server:
        dns_client, ask = client(), DnsSettings(resolvers=(server.place,), timeout_s=0.6)
        hasty = asyncio.create_task(dns_client.look_up(HOST, "A", ask))
        patient = asyncio.create_task(dns_client.look_up(HOST, "A", ask))
        await asyncio.sleep(0.05)
        hasty.cancel()
        assert (await patient).status is Status.ANSWER
        await dns_client.aclose()


async def test_the_next_resolver_is_asked_where_one_fails() -> None:
    async with (
        serving(lambda query, _: reply(query, rcode=dns.rcode.REFUSED)) as bad,
        serving(lambda query, _: reply(query, a())) as good,
    ):
        dns_client, ask = client(), DnsSettings(resolvers=(bad.place, good.place))
        assert (await dns_client.look_up(HOST, "A", ask)).server == good.place
        await dns_client.aclose()


async def test_a_silent_resolver_is_waited_for_once() -> None:
    async with serving(lambda _, __: None) as silent, serving(lambda query, _: reply(query, a())) as good:
        dns_client, ask = client(), DnsSettings(resolvers=(silent.place, good.place), timeout_s=0.2)
        for kind in ("A", "AAAA", "NS"):
            await dns_client.look_up(HOST, kind, ask)
        assert {dns.message.from_wire(query).question[0].rdtype.name for query in silent.queries} == {"A"}
        await dns_client.aclose()


async def test_a_refusal_is_what_was_seen_where_no_resolver_knows() -> None:
    async with serving(lambda query, _: reply(query, rcode=dns.rcode.REFUSED)) as server:
        dns_client, ask = client(), DnsSettings(resolvers=(server.place,))
        assert (await dns_client.look_up(HOST, "A", ask)).status is Status.REFUSED
        await dns_client.aclose()


async def test_resolvers_are_asked_to_recurse_and_name_servers_are_not() -> None:
    async with serving(lambda query, _: reply(query, a())) as server:
        dns_client, ask = client(), DnsSettings(resolvers=(server.place,))
        await dns_client.look_up(HOST, "A", ask)
        await dns_client.look_up(HOST, "A", ask, validate=False)
        await dns_client.ask_server(server.place, HOST, "A", ask, signatures=True)
        await dns_client.aclose()
        asked = [dns.message.from_wire(query) for query in server.queries]
    assert [bool(query.flags & dns.flags.RD) for query in asked] == [True, True, False]
    assert [bool(query.flags & dns.flags.CD) for query in asked] == [False, True, False]
    assert [bool(query.ednsflags & dns.flags.DO) for query in asked] == [False, False, True]
    assert {query.payload for query in asked} == {1232}


async def test_name_servers_are_asked_at_the_pace_of_a_host() -> None:
    async with serving(lambda query, _: reply(query, a())) as server:
        dns_client, ask = client(per_second=2), DnsSettings()
        started = asyncio.get_running_loop().time()
        await asyncio.gather(*(dns_client.ask_server(server.place, name, "A", ask) for name in ("a", "b", "c", "d")))
        assert asyncio.get_running_loop().time() - started >= 1
        await dns_client.aclose()


async def test_closing_gives_up_what_is_still_asked() -> None:
    async with serving(lambda _, __: None) as server:
        dns_client, ask = client(), DnsSettings(resolvers=(server.place,), timeout_s=30)
        waiting = asyncio.create_task(dns_client.look_up(HOST, "A", ask))
        await asyncio.sleep(0.05)
        await dns_client.aclose()
        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_without_a_profiles_resolvers_the_systems_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(lambda query, _: reply(query, a())) as server:
        monkeypatch.setattr("dns.resolver.Resolver", lambda: SimpleNamespace(nameservers=[server.place]))
        dns_client = client()
        assert (await dns_client.look_up(HOST, "A", DnsSettings())).status is Status.ANSWER
        await dns_client.aclose()


async def test_a_system_without_a_resolver_is_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr("dns.resolver.Resolver", none)
    with pytest.raises(Unavailable, match="this system names no resolver"):
        await client().look_up(HOST, "A", DnsSettings())


ENDPOINTS = {
    "192.0.2.1": ("192.0.2.1", 53),
    "192.0.2.1:5353": ("192.0.2.1", 5353),
    "2001:db8::1": ("2001:db8::1", 53),
    "[2001:db8::1]": ("2001:db8::1", 53),
    "[2001:db8::1]:5353": ("2001:db8::1", 5353),
}


@pytest.mark.parametrize(("text", "place"), ENDPOINTS.items(), ids=ENDPOINTS)
def test_a_server_is_named_by_address_and_port(text: str, place: tuple[str, int]) -> None:
    assert parse_endpoint(text) == place


@pytest.mark.parametrize(
    "text", ["", "dns.example", "192.0.2.1:0", "192.0.2.1:99999", "192.0.2.1:x", "[::1", "[::1]5", "[::1]:"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="is not an IP address with an optional port"):
        DnsSettings(resolvers=(text,))
