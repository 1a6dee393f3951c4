#!/usr/bin/env python3
"""Build the documentation as a site into build/site: the pages as they lie in the repository, and what they link to.

usage: python tools/website.py

mkdocs.yml says how it looks. A link that leads nowhere, in the site or in a page, ends the build.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from docs import LINK

PROJECT = Path(__file__).resolve().parent.parent
SOURCE = PROJECT / "build" / "pages"
PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "integrations/README.md")


def main() -> None:
    """Lay the pages out and build."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    pages = [*(PROJECT / page for page in PAGES), *sorted((PROJECT / "docs").glob("*.md"))]
    for page in pages:
        lay_out(page)
        for link in LINK.findall(page.read_text(encoding="utf-8")):
            target = (page.parent / link).resolve()
            if target.is_file() and target not in pages:
                lay_out(target)
    mkdocs = [str(Path(sys.executable).with_name("mkdocs")), "build", "--strict", "--quiet"]
    ended = subprocess.run(mkdocs, cwd=PROJECT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, check=False)
    if ended.returncode:
        sys.exit(ended.returncode)
    print(f"The site of {len(pages)} pages is in build/site.")


def lay_out(file: Path) -> None:
    """Copy a file to where it lies in the repository."""
    there = SOURCE / file.relative_to(PROJECT)
    there.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, there)


if __name__ == "__main__":
    main()
