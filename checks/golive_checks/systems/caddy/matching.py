"""What a route of Caddy's asks of a request, as conditions that golive can hold a path against. Pure.

Source: https://caddyserver.com/docs/caddyfile/matchers
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from golive_checks.systems.caddy.client.values import items, pairs, texts

UPGRADES = frozenset({"connection", "upgrade"})


@dataclass(frozen=True)
class RouteCondition:
    """A pattern that the path must match, or must not; or, with `when`, something else that the request must have."""

    pattern: str = ""
    refuses: bool = False
    when: str = ""


NEVER = RouteCondition(pattern="", refuses=True)
"""What no request of the host that is looked at fulfils."""


def conditions(route: Mapping[str, Any], host: str) -> list[list[RouteCondition]]:
    """Return the sets of conditions of which one must hold, for requests to a host; none where none ever can."""
    found = [list(_of_set(pairs(each), host)) for each in items(route.get("match"))] or [[]]
    return [] if [] not in found and all(NEVER in each for each in found) else found


def host_names(route: Mapping[str, Any]) -> Iterator[str]:
    """Yield the host names that a route asks for."""
    for each in items(route.get("match")):
        yield from (name.lower() for name in texts(pairs(each).get("host")))


def covers(pattern: str, host: str) -> bool:
    """Return whether a host matcher takes a name: a star stands for one label."""
    wanted, given = pattern.lower().split("."), host.split(".")
    return len(wanted) == len(given) and all(w in {"*", g} for w, g in zip(wanted, given, strict=True))


def _of_set(matchers: Mapping[str, Any], host: str) -> Iterator[RouteCondition]:
    for kind, asked in matchers.items():
        match kind:
            case "host":
                if not any(covers(name, host) for name in texts(asked)):
                    yield NEVER
            case "path":
                if pattern := paths(texts(asked)):
                    yield RouteCondition(pattern)
            case "path_regexp":
                yield RouteCondition(str(pairs(asked).get("pattern", "")))
            case "header":
                yield RouteCondition(when="upgrade" if {name.lower() for name in pairs(asked)} <= UPGRADES else kind)
            case "not":
                yield from _refused([pairs(each) for each in items(asked)], host)
            case _:
                yield RouteCondition(when=kind)


def _refused(sets: list[Mapping[str, Any]], host: str) -> Iterator[RouteCondition]:
    """Yield what none of some sets may match."""
    for each in sets:
        match list(_of_set(each, host)):
            case []:
                yield NEVER
            case [RouteCondition(pattern=pattern, refuses=False, when="")]:
                yield RouteCondition(pattern, refuses=True)
            case found if NEVER in found:
                continue
            case _:
                yield RouteCondition(when="not")


def paths(globs: list[str]) -> str:
    """Return a pattern for what any of the paths of a matcher takes, whatever the case; empty for every path."""
    if any(each in {"*", "/*"} for each in globs):
        return ""
    return f"(?i)^(?:{'|'.join(_glob(each) for each in globs)})$"


def _glob(text: str) -> str:
    """Return a pattern for a path: a star at an end stands for anything, one inside for what is between slashes."""
    end = text.endswith("*")
    start = text.startswith("*")
    inner = text[start : len(text) - end] if len(text) > 1 else text
    middle = re.escape(inner)
    if not start and not end:
        middle = middle.replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    return f"{'.*' if start else ''}{middle}{'.*' if end else ''}"
