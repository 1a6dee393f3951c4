"""docs/settings.md: every key of a profile, from the schema that editors read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

HEAD = """# Every key of a profile

Made from the schema; `golive profile schema` prints that for editors. `*` stands for a name of your own, `[]` for each
entry of a list. A value may hold `${VARIABLE}`, and `null` removes what is inherited.
"""


def page(schema: Mapping[str, Any]) -> str:
    """Return the page: a heading for each key at the top, and a table of what stands below it."""
    parts = [HEAD]
    for key, node in schema["properties"].items():
        parts.append(f"## `{key}`\n\n{node['description']}\n")
        rows = list(_rows(node, (key,), schema["$defs"], ()))
        if rows:
            parts.append("\n".join(["| key | what it is | default | example |", "|---|---|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def _rows(node: Any, way: tuple[str, ...], defs: Mapping[str, Any], inside: tuple[str, ...]) -> Iterator[str]:
    """Yield a row for each key below a node; a definition that holds itself is told once."""
    for found, named in _shapes(node, way, defs, inside):
        for key, below in found.get("properties", {}).items():
            cells = (_cell(below.get("description", "")), _code(below, "default"), _code(below, "example"))
            yield f"| `{'.'.join((*named, key))}` | {' | '.join(cells)} |"
            yield from _rows(below, (*named, key), defs, (*inside, *_refs(node)))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _code(key: Mapping[str, Any], what: str) -> str:
    """Return a key's default or example as code; nothing for what is empty."""
    if what == "default" and "default" not in key:
        return "required"
    value = key["default"] if what == "default" else key["examples"][0]
    if value in (None, "", [], {}):
        return ""
    return f"`{_cell(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))}`"


def _shapes(
    node: Any, way: tuple[str, ...], defs: Mapping[str, Any], inside: tuple[str, ...]
) -> Iterator[tuple[Mapping[str, Any], tuple[str, ...]]]:
    """Yield every mapping that a node may be, with the way to it."""
    if not isinstance(node, dict):
        return
    if "properties" in node:
        yield node, way
    ref = str(node.get("$ref", "")).rpartition("/")[2]
    if ref and ref not in inside:
        yield from _shapes(defs[ref], way, defs, (*inside, ref))
    for option in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from _shapes(option, way, defs, inside)
    yield from _shapes(node.get("additionalProperties"), (*way, "*"), defs, inside)
    yield from _shapes(node.get("items"), (*way[:-1], f"{way[-1]}[]"), defs, inside)


def _refs(node: Any) -> tuple[str, ...]:
    return tuple(str(option.get("$ref", "")).rpartition("/")[2] for option in (node, *node.get("anyOf", ())))
