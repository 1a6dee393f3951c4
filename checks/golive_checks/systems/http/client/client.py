"""Fetches over HTTP, pinned to one address of a host: bounded in size and time, kind, and each request once a run."""

import asyncio
import contextlib
import errno
import functools
import importlib
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

from golive import Client, RunInfo, Stopwatch, Unavailable, shortened
from golive.wording import data_size, duration
from golive_checks.systems.http.client.connections import ConnectionPool
from golive_checks.systems.http.client.message import (
    HEADERS_LIMIT_BYTES,
    Endpoint,
    HttpSettings,
    Request,
    Response,
    Tenancy,
    agent,
)
from golive_checks.systems.http.client.tls import HttpTls
from golive_checks.systems.http.client.trouble import NotListening, causes, garbage, in_plain_words, proxy_hint
from golive_checks.systems.http.client.walls import RATE_LIMITED, wall
from golive_checks.systems.machine.client.pace import Pace
from golive_checks.systems.machine.client.route import NetworkRoutes

if TYPE_CHECKING:
    import httpx

HEADERS_LIMIT = 200
NO_TENANT = Tenancy()
SHUT = frozenset({errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETUNREACH})
"""What a firewall's rejection becomes here, and a host that is not there."""
LENGTH_DIGITS = 12
"""Of a Content-Length: less than a terabyte."""
EXPANSION_LIMIT = 8
"""How many times larger than its limit a body may become when it is unpacked."""


class Http(Client):
    """One HTTP client for the run. It follows no redirect, keeps no cookie and uses no proxy."""

    def __init__(
        self, limits: HttpSettings, pace: Pace, routes: NetworkRoutes, run: RunInfo, tenancy: Tenancy = NO_TENANT
    ) -> None:
        self._limits = limits
        self._tenancy = tenancy
        self._pace = pace
        self._routes = routes
        self._agent = agent(run)
        self._fetched: dict[tuple[object, ...], asyncio.Task[Response]] = {}
        self.tls = HttpTls()
        self._connections = ConnectionPool(self.tls)
        import_httpx()

    async def fetch(self, request: Request, again: int = 0) -> Response:
        """Send a request, or return what the same one was answered before; a different `again` asks again."""
        key = (*request.same, again)
        if key not in self._fetched:
            task = asyncio.create_task(self.send(request))
            task.add_done_callback(functools.partial(self._forget_failure, key))
            self._fetched[key] = task
        # A waiter that is cancelled must not take the answer from the others.
        return await asyncio.shield(self._fetched[key])

    def _forget_failure(self, key: tuple[object, ...], task: asyncio.Task[Response]) -> None:
        if task.cancelled() or task.exception():
            self._fetched.pop(key, None)

    async def send(self, request: Request, *, walls: bool = True) -> Response:
        """Send a request, each time anew. Without `walls`, a wall in front of the app is an answer, and no gap."""
        at = request.at
        self._routes.demand(at.ip)
        # Over plain http anyone on the way could read them.
        secret = request.access.sent() if at.secure else {}
        sent = {"host": at.origin.partition("://")[2], "user-agent": self._agent, "accept-language": "en"}
        sent |= {**self._tenancy.sent(at.host), **request.headers, **secret}
        whole = replace(request, path=self._tenancy.path(at.host, request.path), headers=sent)
        exchange = functools.partial(self._exchange, whole)
        async with self._pace.slot(at.host):
            got = await self._within_time(
                request, lambda: self.tls.trusting(at, request.ca_file, exchange, secret=bool(secret))
            )
        if walls or got.status == RATE_LIMITED:
            self.demand_the_app(at, got.status, got.headers, secret=bool(secret))
        return got

    def demand_the_app(self, at: Endpoint, status: int, headers: Sequence[tuple[str, str]], *, secret: bool) -> None:
        """Raise where it is not the app that has answered, but a wall before it."""
        stands = wall(status, headers)
        # Access is never given in clear, so that a password asked for there is the host's own doing.
        if stands and (stands.provoked or at.secure):
            if stands.provoked:
                self._pace.leave_alone(at.host, f"because {stands.reason}")
            given = " although golive gave what access holds" if secret else ""
            raise Unavailable(f"{at.host}: {stands.reason}{given}", fix=stands.fix)

    async def _within_time(self, request: Request, send: Callable[[], Awaitable[Response]]) -> Response:
        """Await an exchange for as long as it may take in all, and say in plain words how it failed."""
        import httpx

        from golive_checks.systems.http.client.wire import PADDING_LIMIT_BYTES, PaddingError

        where = f"{request.at.origin} ({request.at.ip})"
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                return await send()
        except (TimeoutError, ValueError) as problem:
            # httpcore keeps an HTTP/2 connection whose beginning ran out of time, and stumbles over it afterwards.
            if isinstance(problem, ValueError) and "semaphore released too many times" not in str(problem):
                raise
            reason = f"{where} had not answered in full after {duration(self._limits.timeout_s)}"
            raise Unavailable(reason, transient=True, fix=proxy_hint()) from None
        except httpx.ConnectTimeout:
            raise NotListening(
                f"{where} did not answer within {duration(self._limits.connect_timeout_s)}", refused=False
            ) from None
        except httpx.TransportError as problem:
            if any(isinstance(c, ConnectionRefusedError) for c in causes(problem)):
                raise NotListening(f"{where} refuses connections", refused=True) from None
            if any(isinstance(c, OSError) and c.errno in SHUT for c in causes(problem)):
                raise NotListening(f"{where} cannot be reached", refused=False) from None
            reason = f"{where}: {in_plain_words(problem)}"
            raise Unavailable(reason, transient=True, fix=proxy_hint()) from None
        except PaddingError:
            raise Unavailable(f"{where} sends more than {data_size(PADDING_LIMIT_BYTES)} that are no answer") from None
        except garbage() as problem:
            raise Unavailable(f"{where}: {in_plain_words(problem)}", transient=True) from None
        except httpx.InvalidURL:
            raise Unavailable(f"{where} cannot be asked for {shortened(request.path, 80)!r}: it is no path") from None

    async def _exchange(self, request: Request, distrust: str) -> Response:
        at, asked = request.at, self._asked(request)
        watch = Stopwatch()
        async with self._connections.to(at, request.ca_file, trusted=not distrust) as transport:
            try:
                answer = await transport.handle_async_request(asked)
            except asyncio.CancelledError:  # time was up: over HTTP/2 the others' streams would get its late answer
                self._connections.leave(transport)
                raise
            try:
                found = await self._body(at, answer)
            except BaseException:  # also where time was up: what is still to come is nobody's answer
                self._connections.leave(transport)
                raise
            finally:
                await answer.aclose()
            if len(found) > (limit := self._limits.body_limit_bytes):
                self._connections.leave(transport)
        return Response(
            at.origin + request.path,
            answer.status_code,
            answer.extensions["http_version"].decode("ascii", "replace"),
            tuple((n.decode("latin-1").lower(), v.decode("latin-1")) for n, v in answer.headers.raw),
            bytes(found[:limit]),
            truncated=len(found) > limit,
            distrust=distrust,
            unpacked_limit_bytes=limit * EXPANSION_LIMIT,
            seconds=watch.seconds(),
            unsure_s=watch.unsure_s(),
        )

    def _asked(self, request: Request) -> "httpx.Request":
        import httpx

        at, path = request.at, request.path
        own: dict[str, Any] = {"sni_hostname": at.host, "timeout": {"connect": self._limits.connect_timeout_s}}
        if request.verbatim:  # httpx would encode what is wrong in it
            own["target"], path = path.encode(), "/"
        content = request.body or None
        return httpx.Request(request.method, at.pinned + path, headers=request.headers, content=content, extensions=own)

    async def _body(self, at: Endpoint, answer: "httpx.Response") -> bytearray:
        """Read a body up to its limit, and one piece beyond it where there is more."""
        from golive_checks.systems.http.client.wire import Meter

        meter = Meter.of(answer)
        meter.head()
        raw = answer.headers.raw
        if len(raw) > HEADERS_LIMIT or sum(len(n) + len(v) for n, v in raw) > HEADERS_LIMIT_BYTES:
            raise Unavailable(f"{at.origin} ({at.ip}) sends more headers than any browser accepts")
        found = bytearray()
        body = cast("AsyncGenerator[bytes]", answer.aiter_raw())
        async with contextlib.aclosing(body) as chunks:  # which ends it here, and not when it is collected
            async for chunk in chunks:
                found += chunk
                meter.body(len(chunk))
                await asyncio.sleep(0)  # a host that sends byte by byte must not keep the others from their turn
                if len(found) > self._limits.body_limit_bytes:
                    meter.cut(rest(answer.headers.get("content-length", ""), len(found)))
                    break
        return found

    async def aclose(self) -> None:
        """Stop what is under way and close every connection."""
        for task in self._fetched.values():
            task.cancel()
        await asyncio.gather(*self._fetched.values(), return_exceptions=True)
        await self._connections.aclose()


def rest(declared: str, read: int) -> int:
    """Tell how much of a body is still to come, by its declared length; 0 where none is declared."""
    return max(0, int(declared) - read) if declared.isdecimal() and len(declared) <= LENGTH_DIGITS else 0


def import_httpx() -> None:
    """Import httpx without its command line, which brings click, rich and pygments and takes as long as all the rest.

    httpx itself goes on without it where its import fails, as it does on machines that lack those.
    """
    if "httpx" in sys.modules:
        return
    sys.modules["httpx._main"] = cast("ModuleType", None)  # what the import system takes for "cannot be imported"
    try:
        importlib.import_module("httpx")
    finally:
        del sys.modules["httpx._main"]
