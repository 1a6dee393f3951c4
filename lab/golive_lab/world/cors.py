"""Which origins may read the API's answers: right by default, and each way of comparing them that allows others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class CorsHandling:
    """How origins are compared, and what allowed ones get."""

    compares: Literal[
        "whole",
        "not at all",
        "null",
        "prefix",
        "suffix",
        "pattern",
        "host",
        "domain",
        "word",
        "port",
        "localhost",
        "provider",
        "network",
    ] = "whole"
    star: bool = False
    """Everyone gets `*`."""
    credentials: bool = True
    forgets_shop: bool = False
    methods: str = "GET, POST, PUT, PATCH, DELETE"
    headers: str = "authorization, content-type"
    preflight_status: int = 204
    on: frozenset[str] = frozenset({"preflight", "answer", "error", "websocket"})
    """Where origins are compared as a whole or as `compares` says: elsewhere it does not matter."""
    broken_on: frozenset[str] = frozenset({"preflight", "answer", "error", "websocket"})
    """Where they are compared as `compares` says: elsewhere as a whole."""
    vary: bool = True
