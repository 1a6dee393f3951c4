"""Facts that change with time: tables in tables/, each with its source and the day on which it was checked."""

import datetime as dt
import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("tables")


@dataclass(frozen=True)
class Table:
    """What one file holds. `as_of`: the day on which somebody last held it against its sources."""

    name: str
    title: str
    sources: tuple[str, ...]
    as_of: dt.date
    facts: Mapping[str, Any]


@functools.cache
def table(name: str) -> Table:
    """Read tables/<name>.toml: `title`, `sources`, `as_of`, and `facts`."""
    held = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    return Table(name, held["title"], tuple(held["sources"]), held["as_of"], held["facts"])


def names() -> tuple[str, ...]:
    """Name every table."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
