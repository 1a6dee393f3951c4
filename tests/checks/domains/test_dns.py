import pytest
from pydantic import ValidationError

from golive import Outcome, Unavailable
from golive_checks.domains.dns import (
    Cutover,
    addresses_public,
    alias_lives,
    resolves,
    ttl_allows_cutover,
)
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address, AddressPolicy, AliasChain, Resolution
from golive_checks.systems.dns.client.exchange import DnsReply, Record, Status
from golive_checks.systems.dns.zone import NameServerAnswer, ServerAnswers

HOST = Host("api.example.com")
ONE, TWO = "192.0.2.53:53", "198.51.100.53:53"


def said(kind: str, status: Status, *data: str, server: str = ONE, ttl: int = 300, name: str = HOST.name) -> DnsReply:
    return DnsReply(server, HOST.name, kind, status, tuple(Record(name, kind, ttl, one) for one in data))


A = said("A", Status.ANSWER, "93.184.216.34")
AAAA = said("AAAA", Status.ANSWER, "2606:2800:220:1::1")
NO_A, NO_AAAA = said("A", Status.NODATA), said("AAAA", Status.NODATA)


def both(status: Status, server: str = ONE) -> tuple[DnsReply, DnsReply]:
    return said("A", status, server=server), said("AAAA", status, server=server)


ANSWER_OF_TWO = (said("A", Status.ANSWER, "93.184.216.34", server=TWO), said("AAAA", Status.NODATA, server=TWO))

RESOLVES: dict[str, tuple[tuple[DnsReply, ...], Outcome, str]] = {
    "both families": ((A, AAAA), Outcome.PASS, "resolves to 2606:2800:220:1::1, 93.184.216.34"),
    "IPv4 alone": ((A, NO_AAAA), Outcome.PASS, "93.184.216.34"),
    "IPv6 alone": ((NO_A, AAAA), Outcome.PASS, "2606:2800:220:1::1"),
    "no such name": (both(Status.NXDOMAIN), Outcome.FAIL, "no such name (NXDOMAIN) for A and AAAA"),
    "no address": ((NO_A, NO_AAAA), Outcome.FAIL, "has neither A nor AAAA (NODATA)"),
    "servfail": (both(Status.SERVFAIL), Outcome.FAIL, "SERVFAIL for A and AAAA"),
    "refused": (both(Status.REFUSED), Outcome.FAIL, "REFUSED for A and AAAA"),
    "garbage": (both(Status.GARBAGE), Outcome.FAIL, "garbage for A and AAAA"),
    "AAAA breaks it": ((A, said("AAAA", Status.SERVFAIL)), Outcome.FAIL, "SERVFAIL for AAAA"),
    "AAAA unheard": ((A, said("AAAA", Status.TIMEOUT)), Outcome.UNKNOWN, "no resolver answers for AAAA"),
    "one resolver knows no such name": (
        (*both(Status.NXDOMAIN), *ANSWER_OF_TWO),
        Outcome.FAIL,
        f"NXDOMAIN) for A and AAAA from resolver {ONE}",
    ),
    "one resolver turns us away": ((*both(Status.REFUSED), *ANSWER_OF_TWO), Outcome.WARN, "REFUSED"),
    "one resolver is silent": ((*both(Status.TIMEOUT), *ANSWER_OF_TWO), Outcome.PASS, "93.184.216.34"),
    "one is silent, one fails": ((*both(Status.TIMEOUT), *both(Status.SERVFAIL, TWO)), Outcome.FAIL, "SERVFAIL"),
}


@pytest.mark.parametrize(("replies", "outcome", "summary"), RESOLVES.values(), ids=RESOLVES)
def test_resolves(replies: tuple[DnsReply, ...], outcome: Outcome, summary: str) -> None:
    verdict = resolves(HOST, Resolution(replies))
    assert verdict.outcome is outcome
    assert summary in verdict.summary


def test_a_silent_resolver_is_named_as_not_looked_at() -> None:
    verdict = resolves(HOST, Resolution((*both(Status.TIMEOUT), *ANSWER_OF_TWO)))
    assert verdict.unseen == (f"no answer in time for A and AAAA from resolver {ONE}",)


FIXES = {
    Status.NXDOMAIN: "",
    Status.NODATA: "",
    Status.SERVFAIL: "Fix the zone",
    Status.REFUSED: "Name resolvers",
}


@pytest.mark.parametrize(("status", "fix"), FIXES.items(), ids=FIXES)
def test_the_mend_fits_what_was_seen(status: Status, fix: str) -> None:
    given = resolves(HOST, Resolution(both(status))).fix
    assert given.startswith(fix)
    assert bool(given) is bool(fix)


ADDRESSES: dict[str, tuple[str, tuple[str, ...], Outcome, str]] = {
    "public": ("93.184.216.34", (), Outcome.PASS, "is public"),
    "public IPv6": ("2606:2800:220:1::1", (), Outcome.PASS, "is public"),
    "private": ("10.0.0.5", (), Outcome.FAIL, "a private address"),
    "private class B": ("172.20.1.1", (), Outcome.FAIL, "a private address"),
    "loopback": ("127.0.0.1", (), Outcome.FAIL, "a loopback address"),
    "loopback IPv6": ("::1", (), Outcome.FAIL, "a loopback address"),
    "mapped": ("::ffff:10.0.0.5", (), Outcome.FAIL, "a private address"),
    "link-local": ("169.254.169.254", (), Outcome.FAIL, "a link-local address"),
    "link-local IPv6": ("fe80::1", (), Outcome.FAIL, "a link-local address"),
    "unique local": ("fd00::5", (), Outcome.FAIL, "a private address"),
    "carrier-grade NAT": ("100.64.0.1", (), Outcome.FAIL, "no public address"),
    "unspecified": ("0.0.0.0", (), Outcome.FAIL, "an unspecified address"),  # noqa: S104 - nothing is bound
    "multicast": ("224.0.0.1", (), Outcome.FAIL, "a multicast address"),
    "allowed": ("10.0.0.5", ("127.0.0.0/8", "10.0.0.0/8"), Outcome.PASS, "is in 10.0.0.0/8"),
    "allowed, other family": ("::1", ("127.0.0.0/8",), Outcome.FAIL, "a loopback address"),
    "mapped, allowed": ("::ffff:10.0.0.5", ("10.0.0.0/8",), Outcome.PASS, "is in 10.0.0.0/8"),
}


@pytest.mark.parametrize(("ip", "allow", "outcome", "summary"), ADDRESSES.values(), ids=ADDRESSES)
def test_addresses_public(ip: str, allow: tuple[str, ...], outcome: Outcome, summary: str) -> None:
    verdict = addresses_public(Address(f"{HOST.name}@{ip}", HOST, ip), AddressPolicy(allow=allow))
    assert verdict.outcome is outcome
    assert summary in verdict.summary


def test_a_network_with_a_typing_error_is_refused() -> None:
    with pytest.raises(ValidationError):
        AddressPolicy(allow=("10.0.0.0/99",))


CDN = "cdn.example.net"
ALIASES: dict[str, tuple[AliasChain, Outcome, str]] = {
    "no alias": (AliasChain(()), Outcome.NA, "no CNAME"),
    "ends in an address": (AliasChain((CDN,), (A, NO_AAAA)), Outcome.PASS, f"{HOST.name} -> {CDN}"),
    "ends in IPv6 alone": (AliasChain((CDN,), (NO_A, AAAA)), Outcome.PASS, f"{HOST.name} -> {CDN}"),
    "gone": (AliasChain((CDN,), both(Status.NXDOMAIN)), Outcome.FAIL, f"leads to {CDN}: no such name (NXDOMAIN)"),
    "bare": (AliasChain((CDN,), (NO_A, NO_AAAA)), Outcome.FAIL, "NODATA"),
    "into a broken zone": (AliasChain((CDN,), both(Status.SERVFAIL)), Outcome.FAIL, "SERVFAIL"),
    "loop": (AliasChain((CDN, HOST.name), endless="loop"), Outcome.FAIL, "leads back to itself"),
}


@pytest.mark.parametrize(("chain", "outcome", "summary"), ALIASES.values(), ids=ALIASES)
def test_alias_lives(chain: AliasChain, outcome: Outcome, summary: str) -> None:
    verdict = alias_lives(HOST, chain)
    assert verdict.outcome is outcome
    assert summary in verdict.summary


def answers(*replies: DnsReply) -> ServerAnswers:
    soa = DnsReply(ONE, "example.com", "SOA", Status.ANSWER)
    return ServerAnswers("example.com", (NameServerAnswer("ns1.example.com", ONE, soa, replies, replies),))


LIMIT = Cutover(max_ttl_s=300)
TTLS: dict[str, tuple[ServerAnswers | Unavailable, Cutover, Outcome, str]] = {
    "no switch": (answers(A), Cutover(), Outcome.NA, "no switch"),
    "no switch, not looked": (Unavailable("dead"), Cutover(), Outcome.NA, "no switch"),
    "short": (answers(A, AAAA), LIMIT, Outcome.PASS, "TTL 5 min"),
    "long": (answers(said("A", Status.ANSWER, "192.0.2.1", ttl=86400)), LIMIT, Outcome.FAIL, "A has a TTL of 24 h"),
    "one of two": (
        answers(A, said("AAAA", Status.ANSWER, "2001:db8::1", ttl=301)),
        LIMIT,
        Outcome.FAIL,
        "AAAA has a TTL of 5 min 1 s",
    ),
    "of the target, not the host": (
        answers(
            DnsReply(
                ONE,
                HOST.name,
                "A",
                Status.ANSWER,
                (Record(HOST.name, "CNAME", 60, f"{CDN}."), Record(CDN, "A", 86400, "192.0.2.1")),
            )
        ),
        LIMIT,
        Outcome.PASS,
        "TTL 60 s",
    ),
    "no record": (answers(NO_A), LIMIT, Outcome.UNKNOWN, "no name server"),
    "not looked": (Unavailable("dead"), LIMIT, Outcome.UNKNOWN, "dead"),
}


@pytest.mark.parametrize(("seen", "ask", "outcome", "summary"), TTLS.values(), ids=TTLS)
def test_ttl_allows_cutover(seen: ServerAnswers | Unavailable, ask: Cutover, outcome: Outcome, summary: str) -> None:
    verdict = ttl_allows_cutover(HOST, seen, ask)
    assert verdict.outcome is outcome
    assert summary in verdict.summary
