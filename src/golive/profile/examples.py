"""Examples for the keys of a profile's schema, which editors show: from whole profiles, so that each is one that works.

A package that brings sections may ship profiles in the folder FOLDER beside its modules. A key that none of them has is
shown with what its type allows: a word of its list, its default, the other of true and false.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from golive.installed import packages
from golive.profile.document import plain
from golive.profile.yamlfile import read_yaml

FOLDER = "examples"
SHOWN = 2
"""The keys of a mapping and the items of a list that an example shows: it has to fit beside a cursor."""


def shipped() -> list[Any]:
    """Return the profiles that the packages of sections bring as examples."""
    found = (importlib.util.find_spec(package) for package in packages())
    folders = (Path(spec.origin).with_name(FOLDER) for spec in found if spec and spec.origin)
    return [plain(read_yaml(file, file.name, [])) for folder in folders for file in sorted(folder.glob("*.yaml"))]


def exemplify(root: dict[str, Any], profiles: Iterable[Any]) -> None:
    """Give the keys of a schema, which holds its definitions under `$defs`, an example each where there is one."""
    definitions = root.get("$defs", {})
    for profile in profiles:
        _take(root, profile, definitions)
    parts = [part for part in (root, *definitions.values()) if "properties" in part]
    every = [key for part in parts for key in part["properties"].values()]
    for key, example in [(each, example) for each in every for example in _made(each, definitions)]:
        key.setdefault("examples", [example])
    for _ in range(len(parts)):  # what a key holds is shown by the examples of its own keys, the innermost first
        bare = [key for key in every if "examples" not in key]
        composed = [(key, example) for key in bare for example in _composed(key, definitions)]
        for key, example in composed:
            key["examples"] = [example]
        if not composed:
            break


def options(node: Any, definitions: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every schema that a value may follow, references and alternatives followed."""
    if not isinstance(node, dict):
        return
    if "$ref" in node:
        yield from options(definitions.get(node["$ref"].rpartition("/")[2]), definitions)
    elif below := (*node.get("anyOf", ()), *node.get("oneOf", ())):
        for each in below:
            yield from options(each, definitions)
    else:
        yield node


def _take(node: Any, value: Any, definitions: Mapping[str, Any]) -> None:
    """Take examples of the keys below a node from a value that stands there."""
    for option in options(node, definitions):
        if isinstance(value, dict) and _fits(value, option):
            for name, inner in value.items():
                key = _key(name, option)
                _take(key, inner, definitions)
                key.setdefault("examples", [_short(key, inner, definitions)])
            return
        if isinstance(value, list):
            for inner in value:
                _take(option.get("items"), inner, definitions)


def _short(node: Any, value: Any, definitions: Mapping[str, Any]) -> Any:
    """Return as much of a value as an example shows, and with it what cannot be left out."""
    for option in options(node, definitions):
        if isinstance(value, dict) and _fits(value, option):
            needed = option.get("required", ())
            number = max(SHOWN, len(needed)) if "properties" in option else 1
            kept = [*dict.fromkeys((*needed, *value))][:number]
            return {name: _short(_key(name, option), value[name], definitions) for name in value if name in kept}
        if isinstance(value, list) and "items" in option:
            return [_short(option["items"], inner, definitions) for inner in value[:SHOWN]]
    return value


def _fits(value: Mapping[str, Any], option: Mapping[str, Any]) -> bool:
    """Return whether a mapping has no key that a schema of mappings does not know."""
    return all(isinstance(_key(name, option), dict) for name in value)


def _key(name: str, option: Mapping[str, Any]) -> Any:
    """Return the schema of what stands under a key, be it one of golive's or a name of the user's own."""
    named = [*option.get("patternProperties", {}).values(), option.get("additionalProperties")]
    return option.get("properties", {}).get(name, named[0])


def _made(key: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Any]:
    """Yield an example that a key's type and default are enough for."""
    default = key.get("default")
    for option in options(key, definitions):
        words = [word for word in option.get("enum", ()) if word != default]
        if words:
            yield words[0]
            return
        if option.get("type") == "boolean":
            yield not default
            return
    if default not in (None, "", [], {}):
        yield _short(key, default, definitions)


def _composed(key: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[Any]:
    """Yield an example of a part of the profile, made of the example of its first key that has one."""
    for option in options(key, definitions):
        for name, inner in option.get("properties", {}).items():
            if inner.get("examples"):
                yield {name: inner["examples"][0]}
                return
