"""Who may read an API's answers: what it says to browsers about its own origins, and about foreign ones."""

import asyncio
import itertools
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints

from golive import Environment, Fact, RunInfo, Settings, probe, shortened
from golive_checks.subjects import Host, UrlPath
from golive_checks.systems.http.answers import Routes, nowhere
from golive_checks.systems.http.client.message import ACCEPT_JSON
from golive_checks.systems.http.client.suffixes import provider_of
from golive_checks.systems.http.client.websocket import WebSockets
from golive_checks.systems.http.door import Door
from golive_checks.systems.http.engine_io import StopKind, refused
from golive_checks.systems.http.front import KEPT_HEADERS, VALUE_LIMIT, HostDoor, HttpReply, reply_of
from golive_checks.systems.http.origin_forms import ASKED_ONCE, alike, local, shared, unrelated
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.http.realtime_route import RealtimePolicy, RealtimeRoute, route_for_pages
from golive_checks.systems.proxy.policy import ProxyPolicy

OriginText = Annotated[
    str, StringConstraints(pattern=r"^https?://[a-z0-9_-]+(\.[a-z0-9_-]+)*(:[0-9]{1,5})?$", max_length=300)
]
"""An origin as a browser writes it: in lower case, without a path (RFC 6454, section 6.2)."""
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
Way = Literal["preflight", "simple", "upgrade", "polling"]
"""`polling`: how Socket.IO connects where its server offers no WebSocket."""
BAD_REQUEST, BODY_LIMIT = 400, 1000


class Cors(Settings):
    """Who may read the API's answers in a browser."""

    home: ClassVar[str] = "security.cors"

    origins: tuple[OriginText, ...] = Field(default=(), max_length=20)
    """Origins that are allowed besides those of the profile's hosts of role app and shop."""
    credentials: bool = False
    """The app sends cookies (`credentials: 'include'`), so that Access-Control-Allow-Credentials is required."""
    methods: tuple[Method, ...] = ("GET", "POST")
    """The methods that the app uses. They are named in a preflight and never sent."""
    headers: tuple[str, ...] = ("authorization", "content-type")
    """The headers that the app sends, of those for which a browser asks first."""
    allow_localhost: bool | None = None
    """Pages on localhost may read the API's answers. Unset: they may, except on production."""
    public_paths: tuple[UrlPath, ...] = Field(default=(), max_length=20)
    """Paths that anyone's page may read without credentials: `Access-Control-Allow-Origin: *` is meant there."""


@dataclass(frozen=True)
class Asked:
    """A question as a page of an origin asks it, and the answer. An empty `origin` is none."""

    way: Way
    form: str
    origin: str
    reply: HttpReply
    method: str = "GET"
    opened: bool = False
    """The WebSocket stood."""


@dataclass(frozen=True)
class CorsAnswers(Fact):
    """How the API answered its own origins, none, and foreign ones. `path` is its data, `error` what is not there."""

    known: tuple[str, ...] = ()
    path: str = ""
    error: str = ""
    websocket: str = ""
    asked: tuple[Asked, ...] = ()


@probe("http.cors-answers")
async def cors_answers(
    host: Host,
    env: Environment,
    origins: Mapping[Host, Origin],
    door: HostDoor,
    ask: Cors,
    routes: Routes,
    proxy: ProxyPolicy,
    talk: RealtimePolicy,
    sockets: WebSockets,
    run: RunInfo,
) -> CorsAnswers:
    """Ask the API as pages of its own origins, of none, and of foreign ones would."""
    if not host.serves_api and not host.api_path:
        return CorsAnswers()
    own = origins[host].origin
    front_ends = [its.origin for other, its in origins.items() if other.has_page]
    known = tuple(dict.fromkeys(origin for origin in (*front_ends, *ask.origins) if origin != own))
    error = routes.error or nowhere(run)
    paths = list(dict.fromkeys(path for path in (host.api_path, "/", error) if path))

    way_in = route_for_pages(host, talk, proxy)
    api = _Api(door, ask, way_in, sockets)
    others = {path: list(foreign(env, ask, own, known if path == paths[0] else known[:1])) for path in paths}
    to_socket = list(foreign(env, ask, own, known[:1]))
    asked = list(await asyncio.gather(*_questions(api, known, others, to_socket)))
    if way_in and await api.polls_alone(way_in, asked):
        asked = [each for each in asked if each.way != "upgrade"]
        asked += await asyncio.gather(*api.by_polling(way_in, known, to_socket))
    path, missing = (urlsplit(each).path for each in (host.api_path, error))
    return CorsAnswers(known, path, missing, way_in.shown if way_in else "", tuple(asked))


@dataclass(frozen=True)
class _Api:
    """The API as pages of other origins reach it."""

    door: Door
    ask: Cors
    websocket: RealtimeRoute | None
    sockets: WebSockets

    async def simple(self, form: str, origin: str, path: str) -> Asked:
        got = await self.door.get(path, accept=ACCEPT_JSON, origin=origin)
        return Asked("simple", form, origin, reply_of(got))

    async def preflight(self, form: str, origin: str, path: str, method: Method) -> Asked:
        headers = {
            "origin": origin,
            "access-control-request-method": method,
            "access-control-request-headers": ",".join(sorted(name.lower() for name in self.ask.headers)),
        }
        got = await self.door.options(path, headers)
        return Asked("preflight", form, origin, reply_of(got), method)

    async def upgrade(self, way_in: RealtimeRoute, form: str, origin: str) -> Asked:
        known_one = form == "known"
        path = way_in.handshake("websocket", credential=known_one)
        headers = way_in.all_headers if known_one else way_in.a_strangers_headers
        got = await self.sockets.open(self.door.request(path, headers), origin=origin, stranger=not known_one)
        kept = tuple((name, shortened(value, VALUE_LIMIT)) for name, value in got.headers if name in KEPT_HEADERS)
        reply = HttpReply(way_in.shown, got.status, "HTTP/1.1", kept, 0)
        return Asked("upgrade", form, origin, reply, opened=got.opened)

    async def polls_alone(self, way_in: RealtimeRoute, asked: Sequence[Asked]) -> bool:
        """Tell whether no WebSocket opened because the server says that it offers none."""
        shut = [each for each in asked if each.way == "upgrade" and not each.opened]
        if way_in.protocol != "socket.io" or not shut or any(each.opened for each in asked):
            return False
        got = await self.door.get_anew(way_in.handshake("websocket"), way_in.all_headers)
        return got.status == BAD_REQUEST and (
            refused(way_in.version, got.status, got.body[:BODY_LIMIT]).stop.kind is StopKind.TRANSPORT_OFF
        )

    def by_polling(self, way_in: RealtimeRoute, known: Sequence[str], strange: "Foreign") -> Iterable[Awaitable[Asked]]:
        """Ask as Socket.IO's client does from pages of these origins."""
        yield from (self.polling(way_in, "known", origin) for origin in known)
        yield from (self.polling(way_in, form, origin) for form, origin in strange if form not in ASKED_ONCE)

    async def polling(self, way_in: RealtimeRoute, form: str, origin: str) -> Asked:
        known_one = form == "known"
        path = way_in.handshake("polling", credential=known_one)
        headers = way_in.all_headers if known_one else way_in.a_strangers_headers
        got = await self.door.get_anew(path, {**headers, "origin": origin})
        return Asked("polling", form, origin, replace(reply_of(got), path=way_in.shown))


Foreign = Sequence[tuple[str, str]]
"""Origins that are not the app's own, each with its form."""


def _questions(
    api: _Api, known: Sequence[str], others: Mapping[str, Foreign], to_socket: Foreign
) -> list[Awaitable[Asked]]:
    """Return what is asked: by path, the app's data first, and of the WebSocket where there is one."""
    first, *_ = others
    asking: list[Awaitable[Asked]] = [api.simple("none", "", path) for path in others]
    asking += [api.simple("known", origin, path) for origin in known for path in others]
    asking += [api.preflight("known", o, first, method) for o in known for method in api.ask.methods]
    for path, strange in others.items():
        # What compares badly does so for each of the origins: the others are tried where the app's data is, no more.
        for form, origin in strange:
            if form not in ASKED_ONCE:
                asking += [api.simple(form, origin, path), api.preflight(form, origin, path, "GET")]
            elif path == first:
                asking.append(api.simple(form, origin, path))
    if way_in := api.websocket:
        asking += [api.upgrade(way_in, "known", origin) for origin in known]
        asking += [api.upgrade(way_in, form, origin) for form, origin in to_socket if form not in ASKED_ONCE]
    return asking


def foreign(env: Environment, ask: Cors, own: str, known: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Return the foreign origins to try, each once, and the form that each has; where none is known, like its own."""
    lets_localhost = not env.production if ask.allow_localhost is None else ask.allow_localhost
    found: dict[str, str] = {}
    providers = filter(None, (provider_of(urlsplit(origin).hostname or "") for origin in [*known, own]))
    forms = (*unrelated(), *itertools.chain(*map(alike, known or [own])), *local(), *shared(list(providers)))
    for form, origin in forms:
        if origin not in {own, *known, *ask.origins} and not (lets_localhost and form == "localhost"):
            found.setdefault(origin, form)
    return [(form, origin) for origin, form in found.items()]
