"""Who may read an API's answers: what it says to browsers about its own origins, and about foreign ones."""

import asyncio
import functools
import itertools
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
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
from golive_checks.systems.http.origin_forms import (
    CONTROLS,
    ELSEWHERE,
    OF_AN_ENTRY,
    ON_A_SOCKET,
    alike,
    local,
    shared,
    unrelated,
)
from golive_checks.systems.http.origins import Origin, origin_of
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
OF_AN_ERROR = 3
"""Requests for an error: from an origin that is known, one that is not, and none."""
SIMPLE_METHODS = frozenset({"GET", "HEAD", "POST"})
"""For these alone a browser may not need to ask first (Fetch, "CORS-safelisted method")."""


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

    @property
    def echoes(self) -> bool:
        """The answer names the origin that asked as one that may read it."""
        return bool(self.origin) and self.reply.values("access-control-allow-origin") == (self.origin,)


@dataclass(frozen=True)
class CorsAnswers(Fact):
    """How the API answered its own origins, none, and foreign ones. `path` is its data, `error` what is not there."""

    known: tuple[str, ...] = ()
    path: str = ""
    error: str = ""
    websocket: str = ""
    asked: tuple[Asked, ...] = ()


def _requests(host: Host, hosts: tuple[Host, ...], env: Environment, ask: Cors) -> int:
    """Count what is asked where all is well, with the WebSocket."""
    if not host.serves_api and not host.api_path:
        return 0
    own = origin_of(host)
    front_ends = [origin_of(other) for other in hosts if other.has_page]
    known = list(dict.fromkeys(origin for origin in (*front_ends, *ask.origins) if origin != own))
    strangers = len(list(foreign(env, ask, own, known)))
    data, before, socket = 1 + len(known) + strangers, len(known) + 1, len(known) + len(ON_A_SOCKET)
    return data + before + socket + OF_AN_ERROR


@probe("http.cors-answers", requests=_requests)
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
    paths = list(dict.fromkeys((host.api_path or "/", error)))

    way_in = route_for_pages(host, talk, proxy)
    api = _Api(door, ask, way_in, sockets, known, list(foreign(env, ask, own, known)))
    asked = list(itertools.chain(*await asyncio.gather(*_questions(api, paths))))
    if way_in and await api.polls_alone(way_in, asked):
        asked = [each for each in asked if each.way != "upgrade"]
        asked += await api.in_turn(functools.partial(api.polling, way_in), api.strangers(ON_A_SOCKET))
    path, missing = (urlsplit(each).path for each in (host.api_path, error))
    return CorsAnswers(known, path, missing, way_in.shown if way_in else "", tuple(asked))


@dataclass(frozen=True)
class _Api:
    """The API as pages of other origins reach it."""

    door: Door
    ask: Cors
    websocket: RealtimeRoute | None
    sockets: WebSockets
    known: Sequence[str]
    foreign: "Foreign"

    def strangers(self, forms: Collection[str]) -> "Foreign":
        """Return the foreign origins of some forms: of each that is like one of the app's, the first."""
        found = dict[str, str]()
        for form, origin in self.foreign:
            if form in forms:
                found.setdefault(form, origin)
        return list(found.items())

    async def in_turn(self, ask: "Question", strange: "Foreign") -> list[Asked]:
        """Ask as pages of the app's own origins and of foreign ones.

        Where the first of these shows that nothing is compared, the others are let in likewise, and are not asked for.
        """
        controls = [(form, origin) for form, origin in strange if form in CONTROLS]
        begin = [*(("known", origin) for origin in self.known), *controls]
        asked = await asyncio.gather(*(ask(form, origin) for form, origin in begin))
        if any(each.form == "unrelated" and (each.opened or each.echoes) for each in asked):
            return asked
        rest = [each for each in strange if each not in controls]
        return asked + await asyncio.gather(*(ask(form, origin) for form, origin in rest))

    async def about_data(self, path: str) -> list[Asked]:
        """Ask for the app's data: what compares origins badly shows it here."""
        none = await self.simple("none", "", path)
        return [none, *await self.in_turn(lambda form, origin: self.simple(form, origin, path), self.foreign)]

    async def about_another(self, path: str) -> list[Asked]:
        """Ask for another path, as far as it shows whether origins are compared there as well."""
        asks = [("none", ""), *(("known", origin) for origin in self.known[:1]), *self.strangers(ELSEWHERE)]
        return await asyncio.gather(*(self.simple(form, origin, path) for form, origin in asks))

    async def before_known(self, origin: str, path: str) -> list[Asked]:
        """Ask as a browser does before the app's own requests: for one method, and for those that its answer lacks."""
        first, *others = sorted(self.ask.methods, key=SIMPLE_METHODS.__contains__)
        asked = await self.preflight("known", origin, path, first)
        listed = asked.reply.header("access-control-allow-methods") if asked.reply.status < BAD_REQUEST else ""
        left = [method for method in others if method not in {word.strip() for word in listed.split(",")}]
        return [asked, *await asyncio.gather(*(self.preflight("known", origin, path, method) for method in left))]

    async def before_foreign(self, path: str) -> list[Asked]:
        """Ask as a browser does before a request that no form could send, from pages of others."""
        asks = self.strangers(ELSEWHERE)
        return await asyncio.gather(*(self.preflight(form, origin, path, "GET") for form, origin in asks))

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

    async def polling(self, way_in: RealtimeRoute, form: str, origin: str) -> Asked:
        known_one = form == "known"
        path = way_in.handshake("polling", credential=known_one)
        headers = way_in.all_headers if known_one else way_in.a_strangers_headers
        got = await self.door.get_anew(path, {**headers, "origin": origin})
        return Asked("polling", form, origin, replace(reply_of(got), path=way_in.shown))


Foreign = Sequence[tuple[str, str]]
"""Origins that are not the app's own, each with its form."""
Question = Callable[[str, str], Awaitable[Asked]]
"""Asks as a page of an origin would, given the form and the origin."""


def _questions(api: _Api, paths: Sequence[str]) -> list[Awaitable[list[Asked]]]:
    """Return what is asked: for the app's data, for other paths, before requests, and of the WebSocket if any."""
    first, *others = paths
    asking: list[Awaitable[list[Asked]]] = [api.about_data(first)]
    asking += [api.about_another(path) for path in others]
    asking += [api.before_known(origin, first) for origin in api.known if api.ask.methods]
    asking.append(api.before_foreign(first))
    if way_in := api.websocket:
        asking.append(api.in_turn(functools.partial(api.upgrade, way_in), api.strangers(ON_A_SOCKET)))
    return asking


def foreign(env: Environment, ask: Cors, own: str, known: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Return the foreign origins to try, each once, and the form that each has; where none is known, like its own.

    Those that are like the second of the app's own and further ones are tried as far as each may have its own fault.
    """
    lets_localhost = not env.production if ask.allow_localhost is None else ask.allow_localhost
    found: dict[str, str] = {}
    providers = filter(None, (provider_of(urlsplit(origin).hostname or "") for origin in [*known, own]))
    first, *others = known or [own]
    entries = ((form, o) for other in others for form, o in alike(other) if form in OF_AN_ENTRY)
    forms = (*unrelated(), *alike(first), *entries, *local(), *shared(list(providers)))
    for form, origin in forms:
        if origin not in {own, *known, *ask.origins} and not (lets_localhost and form == "localhost"):
            found.setdefault(origin, form)
    return [(form, origin) for origin, form in found.items()]
