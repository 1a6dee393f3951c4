"""For the probes of HTTP, a site that answers as a test says; for those of databases a cluster, of S3 a server."""

import inspect
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

import pytest
from s3_servers import Seaweed, s3_client

from golive import Environment, Provided, RunInfo
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import Access, HttpSettings
from golive_checks.systems.http.front import Front, front
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.machine.client.route import NetworkRoutes, Vantage
from golive_checks.systems.s3.client.client import S3
from golive_checks.systems.tls.client.trust import Trust
from golive_lab.parts.asgi import HttpAnswer, Listener, Receive, Scope, Send, body_of, header, lifespan, serving
from golive_lab.parts.certificates import CERTIFICATES, ca_file, write
from golive_lab.parts.edge.contexts import server_context
from golive_lab.parts.ports import StackPlace, standing
from golive_lab.parts.postgres.cluster import Cluster, cluster
from golive_lab.parts.postgres.parts import parts
from golive_lab.parts.postgres.pgbouncer import POOLER
from golive_lab.parts.postgres.programs import debian
from golive_lab.parts.s3.content import CONTENT
from golive_lab.parts.s3.front import FRONT
from golive_lab.parts.s3.server import SEAWEED
from golive_lab.stack import Stack
from golive_lab.world import healthy
from golive_lab.world.names import APP
from golive_lab.world.postgres import ClusterSetup
from golive_lab.world.tls import EdgeTls

OPEN = Access()
Respond = Callable[..., HttpAnswer]
"""Answers a path, given the ports and, if it names them, the request's `body` and `method`.

Over clear http the path has `http:` before it."""


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
        given = {"http": self.http, "access": access, "trust": self.trust, "host": self.host, "address": self.address}
        given |= facts
        wants = inspect.signature(probe).parameters
        for name, of in ((name, each.annotation) for name, each in wants.items()):
            if isinstance(of, type) and issubclass(of, Provided):
                given[name] = of(**{field.name: given[field.name] for field in fields(of)})
        return await probe(**{name: value for name, value in given.items() if name in wants})

    async def fronts(self) -> dict[Address, Front]:
        return {self.address: await self.look(front)}


def client(**limits: float) -> Http:
    settings = HttpSettings.model_validate({"timeout_s": 3.0, **limits})
    return Http(settings, Pace(RateLimit(), Environment("x")), NetworkRoutes(Vantage()), RunInfo("0123abcd", "9.9"))


def at(place: StackPlace, host: Host) -> Address:
    there = replace(host, port=place.ports.https, http_port=place.ports.http)
    return Address(f"{host.name}@{place.addresses[0]}", there, place.addresses[0])


@pytest.fixture
def site() -> Callable[..., AbstractAsyncContextManager[Site]]:
    return standing_site


@asynccontextmanager
async def standing_site(
    respond: Respond, *, host: Host | None = None, tls: EdgeTls | None = None, **limits: float
) -> AsyncIterator[Site]:
    """Serve app.demo.test at one address, and stand ready to look at it."""
    asked: list[tuple[str, str, Mapping[str, str]]] = []
    wants = inspect.signature(respond).parameters

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        path = scope["path"] + ("?" + scope["query_string"].decode() if scope["query_string"] else "")
        body = await body_of(receive)
        headers = {n.decode(): v.decode() for n, v in scope["headers"]}
        asked.append((scope["scheme"], path, {**headers, ":method": scope["method"]}))
        assert header(scope, "host").startswith(APP)
        offered = {"body": body, "method": scope["method"], "headers": headers}
        given = {name: value for name, value in offered.items() if name in wants}
        await respond(path if scope["scheme"] == "https" else f"http:{path}", place.ports, **given).send(send)

    http = client(**limits)
    with standing() as place:
        write(tls or EdgeTls(), place)
        context = server_context(tls or EdgeTls(), place, place.addresses[0], ("h2", "http/1.1"))
        doors = [
            Listener(place.addresses[0], place.ports.https, context),
            Listener(place.addresses[0], place.ports.http),
        ]
        address = at(place, host or Host(APP, role="app"))
        async with serving([(door, application) for door in doors]):
            try:
                yield Site(address.host, address, http, Trust(ca_file=str(ca_file(place))), asked)
            finally:
                await http.aclose()


@pytest.fixture
async def s3() -> AsyncIterator[S3]:
    client = s3_client()
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def seaweed_server() -> Iterator[Seaweed]:
    with standing() as place:
        stack = Stack([(CERTIFICATES,), (SEAWEED,), (FRONT, CONTENT)], place)
        try:
            stack.become(healthy())
            yield Seaweed(stack)
        finally:
            stack.close()


@pytest.fixture
def seaweed(seaweed_server: Seaweed) -> Seaweed:
    seaweed_server.become()
    return seaweed_server


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A moto server on a free loopback port, which it names itself."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        line = next(line for line in server.stderr if "Running on http" in line)
        url = line.split("Running on ")[1].split()[0]
        wait_for(url)
        yield url
    finally:
        server.kill()
        server.wait()
        assert server.stderr is not None
        server.stderr.close()


def wait_for(url: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{url}/moto-api/", timeout=1).close()  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("moto's server does not answer")


@pytest.fixture(scope="module")
def database_lab() -> Iterator[StackPlace]:
    """The real stack's database, its content and its pooler, and nothing else."""
    servers, content = parts("real")
    with standing() as place:
        stack = Stack(((CERTIFICATES,), servers, (*content, POOLER)), place)
        try:
            stack.become(healthy())
            yield place
        finally:
            stack.close()


@pytest.fixture(scope="module")
def postgres_server() -> Iterator[Cluster]:
    """Run Debian's Postgres for the length of a module, without TLS."""
    with standing() as place:
        folder = place.folder / "postgres"
        with cluster(ClusterSetup(certificate=None), folder, place.ports.postgres, debian(), tls=False) as made:
            yield made
