"""A page as a real Chromium has it after its scripts have run."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from golive_checks.systems.page.client.browser_start import FLAGS
from golive_lab.parts.process import program

QUIET = [flag for flag in FLAGS if flag != "--remote-debugging-pipe"]


def printed(page: str) -> str:
    """Return the text of a page as Chromium prints it."""
    with tempfile.TemporaryDirectory() as scratch:
        file, pdf = Path(scratch, "report.html"), Path(scratch, "report.pdf")
        file.write_text(page, "utf-8", "backslashreplace")
        rooted = ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [program("chromium-headless-shell"), *QUIET, *rooted, f"--user-data-dir={scratch}/profile"]
        asked = [*command, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", file.as_uri()]
        subprocess.run(asked, capture_output=True, check=True, timeout=120)
        return subprocess.run(
            [program("pdftotext"), "-raw", pdf, "-"], capture_output=True, check=True, text=True
        ).stdout


def shown(page: str, *flags: str) -> LexborHTMLParser:
    """Return the document as Chromium has it after its scripts have run."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "report.html")
        file.write_text(page, "utf-8", "backslashreplace")
        rooted = ["--no-sandbox"] if os.geteuid() == 0 else []
        command = [program("chromium-headless-shell"), *QUIET, *rooted, f"--user-data-dir={scratch}/profile", *flags]
        asked = [*command, "--virtual-time-budget=20000", "--dump-dom", file.as_uri()]
        done = subprocess.run(asked, capture_output=True, check=True, text=True, timeout=120)
    return LexborHTMLParser(done.stdout)
