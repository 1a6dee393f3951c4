"""Traefik's configuration as one tree, whatever it was written in: names in lower case, values as texts. Pure.

Labels, flags and variables spell a tree by dots; Traefik takes no note of capitals in any of them.

Source: https://doc.traefik.io/traefik/reference/install-configuration/configuration-options/
"""

from collections.abc import Iterable, Mapping
from typing import Any

from golive import Unavailable
from golive_checks.systems.caddy.client.values import pairs, seconds

Tree = dict[str, Any]
MAX_DEPTH = 40


def lowered(value: Any, depth: int = 0) -> Any:
    """Return JSON's or TOML's value with names in lower case and every scalar as a text."""
    if depth > MAX_DEPTH:
        raise Unavailable(f"Traefik's configuration is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        return {str(name).lower(): lowered(each, depth + 1) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [lowered(each, depth + 1) for each in value]
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def laid_out(lines: Iterable[tuple[str, str]]) -> Tree:
    """Return the tree that names with dots stand for; `servers[0].url` is the url of the entry 0 of servers."""
    tree: Tree = {}
    for name, value in lines:
        *parents, last = name.lower().replace("[", ".").replace("]", "").split(".")
        if len(parents) > MAX_DEPTH:
            raise Unavailable(f"a name of Traefik's configuration has more than {MAX_DEPTH} parts")
        at = tree
        for part in parents:
            if not isinstance(at.get(part), dict):  # `tls=true` beside `tls.certresolver=x`
                at[part] = {}
            at = at[part]
        if not isinstance(at.get(last), dict):
            at[last] = value
    return tree


def merged(*trees: Mapping[str, Any]) -> Tree:
    """Lay trees over one another, the first on top."""
    done: Tree = {}
    for tree in trees:
        for name, value in tree.items():
            if name not in done:
                done[name] = value
            elif isinstance(value, dict) and isinstance(done[name], dict):
                done[name] = merged(done[name], value)
    return done


def pick(tree: Mapping[str, Any], *path: str) -> Any:
    """Return what stands at a path of names; nothing where it leads nowhere."""
    value: Any = tree
    for name in path:
        value = pairs(value).get(name)
    return value


def entries(value: Any) -> list[Any]:
    """Return the entries of a list, as a file or as labels have it."""
    return value if isinstance(value, list) else list(pairs(value).values())


def words(value: Any) -> list[str]:
    """Return the texts of a list, or those that commas part."""
    if isinstance(value, str):
        return [each for part in value.split(",") if (each := part.strip())]
    return [each for each in entries(value) if isinstance(each, str)]


def truth(value: Any, *, default: bool = False) -> bool:
    """Read a switch, as Go does."""
    if isinstance(value, dict):
        return True
    text = value.strip().lower() if isinstance(value, str) else ""
    return text in {"1", "t", "true"} if text else default


def whole(value: Any) -> int:
    """Read a whole number; 0 where it is none."""
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.removeprefix("-").isdecimal() else 0


def duration_s(value: Any) -> float | None:
    """Read a time: a text such as `1m30s`, or a number of seconds; None where it is neither."""
    text = value.strip() if isinstance(value, str) else ""
    return float(text) if text.isdecimal() else seconds(text)
