"""Which scripts does a page load? Chromium's own DOM is asked about pages made of what readers of HTML trip over."""

from __future__ import annotations

import html
import json
import os
import random
import subprocess
from typing import TYPE_CHECKING

from golive_checks.systems.http.references import resolved
from golive_lab.parts.process import program

if TYPE_CHECKING:
    from pathlib import Path

PIECES = """<!--> <!---> <!--|x|--!> <!--|x|--> <!-- --> <p|data-x=it's> <p|a=" '> " <script|src=@></script>
<script|src='@'> </script> <script/src=@></script|> <noscript> </noscript> <template> </template> <svg> </svg>
<script|href=@></script> <textarea> </textarea> <style> </style> <title> </title> <SCRIPT|SRC=&#x2F;@>x</SCRIPT>
<![CDATA[ ]]> <?x <table> <select> <math> <script>var|a='<!--<script>' </script|> x|<|y <a|href=x <iframe> </iframe>
<xmp> </xmp> <body> </html> <noembed> </noembed> &lt;script|src=@&gt;""".split()
"""Parts of a page; a bar is a space, and an @ the next script's name."""
SEED, TENTH = 20261128, 200
ALL = bool(os.environ.get("GOLIVE_ALL"))
RUNNER = """<pre id=out></pre><script>onload = () => {
  const named = s => s.getAttribute('src') ?? (s.namespaceURI.includes('svg') ? s.getAttribute('href') : null);
  const scripts = f => [...f.contentDocument.querySelectorAll('script')].map(named).filter(Boolean);
  document.getElementById('out').textContent = JSON.stringify([...document.querySelectorAll('iframe')].map(scripts));
};</script>"""
NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND"


def page(chance: random.Random) -> str:
    """Make a page, which ends with a script that all that stands before it may hide."""
    text, count = "<!doctype html>", 0
    for piece in chance.choices(PIECES, k=chance.randint(2, 14)):
        count += "@" in piece
        name = f"s{count}.js" if "&#x2F;" in piece else f"/s{count}.js"
        text += piece.replace("|", " ").replace("@", name)
    return f"{text}<script src=/last.js></script>"


def in_chromium(pages: list[str], folder: Path) -> list[list[str]]:
    """Show the pages in frames, and return what each frame's DOM has as scripts."""
    file = folder / "pages.html"
    frames = "".join(f'<iframe srcdoc="{html.escape(page)}"></iframe>' for page in pages)
    file.write_text(f"<!doctype html><meta charset=utf-8><body>{frames}{RUNNER}")
    browser = program("chromium-headless-shell")
    command = [browser, "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile", NOWHERE]
    done = subprocess.run(
        [*command, "--virtual-time-budget=20000", "--dump-dom", file.as_uri()],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    told = done.stdout.partition('<pre id="out">')[2].partition("</pre>")[0]
    found: list[list[str]] = json.loads(html.unescape(told))
    return found


def test_the_scripts_are_those_of_chromiums_dom(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    pages = [page(chance) for _ in range(10 * TENTH if ALL else TENTH)]
    for first in range(0, len(pages), TENTH):
        part = pages[first : first + TENTH]
        for text, there in zip(part, in_chromium(part, tmp_path), strict=True):
            named = [url for tag, _, url in resolved("https://h.test/", text) if tag == "script" and url]
            assert [url.removeprefix("https://h.test") for url in named] == there, text
