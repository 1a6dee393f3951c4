#!/usr/bin/env python3
"""Measure how fast golive is, and print the table; with --write keep it in docs/performance.md.

usage: python bench/run.py [--write] [startup|peers|delay|memory|migrations ...]
exit status 1 where a limit does not hold
"""

from __future__ import annotations

import importlib
import platform
import re
import sys

from measure import PROJECT

PARTS = ("startup", "peers", "delay", "memory", "migrations", "listing")
TABLE = re.compile(r"(<!-- bench -->\n).*?(<!-- end bench -->)", re.DOTALL)


def main() -> None:
    """Measure the parts that are named, or all."""
    asked = [word for word in sys.argv[1:] if not word.startswith("-")] or PARTS
    found = [result for part in asked for result in importlib.import_module(part).results()]
    rows = ["| measured | result | wanted | |", "|---|---|---|---|", *(result.row() for result in found)]
    table = "\n".join([*rows, "", f"Python {platform.python_version()}, {platform.system()}, medians of runs in turn."])
    print(table)
    if "--write" in sys.argv:
        readme = PROJECT / "docs/performance.md"
        readme.write_text(TABLE.sub(lambda m: f"{m[1]}{table}\n{m[2]}", readme.read_text(encoding="utf-8")))
    sys.exit(any(not result.holds for result in found))


if __name__ == "__main__":
    main()
