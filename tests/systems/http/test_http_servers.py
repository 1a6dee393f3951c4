"""The probes against real servers: nginx in front of the lab's API, and the lab's own edge on hypercorn."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from golive import Environment, RunInfo
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import Access, HttpSettings
from golive_checks.systems.http.door import AddressDoor
from golive_checks.systems.http.front import HostDoor, front
from golive_checks.systems.http.page import PageDoor, page
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.page.bundle import bundle
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.api.api import API
from golive_lab.parts.certificates import CERTIFICATES, ca_file
from golive_lab.parts.edge.edge import EDGE
from golive_lab.parts.edge.front import FRONTS
from golive_lab.parts.edge.nginx_real import NGINX
from golive_lab.parts.part import Part
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.world import healthy
from golive_lab.world.app import API_PATH

STACKS = {"nginx": (CERTIFICATES, FRONTS, API, NGINX), "hypercorn": (CERTIFICATES, EDGE)}
OPEN = Access()


@pytest.fixture(scope="module", params=STACKS.values(), ids=STACKS)
def place(request: pytest.FixtureRequest) -> Iterator[StackPlace]:
    parts: tuple[Part, ...] = request.param
    with standing() as here, ExitStack() as running:
        for part in parts:
            running.enter_context(part.start(healthy(), here))
        yield here


@pytest.fixture
async def http() -> Http:
    return Http(
        HttpSettings(), Pace(RateLimit(), Environment("x")), NetworkRoutes(Vantage()), RunInfo("0123abcd", "9.9")
    )


def addresses(place: StackPlace, name: str) -> list[Address]:
    host = Host(name, role="app", port=place.ports.https, http_port=place.ports.http)
    return [Address(f"{name}@{ip}", host, ip) for ip in place.addresses]


async def test_hosts_that_share_an_address_are_told_apart(place: StackPlace, http: Http) -> None:
    trust = Trust(ca_file=str(ca_file(place)))
    for name, says in (("app.demo.test", "<title>AfriGest</title>"), ("shop.demo.test", "<title>AfriGest Boutique<")):
        for address in addresses(place, name):
            door = AddressDoor(http, OPEN, trust, address)
            seen = (await front(address, door)).reply
            assert (seen.status, seen.version, seen.distrust, seen.header("server")) == (200, "HTTP/2", "", "nginx")
            assert says in (await door.get()).text
    await http.aclose()


async def test_the_bundle_calls_the_api(place: StackPlace, http: Http) -> None:
    trust = Trust(ca_file=str(ca_file(place)))
    address = addresses(place, "app.demo.test")[0]
    fronts = {address: await front(address, AddressDoor(http, OPEN, trust, address))}
    seen = await page(address.host, HostDoor(http, OPEN, trust, fronts))
    served = await bundle(address.host, seen, PageDoor(http, OPEN, trust, address.host, seen))
    assert f"https://api.demo.test:{place.ports.https}" in served.origins
    assert {path.partition("-")[0] for path in served.files} == {
        "/",
        *(f"/assets/{n}" for n in ("index", "vendor", "Cart")),
    }
    assert served.exposed == served.missed == ()
    await http.aclose()


async def test_many_requests_share_connections_and_arrive(place: StackPlace, http: Http) -> None:
    door = AddressDoor(http, OPEN, Trust(ca_file=str(ca_file(place))), addresses(place, "api.demo.test")[0])
    asked = [door.get(API_PATH, again=n) for n in range(40)]
    got = await asyncio.gather(*asked)
    assert {(g.status, len(g.content)) for g in got} == {(200, len(got[0].content))}
    await http.aclose()
