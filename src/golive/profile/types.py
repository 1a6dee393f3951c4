"""Types for profile fields beyond pydantic's own."""

from __future__ import annotations

import datetime as dt
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo, WithJsonSchema

from golive.profile.tree import LocatedText

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
DURATION = re.compile(r"\s*+([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*+(ms|s|m|h|d)?\s*+")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def resolved(value: Any, info: ValidationInfo) -> Any:
    """Take a path from the folder of the file that wrote it, or from the profile's folder where that is not known."""
    if not isinstance(value, str):
        return value
    if not value or "\0" in value:
        raise ValueError("expected a path, found an empty text")
    context = info.context if isinstance(info.context, dict) else {}
    folder = value.folder if isinstance(value, LocatedText) else context.get("base_dir")
    full = os.path.normpath(Path(folder) / value) if folder is not None else str(value)
    if "paths" in context:
        context["paths"][id(value)] = full
    return full


FilePath = Annotated[str, BeforeValidator(resolved)]
"""A file or folder. Written from the folder of the profile that names it; absolute once the profile is loaded."""


def seconds(value: Any) -> Any:
    """Read `90s`, `5m`, `1h`, `250ms`, `7d` or a number of seconds."""
    if isinstance(value, str) and (found := DURATION.fullmatch(value)):
        return float(found[1]) * UNITS[found[2] or "s"]
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ValueError("a duration is a number of seconds or has a unit (ms, s, m, h, d), such as 90s or 5m")
    return value


Duration = Annotated[
    float,
    BeforeValidator(seconds),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(ms|s|m|h|d)?\s*$"},
            ]
        }
    ),
]
"""A length of time in seconds: a number, or a text with a unit."""


@dataclass(frozen=True)
class Formerly:
    """Stands in the annotation of a field that had another name: whoever still writes it gets an error with the new."""

    name: str


def moment(value: Any) -> Any:
    """Read when something expires. A date lasts until the end of that day in UTC; a time must name its offset."""
    try:
        if isinstance(value, str) and DATE.fullmatch(value):
            return dt.datetime.combine(dt.date.fromisoformat(value), dt.time(23, 59, 59), dt.UTC)
        found = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None:
        raise ValueError("neither a date such as 2026-12-31 nor a time with its offset such as 2026-12-31T18:00:00Z")
    if found.tzinfo is None:
        raise ValueError("a time must name its offset, such as 2026-12-31T18:00:00Z or 2026-12-31T18:00:00+01:00")
    return found


Expiry = Annotated[
    dt.datetime,
    BeforeValidator(moment),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*(Z|[+-][0-9]{2}:?[0-9]{2}))?$"}),
]
"""When something ends: a date, which lasts until the end of that day in UTC, or a time with an explicit offset."""
