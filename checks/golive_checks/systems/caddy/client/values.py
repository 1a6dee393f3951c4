"""Caddy's JSON, whatever it holds in a place: a mapping, a list, texts, or a time. Pure."""

import re
from collections.abc import Mapping
from typing import Any

UNITS = {"ns": 1e-9, "us": 1e-6, "\u00b5s": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
"""https://caddyserver.com/docs/conventions#durations"""
PART = re.compile(r"([0-9]{1,12}(?:\.[0-9]{0,9})?)(ns|us|\u00b5s|ms|s|m|h|d)")


def pairs(value: Any) -> Mapping[str, Any]:
    """Return a mapping, or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return a list, or an empty one."""
    return value if isinstance(value, list) else []


def texts(value: Any) -> list[str]:
    """Return the texts of a list."""
    return [each for each in items(value) if isinstance(each, str)]


def seconds(value: Any) -> float | None:
    """Read a time: nanoseconds, or a text such as `1m30s`; None where it is neither."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value / 1e9
    found = PART.findall(value) if isinstance(value, str) else []
    if not found or "".join(number + unit for number, unit in found) != value:
        return None
    return sum(float(number) * UNITS[unit] for number, unit in found)
