"""`extends:`: read a profile and those it builds on, and merge them into one.

The rules of merging: a mapping is merged key by key; anything else (a text, a number, a list) replaces what it
overrides; `null` over something removes it. Of several profiles in `extends:` a later one stands over an earlier one,
and the profile itself over all of them. The keys keep the order in which they first appear.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from golive.model import Location
from golive.profile.find import find, there
from golive.profile.presets import is_preset
from golive.profile.problems import Problem, ProfileError, quoted, quoted_path
from golive.profile.tree import MAX_SIZE, Items, Leaf, Node, YamlMapping

KEY = "extends"
MAX_FILES = 30


@dataclass
class ProfileFiles:
    """The files of one profile. `cwd` is where names shown to the user start from."""

    cwd: Path
    problems: list[Problem] = field(default_factory=list)
    read: dict[Path, YamlMapping] = field(default_factory=dict)

    def load(self, path: Path, chain: tuple[Path, ...] = (), preset: str = "") -> YamlMapping:
        """Read `path` with all it extends, merged. `chain` is who extends whom, down to here.

        Messages call a `preset` by that name, and its paths are taken from the folder of who extends it.
        """
        from golive.profile.yamlfile import read_yaml  # noqa: PLC0415 - YAML is not needed before a profile is read

        # By its real path: under the name of a symbolic link a circle would go round once more.
        real = Path(os.path.realpath(path))
        if real in self.read and not preset:
            return self.read[real]
        if len(self.read) + len(chain) >= MAX_FILES:
            raise ProfileError(
                Problem(Location(self.shown(path)), f"more than {MAX_FILES} profiles extend one another")
            )
        folder = chain[-1].parent if preset and chain else None
        own = read_yaml(real, preset or self.shown(path), self.problems, folder)
        merged: YamlMapping | None = None
        for ref, at in self.extended(own):
            base = find(ref, real.parent, at)
            if Path(os.path.realpath(base)) in (*chain, real):
                raise ProfileError(Problem(at, self.cycle((*chain, real), base)))
            self.must_exist(base, ref, at)
            below = self.load(base, (*chain, real), ref if is_preset(ref) else "")
            merged = merge(merged, below) if merged else below
        result = merge(merged, own) if merged else own
        if result.size > MAX_SIZE:
            raise ProfileError(Problem(own.at, f"more than {MAX_SIZE:,} values, with what it extends"))
        self.read[real] = result
        return result

    def shown(self, path: Path) -> str:
        """Return the name of `path` for messages: from the working directory if it is below it, else in full."""
        full = Path(os.path.normpath(self.cwd / path))
        return str(full.relative_to(self.cwd)) if full.is_relative_to(self.cwd) else str(full)

    def must_exist(self, base: Path, ref: str, at: Location) -> None:
        """Refuse a base that is not there, at the place that names it."""
        if not there(base):
            raise ProfileError(Problem(at, f"extends {quoted(ref)}, but there is no {quoted_path(self.shown(base))}"))

    def cycle(self, chain: tuple[Path, ...], back_to: Path) -> str:
        """Name the ring of profiles that `back_to` closes."""
        ring = [*chain[chain.index(Path(os.path.realpath(back_to))) :], back_to]
        return "profiles extend one another in a ring: " + " -> ".join(self.shown(path) for path in ring)

    def extended(self, own: YamlMapping) -> list[tuple[str, Location]]:
        """Return what `extends:` names, with the place of each."""
        value = own.entries.get(KEY)
        if value is None:
            return []
        found = value.items if isinstance(value, Items) else (value,)
        refs = [(leaf.value, leaf.at) for leaf in found if isinstance(leaf, Leaf) and isinstance(leaf.value, str)]
        if len(refs) != len(found):
            raise ProfileError(
                *self.problems, Problem(value.at, "extends: expects a profile's name or path, or a list of them")
            )
        return [(ref, at) for ref, at in refs if isinstance(ref, str)]


def merge(below: YamlMapping, above: YamlMapping) -> YamlMapping:
    """Lay `above` over `below`."""
    entries, keys = dict(below.entries), dict(below.keys)
    for key, value in above.entries.items():
        old = entries.get(key)
        if old is not None and is_null(value):
            del entries[key], keys[key]
            continue
        entries[key] = merge(old, value) if isinstance(old, YamlMapping) and isinstance(value, YamlMapping) else value
        keys[key] = above.keys[key]
    return YamlMapping(entries, above.at, keys, 1 + sum(value.size for value in entries.values()))


def is_null(node: Node) -> bool:
    """Return whether a value is written as null or left out after its key."""
    return isinstance(node, Leaf) and node.value is None
