"""The API: an AfriGest-shaped one as a small ASGI application, made from the description in world/app.py."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from golive_lab.parts.api import openapi
from golive_lab.parts.api.beginning import Beginning
from golive_lab.parts.api.callbacks import Taker
from golive_lab.parts.api.cors import OriginGuard
from golive_lab.parts.api.health import HealthResponder
from golive_lab.parts.api.leaks import leaked
from golive_lab.parts.api.login import LoginRoutes
from golive_lab.parts.api.logs import Log, prepare
from golive_lab.parts.api.orders import Orders
from golive_lab.parts.asgi import HttpAnswer, Listener, as_json, body_of, header, lifespan, serving
from golive_lab.parts.part import Part, threaded
from golive_lab.world.app import API_PATH, WEBHOOK_PATH, WEBSOCKET_PATH
from golive_lab.world.bench import PATH as SEARCH_PATH
from golive_lab.world.leaks import TRACE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from golive_lab.parts.asgi import Receive, Scope, Send
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World
    from golive_lab.world.app import App

HTTPS = 443
TOLERANCE_S = 300
"""How old a signature may be, as in Stripe's own libraries."""

PRODUCTS = [
    {"id": n, "sku": f"RIZ-{n:03}", "name": f"Riz parfumé {n} kg", "price": {"amount": 9000 * n, "currency": "GNF"}}
    for n in range(1, 25)
]


class DemoApi:
    """The API."""

    def __init__(self, app: App, place: StackPlace | None = None) -> None:
        """Answer as the description says; without a place nothing is stored or logged."""
        self.app = app
        self.orders = Orders(place.ports.postgres, app.callbacks.books) if place else None
        self.payments = (
            Beginning(self.orders, place.ports.gateways, app.callbacks.asks) if self.orders and place else None
        )
        self.log = Log(app.logging, place.folder) if place else None
        self.pulse = HealthResponder(app.health, place.folder if place else None)
        self.taker = Taker(app.callbacks, self.orders)
        self.logins = LoginRoutes(app.login)
        self.guard = OriginGuard(app.cors, place.ports.https if place else HTTPS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hold a WebSocket."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._hold(scope, receive, send)
        else:
            await (await self.answer(scope, receive)).send(send)

    async def answer(self, scope: Scope, receive: Receive) -> HttpAnswer:
        """Return the answer to a request."""
        got = await self._route(scope, receive)
        powered_by = (("x-powered-by", self.app.powered_by),) if self.app.powered_by else ()
        preflight = self.guard.preflight(scope)
        where = "error" if got.status >= 400 else "answer"  # noqa: PLR2004 - RFC 9110, section 15.5
        allowed = () if preflight else self.guard.allow_headers(header(scope, "origin"), where)
        if self.log:
            self.log.answered(scope, (preflight or got).status)
        return replace(preflight or got, headers=(*(preflight or got).headers, *allowed, *powered_by))

    async def _route(self, scope: Scope, receive: Receive) -> HttpAnswer:
        # Always read: hypercorn breaks an HTTP/2 connection on which more of a body comes after the answer.
        body = await body_of(receive)
        app, asked = self.app, (scope["method"], scope["path"])
        if asked == ("GET", API_PATH):
            return as_json(200, {"products": PRODUCTS, "next": None})
        if asked == ("GET", SEARCH_PATH):
            await asyncio.sleep(app.search.delay_s)
            return as_json(app.search.status, {"products": PRODUCTS[:3]})
        if self.payments and asked[0] == "POST" and (order := self.payments.order_of(scope["path"])):
            return await self.payments.begin(order)
        if asked == ("POST", WEBHOOK_PATH):
            return await self._event(body, header(scope, "stripe-signature"))
        if asked == ("GET", openapi.PATH):
            return as_json(200, openapi.document(app))
        missing = {"error": "not found", **({"stack": TRACE} if app.leaks.traces else {})}
        own = await self.pulse.answer(scope) or self.logins.answer(scope) or leaked(app.leaks, scope["path"])
        return own or await self.taker.answer(*asked, body) or as_json(404, missing)

    async def _event(self, body: bytes, signature: str) -> HttpAnswer:
        """Take an event of Stripe's: booked before it is answered, so that one that was not comes again."""
        if not self.verified(body, signature, int(time.time())):
            return as_json(400, {"error": "signature"})
        with suppress(ValueError):
            if self.orders:
                await self.orders.take(json.loads(body))
        return as_json(200, {"received": True})

    def verified(self, body: bytes, signature: str, now: int) -> bool:
        """Verify a signature as Stripe's libraries do, over the body as this API happens to see it."""
        verifier = self.app.callbacks.stripe
        if verifier == "none" or (verifier == "unsigned passes" and not signature):
            return True
        parts = [part.partition("=")[::2] for part in signature.split(",")]
        at = next((value for name, value in parts if name == "t" and value.isdecimal()), "")
        given = [value for name, value in parts if name == "v1"]
        if verifier == "malformed passes" and signature and not given:
            return True
        if not at or (now - int(at) > TOLERANCE_S and verifier != "any age"):
            return False
        if verifier == "any signature":
            return bool(given)
        try:
            signed = at.encode() + b"." + self._seen(body)
        except ValueError:
            return False
        expected = hmac.new(self.app.webhook_secret.encode(), signed, hashlib.sha256).hexdigest()
        if verifier == "part of a signature":
            expected, given = expected[:8], [value[:8] or expected[:8] for value in given]
        known = given[:1] if verifier == "first signature alone" else given
        return any(hmac.compare_digest(value, expected) for value in known)

    def _seen(self, body: bytes) -> bytes:
        if self.app.webhook_body == "reserialised":
            # As JSON.stringify writes it.
            return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
        if self.app.webhook_body == "decoded":
            return body.decode("latin-1").encode()
        return body

    async def _hold(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Echo what comes over the WebSocket, or refuse it."""
        await receive()
        welcome = self.guard.lets_in(header(scope, "origin"), "websocket") or not header(scope, "origin")
        if scope["path"] != WEBSOCKET_PATH or not self.app.websocket or not welcome:
            await send({"type": "websocket.close"})
            return
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message.get("text"), "bytes": message.get("bytes")})


@asynccontextmanager
async def api(world: World, place: StackPlace) -> AsyncIterator[None]:
    """Serve the API over plain HTTP, as the proxy reaches it."""
    prepare(world.app.logging, place.folder)
    served = DemoApi(world.app, place)
    async with serving([(Listener("127.0.0.1", place.ports.api), served)]):
        yield


API = Part("api", threaded(api), reads=lambda world: world.app)
