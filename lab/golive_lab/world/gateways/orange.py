"""An app of Orange's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from golive_lab.world import env_texts as texts

if TYPE_CHECKING:
    from golive_lab.world.gateways.mood import Mood

CLIENT_ID = texts.value_of(texts.API, "ORANGE_MOMO_CLIENT_ID")
CLIENT_SECRET = texts.value_of(texts.API, "ORANGE_MOMO_CLIENT_SECRET")


@dataclass(frozen=True)
class OrangeSide:
    """An app of Orange's."""

    mood: Mood = ""
    credentials_good: bool = True
