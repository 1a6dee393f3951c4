"""For the probes of HTTP: a site that answers as a test says, over https and over clear http."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from golive import Environment, RunInfo
from golive_checks.probes.clients.http import Http
from golive_checks.probes.clients.http_message import Access, HttpSettings
from golive_checks.probes.clients.pace import Kindness, Pace
from golive_checks.probes.clients.route import Routes, Vantage
from golive_checks.probes.clients.trust import Trust
from golive_checks.probes.dns import Address
from golive_checks.probes.http import Front, front
from golive_checks.subjects import Host
from golive_lab.asgi import Answer, Door, Receive, Scope, Send, body_of, header, lifespan, serving
from golive_lab.certificates import ca_file, write
from golive_lab.names import APP
from golive_lab.ports import Place, Ports, standing
from golive_lab.tls import Tls, server_context

OPEN = Access()
Respond = Callable[[str, Ports], Answer]
"""Answers a path; over clear http the path has `http:` before it."""


@dataclass(frozen=True)
class Site:
    """Where it is, and what was asked of it."""

    host: Host
    address: Address
    http: Http
    trust: Trust
    asked: list[tuple[str, str, Mapping[str, str]]]
    """Scheme, path, and the headers that came, the method among them as `:method`."""

    async def look(self, probe: Callable[..., Awaitable[Any]], access: Access = OPEN, **facts: Any) -> Any:
        """Call a probe of the host or the address, with the facts that it asks for."""
        wants = inspect.signature(probe).parameters
        given = {"http": self.http, "access": access, "trust": self.trust, "host": self.host, "address": self.address}
        return await probe(**{name: value for name, value in (given | facts).items() if name in wants})

    async def fronts(self) -> dict[Address, Front]:
        return {self.address: await self.look(front)}


def client(**limits: float) -> Http:
    settings = HttpSettings.model_validate({"timeout_s": 3.0, **limits})
    return Http(settings, Pace(Kindness(), Environment("x")), Routes(Vantage()), RunInfo("0123abcd", "9.9"))


def at(place: Place, host: Host) -> Address:
    there = replace(host, port=place.ports.https, http_port=place.ports.http)
    return Address(f"{host.name}@{place.addresses[0]}", there, place.addresses[0])


@pytest.fixture
def site() -> Callable[..., AbstractAsyncContextManager[Site]]:
    return standing_site


@asynccontextmanager
async def standing_site(
    respond: Respond, *, host: Host | None = None, tls: Tls | None = None, **limits: float
) -> AsyncIterator[Site]:
    """Serve app.demo.test at one address, and stand ready to look at it."""
    asked: list[tuple[str, str, Mapping[str, str]]] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        path = scope["path"] + ("?" + scope["query_string"].decode() if scope["query_string"] else "")
        await body_of(receive)
        headers = {n.decode(): v.decode() for n, v in scope["headers"]}
        asked.append((scope["scheme"], path, {**headers, ":method": scope["method"]}))
        assert header(scope, "host").startswith(APP)
        await respond(path if scope["scheme"] == "https" else f"http:{path}", place.ports).send(send)

    http = client(**limits)
    with standing() as place:
        write(tls or Tls(), place)
        context = server_context(tls or Tls(), place, place.addresses[0], ("h2", "http/1.1"))
        doors = [Door(place.addresses[0], place.ports.https, context), Door(place.addresses[0], place.ports.http)]
        address = at(place, host or Host(APP, role="app"))
        async with serving([(door, application) for door in doors]):
            try:
                yield Site(address.host, address, http, Trust(ca_file=str(ca_file(place))), asked)
            finally:
                await http.aclose()
