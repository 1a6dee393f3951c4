"""`$NAME`, `${NAME}` and `${NAME:-other}` as Docker Compose and shells replace them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
STARTS = re.compile(rf"\$(?:(?P<escaped>\$)|(?P<plain>{NAME})|\{{(?P<name>{NAME})(?P<how>:?[-?+])?|(?P<invalid>\{{))")
"""https://docs.docker.com/reference/compose-file/interpolation/"""
MAX_DEPTH = 20


class InvalidError(Exception):
    """Braces that nothing closes, or that hold no name; Compose then refuses the whole file."""


@dataclass
class Replaced:
    """A value with its variables replaced, and the names that were set nowhere and had nothing in their place."""

    value: str
    missing: tuple[str, ...] = ()


def replaced(value: str, known: Mapping[str, str | None], depth: int = 0) -> Replaced:
    """Replace the variables of a value. A name that `known` lacks, or has as None, counts as not set.

    Raises:
        InvalidError: for braces that nothing closes, or that hold no name.
    """
    kept, missing, at = [], [], 0
    while (start := value.find("$", at)) >= 0:
        kept.append(value[at:start])
        match = STARTS.match(value, start)
        if match is None:
            kept.append("$")
            at = start + 1
            continue
        if match["invalid"] or depth > MAX_DEPTH:
            raise InvalidError
        at = match.end()
        if match["escaped"]:
            kept.append("$")
        elif match["plain"]:
            have = known.get(match["plain"])
            kept.append(have or "")
            missing += [match["plain"]] if have is None else []
        else:
            end = _closing(value, at)
            done = _braced(match, value[at:end], known, depth)
            kept.append(done.value)
            missing += done.missing
            at = end + 1
    kept.append(value[at:])
    return Replaced("".join(kept), tuple(missing))


def _braced(match: re.Match[str], other: str, known: Mapping[str, str | None], depth: int) -> Replaced:
    name, how = match["name"], match["how"] or ""
    have = known.get(name)
    is_set = have is not None and (have != "" or ":" not in how)
    if not how:
        if other:
            raise InvalidError
        return Replaced(have or "", () if have is not None else (name,))
    if how.endswith("+"):
        return replaced(other, known, depth + 1) if is_set else Replaced("")
    if have is not None and is_set:
        return Replaced(have)
    if how.endswith("?"):
        return Replaced("", (name,))
    return replaced(other, known, depth + 1)


def _closing(value: str, at: int) -> int:
    open_braces = 1
    for position in range(at, len(value)):
        if value.startswith("${", position):
            open_braces += 1
        elif value[position] == "}":
            open_braces -= 1
            if not open_braces:
                return position
    raise InvalidError
