"""Facts that change with time: tables in tables/, each with its source and the day on which it was checked."""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from golive import DatedTable

FOLDER = Path(__file__).with_name("tables")


@dataclass(frozen=True)
class FactTable(DatedTable):
    """What one file holds."""

    name: str
    sources: tuple[str, ...]
    facts: Mapping[str, Any]


@functools.cache
def table(name: str) -> FactTable:
    """Read tables/<name>.toml: `title`, `sources`, `as_of`, and `facts`."""
    held = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    return FactTable(held["title"], held["as_of"], name, tuple(held["sources"]), held["facts"])


def tables(*names: str) -> tuple[FactTable, ...]:
    """Read several, for a section to name what it judges by."""
    return tuple(table(name) for name in names)


def names() -> tuple[str, ...]:
    """Name every table."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
