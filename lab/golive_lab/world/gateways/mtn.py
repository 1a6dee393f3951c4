"""An API user of MTN's sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from golive_lab.world import env_texts as texts
from golive_lab.world.names import API

if TYPE_CHECKING:
    from golive_lab.world.gateways.mood import Mood

USER = texts.value_of(texts.API, "MTN_MOMO_USER_ID")
KEY = texts.value_of(texts.API, "MTN_MOMO_API_KEY")
SUBSCRIPTION = texts.value_of(texts.API, "MTN_MOMO_SUBSCRIPTION_KEY")


@dataclass(frozen=True)
class MtnSide:
    """An API user of MTN's sandbox."""

    mood: Mood = ""
    credentials_good: bool = True
    subscribed: bool = True
    callback_host: str = API
    targets: tuple[str, ...] = ("sandbox",)
    """The target environments that the user may enter."""
