"""The hellos as tlslite-ng reads them: what is put together here must be understood elsewhere."""

import warnings

import pytest

from golive_checks.systems.tls.client.hello import hello, ssl2_hello
from golive_checks.systems.tls.client.offers import BROWSERS, GROUPS, WIDE, of_suites, old
from golive_checks.systems.tls.client.shares import known, share
from golive_checks.systems.tls.client.suites import BROKEN, SUITES, family, of_families

with warnings.catch_warnings():  # on Python 3.11 it imports what is deprecated there
    warnings.simplefilter("ignore", DeprecationWarning)
    from tlslite.messages import ClientHello
from tlslite.utils.codec import Parser

WIRE = {"SSLv3": (3, 0), "TLS 1.0": (3, 1), "TLS 1.1": (3, 2), "TLS 1.2": (3, 3), "TLS 1.3": (3, 3)}


@pytest.mark.parametrize(("version", "wire"), WIRE.items())
def test_a_hello_is_read_as_it_was_meant(version: str, wire: tuple[int, int]) -> None:
    sent = hello("api.example.com", WIDE.get(version) or old(version), [share(29)])
    read = ClientHello().parse(Parser(bytearray(sent[6:])))
    assert sent[0] == 22
    assert len(sent) == 5 + int.from_bytes(sent[3:5], "big")
    assert tuple(read.client_version) == wire
    assert read.server_name == (b"" if version == "SSLv3" else b"api.example.com")


def test_tls_1_3_is_offered_by_its_extension_alone() -> None:
    read = ClientHello().parse(Parser(bytearray(hello("a.example", WIDE["TLS 1.3"], [share(29)])[6:])))
    assert [tuple(version) for version in read.getExtension(43).versions] == [(3, 4)]
    assert read.compression_methods == [0]
    assert len(read.session_id) == 32


def test_the_suites_that_are_asked_about_are_offered_and_no_others() -> None:
    read = ClientHello().parse(Parser(bytearray(hello("a.example", of_suites((0x000A, 0xC012)))[6:])))
    assert read.cipher_suites == [0x000A, 0xC012, 0x00FF]


def test_ssl2s_hello_is_read_as_it_was_meant() -> None:
    sent = ssl2_hello()
    read = ClientHello(ssl2=True).parse(Parser(bytearray(sent[3:])))
    assert int.from_bytes(sent[:2], "big") == 0x8000 | (len(sent) - 2)
    assert read.client_version == (0, 2)
    assert len(read.cipher_suites) == 7


def test_every_suite_of_a_broken_kind_is_known_as_such() -> None:
    marks = ("NULL", "anon", "EXPORT", "RC4", "DES", "RC2", "MD5", "IDEA")
    assert {s for s, name in SUITES.items() if any(mark in name for mark in marks)} == set(of_families(BROKEN))


def test_what_browsers_like_best_belongs_to_no_old_family() -> None:
    assert {family(suite) for suite in BROWSERS.suites[:9]} == {""}


def test_a_browsers_hello_offers_both_versions_and_two_keys() -> None:
    sent = hello("a.example", BROWSERS, [share(group) for group in BROWSERS.shares])
    read = ClientHello().parse(Parser(bytearray(sent[6:])))
    assert [tuple(version) for version in read.getExtension(43).versions] == [(3, 4), (3, 3)]
    assert [(each.group, len(each.key_exchange)) for each in read.getExtension(51).client_shares] == [
        (0x11EC, 1216),
        (29, 32),
    ]
    assert read.getExtension(10).groups == list(BROWSERS.groups)
    assert read.getExtension(16).protocol_names == [b"h2", b"http/1.1"]


@pytest.mark.parametrize("group", [group for group in GROUPS if known(group) and group not in {0x0201, 0x0202}])
def test_two_shares_of_a_group_make_one_secret(group: int) -> None:
    ours, theirs = share(group), share(group)
    if group in {0x11EC, 0x11EB, 0x11ED}:  # what a server sends back is of another form: see the tests of the client
        return
    assert ours.secret(theirs.public) == theirs.secret(ours.public)
