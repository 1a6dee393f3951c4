"""What is installed beside golive: entry points, read from the installed packages once."""

from __future__ import annotations

import functools
from importlib.metadata import EntryPoint, entry_points

SECTIONS = "golive.sections"
"""The group of the sections: a module each, with a `section`."""

EXTRAS = "golive.extras"
"""The group of modules that an extra brings: a module's name, and the extra's."""

_read = functools.cache(entry_points)
"""Rereading them takes 5 ms, and a command asks for several groups."""


def packages() -> list[str]:
    """Return the packages that bring sections, by name."""
    return sorted({entry.value.partition(".")[0] for entry in named(SECTIONS).values()})


def bringing(module: str) -> str:
    """Return what to install for a module that comes with an extra, such as `golive[aws]`; empty for any other."""
    entry = named(EXTRAS).get(module.partition(".")[0])
    return f"{entry.dist.name}[{entry.value}]" if entry and entry.dist else ""


def named(group: str) -> dict[str, EntryPoint]:
    """Return the entry points of a group by name, in the order of their names."""
    found = {entry.name: entry for entry in _read().select(group=group)}
    return dict(sorted(found.items()))
