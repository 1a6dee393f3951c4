"""How the API takes the gateways' calls, as a description and as code: Stripe's aside, which are signed (`api.py`)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from golive_lab.parts.asgi import HttpAnswer, as_json
from golive_lab.world.callbacks import (
    METHODS,
    MTN_PATH,
    ORANGE_PATH,
    PAYPAL_PATH,
    SIMULATOR_PATH,
    TEST_ORDERS,
    CallbackHandling,
)

if TYPE_CHECKING:
    from golive_lab.parts.api.orders import Orders


@dataclass(frozen=True)
class Taker:
    """Takes the calls."""

    does: CallbackHandling = field(default_factory=CallbackHandling)
    orders: Orders | None = None

    async def answer(self, method: str, path: str, body: bytes) -> HttpAnswer | None:
        """Return the answer to a call of a gateway or to a simulator's; None for any other path."""
        if path == SIMULATOR_PATH and method == "POST":
            return self._simulated()
        bare = path.rstrip("/")
        if bare == ORANGE_PATH and self.does.front:
            return self._in_front(path)
        if self.does.front == "locked" and path.startswith(ORANGE_PATH):
            return self._in_front(path)
        if path not in METHODS:
            return None
        if method not in METHODS[path] or (method == "PUT" and self.does.refuses_puts):
            return as_json(405, {"error": "method not allowed"})
        return await self._taken(path, body)

    async def _taken(self, path: str, body: bytes) -> HttpAnswer:
        try:
            notice = json.loads(body)
        except ValueError:
            return as_json(400, {"error": "no JSON"})
        if path == MTN_PATH:
            await asyncio.sleep(self.does.delay_s)
        if path == PAYPAL_PATH and self.does.crashes:
            return as_json(500, {"error": "internal"})
        believes = {PAYPAL_PATH: self.does.paypal, MTN_PATH: self.does.mtn, ORANGE_PATH: self.does.orange}[path]
        known = TEST_ORDERS[path].reference in _references(notice)
        if believes in {"believes", "believes and refuses"} and self.orders and _success(notice) and known:
            await self.orders.pay(TEST_ORDERS[path].reference, path.rpartition("/")[2], _reference(notice))
        if believes == "believes and refuses":
            return as_json(401, {"error": "not genuine"})
        # Asked, no gateway knows of a payment: nothing is booked, and PayPal's events are refused by their signature.
        if believes == "asks" and path == PAYPAL_PATH:
            return as_json(400, {"error": "signature"})
        if believes == "asks" and not known:
            return as_json(404, {"error": "no such payment"})
        return as_json(200, {"received": True})

    def _in_front(self, path: str) -> HttpAnswer | None:
        page = b"<!doctype html><html><body>AfriGest</body></html>"
        answers = {
            "slash": HttpAnswer(308, "text/plain", b"", (("location", f"{ORANGE_PATH}/"),)),
            "wall": HttpAnswer(401, "text/html", page, (("www-authenticate", 'Basic realm="AfriGest"'),)),
            "locked": as_json(403, {"message": "Forbidden"}),
            "challenge": HttpAnswer(403, "text/html", page, (("cf-mitigated", "challenge"),)),
            "page": HttpAnswer(200, "text/html", page),
            "down": HttpAnswer(502, "text/html", page),
        }
        if self.does.front == "slash" and path.endswith("/"):
            return as_json(200, {"received": True})
        return answers[self.does.front]

    def _simulated(self) -> HttpAnswer | None:
        if self.does.simulator == "absent":
            return None
        return as_json(200, {"paid": True}) if self.does.simulator == "open" else as_json(401, {"error": "log in"})


def _success(said: object) -> bool:
    """Return whether a notice says that a payment succeeded, in any gateway's words."""
    held = said if isinstance(said, dict) else {}
    return held.get("status") in {"SUCCESSFUL", "SUCCESS"} or held.get("event_type") == "PAYMENT.CAPTURE.COMPLETED"


def _references(said: object) -> set[object]:
    """Return what a notice calls the order, in the gateways' documented names."""
    held = said if isinstance(said, dict) else {}
    capture = held.get("resource")
    held = capture if isinstance(capture, dict) else held
    return {held.get(name) for name in ("externalId", "order_id", "custom_id", "invoice_id")}


def _reference(said: dict[str, object]) -> str:
    """Return what a gateway calls the payment of a notice."""
    held = said.get("resource")
    given = held.get("id") if isinstance(held, dict) else said.get("financialTransactionId") or said.get("txnid")
    return str(given)
