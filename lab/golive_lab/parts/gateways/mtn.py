"""MTN's MoMo API: the sandbox's API user, the token, and the status of a request to pay."""

from __future__ import annotations

from typing import Any

from golive_lab.parts.asgi import HttpAnswer, as_json
from golive_lab.parts.gateways.moods import GatewayRequest, Moody, token
from golive_lab.world import env_texts as texts
from golive_lab.world.gateways.mtn import KEY, SUBSCRIPTION, USER, MtnSide
from golive_lab.world.ledger import Payment

NO_SUBSCRIPTION = (
    "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription."
)
HEADER = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSMjU2In0"
TOKEN = f"{HEADER}." + texts.made_up("mtn token", 900)


class MtnApi(Moody):
    """Answers as MTN's sandbox does."""

    def __init__(self, side: MtnSide, taken: tuple[Payment, ...] = ()) -> None:
        super().__init__(side.mood)
        self.side = side
        self.requests = {each.reference: _request(each) for each in taken if each.gateway == "mtn"}

    def sound(self, asked: GatewayRequest) -> HttpAnswer | None:
        """Return the answer."""
        if not asked.path.startswith(("/collection/", "/v1_0/apiuser/")):
            return None
        if asked.headers.get("ocp-apim-subscription-key") != SUBSCRIPTION or not self.side.subscribed:
            return as_json(401, {"statusCode": 401, "message": NO_SUBSCRIPTION})
        if (asked.method, asked.path) == ("POST", "/collection/token/"):
            if asked.basic != (USER, KEY) or not self.side.credentials_good:
                return as_json(500, {"error": "login_failed"})
            return token(TOKEN)
        return self._known(asked)

    def _known(self, asked: GatewayRequest) -> HttpAnswer:
        if asked.path == f"/v1_0/apiuser/{USER}":
            fields = {"providerCallbackHost": self.side.callback_host, "targetEnvironment": "sandbox"}
            return as_json(200, fields)
        if asked.path.startswith("/collection/v1_0/requesttopay/"):
            return self._status(asked)
        return as_json(404, {"statusCode": 404, "message": "Resource not found"})

    def _status(self, asked: GatewayRequest) -> HttpAnswer:
        if asked.bearer != TOKEN or self.mood == "expired token":
            return as_json(401, {"error": "invalid_token"})
        if asked.headers.get("x-target-environment") not in self.side.targets:
            text = "Access to target environment is forbidden."
            return as_json(500, {"code": "NOT_ALLOWED_TARGET_ENVIRONMENT", "message": text})
        if found := self.requests.get(asked.path.rpartition("/")[2]):
            return as_json(200, found)
        return as_json(404, {"code": "RESOURCE_NOT_FOUND", "message": "Requested resource was not found."})


def _request(of: Payment) -> dict[str, Any]:
    """Return a request to pay as MTN reports it (https://momodeveloper.mtn.com/API-collections)."""
    states = {"paid": "SUCCESSFUL", "refunded": "SUCCESSFUL", "pending": "PENDING", "failed": "FAILED"}
    fields: dict[str, Any] = {
        "externalId": of.reference[:8],
        "amount": of.amount,
        "currency": of.currency,
        "payer": {"partyIdType": "MSISDN", "partyId": "46733123450"},
        "payerMessage": "AfriGest",
        "payeeNote": "",
        "status": states[of.status],
    }
    if of.status == "paid":
        fields["financialTransactionId"] = "1640871523"
    return fields | ({"reason": "APPROVAL_REJECTED"} if of.status == "failed" else {})
