"""{marks} in what the profile says is to be sent. Pure."""

from collections.abc import Callable

from pydantic import JsonValue


def filled(value: JsonValue, fill: Callable[[str], str]) -> JsonValue:
    """Fill the {marks} in the texts of a JSON value."""
    if isinstance(value, str):
        return fill(value)
    if isinstance(value, list):
        return [filled(each, fill) for each in value]
    if isinstance(value, dict):
        return {name: filled(each, fill) for name, each in value.items()}
    return value
