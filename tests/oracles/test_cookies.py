"""What becomes of a cookie: what golive says of generated Set-Cookie headers, and what Chromium does with them."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import tempfile
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from chromium_pages import answer, browsing, served

from golive_checks.security.cookies import CookiePolicy, flagged
from golive_checks.subjects import Host
from golive_checks.systems.http.answers import AnswerKind, Answers
from golive_checks.systems.http.cookies import cookies
from golive_checks.systems.http.front import HttpReply

SEED = 20261201
ALL = 300
COUNT = ALL if os.environ.get("GOLIVE_ALL") else ALL // 10
LIMIT_S = 120.0

GOLIVE_IS_RIGHT = {
    "Max-Age=+5": "RFC 6265bis, section 5.6.2: what begins with neither a digit nor a minus is ignored; Chromium takes"
    " it for 5",
}
"""Attributes of which Chromium makes something else."""

NAMES = "sid sid sid sid __Host-sid __Host-sid __host-sid __Secure-sid __SECURE-sid".split()
VALUES = ["1", "1", "1", "a=b", '"1"', "a b", " 1 ", "", "caf\xe9", "x" * 4090, "x" * 4100, "a\tb", "deleted"]
PAST, SOON = "Thu, 01 Jan 1970 00:00:01 GMT", "Tue, 01 Jan 2030 00:00:00 GMT"
ENDS = [
    *[PAST, SOON, "Thu, 01-Jan-1970 00:00:01 GMT", "Thu, 01-Jan-70 00:00:01 GMT", "0", "-1", "", "1 Jan 2030 0:00:00"],
    *["Tuesday, 01-Jan-30 00:00:00 GMT", "2030-01-01T00:00:00Z", "Jan 1 1999 10:10:10", "Thu Jan 01 00:00:01 1970"],
    *["Mon, 32 Jan 2030 00:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"],
]
ATTRIBUTES = {
    "secure": ["Secure"] * 6 + ["secure", " SECURE ", "Secure=false", "Secured", "Secur"],
    "http": ["HttpOnly"] * 4 + ["httponly", "HttpOnly=false", "Http-Only", " HTTPONLY"],
    "site": [
        *(f"SameSite={each}" for each in ("Lax", "Strict", "None", "None", "none ", " NONE", "lax", "yes", '"None"')),
        *["SameSite", "Same-Site=None"],
    ],
    "path": ["Path=/"] * 5 + ["path=/", "Path=/deep", "Path=", "Path", "Path=deep", 'Path="/"'],
    "domain": [
        *(f"Domain={each}" for each in (".HOME", "HOME", "a.HOME", "A.Home", "b.HOME", "HOME.", "example", "", ".")),
        *["Domain=other.test", "Domain=..HOME", 'Domain="HOME"'],
    ],
    "age": [
        f"Max-Age={each}" for each in ("0", "-1", "0600", "600", "+5", "abc", "", "00", "-0", "1.5", "99999999999")
    ],
    "expires": [f"Expires={each}" for each in ENDS],
    "parted": ["Partitioned"],
    "more": ["Priority=High", "", "=", "Version=1", "Max-Age"],
}
OFTEN = {"secure": 0.75, "http": 0.6, "site": 0.6, "path": 0.6, "domain": 0.35, "age": 0.2, "expires": 0.25}


def header(of: random.Random, home: str) -> str:
    pair = f"{of.choice(NAMES)}={of.choice(VALUES)}"
    if of.random() < 0.05:
        pair = of.choice(["nameless", "=__Host-sid", "= sid", " sid = 1", "=", "__Host-=1", "sid"])
    parts = [of.choice(each) for kind, each in ATTRIBUTES.items() if of.random() < OFTEN.get(kind, 0.08)]
    parts += of.choices(parts, k=1) if parts and of.random() < 0.1 else []
    of.shuffle(parts)
    gap = of.choice(["; ", "; ", ";", " ; "])
    return gap.join([pair, *parts]).replace("HOME", home).replace("Home", home.title())


def generated() -> list[str]:
    of = random.Random(SEED)
    return [header(of, f"n{n}.example") for n in range(ALL)][:: ALL // COUNT]


def homes() -> list[str]:
    return [f"n{n}.example" for n in range(ALL)][:: ALL // COUNT]


VISIT = """<!doctype html><script>(async () => {
  await fetch('/seen/own', {credentials: 'include'});
  await fetch('/deep/own', {credentials: 'include'});
  await fetch('/told', {method: 'POST', credentials: 'omit', body: document.cookie});
  location.href = %s;
})();</script>"""
STRANGER = """<!doctype html><script>(async () => {
  const left = %s, ask = {mode: 'no-cors', credentials: 'include'};
  const work = async () => { while (left.length) { const home = left.shift();
    await fetch(`https://a.${home}/seen/cross`, ask); await fetch(`https://a.${home}/deep/cross`, ask); } };
  await Promise.all([work(), work(), work(), work()]);
  location.href = `https://b.%s/siblings?0`;
})();</script>"""
SIBLING = """<!doctype html><script>(async () => {
  await fetch('/seen/sibling', {credentials: 'include'});
  await fetch('/deep/sibling', {credentials: 'include'});
  location.href = %s;
})();</script>"""


def by_chromium(headers: list[str], at: list[str]) -> dict[str, set[str]]:
    """Return by home what was seen of its cookie: `own`, `cross` and `sibling` requests had it, a `script` read it."""
    seen, done = defaultdict[str, set[str]](set), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            home = self.headers["Host"].partition(".")[2]
            kind = self.path.rpartition("/")[2]
            if self.path == "/set":
                n = at.index(home)
                after = f"https://a.{at[n + 1]}/set" if n + 1 < len(at) else "https://stranger.test/stranger"
                answer(self, VISIT % json.dumps(after), (("Set-Cookie", headers[n]),))
                return
            if self.path == "/stranger":
                answer(self, STRANGER % (json.dumps(at), at[0]))
                return
            if self.path.startswith("/siblings"):
                n = at.index(home)
                after = f"https://b.{at[n + 1]}/siblings" if n + 1 < len(at) else "https://stranger.test/end"
                answer(self, SIBLING % json.dumps(after))
                return
            if self.path == "/end":
                done.set()
            elif self.headers["Cookie"]:
                seen[home].add(kind)
            answer(self, "", (("Cache-Control", "no-store"),))

        def do_POST(self) -> None:
            if self.rfile.read(int(self.headers["Content-Length"])):
                seen[self.headers["Host"].partition(".")[2]].add("script")
            answer(self, "")

        def log_message(self, *_: Any) -> None:
            pass

    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch,
        served(Handler, Path(scratch)) as port,
        browsing(f"https://a.{at[0]}/set", port, Path(scratch, "profile")),
    ):
        assert done.wait(LIMIT_S), f"Chromium told of {len(seen)} cookies in {LIMIT_S:.0f} s"
    return {home: seen[home] for home in at}


def by_golive(line: str, home: str) -> set[str]:
    read = tuple(cookies([line.encode().decode("latin-1")], dt.datetime.now(dt.UTC)))
    if not read or read[0].empty:
        return set()
    route = AnswerKind("session", HttpReply("/set", 200, "HTTP/1.1", (), 9), read)
    policy = CookiePolicy(session=(read[0].name,))
    verdict = flagged(Host(f"a.{home}", role="app"), Answers("192.0.2.1", (route,)), policy)
    text = " | ".join((verdict.summary, *verdict.evidence))
    if "discarded" in text:
        return set()
    claims = {"script": "not HttpOnly", "cross": "requests from any site", "sibling": f"every host below {home}"}
    return {"own"} | {what for what, words in claims.items() if words in text}


def test_chromium_does_with_cookies_what_golive_says() -> None:
    print(f"seed {SEED}, {COUNT} of {ALL} cookies")
    lines, at = generated(), homes()
    theirs = by_chromium(lines, at)
    wrong = []
    for line, home in zip(lines, at, strict=True):
        ours, there = by_golive(line, home), theirs[home]
        if "path=/deep" in line.lower():
            there -= {"script"}  # the page that would read it lies elsewhere
            ours -= {"script"}
        if not line.partition(";")[0].partition("=")[2].strip():
            continue  # taken back, or without a value: nothing is said of it
        if any(each in line for each in GOLIVE_IS_RIGHT):
            continue
        if ours != there:
            wrong.append(f"{line!r:.200} at a.{home}: golive {sorted(ours)}, Chromium {sorted(there)}")
    assert not wrong, f"{len(wrong)} of {len(lines)}\n" + "\n".join(wrong)
