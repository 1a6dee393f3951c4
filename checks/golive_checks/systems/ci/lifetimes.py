"""Until when runtimes, actions and runners of CI live. Pure; a dated table, which golive tells of when it is old."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from golive import Settings

AS_OF = dt.date(2026, 11, 1)
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

ACTIONS: Mapping[str, tuple[int, str]] = {
    "actions/checkout": (4, "runs on a Node that GitHub has removed"),
    "actions/setup-node": (4, "runs on a Node that GitHub has removed"),
    "actions/cache": (4, "is refused by GitHub's cache service since 2025-04-15"),
    "actions/upload-artifact": (4, "is refused since 2025-01-30"),
    "actions/download-artifact": (4, "is refused since 2025-01-30"),
    "actions/setup-python": (5, "runs on a Node that GitHub has removed"),
    "actions/github-script": (7, "runs on a Node that GitHub has removed"),
    "docker/build-push-action": (5, "runs on a Node that GitHub has removed"),
    "docker/login-action": (3, "runs on a Node that GitHub has removed"),
    "docker/setup-buildx-action": (3, "runs on a Node that GitHub has removed"),
    "pnpm/action-setup": (3, "runs on a Node that GitHub has removed"),
}
"""The oldest version of each that still works, and what becomes of older ones.

Node 12 and 16 as the runtime of actions: https://github.blog/changelog/2023-09-22-github-actions-transitioning-from-
node-16-to-node-20/; caches and artifacts: https://github.blog/changelog/2024-04-16-deprecation-notice-v3-of-the-
artifact-actions/ and https://github.com/actions/cache/discussions/1510.
"""

RUNNERS: Mapping[str, dt.date] = {
    "ubuntu-18.04": dt.date(2023, 4, 3),
    "ubuntu-20.04": dt.date(2025, 4, 15),
    "windows-2019": dt.date(2025, 6, 30),
    "macos-11": dt.date(2024, 6, 28),
    "macos-12": dt.date(2024, 12, 3),
    "macos-13": dt.date(2025, 12, 4),
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


def node_ends(major: int) -> dt.date | None:
    """Return when a version's life ends; None for one that is newer than the table."""
    return NODE.get(major, NODE[min(NODE)] if major < min(NODE) else None)
