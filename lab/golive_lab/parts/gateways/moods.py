"""How an API may misbehave, and what its answers have in common."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from golive_lab.parts.asgi import HttpAnswer, as_json
from golive_lab.world.gateways.mood import Mood


@dataclass(frozen=True)
class GatewayRequest:
    """A request as the stand-ins see it. Names of headers are in lower case."""

    method: str
    path: str
    query: Mapping[str, tuple[str, ...]]
    headers: Mapping[str, str]
    form: Mapping[str, str]
    body: bytes = b""

    @property
    def basic(self) -> tuple[str, str]:
        """The user and password of HTTP Basic; both empty for none."""
        scheme, _, given = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return "", ""
        try:
            user, _, password = base64.b64decode(given).decode().partition(":")
        except ValueError:
            return "", ""
        return user, password

    @property
    def bearer(self) -> str:
        """The bearer token; empty for none."""
        scheme, _, given = self.headers.get("authorization", "").partition(" ")
        return given if scheme.lower() == "bearer" else ""

    def first(self, name: str) -> str:
        """Return the first value of a parameter; empty for none."""
        return (self.query.get(name) or ("",))[0]


class Moody:
    """An API in a mood. Its answer comes from `sound`, which each vendor's brings."""

    def __init__(self, mood: Mood) -> None:
        self.mood = mood
        self.asked: list[GatewayRequest] = []

    async def answer(self, asked: GatewayRequest) -> HttpAnswer | None:
        """Return the answer, spoilt as the mood has it; None where the path is another vendor's."""
        found = self.sound(asked)
        if found is None:
            return None
        self.asked.append(asked)
        if self.mood in {"429", "429 for long"}:
            if len(self.asked) > 1 and self.mood == "429":
                return found  # once: whoever waits as asked goes on
            wait = "0" if self.mood == "429" else "3600"
            refused = as_json(429, {"error": {"type": "rate_limit_error", "message": "Too many requests"}})
            return HttpAnswer(429, refused.media_type, refused.body, (("retry-after", wait),))
        if self.mood == "slow":
            await asyncio.sleep(60)
        spoilt: dict[str, HttpAnswer] = {
            "500": as_json(500, {"error": {"type": "api_error", "message": "An error occurred"}}),
            "odd JSON": as_json(200, {"id": ["acct"], "data": {"id": 1}, "webhooks": "none", "access_token": 7}),
            "no JSON": HttpAnswer(200, "text/html", b"<html>maintenance</html>"),
        }
        return spoilt.get(self.mood, found)

    def sound(self, asked: GatewayRequest) -> HttpAnswer | None:
        """Return the answer of the API in no mood; None for a path that it does not have."""
        raise NotImplementedError


def token(value: str, **more: Any) -> HttpAnswer:
    """Answer with an OAuth token."""
    return as_json(200, {"access_token": value, "token_type": "Bearer", "expires_in": 3600, **more})
