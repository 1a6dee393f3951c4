"""YAML manifests as nodes with lines: aliases stay shared, and no file is read that would explode without."""

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from golive import Unavailable

Node: TypeAlias = Any
"""A node of PyYAML's, whose stubs give it neither an id nor marks that are always there."""

QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
MAX_DEPTH = 40
"""Deeper than any manifest; PyYAML's composer would run out of stack further down."""
MAX_NODES = 1_000_000
"""With each alias written out: who reads the tree follows it each time."""


def documents(text: str, file: str) -> list[Node]:
    """Compose every document of `text`; what is no YAML is Unavailable, without a word of its content."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, where PyYAML has it, is 15 times as fast
    try:
        _refuse_depth(yaml.parse(text, Loader=loader), file)
        found = [node for node in yaml.compose_all(text, Loader=loader) if node is not None]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problem = QUOTED.sub("…", error.problem or "")  # a password that begins with * is taken for an alias, and named
        raise Unavailable(f"{file}:{line} is not YAML: {problem}") from None
    except (yaml.YAMLError, RecursionError, UnicodeError):
        raise Unavailable(f"{file} is not YAML") from None
    for node in found:
        _written_out(node, file, {})
    return found


def _refuse_depth(events: Iterator[Any], file: str) -> None:
    depth = 0
    for event in events:
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if depth > MAX_DEPTH:
            raise Unavailable(f"{file} is nested deeper than {MAX_DEPTH} levels")


def _written_out(node: Node, file: str, known: dict[int, int]) -> int:
    """Return how many nodes there are with each alias written out; a node in itself has no end."""
    if node.id == "scalar":
        return 1
    if id(node) not in known:
        known[id(node)] = MAX_NODES  # until it is counted: whoever meets it before is inside
        inner = [each for pair in node.value for each in pair] if node.id == "mapping" else node.value
        known[id(node)] = 1 + sum(_written_out(each, file, known) for each in inner)
    if known[id(node)] > MAX_NODES:
        raise Unavailable(f"{file} has more than {MAX_NODES:,} values once its aliases are written out")
    return known[id(node)]


def pairs(node: Node | None) -> dict[str, Node]:
    """Return a mapping's entries by key, merge keys (`<<`) laid beneath; empty where it is no mapping."""
    found: dict[str, Any] = {}
    if node is None or node.id != "mapping":
        return found
    for key, value in node.value:
        if key.value == "<<":
            for part in value.value if value.id == "sequence" else [value]:
                if part.id == "mapping" and part is not node:
                    found = pairs(part) | found
    return found | {key.value: value for key, value in node.value if key.id == "scalar" and key.value != "<<"}


def lines(node: Node | None) -> dict[str, int]:
    """Return the line of each key of a mapping."""
    if node is None or node.id != "mapping":
        return {}
    return {key.value: line(key) for key, _ in node.value if key.id == "scalar"}


def items(node: Node | None) -> list[Node]:
    """Return a sequence's entries; empty where it is none."""
    return list(node.value) if node is not None and node.id == "sequence" else []


def scalar(node: Node | None) -> str | None:
    """Return a scalar's text; None for YAML's null and for what is no scalar."""
    if node is None or node.id != "scalar" or node.tag.endswith(":null"):
        return None
    return str(node.value)


def line(node: Node) -> int:
    """Return the line a node begins on."""
    return int(node.start_mark.line) + 1
