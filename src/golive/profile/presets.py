"""`extends: golive:NAME`: profiles that come with the installed sections, in the folder `presets` beside them."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Mapping
from pathlib import Path

from golive.installed import SECTIONS, named
from golive.model import Location
from golive.profile.problems import Problem, ProfileError, nearest, quoted
from golive.wording import listed

PREFIX = "golive:"
FOLDER = "presets"


def is_preset(ref: str) -> bool:
    """Return whether `ref` names a preset."""
    return ref.startswith(PREFIX)


@functools.cache
def presets() -> Mapping[str, Path]:
    """Return every preset that is installed, by its name without the prefix."""
    packages = sorted({entry.value.partition(".")[0] for entry in named(SECTIONS).values()})
    found = (importlib.util.find_spec(package) for package in packages)
    folders = (Path(spec.origin).with_name(FOLDER) for spec in found if spec and spec.origin)
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}


def preset(ref: str, at: Location) -> Path:
    """Return the file of a preset. Raises ProfileError where there is none of that name."""
    name, known = ref.removeprefix(PREFIX), presets()
    if name not in known:
        near = nearest(name, known)
        raise ProfileError(Problem(at, f"no preset {quoted(ref)}{near}; there are {listed(sorted(known), 20)}"))
    return known[name]
