"""Orange's API: the token of WebPay."""

from __future__ import annotations

from dataclasses import dataclass

from golive_lab import env_texts as texts
from golive_lab.asgi import Answer, as_json
from golive_lab.gateways.moods import Asked, Mood, Moody, token

CLIENT_ID = texts.value_of(texts.API, "ORANGE_MOMO_CLIENT_ID")
CLIENT_SECRET = texts.value_of(texts.API, "ORANGE_MOMO_CLIENT_SECRET")
TOKEN = texts.made_up("orange token", 64)


@dataclass(frozen=True)
class OrangeSide:
    """An app of Orange's."""

    mood: Mood = ""
    credentials_good: bool = True


class Orange(Moody):
    """Answers as Orange does."""

    def __init__(self, side: OrangeSide) -> None:
        super().__init__(side.mood)
        self.side = side

    def sound(self, asked: Asked) -> Answer | None:
        """Return the answer."""
        if (asked.method, asked.path) != ("POST", "/oauth/v3/token"):
            return None
        if asked.basic != (CLIENT_ID, CLIENT_SECRET) or not self.side.credentials_good:
            said = "The requested service needs credentials, but the ones provided were invalid."
            return as_json(401, {"error": "invalid_client", "error_description": said})
        return token(TOKEN)
