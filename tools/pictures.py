#!/usr/bin/env python3
"""Draw the documentation's pictures, docs/pictures, from a run of golive: the terminal (SVG) and the HTML report (PNG).

usage: python tools/pictures.py
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from golive_lab.parts.process import program

PROJECT = Path(__file__).resolve().parent.parent
PICTURES = PROJECT / "docs" / "pictures"
FAULT = "tls.certificate-current"
COLUMNS = 84
FONTS = re.compile(r"@font-face \{[^}]*\}\s*")
"""Rich's picture asks a server elsewhere for its fonts."""
SIZE = "1200,1000"
SCHEMES = {"light": [], "dark": ["--blink-settings=preferredColorScheme=0"]}


def main() -> None:
    """Run golive on the broken reference stack, and draw what it shows."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / "report.html"
        command = [sys.executable, "-m", "golive", "check", "demo", "--fault", FAULT, "-o", f"html:{page}"]
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "GOLIVE_"))}
        environ["FORCE_COLOR"] = "1"
        ran = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)
        if "NO-GO" not in ran.stdout:
            sys.exit(ran.stdout + ran.stderr)
        (PICTURES / "terminal.svg").write_text(terminal(ran.stdout), encoding="utf-8")
        for scheme, flags in SCHEMES.items():
            photograph(page, PICTURES / f"report-{scheme}.png", flags, Path(scratch))


def terminal(shown: str) -> str:
    """Return a terminal's content as a picture that loads nothing."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(f"$ golive check demo --fault {FAULT}", style="bold")
    console.print(Text.from_ansi(shown.rstrip()))
    return FONTS.sub("", console.export_svg(title="golive", unique_id="golive"))


def photograph(page: Path, picture: Path, flags: list[str], scratch: Path) -> None:
    """Let Chromium draw the beginning of a page."""
    rooted = ["--no-sandbox"] if os.geteuid() == 0 else []
    chromium = [
        program("chromium-headless-shell"),
        *rooted,
        "--disable-gpu",
        f"--user-data-dir={scratch}/profile",
        *flags,
    ]
    asked = [*chromium, "--hide-scrollbars", f"--window-size={SIZE}", f"--screenshot={picture}", page.as_uri()]
    subprocess.run(asked, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    main()
