from __future__ import annotations

import base64
import hashlib

from clocks import cpu_below

from golive_checks.systems.page.document import DocumentScript, parsed

PAGE = """<!doctype html><html><head>
<meta HTTP-EQUIV="Content-Security-Policy" content="default-src &#39;self&#39;; script-src 'nonce-n1'">
<meta name="referrer" content="No-Referrer">
<base href="/app/"><base href="/other/">
<script src="main.js" nonce=n1 integrity="sha384-abc sha512-def"></script>
<script type="module">let a = "<img onload=x>"</script>
<script type="application/json">{"data": 1}</script>
<link rel="preload stylesheet" href="main.css"><link rel=icon href=/favicon.svg>
<!-- <script src="/old.js"></script> <b onclick=x> -->
<style>.a{background:url(x)}</style>
</head><body><img src="//cdn.test/a.png"><iframe src="https://frames.test/x?y#z"></iframe>
<button class="b" ONCLICK="go()">x</button></body></html>"""


def test_what_a_policy_decides_on() -> None:
    inline = 'let a = "<img onload=x>"'
    hashes = tuple(
        f"'{name}-{base64.b64encode(hashlib.new(name, inline.encode()).digest()).decode()}'"
        for name in ("sha256", "sha384", "sha512")
    )
    found = parsed("https://app.test/", PAGE)
    assert found.policies == ("default-src 'self'; script-src 'nonce-n1'",)
    assert found.referrer == "no-referrer"
    assert found.scripts == (
        DocumentScript("https://app.test/app/main.js", ("'sha384-abc'", "'sha512-def'"), "n1", site="app.test"),
        DocumentScript(hashes=hashes),
    )
    assert found.styles == ("https://app.test/app/main.css",)
    assert found.images == ("https://cdn.test/a.png",)
    assert found.frames == ("https://frames.test/x?y",)
    assert found.inline_style
    assert found.handlers == ("onclick",)


def test_hostile_pages_take_no_time() -> None:
    for piece in ("<script ", '<img "', "<a b=", "<!--", "<script>", "<meta content='", "< onclick", "<style x"):
        with cpu_below(3):
            parsed("https://app.test/", piece * (300_000 // len(piece)))
