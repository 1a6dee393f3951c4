"""The registry of the zone's domain, as it is asked by RDAP (RFC 9083)."""

from __future__ import annotations

import datetime as dt
import functools
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from golive_lab.parts.asgi import Listener, as_json, lifespan, serving
from golive_lab.parts.part import Part, threaded
from golive_lab.world.names import ZONE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from golive_lab.parts.asgi import Receive, Scope, Send
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.registry import Registry


async def rdap(registry: Registry, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a lookup of a domain."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    if scope["path"] != f"/domain/{ZONE}" or not registry.registered:
        await as_json(404, {"errorCode": 404, "title": "no such domain"}).send(send)
        return
    now = dt.datetime.now(dt.UTC)
    events = {"registration": now - dt.timedelta(900), "expiration": now + dt.timedelta(registry.left_days)}
    fields = {
        "objectClassName": "domain",
        "ldhName": ZONE,
        "status": list(registry.statuses),
        "events": [{"eventAction": what, "eventDate": f"{at:%Y-%m-%dT%H:%M:%SZ}"} for what, at in events.items()],
    }
    await as_json(200, fields).send(send)


@asynccontextmanager
async def serve(world: World, place: StackPlace) -> AsyncIterator[None]:
    """Serve it in clear, on loopback."""
    async with serving([(Listener("127.0.0.1", place.ports.registry), functools.partial(rdap, world.registry))]):
        yield


PART = Part("registry", threaded(serve), reads=lambda world: world.registry)
