"""Orange's API: the token of WebPay, and the status of a transaction."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from golive_lab.parts.asgi import HttpAnswer, as_json
from golive_lab.parts.gateways.moods import GatewayRequest, Moody, token
from golive_lab.world import env_texts as texts
from golive_lab.world.gateways.orange import CLIENT_ID, CLIENT_SECRET, OrangeSide
from golive_lab.world.ledger import Payment

STATUS = re.compile(r"/orange-money-webpay/[a-z]+/v1/transactionstatus")
TOKEN = texts.made_up("orange token", 64)


class OrangeApi(Moody):
    """Answers as Orange does."""

    def __init__(self, side: OrangeSide, taken: tuple[Payment, ...] = ()) -> None:
        super().__init__(side.mood)
        self.side = side
        self.transactions = {each.reference: each for each in taken if each.gateway == "orange"}

    def sound(self, asked: GatewayRequest) -> HttpAnswer | None:
        """Return the answer."""
        if asked.method == "POST" and STATUS.fullmatch(asked.path):
            return self._status(asked)
        if (asked.method, asked.path) != ("POST", "/oauth/v3/token"):
            return None
        if asked.basic != (CLIENT_ID, CLIENT_SECRET) or not self.side.credentials_good:
            text = "The requested service needs credentials, but the ones provided were invalid."
            return as_json(401, {"error": "invalid_client", "error_description": text})
        return token(TOKEN)

    def _status(self, asked: GatewayRequest) -> HttpAnswer:
        """Report a transaction to whoever knows its order, its amount and its token."""
        if asked.bearer != TOKEN or self.mood == "expired token":
            return as_json(401, {"code": 42, "message": "Expired credentials", "description": "The token has expired"})
        answer = json.loads(asked.body)
        of = self.transactions.get(answer["order_id"])
        if of is None or answer["pay_token"] != of.token or Decimal(answer["amount"]) != Decimal(of.amount):
            return as_json(404, {"code": 60, "message": "Resource not found", "description": "No such transaction"})
        states = {"paid": "SUCCESS", "refunded": "SUCCESS", "pending": "PENDING", "failed": "FAILED"}
        fields = {"status": states[of.status], "order_id": of.reference}
        return as_json(200, {**fields, "txnid": "MP261127.0241.A12345"} if of.status == "paid" else fields)
