"""What came of the requests that a profile's own checks make. A fact holds what the expectation asks, and no body."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from golive import Fact, Unavailable
from golive_checks.shapes import without_secrets
from golive_checks.systems.custom.requests import Expectation

SHOWN = 120
"""So many characters of a value are kept, for the reader."""
MOST = 100
"""Values, series and records that are kept."""


@dataclass(frozen=True)
class Came(Fact):
    """An answer, as far as its expectation asks. What does not belong to its kind is as it stands here."""

    status: int = 0
    seconds: float = 0.0
    unsure_s: float = 0.0
    """By how much longer it may have taken."""
    there: bool = True
    """Whether the port took the connection, the file exists."""
    said: str = ""
    """How it was not there."""
    headers: Mapping[str, bool] = field(default_factory=dict)
    """Of each header that is asked for whether it is there and, with a regular expression, fits."""
    present: frozenset[str] = frozenset()
    """Those of the headers that are there."""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By JSONPath the values found, as JSON; one that is longer is cut."""
    no_json: bool = False
    found: Mapping[str, bool] = field(default_factory=dict)
    """By regular expression whether it is found in the text."""
    numbers: tuple[float, ...] = ()
    not_a_number: str = ""
    """What stands where a number is asked for."""
    rows: int = 0
    records: tuple[str, ...] = ()


def of_text(text: str, expect: Expectation) -> dict[str, Any]:
    """Measure a text by what is expected of it: its values by JSONPath, its matches, its number."""
    measured: dict[str, Any] = {"found": found_in(text, expect)}
    if expect.json_values:
        measured |= _values(text, expect)
    if expect.at_least is not None or expect.at_most is not None:
        measured |= number(text.strip())
    return measured


def found_in(text: str, expect: Expectation) -> dict[str, bool]:
    """Tell which regular expressions are found."""
    return {pattern: fits(pattern, text) for pattern in (*expect.matches, *expect.matches_not)}


def fits(pattern: str, text: str) -> bool:
    """Return whether a regular expression is found, in linear time."""
    import re2  # noqa: PLC0415 - most profiles have no check of their own

    return re2.search(pattern, text) is not None


def number(value: Any) -> dict[str, Any]:
    """Read a number, such as a query's first column."""
    try:
        return {"numbers": (float(value),)}
    except (TypeError, ValueError):
        return {"not_a_number": _shown(value)}


def _values(text: str, expect: Expectation) -> dict[str, Any]:
    import jsonpath  # noqa: PLC0415 - likewise

    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {"no_json": True}
    found = {}
    for path in expect.json_values:
        there = []
        for match in jsonpath.finditer(path, document):
            there.append(_shown(match.obj))
            if len(there) > MOST:
                raise Unavailable(f"{path} finds more than {MOST} values", fix="make the path narrower")
        found[path] = tuple(there)
    return {"values": found}


def _shown(value: Any) -> str:
    """Write a value for the reader and for comparing: as JSON, without what has a secret's shape.

    A long one is cut and ends with a digest of it all, so that two that begin the same are not taken for equal.
    """
    text = without_secrets(json.dumps(value, ensure_ascii=False, default=str))
    if len(text) <= SHOWN:
        return text
    return f"{text[:SHOWN]}… (SHA-256 {hashlib.sha256(text.encode()).hexdigest()[:16]})"


def as_json(value: Any) -> str:
    """Write an expected value in the way that found ones are written."""
    return _shown(value)
