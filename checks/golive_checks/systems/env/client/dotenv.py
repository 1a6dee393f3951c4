"""dotenv files, through python-dotenv's own parser: bindings with their lines."""

from dataclasses import dataclass
from io import StringIO


@dataclass(frozen=True)
class Binding:
    """One `NAME=value` as python-dotenv reads it. `value` is None without a `=`; `error` where it reads nothing."""

    name: str
    value: str | None
    line: int
    source: str
    """The text it was read from, for looking at how it is written."""
    error: bool


def bindings(text: str) -> tuple[Binding, ...]:
    """Parse `text` without its BOM, which older versions keep in the first name. Nothing is interpolated."""
    from dotenv.parser import parse_stream

    found = []
    for binding in parse_stream(StringIO(text)):
        source = binding.original.string
        line = binding.original.line + _blank_lines(source)
        if binding.error or binding.key is not None:
            found.append(Binding(binding.key or "", binding.value, line, source.strip("\r\n"), binding.error))
    return tuple(found)


def _blank_lines(source: str) -> int:
    """Count the line breaks before the binding: python-dotenv counts a binding's line from the blank ones before it."""
    return source[: len(source) - len(source.lstrip())].replace("\r\n", "\n").replace("\r", "\n").count("\n")
