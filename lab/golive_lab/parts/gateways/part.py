"""The gateways' APIs at one port, as their paths differ; and what the profile says about them and about the orders."""

from __future__ import annotations

import shutil
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl

from golive_lab.parts.asgi import Listener, as_json, body_of, lifespan, serving
from golive_lab.parts.gateways.moods import GatewayRequest, Moody
from golive_lab.parts.gateways.mtn import MtnApi
from golive_lab.parts.gateways.orange import OrangeApi
from golive_lab.parts.gateways.paypal import PayPalApi
from golive_lab.parts.gateways.stripe import StripeApi
from golive_lab.parts.part import Part, threaded
from golive_lab.world.gateways import Payments, mtn, orange, paypal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from golive_lab.parts.asgi import Receive, Scope, Send
    from golive_lab.parts.ports import StackPlace
    from golive_lab.world import World

FOLDER = "payments"


class GatewayServers:
    """All four APIs."""

    def __init__(self, payments: Payments, https: int) -> None:
        taken = payments.ledger.taken
        self.stripe = StripeApi(payments.stripe, https, taken)
        self.paypal = PayPalApi(payments.paypal, https, taken)
        self.mtn = MtnApi(payments.mtn, taken)
        self.orange = OrangeApi(payments.orange, taken)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the vendor answer whose path it is."""
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        body = await body_of(receive)
        asked = GatewayRequest(
            scope["method"],
            scope["path"],
            {name: tuple(values) for name, values in parse_qs(scope["query_string"].decode()).items()},
            {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]},
            dict(parse_qsl(body.decode("utf-8", "replace"))),
            body,
        )
        sides: tuple[Moody, ...] = (self.stripe, self.paypal, self.mtn, self.orange)
        for side in sides:
            if found := await side.answer(asked):
                await found.send(send)
                return
        await as_json(404, {"error": {"message": "Unrecognized request URL"}}).send(send)


@asynccontextmanager
async def apis(world: World, place: StackPlace) -> AsyncIterator[None]:
    """Serve the four APIs in clear, on loopback."""
    async with serving(
        [(Listener("127.0.0.1", place.ports.gateways), GatewayServers(world.payments, place.ports.https))]
    ):
        yield


@contextmanager
def files(world: World, place: StackPlace) -> Iterator[None]:
    """Write what the profile fills in."""
    folder, given = place.folder / FOLDER, world.payments.in_profile
    folder.mkdir(parents=True, exist_ok=True)
    fields = {
        "STRIPE_KEY": given.stripe_key,
        "STRIPE_CONTEXT": given.stripe_context,
        "STRIPE_OTHER": given.stripe_other,
        "STRIPE_VERSION": given.stripe_version,
        "PAYPAL_ID": paypal.CLIENT_ID,
        "PAYPAL_SECRET": paypal.CLIENT_SECRET,
        "PAYPAL_WEBHOOK": paypal.WEBHOOK_ID,
        "PAYPAL_MODE": given.paypal_mode,
        "PAYPAL_CURRENCY": given.paypal_currency,
        "MTN_USER": mtn.USER,
        "MTN_KEY": mtn.KEY,
        "MTN_SUBSCRIPTION": mtn.SUBSCRIPTION,
        "MTN_TARGET": given.mtn_target,
        "MTN_CURRENCY": given.mtn_currency,
        "MTN_LIST_OF": given.mtn_list_of,
        "MTN_ISSUER": given.mtn_issuer,
        "ORANGE_ID": orange.CLIENT_ID,
        "ORANGE_SECRET": orange.CLIENT_SECRET,
        "ORANGE_COUNTRY": given.orange_country,
        "ORANGE_MODE": given.orange_mode,
        "ORANGE_CURRENCY": given.orange_currency,
        "ORANGE_PATH": given.orange_path,
    }
    try:
        (folder / "variables.env").write_text("".join(f"GOLIVE_LAB_{n}='{v}'\n" for n, v in fields.items()))
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


GATEWAYS = Part("gateways", threaded(apis), reads=lambda world: world.payments)
PROFILE_VALUES = Part("payments", files, reads=lambda world: world.payments.in_profile)
