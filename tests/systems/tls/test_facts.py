"""The probes, with a client that answers from a table: which hellos are said, and what is made of the answers."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import TypeAdapter

from golive import Now, Unavailable
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.tls.client.answer import CLOSED, Heard, HelloAnswer, HelloOutcome
from golive_checks.systems.tls.client.client import Tls, TlsTarget
from golive_checks.systems.tls.client.offers import BROWSERS, Offer
from golive_checks.systems.tls.client.suites import MODERN_1_3, family, name_of
from golive_checks.systems.tls.client.trust import Roots, Trust
from golive_checks.systems.tls.facts import (
    OLD,
    CipherSuites,
    ModernVersions,
    OldVersions,
    ServedChain,
    TakenSuites,
    cipher_suites,
    modern_versions,
    old_versions,
    served_chain,
)
from golive_lab.parts.certificates import issue
from golive_lab.world.tls import Chain

HOST = Host("api.demo.test", port=8443)
ADDRESS = Address("api.demo.test@192.0.2.1", HOST, "192.0.2.1")
SECOND = Address("api.demo.test@192.0.2.2", HOST, "192.0.2.2")
SIXTH = Address("api.demo.test@2001:db8::1", HOST, "2001:db8::1")
NO = Heard(HelloAnswer(HelloOutcome.REFUSED, "alert protocol_version"))
REFUSED = Heard(HelloAnswer(HelloOutcome.REFUSED, "alert handshake_failure"))
GAP = Unavailable("192.0.2.1 port 8443 is closed", transient=True)
GCM = 0xC02F


ECDHE = (0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8)


@dataclass
class Server(Tls):
    """Takes some versions, and of what is offered the first suite that it has."""

    versions: Sequence[str] = ("TLS 1.2", "TLS 1.3")
    suites: Sequence[int] = ECDHE
    groups: Sequence[int] = BROWSERS.groups
    chain: tuple[bytes, ...] = (b"leaf", b"intermediate")
    ecdsa_chain: tuple[bytes, ...] = ()
    own_order: bool = False
    dh_bits: int = 0
    closes_on: Sequence[str] = ()
    hellos: list[tuple[TlsTarget, str]] = field(default_factory=list)

    async def hello(self, target: TlsTarget, offer: Offer) -> Heard:
        self.hellos.append((target, offer.best))
        if offer.best in self.closes_on:
            return Heard(HelloAnswer(HelloOutcome.REFUSED, CLOSED))
        version = next((v for v in offer.versions if v in self.versions), "")
        if not version:
            return NO
        if not set(offer.groups) & set(self.groups):
            return REFUSED
        return self.newer(offer) if version == "TLS 1.3" else self.older(offer)

    def newer(self, offer: Offer) -> Heard:
        signs_with_rsa = {0x0804, 0x0401} & set(offer.signatures)
        if not signs_with_rsa and not self.ecdsa_chain:
            return REFUSED
        group = next(group for group in self.groups if group in offer.groups)
        answer = HelloAnswer(HelloOutcome.ACCEPTED, version="TLS 1.3", suite=MODERN_1_3[0], group=group)
        return Heard(answer, self.chain if signs_with_rsa else self.ecdsa_chain, staple=b"staple")

    def older(self, offer: Offer) -> Heard:
        offered = [s for s in offer.suites if self.ecdsa_chain or "_ECDSA_" not in name_of(s)]
        common = (
            [s for s in self.suites if s in offered] if self.own_order else [s for s in offered if s in self.suites]
        )
        if not common:
            return REFUSED
        bits = self.dh_bits if common[0] == 0x009E else 0
        answer = HelloAnswer(
            HelloOutcome.ACCEPTED, version="TLS 1.2", suite=common[0], renegotiates_securely=True, dh_bits=bits
        )
        return Heard(answer, self.ecdsa_chain if "_ECDSA_" in name_of(common[0]) else self.chain, staple=b"staple")


@pytest.mark.parametrize("versions", [("TLS 1.2", "TLS 1.3"), ("TLS 1.2",), ("TLS 1.3",)])
async def test_the_chain_is_what_a_browser_is_sent(versions: Sequence[str]) -> None:
    server = Server(versions=versions)
    seen = await modern_versions(ADDRESS, server)
    assert (seen.chain, seen.staple) == ((b"leaf", b"intermediate"), b"staple")
    assert (seen.other_chain, seen.other_staple, seen.wide) == ((), b"", {})
    assert seen.browsers.version == versions[-1]
    assert {v for v, answer in seen.answers.items() if answer.seen is HelloOutcome.ACCEPTED} == set(versions)
    assert len(server.hellos) == 3


@pytest.mark.parametrize("preferred", [0xC02B, 0xC02F])
async def test_a_server_with_two_kinds_of_certificate_shows_both(preferred: int) -> None:
    server = Server(("TLS 1.2",), (preferred, 0xC02B, 0xC02F), ecdsa_chain=(b"ecdsa leaf",), own_order=True)
    seen = await modern_versions(ADDRESS, server)
    both = {(b"leaf", b"intermediate"), (b"ecdsa leaf",)}
    assert {seen.chain, seen.other_chain} == both
    assert (seen.chain == (b"ecdsa leaf",)) == (preferred == 0xC02B)
    assert seen.other_staple == b"staple"


async def test_who_refuses_browsers_is_asked_with_all_that_there_is() -> None:
    seen = await modern_versions(ADDRESS, Server(groups=(30,)))
    assert seen.browsers == REFUSED.answer
    assert {version: answer.group for version, answer in seen.wide.items()} == {"TLS 1.2": 0, "TLS 1.3": 30}
    assert seen.chain == (b"leaf", b"intermediate")


async def test_who_takes_suites_alone_that_browsers_do_not_offer_is_seen_to() -> None:
    seen = await modern_versions(ADDRESS, Server(("TLS 1.2",), suites=(0x009E,)))
    assert (seen.browsers.seen, seen.wide["TLS 1.2"].suite) == (HelloOutcome.REFUSED, 0x009E)
    assert seen.chain


async def test_who_speaks_neither_shows_no_chain() -> None:
    seen = await modern_versions(ADDRESS, Server(versions=()))
    assert seen.chain == ()
    with pytest.raises(Unavailable, match=r"no handshake, so no certificate \(TLS 1.2: alert protocol_version"):
        await served_chain(ADDRESS, seen, Roots(), Trust(), Now(dt.datetime.now(dt.UTC)))


async def test_who_closes_on_every_hello_was_not_seen_to_speak_tls() -> None:
    with pytest.raises(Unavailable, match="no TLS was seen there"):
        await modern_versions(ADDRESS, Server(closes_on=("TLS 1.2", "TLS 1.3")))


@pytest.mark.parametrize("version", ["TLS 1.2", "TLS 1.3"])
async def test_who_closes_on_one_hello_and_answers_the_other_refuses_one(version: str) -> None:
    seen = await modern_versions(ADDRESS, Server(closes_on=(version,)))
    assert seen.answers[version] == HelloAnswer(HelloOutcome.REFUSED, CLOSED)


async def test_every_old_version_is_asked_for() -> None:
    server = Server(versions=("SSLv3",), suites=(0x002F,))
    seen = await old_versions(ADDRESS, server)
    assert {version: answer.seen for version, answer in seen.answers.items()} == {
        "SSLv2": HelloOutcome.REFUSED,
        "SSLv3": HelloOutcome.ACCEPTED,
        "TLS 1.0": HelloOutcome.REFUSED,
        "TLS 1.1": HelloOutcome.REFUSED,
    }
    assert [version for _, version in server.hellos] == list(OLD)


async def taken(server: Server, *addresses: Address) -> Mapping[str, TakenSuites]:
    seen: dict[Address, ModernVersions | Unavailable] = {
        address: await modern_versions(address, server) for address in addresses or (ADDRESS,)
    }
    server.hellos.clear()
    return (await cipher_suites(HOST, seen, server)).taken


async def test_a_sound_server_is_asked_three_times() -> None:
    server = Server()
    assert await taken(server) == {"192.0.2.1": TakenSuites(GCM, {})}
    assert len(server.hellos) == 3


async def test_each_family_is_found_once() -> None:
    server = Server(suites=(GCM, 0x000A, 0xC012, 0x0005, 0x0002, 0xC013, 0xC014, 0x002F, 0x009D))
    (got,) = (await taken(server)).values()
    assert {word: family(suite) for word, suite in got.old.items()} == {
        word: word for word in ("3DES", "RC4", "NULL", "CBC", "static RSA")
    }
    assert got.preferred == GCM


@pytest.mark.parametrize("own_order", [True, False])
async def test_whose_order_counts_is_seen(own_order: bool) -> None:  # noqa: FBT001 - a table of two
    (got,) = (await taken(Server(suites=(GCM, 0xC013), own_order=own_order))).values()
    assert got.follows_client is not own_order


async def test_the_group_of_numbers_is_measured() -> None:
    (got,) = (await taken(Server(suites=(*ECDHE, 0x009E), dh_bits=1024))).values()
    assert got.dh_bits == 1024


async def test_who_speaks_tls_1_3_alone_takes_nothing_old() -> None:
    (got,) = (await taken(Server(versions=("TLS 1.3",)))).values()
    assert got == TakenSuites(0, {})


async def test_one_address_of_each_kind_is_asked() -> None:
    assert set(await taken(Server(), ADDRESS, SECOND, SIXTH)) == {"192.0.2.1", "2001:db8::1"}


async def test_an_address_that_could_not_be_looked_at_is_passed_over() -> None:
    server = Server()
    got = await cipher_suites(HOST, {ADDRESS: GAP, SECOND: await modern_versions(SECOND, server)}, server)
    assert set(got.taken) == {"192.0.2.2"}


async def test_a_kind_of_address_without_a_route_is_told() -> None:
    server = Server()
    blind = Unavailable("no IPv6 here", no_route=True)
    got = await cipher_suites(HOST, {SIXTH: blind, ADDRESS: await modern_versions(ADDRESS, server)}, server)
    assert (set(got.taken), got.unseen) == ({"192.0.2.1"}, ("no IPv6 here",))


async def test_a_kind_of_address_that_does_not_answer_is_a_gap() -> None:
    server = Server()
    with pytest.raises(Unavailable, match="is closed"):
        await cipher_suites(HOST, {SIXTH: GAP, ADDRESS: await modern_versions(ADDRESS, server)}, server)


async def test_a_host_without_any_route_is_one_too() -> None:
    with pytest.raises(Unavailable, match="no IPv6 here") as gap:
        await cipher_suites(HOST, {SIXTH: Unavailable("no IPv6 here", no_route=True)}, Server())
    assert gap.value.no_route


async def test_a_host_that_could_not_be_looked_at_is_a_gap() -> None:
    with pytest.raises(Unavailable, match="is closed"):
        await cipher_suites(HOST, {ADDRESS: GAP}, Server())


async def test_a_suite_of_no_known_family_ends_the_asking() -> None:
    class Liar(Server):
        async def hello(self, target: TlsTarget, offer: Offer) -> Heard:
            await super().hello(target, offer)
            return Heard(HelloAnswer(HelloOutcome.ACCEPTED, suite=0xFAFA), self.chain)

    (got,) = (await taken(Liar())).values()
    assert got.old == {}


async def test_facts_come_back_from_json_as_they_were() -> None:
    pem = x509.load_pem_x509_certificates(issue(Chain(), HOST.name)[0])
    der = tuple(certificate.public_bytes(Encoding.DER) for certificate in pem)
    server = Server(chain=der, ecdsa_chain=(*der, der[0]))
    seen = await modern_versions(ADDRESS, server)
    now = Now(dt.datetime.now(dt.UTC))
    facts: Sequence[tuple[type, Callable[[], object]]] = [
        (ModernVersions, lambda: seen),
        (OldVersions, lambda: OldVersions({"SSLv2": NO.answer})),
        (CipherSuites, lambda: CipherSuites({"192.0.2.1": TakenSuites(GCM, {"CBC": 0xC013}, follows_client=True)})),
    ]
    chain = await served_chain(ADDRESS, seen, Roots(), Trust(), now)
    assert (chain.issuer_organisation, chain.issuer_name) == ("Golive Lab Trust", "Golive Lab Trust R1")
    for kind, make in [*facts, (ServedChain, lambda: chain)]:
        adapter = TypeAdapter[object](kind)
        assert adapter.validate_json(adapter.dump_json(make())) == make()
