import errno
import socket

import pytest

from golive import Unavailable
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage, family_of

NOWHERE = "240.0.0.1"
"""Reserved (RFC 1112, section 4); routed or not as the machine pleases, so the tests decide."""


class Nowhere(NetworkRoutes):
    def has(self, ip: str) -> bool:
        return ip == "127.0.0.1"


def test_loopback_has_a_route() -> None:
    assert NetworkRoutes(Vantage()).has("127.0.0.1")
    NetworkRoutes(Vantage()).demand("127.0.0.1")


def test_what_is_no_address_of_this_machines_families_has_none() -> None:
    assert not NetworkRoutes(Vantage()).has("ff02::1%nosuchinterface")


def test_a_machine_that_opens_no_socket_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_more(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(socket, "socket", no_more)
    with pytest.raises(Unavailable, match="this machine cannot open a socket: Too many open files") as gap:
        NetworkRoutes(Vantage()).demand("127.0.0.1")
    assert not gap.value.no_route


@pytest.mark.parametrize("ip", ["2001:db8::1", NOWHERE])
def test_without_a_route_it_is_not_looked_at(ip: str) -> None:
    with pytest.raises(Unavailable, match=r"no IPv. here: this machine has no route to") as gap:
        Nowhere(Vantage()).demand(ip)
    assert gap.value.no_route


def test_a_family_that_is_demanded_is_a_gap() -> None:
    routes = Nowhere(Vantage(require=("ipv6",)))
    with pytest.raises(Unavailable) as gap:
        routes.demand("2001:db8::1")
    assert not gap.value.no_route
    assert "vantage.require" in gap.value.fix


def test_families_with_a_route_are_named() -> None:
    assert Nowhere(Vantage()).families() == ()
    assert set(NetworkRoutes(Vantage()).families()) <= {"ipv4", "ipv6"}


@pytest.mark.parametrize(("ip", "family"), [("192.0.2.1", "ipv4"), ("::ffff:192.0.2.1", "ipv4"), ("::1", "ipv6")])
def test_an_address_family(ip: str, family: str) -> None:
    assert family_of(ip) == family


def test_a_refused_address_is_not_contacted_and_that_is_no_matter_of_routes() -> None:
    routes = NetworkRoutes(Vantage())
    routes.refuse("10.0.0.5")
    routes.demand("127.0.0.1")
    with pytest.raises(Unavailable, match=r"10\.0\.0\.5 is not public, so it was not contacted") as gap:
        routes.demand("10.0.0.5")
    assert not gap.value.no_route
