"""What takes in errors, as Sentry does: envelopes, by a project's public key (develop.sentry.dev/sdk/data-model)."""

from __future__ import annotations

import gzip
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from golive_lab.asgi import Door, as_json, body_of, header, lifespan, serving
from golive_lab.env_texts import API_DSN_KEY, WEB_DSN_KEY
from golive_lab.part import Part, threaded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from golive_lab.asgi import Receive, Scope, Send
    from golive_lab.ports import Place
    from golive_lab.world import World

KEYS = {"1": API_DSN_KEY, "2": WEB_DSN_KEY}
"""The public key of each project: the API's and the web app's."""


@dataclass(frozen=True)
class Errors:
    """The ingest."""

    disabled: tuple[str, ...] = ()
    """Projects whose key was disabled."""


class Ingest:
    """Takes envelopes, and keeps the events that came in them."""

    def __init__(self, errors: Errors) -> None:
        self.errors = errors
        self.events: list[dict[str, object]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        body = await body_of(receive)
        parts = scope["path"].strip("/").split("/")
        if scope["method"] != "POST" or len(parts) != 3 or (parts[0], parts[2]) != ("api", "envelope"):  # noqa: PLR2004 - api, project, envelope
            await as_json(404, {"detail": "not found"}).send(send)
            return
        if not self.known(parts[1], scope) or parts[1] in self.errors.disabled:
            await as_json(403, {"detail": "event submission rejected with_reason: ProjectId"}).send(send)
            return
        if (packed := header(scope, "content-encoding")) == "gzip":
            body = gzip.decompress(body)
        elif packed == "br":
            import brotli  # type: ignore[import-untyped] # noqa: PLC0415 - it has no types; only who starts a stack has it

            body = brotli.decompress(body)
        try:
            self.take(body)
        except ValueError:
            await as_json(400, {"detail": "invalid event envelope"}).send(send)
            return
        await as_json(200, {}).send(send)

    def known(self, project: str, scope: Scope) -> bool:
        """Tell whether a request's key is the project's, in the query or in the header."""
        asked = parse_qs(scope["query_string"].decode()).get("sentry_key", [])
        auth = header(scope, "x-sentry-auth").removeprefix("Sentry ")
        given = dict(part.strip().partition("=")[::2] for part in auth.split(","))
        return project in KEYS and KEYS[project] in {*asked, given.get("sentry_key", "")}

    def take(self, envelope: bytes) -> None:
        """Keep the events of an envelope: a line of headers, then for each item a line of headers and its payload."""
        head, _, rest = envelope.partition(b"\n")
        json.loads(head)
        while rest:
            line, _, rest = rest.partition(b"\n")
            said = json.loads(line)
            size = said.get("length", rest.find(b"\n") if b"\n" in rest else len(rest))
            payload, rest = rest[:size], rest[size:].removeprefix(b"\n")
            if said["type"] == "event":
                self.events.append(json.loads(payload))


@asynccontextmanager
async def ingest(world: World, place: Place) -> AsyncIterator[None]:
    """Serve it in clear, on loopback."""
    async with serving([(Door("127.0.0.1", place.ports.errors), Ingest(world.errors))]):
        yield


PART = Part("errors", threaded(ingest), reads=lambda world: world.errors)
