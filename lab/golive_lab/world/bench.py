"""The route whose speed is measured, and what earlier runs measured."""

from __future__ import annotations

from dataclasses import dataclass

PATH = "/api/v1/search"


@dataclass(frozen=True)
class SearchRoute:
    """How the API answers a search."""

    delay_s: float = 0.0
    status: int = 200


@dataclass(frozen=True)
class BenchRuns:
    """What earlier runs measured. The lab's usual is slow, so that a busy machine is no regression."""

    usual_ms: float = 2000.0
    last_ms: float | None = None
    """The run before this one, where it differs."""
