"""Until when runtimes, actions and runners of CI live, by tables/ci.toml."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from golive import Settings
from golive_checks.dated import table

_CI = table("ci")
AS_OF = _CI.as_of
NODE: Mapping[int, dt.date] = {int(major): ends for major, ends in _CI.facts["node"].items()}
"""The end of life of each major version. Older ones have ended."""
CODENAMES: Mapping[str, int] = _CI.facts["codenames"]
RUNNERS: Mapping[str, dt.date] = _CI.facts["runners"]
"""When GitHub removes the images of its runners."""
ACTIONS: Mapping[str, tuple[Mapping[int, tuple[int, int]], str]] = {
    name: ({int(major): (first[0], first[1]) for major, first in each["works"].items()}, each["otherwise"])
    for name, each in _CI.facts["actions"].items()
}
"""The oldest version of each major that still works, and what becomes of older ones."""


class Runtimes(Settings):
    """How early the end of life of what CI runs on is reported."""

    home: ClassVar[str] = "ci.runtime"

    warn_days: int = Field(default=90, ge=0)
    """How many days before a version of Node ends golive warns of it."""
    runner_warn_days: int = Field(default=180, ge=0)
    """How many days before GitHub removes a runner's image golive warns of it."""
    table_max_age_days: int = Field(default=365, ge=1)
    """After this many days golive warns that its own table of supported versions is old."""


MAJOR = re.compile(r"[v^~]{0,2}(\d{1,3})(?=$|[.\-x* ])")


def node_major(text: str) -> int | None:
    """Read the major version of `24`, `v24.1.0`, `24.x`, `^24.1`, `lts/krypton`; None where it may be several."""
    word = text.strip().strip("\"'").lower()
    if word.startswith("lts/"):
        return CODENAMES.get(word.removeprefix("lts/"))
    found = MAJOR.match(word)
    return int(found[1]) if found else None


def action_gone(name: str, version: str) -> str:
    """Say what has become of a version of an action, such as v3 or v4.1.0; empty where it works.

    A tag of a major alone, v3, moves with the newest of it.
    """
    working, why = ACTIONS.get("/".join(name.split("/")[:2]), ({}, ""))  # actions/cache/restore is of actions/cache
    found = re.match(r"v?(\d+)(?:\.(\d+))?", version)
    if not working or not found:
        return ""
    major, minor = int(found[1]), found[2]
    least = working.get(major)
    if least is None:
        return why if major < min(working) else ""
    return why if minor is not None and (major, int(minor)) < least else ""


def runner_removed(image: str) -> dt.date | None:
    """Return when GitHub removes a runner's image, whatever its size: macos-13-large is of macos-13."""
    return RUNNERS.get(re.sub(r"-(?:x?large|intel|arm64|arm)$", "", image))


def node_ends(major: int) -> dt.date | None:
    """Return when a version's life ends; None for one that is newer than the table."""
    return NODE.get(major, NODE[min(NODE)] if major < min(NODE) else None)
