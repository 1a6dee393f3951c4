"""The moods that the API of a gateway may be in."""

from __future__ import annotations

from typing import Literal

Mood = Literal["", "429", "429 for long", "500", "slow", "odd JSON", "no JSON", "endless", "expired token"]
