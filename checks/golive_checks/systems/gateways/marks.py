"""{marks} in what the profile says is to be sent. Pure."""

import re
from collections.abc import Callable
from decimal import Decimal

from pydantic import JsonValue

NUMBER = re.compile(r"\{([a-z_]{1,40}):number\}")
"""A text that is to be a number, where the app reads nothing else."""
PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(\.[0-9]{1,8})?", re.ASCII)


def filled(value: JsonValue, fill: Callable[[str], str]) -> JsonValue:
    """Fill the {marks} in the texts of a JSON value; `{mark:number}` alone becomes a number where it is one."""
    if isinstance(value, str):
        found = NUMBER.fullmatch(value)
        return _number(fill(f"{{{found[1]}}}")) if found else fill(value)
    if isinstance(value, list):
        return [filled(each, fill) for each in value]
    if isinstance(value, dict):
        return {name: filled(each, fill) for name, each in value.items()}
    return value


def _number(text: str) -> JsonValue:
    if not PLAIN.fullmatch(text):
        return text
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() else float(exact)
