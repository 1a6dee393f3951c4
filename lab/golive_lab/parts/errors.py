"""What takes in errors, as Sentry does: envelopes, by a project's public key (develop.sentry.dev/sdk/data-model).

And its Web API, as far as an event is asked for (docs.sentry.io/api/events/retrieve-an-event-for-a-project).
"""

from __future__ import annotations

import gzip
import json
import math
import time
import uuid
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from golive_lab.parts.asgi import Listener, as_json, body_of, header, lifespan, serving
from golive_lab.parts.part import Part, threaded
from golive_lab.world.errors import KEYS, ORGANIZATION, PROJECTS, Errors

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from golive_lab.parts.asgi import HttpAnswer, Receive, Scope, Send
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

STORED_AFTER_S = 0.1
"""An event is in a queue before the Web API has it."""


class EnvelopeServer:
    """Takes envelopes, and keeps the events that came in them."""

    def __init__(self, errors: Errors) -> None:
        self.errors = errors
        self.events: list[dict[str, object]] = []
        self.envelopes: list[bytes] = []
        self._taken: dict[tuple[str, str], tuple[float, dict[str, object]]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        body = await body_of(receive)
        parts = scope["path"].strip("/").split("/")
        if scope["method"] == "GET" and len(parts) == 7:  # noqa: PLR2004 - api, 0, projects, ORG, PROJECT, events, ID
            answer = self.found(parts, header(scope, "authorization"))
        elif scope["method"] == "POST" and len(parts) == 3 and (parts[0], parts[2]) == ("api", "envelope"):  # noqa: PLR2004 - api, project, envelope
            answer = self.taken(parts[1], scope, body)
        else:
            answer = as_json(404, {"detail": "not found"})
        await answer.send(send)

    def taken(self, project: str, scope: Scope, body: bytes) -> HttpAnswer:
        """Take an envelope, or refuse it."""
        if not self.known(project, scope) or project in self.errors.disabled:
            return as_json(403, {"detail": "event submission rejected with_reason: ProjectId"})
        if (packed := header(scope, "content-encoding")) == "gzip":
            body = gzip.decompress(body)
        elif packed == "br":
            import brotli  # type: ignore[import-untyped] # noqa: PLC0415 - it has no types; only who starts a stack has it

            body = brotli.decompress(body)
        try:
            events = events_of(body)
        except (ValueError, KeyError):
            return as_json(400, {"detail": "invalid event envelope"})
        if project in self.errors.replaced:
            return as_json(200, {})
        if events and project in self.errors.limited:
            limits = (("retry-after", "60"), ("x-sentry-rate-limits", "60:error:organization:error_usage_exceeded"))
            return replace(as_json(429, {"detail": "event rejected due to rate limit"}), headers=limits)
        self.envelopes.append(body)
        for event in events:
            if project not in self.errors.dropped and (project, str(event["event_id"])) not in self._taken:
                self._taken[project, str(event["event_id"])] = (time.monotonic(), event)
                self.events.append(event)
        return as_json(200, {"id": events[0]["event_id"]} if events else {})

    def found(self, parts: list[str], authorization: str) -> HttpAnswer:
        """Answer as the Web API does when it is asked for an event of a project."""
        if authorization != f"Bearer {self.errors.token}":
            return as_json(401, {"detail": "Invalid token"})
        path, project = parts[:4] + parts[5:6], PROJECTS.get(parts[4], "")
        if path != ["api", "0", "projects", ORGANIZATION, "events"] or not project:
            return as_json(404, {"detail": "The requested resource does not exist"})
        at, event = self._taken.get((project, parts[6]), (math.inf, {}))
        if time.monotonic() < at + STORED_AFTER_S:
            return as_json(404, {"detail": "Event not found"})
        fields = {"eventID": parts[6], "id": parts[6], "projectID": project, "message": event.get("message", "")}
        return as_json(200, fields)

    def known(self, project: str, scope: Scope) -> bool:
        """Return whether a request's key is the project's, in the query or in the header."""
        asked = parse_qs(scope["query_string"].decode()).get("sentry_key", [])
        auth = header(scope, "x-sentry-auth").removeprefix("Sentry ")
        given = dict(part.strip().partition("=")[::2] for part in auth.split(","))
        return project in KEYS and KEYS[project] in {*asked, given.get("sentry_key", "")}


def events_of(envelope: bytes) -> list[dict[str, object]]:
    """Return the events of an envelope: a line of headers, then for each item a line of headers and its payload."""
    head, _, rest = envelope.partition(b"\n")
    json.loads(head)
    events = []
    while rest:
        line, _, rest = rest.partition(b"\n")
        answer = json.loads(line)
        size = answer.get("length", rest.find(b"\n") if b"\n" in rest else len(rest))
        payload, rest = rest[:size], rest[size:].removeprefix(b"\n")
        if answer["type"] == "event":
            event = json.loads(payload)
            events.append({**event, "event_id": uuid.UUID(event["event_id"]).hex})
    return events


@asynccontextmanager
async def ingest(world: World, place: StackPlace) -> AsyncIterator[None]:
    """Serve it in clear, on loopback."""
    async with serving([(Listener("127.0.0.1", place.ports.errors), EnvelopeServer(world.errors))]):
        yield


PART = Part("errors", threaded(ingest), reads=lambda world: world.errors)
