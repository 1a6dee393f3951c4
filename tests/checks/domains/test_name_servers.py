import pytest

from golive import Outcome
from golive_checks.domains.name_servers import operator, servers_agree
from golive_checks.subjects import Host
from golive_checks.systems.dns.client.exchange import DnsReply, Record, Status
from golive_checks.systems.dns.zone import NameServerAnswer, ServerAnswers

HOST = Host("api.example.com")
ZONE = "example.com"
OURS = ("ns1.dns.example", "ns2.dns.example")


def soa(serial: int = 7, *, aa: bool = True, status: Status = Status.ANSWER) -> DnsReply:
    data = f"ns1.dns.example. hostmaster.example.com. {serial} 7200 900 1209600 86400"
    records = (Record(ZONE, "SOA", 900, data),) if status is Status.ANSWER else ()
    return DnsReply("192.0.2.1", ZONE, "SOA", status, records, authoritative=aa)


def addresses(*ips: str, status: Status = Status.ANSWER) -> tuple[DnsReply, DnsReply]:
    records = tuple(Record(HOST.name, "A", 60, ip) for ip in ips)
    none = Status.NODATA if status is Status.ANSWER else status
    return DnsReply("", HOST.name, "A", status, records), DnsReply("", HOST.name, "AAAA", none)


def alias(target: str) -> tuple[DnsReply, DnsReply]:
    record = (Record(HOST.name, "CNAME", 60, f"{target}."),)
    a, aaaa = (DnsReply("", HOST.name, kind, Status.NODATA, record, (target,)) for kind in ("A", "AAAA"))
    return a, aaaa


ONE = addresses("192.0.2.10")
GONE = addresses(status=Status.NXDOMAIN)


def said(
    server: str,
    own_soa: DnsReply | None = None,
    first: tuple[DnsReply, ...] = ONE,
    again: tuple[DnsReply, ...] | None = None,
) -> NameServerAnswer:
    return NameServerAnswer(server, f"at {server}", own_soa or soa(), first, first if again is None else again)


SOUND = said(OURS[0])


def both(**changes: object) -> ServerAnswers:
    return ServerAnswers(ZONE, (SOUND, said(OURS[1], **changes)))  # type: ignore[arg-type]  # the table's own words


CASES: dict[str, tuple[ServerAnswers, Outcome, str]] = {
    "alike": (both(), Outcome.PASS, "2 name servers of example.com agree"),
    "one server": (ServerAnswers(ZONE, (SOUND,)), Outcome.FAIL, "one name server only: ns1.dns.example"),
    "two names, one place": (
        ServerAnswers(ZONE, (SOUND, NameServerAnswer(OURS[1], SOUND.endpoint, soa(), ONE, ONE))),
        Outcome.FAIL,
        "one name server only",
    ),
    "one without address": (
        ServerAnswers(ZONE, (SOUND,), lost=(OURS[1],)),
        Outcome.FAIL,
        "ns2.dns.example has no address",
    ),
    "a family without a route": (
        ServerAnswers(ZONE, (SOUND, said(OURS[1])), skipped=("ns2.dns.example over ipv6",)),
        Outcome.PASS,
        "agree",
    ),
    "serial behind": (both(own_soa=soa(6)), Outcome.FAIL, "in the zone's serial (ns2.dns.example: 6; ns1.dns.e"),
    "record missing": (both(first=GONE), Outcome.FAIL, "on whether the host exists (ns2.dns.example: NXDOMAIN"),
    "no address": (both(first=addresses(status=Status.NODATA)), Outcome.FAIL, "in what the host is"),
    "alias elsewhere": (
        ServerAnswers(ZONE, (said(OURS[0], first=alias("a.net")), said(OURS[1], first=alias("b.net")))),
        Outcome.FAIL,
        "in what the host is (ns1.dns.example: CNAME a.net; ns2.dns.example: CNAME b.net)",
    ),
    "alias or address": (both(first=alias("a.net")), Outcome.FAIL, "in what the host is"),
    "other address": (both(first=addresses("192.0.2.11")), Outcome.FAIL, "in addresses (ns1.dns.example: 192.0.2.10"),
    "weighted answers": (
        both(first=addresses("192.0.2.11"), again=addresses("192.0.2.12")),
        Outcome.PASS,
        "agree",
    ),
    "the host exists nowhere": (
        ServerAnswers(ZONE, (said(OURS[0], first=GONE), said(OURS[1], first=GONE))),
        Outcome.PASS,
        "agree",
    ),
    "lame, refused": (both(own_soa=soa(status=Status.REFUSED)), Outcome.FAIL, "does not serve example.com: REFUSED"),
    "lame, servfail": (both(own_soa=soa(status=Status.SERVFAIL)), Outcome.FAIL, "does not serve example.com: SERVFAIL"),
    "lame, referral": (both(own_soa=soa(aa=False, status=Status.NODATA)), Outcome.FAIL, "does not serve example.com"),
    "lame, no authority": (both(own_soa=soa(aa=False)), Outcome.FAIL, "answers for example.com without authority"),
    "garbage": (both(own_soa=soa(status=Status.GARBAGE)), Outcome.FAIL, "does not serve example.com"),
    "down": (both(own_soa=soa(status=Status.CLOSED)), Outcome.FAIL, "ns2.dns.example is down"),
    "silent": (both(own_soa=soa(status=Status.TIMEOUT)), Outcome.UNKNOWN, "1 of 2 name servers did not answer"),
    "silent and wrong": (
        ServerAnswers(ZONE, (*both(own_soa=soa(6)).said, said("ns3.dns.example", soa(status=Status.TIMEOUT)))),
        Outcome.FAIL,
        "serial",
    ),
    "two operators, two serials": (
        ServerAnswers(ZONE, (SOUND, said("a.iana-servers.net", soa(1), addresses("192.0.2.99")))),
        Outcome.PASS,
        "agree",
    ),
    "two operators, one without the host": (
        ServerAnswers(ZONE, (SOUND, said("a.iana-servers.net", soa(1), GONE))),
        Outcome.FAIL,
        "on whether the host exists",
    ),
    "two operators, alias flattened by one": (
        ServerAnswers(ZONE, (SOUND, said("a.iana-servers.net", soa(1), alias("a.net")))),
        Outcome.PASS,
        "agree",
    ),
    "Route 53 lags": (
        ServerAnswers(ZONE, (said("ns-1.awsdns-01.com"), said("ns-600.awsdns-11.net", soa(6)))),
        Outcome.FAIL,
        "serial",
    ),
}


@pytest.mark.parametrize(("seen", "outcome", "summary"), CASES.values(), ids=CASES)
def test_servers_agree(seen: ServerAnswers, outcome: Outcome, summary: str) -> None:
    verdict = servers_agree(HOST, seen)
    assert verdict.outcome is outcome
    assert summary in verdict.summary


def test_what_has_no_route_is_named_as_not_looked_at() -> None:
    seen = ServerAnswers(ZONE, (SOUND, said(OURS[1])), skipped=("ns2.dns.example over ipv6",))
    assert servers_agree(HOST, seen).unseen == ("ns2.dns.example over ipv6",)


OPERATORS = {
    "ns1.dns.example": "dns",
    "ns-1.awsdns-01.com": "awsdns",
    "ns-2.awsdns-12.co.uk": "awsdns",
    "ns1-01.azure-dns.com": "azure-dns",
    "ns2-01.azure-dns.info": "azure-dns",
    "ada.ns.cloudflare.com": "cloudflare",
    "ns10.ovh.net": "ovh",
    "ns1045.ui-dns.de": "ui-dns",
    "dns1.p01.nsone.net": "nsone",
    "ns1.example.co.uk": "example",
    "ns1.example.com.gn": "example",
    "ns1.123.net": "123",
    "localhost": "localhost",
}


@pytest.mark.parametrize(("server", "name"), OPERATORS.items(), ids=OPERATORS)
def test_who_runs_a_name_server(server: str, name: str) -> None:
    assert operator(server) == name
