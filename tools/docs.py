#!/usr/bin/env python3
"""Keep the documentation in step: shown output is what the command prints, the pages of checks and keys what they say.

profiles/golive.schema.json, which editors read beside the profiles, is what `golive profile schema` prints.

usage: python tools/docs.py [--check]

A block between `<!-- output: COMMAND -->` and `<!-- end -->` is replaced by what the command prints at 80 columns.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from settings_page import page as settings_page

from golive import plugins
from golive.engine.resolve import resolve
from golive.explain import markdown
from golive.profile.examples import shipped
from golive.profile.schema import schema, schema_text
from golive.world import profile_model
from golive_lab.faults import catalogue

PROJECT = Path(__file__).resolve().parent.parent
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/profiles.md",
    "docs/getting-started.md",
    "docs/recipes.md",
    "docs/own-checks.md",
    "docs/proof.md",
    "docs/performance.md",
    "docs/comparison.md",
)
BLOCK = re.compile(r"(<!-- output: (?P<command>golive [^\n]*?) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
DIFFERS = (
    (re.compile(r"seen from .*?$(?=\n  \d{4}-)", re.MULTILINE | re.DOTALL), "seen from a laptop"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC"), "2026-11-23 08:00 UTC"),
    (re.compile(r"UTC, [\d.]+ m?s\b"), "UTC, 1.2 s"),
    (re.compile(r"(profile|facts) [0-9a-f]{8,12}\b"), r"\1 01234567"),
)
"""What differs from run to run."""


def main() -> None:
    """Write the pages, or with --check tell which differ and fail."""
    pages = {page: in_step((PROJECT / page).read_text(encoding="utf-8")) for page in PAGES}
    blueprint = resolve(plugins.load().modules)
    pages["docs/checks.md"] = markdown(blueprint, [(f.id, f.title, f.turns_red) for f in catalogue()])
    pages["docs/settings.md"] = settings_page(schema(profile_model(blueprint), shipped()))
    pages["profiles/golive.schema.json"] = schema_text(profile_model(blueprint), shipped())
    differing = []
    for page, text in pages.items():
        file = PROJECT / page
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        if before != text:
            differing.append(page)
            sys.stdout.writelines(
                difflib.unified_diff(before.splitlines(keepends=True), text.splitlines(keepends=True), page, "in step")
            )
            if "--check" not in sys.argv:
                file.write_text(text, encoding="utf-8")
    broken = [f"{page}: {link} is not there" for page, text in pages.items() for link in dead_links(page, text)]
    if broken:
        sys.exit("\n".join(broken))
    if differing and "--check" in sys.argv:
        sys.exit(f"out of step: {', '.join(differing)}; run make docs-write and look at what changed")
    print(f"Documentation in step: {', '.join(pages)}")


def in_step(text: str) -> str:
    """Return a page with every shown output as it is now."""
    return BLOCK.sub(lambda found: f"{found[1]}```text\n{output(found['command'])}```\n{found[4]}", text)


def output(command: str) -> str:
    """Run golive as a reader would in a terminal of 80 columns, and return what it prints, the same on every run."""
    words = shlex.split(command)
    env = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}
    env = {k: v for k, v in env.items() if not k.startswith(("GITHUB_", "GOLIVE_"))}
    golive = [sys.executable, "-m", "golive", *words[1:]]
    done = subprocess.run(golive, capture_output=True, text=True, env=env, cwd=PROJECT, timeout=120, check=False)
    said = "\n".join(line.rstrip() for line in (done.stdout + done.stderr).strip("\n").splitlines()) + "\n"
    for differs, same in DIFFERS:
        said = differs.sub(same, said)
    return said


def dead_links(page: str, text: str) -> list[str]:
    """Return the links of a page that lead to no file."""
    if not page.endswith(".md"):
        return []
    folder = (PROJECT / page).parent
    return [link for link in LINK.findall(text) if not (folder / link).exists()]


if __name__ == "__main__":
    main()
