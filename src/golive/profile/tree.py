"""A profile as it was written: values that know their place and where their text came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from golive.model import Location

Scalar: TypeAlias = "str | int | float | bool | None"
Route: TypeAlias = "tuple[str | int, ...]"
"""The way from a profile's root to a value: keys, and positions in lists."""


MAX_SIZE = 50_000
"""Values in a file, aliases expanded; a long text counts once for each `TEXT_UNIT`, so that none is multiplied."""
TEXT_UNIT = 100

MASK = "**********"
"""Stands for a secret wherever a profile is shown or recorded. It is a text, so that a record validates again."""


class LocatedText(str):
    """A text that knows the folder of the file it was written in, so that a path can be taken from there."""

    __slots__ = ("folder",)

    folder: Path

    @classmethod
    def within(cls, folder: Path, text: str) -> LocatedText:
        """Mark `text` as written in a file of `folder`."""
        written = cls(text)
        written.folder = folder
        return written


@dataclass(frozen=True, eq=False)
class Leaf:
    """A single value. `used` tells, for an interpolated one, which variables it took and from where.

    `secret`: part of it came from a secret source. `broken`: a problem is already reported, so no other is needed.
    """

    value: Scalar = field(repr=False)
    at: Location
    folder: Path
    used: tuple[str, ...] = ()
    secret: bool = False
    broken: bool = False
    size: int = 1


@dataclass(frozen=True, eq=False)
class Items:
    """A list."""

    items: tuple[Node, ...]
    at: Location
    size: int = 1


@dataclass(frozen=True, eq=False)
class YamlMapping:
    """A mapping, with the place of each key."""

    entries: dict[str, Node]
    at: Location
    keys: dict[str, Location] = field(default_factory=dict)
    size: int = 1


Node: TypeAlias = "Leaf | Items | YamlMapping"


def children(node: Node) -> Iterator[tuple[str | int, Node]]:
    """Yield what stands directly below `node`."""
    if isinstance(node, YamlMapping):
        yield from node.entries.items()
    elif isinstance(node, Items):
        yield from enumerate(node.items)


def child(node: Node, step: str | int) -> Node | None:
    """Return what `step` leads to, None where nothing stands there."""
    if isinstance(node, YamlMapping):
        return node.entries.get(str(step))
    if isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def walk(node: Node, route: Route = ()) -> Iterator[tuple[Route, Node]]:
    """Yield every node with its route, parents first."""
    yield route, node
    for step, below in children(node):
        yield from walk(below, (*route, step))


def places(root: YamlMapping) -> dict[Route, Location]:
    """Return where everything stands: an entry by its key, a list's item by itself."""
    found: dict[Route, Location] = {}
    for route, node in walk(root):
        found.setdefault(route, node.at)
        if isinstance(node, YamlMapping):
            found.update({(*route, key): at for key, at in node.keys.items()})
    return found
