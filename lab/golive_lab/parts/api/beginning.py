"""How the API begins a payment: it makes a PaymentIntent at Stripe for what the order costs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from golive_lab.parts.asgi import HttpAnswer, as_json
from golive_lab.parts.gateways.stripe_payments import ZERO_DECIMAL
from golive_lab.world.callbacks import PAY_PATH
from golive_lab.world.gateways.stripe import KEY

if TYPE_CHECKING:
    from golive_lab.parts.api.orders import Orders

PATH = re.compile(PAY_PATH.replace("{reference}", "([A-Za-z0-9-]{1,60})"))


@dataclass(frozen=True)
class Beginning:
    """Begins payments at the Stripe that stands at a port."""

    orders: Orders
    port: int
    asks: str

    def order_of(self, path: str) -> str:
        """Return the order that a path is about; empty for another path."""
        found = PATH.fullmatch(path)
        return found[1] if found else ""

    async def begin(self, order: str) -> HttpAnswer:
        """Make the PaymentIntent, and hand its secret to the browser."""
        price = await self.orders.price(order)
        if price is None:
            return as_json(404, {"error": "no such order"})
        amount, currency = price
        whole = currency in ZERO_DECIMAL and self.asks == "the price"
        form = {"amount": str(int(amount * (1 if whole else 100))), "currency": currency.lower()}
        async with httpx.AsyncClient(trust_env=False) as client:
            url = f"http://127.0.0.1:{self.port}/v1/payment_intents"
            made = await client.post(url, data=form, auth=(KEY, ""), timeout=5)
        if not made.is_success:
            return as_json(502, {"error": "payments"})
        return as_json(200, {"clientSecret": made.json()["client_secret"]})
