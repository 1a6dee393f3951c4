"""Who may frame a page: what golive says of generated headers, and whether Chromium shows the page to a stranger."""

from __future__ import annotations

import os
import random

from chromium_pages import STRANGER, Shown, heard

from golive import Outcome
from golive_checks.security.headers import frames
from golive_checks.subjects import Host
from golive_checks.systems.http.answers import AnswerKind, Answers
from golive_checks.systems.http.front import HttpReply
from golive_checks.systems.http.suffixes import SharedSuffixes

SEED = 20261129
ALL = 150
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
HOST = Host("app.example", role="app")
SHARED = SharedSuffixes(frozenset({"vercel.app", "example"}))
TOPS = (STRANGER, f"{STRANGER}:8443", f"{STRANGER}:80", "https://stranger.vercel.app")
PAGE = "<!doctype html><script>parent.postMessage('shown','*')</script>"

ANCESTORS = """
'self' 'self' 'self' 'self' 'self' 'none' 'none' 'none' 'none' 'none' https: http: * https://* http://* https://*:443
https://partner.test https://partner.test https://partner.test *:443 *:* https://*:8443 *:8443 *:80 http://*:80
*.vercel.app https://*.vercel.app *.example *.partner.test https://stranger.example.evil.test data: 'unsafe-inline'
'nonce-abc' none self 'NONE' https://*/path wss: //* https://
""".split()
ANCESTORS += ["\u2018none\u2019", "\u2018self\u2019"]
OPTIONS = (
    """
DENY|deny|SAMEORIGIN|sameorigin |DENY, DENY|DENY, SAMEORIGIN|ALLOWALL|ALLOW-FROM https://partner.test|allowall, deny
ALLOW-FROM https://partner.test, DENY|whimsy|'DENY'|DENY;|SAME-ORIGIN||sameorigin, whimsy
""".strip()
    .replace("\n", "|")
    .split("|")
)

Headers = tuple[tuple[str, str], ...]


def ancestors(of: random.Random) -> str:
    name = of.choice(["frame-ancestors"] * 9 + ["Frame-Ancestors", "frame-ancestor", "frame\u2011ancestors"])
    return " ".join([name, *of.choices(ANCESTORS, k=of.choice([0, 1, 1, 1, 2, 3]))])


def generated() -> list[Headers]:
    of, made = random.Random(SEED), list[Headers]()
    for _ in range(ALL):
        headers: list[tuple[str, str]] = []
        for _ in range(of.choice([0, 1, 1, 1, 2])):
            parts = [ancestors(of) for _ in range(of.choice([1, 1, 1, 2]))] + of.choices(["img-src *", ""], k=1)
            header = "content-security-policy" + ("-report-only" if of.random() < 0.1 else "")
            headers.append((header, of.choice(["; ", ";", ", "]).join(parts)))
        headers += [("x-frame-options", of.choice(OPTIONS)) for _ in range(of.choice([0, 1, 1, 2]))]
        made.append(tuple(headers))
    return made[:: ALL // COUNT]


def says_framed(headers: Headers) -> bool:
    read = tuple((name, value.encode().decode("latin-1").strip()) for name, value in headers)
    reply = HttpReply("/", 200, "HTTP/2", (("content-type", "text/html"), *read), 1)
    return frames(HOST, Answers("192.0.2.1", (AnswerKind("page", reply),)), {}, SHARED).outcome is Outcome.FAIL


def test_chromium_shows_to_strangers_what_golive_says() -> None:
    print(f"seed {SEED}, {COUNT} of {ALL} sets of headers")
    sets = generated()
    asked = [(headers, top) for headers in sets for top in TOPS]
    shown = heard([Shown(headers, PAGE, top) for headers, top in asked], {})
    framed = {headers for (headers, _), told in zip(asked, shown, strict=True) if "shown" in told}
    assert {headers: says_framed(headers) for headers in sets} == {headers: headers in framed for headers in sets}
