"""Read one YAML file into a tree with places, in bounded time and memory.

YAML is taken in its plain form: text, numbers, true and false, null, lists, mappings, anchors. Words such as `no` and
dates stay text (YAML 1.2's core schema), so that Norway's country code and a version `1_0` mean what they say. Tags and
merge keys are refused: `extends:` does what they are wanted for. The parser's events are read one by one, so that
depth, count and expansion are refused as they occur, before anything is built.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from golive.model import Location
from golive.profile.files import read_text
from golive.profile.problems import Problem, ProfileError, quoted
from golive.profile.tree import MAX_SIZE, TEXT_UNIT, Items, Leaf, Node, Scalar, YamlMapping

MAX_DEPTH = 40
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
LIBYAML_TOO_DEEP = "maximum nesting depth"
"""libyaml 0.2.6 has a limit of its own, which it may reach before it reports the levels that come first."""
QUOTED = frozenset("'\"|>")
"""Styles of a value that is text whatever it looks like."""
MAX_PROBLEMS = 100
"""A file with more is not a profile with slips but something else: reading stops there."""

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
STANDARD_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq"))

INTEGER = re.compile(r"[-+]?[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+")
REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
NAMED: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
MAX_DIGITS = 30
"""A longer number stays text: Python refuses to convert some, and none is needed."""


def read_yaml(path: Path, shown: str, problems: list[Problem], folder: Path | None = None) -> YamlMapping:
    """Read the mapping in `path`, which messages call `shown`. What can be passed over is added to `problems`.

    Paths in it are taken from `folder`, or from its own.
    """
    text = read_text(path, shown)
    reader = YamlReader(shown, folder or path.parent, problems)
    try:
        root = reader.read(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        if LIBYAML_TOO_DEEP in str(error.problem):
            raise ProfileError(*problems, Problem(Location(shown, line, column), TOO_DEEP)) from None
        # Inside { } and [ ] the brace of ${NAME} opens a mapping, a slip that libyaml's own message does not name.
        hint = '; inside { } and [ ] put a ${...} in quotes: "${NAME}"' if "${" in line_of(text, line) else ""
        raise ProfileError(
            *problems, Problem(Location(shown, line, column), f"not YAML: {error.problem}{hint}")
        ) from None
    except yaml.YAMLError:
        raise ProfileError(*problems, Problem(Location(shown), "not YAML")) from None
    if root is None:
        raise ProfileError(Problem(Location(shown), "the file is empty; a profile needs at least 'environment:'"))
    if not isinstance(root, YamlMapping):
        what = "a list" if isinstance(root, Items) else "a single value"
        raise ProfileError(
            *problems, Problem(root.at, f"found {what} where a profile has keys, such as 'environment:'")
        )
    return root


def line_of(text: str, number: int) -> str:
    """Return a line by its number from 1."""
    lines = text.splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""


def plain(text: str) -> Scalar:
    """Read an unquoted value as YAML 1.2's core schema does, without its infinities."""
    if text in NAMED:
        return NAMED[text]
    if len(text) <= MAX_DIGITS and INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in {"0x", "0o"} else int(text)
    if len(text) <= MAX_DIGITS and REAL.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


@dataclass
class Open:
    """A list or mapping still being read."""

    at: Location
    table: bool
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Location] = field(default_factory=dict)
    key: tuple[str, Location] | None = None
    size: int = 1

    def close(self) -> Node:
        """Return what was read."""
        if self.table:
            return YamlMapping(self.entries, self.at, self.keys, self.size)
        return Items(tuple(self.items), self.at, self.size)


class YamlReader:
    """Build a tree from the parser's events, with a stack of its own: no input makes it recurse."""

    def __init__(self, shown: str, folder: Path, problems: list[Problem]) -> None:
        self.shown = shown
        self.folder = folder
        self.problems = problems
        self.anchors: dict[str, Node | None] = {}
        self.stack: list[Open] = []
        self.root: Node | None = None

    def read(self, text: str) -> Node | None:
        """Return the tree of the only document in `text`, None where there is none."""
        documents = 0
        for event in yaml.parse(text, LOADER):
            mark = event.start_mark
            at = Location(self.shown, mark.line + 1, mark.column + 1) if mark else Location(self.shown)
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse(at, "a second document ('---'); a profile is one document")
            elif isinstance(event, yaml.AliasEvent):
                self.put(self.aliased(str(event.anchor), at), at)
            elif isinstance(event, yaml.ScalarEvent):
                self.scalar(event, at)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self.start(event, at)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                done = self.stack.pop()
                node = done.close()
                self.name(done.anchor, node)
                self.put(node, done.at)
        # `---` with only comments below it is one empty scalar to libyaml.
        only_comments = isinstance(self.root, Leaf) and self.root.value is None
        return None if only_comments else self.root

    def refuse(self, at: Location, text: str) -> NoReturn:
        """Stop at something that makes the rest of the file meaningless or unbounded."""
        raise ProfileError(*self.problems, Problem(at, text))

    def complain(self, at: Location, text: str) -> None:
        """Note something that can be passed over for now, so that everything is reported at once."""
        self.problems.append(Problem(at, text))
        if len(self.problems) >= MAX_PROBLEMS:
            raise ProfileError(*self.problems)

    def start(self, event: yaml.CollectionStartEvent, at: Location) -> None:
        """Begin a list or a mapping."""
        table = isinstance(event, yaml.MappingStartEvent)
        self.look_at_tag(event.tag, at)
        if self.stack and self.stack[-1].table and self.stack[-1].key is None:
            self.refuse(at, "a list or mapping as a key; keys are words")
        if len(self.stack) >= MAX_DEPTH:
            self.refuse(at, TOO_DEEP)
        if event.anchor:
            self.anchors[event.anchor] = None
        self.stack.append(Open(at, table, event.anchor))

    def scalar(self, event: yaml.ScalarEvent, at: Location) -> None:
        """Take a single value, or the key of the next entry."""
        self.look_at_tag(event.tag, at)
        holder = self.stack[-1] if self.stack else None
        if holder and holder.table and holder.key is None:
            self.start_entry(holder, event, at)
            return
        as_text = event.style in QUOTED or (event.tag or "").endswith(":str")
        value = event.value if as_text else plain(event.value)
        leaf = Leaf(value, at, self.folder, size=1 + len(event.value) // TEXT_UNIT)
        self.name(event.anchor, leaf)
        self.put(leaf, at)

    def start_entry(self, holder: Open, event: yaml.ScalarEvent, at: Location) -> None:
        """Take a key, which is always text: `443:` and `no:` name what they name."""
        key = event.value
        if key == "<<" and event.style not in QUOTED:
            self.complain(
                at, "a merge key ('<<') is not taken; put what is shared into a profile that this one extends"
            )
        elif key in holder.entries:
            first = holder.keys[key]
            self.complain(at, f"the key {quoted(key)} is here a second time; the first is on line {first.line}")
        if "${" in key:
            self.complain(at, "a key cannot hold a variable; only values are filled in")
        holder.key = (key, at)

    def put(self, node: Node, at: Location) -> None:
        """Hand a finished value to what holds it."""
        if not self.stack:
            self.root = node
            return
        holder = self.stack[-1]
        holder.size += node.size
        if holder.size > MAX_SIZE:
            self.refuse(at, f"more than {MAX_SIZE:,} values, aliases (*name) expanded")
        if not holder.table:
            holder.items.append(node)
        elif holder.key is None:
            self.refuse(at, "an alias as a key; keys are words")
        else:
            key, key_at = holder.key
            if key not in holder.entries and key != "<<":
                holder.entries[key] = node
                holder.keys[key] = key_at
            holder.key = None

    def name(self, anchor: str | None, node: Node) -> None:
        """Let aliases below find a finished value."""
        if anchor:
            self.anchors[anchor] = node

    def aliased(self, anchor: str, at: Location) -> Node:
        """Return what an alias stands for: the same value once more, not a copy."""
        if anchor not in self.anchors:
            self.refuse(at, f"the alias {quoted('*' + anchor)} names no anchor above it")
        node = self.anchors[anchor]
        if node is None:
            self.refuse(at, f"the alias {quoted('*' + anchor)} is inside what it names")
        return node

    def look_at_tag(self, tag: str | None, at: Location) -> None:
        """Refuse tags beyond those of plain values."""
        if tag not in {None, "!"} and tag not in STANDARD_TAGS:
            self.refuse(at, f"the tag {quoted(str(tag))} is not taken; a profile holds plain values only")
