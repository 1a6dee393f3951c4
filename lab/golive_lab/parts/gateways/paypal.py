"""PayPal's API: the token, the webhooks, and the captures."""

from __future__ import annotations

from typing import Any

from golive_lab.parts.asgi import HttpAnswer, as_json
from golive_lab.parts.gateways.moods import GatewayRequest, Moody, token
from golive_lab.world import env_texts as texts
from golive_lab.world.gateways.paypal import CLIENT_ID, CLIENT_SECRET, PayPalSide
from golive_lab.world.ledger import Payment

CAPTURES = "/v2/payments/captures/"
TOKEN = "A21AA" + texts.made_up("paypal token", 700)
"""As long as PayPal's may be."""


class PayPalApi(Moody):
    """Answers as PayPal does."""

    def __init__(self, side: PayPalSide, https: int, taken: tuple[Payment, ...] = ()) -> None:
        super().__init__(side.mood)
        self.side = side
        self.https = https
        self.captures = {each.reference: _capture(each) for each in taken if each.gateway == "paypal"}

    def sound(self, asked: GatewayRequest) -> HttpAnswer | None:
        """Return the answer."""
        if (asked.method, asked.path) == ("POST", "/v1/oauth2/token"):
            return self._token(asked)
        if not asked.path.startswith(("/v1/notifications/webhooks", "/v2/checkout/orders/", CAPTURES)):
            return None
        if asked.bearer != TOKEN or self.mood == "expired token":
            return as_json(401, {"error": "invalid_token", "error_description": "Token signature verification failed"})
        if asked.path == "/v1/notifications/webhooks":
            return as_json(200, {"webhooks": [self._webhook()] if self.side.webhook_url else []})
        if found := self.captures.get(asked.path.removeprefix(CAPTURES)):
            return as_json(200, found)
        return as_json(404, _error("RESOURCE_NOT_FOUND", "The specified resource does not exist."))

    def _token(self, asked: GatewayRequest) -> HttpAnswer:
        if asked.form.get("grant_type") != "client_credentials":
            return as_json(400, {"error": "unsupported_grant_type", "error_description": "unsupported grant_type"})
        if asked.basic != (CLIENT_ID, CLIENT_SECRET) or not self.side.credentials_good:
            return as_json(401, {"error": "invalid_client", "error_description": "Client Authentication failed"})
        scope = "https://uri.paypal.com/services/applications/webhooks"
        return token(TOKEN, scope=scope, app_id="APP-80W284485P519543T", nonce="2026-01-01T00:00:00Zx")

    def _webhook(self) -> dict[str, Any]:
        href = f"https://api-m.sandbox.paypal.com/v1/notifications/webhooks/{self.side.webhook_id}"
        return {
            "id": self.side.webhook_id,
            "url": self.side.webhook_url.replace("{https}", str(self.https)),
            "event_types": [
                {"name": name, "description": name, "status": "ENABLED", "resource_versions": ["2.0"]}
                for name in self.side.events
            ],
            "links": [{"href": href, "rel": "self", "method": "GET"}],
        }


def _capture(of: Payment) -> dict[str, Any]:
    """Return a capture (https://developer.paypal.com/docs/api/payments/v2/#captures_get)."""
    states = {"paid": "COMPLETED", "refunded": "REFUNDED", "pending": "PENDING", "failed": "DECLINED"}
    return {
        "id": of.reference,
        "status": states[of.status],
        "amount": {"value": of.amount, "currency_code": of.currency},
        "final_capture": True,
        "create_time": "2026-01-01T00:00:00Z",
        "update_time": "2026-01-01T00:00:00Z",
        "links": [],
    }


def _error(name: str, message: str) -> dict[str, Any]:
    return {"name": name, "message": message, "debug_id": "golivelab0001", "details": [], "links": []}
