"""The part of a profile that some of the sections understand: what belongs to others alone is left out unread."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from golive.profile.document import ProfileDocument
from golive.profile.tree import Node, YamlMapping

Keys: TypeAlias = "frozenset[tuple[str, ...]]"
"""Keys of a profile by the way to them, such as `("domains", "proxy")`; ANY stands for the name of an entry."""

ANY = "*"


def within(document: ProfileDocument, mine: Keys, known: Keys) -> ProfileDocument:
    """Return a document without what only others understand. What nobody knows stays, to be reported as a problem.

    Args:
        document: a profile as it was written.
        mine: the keys that count.
        known: these and all others that there are.
    """
    foreign = _with_heads(known) - _with_heads(mine)
    named = {way[:-1] for way in known if ANY in way}

    def left(table: YamlMapping, at: tuple[str, ...]) -> YamlMapping:
        entries: dict[str, Node] = {}
        for key, node in table.entries.items():
            way = (*at, ANY if (*at, ANY) in named else key)
            if way not in foreign:
                entries[key] = left(node, way) if isinstance(node, YamlMapping) else node
        return replace(table, entries=entries, keys={key: place for key, place in table.keys.items() if key in entries})

    return replace(document, root=left(document.root, ()))


def _with_heads(keys: Keys) -> Keys:
    return keys | {way[:1] for way in keys}
