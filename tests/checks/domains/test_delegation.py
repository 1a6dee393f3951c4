"""What the zone above says, beside what the zone says itself."""

from dataclasses import replace

import pytest

from golive import Outcome, Unavailable
from golive_checks.domains.delegation import delegation_sound
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Resolution
from golive_checks.systems.dns.client.exchange import DnsReply, Record, Status
from golive_checks.systems.dns.zone import Delegation, NameServer, Parent

HOST = Host("api.example.com")
ONE, TWO, THREE = (f"ns{n}.example.com" for n in (1, 2, 3))


def server(name: str, *addresses: str, alias: str = "") -> NameServer:
    return NameServer(name, addresses[:1], (), addresses, alias)


def glue(name: str, address: str) -> Record:
    return Record(name, "A", 300, address)


SOUND = Delegation(
    "example.com",
    (server(ONE, "192.0.2.1"), server(TWO, "192.0.2.2")),
    (ONE, TWO),
    Parent("com", (ONE, TWO), (glue(ONE, "192.0.2.1"), glue(TWO, "192.0.2.2"))),
)


def parent(*names: str, glued: tuple[Record, ...] = (), gap: str = "") -> Delegation:
    return replace(SOUND, parent=Parent("com", names, glued, gap))


CASES = {
    "sound": (SOUND, Outcome.PASS, "com delegates example.com to the 2 name servers that it names itself"),
    "the parent names one more": (parent(ONE, TWO, THREE), Outcome.FAIL, "com names ns3.example.com for example.com"),
    "the parent names another": (parent(ONE, THREE), Outcome.FAIL, "com names ns3.example.com"),
    "the parent names one alone": (
        parent(ONE),
        Outcome.FAIL,
        "com names ns1.example.com alone for example.com, which names 2 itself",
    ),
    "the parent names fewer": (
        replace(parent(ONE, TWO), own=(ONE, TWO, THREE)),
        Outcome.WARN,
        "example.com names ns3.example.com, which com does not",
    ),
    "not delegated": (parent(), Outcome.FAIL, "com does not delegate example.com"),
    "the parent is silent": (parent(gap="a.gtld: no answer in time"), Outcome.UNKNOWN, "a.gtld: no answer in time"),
    "glue of old": (
        parent(ONE, TWO, glued=(glue(ONE, "198.51.100.9"),)),
        Outcome.FAIL,
        "com gives 198.51.100.9 for ns1.example.com, which has 192.0.2.1",
    ),
    "glue for some of its addresses": (
        replace(SOUND, servers=(server(ONE, "192.0.2.1", "192.0.2.9"), SOUND.servers[1])),
        Outcome.PASS,
        "delegates",
    ),
    "an alias": (
        replace(SOUND, servers=(server(ONE, "192.0.2.1", alias="dns.example.net"), SOUND.servers[1])),
        Outcome.FAIL,
        "ns1.example.com is an alias of dns.example.net",
    ),
    "an alias and a silent parent": (
        replace(parent(gap="silent"), servers=(server(ONE, "192.0.2.1", alias="dns.example.net"),)),
        Outcome.FAIL,
        "is an alias",
    ),
    "a CNAME at the apex": (replace(SOUND, own=(), apex_alias="a.cdn.example"), Outcome.FAIL, "at a zone's own name"),
}


def found(address: str) -> Resolution:
    return Resolution((DnsReply("r", HOST.name, "A", Status.ANSWER, (Record(HOST.name, "A", 300, address),)),))


@pytest.mark.parametrize(("seen", "outcome", "summary"), CASES.values(), ids=CASES)
def test_delegation_sound(seen: Delegation, outcome: Outcome, summary: str) -> None:
    judged = delegation_sound(HOST, seen, found("192.0.2.7") if outcome is not Outcome.FAIL else Unavailable("none"))
    assert judged.outcome is outcome
    assert summary in judged.summary


def test_a_zone_for_the_inner_network_alone_need_not_be_delegated() -> None:
    assert delegation_sound(HOST, parent(), found("10.1.2.3")).outcome is Outcome.NA
    assert delegation_sound(HOST, parent(), found("8.8.8.8")).outcome is Outcome.FAIL
