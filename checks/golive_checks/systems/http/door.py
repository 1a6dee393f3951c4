"""A host's port as probes ask it: at one address, with what opens the wall before it and whom to trust there."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace

from golive import Provided
from golive_checks.subjects import Host
from golive_checks.systems.dns.addresses import Address
from golive_checks.systems.http.client.client import Http
from golive_checks.systems.http.client.message import (
    ACCEPT_ANY,
    ACCEPT_JSON,
    ACCEPT_PAGE,
    Access,
    Endpoint,
    Request,
    Response,
)
from golive_checks.systems.tls.client.trust import Trust


@dataclass(frozen=True)
class Door(ABC):
    """What carries requests to one endpoint. Its kinds differ in how they find that."""

    http: Http
    access: Access
    trust: Trust

    @property
    @abstractmethod
    def endpoint(self) -> Endpoint:
        """Where requests go. Raises Unavailable where no address of the host answers."""

    def pinned(self) -> "EndpointDoor":
        """Return the door to the endpoint as it is now; raises Unavailable where there is none."""
        return EndpointDoor(self.http, self.access, self.trust, self.endpoint)

    def request(
        self, path: str = "/", headers: Mapping[str, str] | None = None, method: str = "GET", body: bytes = b""
    ) -> Request:
        """Return what is to be sent."""
        return Request(self.endpoint, path, method, headers or {}, body, self.access, self.trust.ca_file)

    async def get(
        self,
        path: str = "/",
        *,
        accept: str = ACCEPT_PAGE,
        encoding: str = "gzip",
        origin: str = "",
        again: int = 0,
    ) -> Response:
        """GET a path, from a page of `origin`. Identical requests are sent once; a different `again` asks again."""
        headers = {"accept": accept, "accept-encoding": encoding, **({"origin": origin} if origin else {})}
        return await self.http.fetch(self.request(path, headers), again)

    async def options(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        """Ask what a path allows, as a browser's preflight does. Identical requests are sent once."""
        return await self.http.fetch(self.request(path, {"accept": ACCEPT_ANY, **(headers or {})}, "OPTIONS"))

    async def get_anew(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        """GET a path as nobody else does: with headers of one's own, or with access for this request alone."""
        return await self.http.send(self.request(path, {"accept": ACCEPT_JSON, **(headers or {})}))

    async def get_verbatim(self, path: str) -> Response:
        """GET a path as it stands, though it be no proper one."""
        headers = {"accept": ACCEPT_PAGE, "accept-encoding": "gzip"}
        return await self.http.fetch(replace(self.request(path, headers), verbatim=True))

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """POST a body, every time."""
        return await self.http.send(self.request(path, {"accept": ACCEPT_ANY, **headers}, "POST", body))

    async def knock(self, method: str, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Response:
        """Send what a gateway would. A wall in front of the app is an answer here, and no gap."""
        request = self.request(path, {"accept": ACCEPT_ANY, **(headers or {})}, method, body)
        return await self.http.send(request, walls=False)


@dataclass(frozen=True)
class EndpointDoor(Door):
    """The door to an endpoint that is known."""

    at: Endpoint

    @property
    def endpoint(self) -> Endpoint:
        """Where requests go."""
        return self.at


@dataclass(frozen=True)
class AddressDoor(Door, Provided):
    """The https port of a host at one of its addresses."""

    address: Address

    @property
    def endpoint(self) -> Endpoint:
        """Where requests go."""
        return over_https(self.address)


def in_clear(door: Door, host: Host) -> EndpointDoor:
    """Return the door to the same host's port for clear http."""
    return EndpointDoor(door.http, door.access, door.trust, replace(door.endpoint, port=host.http_port, secure=False))


def over_https(address: Address) -> Endpoint:
    """Return the host's https port at an address."""
    return Endpoint(address.host.name, address.ip, address.host.port)
