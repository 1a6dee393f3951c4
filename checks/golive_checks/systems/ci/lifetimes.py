"""Until when runtimes, actions and runners of CI live. Pure; a dated table, which golive tells of when it is old."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from golive import Settings

AS_OF = dt.date(2026, 11, 28)
"""When this table was last held against its sources."""

NODE: Mapping[int, dt.date] = {
    16: dt.date(2023, 9, 11),
    17: dt.date(2022, 6, 1),
    18: dt.date(2025, 4, 30),
    19: dt.date(2023, 6, 1),
    20: dt.date(2026, 4, 30),
    21: dt.date(2024, 6, 1),
    22: dt.date(2027, 4, 30),
    23: dt.date(2025, 6, 1),
    24: dt.date(2028, 4, 30),
    25: dt.date(2026, 6, 1),
    26: dt.date(2029, 4, 30),
}
"""The end of life of each major version: https://github.com/nodejs/release, schedule.json. Older ones have ended."""

CODENAMES = {"gallium": 16, "hydrogen": 18, "iron": 20, "jod": 22, "krypton": 24}
"""What `lts/<codename>` stands for: https://github.com/nodejs/Release/blob/main/CODENAMES.md."""

ACTIONS: Mapping[str, tuple[Mapping[int, tuple[int, int]], str]] = {
    "actions/cache": ({3: (3, 4), 4: (4, 2)}, "is refused by GitHub's cache service since 2025-04-15"),
    "actions/upload-artifact": ({4: (4, 0)}, "is refused since 2025-01-30"),
    "actions/download-artifact": ({4: (4, 0)}, "is refused since 2025-01-30"),
}
"""The oldest version of each major that still works, and what becomes of older ones; a newer major works.

Caches and artifacts: https://github.com/actions/cache/discussions/1510 and https://github.blog/changelog/2024-04-16-
deprecation-notice-v3-of-the-artifact-actions/. An action that names an old Node is run with a newer one, so that
actions/checkout@v3 works: https://github.blog/changelog/2023-09-22-github-actions-transitioning-from-
node-16-to-node-20/.
"""

RUNNERS: Mapping[str, dt.date] = {
    "ubuntu-16.04": dt.date(2021, 9, 20),
    "ubuntu-18.04": dt.date(2023, 4, 3),
    "ubuntu-20.04": dt.date(2025, 4, 15),
    "windows-2016": dt.date(2022, 3, 15),
    "windows-2019": dt.date(2025, 6, 30),
    "macos-10.15": dt.date(2022, 8, 30),
    "macos-11": dt.date(2024, 6, 28),
    "macos-12": dt.date(2024, 12, 3),
    "macos-13": dt.date(2025, 12, 4),
    "macos-14": dt.date(2026, 11, 2),
}
"""When GitHub removed the images of its runners: https://github.com/actions/runner-images, announcements."""


class Runtimes(Settings):
    """How soon the end of what CI runs on is told."""

    home: ClassVar[str] = "ci.runtime"

    warn_days: int = Field(default=90, ge=0)
    """How many days before a version of Node ends golive warns of it."""
    table_max_age_days: int = Field(default=365, ge=1)
    """After so many days golive warns that its own table of what is alive is old."""


MAJOR = re.compile(r"v?(\d{1,3})(?=$|[.\-x* ])")


def node_major(text: str) -> int | None:
    """Read the major version of `24`, `v24.1.0`, `24.x`, `lts/krypton`; None for `lts/*`, a range, an expression."""
    word = text.strip().strip("\"'").lower()
    if word.startswith("lts/"):
        return CODENAMES.get(word.removeprefix("lts/"))
    found = MAJOR.match(word)
    return int(found[1]) if found else None


def action_gone(name: str, version: str) -> str:
    """Say what has become of a version of an action, such as v3 or v4.1.0; empty where it works.

    A tag of a major alone, v3, moves with the newest of it.
    """
    working, why = ACTIONS.get(name, ({}, ""))
    found = re.match(r"v?(\d+)(?:\.(\d+))?", version)
    if not working or not found:
        return ""
    major, minor = int(found[1]), found[2]
    least = working.get(major)
    if least is None:
        return why if major < min(working) else ""
    return why if minor is not None and (major, int(minor)) < least else ""


def runner_removed(image: str) -> dt.date | None:
    """Return when GitHub removed a runner's image, whatever its size: macos-13-large is of macos-13."""
    return RUNNERS.get(re.sub(r"-(?:x?large|intel|arm64)$", "", image))


def node_ends(major: int) -> dt.date | None:
    """Return when a version's life ends; None for one that is newer than the table."""
    return NODE.get(major, NODE[min(NODE)] if major < min(NODE) else None)
