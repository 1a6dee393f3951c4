"""Read a profile: find it, merge what it extends, fill its variables in. What the sections make of it comes later."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from golive.model import Location
from golive.profile.extend import ProfileFiles
from golive.profile.find import find
from golive.profile.problems import Problem, in_order
from golive.profile.translate import translate
from golive.profile.tree import Items, Leaf, LocatedText, Node, YamlMapping, walk
from golive.profile.variables import Filler, Lookup, VariableSources

WRITTEN_OUT = ("production", "confirm", "allow")
"""Keys that hold no variable: what golive may do to a system is decided in the file, never on a command line."""


@dataclass(frozen=True)
class ProfileDocument:
    """A profile as it was written, merged and filled in, not yet held against any section.

    `problems` are those found so far: they do not keep the rest from being validated, so that all are reported at once.
    """

    name: str
    """As the user gave it."""
    path: Path
    base_dir: Path
    """The folder of the file itself, where `path` is a link to it: what its own paths start from."""
    root: YamlMapping = field(repr=False)
    problems: tuple[Problem, ...] = ()
    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def plugins(self) -> tuple[Path, ...]:
        """The plugin files, loaded before the profile can be validated. What is not a text is reported later."""
        node = self.root.entries.get("plugins")
        leaves = node.items if isinstance(node, Items) else ()
        found = (leaf for leaf in leaves if isinstance(leaf, Leaf) and isinstance(leaf.value, str) and leaf.value)
        return tuple(Path(os.path.normpath(leaf.folder / str(leaf.value))) for leaf in found)


def read(
    ref: str,
    *,
    cwd: Path,
    environ: Mapping[str, str],
    builtin: Mapping[str, Path] | None = None,
    fetch: bool = True,
) -> ProfileDocument:
    """Read the profile that `ref` means. Raises ProfileError where nothing can be made of it.

    Args:
        ref: a name, looked up in `profiles/` from `cwd` upwards, or a path.
        cwd: where the user stands.
        environ: the process environment, the first place that `${VAR}` is looked up in.
        builtin: profiles that are there by name where no file is found.
        fetch: False leaves secrets masked and asks no secret source.
    """
    cwd = Path(os.path.normpath(Path.cwd() / cwd))
    files = ProfileFiles(cwd)
    path = Path(os.path.normpath(cwd / find(ref, cwd, builtin=builtin)))
    base_dir = Path(os.path.realpath(path)).parent
    root = files.load(path)
    lookup = Lookup(environ, fetch=fetch)
    filler = Filler(Lookup(environ), files.problems)
    declared = root.entries.get("variables")
    if declared is not None:
        # Where variables come from may itself name only what the process environment has.
        filled = filler.fill(declared)
        lookup.declared, lookup.folders = declared_variables(filled, filler.problems)
        root = YamlMapping({**root.entries, "variables": filled}, root.at, root.keys, root.size)
    filler.lookup = lookup
    fill = {"variables": lambda node: node, **dict.fromkeys(WRITTEN_OUT, filler.refuse)}
    entries = {key: fill.get(key, filler.fill)(node) for key, node in root.entries.items()}
    root = YamlMapping(entries, root.at, root.keys, root.size)
    return ProfileDocument(ref, path, base_dir, root, in_order(filler.problems), frozenset(lookup.seen))


def given(data: Mapping[str, Any], name: str, cwd: Path) -> ProfileDocument:
    """Return a profile that no file holds, as if it were written in one; `name` is what messages call it."""
    from golive.profile.profile import recorded  # noqa: PLC0415 - it imports this module

    root = recorded(data, Location(name), cwd)
    if not isinstance(root, YamlMapping):
        raise TypeError("a profile is a mapping")
    return ProfileDocument(name, cwd / "profile", cwd, root)


def declared_variables(node: Node, problems: list[Problem]) -> tuple[VariableSources, dict[str, Path]]:
    """Read the profile's `variables:`; if it is wrong, its problems are reported and nothing is looked up there."""
    try:
        declared = VariableSources.model_validate(plain(node))
    except ValidationError as error:
        problems.extend(translate(error, VariableSources, node, ("variables",)))
        return VariableSources(), {}
    sources = node.entries.get("secrets") if isinstance(node, YamlMapping) else None
    named = sources.entries.items() if isinstance(sources, YamlMapping) else ()
    folders = {name: leaf.folder for name, source in named for _, leaf in walk(source) if isinstance(leaf, Leaf)}
    return declared, folders


def plain(node: Node) -> Any:
    """Return a tree as the plain values that a model takes; a secret stands in its own type from here on."""
    if isinstance(node, YamlMapping):
        return {key: plain(value) for key, value in node.entries.items()}
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    if node.broken:
        return UnfilledValue()
    if isinstance(node.value, str):
        return SecretStr(node.value) if node.secret else LocatedText.within(node.folder, node.value)
    return node.value


class UnfilledValue:
    """Stands for a value that could not be filled in: no field takes it, and its own problem is already reported."""
