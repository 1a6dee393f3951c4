"""Regular expressions that others wrote, by RE2: the time they take grows with the text and no faster. Pure."""

from functools import cache
from typing import Any


class PatternError(ValueError):
    """RE2 cannot read a pattern: it is none, or looks around or back, which no engine can do in linear time."""


def search(pattern: str, text: str) -> bool:
    """Return whether a pattern is somewhere in a text; raises PatternError."""
    return _compiled(pattern).search(text) is not None


def find(pattern: str, text: str) -> Any:
    """Return the first match of a pattern in a text; None where there is none; raises PatternError."""
    return _compiled(pattern).search(text)


def fullmatch(pattern: str, text: str) -> Any:
    """Match a pattern with the whole of a text, line ends included; None where it is not; raises PatternError."""
    return _compiled(f"(?s:{pattern})").fullmatch(text)


@cache
def _compiled(pattern: str) -> Any:
    import re2  # noqa: PLC0415 - most profiles need none

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error:
        raise PatternError(pattern) from None
