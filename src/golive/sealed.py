"""A secret as a fact may hold it: measured when it is read, never the value."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

KEY = secrets.token_bytes(32)
"""Digests have a new key in each process: they compare values within one run and mean nothing elsewhere."""


@dataclass(frozen=True)
class Sealed:
    """A secret's measurements.

    `length` in bytes; `entropy_bits` estimated; `shapes` the names of the forms it has (`stripe-secret-live`, `url`);
    `placeholder` the reason why it is one, empty if it is not; `digest` keyed, equal for equal values of one run.
    """

    length: int
    entropy_bits: float
    shapes: frozenset[str]
    placeholder: str
    digest: str


def keyed_digest(value: str | bytes) -> str:
    """Return 16 hex digits of HMAC-SHA256 under this process's key."""
    data = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    return hmac.new(KEY, data, hashlib.sha256).hexdigest()[:16]
