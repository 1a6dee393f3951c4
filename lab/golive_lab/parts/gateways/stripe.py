"""Stripe's API: the account, the webhook endpoints, event destinations, events, charges and payments."""

from __future__ import annotations

import time
from typing import Any

from golive_lab.parts.asgi import HttpAnswer, as_json
from golive_lab.parts.gateways.moods import GatewayRequest, Moody
from golive_lab.parts.gateways.stripe_payments import asked_intent, charge, intent, invoice, session, subscription
from golive_lab.world.gateways.stripe import API_VERSION, KEY, ORGANIZATION_KEY, StripeEndpoint, StripeSide
from golive_lab.world.ledger import Payment


class StripeApi(Moody):
    """Answers as Stripe does."""

    def __init__(self, side: StripeSide, https: int, taken: tuple[Payment, ...] = ()) -> None:
        super().__init__(side.mood)
        self.side = side
        self.https = https
        began = int(time.time())
        ours = sorted((each for each in taken if each.gateway == "stripe"), key=lambda each: each.age_s)
        self.charges = [charge(each, began) for each in ours]
        self.intents = [intent(each, began) for each in ours]
        self.sessions = [session(each, began) for each in ours if each.kept_as.startswith("cs_")]
        self.invoices = [invoice(each, each.kept_as, began) for each in ours if each.kept_as.startswith("in_")]
        self.subscriptions = [subscription(each, began) for each in ours if each.kept_as.startswith("sub_")]

    def sound(self, asked: GatewayRequest) -> HttpAnswer | None:
        """Return the answer."""
        routes = {
            "/v1/account": ("accounts_kyc_id_numbers_read", self._account),
            "/v1/webhook_endpoints": ("webhook_read", self._endpoints),
            "/v1/events": ("event_read", self._events),
            "/v1/charges": ("charge_read", self._charges),
            "/v2/core/event_destinations": ("webhook_read", self._destinations),
        }
        if asked.method != "GET":
            return self._made(asked)
        for path, permission, those in (
            ("/v1/payment_intents/", "payment_intent_read", self.intents),
            ("/v1/charges/", "charge_read", self.charges),
            ("/v1/checkout/sessions/", "checkout_session_read", self.sessions),
            ("/v1/invoices/", "invoice_read", self.invoices),
            ("/v1/subscriptions/", "subscription_read", self.subscriptions),
        ):
            if asked.path.startswith(path):
                return self._refused(asked, permission) or _one(asked, asked.path.removeprefix(path), those)
        if asked.path not in routes:
            return None
        permission, answer = routes[asked.path]
        if refused := self._refused(asked, permission):
            return refused
        return as_json(200, answer(asked))

    def _made(self, asked: GatewayRequest) -> HttpAnswer | None:
        """Make a PaymentIntent (https://docs.stripe.com/api/payment_intents/create)."""
        if (asked.method, asked.path) != ("POST", "/v1/payment_intents"):
            return None
        if refused := self._refused(asked, "payment_intent_write"):
            return refused
        made = asked_intent(f"pi_3GoliveMade{len(self.intents):04}", asked.form, int(time.time()))
        self.intents.append(made)
        return as_json(200, made)

    def _refused(self, asked: GatewayRequest, permission: str) -> HttpAnswer | None:
        given = asked.basic[0] or asked.bearer
        if given == ORGANIZATION_KEY:
            if refused := self._of_another_account(asked):
                return refused
        elif given != KEY:
            return _error(401, f"Invalid API Key provided: {given[:8]}****", kind="invalid_request_error")
        if self.side.key_state:
            return _error(401, "Expired API Key provided", code=self.side.key_state)
        if permission in self.side.restricted_from:
            text = (
                f"The provided key 'rk_test_***' does not have the required permissions for this endpoint on account "
                f"'{self.side.account}'. Having the 'rak_{permission}' permission would allow this request to continue."
            )
            return _error(403, text)
        return None

    def _of_another_account(self, asked: GatewayRequest) -> HttpAnswer | None:
        """Refuse an organization's key that does not say whose account it asks for, or names one that is not its own.

        Source: https://docs.stripe.com/keys#organization-api-keys
        """
        account = asked.headers.get("stripe-context", "")
        if not account:
            return _error(400, "Please include the `Stripe-Context` header with an organization API key.")
        if account == self.side.account:
            return None
        about = f"does not have access to account '{account}' (or that account does not exist)."
        return _error(403, f"The provided key 'sk_org_test_****' {about}", code="account_invalid")

    def _account(self, _: GatewayRequest) -> dict[str, Any]:
        side = self.side
        needs = {"currently_due": side.currently_due, "past_due": side.past_due, "disabled_reason": None}
        return {
            "id": side.account,
            "object": "account",
            "type": "standard",
            "country": "FR",
            "default_currency": "eur",
            "charges_enabled": side.charges_enabled,
            "payouts_enabled": side.payouts_enabled,
            "details_submitted": True,
            "requirements": needs,
        }

    def _endpoints(self, asked: GatewayRequest) -> dict[str, Any]:
        listed = [self._endpoint(each) for each in self.side.endpoints]
        return self._page(asked, listed, "/v1/webhook_endpoints")

    def _endpoint(self, of: StripeEndpoint) -> dict[str, Any]:
        return {
            "id": of.id,
            "object": "webhook_endpoint",
            "api_version": of.api_version,
            "application": of.application,
            "created": 1_790_000_000,
            "description": None,
            "enabled_events": list(of.events),
            "livemode": of.livemode,
            "metadata": {},
            "status": of.status,
            "url": of.url.replace("{https}", str(self.https)),
        }

    def _events(self, asked: GatewayRequest) -> dict[str, Any]:
        now = int(time.time())
        listed = [self._event(n, kind, now - age) for n, (kind, age) in enumerate(self.side.undelivered)]
        types = {*asked.query.get("types[]", ()), *(v[0] for n, v in asked.query.items() if n.startswith("types["))}
        oldest = int(asked.first("created[gte]") or 0)
        newest = int(asked.first("created[lte]") or now)
        kept = [e for e in listed if (not types or e["type"] in types) and oldest <= e["created"] <= newest]
        return self._page(asked, kept, "/v1/events")

    def _charges(self, asked: GatewayRequest) -> dict[str, Any]:
        oldest, newest = int(asked.first("created[gte]") or 0), int(asked.first("created[lte]") or time.time())
        kept = [each for each in self.charges if oldest <= each["created"] <= newest]
        return self._page(asked, kept, "/v1/charges")

    def _event(self, number: int, kind: str, created: int) -> dict[str, Any]:
        return {
            "id": f"evt_1GoliveLab{number}",
            "object": "event",
            "api_version": API_VERSION,
            "created": created,
            "data": {"object": {"id": f"pi_{number}", "object": "payment_intent"}},
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }

    def _page(self, asked: GatewayRequest, listed: list[dict[str, Any]], url: str) -> dict[str, Any]:
        """Cut a page as Stripe does: `limit` entries after the one named by `starting_after`."""
        after = asked.first("starting_after")
        ids = [each["id"] for each in listed]
        start = ids.index(after) + 1 if after in ids else 0
        size = min(100, int(asked.first("limit") or 10))
        if self.mood == "endless":
            filler = [{**each, "id": f"{each['id']}_{after[-40:]}{n}"} for n, each in enumerate(listed)]
            return {"object": "list", "url": url, "has_more": True, "data": filler[:size] or listed}
        page = listed[start : start + size]
        return {"object": "list", "url": url, "has_more": start + size < len(listed), "data": page}

    def _destinations(self, asked: GatewayRequest) -> dict[str, Any]:
        shown = "webhook_endpoint.url" in {v for values in asked.query.values() for v in values}
        listed = [self._destination(each, shown=shown) for each in self.side.destinations]
        size, start = min(100, int(asked.first("limit") or 20)), int(asked.first("page") or 0)
        query = f"limit={size}&page={start + size}" + ("&include%5B0%5D=webhook_endpoint.url" if shown else "")
        following = f"/v2/core/event_destinations?{query}" if start + size < len(listed) else None
        return {"data": listed[start : start + size], "next_page_url": following, "previous_page_url": None}

    def _destination(self, of: StripeEndpoint, *, shown: bool) -> dict[str, Any]:
        return {
            "id": of.id,
            "object": "v2.core.event_destination",
            "created": "2026-09-21T12:00:00.000Z",
            "updated": "2026-09-21T12:00:00.000Z",
            "description": "",
            "enabled_events": list(of.events),
            "event_payload": of.payload,
            "events_from": list(of.events_from),
            "livemode": of.livemode,
            "name": "AfriGest",
            "snapshot_api_version": of.api_version if of.payload == "snapshot" else None,
            "status": of.status,
            "type": "webhook_endpoint",
            "webhook_endpoint": {"url": of.url.replace("{https}", str(self.https)) if shown else None},
        }


def _one(asked: GatewayRequest, key: str, those: list[dict[str, Any]]) -> HttpAnswer:
    """Answer with the object of that id, or that there is none; what may be expanded is so where it is asked for."""
    found = next((each for each in those if each["id"] == key), None)
    wanted = {value for name, values in asked.query.items() if name.startswith("expand[") for value in values}
    if found and found["object"] == "invoice" and "payments" not in wanted:
        found = {name: value for name, value in found.items() if name != "payments"}
    if found and found["object"] == "subscription" and "latest_invoice" not in wanted:
        found = {**found, "latest_invoice": found["latest_invoice"]["id"]}
    return as_json(200, found) if found else _error(404, f"No such object: '{key}'", code="resource_missing")


def _error(status: int, message: str, *, kind: str = "invalid_request_error", code: str = "") -> HttpAnswer:
    fields = {"type": kind, "message": message} | ({"code": code} if code else {})
    return as_json(status, {"error": fields})
