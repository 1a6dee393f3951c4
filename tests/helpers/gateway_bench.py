"""The gateways' APIs as the lab plays them, alone, and golive's client before them."""

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from pydantic import SecretStr

from golive import Environment, Now, RunInfo
from golive_checks.subjects import Host
from golive_checks.systems.gateways.gateways import EVERY, Gateways
from golive_checks.systems.gateways.mtn import Mtn
from golive_checks.systems.gateways.orange import Orange
from golive_checks.systems.gateways.paypal import PayPal
from golive_checks.systems.gateways.stripe import Stripe
from golive_checks.systems.http.origins import Origin
from golive_checks.systems.machine.client.pace import Pace, RateLimit
from golive_checks.systems.vendors.client.client import Vendor, VendorLimits
from golive_lab.parts.asgi import Listener, serving
from golive_lab.parts.gateways import mtn as mtn_side
from golive_lab.parts.gateways import orange as orange_side
from golive_lab.parts.gateways import paypal as paypal_side
from golive_lab.parts.gateways import stripe as stripe_side
from golive_lab.parts.gateways.part import GatewayServers as Apis
from golive_lab.parts.ports import standing
from golive_lab.world.gateways import Payments

ENV, ALL = Environment("staging"), Gateways(enabled=EVERY)
Probe = Callable[..., Awaitable[Any]]


class There:
    """The APIs, what was asked of them, and golive's client."""

    def __init__(self, base: str, apis: Apis, vendor: Vendor) -> None:
        self.apis = apis
        self.given: dict[str, Any] = {
            "env": ENV,
            "gateways": ALL,
            "vendor": vendor,
            "run": RunInfo("0123abcd", "9.9"),
            "hosts": {Host("api.demo.test", role="api"): Origin("https://api.demo.test:443")},
            "now": Now(dt.datetime.now(dt.UTC)),
        }
        self.stripe = Stripe(secret_key=SecretStr(stripe_side.KEY), api_base=base, webhook_path="/webhooks/stripe")
        self.paypal = PayPal(
            client_id=SecretStr(paypal_side.CLIENT_ID),
            client_secret=SecretStr(paypal_side.CLIENT_SECRET),
            api_base=base,
        )
        self.mtn = Mtn(
            user_id=SecretStr(mtn_side.USER),
            api_key=SecretStr(mtn_side.KEY),
            subscription_key=SecretStr(mtn_side.SUBSCRIPTION),
            target_environment="sandbox",
            api_base=base,
        )
        self.orange = Orange(
            client_id=SecretStr(orange_side.CLIENT_ID),
            client_secret=SecretStr(orange_side.CLIENT_SECRET),
            api_base=base,
        )

    async def look(self, probe: Probe, **given: Any) -> Any:
        code = probe.__code__  # type: ignore[attr-defined]
        names = code.co_varnames[: code.co_argcount]
        ask = next(a for p, a in self.asks.items() if probe.__name__.startswith(p))
        every = {**self.given, "ask": ask, **given}
        return await probe(**{name: every[name] for name in names})

    @property
    def asks(self) -> dict[str, Any]:
        return {"stripe": self.stripe, "paypal": self.paypal, "mtn": self.mtn, "orange": self.orange}


@asynccontextmanager
async def there(max_pages: int = 5, **sides: Any) -> AsyncIterator[There]:
    limits = VendorLimits(timeout_s=0.6, patience_s=2, max_pages=max_pages)
    vendor = Vendor(limits, Pace(RateLimit(), ENV), RunInfo("0123abcd", "9.9"))
    with standing() as place:
        apis = Apis(Payments(**sides), 443)
        async with serving([(Listener("127.0.0.1", place.ports.gateways), apis)]):
            try:
                yield There(f"http://127.0.0.1:{place.ports.gateways}", apis, vendor)
            finally:
                await vendor.aclose()
