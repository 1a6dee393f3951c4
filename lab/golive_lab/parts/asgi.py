"""Small ASGI applications, and how they are served: by hypercorn, on sockets that listen from the start."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_LIMIT = 1_000_000


@dataclass(frozen=True)
class HttpAnswer:
    """A whole answer to a request."""

    status: int
    media_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    async def send(self, send: Send) -> None:
        """Send it."""
        size = "" if self.status == 204 else str(len(self.body))  # noqa: PLR2004 - which has no body (RFC 9110, section 8.6)
        given = [("content-type", self.media_type), ("content-length", size), *self.headers]
        headers = [(name.lower().encode(), value.encode()) for name, value in given if value]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def as_json(status: int, content: object) -> HttpAnswer:
    """Answer with JSON."""
    return HttpAnswer(status, "application/json", json.dumps(content, separators=(",", ":")).encode())


async def body_of(receive: Receive) -> bytes:
    """Read a request's body, up to the limit."""
    body = bytearray()
    while len(body) <= BODY_LIMIT:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    return bytes(body)


def header(scope: Scope, name: str) -> str:
    """Return a request's header, empty where there is none."""
    return next((v.decode("latin-1") for n, v in scope["headers"] if n == name.encode()), "")


async def lifespan(receive: Receive, send: Send) -> None:
    """Come and go with the server."""
    for step in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{step}.complete"})


@dataclass(frozen=True)
class Listener:
    """A port at an address, with TLS or in clear."""

    address: str
    port: int
    tls: ssl.SSLContext | None = None


@asynccontextmanager
async def serving(served: Iterable[tuple[Listener, Application]]) -> AsyncIterator[None]:
    """Serve each application at its door until the end of the context."""
    from hypercorn.asyncio import serve  # noqa: PLC0415 - only who starts a stack has it
    from hypercorn.config import Config, Sockets  # noqa: PLC0415 - likewise

    class At(Config):
        """Hypercorn's settings, with a socket and a TLS context that are there already."""

        def __init__(self, door: Listener) -> None:
            super().__init__()
            self.listening, self.context = _listening(door), door.tls
            self.include_server_header = False
            self.errorlog = None
            self.graceful_timeout = 0.5
            self.keep_alive_timeout = 5  # as Node's

        @property
        def ssl_enabled(self) -> bool:
            return self.context is not None

        def create_ssl_context(self) -> ssl.SSLContext | None:
            return self.context

        def create_sockets(self) -> Sockets:
            return Sockets([self.listening], [], []) if self.context else Sockets([], [self.listening], [])

    stop = asyncio.Event()
    running = [
        asyncio.create_task(serve(cast("Any", app), At(door), shutdown_trigger=cast("Any", stop.wait)))
        for door, app in served
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*running)


def _listening(door: Listener) -> socket.socket:
    """Listen at once, so that a client that comes before the server is ready waits and is not refused."""
    listening = socket.socket(socket.AF_INET6 if ":" in door.address else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((door.address, door.port))
    listening.listen(100)
    listening.setblocking(False)  # noqa: FBT003 - the one thing it takes
    return listening
