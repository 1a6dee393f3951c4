#!/usr/bin/env python3
"""Write docs/platforms.md: which packages that golive needs have a wheel for which platform, by the lock.

usage: python tools/platforms.py
"""

from __future__ import annotations

import re
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from packaging.tags import Tag
from packaging.utils import parse_wheel_filename
from wheel_extras import UV, run

PROJECT = Path(__file__).resolve().parent.parent
PAGE = PROJECT / "docs" / "platforms.md"
PYTHONS = (11, 12, 13, 14)
"""Minor versions of Python 3."""
PLATFORMS = {
    "Linux x86-64": r"manylinux\w*_x86_64",
    "Linux arm64": r"manylinux\w*_aarch64",
    "Alpine x86-64": r"musllinux\w*_x86_64",
    "Alpine arm64": r"musllinux\w*_aarch64",
    "macOS arm64": r"macosx\w*_(arm64|universal2)",
    "macOS x86-64": r"macosx\w*_(x86_64|universal2)",
    "Windows x86-64": r"win_amd64",
}
HEAD = """# Where it installs

`pip install golive` needs no compiler where every package below has a wheel; what is not listed is Python alone.
Where there is one for some Pythons of 3.11 to 3.14, these are named. In brackets stands the extra that brings a
package which the plain install goes without. `make lock` writes this page.

On Alpine (musl) `google-re2` has no wheel, and golive has no second engine in its place: patterns that others wrote
are matched in linear time or not at all. pip builds it there from its source, with RE2, Abseil, pybind11 and a
compiler. The image of [integrations/docker](../integrations/docker/Dockerfile) is a slim Debian for that reason.
"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(locked()), encoding="utf-8")


def locked() -> list[dict[str, Any]]:
    """Return the packages of golive[all] with their wheels, as the index has them of the locked versions."""
    with tempfile.TemporaryDirectory() as scratch:
        lock = Path(scratch) / "pylock.toml"
        compiled = [UV, "pip", "compile", "--quiet", "--universal", "--format", "pylock.toml", "--extra", "all"]
        run([*compiled, "--constraints", "requirements/lab.txt", "--output-file", str(lock), "pyproject.toml"], PROJECT)
        packages: list[dict[str, Any]] = tomllib.loads(lock.read_text())["packages"]
    return packages


def page(packages: Iterable[Mapping[str, Any]]) -> str:
    """Return the page for packages of a lock (PEP 751)."""
    extras = extras_of()
    rows = [["package", *PLATFORMS], ["---"] * (len(PLATFORMS) + 1)]
    for package in packages:
        tags = {tag for wheel in package.get("wheels", ()) for tag in tags_of(wheel)}
        if "any" not in {tag.platform for tag in tags}:
            brought = extras.get(package["name"])
            name = f"{package['name']} {package['version']}{f' ({brought})' if brought else ''}"
            rows.append([name, *(pythons(tags, pattern, package) for pattern in PLATFORMS.values())])
    return HEAD + "\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def tags_of(wheel: Mapping[str, Any]) -> frozenset[Tag]:
    """Return the tags of a wheel by its name."""
    return parse_wheel_filename(str(wheel.get("name") or wheel["url"]).rpartition("/")[2])[3]


def pythons(tags: Iterable[Tag], platform: str, package: Mapping[str, Any]) -> str:
    """Return for which Pythons there is a wheel on a platform: all, none or some."""
    wanted = [n for n in PYTHONS if not (n == PYTHONS[-1] and "< '3.14'" in package.get("marker", ""))]
    there = [n for n in wanted if any(serves(tag, n) and re.fullmatch(platform, tag.platform) for tag in tags)]
    return "yes" if there == wanted else ", ".join(f"3.{n}" for n in there) or "no"


def serves(tag: Tag, minor: int) -> bool:
    """Return whether a Python 3 of this minor version loads a wheel of this tag, whatever the platform."""
    found = re.fullmatch(r"cp3(\d+)", tag.interpreter)
    if tag.abi == "none":
        return tag.interpreter in {"py3", "py2.py3"} or bool(found and int(found[1]) == minor)
    if tag.abi == "abi3":
        return bool(found and int(found[1]) <= minor)
    return tag.abi == f"cp3{minor}"


def extras_of() -> dict[str, str]:
    """Return the extra that brings a package itself, by the package's name."""
    extras = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    return {
        re.split(r"[^\w.-]", wanted)[0].replace(".", "-"): extra
        for extra, names in extras.items() if extra not in {"all", "lab"}
        for wanted in names
    } | {"psycopg-binary": "postgres"}  # fmt: skip


if __name__ == "__main__":
    main()
