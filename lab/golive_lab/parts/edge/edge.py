"""The edge of the demo stack in Python: what nginx does in the real one, for all three hosts."""

from __future__ import annotations

import gzip
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from golive_lab.parts.api.api import DemoApi
from golive_lab.parts.api.chat import application as chat_of
from golive_lab.parts.asgi import HttpAnswer, Listener, body_of, header, lifespan, serving
from golive_lab.parts.edge.contexts import edge_port, server_context
from golive_lab.parts.edge.front import MEDIA_TYPES, OLD_HOME, files
from golive_lab.parts.part import Part, threaded
from golive_lab.world.callbacks import MTN_PATH
from golive_lab.world.chat import PATH as CHAT_PATH
from golive_lab.world.headers import GOOD
from golive_lab.world.names import API, APP, SHOP
from golive_lab.world.web import COMPRESSED_TYPES, MIN_COMPRESSED_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from golive_lab.parts.asgi import Application, Receive, Scope, Send
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.web import CacheHeaders, Web

SERVER, VERSION = "nginx", "nginx/1.22.1"
"""What the system's edge would call itself, without and with its version."""


class Edge:
    """Serves the front ends' files and hands everything for the API to it; compresses, and says what may be kept."""

    def __init__(self, world: World, place: StackPlace) -> None:
        self.web, self.place = world.web, place
        self.api = DemoApi(world.app, place)
        self.fronts = {host: files(world.app, place, host) for host in (APP, SHOP)}
        self.chat = chat_of(world.app.chat)
        self.at_edge: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand on a WebSocket."""
        host = header(scope, "host").partition(":")[0].lower()
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        elif host == API and scope["path"].startswith(CHAT_PATH):
            await self.chat(scope, receive, send)
        elif host == API and scope["type"] == "websocket":
            await self.api(scope, receive, send)
        elif scope["type"] == "http":
            got = await self._answer(host, scope, receive)
            found = replace(got, headers=(*got.headers, *self._common(host, got.status)))
            await compressed(found, header(scope, "accept-encoding"), self.web).send(send)

    async def _answer(self, host: str, scope: Scope, receive: Receive) -> HttpAnswer:
        if host == API:
            got = await self.api.answer(scope, receive)
            return replace(got, headers=(*got.headers, ("cache-control", self.web.caching.api)))
        await body_of(receive)
        if host not in self.fronts:
            return HttpAnswer(421, "text/plain", b"no such host\n")
        return self._file(host, scope["path"])

    def _file(self, host: str, path: str) -> HttpAnswer:
        """Return a file, or the page for every path that a single-page app may have."""
        content = self.fronts[host]
        if path not in content and path.startswith("/assets/"):
            return HttpAnswer(404, "text/html", b"<html><body><h1>404 Not Found</h1></body></html>\n")
        if path == OLD_HOME:
            return HttpAnswer(308, "text/html", b"", (("location", "/"),))
        name = path if path in content else "/index.html"
        kept = (("cache-control", caching_of(name, self.web.caching)), *self._cdn(host, name))
        return HttpAnswer(
            200, MEDIA_TYPES.get(name.rpartition(".")[2], "application/octet-stream"), content[name], kept
        )

    def _common(self, host: str, status: int) -> Iterator[tuple[str, str]]:
        """Yield the headers of every answer."""
        yield "server", VERSION if self.web.shows_version else SERVER
        if self.web.headers.on_errors or status in GOOD:
            yield from self.web.headers.of(host, self.place.ports.https)

    def _cdn(self, host: str, path: str) -> tuple[tuple[str, str], ...]:
        if not path.startswith("/assets/"):
            return ()
        hit = self.web.cdn_caches and (host, path) in self.at_edge
        self.at_edge.add((host, path))
        return (("x-cache", "HIT" if hit else "MISS"),)


def caching_of(path: str, caching: CacheHeaders) -> str:
    """Return a file's Cache-Control."""
    if path.startswith("/assets/"):
        return caching.assets
    return {"/index.html": caching.index, "/sw.js": caching.worker}.get(path, caching.other)


def compressed(answer: HttpAnswer, accepted: str, web: Web) -> HttpAnswer:
    """Compress an answer as the client accepts and the description says."""
    media_type = answer.media_type.partition(";")[0]
    wanted = media_type in COMPRESSED_TYPES or (web.compresses_images and media_type == "image/png")
    if not wanted or len(answer.body) < MIN_COMPRESSED_BYTES:
        return answer
    headers = (*answer.headers, ("vary", "Accept-Encoding")) if web.vary else answer.headers
    taken = {coding.partition(";")[0].strip() for coding in accepted.split(",")}
    if web.brotli and "br" in taken:
        import brotli  # type: ignore[import-untyped] # noqa: PLC0415 - it has no types; only who starts a stack has it

        return replace(
            answer, body=brotli.compress(answer.body, quality=5), headers=(*headers, ("content-encoding", "br"))
        )
    if web.gzip and "gzip" in taken:
        packed = gzip.compress(answer.body, 5, mtime=0)
        return replace(answer, body=packed, headers=(*headers, ("content-encoding", "gzip")))
    return replace(answer, headers=headers)


def redirecting(web: Web, place: StackPlace, application: Application) -> Application:
    """Lead everyone from clear http to where the description says, MTN aside."""
    plain = web.plain
    port = place.ports.https if plain.scheme == "https" else place.ports.http

    async def redirect(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        asked = header(scope, "host").partition(":")[0]
        if plain.takes_callbacks and (asked.lower(), scope["path"]) == (API, MTN_PATH):
            await application(scope, receive, send)
            return
        host = plain.host or asked
        query = scope["query_string"].decode("latin-1")
        to = f"{plain.scheme}://{host}:{port}{scope['path']}" + (f"?{query}" if query else "")
        server = VERSION if web.shows_version else SERVER
        await HttpAnswer(plain.status, "text/plain", b"", (("location", to), ("server", server))).send(send)

    return redirect


@asynccontextmanager
async def edge(world: World, place: StackPlace) -> AsyncIterator[None]:
    """Serve all three hosts on both addresses, over https and over clear http."""
    application, web = Edge(world, place), world.web
    alpn = ("h2", "http/1.1") if web.http2 else ("http/1.1",)
    served: list[tuple[Listener, Application]] = [
        (Listener(a, edge_port(world.tls, place), server_context(world.tls, place, a, alpn)), application)
        for a in place.addresses
    ]
    if web.plain.answers != "nothing":
        plain = application if web.plain.answers == "content" else redirecting(web, place, application)
        served += [(Listener(address, place.ports.http), plain) for address in place.addresses]
    async with serving(served):
        yield


EDGE = Part("edge", threaded(edge), reads=lambda world: (world.tls, world.web, world.app))
